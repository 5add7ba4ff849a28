package visit_test

import (
	"errors"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/form"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/visit"
	"wangge/store"
)

// question is the schema of one question.
func question(name, more string) string {
	return `"` + name + `":{"title":"问","x-title-en":"Question"` + more + `}`
}

// newForm saves a form that asks questions.
func newForm(w *world, code, questions, required string) string {
	w.T.Helper()
	schema := `{"type":"object","properties":{` + questions + `},"required":[` + required + `]}`
	return must(w.Forms.Save(w.T.Context(), access.Program, noon, 0, form.Draft{Street: jia, Code: code, Title: form.Title{ZH: "走访表", EN: "Form"}, Schema: schema}))(w.T).ID
}

func answers(t testing.TB, text string) form.Answers {
	t.Helper()
	return must(form.ReadAnswers(text))(t)
}

// One check-in completes every visit due at the household, on one sheet, with the last answers offered.
func TestOneStopForAllThatIsDue(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		h := w.Household(east, household.TagInput{Code: elderTag}, household.TagInput{Code: "family_in_difficulty"})
		elders, poor := terms(weekly), terms("FREQ=WEEKLY;BYDAY=MO,TU")
		elders.Form = newForm(w, "elder", question("health", `,"oneOf":[{"const":"good","title":"良好"},{"const":"poor","title":"较差"}]`)+","+question("phone", ""), `"health"`)
		poor.Tag, poor.Form, poor.Team = "family_in_difficulty", newForm(w, "poor", question("income", `,"type":"number"`)+","+question("phone", ""), `"income"`), []string{w.IDs["second"]}
		w.Active(jia, elders)
		w.Active(jia, poor)
		due := w.Of(h.ID)[:2]
		stop := w.CheckIn("worker", noon, arrival(h, 20))
		if len(stop.Visits) != 2 {
			t.Fatalf("checked in %d visits", len(stop.Visits))
		}
		sheet := must(w.Stops.Sheet(t.Context(), w.As("worker"), stop.ID))(t)
		if n := len(sheet.Questions); n != 3 || len(sheet.Offered) != 0 {
			t.Errorf("%d questions, offered %v", n, sheet.Offered)
		}
		finish := func(in visit.Completion) error {
			_, err := w.Stops.Complete(t.Context(), w.As("worker"), noon.Add(10*time.Minute), stop.ID, 0, in, nil)
			return err
		}
		for _, c := range []struct {
			in   visit.Completion
			want string
		}{
			{visit.Completion{}, "/result"},
			{visit.Completion{Result: visit.Met}, "/answers/health /answers/income"},
			{visit.Completion{Result: visit.Met, Answers: answers(t, `{"health":"dead","income":1,"x":2}`)}, "/answers/health /answers/x"},
			{visit.Completion{Result: visit.Refused, Answers: answers(t, `{"health":"good"}`)}, "/answers"},
			{visit.Completion{Result: visit.NoAnswer, Promises: []visit.NewPromise{{ids.New(), "", "2026-03-01"}}, Needs: []visit.Need{{Category: "Ü"}}, Aids: []visit.NewAid{{}}},
				"/aids/0/title /needs/0/category /needs/0/title /promises/0/dueOn /promises/0/text"},
			{visit.Completion{Result: visit.NoAnswer, Photos: []string{ids.New()}}, "/photos/0"},
		} {
			if err := finish(c.in); pointers(err) != c.want {
				t.Errorf("%+v: %v, want %s", c.in, err, c.want)
			}
		}
		done := visit.Completion{Result: visit.Met, Answers: answers(t, `{"health":"poor","income":900,"phone":"1"}`), Note: "独居", Photos: []string{w.Upload("worker", 1)},
			Promises: []visit.NewPromise{{ids.New(), "送药", "2026-03-05"}}, Aids: []visit.NewAid{{ids.New(), "米油", ""}}, Needs: []visit.Need{{ID: ids.New(), Category: "pipe_dispute", Title: "漏水"}}}
		for range 2 { // sent again, nothing changes
			if err := finish(done); err != nil {
				t.Fatal(err)
			}
		}
		done.Note = "其他"
		if err := finish(done); code(err) != "wrong_state" {
			t.Errorf("another completion: %v", err)
		}
		for _, was := range due {
			v := w.Visit(was.ID)
			if v.State != visit.Completed || !v.Covered || v.Result != visit.Met || v.Channel != visit.Home || v.Stop != stop.ID || !v.EscalateAt.IsZero() {
				t.Errorf("it is %+v", v)
			}
		}
		if got := must(household.Load(t.Context(), w.Store, h.ID))(t); !got.LastVisitedAt.Equal(noon) {
			t.Errorf("last visited %s", got.LastVisitedAt)
		}
		held, _, err := w.Works.List(t.Context(), w.As("lead"), visit.WorkFilter{Kinds: []visit.WorkKind{visit.Aid}})
		if err != nil || len(held) != 1 || held[0].Household != h.ID || held[0].Stop != stop.ID {
			t.Errorf("aid: %v, %v", held, err)
		}
		tuesday := noon.Add(day)
		next := w.CheckIn("worker", tuesday, arrival(h, 5)) // the poor's second visit of the week
		sheet = must(w.Stops.Sheet(t.Context(), w.As("worker"), next.ID))(t)
		if got := sheet.Offered.Text(); got != `{"income":900,"phone":"1"}` || len(sheet.Promises) != 1 || sheet.Promises[0].Text != "送药" {
			t.Errorf("offered %s, promised %v", got, sheet.Promises)
		}
		if got := must(w.Stops.Answers(t.Context(), w.As("lead"), must(w.Stops.Get(t.Context(), w.As("lead"), stop.ID))(t)))(t)["elder"].Text(); got != `{"health":"poor","phone":"1"}` {
			t.Errorf("the lead reads %s", got)
		}
		for _, e := range w.Journal(jia, "") {
			for _, v := range e.Dims {
				if len(v) > 60 {
					t.Errorf("the journal says %q", v)
				}
			}
		}
	})
}

func TestCheckingIn(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		h, quiet := w.Elder(east), w.Household(east)
		w.Active(jia, terms(weekly))
		try := func(who string, in visit.Arrival) error {
			_, err := w.Stops.CheckIn(t.Context(), w.As(who), noon, in)
			return err
		}
		for who, want := range map[string]error{"other worker": domain.ErrNotFound, "resident": domain.ErrNotFound, "second": domain.ErrNotFound,
			"counter": domain.ErrNotFound, "dispatcher": domain.ErrNotFound, "community": domain.ErrForbidden, "manager": domain.ErrForbidden} {
			if err := try(who, arrival(h, 1)); !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", who, err, want)
			}
		}
		bad := arrival(h, 1)
		bad.Position = nil
		if err := try("worker", bad); pointers(err) != "/position" {
			t.Errorf("at home without a position: %v", err)
		}
		bad.Channel = "letter"
		if err := try("worker", bad); pointers(err) != "/channel" {
			t.Errorf("by letter: %v", err)
		}
		if err := try("worker", visit.Arrival{ID: ids.New(), Household: ids.New(), Channel: visit.Phone}); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("nowhere: %v", err)
		}
		if err := try("worker", arrival(quiet, 1)); code(err) != "nothing_due" {
			t.Errorf("nothing due: %v", err)
		}
		early := arrival(h, 1)
		if _, err := w.Stops.CheckIn(t.Context(), w.As("worker"), noon.Add(-day), early); code(err) != "nothing_due" {
			t.Errorf("too early: %v", err)
		}
		in := visit.Arrival{ID: ids.New(), Household: h.ID, Channel: visit.Phone}
		first := w.CheckIn("worker", noon, in)
		if again := w.CheckIn("worker", noon.Add(time.Hour), in); again.Version != first.Version || !again.At.Equal(first.At) {
			t.Errorf("sent again: %+v", again)
		}
		if err := try("lead", in); code(err) != "duplicate" {
			t.Errorf("the same id by another: %v", err)
		}
		if _, err := w.Stops.Complete(t.Context(), w.As("lead"), noon, first.ID, 0, visit.Completion{Result: visit.Met}, nil); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("another completes: %v", err)
		}
		if _, err := w.Stops.Complete(t.Context(), w.As("second"), noon, first.ID, 0, visit.Completion{Result: visit.Met}, nil); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("a stranger completes: %v", err)
		}
		if _, err := w.Stops.Complete(t.Context(), w.As("worker"), noon, first.ID, first.Version+1, visit.Completion{Result: visit.Met}, nil); !errors.Is(err, domain.ErrStale) {
			t.Errorf("another version: %v", err)
		}
		spot := arrival(quiet, 1)
		spot.OnTheSpot = true
		stop := w.Complete("worker", noon.Add(time.Minute), w.CheckIn("worker", noon, spot), visit.Completion{Result: visit.Met})
		if got := said(w.Of(quiet.ID)); got != "03-02 completed ad_hoc" || len(stop.Visits) != 1 {
			t.Errorf("on the spot: %s", got)
		}
	})
}

// A household that moved to another street takes no visit of the old one along, also before that is settled.
func TestCheckingInAfterAMove(t *testing.T) {
	w := onSQLite(t, rehearse)
	h := w.Elder(east)
	w.Active(jia, terms(weekly))
	address := household.Address{Estate: "平江路", Building: "1", Room: "1"}
	h = must(w.Households.Move(t.Context(), access.Program, noon, h.ID, 0, household.Relocation{Address: address, Position: at[other], Datum: "wgs84"}))(t)
	for who, want := range map[string]string{"other worker": "nothing_due", "worker": ""} {
		_, err := w.Stops.CheckIn(t.Context(), w.As(who), noon, arrival(h, 1))
		if code(err) != want || want == "" && !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("the %s: %v", who, err)
		}
	}
}

// Whoever opens needs does it in the same transaction: when it fails, nothing is done.
func TestNeedsAreOpened(t *testing.T) {
	w := onSQLite(t, rehearse)
	h := w.Elder(east)
	w.Active(jia, terms(weekly))
	stop := w.CheckIn("worker", noon, arrival(h, 1))
	in := visit.Completion{Result: visit.Met, Needs: []visit.Need{{ID: "n", Category: "noise", Title: "噪声", Opened: &visit.Link{"ticket", "forged"}}}}
	full := errors.New("no")
	later := noon.Add(time.Hour)
	if _, err := w.Stops.Complete(t.Context(), w.As("worker"), later, stop.ID, 0, in,
		func(*store.Tx, *household.Household, visit.Need) (visit.Link, error) { return visit.Link{}, full }); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
	if got := w.Of(h.ID)[0]; got.State != visit.CheckedIn {
		t.Errorf("it is %s", got.State)
	}
	stop = must(w.Stops.Complete(t.Context(), w.As("worker"), later, stop.ID, 0, in,
		func(_ *store.Tx, h *household.Household, n visit.Need) (visit.Link, error) {
			return visit.Link{"ticket", h.ID + n.ID}, nil
		}))(t)
	if got := stop.Needs[0].Opened; got == nil || *got != (visit.Link{"ticket", h.ID + "n"}) {
		t.Errorf("opened %v", got)
	}
}

// Two knocks in a row that nobody answers raise an alert at an elder's, and
// only there; meeting somebody, or a lead, clears it.
func TestSilenceRaisesAnAlert(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		elder, young := w.Elder(east), w.Household(east)
		at := noon
		knock := func(h *household.Household, r visit.Result) visit.Alert {
			at = at.Add(2 * time.Hour)
			return w.Called("worker", at, h, r).Alert
		}
		for _, c := range []struct {
			h    *household.Household
			r    visit.Result
			want visit.Alert
		}{
			{elder, visit.NoAnswer, visit.NoAlert}, {elder, visit.Met, visit.NoAlert}, {elder, visit.NoAnswer, visit.NoAlert}, {elder, visit.Refused, visit.NoAlert}, {elder, visit.NoAnswer, visit.NoAlert},
			{young, visit.NoAnswer, visit.NoAlert}, {young, visit.NoAnswer, visit.NoAlert}, {elder, visit.NoAnswer, visit.Raised}, {elder, visit.NoAnswer, visit.NoAlert},
		} {
			if got := knock(c.h, c.r); got != c.want {
				t.Errorf("%s at %s raises %q, want %q", c.r, c.h.ID, got, c.want)
			}
		}
		queue := func() []*visit.Stop {
			list, _, err := w.Reviews.Queue(t.Context(), w.As("lead"), visit.InAlert, "", "", 0, "")
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		if q := queue(); len(q) != 1 || q[0].Household != elder.ID || len(w.Journal(jia, "stop.welfare_alert")) != 1 {
			t.Fatalf("waiting: %v", q)
		}
		raised := queue()[0]
		if _, err := w.Reviews.ClearAlert(t.Context(), w.As("worker"), at, raised.ID, 0, "已联系子女"); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("the worker clears: %v", err)
		}
		must(w.Reviews.ClearAlert(t.Context(), w.As("lead"), at, raised.ID, 0, "已联系子女"))(t)
		if q := queue(); len(q) != 0 {
			t.Errorf("still waiting: %v", q)
		}
		if got := knock(elder, visit.NoAnswer); got != visit.Raised {
			t.Errorf("silent still: %q", got)
		}
		knock(elder, visit.Met)
		if q := queue(); len(q) != 0 || len(w.Journal(jia, "stop.clear_alert")) != 2 {
			t.Errorf("met, and waiting: %v", q)
		}
	})
}
