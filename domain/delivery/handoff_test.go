package delivery

import (
	"testing"
	"time"

	"wangge/domain/notice"
	"wangge/domain/retry"
)

// due is a hand-off that waits since noon.
func due(n string, of notice.Importance) *Handoff {
	h := &Handoff{}
	h.next(&Handoff{Notice: n, Importance: of}, noon)
	return h
}

func TestAfterATry(t *testing.T) {
	at := noon.Add(time.Second)
	for _, c := range []struct {
		name  string
		of    notice.Importance
		o     Outcome
		state Progress
		wait  time.Duration
	}{
		{"taken", notice.Task, Outcome{State: Taken}, Done, 0},
		{"later", notice.Task, Outcome{State: Later}, Due, 5 * time.Second},
		{"as asked", notice.Task, Outcome{State: Later, After: time.Hour}, Due, time.Hour},
		{"as asked, too late", notice.News, Outcome{State: Later, After: 13 * time.Hour}, Failed, 0},
		{"urgent is tried soon", notice.Urgent, Outcome{State: Later}, Due, 2 * time.Second},
		{"never", notice.Task, Outcome{State: Never}, Failed, 0},
		{"gone", notice.Task, Outcome{State: Gone}, Failed, 0},
		{"spent", notice.Task, Outcome{State: Spent}, Failed, 0},
		{"broken", notice.Task, Outcome{State: Broken}, Due, 5 * time.Second},
		{"garbage", notice.Task, Outcome{State: "?"}, Failed, 0},
		{"a key was fetched: at once", notice.Task, Outcome{State: Later, Key: "cid"}, Due, 0},
	} {
		h := due("one", c.of)
		h.after(h, c.o, at, 0.5)
		wait := h.DueAt.Sub(at)
		if h.DueAt.IsZero() {
			wait = 0
		}
		if h.State != c.state || wait != c.wait || h.Expires.IsZero() != (c.state == Due) {
			t.Errorf("%s: %s, due after %s", c.name, h.State, wait)
		}
	}
}

// However a channel answers, a hand-off ends; that its channel is broken is no try.
func TestEveryHandoffEnds(t *testing.T) {
	for of, life := range lives {
		for _, o := range []Outcome{{State: Later}, {State: Broken}, {State: Later, Key: "k"}, {State: Later, After: time.Minute}} {
			h, at := due("one", of), noon
			for tries := 0; h.State == Due; tries++ {
				if h.DueAt.Before(at) || tries > 100000 {
					t.Fatalf("%s %+v: it goes on for ever", of, o)
				}
				at = h.DueAt
				again := o
				if o.Key != "" {
					again.Key += at.String()
				}
				h.after(h, again, at, 1)
			}
			if at.Sub(noon) > life {
				t.Errorf("%s %+v: tried after %s", of, o, at.Sub(noon))
			}
		}
	}
}

// The latest notice takes the place of one that waits; of one that was taken meanwhile, after the window.
func TestTheLatestWins(t *testing.T) {
	h := due("one", notice.Task)
	first := *h
	h.next(&Handoff{Notice: "two", Importance: notice.Task}, noon.Add(time.Minute))
	if h.Notice != "two" || !h.DueAt.Equal(noon.Add(time.Minute)) {
		t.Errorf("%+v", h)
	}
	h.after(&first, Outcome{State: Later}, noon.Add(time.Minute), 0.5)
	if h.State != Due || h.Tries != 0 || !h.DueAt.Equal(noon.Add(time.Minute)) {
		t.Errorf("after what became of the other: %+v", h)
	}
	h.after(&first, Outcome{State: Taken}, noon.Add(2*time.Minute), 0.5)
	if h.State != Due || !h.DueAt.Equal(noon.Add(2*time.Minute+Window)) {
		t.Errorf("after the other was taken: %s, due %s", h.State, h.DueAt)
	}
	h.after(h, Outcome{State: Taken}, h.DueAt, 0.5)
	h.next(&Handoff{Notice: "three", Importance: notice.Task}, h.Taken.Add(time.Minute))
	if h.State != Due || !h.DueAt.Equal(h.Taken.Add(Window)) {
		t.Errorf("a third: %s, due %s", h.State, h.DueAt)
	}
}

func TestCircuitOfAChannel(t *testing.T) {
	c := &Circuit{}
	if c.after(Outcome{State: Taken}, noon, 0.5) || c.after(Outcome{State: Later, Key: "k"}, noon, 0.5) && c.Failures != 0 {
		t.Errorf("%+v", c)
	}
	if !c.after(Outcome{State: Broken, Code: "2003"}, noon, 0.5) || !c.Waits(noon) || !c.Open() || !c.Broken || c.Code != "2003" || !c.Since.Equal(noon) {
		t.Errorf("broken: %+v", c)
	}
	at := c.OpenUntil
	if !c.after(Outcome{State: Broken, Code: "2004"}, at, 0.5) || !c.Waits(at) || !c.Since.Equal(noon) {
		t.Errorf("still broken: %+v", c)
	}
	for _, o := range []State{Never, Gone, Spent, Taken} { // the channel works
		c := &Circuit{Circuit: retry.Circuit{Failures: 9, OpenUntil: noon}, Broken: true, Since: noon, Code: "x"}
		if !c.after(Outcome{State: o}, noon, 0.5) || c.Open() || c.Broken || c.Code != "" || !c.Since.IsZero() {
			t.Errorf("%s: %+v", o, c)
		}
	}
}
