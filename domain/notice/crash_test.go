package notice_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"wangge/domain/notice"
	"wangge/domain/ticket"
	"wangge/domain/worldtest"
	"wangge/store/enginetest"
)

// Wherever nodes are killed that take turns at it, and whoever goes on: of every
// step each is told once, and everything that came is listed once; also of those
// who write a few notices at a time.
func TestKilledAnywhereRepeatsAndLosesNothing(t *testing.T) {
	notice.WriteAtOnce(t, 2)
	worldtest.Each(t, settle, func(t *testing.T, c *city) {
		rnd := rand.New(rand.NewPCG(9, 26))
		want := map[string]int{} // by recipient, kind and thing
		var open []string
		step := func() {
			c.now = c.now.Add(time.Second)
			if len(open) == 0 || rnd.IntN(3) == 0 {
				id := c.report()
				open = append(open, id)
				want["lead ticket_in_street "+id]++
				return
			}
			i := rnd.IntN(len(open))
			id := open[i]
			is, _, err := c.tickets.Get(t.Context(), c.as("lead"), id)
			must(is, err)(t)
			want["resident ticket_changed "+id]++
			switch is.State {
			case ticket.Reported:
				c.take("lead", id, ticket.ActionInput{Action: ticket.Accept})
			case ticket.Accepted:
				c.dispatch(id, "worker")
				want["worker ticket_assigned "+id]++
			case ticket.Dispatched:
				c.take("worker", id, ticket.ActionInput{Action: ticket.Start})
			default:
				c.take("worker", id, ticket.ActionInput{Action: ticket.Resolve, Outcome: "fixed"})
				want["lead ticket_to_check "+id]++
				open = slices.Delete(open, i, i+1)
			}
		}
		killed, lived := 0, 0
		for range 25 {
			for range 1 + rnd.IntN(6) {
				step()
			}
			engine := &enginetest.Mortal{Engine: c.place.Open(t), After: rnd.IntN(2) == 0}
			n := c.join(engine) // another node each time
			lease := must(c.st.Acquire(t.Context(), "notices", fmt.Sprint(killed+lived), time.Hour))(t)
			engine.Left.Store(1 + rnd.Int64N(60))
			if err := n.notices.Consumer(func() time.Time { return c.now }).CatchUp(t.Context(), n.st, lease); err != nil {
				killed++
			} else {
				lived++
			}
			must(0, c.st.Release(t.Context(), lease))(t)
		}
		if killed == 0 || lived == 0 {
			t.Errorf("%d nodes were killed, and %d were not", killed, lived)
		}
		c.told() // to the end
		got := map[string]int{}
		all := map[string]bool{}
		for _, who := range []string{"lead", "worker", "resident"} {
			for f := (notice.Filter{Limit: 100}); ; {
				page, next, err := c.notices.List(t.Context(), c.as(who), c.now, f)
				for _, n := range must(page, err)(t) {
					if n.About.Kind == "ticket" {
						got[who+" "+string(n.Kind)+" "+n.About.ID]++
						all[n.ID] = true
					}
				}
				if f.Cursor = next; next == "" {
					break
				}
			}
		}
		for what := range want {
			if got[what] != want[what] {
				t.Errorf("%s: %d times, of %d", what, got[what], want[what])
			}
			delete(got, what)
		}
		for what := range got {
			t.Errorf("%s, of which nothing happened", what)
		}
		last := must(notice.LastArrived(t.Context(), c.st))(t)
		for _, list := range must(notice.ArrivedSince(t.Context(), c.st, 0, last))(t) {
			for _, a := range list.To(func(string) bool { return true }) {
				if a.About.Kind == "ticket" && !all[a.ID] {
					t.Errorf("%s came twice, or is in no inbox", a.Kind)
				}
				delete(all, a.ID)
			}
		}
		if len(all) > 0 {
			t.Errorf("%d notices are in no list of what came", len(all))
		}
	})
}
