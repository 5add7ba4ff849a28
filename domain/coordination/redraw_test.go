package coordination

import (
	"context"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/place"
	"wangge/domain/ticket"
	"wangge/domain/worldtest"
	"wangge/geo"
)

// What lies in ground that goes to another cell goes along; what is closed stays.
func TestTicketsMoveWithTheirGround(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		west, east, park, far := code(jiaOne, 1), code(jiaOne, 2), code(jiaOne, 3), code(yiOne, 1)
		w.draw(t, noon, cell(west, area.Basic, box(0, 0, 1, 1)), cell(east, area.Basic, box(1, 0, 2, 1)), cell(far, area.Basic, box(3, 0, 4, 1)))
		places := map[string]orb.Point{
			"west": spot(0.2, 0.5), "to go east": spot(0.8, 0.5), "closed": spot(0.8, 0.6), "rejected": spot(0.8, 0.4), "to be a park": spot(1.5, 0.5),
			"to lie outside": spot(0.5, 0.95), "to lie inside": spot(0.5, -0.2), "outside": spot(0.5, 2), "to go to the other street": spot(2.2, 0.5),
			"on the new edge": spot(0.7, 0.3),
		}
		ids := map[string]string{}
		for name, at := range places {
			ids[name] = must(w.report(t.Context(), at))(t).ID
		}
		w.move(t, ids["rejected"], ticket.ActionInput{Action: ticket.Reject, Reason: "重复"})
		w.close(t, ids["closed"])
		handled := w.start(t, ids["to go east"])

		later := noon.Add(time.Hour)
		report := w.draw(t, later, cell(west, area.Basic, box(0, -0.5, 0.7, 0.9)), cell(east, area.Basic, box(0.7, 0, 2, 1)),
			cell(park, area.Dedicated, box(1.4, 0.4, 1.6, 0.6)), cell(far, area.Basic, box(2.1, 0, 4, 1)))
		if report.Moved["tickets"] != 6 {
			t.Errorf("%d moved", report.Moved["tickets"])
		}
		for name, want := range map[string]string{
			"west": west, "to go east": east, "closed": west, "rejected": west, "to be a park": park, "to lie outside": "", "to lie inside": west,
			"outside": "", "to go to the other street": far, "on the new edge": east,
		} {
			got := w.get(t, ids[name])
			if w.code(t, got.Place.Cell) != want {
				t.Errorf("%s: in %q, want %q", name, w.code(t, got.Place.Cell), want)
			}
			c, _ := w.areas.Map().ByCode(want)
			switch name {
			case "closed", "rejected", "west", "outside":
				if !got.UpdatedAt.Equal(noon) {
					t.Errorf("%s was written", name)
				}
			case "to lie outside":
				if got.Place.Community != "" || got.Boundary != "" || got.Place.Street == "" || !got.Triage() {
					t.Errorf("%s: %+v", name, got.Place)
				}
			default:
				if got.Place != c.Place || got.Boundary != c.Boundary || got.Partition != c.Partition || !got.UpdatedAt.Equal(later) {
					t.Errorf("%s: %+v of %s, want %+v of %s", name, got.Place, got.Boundary, c.Place, c.Boundary)
				}
			}
		}
		if got := w.get(t, ids["to go east"]); got.Assignee != handled.Assignee || got.State != ticket.InProgress || got.Number != handled.Number || len(got.Handled) != 1 {
			t.Errorf("what was under way: %+v", got)
		}
		w.told(t, ids["to go east"], west, east)

		// Reopened, it is where today's map has it.
		if got := w.move(t, ids["closed"], ticket.ActionInput{Action: ticket.Reopen, Reason: "又来了"}); w.code(t, got.Place.Cell) != east {
			t.Errorf("reopened in %q", w.code(t, got.Place.Cell))
		}
		if got := must(w.tickets.TakeAction(t.Context(), resident, noon, ids["rejected"], 0, ticket.ActionInput{Action: ticket.Reopen, Reason: "不服"}))(t); w.code(t, got.Place.Cell) != east {
			t.Errorf("reopened in %q", w.code(t, got.Place.Cell))
		}
	})
}

// What has no position lies on no ground: it stays in its street, wherever cells are drawn.
func TestUnplacedTicketsStay(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		here := code(jiaOne, 1)
		w.draw(t, noon, cell(here, area.Basic, box(0, 0, 1, 1)))
		street := worldtest.ID(t, w.areas, jia)
		w.tickets.Locate = func(context.Context, access.Actor, time.Time, place.Asked) (*place.Found, error) {
			return &place.Found{Street: street}, nil
		}
		made := must(w.tickets.Report(t.Context(), resident, noon, ticket.Draft{ID: ids.New(), Category: "noise", Title: "深夜噪声", Address: "某处"}))(t)
		report := w.draw(t, noon.Add(time.Hour), cell(here, area.Basic, worldtest.Box(-1, -1, 121, 32)))
		if got := w.get(t, made.ID); report.Moved["tickets"] != 0 || got.Position != nil || got.Place.Cell != "" || got.Place.Street != street || got.Version != made.Version {
			t.Errorf("%d moved; %+v", report.Moved["tickets"], got)
		}
	})
}

// told: the timeline speaks of the move, to staff and to the resident.
func (w *world) told(t *testing.T, id, from, to string) {
	t.Helper()
	events, _, err := w.tickets.Timeline(t.Context(), admin, id, 50, "")
	must(0, err)(t)
	own, _, err := w.tickets.Timeline(t.Context(), resident, id, 50, "")
	must(0, err)(t)
	for _, list := range [][]ticket.Event{events, own} {
		e := list[len(list)-1]
		if e.Action != ticket.Rezone || w.code(t, e.Before.Cell) != from || w.code(t, e.After.Cell) != to || e.Role != "system" || e.From != e.To || e.From == "" {
			t.Errorf("the timeline ends with %+v", e)
		}
	}
}

// start has a ticket worked on.
func (w *world) start(t *testing.T, id string) *ticket.Ticket {
	t.Helper()
	w.move(t, id, ticket.ActionInput{Action: ticket.Accept})
	w.move(t, id, ticket.ActionInput{Action: ticket.Dispatch, Assignee: &w.mender})
	return must(w.tickets.TakeAction(t.Context(), w.handler, noon, id, 0, ticket.ActionInput{Action: ticket.Start}))(t)
}

func (w *world) close(t *testing.T, id string) {
	t.Helper()
	w.start(t, id)
	must(w.tickets.TakeAction(t.Context(), w.handler, noon, id, 0, ticket.ActionInput{Action: ticket.Resolve, Outcome: "fixed"}))(t)
	w.move(t, id, ticket.ActionInput{Action: ticket.Close, Verification: "phone"})
}

// Nothing moves, and nothing is written to tickets, when cells are renamed or micro ones drawn.
func TestWhatMovesNothing(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		whole := code(jiaOne, 1)
		w.draw(t, noon, cell(whole, area.Basic, box(0, 0, 1, 1)))
		id := must(w.report(t.Context(), spot(0.5, 0.5)))(t).ID
		renamed, micro := cell(whole, area.Basic, box(0, 0, 1, 1)), cell(code(jiaOne, 2), area.Micro, box(0, 0, 1, 0.6))
		renamed.Name = "改名"
		micro.Parent = whole
		if report := w.draw(t, noon.Add(time.Hour), renamed, micro); report.Moved["tickets"] != 0 {
			t.Errorf("%+v", report.Moved)
		}
		if got := w.get(t, id); w.code(t, got.Place.Cell) != whole || got.Version != 1 {
			t.Errorf("%+v", got.Place)
		}
		// A trial says how many would, and writes nothing.
		before := w.st.Heads()
		dry := must(w.areas.ImportCells(t.Context(), program, noon, worldtest.CellFile(cell(whole, area.Basic, box(0, 0, 0.4, 1))), area.CellImport{Datum: geo.WGS84, DryRun: true}))(t)
		if dry.Moved["tickets"] != 1 {
			t.Errorf("a trial: %+v", dry)
		}
		for street, n := range w.st.Heads() {
			if before[street] != n {
				t.Errorf("a trial wrote to %s", street)
			}
		}
	})
}

// Households lie where the map has them: what a redraw takes from under them
// moves them, to another street too unless their address is another's there.
func TestHouseholdsMoveWithTheirGround(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		west, east, far := code(jiaOne, 1), code(jiaOne, 2), code(yiOne, 1)
		w.draw(t, noon, cell(west, area.Basic, box(0, 0, 1, 1)), cell(east, area.Basic, box(1, 0, 2, 1)), cell(far, area.Basic, box(3, 0, 4, 1)))
		live := func(at orb.Point, room string) string {
			h, _, err := w.households.Create(t.Context(), admin, noon, household.Draft{
				Address: household.Address{Estate: "枫津新村", Building: "3", Room: room}, Position: at, Datum: geo.WGS84})
			return must(h, err)(t).ID
		}
		there := live(spot(3.5, 0.5), "402")
		ids := map[string]string{
			"west": live(spot(0.2, 0.5), "101"), "to go east": live(spot(0.8, 0.5), "102"), "to lie outside": live(spot(0.5, 0.95), "201"),
			"to go to the other street": live(spot(2.2, 0.5), "401"), "whose address is another's there": live(spot(2.2, 0.6), "402"),
		}
		twin := live(spot(2.2, 0.5), "403")
		must(w.households.Merge(t.Context(), admin, noon, ids["to go to the other street"], 0, twin))(t)
		later := noon.Add(time.Hour)
		report := w.draw(t, later, cell(west, area.Basic, box(0, 0, 0.7, 0.9)), cell(east, area.Basic, box(0.7, 0, 2, 1)), cell(far, area.Basic, box(2.1, 0, 4, 1)))
		if report.Moved["households"] != 3 {
			t.Errorf("%+v moved", report.Moved)
		}
		for name, want := range map[string]string{"west": west, "to go east": east, "to lie outside": "", "to go to the other street": far, "whose address is another's there": ""} {
			h := must(w.households.Get(t.Context(), admin, ids[name]))(t)
			if w.code(t, h.Place.Cell) != want || h.UpdatedAt.Equal(later) != (want != west && name != "whose address is another's there") {
				t.Errorf("%s: in %q, written %v", name, w.code(t, h.Place.Cell), h.UpdatedAt)
			}
			if c, ok := w.areas.Map().ByCode(want); ok && (h.Place != c.Place || h.Partition != c.Partition) {
				t.Errorf("%s: %+v in %s", name, h.Place, h.Partition)
			}
		}
		moved := must(w.households.Get(t.Context(), admin, ids["to go to the other street"]))(t)
		if _, _, err := w.households.Unmerge(t.Context(), admin, later, moved.ID, 0, twin); err != nil {
			t.Errorf("taken apart in the other street: %v", err)
		}
		if h := must(w.households.Get(t.Context(), admin, there))(t); h.Version != 1 {
			t.Errorf("who lived there was written")
		}
	})
}
