package ticket

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/clocks"
	"wangge/domain/ids"
	"wangge/domain/todo"
	"wangge/store"
)

// take takes an action at a time, and returns the ticket or how it was refused.
func (w *world) take(who string, now time.Time, id string, m ActionInput) (*Ticket, error) {
	return w.tickets.TakeAction(w.t.Context(), w.people[who], now, id, 0, m)
}

// open lists the kinds of what somebody is asked and told, and has not done.
func (w *world) open(who string) string {
	w.t.Helper()
	page, _, err := todo.New(w.st).List(w.t.Context(), w.people[who], noon, todo.Filter{Open: new(true), Limit: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, it := range page {
		if it.Kind == ClockWarns || it.Kind == ClockOver { // clocks run beside
			continue
		}
		out = append(out, strings.TrimPrefix(string(it.Kind), "ticket_"))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func (w *world) clock() store.Lease {
	w.t.Helper()
	return must(w.st.Acquire(w.t.Context(), clockLease, "node", 24*365*time.Hour))(w.t)
}

// wake rings what is due at a time, until nothing is.
func (w *world) wake(lease store.Lease, now time.Time) {
	w.t.Helper()
	for range 20 {
		must(w.tickets.waking().Pass(w.t.Context(), w.st, lease, now))(w.t)
	}
}

var ask = ActionInput{Action: Ask, Question: " 哪一户？ "}

// A question waits for who reported, survives corrections and merges as it was,
// is recalled to them at half of its time, and ends by their answer.
func TestAQuestionIsAnswered(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		lease, into := w.clock(), w.report("neighbour", east).ID
		id := w.report("resident", east).ID
		once := ask
		once.ID = ids.New()
		for range 2 {
			w.move("lead", id, once)
		}
		got := w.get(id)
		want := Question{Text: "哪一户？", By: w.people["lead"].Account, At: noon, From: Reported, Stops: true,
			RemindAt: time.Date(2026, 11, 26, 2, 30, 0, 0, time.UTC), LapsesAt: time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)}
		if got.State != AwaitingReporter || *got.Question != want || got.Asked != 1 || w.open("resident") != "asked" {
			t.Fatalf("asked: %+v, %+v; the resident has %s", got, got.Question, w.open("resident"))
		}
		if c := got.Clock(clocks.Accept); c == nil || !c.StillSince().Equal(noon) {
			t.Errorf("the clock runs: %+v", c)
		}
		w.move("lead", id, ActionInput{Action: Correct, Category: "parking"})
		w.wake(lease, want.RemindAt)
		if got := w.open("resident"); got != "asked asked_reminder" {
			t.Errorf("at half of the time the resident has %s", got)
		}
		was := w.get(id)
		merged := must(w.take("lead", want.RemindAt, id, merge(into)))(t)
		if merged.State != Merged || w.open("resident") != "" {
			t.Errorf("merged: %s, the resident has %s", merged.State, w.open("resident"))
		}
		later := want.RemindAt.Add(time.Hour)
		back := must(w.take("lead", later, id, ActionInput{Action: Unmerge}))(t)
		if back.State != AwaitingReporter || *back.Question != *was.Question || !lapsesAt(back).Equal(want.LapsesAt) || w.open("resident") != "asked" {
			t.Errorf("taken out: %+v, %+v; the resident has %s", back, back.Question, w.open("resident"))
		}
		for name, c := range map[string]struct {
			who, want string
			m         ActionInput
		}{
			"nothing said":       {"resident", "/answer", ActionInput{Action: Answer, Answer: " "}},
			"too much":           {"resident", "/answer", ActionInput{Action: Answer, Answer: strings.Repeat("字", noteLongest+1)}},
			"somebody else":      {"worker", "forbidden", ActionInput{Action: Answer, Answer: "三楼"}},
			"taken back by them": {"resident", "forbidden", ActionInput{Action: Unask}},
			"accepted meanwhile": {"lead", "wrong_state", ActionInput{Action: Accept}},
			"by the program":     {"", "not_due", ActionInput{Action: Unanswered}},
		} {
			actor := w.people[c.who]
			if c.who == "" {
				actor = program
			}
			_, err := w.tickets.TakeAction(t.Context(), actor, later, id, 0, c.m)
			if got := strings.Join(pointers(err), " ") + code(err); got != c.want && !(c.want == "forbidden" && errors.Is(err, domain.ErrForbidden)) {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
		}
		answered := must(w.take("resident", later, id, ActionInput{Action: Answer, Answer: "三楼", Photos: []string{w.upload("resident")}}))(t)
		if answered.State != Reported || answered.Question != nil || len(answered.Photos) != 1 || w.open("resident") != "" || w.open("lead") != "answered" {
			t.Errorf("answered: %+v; the resident has %s, the lead %s", answered, w.open("resident"), w.open("lead"))
		}
		w.wake(lease, want.LapsesAt.Add(time.Hour))
		if got := w.get(id); got.State != Reported || got.Unanswered {
			t.Errorf("it lapsed though it was answered: %+v", got)
		}
		// Who reported reads what was asked and answered, and who of them spoke.
		events, _, err := w.tickets.Timeline(t.Context(), w.people["resident"], id, 50, "")
		var read []string
		for _, e := range events {
			read = append(read, string(e.Action)+" "+e.Role+" "+e.Question+e.Answer)
		}
		if got := strings.Join(read, "; "); err != nil || got != "report reporter ; ask staff 哪一户？; correct staff ; remind system ; merge staff ; unmerge staff ; answer reporter 三楼" {
			t.Errorf("the timeline: %s, %v", got, err)
		}
	})
}

// Without an answer it goes on, and says so; a lead may enter the words, take
// the question back, and stops the clocks twice at most.
func TestAQuestionIsNotAnswered(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		lease, id := w.clock(), w.report("resident", east).ID
		w.move("lead", id, ActionInput{Action: Accept})
		asked := w.move("lead", id, ask)
		w.wake(lease, asked.Question.LapsesAt.Add(-time.Second))
		if got := w.get(id); got.State != AwaitingReporter {
			t.Errorf("it lapsed too early: %+v", got)
		}
		lapse := asked.Question.LapsesAt
		w.wake(lease, lapse)
		if got := w.get(id); got.State != Accepted || !got.Unanswered || got.Question != nil || w.open("resident") != "" || w.open("lead") != "unanswered" {
			t.Errorf("lapsed: %+v; the resident has %s, the lead %s", got, w.open("resident"), w.open("lead"))
		}
		again := must(w.take("lead", lapse, id, ask))(t)
		if again.Unanswered || !again.Question.Stops {
			t.Errorf("asked again: %+v", again.Question)
		}
		entered := must(w.take("dispatcher", lapse, id, ActionInput{Action: Answer, Answer: "电话里说三楼"}))(t)
		if entered.State != Accepted || w.open("lead") != "answered unanswered" {
			t.Errorf("entered: %+v; the lead has %s", entered, w.open("lead"))
		}
		events, _, _ := w.tickets.Timeline(t.Context(), w.people["lead"], id, 50, "")
		if last := events[len(events)-1]; last.Role != "staff" || last.Answer != "电话里说三楼" || last.Actor != w.people["dispatcher"].Account {
			t.Errorf("who entered it: %+v", last)
		}
		third := must(w.take("lead", lapse, id, ask))(t)
		if c := third.Clock(clocks.Promise); third.Question.Stops || third.Asked != 3 || c == nil || !c.StillSince().IsZero() {
			t.Errorf("the third question: %+v, the clock %+v", third.Question, c)
		}
		if back := must(w.take("lead", lapse, id, ActionInput{Action: Unask}))(t); back.State != Accepted || back.Question != nil || w.open("resident") != "" {
			t.Errorf("taken back: %+v", back)
		}
		must(w.take("lead", lapse, id, ask))(t)
		if gone := must(w.take("resident", lapse, id, ActionInput{Action: Withdraw}))(t); gone.State != Withdrawn || gone.Question != nil || w.open("resident") != "" {
			t.Errorf("withdrawn: %+v; the resident has %s", gone, w.open("resident"))
		}
	})
}

// Only who has an account or a phone can be asked.
func TestWhoCanBeAsked(t *testing.T) {
	for name, c := range map[string]struct {
		with func(*Ticket)
		want string
	}{
		"an account":           {func(*Ticket) {}, ""},
		"anonymous, signed in": {func(t *Ticket) { t.Anonymous = true }, ""},
		"a phone":              {func(t *Ticket) { t.Reporter, t.Contact = "", &Contact{PhoneMasked: "138****0001"} }, ""},
		"a name":               {func(t *Ticket) { t.Reporter, t.Contact = "", &Contact{NameMasked: "王*"} }, "unreachable"},
		"nothing":              {func(t *Ticket) { t.Reporter = "" }, "unreachable"},
	} {
		ticket := in(Reported)
		c.with(ticket)
		_, err := act(ticket, relations["lead"], complete(Ask), noon)
		told := slices.Contains(ticket.allowed(occasion{actor: relations["lead"], now: noon, policy: usual}), string(Ask))
		if got := code(err); got != c.want || (c.want == "") != (err == nil) || c.want != "" && told {
			t.Errorf("%s: %v, told %v", name, err, told)
		}
	}
	if _, err := act(in(Reported), relations["lead"], &ActionInput{Action: Ask, Question: " "}, noon); !slices.Equal(pointers(err), []string{"/question"}) {
		t.Errorf("asked nothing: %v", err)
	}
}

// A consultation is answered in one step, or with its report: nobody has handled it.
func TestReplies(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		question := func(who string, d Draft, answer string) (*Ticket, error) {
			d.Kind, d.Answer = Consultation, answer
			return w.tickets.Report(t.Context(), w.people[who], noon, d)
		}
		id := must(question("resident", draft(east), ""))(t).ID
		for who, want := range map[string]error{"resident": domain.ErrForbidden, "worker": domain.ErrForbidden} {
			if _, err := w.take(who, noon, id, ActionInput{Action: Reply, Answer: "周一来"}); !errors.Is(err, want) {
				t.Errorf("%s replies: %v", who, err)
			}
		}
		if _, err := w.take("lead", noon, id, ActionInput{Action: Reply}); !slices.Equal(pointers(err), []string{"/answer"}) {
			t.Errorf("without an answer: %v", err)
		}
		reply := ActionInput{ID: ids.New(), Action: Reply, Answer: "周一来"}
		for range 2 {
			got := must(w.take("lead", noon, id, reply))(t)
			if got.State != Closed || got.Outcome != Answered || len(got.Handled) != 0 || got.Resolved != nil || got.Verified != "" || !got.ClosedAt.Equal(noon) || w.open("resident") != "replied" {
				t.Errorf("replied: %+v; the resident has %s", got, w.open("resident"))
			}
		}
		reopened := must(w.tickets.TakeAction(t.Context(), w.people["resident"], noon, id, 0, ActionInput{Action: Reopen, Reason: "没听明白"}))(t)
		if reopened.State != Accepted || !access.MayVerify(w.people["lead"], reopened.Facts()) {
			t.Errorf("reopened: %+v", reopened)
		}
		if _, err := w.take("lead", noon, w.report("resident", east).ID, reply); code(err) != "no_consultation" {
			t.Errorf("what is no consultation: %v", err)
		}

		d := draft(east)
		for range 2 {
			got := must(question("dispatcher", d, "周一来"))(t)
			if got.ID != d.ID || got.State != Closed || got.Outcome != Answered || got.Version != 1 {
				t.Errorf("answered at once: %+v", got)
			}
		}
		if _, err := question("dispatcher", d, "周二来"); code(err) != "duplicate" {
			t.Errorf("another answer under the id: %v", err)
		}
		atCounter := draft(other)
		atCounter.For = &Resident{Name: "王秀英", Phone: "13800000002"}
		if got, err := question("counter", atCounter, "周一来"); err != nil || got.State != Closed || w.open("neighbour") != "replied" {
			t.Errorf("at a counter: %+v, %v; the neighbour has %s", got, err, w.open("neighbour"))
		}
		events, _, err := w.tickets.Timeline(t.Context(), w.people["counter"], atCounter.ID, 50, "")
		if err != nil || len(events) != 2 || events[0].Action != Report || events[0].Answer != "" || events[1].Action != Reply || events[1].Answer != "周一来" || events[1].From != Reported {
			t.Errorf("its timeline: %+v, %v", events, err)
		}
		for _, who := range []string{"resident", "worker"} {
			free := draft(east)
			if _, err := question(who, free, "周一来"); !errors.Is(err, domain.ErrForbidden) {
				t.Errorf("%s answers what they report: %v", who, err)
			}
			if _, err := collection.Get(t.Context(), w.st, free.ID); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("it was half made: %v", err)
			}
		}
		help := draft(east)
		help.Answer = "周一来"
		if _, err := w.tickets.Report(t.Context(), w.people["lead"], noon, help); !slices.Equal(pointers(err), []string{"/answer"}) {
			t.Errorf("what is no consultation, answered at once: %v", err)
		}
	})
}

// Who reported says whether it is solved, until it is reworked, and urges once in
// some days; the street's manager supervises: who has it and who leads it are told.
func TestSaidUrgedAndSupervised(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		id := w.to(Resolved)
		for _, m := range []ActionInput{{Action: Dispute, Reason: "还在漏"}, {Action: Confirm, Reason: "好了"}} {
			w.move("resident", id, m)
		}
		if s := w.get(id).Said; s == nil || !s.Solved || s.Words != "好了" || !s.At.Equal(noon) {
			t.Errorf("said %+v", s)
		}
		if _, err := w.take("resident", noon, id, ActionInput{Action: Dispute}); !slices.Equal(pointers(err), []string{"/reason"}) {
			t.Errorf("disputed without a word: %v", err)
		}
		if got := w.move("lead", id, ActionInput{Action: Rework, Reason: "再修"}); got.Said != nil {
			t.Errorf("after rework: %+v", got.Said)
		}
		w.move("resident", id, ActionInput{Action: Urge})
		var conflict *domain.ConflictError
		if _, err := w.take("resident", noon.Add(3*day-time.Minute), id, ActionInput{Action: Urge}); !errors.As(err, &conflict) || conflict.Code != "too_soon" || conflict.RetryAfter != time.Minute || !strings.Contains(conflict.Detail.ZH, "2026-11-26 12:00") {
			t.Errorf("urged again: %v", err)
		}
		must(w.take("resident", noon.Add(3*day), id, ActionInput{Action: Urge}))(t)
		got := must(w.take("manager", noon, id, ActionInput{Action: Supervise, Reason: "久拖不决"}))(t)
		if got.Urgency != Urgent || len(got.Urged) != 2 || len(got.Supervised) != 1 || w.open("worker") != "supervised urged urged" {
			t.Errorf("%+v; the worker has %s", got, w.open("worker"))
		}
		if _, err := w.take("dispatcher", noon, id, ActionInput{Action: Supervise, Reason: "快"}); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("a dispatcher supervises: %v", err)
		}
		events, _, _ := w.tickets.Timeline(t.Context(), w.people["resident"], id, 50, "")
		if last := events[len(events)-1]; last.Action != Supervise || last.Reason != "" {
			t.Errorf("the resident reads %+v", last)
		}
		must(w.take("worker", noon, id, ActionInput{Action: Resolve, Outcome: "fixed"}))(t)
		if got := w.open("worker"); got != "" {
			t.Errorf("once it is resolved the worker has %s", got)
		}
	})
}
