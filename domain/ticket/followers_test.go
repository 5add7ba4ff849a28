package ticket

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/domain/todo"
	"wangge/store"
)

// told is how often each person was told each kind of thing so far.
func (w *world) told(lease store.Lease, now time.Time) map[string]int {
	w.t.Helper()
	must(0, w.tickets.leavers(func() time.Time { return now }).CatchUp(w.t.Context(), w.st, lease))(w.t)
	out := map[string]int{}
	todos := todo.New(w.st)
	todos.Sights = map[string]todo.Sight{FollowedTicket: w.tickets.Follows,
		"ticket": todo.Each(func(ctx context.Context, actor access.Actor, _ time.Time, id string) error {
			_, _, err := w.tickets.Get(ctx, actor, id)
			return err
		})}
	for who, actor := range w.people {
		var all []todo.Shown
		for f := (todo.Filter{Limit: 100}); ; {
			page, next, err := todos.List(w.t.Context(), actor, now, f)
			if err != nil {
				w.t.Fatal(err)
			}
			if all, f.Cursor = append(all, page...), next; next == "" {
				break
			}
		}
		for _, it := range all {
			if it.Kind == ClockWarns || it.Kind == ClockOver { // which follows from how time passes, and stays with whom it was told when the ticket moves
				continue
			}
			if !it.Seen && it.About.Kind != FollowedTicket {
				w.t.Errorf("%s is told of %+v, which they do not see", who, it.About)
			}
			out[fmt.Sprintf("%s %s", who, it.Kind)]++
		}
	}
	return out
}

// A follower sees the public view and no more; what the public sees no more they do not see.
func TestFollowersSeeWhatThePublicSees(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		ctx, follower := t.Context(), w.people["neighbour"]
		open := w.report("resident", east)
		public := open.PublicID()
		hidden := draft(east)
		hidden.Category = "pipe_dispute"
		dispute := must(w.tickets.Report(ctx, w.people["resident"], noon, hidden))(t)
		for name, id := range map[string]string{"its own id": open.ID, "a dispute": dispute.ID, "what the public would know a dispute by": dispute.everPublicID(w.keys), "nothing": ids.New()} {
			if _, err := w.tickets.Follow(ctx, follower, noon, id, ""); !errors.Is(err, domain.ErrNotFound) {
				t.Errorf("%s is followed: %v", name, err)
			}
		}
		for range 2 {
			f := must(w.tickets.Follow(ctx, follower, noon, public, " 我家也是 "))(t)
			if f.Ticket != nil || f.Public == nil || f.Public.ID != public || f.Note != "我家也是" || f.Follower.Public != public {
				t.Errorf("followed: %+v", f)
			}
		}
		if f := must(w.tickets.Follow(ctx, w.people["resident"], noon, dispute.ID, ""))(t); f.Ticket == nil || f.Public != nil || f.KnownAs() != dispute.ID {
			t.Errorf("their own: %+v", f)
		}
		count, said, err := w.tickets.Followers(ctx, w.people["lead"], open.ID)
		if err != nil || count != 1 || len(said) != 1 || said[0].Text != "我家也是" {
			t.Errorf("%d follow and say %+v, %v", count, said, err)
		}
		if _, _, err := w.tickets.Followers(ctx, w.people["counter"], open.ID); err == nil {
			t.Error("who does not see it whole is told how many follow")
		}
		w.move("lead", open.ID, ActionInput{Action: Correct, Category: "pipe_dispute"})
		page, _, err := w.tickets.Following(ctx, follower, noon, 10, "")
		if err != nil || len(page) != 1 || page[0].Ticket != nil || page[0].Public != nil || page[0].KnownAs() != public {
			t.Errorf("a dispute by now: %+v, %v", page, err)
		}
		w.move("lead", open.ID, merge(w.report("resident", east).ID))
		if page, _, err := w.tickets.Following(ctx, follower, noon, 10, ""); err != nil || page[0].Public != nil {
			t.Errorf("a dispute that joined what the public sees: %+v, %v", page, err)
		}
		w.move("lead", open.ID, ActionInput{Action: Unmerge})
		for range 2 {
			must(0, w.tickets.Unfollow(ctx, follower, public))(t)
		}
		if page, _, _ := w.tickets.Following(ctx, follower, noon, 10, ""); len(page) != 0 {
			t.Errorf("followed still: %+v", page)
		}
		w.move("lead", open.ID, ActionInput{Action: Correct, Category: "noise"})
		if f := must(w.tickets.Follow(ctx, follower, noon.Add(time.Hour), public, ""))(t); f.Note != "" || !f.At.Equal(noon.Add(time.Hour)) {
			t.Errorf("followed again: %+v", f)
		}
	})
}

// How many one may follow is limited, however they are followed at once.
func TestFollowsAreLimited(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		var all []*Follower
		account := w.people["resident"].Account
		for i := range followsMost - 1 {
			all = append(all, &Follower{Meta: store.Meta{ID: ids.New()}, Ticket: ids.New(), Account: account, At: noon.Add(-time.Duration(i) * time.Hour)})
		}
		must(0, w.st.Update(t.Context(), nil, func(tx *store.Tx) error {
			for _, f := range all {
				c := *f
				if err := followers.Insert(tx, &c); err != nil {
					return err
				}
			}
			return nil
		}))(t)
		one, two := w.report("resident", east).ID, w.report("resident", east).ID
		must(w.tickets.Follow(t.Context(), w.people["resident"], noon, one, ""))(t)
		if _, err := w.tickets.Follow(t.Context(), w.people["resident"], noon, two, ""); code(err) != "follows_too_many" {
			t.Errorf("one too many: %v", err)
		}
		must(w.tickets.Follow(t.Context(), w.people["resident"], noon, one, "又吵了"))(t)
	})
}

// Who reported or follows is told once of a merge and once of the end, whatever
// else they follow, and however often the journal is read.
func TestToldOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		lease := must(w.st.Acquire(ctx, clockLease, "node", time.Hour))(t)
		a, b, c := w.report("resident", east), w.working(east), w.report("worker", east)
		for _, id := range []string{a.PublicID(), b.PublicID(), c.PublicID()} {
			must(w.tickets.Follow(ctx, w.people["neighbour"], noon, id, ""))(t)
		}
		must(w.tickets.Follow(ctx, w.people["resident"], noon, a.ID, ""))(t)
		must(w.tickets.Follow(ctx, w.people["manager"], noon, c.ID, ""))(t)
		w.move("lead", a.ID, merge(c.ID))
		w.move("lead", c.ID, merge(b.ID))
		same := func(when string, want map[string]int) {
			t.Helper()
			for range 2 {
				must(0, w.tickets.leavers(func() time.Time { return noon }).CatchUp(ctx, w.st, lease))(t)
			}
			got := w.told(lease, noon)
			if len(got) != len(want) {
				t.Errorf("%s: told %v, want %v", when, got, want)
			}
			for k, n := range want {
				if got[k] != n {
					t.Errorf("%s: %s %d times, want %d", when, k, got[k], n)
				}
			}
		}
		same("merged", map[string]int{"resident ticket_merged": 1, "neighbour ticket_merged": 2, "worker ticket_merged": 1, "manager ticket_merged": 1}) // of two tickets
		w.move("worker", b.ID, ActionInput{Action: Resolve, Outcome: "fixed"})
		w.move("manager", b.ID, ActionInput{Action: Close, Verification: "phone"})
		same("closed", map[string]int{"resident ticket_merged": 1, "neighbour ticket_merged": 2, "worker ticket_merged": 1, "manager ticket_merged": 1,
			"resident ticket_over": 1, "neighbour ticket_over": 1, "worker ticket_over": 1, "manager ticket_over": 1})
		page, _, err := w.tickets.Following(ctx, w.people["neighbour"], noon, 10, "")
		for _, f := range page {
			if err != nil || f.Ticket != nil || f.Public == nil || f.Public.ID != b.PublicID() || f.Public.State != Closed {
				t.Errorf("what became of %s: %+v, %v", f.KnownAs(), f.Public, err)
			}
		}
	})
}

// Who follows what is hidden by the time it is over is not told.
func TestHiddenEndsAreNotTold(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		lease := must(w.st.Acquire(ctx, clockLease, "node", time.Hour))(t)
		b := w.working(east)
		must(w.tickets.Follow(ctx, w.people["neighbour"], noon, b.PublicID(), ""))(t)
		w.move("lead", b.ID, ActionInput{Action: Correct, Category: "pipe_dispute"})
		w.move("worker", b.ID, ActionInput{Action: Resolve, Outcome: "fixed"})
		w.move("lead", b.ID, ActionInput{Action: Close, Verification: "phone"})
		joined, public := w.report("resident", east), w.working(east)
		must(w.tickets.Follow(ctx, w.people["neighbour"], noon, joined.PublicID(), ""))(t)
		w.move("lead", joined.ID, ActionInput{Action: Correct, Category: "pipe_dispute"})
		w.move("lead", joined.ID, merge(public.ID))
		w.move("worker", public.ID, ActionInput{Action: Resolve, Outcome: "fixed"})
		w.move("manager", public.ID, ActionInput{Action: Close, Verification: "phone"})
		got := w.told(lease, noon)
		for _, n := range []string{"neighbour ticket_merged", "neighbour ticket_over"} {
			if got[n] != 0 {
				t.Errorf("told %v", got)
			}
		}
	})
}
