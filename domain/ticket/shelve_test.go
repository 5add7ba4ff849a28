package ticket

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain"
)

func suspend(until time.Time) ActionInput {
	return ActionInput{Action: Suspend, Reason: "等配件", Until: until}
}

func shelve(reviewAt time.Time) ActionInput {
	return ActionInput{Action: Shelve, Reason: "列入明年计划", Measures: "每周清掏", ReviewAt: reviewAt}
}

// The suspensions of a round are limited in all; what they were cut short by is
// not lost, and a reopened ticket begins a new round.
func TestSuspensionsOfARound(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		id := w.working(east).ID
		must(w.take("lead", noon, id, suspend(noon.Add(20*day))))(t)
		now := noon.Add(15 * day)
		must(w.take("lead", now, id, ActionInput{Action: Resume}))(t) // 15 of 30 days
		_, err := w.take("lead", now, id, suspend(now.Add(15*day+time.Second)))
		var invalid *domain.InvalidError
		if !errors.As(err, &invalid) || invalid.Fields[0].Pointer != "/until" || !strings.Contains(invalid.Fields[0].Detail.ZH, "15 天") || !strings.Contains(invalid.Fields[0].Detail.ZH, "shelve") {
			t.Errorf("beyond the rest: %v", err)
		}
		must(w.take("lead", now, id, suspend(now.Add(15*day))))(t)
		lease := w.clock()
		now = now.Add(20 * day) // the program was away: it counts until it was to end
		w.wake(lease, now)
		if got := w.get(id); got.State != InProgress || got.SuspendedS != 30*24*3600 {
			t.Errorf("resumed: %s after %d s", got.State, got.SuspendedS)
		}
		if _, err := w.take("lead", now, id, suspend(now.Add(time.Hour))); !slices.Equal(pointers(err), []string{"/until"}) {
			t.Errorf("with nothing left: %v", err)
		}
		must(w.take("worker", now, id, ActionInput{Action: Resolve, Outcome: "fixed"}))(t)
		must(w.take("lead", now, id, ActionInput{Action: Close, Verification: "phone"}))(t)
		if got := must(w.take("lead", now, id, ActionInput{Action: Reopen, Reason: "又坏了"}))(t); got.SuspendedS != 0 {
			t.Errorf("reopened with %d s", got.SuspendedS)
		}
	})
}

// What is shelved waits for its review, which the street decides: renewed,
// resumed or closed; undecided, it goes on.
func TestTheBacklog(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		lease, id := w.clock(), w.working(east).ID
		must(w.take("lead", noon, id, suspend(noon.Add(10*day))))(t)
		for name, c := range map[string]struct {
			who string
			m   ActionInput
			at  string
		}{
			"without measures": {"dispatcher", ActionInput{Action: Shelve, Reason: "等", ReviewAt: noon.Add(9 * day)}, "/measures"},
			"without a review": {"dispatcher", ActionInput{Action: Shelve, Reason: "等", Measures: "围"}, "/reviewAt"},
			"in the past":      {"dispatcher", shelve(noon), "/reviewAt"},
			"for too long":     {"dispatcher", shelve(noon.Add(367 * day)), "/reviewAt"},
			"without a reason": {"dispatcher", ActionInput{Action: Shelve, Measures: "围", ReviewAt: noon.Add(9 * day)}, "/reason"},
			"by a lead":        {"lead", shelve(noon.Add(9 * day)), "forbidden"},
			"closed before it": {"dispatcher", ActionInput{Action: Close, Reason: "不办"}, "not_shelved"},
		} {
			_, err := w.take(c.who, noon.Add(day), id, c.m)
			if got := strings.Join(pointers(err), " ") + code(err); got != c.at && !(c.at == "forbidden" && errors.Is(err, domain.ErrForbidden)) {
				t.Errorf("%s: %v, want %s", name, err, c.at)
			}
		}
		review := noon.Add(30 * day)
		got := must(w.take("dispatcher", noon.Add(day), id, shelve(review)))(t)
		if got.State != Suspended || got.Backlog == nil || !got.ResumeAt.IsZero() || got.SuspendedS != 24*3600 || !reviewAt(got).Equal(review) || w.open("resident") != "shelved" {
			t.Fatalf("shelved: %+v, %+v; the resident has %s", got, got.Backlog, w.open("resident"))
		}
		w.wake(lease, noon.Add(11*day)) // the suspension would have ended
		other := w.working(west).ID
		must(w.take("lead", noon, other, suspend(noon.Add(20*day))))(t)
		listed, _, err := w.tickets.List(t.Context(), w.people["dispatcher"], Filter{Backlog: true, Limit: 10})
		counts := must(w.tickets.Count(t.Context(), w.people["lead"], Filter{Backlog: true}, "state"))(t)
		if err != nil || len(listed) != 1 || listed[0].ID != id || counts["suspended"] != 1 {
			t.Errorf("on the backlog: %d, %v; %v", len(listed), err, counts)
		}
		if mine, _, err := w.tickets.List(t.Context(), w.people["resident"], Filter{Backlog: true, Limit: 10}); err != nil || len(mine) != 1 {
			t.Errorf("of the resident's: %d, %v", len(mine), err)
		}
		if none, _, err := w.tickets.List(t.Context(), w.people["dispatcher"], Filter{Backlog: true, States: []State{Closed}, Limit: 10}); err != nil || len(none) != 0 {
			t.Errorf("closed ones on the backlog: %d, %v", len(none), err)
		}

		w.wake(lease, review)
		if got = w.get(id); !got.Backlog.Due || got.State != Suspended || w.open("dispatcher") != "backlog_review" || w.open("manager") != "" {
			t.Errorf("due: %+v; the dispatcher has %s", got.Backlog, w.open("dispatcher"))
		}
		again := review.Add(20 * day)
		renewed := must(w.take("dispatcher", review, id, shelve(again)))(t)
		if renewed.Backlog.Due || !renewed.Backlog.Since.Equal(noon.Add(day)) || !reviewAt(renewed).Equal(again) || w.open("dispatcher") != "" {
			t.Errorf("renewed: %+v; the dispatcher has %s", renewed.Backlog, w.open("dispatcher"))
		}
		w.wake(lease, again)
		lapse := w.get(id).Backlog.LapsesAt
		if want := time.Date(2027, 1, 19, 9, 0, 0, 0, time.UTC); !lapse.Equal(want) { // five working days after Tuesday, 12 January
			t.Errorf("to be decided by %s, want %s", lapse, want)
		}
		into := w.report("neighbour", east).ID // merged and taken out, it is to be decided on still
		must(w.take("lead", again, id, merge(into)))(t)
		if w.open("dispatcher") != "" {
			t.Errorf("while merged the dispatcher has %s", w.open("dispatcher"))
		}
		must(w.take("lead", again, id, ActionInput{Action: Unmerge}))(t)
		if got := w.get(id); got.State != Suspended || !got.Backlog.LapsesAt.Equal(lapse) || w.open("dispatcher") != "backlog_review" {
			t.Errorf("taken out: %+v; the dispatcher has %s", got.Backlog, w.open("dispatcher"))
		}
		w.wake(lease, lapse.Add(-time.Second))
		if got := w.get(id).State; got != Suspended {
			t.Errorf("it went on before its time: %s", got)
		}
		w.wake(lease, lapse)
		if got := w.get(id); got.State != InProgress || got.Backlog != nil || w.open("dispatcher") != "" {
			t.Errorf("undecided: %+v; the dispatcher has %s", got, w.open("dispatcher"))
		}

		must(w.take("dispatcher", lapse, id, shelve(lapse.Add(day))))(t)
		if _, err := w.take("dispatcher", lapse, id, ActionInput{Action: Close}); !slices.Equal(pointers(err), []string{"/reason"}) {
			t.Errorf("closed without a reason: %v", err)
		}
		closed := must(w.take("dispatcher", lapse, id, ActionInput{Action: Close, Reason: "拆迁，不再改造"}))(t)
		if closed.State != Closed || closed.Outcome != NotFixed || closed.Backlog != nil || !closed.ClosedAt.Equal(lapse) {
			t.Errorf("closed: %+v", closed)
		}
		handled := w.working(west).ID
		must(w.take("dispatcher", noon, handled, shelve(review)))(t)
		if got := must(w.take("lead", noon, handled, ActionInput{Action: Dispatch, Assignee: new(w.person("dispatcher"))}))(t); got.Backlog != nil || !reviewAt(got).IsZero() {
			t.Errorf("dispatched from the backlog: %+v", got)
		}
		must(w.take("dispatcher", noon, handled, ActionInput{Action: Start}))(t)
		must(w.take("manager", noon, handled, shelve(review)))(t)
		if _, err := w.take("dispatcher", noon, handled, ActionInput{Action: Close, Reason: "不办"}); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("closed by who handled it: %v", err)
		}
	})
}
