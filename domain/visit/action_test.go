package visit_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/civil"
	"wangge/domain/ids"
	"wangge/domain/visit"
)

func TestMoves(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		h := w.Elder(east)
		p := w.Active(jia, terms(weekly))
		v := w.Of(h.ID)[0]
		move := func(who string, in visit.ActionInput) error {
			_, err := w.Visits.TakeAction(t.Context(), w.As(who), noon, v.ID, 0, in)
			return err
		}
		for _, c := range []struct {
			who  string
			in   visit.ActionInput
			want string
		}{
			{"worker", visit.ActionInput{Action: visit.Reschedule}, "/day /reason"}, {"worker", visit.ActionInput{Action: visit.Reschedule, Reason: "出差", Day: "2026-03-01"}, "/day"},
			{"worker", visit.ActionInput{Action: visit.Reschedule, Reason: "出差", Day: "2026-06-03"}, "/day"}, {"lead", visit.ActionInput{Action: visit.Reassign, Reason: "忙"}, "/assignee"},
			{"lead", visit.ActionInput{Action: visit.Reassign, Reason: "忙", Assignee: new(w.IDs["resident"])}, "/assignee"}, {"lead", visit.ActionInput{Action: visit.Reassign, Reason: "忙", Assignee: new("x")}, "/assignee"},
			{"worker", visit.ActionInput{Action: visit.Miss, Reason: " "}, "/reason"}, {"lead", visit.ActionInput{Action: visit.Cancel, Reason: strings.Repeat("长", 1001)}, "/reason"},
			{"lead", visit.ActionInput{Action: visit.Complete}, "/action"}, {"lead", visit.ActionInput{Action: visit.Escalate}, "/action"},
		} {
			if err := move(c.who, c.in); pointers(err) != c.want {
				t.Errorf("%+v: %v, want %s", c.in, err, c.want)
			}
		}
		if err := move("worker", visit.ActionInput{Action: visit.Cancel, Reason: "不想去"}); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("the worker cancels: %v", err)
		}
		if err := move("second", visit.ActionInput{Action: visit.Miss, Reason: "x"}); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("a stranger misses: %v", err)
		}
		later := visit.ActionInput{ID: ids.New(), Action: visit.Reschedule, Reason: "出差", Day: "2026-03-07"}
		for range 2 { // sent again, it is one
			if err := move("worker", later); err != nil {
				t.Fatal(err)
			}
		}
		wider := terms(weekly)
		wider.WindowDays = 7
		must(w.Plans.ChangeTerms(t.Context(), w.As("manager"), noon, p.ID, 0, "2026-03-03", wider))(t)
		w.Schedule(noon)
		got := w.Visit(v.ID)
		if got.Period != "2026-03-02" || !got.Opens.Equal(civil.Date("2026-03-07").Start()) || !got.Closes.Equal(civil.Date("2026-03-08").Start()) ||
			!got.EscalateAt.Equal(got.Closes) || len(got.Steps) != 1 || got.Steps[0].Reason != "出差" {
			t.Errorf("rescheduled: %+v", got)
		}
		if _, err := w.Visits.TakeAction(t.Context(), w.As("lead"), noon, v.ID, got.Version-1, visit.ActionInput{Action: visit.Miss, Reason: "x"}); !errors.Is(err, domain.ErrStale) {
			t.Errorf("an old version: %v", err)
		}
		if err := move("lead", visit.ActionInput{Action: visit.Reassign, Reason: "熟人", Assignee: new(w.IDs["second"])}); err != nil {
			t.Error(err)
		}
		if seen := must(w.Visits.Get(t.Context(), w.As("second"), v.ID))(t); seen.Assignee != w.IDs["second"] {
			t.Errorf("it is with %s", seen.Assignee)
		}
		if err := move("second", visit.ActionInput{Action: visit.Miss, Reason: "无人在家"}); err != nil {
			t.Error(err)
		}
		var conflict *domain.ConflictError
		if err := move("lead", visit.ActionInput{Action: visit.Miss, Reason: "x"}); !errors.As(err, &conflict) || conflict.Code != "wrong_state" || fmt.Sprint(conflict.Allowed) != "[]" {
			t.Errorf("missed twice: %v", err)
		}
	})
}

func TestActivities(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		in := visit.NewActivity{ID: ids.New(), Area: east, Title: "重阳茶话会", People: 30, HeldAt: noon.Add(-time.Hour)}
		for range 2 {
			must(w.Works.Hold(ctx, w.As("worker"), noon, in))(t)
		}
		in.People = 31
		if _, err := w.Works.Hold(ctx, w.As("worker"), noon, in); code(err) != "duplicate" {
			t.Errorf("another under the same id: %v", err)
		}
		if _, err := w.Works.Hold(ctx, w.As("worker"), noon, visit.NewActivity{ID: ids.New(), Area: north, People: -1, HeldAt: noon.Add(day)}); pointers(err) != "/area /heldAt /people /title" {
			t.Errorf("a wrong one: %v", err)
		}
		if _, err := w.Works.Hold(ctx, w.As("resident"), noon, in); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("a resident's: %v", err)
		}
		for _, c := range []struct {
			who  string
			f    visit.WorkFilter
			want int
		}{
			{"manager", visit.WorkFilter{}, 1}, {"other manager", visit.WorkFilter{}, 0}, {"lead", visit.WorkFilter{Kinds: []visit.WorkKind{visit.Aid}}, 0}, {"lead", visit.WorkFilter{By: w.IDs["worker"], Cell: east}, 1},
			{"lead", visit.WorkFilter{From: noon}, 0}, {"lead", visit.WorkFilter{To: noon}, 1},
		} {
			if list, _, err := w.Works.List(ctx, w.As(c.who), c.f); err != nil || len(list) != c.want {
				t.Errorf("%s, %+v: %d, %v", c.who, c.f, len(list), err)
			}
		}
	})
}
