package ticket

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/domain/todo"
)

// act is an action at a time, with how it ended: nothing, the code of a
// conflict, the fields that are wrong, or the error itself.
func (w *world) act(who, id string, at time.Time, m ActionInput) string {
	w.t.Helper()
	if m.ID == "" {
		m.ID = ids.New()
	}
	_, err := w.tickets.TakeAction(w.t.Context(), w.people[who], at, id, 0, m)
	switch {
	case err == nil:
		return ""
	case code(err) != "":
		return code(err)
	case len(pointers(err)) > 0:
		return strings.Join(pointers(err), " ")
	}
	return err.Error()
}

// todos are the kinds of what somebody has open about a ticket, but for those of its clocks.
func (w *world) todos(who, id string) string {
	w.t.Helper()
	open := true
	todos := todo.New(w.st)
	todos.Sights["ticket"] = todo.Each(func(ctx context.Context, actor access.Actor, _ time.Time, id string) error {
		_, _, err := w.tickets.Get(ctx, actor, id)
		return err
	})
	page, _, err := todos.List(w.t.Context(), w.people[who], noon, todo.Filter{Open: &open, Limit: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, it := range page {
		if it.About.ID == id && it.Kind != "ticket_due_soon" && it.Kind != "ticket_overdue" {
			out = append(out, string(it.Kind))
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// requests says how the requests of a ticket stand: kind, state, level, decisions.
func (w *world) requests(id string) string {
	w.t.Helper()
	var out []string
	for _, r := range w.get(id).Requests {
		line := fmt.Sprintf("%s %s %s", r.Kind, r.State, r.Level)
		for _, d := range r.Steps {
			line += " " + string(d.Decision)
		}
		if r.Why != "" {
			line += " since " + string(r.Why)
		}
		out = append(out, line)
	}
	return strings.Join(out, ", ")
}

// ring rings what is due at a time, until nothing is.
func (w *world) ring(at time.Time) {
	w.t.Helper()
	lease := must(w.st.Acquire(w.t.Context(), clockLease, "test", time.Minute))(w.t)
	for did := 1; did > 0; {
		did = must(w.tickets.waking().Pass(w.t.Context(), w.st, lease, at))(w.t)
	}
}

// with is a ticket at east that has been dispatched at noon, a Monday.
func (w *world) with(to access.Assignee) string {
	w.t.Helper()
	t := w.report("resident", east)
	w.move("dispatcher", t.ID, ActionInput{Action: Accept})
	w.move("dispatcher", t.ID, ActionInput{Action: Dispatch, Assignee: &to})
	return t.ID
}

type requestStep struct {
	who   string
	after time.Duration // since noon
	m     ActionInput
	want  string // how it ended
}

var (
	asksReturn = ActionInput{Action: Apply, Request: ForReturn, Reason: "不属本单位"}
	asksMore   = ActionInput{Action: Apply, Request: ForExtension, Reason: "等配件", Until: noon.Add(8 * day)}
	grants     = ActionInput{Action: Grant}
	refuses    = ActionInput{Action: Refuse, Reason: "仍请办理"}
)

// due is after the deadline of a ticket of noise reported at noon: seven days.
const due = 7*day + time.Millisecond

func TestRequests(t *testing.T) {
	later, facts := asksReturn, asksReturn
	facts.Facts = "现场查明属另一小区"
	until := func(after time.Duration) ActionInput {
		m := asksMore
		m.Until = noon.Add(after)
		return m
	}
	of := func(m ActionInput, kind RequestKind) ActionInput {
		m.Request = kind
		return m
	}
	for _, c := range []struct {
		name  string
		to    string // who has it; an organisation by its handler
		steps []requestStep
		state State
		want  string
	}{
		{"a person's return takes one step", "worker", []requestStep{{"worker", 0, asksReturn, ""}, {"lead", time.Hour, grants, ""}}, Accepted, "return granted lead granted"},
		{"refused", "worker", []requestStep{{"worker", 0, asksReturn, ""}, {"lead", 0, ActionInput{Action: Refuse}, "/reason"}, {"community", time.Hour, refuses, ""}}, Dispatched, "return refused lead refused"},
		{"without a reason, or a kind", "worker", []requestStep{{"worker", 0, ActionInput{Action: Apply, Request: ForReturn}, "/reason"}, {"worker", 0, ActionInput{Action: Apply, Reason: "x"}, "/request"}}, Dispatched, ""},
		{"by who does not have it", "worker", []requestStep{{"lead", 0, asksReturn, "forbidden"}, {"resident", 0, asksReturn, "forbidden"}, {"handler", 0, asksReturn, "store: not found"}}, Dispatched, ""},
		{"late", "worker", []requestStep{{"worker", 20 * time.Hour, later, ""}}, Dispatched, "return open lead"},
		{"too late, but for what is new", "worker", []requestStep{{"worker", 30 * time.Hour, later, "/facts"}, {"worker", 30 * time.Hour, facts, ""}}, Dispatched, "return open lead"},
		{"twice at once", "worker", []requestStep{{"worker", 0, asksReturn, ""}, {"worker", 0, asksReturn, "/request"}, {"worker", 0, asksMore, ""}, {"lead", 0, grants, "/request"}, {"lead", 0, of(grants, ForExtension), ""}, {"lead", 0, of(grants, ForExtension), "/request"}},
			Dispatched, "return open lead, extension granted lead granted"},
		{"recalled", "worker", []requestStep{{"worker", 0, ActionInput{Action: Recall}, "wrong_state"}, {"worker", 0, asksReturn, ""}, {"worker", 0, ActionInput{Action: Recall}, ""}, {"lead", 0, grants, "wrong_state"}}, Dispatched, "return recalled lead"},
		{"the asker does not decide", "lead", []requestStep{{"lead", 0, asksReturn, ""}, {"lead", 0, grants, "forbidden"}, {"community", 0, grants, ""}}, Accepted, "return granted lead granted"},
		{"a handler's takes two steps", "handler", []requestStep{{"handler", 0, asksReturn, ""}, {"lead", 0, grants, ""}, {"lead", 0, grants, "forbidden"}, {"community", 0, grants, "forbidden"}, {"dispatcher", 0, grants, ""}}, Accepted, "return granted dispatcher endorsed granted"},
		{"nobody takes two", "handler", []requestStep{{"handler", 0, asksMore, ""}, {"dispatcher", 0, grants, ""}, {"dispatcher", 0, grants, "forbidden"}, {"manager", 0, grants, ""}}, Dispatched, "extension granted dispatcher endorsed granted"},
		{"refused at the first", "handler", []requestStep{{"handler", 0, asksMore, ""}, {"lead", 0, refuses, ""}, {"dispatcher", 0, grants, "wrong_state"}}, Dispatched, "extension refused lead refused"},
		{"more time after the deadline", "worker", []requestStep{{"worker", due, asksMore, "/request"}}, Dispatched, ""},
		{"less time, or the past, or beyond the first term", "worker", []requestStep{{"worker", 0, until(-day), "/until"}, {"worker", 0, until(7 * day), "/until"}, {"worker", 0, until(14*day + time.Second), "/until"}, {"worker", 0, until(14 * day), ""}}, Dispatched, "extension open lead"},
		{"a third time", "worker", []requestStep{{"worker", 0, until(8 * day), ""}, {"lead", 0, grants, ""}, {"worker", 0, until(7*day + time.Hour), "/until"}, {"worker", 0, until(9 * day), ""}, {"lead", 0, grants, ""}, {"worker", 0, until(10 * day), "/request"}},
			Dispatched, "extension granted lead granted, extension granted lead granted"},
		{"work began", "worker", []requestStep{{"worker", 0, asksReturn, ""}, {"worker", 0, ActionInput{Action: Start}, ""}, {"lead", 0, ActionInput{Action: Suspend, Reason: "等", Until: noon.Add(day)}, ""}, {"worker", 0, asksMore, "/request"}, {"lead", 0, grants, ""}}, Accepted, "return granted lead granted"},
		{"it is handed on", "worker", []requestStep{{"worker", 0, asksReturn, ""}, {"lead", 0, ActionInput{Action: Dispatch, Assignee: &access.Assignee{Kind: access.Person, ID: "lead"}}, ""}, {"lead", 0, grants, "wrong_state"}}, Dispatched, "return closed lead since assignee"},
		{"it is resolved", "worker", []requestStep{{"worker", 0, asksMore, ""}, {"worker", 0, ActionInput{Action: Start}, ""}, {"worker", 0, ActionInput{Action: Resolve, Outcome: "fixed"}, ""}, {"worker", 0, asksReturn, "wrong_state"}}, Resolved, "extension closed lead since state"},
		{"it is over", "worker", []requestStep{{"worker", 0, ActionInput{Action: Start}, ""}, {"worker", 0, ActionInput{Action: Resolve, Outcome: "fixed"}, ""}, {"dispatcher", 0, ActionInput{Action: Close, Verification: "phone"}, ""}, {"worker", 0, asksReturn, "wrong_state"}, {"worker", 0, asksMore, "wrong_state"}}, Closed, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			oneEngine(t, func(t *testing.T, w *world) {
				to := access.Assignee{Kind: access.Person, ID: w.people[c.to].Account}
				if c.to == "handler" {
					to = w.organisation(jia)
				}
				id := w.with(to)
				for i, s := range c.steps {
					if a := s.m.Assignee; a != nil {
						s.m.Assignee = new(w.person(a.ID))
					}
					if got := w.act(s.who, id, noon.Add(s.after), s.m); got != s.want {
						t.Fatalf("step %d, %s by %s: %q, want %q", i, s.m.Action, s.who, got, s.want)
					}
				}
				if got := w.requests(id); got != c.want || w.get(id).State != c.state {
					t.Errorf("%s, requests %s", w.get(id).State, got)
				}
			})
		})
	}
}

// On what nobody decides, a return goes up level by level as what is due there; more
// time lapses, and the lateness is that of who was to decide.
func TestUndecidedRequests(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		id := w.with(w.organisation(jia))
		w.act("handler", id, noon, asksReturn)
		w.act("handler", id, noon, asksMore)
		if got := w.todos("community", id); got != "ticket_request ticket_request" { // the cell has no lead
			t.Errorf("the community is asked %q", got)
		}
		first := w.get(id).requestDue()
		w.ring(first.Add(-time.Millisecond))
		if got := w.requests(id); got != "return open lead, extension open lead" {
			t.Errorf("early: %s", got)
		}
		w.ring(first)
		w.ring(first)
		if got := w.requests(id); got != "return open dispatcher climbed, extension lapsed lead lapsed" {
			t.Errorf("undecided: %s", got)
		}
		if r := w.get(id).Requests[1]; !slices.Equal(r.Charged, []string{w.people["community"].Account}) {
			t.Errorf("charged to %v", r.Charged)
		}
		for who, want := range map[string]string{"community": "", "dispatcher": "ticket_request", "handler": "ticket_decided", "manager": ""} {
			if got := w.todos(who, id); got != want {
				t.Errorf("%s is asked %q", who, got)
			}
		}
		for _, c := range []struct{ who, want string }{{"lead", "forbidden"}, {"community", "forbidden"}} {
			if got := w.act(c.who, id, first, grants); got != c.want {
				t.Errorf("%s grants: %q", c.who, got)
			}
		}
		for range 2 { // the street's manager, the county
			w.ring(w.get(id).requestDue())
		}
		if got := w.requests(id); got != "return open county climbed climbed climbed, extension lapsed lead lapsed" {
			t.Errorf("at the top: %s", got)
		}
		if next := w.get(id).requestDue(); !next.IsZero() {
			t.Errorf("rings at %s", next)
		}
		if got := w.act("manager", id, first, grants); got != "forbidden" {
			t.Errorf("the manager: %q", got)
		}
		if got := w.act("county admin", id, first.Add(11*day), grants); got != "" || w.get(id).State != Accepted {
			t.Errorf("the county: %q", got)
		}
		if r := w.get(id).Returned; r == nil || r.Why != Requested || r.By != w.people["handler"].Account || r.Reason != asksReturn.Reason || r.From != w.organisation(jia) {
			t.Errorf("returned %+v", r)
		}
		if got := w.todos("county admin", id) + w.todos("manager", id); got != "" {
			t.Errorf("still asked %q", got)
		}
	})
}

// What two have given back is the street's to dispatch, and stays where that says.
func TestReturnedTwice(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		id := w.with(w.person("worker"))
		again := func(who string) {
			t.Helper()
			for _, s := range []requestStep{{who, 0, asksReturn, ""}, {"community", 0, grants, ""}} {
				if got := w.act(s.who, id, noon, s.m); got != s.want {
					t.Fatalf("%s by %s: %q", s.m.Action, s.who, got)
				}
			}
		}
		to := func(who string) ActionInput { return ActionInput{Action: Dispatch, Assignee: new(w.person(who))} }
		again("worker")
		w.move("lead", id, to("worker"))
		again("worker") // the same again is no second opinion
		w.move("lead", id, to("lead"))
		again("lead")
		if got := w.act("lead", id, noon, to("worker")); got != "forbidden" {
			t.Errorf("the lead dispatches: %q", got)
		}
		if slices.Contains(w.tickets.Allowed(w.people["lead"], w.get(id), noon), string(Dispatch)) {
			t.Error("the lead is told that they may")
		}
		w.move("dispatcher", id, to("worker"))
		if got := w.act("worker", id, noon, asksReturn); got != "/request" {
			t.Errorf("asked to be returned again: %q", got)
		}
		later := noon.Add(time.Hour)
		for _, s := range []requestStep{ // another round is begun anew
			{"worker", 0, ActionInput{Action: Start}, ""}, {"worker", 0, ActionInput{Action: Resolve, Outcome: "fixed"}, ""}, {"dispatcher", 0, ActionInput{Action: Close, Verification: "phone"}, ""},
			{"resident", 0, ActionInput{Action: Reopen, Reason: "又吵"}, ""}, {"lead", 0, to("worker"), ""}, {"worker", 0, asksReturn, ""},
		} {
			if got := w.act(s.who, id, later, s.m); got != s.want {
				t.Errorf("%s by %s in the next round: %q", s.m.Action, s.who, got)
			}
		}
	})
}

// A request sent again is one; and residents read no more of it than that the
// ticket waits for dispatch again.
func TestRequestsAreAmongStaff(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		id := w.with(w.person("worker"))
		seen := w.get(id).VersionFor(w.people["resident"])
		m := asksReturn
		m.ID = ids.New()
		for range 2 {
			if got := w.act("worker", id, noon, m); got != "" {
				t.Fatal(got)
			}
		}
		if n := len(w.get(id).Requests); n != 1 || w.get(id).VersionFor(w.people["resident"]) != seen {
			t.Errorf("%d requests, the resident's version %d, was %d", n, w.get(id).VersionFor(w.people["resident"]), seen)
		}
		w.move("lead", id, grants)
		for who, want := range map[string]string{"resident": "report accept dispatch requeue", "lead": "report accept dispatch request grant"} {
			if got := w.timeline(who, id); got != want {
				t.Errorf("%s reads %s", who, got)
			}
		}
		events, _, _ := w.tickets.Timeline(t.Context(), w.people["resident"], id, 100, "")
		for _, e := range events {
			if e.Reason != "" || e.Note != "" || e.Role == "staff" && e.Actor != "" {
				t.Errorf("%+v", e)
			}
		}
	})
}

// timeline is what somebody reads of what happened to a ticket.
func (w *world) timeline(who, id string) string {
	w.t.Helper()
	events, _, err := w.tickets.Timeline(w.t.Context(), w.people[who], id, 100, "")
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, e := range events {
		out = append(out, string(e.Action))
	}
	return strings.Join(out, " ")
}

// From the escalation to its dispatch only the street leads a ticket.
func TestEscalate(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		id := w.with(w.organisation(jia))
		up := ActionInput{Action: Escalate, Reason: "涉及多部门"}
		for _, c := range []struct {
			who  string
			m    ActionInput
			want string
		}{
			{"dispatcher", up, "forbidden"}, {"manager", up, "forbidden"}, {"handler", up, "forbidden"}, {"lead", ActionInput{Action: Escalate}, "/reason"}, {"lead", up, ""},
			{"lead", up, "forbidden"}, {"community", up, "forbidden"}, {"lead", ActionInput{Action: Dispatch, Assignee: new(w.person("worker"))}, "forbidden"},
		} {
			if got := w.act(c.who, id, noon, c.m); got != c.want {
				t.Errorf("%s by %s: %q", c.m.Action, c.who, got)
			}
		}
		if got := w.get(id); got.State != Accepted || got.Assignee != (access.Assignee{}) || len(got.Involved) > 0 {
			t.Errorf("%s with %v", got.State, got.Assignee)
		}
		other := w.report("resident", east).ID
		for who, want := range map[string]int{"dispatcher": 1, "lead": 1, "other dispatcher": 0} {
			list, _, err := w.tickets.List(t.Context(), w.people[who], Filter{Escalated: true})
			counts, fault := w.tickets.Count(t.Context(), w.people[who], Filter{Escalated: true}, "state")
			if err != nil || fault != nil || len(list) != want || counts["accepted"] != int64(want) || want > 0 && list[0].ID == other {
				t.Errorf("%s lists %d, %v, counts %v, %v", who, len(list), err, counts, fault)
			}
		}
		if got := w.todos("dispatcher", id); got != "ticket_escalated" {
			t.Errorf("the dispatcher is asked %q", got)
		}
		if got := w.timeline("resident", id); got != "report accept dispatch requeue" {
			t.Errorf("the resident reads %s", got)
		}
		for _, apart := range []func(){
			func() { w.move("dispatcher", id, ActionInput{Action: Unmerge}) },
			func() { w.move("resident", other, ActionInput{Action: Withdraw}) }, // by which it leads again
		} {
			w.move("dispatcher", id, ActionInput{Action: Merge, Into: other})
			if got := w.todos("dispatcher", id); got != "" {
				t.Errorf("merged: the dispatcher is asked %q", got)
			}
			if apart(); w.todos("dispatcher", id) != "ticket_escalated" {
				t.Errorf("taken out again: the dispatcher is asked %q", w.todos("dispatcher", id))
			}
		}
		w.move("dispatcher", id, ActionInput{Action: Split, Children: []Child{{ids.New(), "noise", "噪声", ""}, {ids.New(), "parking", "停车", ""}}})
		if got := w.todos("dispatcher", id); got != "" || w.get(id).Escalated {
			t.Errorf("split by the street: the dispatcher is asked %q", got)
		}
		w.move("dispatcher", id, ActionInput{Action: Unsplit})
		w.move("lead", id, up)
		w.move("dispatcher", id, ActionInput{Action: Dispatch, Assignee: new(w.person("worker"))})
		if got := w.todos("dispatcher", id); got != "" || w.get(id).Escalated {
			t.Errorf("after dispatch: %q", got)
		}
		if got := w.act("lead", id, noon, ActionInput{Action: Dispatch, Assignee: new(w.person("lead"))}); got != "" {
			t.Errorf("the lead leads again: %q", got)
		}
	})
}
