package rating

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/ids"
	"wangge/domain/intake"
	"wangge/domain/worldtest"
	"wangge/store"
)

// badly rates something badly and returns what that opened, as its id.
func (w *world) badly(about About, grade int) string {
	w.t.Helper()
	return must(w.rate("resident", noon.Add(time.Hour), about, grade))(w.t).ID
}

// A bad case is put right by who directs the station, a bad visit by who leads
// the cell; somebody else calls back; who is satisfied closes it.
func TestRectification(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		for _, c := range []struct {
			name  string
			about About
			who   string
		}{{"case", w.done("insurance", noon), "director"}, {"visit", w.met(noon), "lead"}} {
			id := w.badly(c.about, 2)
			r := must(w.ratings.Rectification(t.Context(), w.people[c.who], id))(t)
			if r.Responsible != w.people[c.who].Account || r.State != Open || !r.DueAt.Equal(time.Date(2026, 11, 30, 16, 0, 0, 0, time.UTC)) || r.Words != "等了很久" {
				t.Fatalf("%s: opened %+v", c.name, r)
			}
			if got := w.asked(c.who); !slices.Equal(got, []string{"rectification"}) {
				t.Errorf("%s: %s is asked %v", c.name, c.who, got)
			}
			for _, hidden := range []string{"counter", "worker", "resident", "dispatcher", "other manager"} {
				if _, err := w.ratings.Rectification(t.Context(), w.people[hidden], id); !errors.Is(err, domain.ErrNotFound) {
					t.Errorf("%s: %s sees it: %v", c.name, hidden, err)
				}
			}
			reached, missed := true, false
			step := func(who string, in ActionInput, conflict string, want error) *Rectification {
				t.Helper()
				r, err := w.act(who, noon.Add(2*time.Hour), id, in)
				if conflict != "" && worldtest.Conflict(err) != conflict || want != nil && !errors.Is(err, want) || conflict == "" && want == nil && err != nil {
					t.Fatalf("%s: %s, %s: %v", c.name, who, in.Action, err)
				}
				return r
			}
			step(c.who, ActionInput{Action: CallBack, Reached: &reached, Grade: 5}, "", domain.ErrForbidden)
			step("community", ActionInput{Action: CallBack, Reached: &reached, Grade: 5}, "wrong_state", nil)
			step("worker", ActionInput{Action: StateResult, Text: "已致歉"}, "", domain.ErrNotFound)
			step(c.who, ActionInput{ID: "one", Action: StateResult, Text: " 已上门致歉 "}, "", nil)
			if r := step(c.who, ActionInput{ID: "one", Action: StateResult, Text: " 已上门致歉 "}, "", nil); r.State != Stated || r.Result.Text != "已上门致歉" || len(r.Applied) != 1 {
				t.Errorf("%s: sent again: %+v", c.name, r)
			}
			if got := append(w.asked(c.who), w.asked("community")...); !slices.Equal(got, []string{"rectification_callback"}) {
				t.Errorf("%s: asked %v", c.name, got)
			}
			step(c.who, ActionInput{Action: CallBack, Reached: &reached, Grade: 5}, "", domain.ErrForbidden) // of their own word
			step("manager", ActionInput{Action: CallBack, Reached: &missed}, "", nil)
			step("manager", ActionInput{Action: End}, "wrong_state", nil) // one call is not enough
			if r := step("community", ActionInput{Action: CallBack, Reached: &reached, Grade: 1, Words: "还是不行"}, "", nil); r.State != CalledBack || len(r.Calls) != 2 || r.Tries != 1 {
				t.Errorf("%s: called back %+v", c.name, r)
			}
			if r := step("community", ActionInput{Action: Again}, "", nil); r.State != Open || r.Result != nil {
				t.Errorf("%s: again %+v", c.name, r)
			}
			if got := w.asked(c.who); !slices.Equal(got, []string{"rectification"}) {
				t.Errorf("%s: %s is asked again: %v", c.name, c.who, got)
			}
			step(c.who, ActionInput{Action: StateResult, Text: "再次整改"}, "", nil)
			step("manager", ActionInput{Action: CallBack, Reached: &reached, Grade: 4, Words: "可以了"}, "", nil)
			shown := must(w.ratings.Rectification(t.Context(), w.people["community"], id))(t)
			if shown.State != Closed || shown.ClosedAt.IsZero() || !shown.Satisfied() || !slices.Equal(shown.CallWords, []string{"", "还是不行", "可以了"}) || len(shown.Allowed(w.people["community"])) != 0 {
				t.Errorf("%s: in the end %+v", c.name, shown)
			}
			if got := slices.Concat(w.asked(c.who), w.asked("community"), w.asked("manager")); len(got) != 0 {
				t.Errorf("%s: asked in the end %v", c.name, got)
			}
			own := must(w.ratings.Get(t.Context(), w.people["resident"], noon, c.about))(t)
			if own.Rectification != Closed || own.After != 4 {
				t.Errorf("%s: its rating %+v", c.name, own)
			}
		}
		for _, e := range worldtest.Journal(t, w.st, worldtest.ID(t, w.areas, worldtest.Jia)) {
			for _, v := range e.Dims {
				if strings.ContainsAny(v, "等还可已再") {
					t.Errorf("the journal has words: %+v", e)
				}
			}
		}
	})
}

// Whose work it was is neither responsible nor may be; nobody calls back about what they put right.
func TestNotOnesOwn(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		about := w.met(noon)
		id := w.badly(about, 1)
		for pointer, who := range map[string]string{"the rated": "worker", "of another street": "other manager", "a resident": "resident", "nobody": "nobody"} {
			if _, err := w.act("community", noon, id, ActionInput{Action: Assign, Assignee: w.people[who].Account + map[bool]string{true: "x"}[who == "nobody"]}); !slices.Contains(worldtest.Pointers(err), "/assignee") {
				t.Errorf("given to %s: %v", pointer, err)
			}
		}
		must(w.act("community", noon, id, ActionInput{Action: Assign, Assignee: w.people["manager"].Account}))(t)
		if got := append(w.asked("lead"), w.asked("manager")...); !slices.Equal(got, []string{"rectification"}) {
			t.Errorf("asked %v", got)
		}
		if _, err := w.act("lead", noon, id, ActionInput{Action: StateResult, Text: "x"}); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("who has it no more: %v", err)
		}
		must(w.act("manager", noon, id, ActionInput{Action: StateResult, Text: "已整改"}))(t)
		if _, err := w.act("community", noon, id, ActionInput{Action: AssignCaller, Assignee: w.people["manager"].Account}); !slices.Contains(worldtest.Pointers(err), "/assignee") {
			t.Errorf("who put it right calls back: %v", err)
		}
		must(w.act("community", noon, id, ActionInput{Action: AssignCaller, Assignee: w.people["lead"].Account}))(t)
		if got := w.asked("lead"); !slices.Equal(got, []string{"rectification_callback"}) {
			t.Errorf("asked %v", got)
		}
		missed := false
		for n := range triesEnough {
			if _, err := w.act("community", noon, id, ActionInput{Action: End}); worldtest.Conflict(err) != "wrong_state" {
				t.Errorf("ended after %d calls: %v", n, err)
			}
			must(w.act("lead", noon, id, ActionInput{Action: CallBack, Reached: &missed}))(t)
		}
		if _, err := w.act("manager", noon, id, ActionInput{Action: End}); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("ended by who put it right: %v", err)
		}
		if r := must(w.act("community", noon, id, ActionInput{Action: End}))(t); r.State != Closed || r.After() != 0 {
			t.Errorf("%+v", r)
		}
	})
}

// Who asked for something by their own account has opened its case, which is others' to see through, and
// rates it like any other; not where they see it through too.
func TestAskedForByOneself(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		at, ok := w.cases.Community(worldtest.JiaOne)
		if !ok {
			t.Fatal("no community")
		}
		opened := func(who, worker string) *intake.Case {
			actor := w.people[who]
			p := must(w.cases.Prepare(t.Context(), actor, noon, at.Street, "", intake.Draft{ID: ids.New(), Item: "insurance", Asker: actor.Account, Worker: w.people[worker].Account}))(t)
			var c *intake.Case
			must(0, w.st.Update(t.Context(), []string{at.Street}, func(tx *store.Tx) (err error) {
				c, err = p.Open(t.Context(), tx, actor, noon, intake.Home{Street: at.Street, Place: at})
				return err
			}))(t)
			return c
		}
		done := func(who string) About {
			c := opened(who, "counter")
			for _, action := range []intake.Action{intake.Accept, intake.Finish} {
				must(w.cases.TakeAction(t.Context(), w.people["director"], noon, c.ID, 0, intake.ActionInput{Action: action}))(t)
			}
			return About{Case, c.ID}
		}
		if to := must(opened("neighbour", "nobody").SeenThroughBy(t.Context(), w.st, noon))(t); !slices.Equal(to, []string{w.people["director"].Account}) {
			t.Errorf("while it is nobody's: %v", to)
		}
		id := must(w.rate("neighbour", noon, done("neighbour"), 1))(t).ID
		if r := must(w.act("community", noon, id, ActionInput{Action: StateResult, Text: "已整改"}))(t); !slices.Equal(r.Rated, []string{w.people["counter"].Account}) {
			t.Errorf("rated: %v", r.Rated)
		}
		if _, err := w.rate("counter", noon, done("counter"), 5); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("one's own work: %v", err)
		}
	})
}

// Where nobody directs the station, or it is their own work, who manages the community has it, and else the street.
func TestWhoIsNext(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		responsible := func(about About) string {
			t.Helper()
			r := must(w.ratings.Rectification(t.Context(), w.people["admin"], w.badly(about, 1)))(t)
			for who, a := range w.people {
				if a.Account == r.Responsible {
					return who
				}
			}
			return r.Responsible
		}
		w.people["counter"], w.people["director"] = w.people["director"], w.people["counter"] // who directs the station sees it through
		if got := responsible(w.done("insurance", noon)); got != "community" {
			t.Errorf("of the director's own work: %s", got)
		}
		w.people["counter"], w.people["director"] = w.people["director"], w.people["counter"]
		must(w.accounts.Update(t.Context(), w.people["admin"], noon, w.people["community"].Account, 0, account.Change{Disabled: new(true)}))(t)
		if got := responsible(w.met(noon)); got != "lead" {
			t.Errorf("of a visit: %s", got)
		}
		must(w.accounts.SetStaff(t.Context(), access.Program, noon, worldtest.East, []area.Post{{Account: w.people["worker"].Account, Role: access.OutreachWorker}}, nil, 0))(t)
		must(0, w.areas.Refresh(t.Context()))(t)
		if got := responsible(w.met(noon)); got != "manager" {
			t.Errorf("where nobody leads or manages the community: %s", got)
		}
	})
}

// What is not put right in time is told to the next level, once.
func TestEscalatedOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		id := w.badly(w.done("insurance", noon), 1)
		due := must(w.ratings.Rectification(t.Context(), w.people["manager"], id))(t).DueAt
		for _, at := range []time.Time{due.Add(-time.Minute), due, due.Add(time.Hour)} {
			must(w.ratings.due().Pass(t.Context(), w.st, w.lease, at))(t)
			want := []string{"rectification_overdue"}
			if at.Before(due) {
				want = nil
			}
			if got := w.asked("community"); !slices.Equal(got, want) {
				t.Errorf("at %v the community is told %v", at, got)
			}
			list, _, err := w.ratings.Rectifications(t.Context(), w.people["manager"], RectificationFilter{Overdue: at})
			if err != nil || (len(list) == 1) == at.Before(due) {
				t.Errorf("overdue at %v: %v, %v", at, list, err)
			}
		}
		entries := slices.DeleteFunc(worldtest.Journal(t, w.st, worldtest.ID(t, w.areas, worldtest.Jia)), func(e *store.Entry) bool { return e.Action != "rectification.escalate" })
		if len(entries) != 1 {
			t.Errorf("escalated %d times", len(entries))
		}
		must(w.act("director", due.Add(2*time.Hour), id, ActionInput{Action: StateResult, Text: "已整改"}))(t)
		if got := w.asked("community"); !slices.Equal(got, []string{"rectification_callback"}) {
			t.Errorf("then %v", got)
		}
	})
}

// Of a sensitive case who manages there learns that it is there, and no more.
func TestSensitive(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		id := w.badly(w.done("allowance", noon), 1)
		for who, want := range map[string]string{"community": "", "manager": "", "director": "等了很久"} {
			r := must(w.ratings.Rectification(t.Context(), w.people[who], id))(t)
			if r.Words != want || r.Whole != (want != "") || r.Title != map[bool]string{true: "最低生活保障申请"}[want != ""] {
				t.Errorf("%s is shown %+v", who, r)
			}
		}
		lines, _, err := w.ratings.List(t.Context(), w.people["manager"], Filter{})
		if l := must(lines, err)(t)[0]; l.Shown || l.Words != "" || l.Item != "" || l.Station != "" {
			t.Errorf("%+v", l)
		}
	})
}

// Steps that lack something, or bring what is not asked for, name it.
func TestStepsAreChecked(t *testing.T) {
	reached, missed := true, false
	for want, in := range map[string]ActionInput{
		"/action": {Action: "love"}, "/assignee": {Action: Assign}, "/text": {Action: StateResult}, "/reached": {Action: CallBack}, "/grade": {Action: CallBack, Reached: &reached},
		"/grade /words": {Action: CallBack, Reached: &missed, Grade: 3, Words: "x"}, "/text /reached": {Action: End, Text: "x", Reached: &missed},
	} {
		if got := strings.Join(worldtest.Pointers(in.check()), " "); got != want {
			t.Errorf("%+v: %q, want %q", in, got, want)
		}
	}
}
