package stats

import (
	"context"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/domain/place"
	"wangge/domain/ticket"
	"wangge/domain/worldtest"
)

// A ticket without a position is open in its street, there from the start or
// come later, and in no cell; placed, it is in its cell.
func TestUnplacedTicketsAreInTheirStreet(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		jia := worldtest.ID(t, w.areas, worldtest.Jia)
		w.tickets.Locate = func(context.Context, access.Actor, time.Time, place.Asked) (*place.Found, error) {
			return &place.Found{Street: jia}, nil
		}
		report := func() string {
			return must(w.tickets.Report(t.Context(), resident, noon, ticket.Draft{ID: ids.New(), Category: "noise", Title: "噪声", Address: "某处"}))(t).ID
		}
		report()
		w.follow(t)
		at, cell := middle(0), w.areas.Map().Cells()[0].ID
		agree := func(when string, inStreet, inCell int) {
			t.Helper()
			street := w.upTo(t, w).Street(jia)
			if got := street.Figures(cell, At(noon)).Open; len(street.Tickets) != inStreet || int(got) != inCell {
				t.Errorf("%s: %d in the street, %d in the cell", when, len(street.Tickets), got)
			}
		}
		agree("from the start", 1, 0)
		id := report()
		agree("with one more", 2, 0)
		must(w.tickets.TakeAction(t.Context(), admin, noon, id, 0, ticket.ActionInput{Action: ticket.Correct, Position: &at, Datum: "wgs84"}))(t)
		agree("placed", 2, 1)
	})
}
