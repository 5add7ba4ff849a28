package ticket

import (
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

// Todo is what somebody may do with a ticket now, and is waited for.
type Todo string

const (
	ToAccept   Todo = "to_accept" // 待立案
	ToDispatch Todo = "dispatch"  // 待派遣
	ToDo       Todo = "do"        // 待处置: it is with them, or with their organisation
	ToVerify   Todo = "verify"    // 待核查
	ToAnswer   Todo = "answer"    // 待补充: the reporter is asked
	ToDecide   Todo = "decide"    // 待决定: a request, an offer, a call
	ToReview   Todo = "review"    // 待复核: its time on the backlog is over
	ForCase    Todo = "case"      // 受理件相关: one of the others, and a case of a counter waits for it
)

// TodoWords are what somebody may be asked for.
var TodoWords = domain.NewEnum("TicketTodo",
	domain.W(ToAccept, "待立案", "to be accepted"), domain.W(ToDispatch, "待派遣", "to be dispatched"), domain.W(ToDo, "待处置", "to be seen to"), domain.W(ToVerify, "待核查", "to be verified"),
	domain.W(ToAnswer, "待补充", "to be answered"), domain.W(ToDecide, "待决定", "to be decided"), domain.W(ToReview, "挂账待复核", "to be reviewed"), domain.W(ForCase, "受理件相关", "a case waits for it"))

// turn is when a ticket is somebody's to do: in one of the states, who may take one of the actions.
type turn struct {
	todo    Todo
	states  []State
	actions []Action
	led     bool // there are many, of who leads: they are found by their state
	also    func(*Ticket, time.Time) bool
}

var turns = []turn{
	{todo: ToAccept, states: []State{Reported}, actions: []Action{Accept}, led: true},
	{todo: ToDispatch, states: []State{Accepted}, actions: []Action{Dispatch}, led: true},
	{todo: ToDo, states: []State{Dispatched, InProgress, Divided}, actions: []Action{Start, Resolve, HelpStart, HelpDone}},
	{todo: ToVerify, states: []State{Resolved}, actions: []Action{Close}, led: true},
	{todo: ToAnswer, states: []State{AwaitingReporter}, actions: []Action{Answer}, led: true},
	{todo: ToDecide, states: open, actions: []Action{Grant, Take, Allot, Attend, Rule}, also: func(t *Ticket, _ time.Time) bool { return t.toDecide() }},
	{todo: ToReview, states: []State{Suspended}, actions: []Action{Shelve, Close}, also: func(t *Ticket, now time.Time) bool { return t.Backlog != nil && !t.Backlog.ReviewAt.After(now) }},
}

func (t *Ticket) toDecide() bool {
	return len(t.openRequests()) > 0 || t.offer(Offered, Disputed) || len(t.waiting()) > 0 || len(t.declined()) > 0
}

// todos are what is waited for of the actor, in the order of TodoWords.
func (t *Ticket) todos(o occasion) (out []Todo) {
	var may []string
	for _, x := range turns {
		if !slices.Contains(x.states, t.State) || x.also != nil && !x.also(t, o.now) {
			continue
		}
		if may == nil {
			may = t.allowed(o)
		}
		if slices.ContainsFunc(x.actions, func(a Action) bool { return slices.Contains(may, string(a)) }) {
			out = append(out, x.todo)
		}
	}
	if len(out) > 0 && len(t.Served) > 0 {
		out = append(out, ForCase)
	}
	return out
}

// Marks of a ticket: "called/" and each organisation called in, "-" and each
// account or organisation that may not do what comes next. Most have none.
const markCalled, markNot = "called/", "-"

func (t *Ticket) marks() (out []string) {
	if !t.State.Open() {
		return nil
	}
	var not []string
	switch t.State {
	case Reported:
		not = t.Reviewers
	case Resolved:
		not = slices.Concat(t.Handled, t.Involved)
	}
	for _, who := range not {
		out = appendNew(out, markNot+who)
	}
	for _, id := range t.called() {
		out = appendNew(out, markCalled+id)
	}
	return out
}

// lookedAt is the ticket's street while it has to be looked at to know for whom it
// waits; "" where state, place and roles say that, but for its marks.
func (t *Ticket) lookedAt() string {
	if t.State.Open() && (t.toDecide() || t.Escalated || t.Climbed != nil || t.Backlog != nil || t.Parent != "" || t.State == Divided || len(t.Served) > 0) {
		return t.Place.Street
	}
	return ""
}

// notThem are the marks of what somebody may not do because of who they are.
func notThem(actor access.Actor) (out []string) {
	for _, who := range append(actor.Persons(), actor.StandIns...) {
		out = append(out, markNot+who)
	}
	if actor.Organisation != "" && actor.Is(access.Handler) {
		out = append(out, markNot+actor.Organisation)
	}
	return out
}

// withMarks gives a ticket of before there were marks those that it can have, and its household.
func withMarks(t store.D) store.D {
	was, home := &Ticket{}, ""
	for _, f := range t {
		switch f.Key {
		case "marks", "lookAt", "household":
			return t
		case "state":
			text, _ := f.Value.(string)
			was.State = State(text)
		case "place":
			if place, ok := f.Value.(store.D); ok {
				for _, p := range place {
					if p.Key == "street" {
						was.Place.Street, _ = p.Value.(string)
					}
				}
			}
		case "reviewers":
			was.Reviewers = texts(f.Value)
		case "handled":
			was.Handled = texts(f.Value)
		case "involved":
			was.Involved = texts(f.Value)
		case "served":
			was.Served = texts(f.Value)
		case "links":
			home = householdOf(f.Value)
		}
	}
	if home != "" {
		t = append(t, store.E{Key: "household", Value: home})
	}
	if marks := was.marks(); marks != nil {
		t = append(t, store.E{Key: "marks", Value: marks})
	}
	if street := was.lookedAt(); street != "" {
		t = append(t, store.E{Key: "lookAt", Value: street})
	}
	return t
}

func texts(v any) (out []string) {
	list, _ := v.(store.A)
	for _, x := range list {
		if text, ok := x.(string); ok {
			out = append(out, text)
		}
	}
	return out
}

func householdOf(links any) string {
	list, _ := links.(store.A)
	for _, x := range list {
		link, _ := x.(store.D)
		kind, id := "", ""
		for _, f := range link {
			switch f.Key {
			case "kind":
				kind, _ = f.Value.(string)
			case "id":
				id, _ = f.Value.(string)
			}
		}
		if kind == "household" {
			return id
		}
	}
	return ""
}
