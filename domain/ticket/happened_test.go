package ticket

import (
	"slices"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/ids"
)

// What a phone without a connection sends later happened when it says, and moves no deadline.
func TestSentLater(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		now := noon
		clock := func(ago, ahead time.Duration) *domain.Clock {
			return &domain.Clock{At: now.Add(ahead - ago), Sent: now.Add(ahead)}
		}
		wild := &domain.Clock{At: time.Unix(1, 0), Sent: time.Unix(2, 0)}
		d := draft(east)
		d.Clock = clock(80*time.Hour, 2*time.Hour)
		made := must(w.tickets.Report(t.Context(), w.people["resident"], now, d))(t)
		if h := w.get(made.ID).Happened; h == nil || !h.At.Equal(noon.Add(-80*time.Hour)) || h.SkewS != 7200 || h.DelayH != 80 {
			t.Errorf("reported %+v", h)
		}
		if usual := w.report("resident", east); !made.DueAt.Equal(usual.DueAt) || !made.CreatedAt.Equal(noon) || usual.Happened != nil {
			t.Errorf("due %s, made %s", made.DueAt, made.CreatedAt)
		}
		id, worker := made.ID, w.person("worker")
		w.move("lead", id, ActionInput{Action: Accept})
		w.move("lead", id, ActionInput{Action: Dispatch, Assignee: &worker})
		start := ActionInput{ID: ids.New(), Action: Start, Clock: clock(3*time.Hour, 0)}
		started := w.move("worker", id, start)
		if s := w.get(id); !s.StartedAt.Equal(noon) || !s.UpdatedAt.Equal(noon) || !s.DueAt.Equal(made.DueAt) {
			t.Errorf("started at %s, due %s", s.StartedAt, s.DueAt)
		}
		remark := NewComment{ID: ids.New(), Text: "已到现场", Clock: clock(time.Hour, -time.Hour)}
		said := must(w.tickets.Comment(t.Context(), w.people["worker"], now, id, remark))(t)

		// Sent again with another time of sending, or with a clock that went wrong: the same.
		again := func(as string, c *domain.Clock) {
			t.Helper()
			d.Clock, start.Clock, remark.Clock = c, c, c
			if got, err := w.tickets.Report(t.Context(), w.people["resident"], now, d); err != nil || got.Number != made.Number || !got.Happened.At.Equal(made.Happened.At) {
				t.Errorf("reported again, %s: %+v, %v", as, got, err)
			}
			if got, err := w.tickets.TakeAction(t.Context(), w.people["worker"], now, id, started.Version-1, start); err != nil || got.State != InProgress {
				t.Errorf("started again, %s: %+v, %v", as, got, err)
			}
			if got, err := w.tickets.Comment(t.Context(), w.people["worker"], now, id, remark); err != nil || !got.Happened.At.Equal(said.Happened.At) {
				t.Errorf("said again, %s: %+v, %v", as, got, err)
			}
		}
		now = noon.Add(time.Hour)
		again("an hour later", clock(81*time.Hour, 0))
		again("under a wild clock", wild)
		again("without one", nil)

		d.ID, d.Title, d.Clock = ids.New(), "", wild
		if _, err := w.tickets.Report(t.Context(), w.people["resident"], now, d); !slices.Equal(pointers(err), []string{"/title", "/clock"}) {
			t.Errorf("reported under a wild clock: %v", err)
		}
		if _, err := w.tickets.TakeAction(t.Context(), w.people["worker"], now, id, 0, ActionInput{ID: ids.New(), Action: Resolve, Clock: wild}); !slices.Equal(pointers(err), []string{"/outcome", "/clock"}) {
			t.Errorf("resolved under a wild clock: %v", err)
		}
		if _, err := w.tickets.Comment(t.Context(), w.people["worker"], now, id, NewComment{ID: ids.New(), Clock: wild}); !slices.Equal(pointers(err), []string{"/text", "/clock"}) {
			t.Errorf("said under a wild clock: %v", err)
		}
	})
}

// The timeline has what the devices said; of a clock that is off only who reads whose it is.
func TestTimelineOfWhatWasSentLater(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		clock := &domain.Clock{At: noon.Add(-time.Hour), Sent: noon.Add(time.Hour)} // two hours ago
		d := draft(east)
		d.Anonymous, d.Clock = true, clock
		id := must(w.tickets.Report(t.Context(), w.people["resident"], noon, d))(t).ID
		w.move("lead", id, ActionInput{Action: Accept, Clock: clock})
		w.move("lead", id, ActionInput{Action: Correct, Category: "parking"})
		must(w.tickets.Comment(t.Context(), w.people["resident"], noon, id, NewComment{ID: ids.New(), Text: "谢谢", Clock: clock}))(t)
		for who, off := range map[string][]bool{"resident": {true, false, false, true}, "lead": {false, true, false, false}} {
			events, _, err := w.tickets.Timeline(t.Context(), w.people[who], id, 50, "")
			if err != nil || len(events) != 4 {
				t.Fatal(len(events), err)
			}
			for i, e := range events {
				h := e.Happened
				if i == 2 {
					if h != nil {
						t.Errorf("%s reads of what was sent at once %+v", who, h)
					}
					continue
				}
				if h == nil || !h.At.Equal(noon.Add(-2*time.Hour)) || !e.At.Equal(noon) || (h.SkewS != 0) != off[i] {
					t.Errorf("%s reads of %s %+v", who, e.Action, h)
				}
			}
			found, _, err := w.tickets.Comments(t.Context(), w.people[who], id, 5, "")
			if err != nil || len(found) != 1 || found[0].Happened == nil || (found[0].Happened.SkewS != 0) != off[3] {
				t.Errorf("%s reads %+v, %v", who, found, err)
			}
		}
	})
}
