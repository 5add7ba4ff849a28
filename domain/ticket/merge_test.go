package ticket

import (
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/store"
)

func merge(into string) ActionInput { return ActionInput{Action: Merge, Into: into} }

// kept is a ticket without what every step changes: two that are kept alike are the same but for those.
func kept(t *Ticket) Ticket {
	out := *t
	out.Meta = store.Meta{ID: t.ID, Partition: t.Partition}
	out.UpdatedAt, out.ShownAt, out.Unshown, out.Applied, out.Steps, out.Policy, out.Days, out.Clocks, out.NextAt, out.Unmerged = time.Time{}, time.Time{}, nil, nil, nil, "", 0, nil, time.Time{}, 0
	return out
}

// What is merged is worked on no more, and is as it was once it is taken out:
// its deadline is later by the time that it was merged.
func TestUnmergeRestores(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		lease := must(w.st.Acquire(t.Context(), clockLease, "node", time.Hour))(t)
		into := w.report("neighbour", east).ID
		for _, state := range []State{Reported, Accepted, Dispatched, InProgress, Suspended, Resolved} {
			id := w.to(state)
			was, root := w.get(id), w.get(into)
			got := must(w.tickets.TakeAction(t.Context(), w.people["lead"], noon, id, was.Version, merge(into)))(t)
			if got.State != Merged || !got.DueAt.IsZero() || !got.ResumeAt.IsZero() || got.Public != nil || w.get(into).Merges != 1 {
				t.Errorf("%s: merged: %+v", state, got)
			}
			if _, err := w.tickets.TakeAction(t.Context(), w.people["dispatcher"], noon, id, 0, *complete(Dispatch)); code(err) != "wrong_state" {
				t.Errorf("%s: dispatched while merged: %v", state, err)
			}
			later := noon.Add(50 * time.Hour)
			must(w.tickets.waking().Pass(t.Context(), w.st, lease, later))(t) // the clock of what is suspended
			must(w.tickets.TakeAction(t.Context(), w.people["lead"], later, id, 0, ActionInput{Action: Unmerge}))(t)
			back := w.get(id)
			want := kept(was)
			if state != Suspended {
				want.DueAt = want.DueAt.Add(50 * time.Hour)
			}
			if !reflect.DeepEqual(kept(back), want) {
				t.Errorf("%s: was\n%+v\nis\n%+v", state, want, kept(back))
			}
			if now := w.get(into); !reflect.DeepEqual(kept(now), kept(root)) || now.VersionFor(w.people["neighbour"]) != root.VersionFor(w.people["neighbour"]) {
				t.Errorf("%s: what it had joined was\n%+v\nis\n%+v", state, kept(root), kept(now))
			}
		}
	})
}

// What cannot be joined is said by name, and changes nothing.
func TestWhatCannotBeJoined(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		a, b, c := w.report("resident", east).ID, w.report("neighbour", east).ID, w.report("resident", west).ID
		elsewhere, hidden, over := w.report("resident", other).ID, w.report("neighbour", north).ID, w.to(Resolved)
		w.move("lead", over, ActionInput{Action: Close, Verification: "phone"})
		w.move("lead", a, merge(b))
		for name, x := range map[string]struct{ who, id, into, want string }{
			"nothing named":              {"lead", c, "", "/into"},
			"itself":                     {"lead", c, c, "/into"},
			"none that there is":         {"lead", c, ids.New(), "/into"},
			"one that is not seen":       {"lead", c, hidden, "/into"},
			"another street's":           {"county admin", c, elsewhere, "/into"},
			"one that is over":           {"lead", c, over, "into_over"},
			"one that joined another":    {"lead", c, a, "into_merged"},
			"one that joined it":         {"lead", b, a, "merge_circle"},
			"what is merged already":     {"lead", a, c, "wrong_state"},
			"what is over":               {"lead", over, c, "wrong_state"},
			"by who reported it":         {"resident", c, b, "forbidden"},
			"by who works in the cell":   {"worker", b, c, "forbidden"},
			"what the lead does not see": {"lead", hidden, c, "not found"},
		} {
			was := w.get(x.id)
			_, err := w.tickets.TakeAction(t.Context(), w.people[x.who], noon, x.id, 0, merge(x.into))
			got := code(err)
			switch {
			case errors.Is(err, domain.ErrForbidden):
				got = "forbidden"
			case errors.Is(err, domain.ErrNotFound):
				got = "not found"
			case got == "":
				got = strings.Join(pointers(err), " ")
			}
			if got != x.want || w.get(x.id).Version != was.Version {
				t.Errorf("%s: %v, want %s", name, err, x.want)
			}
		}
	})
}

// Trees of merges are kept: what is taken out brings along what had joined it.
func TestTreesOfMerges(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		a, b, c := w.report("resident", east), w.report("neighbour", east), w.report("resident", west)
		w.move("lead", a.ID, merge(b.ID))
		w.move("lead", b.ID, merge(c.ID))
		leads := must(Leading(t.Context(), w.st, w.get(a.ID), w.get(b.ID), w.get(c.ID)))(t)
		if len(leads) != 2 || leads[a.ID].ID != c.ID || leads[b.ID].ID != c.ID {
			t.Errorf("led by %v", leads)
		}
		w.move("dispatcher", b.ID, ActionInput{Action: Unmerge})
		if got := must(Leading(t.Context(), w.st, w.get(a.ID)))(t)[a.ID]; got.ID != b.ID || w.get(b.ID).Merges != 1 || w.get(c.ID).Merges != 0 || w.get(b.ID).State != Reported {
			t.Errorf("led by %+v", got)
		}
		for who, want := range map[string]int{"lead": 1, "worker": 1, "resident": 0, "other lead": 0} {
			list, _, err := w.tickets.List(t.Context(), w.people[who], Filter{Into: b.ID, Limit: 10})
			if counts, _ := w.tickets.Count(t.Context(), w.people[who], Filter{Into: b.ID}, "state"); err != nil || len(list) != want || counts["merged"] != int64(want) {
				t.Errorf("%s: %d joined, counted %v, %v", who, len(list), counts, err)
			}
		}
	})
}

// When the reporter of what leads withdraws it, the first that joined leads the rest.
func TestTheNextLeads(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		root, first, second, third := w.report("resident", east).ID, w.report("neighbour", east).ID, w.working(east).ID, w.report("resident", east).ID
		w.move("lead", third, merge(first))
		w.move("lead", second, merge(root))
		w.move("lead", first, merge(root))
		w.move("resident", root, ActionInput{Action: Withdraw})
		now := func(id string) *Ticket { return w.get(id) }
		if r, f, s := now(root), now(first), now(second); r.State != Withdrawn || r.Merges != 0 || r.Joined != nil || f.State != Reported || f.Merges != 2 || f.Reporter != w.people["neighbour"].Account ||
			s.State != Merged || s.Joined.Into != first || s.Joined.State != InProgress || now(third).Joined.Into != first {
			t.Errorf("withdrawn %+v\nnext %+v\nanother %+v", r, f, s)
		}
		events, _, err := w.tickets.Timeline(t.Context(), w.people["neighbour"], first, 50, "")
		if last := events[len(events)-1]; err != nil || last.Action != Unmerge || last.Role != "system" || last.Actor != "" && last.Actor != "system" || last.Ticket != nil {
			t.Errorf("the next one's reporter reads %+v (%v)", last, err)
		}
	})
}

// Of two merges that would make a circle one is taken; nothing joins what is closed at the same time.
func TestMergesAtOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		nodes := []*Tickets{w.tickets, w.join().tickets}
		for range 4 {
			a, b, done := w.report("resident", east).ID, w.report("neighbour", east).ID, w.to(Resolved)
			steps := []struct {
				id string
				in ActionInput
			}{{a, merge(b)}, {b, merge(a)}, {done, ActionInput{Action: Close, Verification: "phone"}}, {w.report("resident", east).ID, merge(done)}}
			errs := make([]error, len(steps))
			var wg sync.WaitGroup
			for i, s := range steps {
				wg.Go(func() { _, errs[i] = nodes[i%2].TakeAction(t.Context(), w.people["lead"], noon, s.id, 0, s.in) })
			}
			wg.Wait()
			if (errs[0] == nil) == (errs[1] == nil) {
				t.Errorf("both or none: %v, %v", errs[0], errs[1])
			}
			for _, err := range errs[:2] {
				if err != nil && code(err) != "merge_circle" {
					t.Errorf("the other: %v", err)
				}
			}
			joined := w.get(steps[3].id)
			if errs[2] != nil || errs[3] != nil && code(errs[3]) != "into_over" || (joined.State == Merged) != (errs[3] == nil) || (w.get(done).Merges == 1) != (errs[3] == nil) {
				t.Errorf("close: %v, join: %v; %s", errs[2], errs[3], joined.State)
			}
		}
	})
}

// A redraw moves what is merged too, so that it comes back to where it lies by then.
func TestMergedTicketsGoAlong(t *testing.T) {
	derived := &Ticket{State: Merged, Joined: &Joined{}}
	if derived.derive(); derived.OpenKey != nowhere {
		t.Error("a redraw does not find it")
	}
}

// The same step sent again is the same answer, with one effect.
func TestMergedAgain(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		a, b := w.report("resident", east).ID, w.report("neighbour", east).ID
		in := merge(b)
		in.ID = ids.New()
		for range 2 {
			if got := w.move("lead", a, in); got.State != Merged || w.get(b).Merges != 1 || got.Version != 2 {
				t.Errorf("%+v", got)
			}
		}
	})
}

// to is a ticket in an open state, in the east.
func (w *world) to(state State) string {
	w.t.Helper()
	if state == Reported {
		return w.report("resident", east).ID
	}
	if state == Accepted || state == Dispatched {
		id := w.report("resident", east).ID
		w.move("lead", id, ActionInput{Action: Accept})
		if state == Dispatched {
			w.move("lead", id, ActionInput{Action: Dispatch, Assignee: new(w.person("worker")), Helpers: []access.Assignee{w.organisation(jia)}})
		}
		return id
	}
	id := w.working(east).ID
	switch state {
	case Suspended:
		w.move("lead", id, ActionInput{Action: Suspend, Reason: "等配件", Until: noon.Add(20 * time.Hour)})
	case Resolved:
		w.move("worker", id, ActionInput{Action: Resolve, Outcome: "fixed"})
	}
	return id
}
