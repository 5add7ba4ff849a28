package ticket

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/clocks"
	"wangge/domain/ids"
	"wangge/store"
)

// divided is a ticket split into noise and parking, and its children.
func (w *world) divided(now time.Time) (*Ticket, []*Ticket, ActionInput) {
	w.t.Helper()
	t := w.report("resident", east)
	w.move("lead", t.ID, ActionInput{Action: Accept})
	in := ActionInput{ID: ids.New(), Action: Split, Note: "两件事", Children: []Child{{ids.New(), "noise", "夜间施工", "凌晨两点"}, {ids.New(), "parking", "占用通道", ""}}}
	parent := must(w.tickets.TakeAction(w.t.Context(), w.people["lead"], now, t.ID, 0, in))(w.t)
	return parent, []*Ticket{w.get(in.Children[0].ID), w.get(in.Children[1].ID)}, in
}

// over brings a child to its end.
func (w *world) over(id string, outcome Outcome) {
	w.t.Helper()
	to := w.person("worker")
	w.move("lead", id, ActionInput{Action: Dispatch, Assignee: &to})
	w.move("worker", id, ActionInput{Action: Start})
	w.move("worker", id, ActionInput{Action: Resolve, Outcome: outcome, Reason: "说明", Photos: []string{w.upload("worker")}})
	w.move("dispatcher", id, ActionInput{Action: Close, Verification: "phone"})
}

func (w *world) refuses(who, id string, in ActionInput, want string) {
	w.t.Helper()
	before := len(w.journal(jia))
	_, err := w.tickets.TakeAction(w.t.Context(), w.people[who], noon, id, 0, in)
	if got := told(err); got != want || len(w.journal(jia)) != before {
		w.t.Errorf("%s by %s: %q (%v), want %q", in.Action, who, got, err, want)
	}
}

func kindsOf(t *Ticket) (out []string) {
	for _, c := range t.Clocks {
		if !c.Over() {
			out = append(out, string(c.Kind))
		}
	}
	return out
}

// A ticket is split, each matter ends on its own, and it is answered once.
func TestSplitToTheEnd(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		parent, children, in := w.divided(noon.Add(time.Hour))
		if parent.State != Divided || parent.Assignee.ID != "" || !slices.Equal(kindsOf(parent), []string{string(clocks.Promise)}) || parent.DueAt.IsZero() {
			t.Errorf("the parent: %s, with %v, clocks %v", parent.State, parent.Assignee, kindsOf(parent))
		}
		for i, c := range children {
			if c.State != Accepted || c.Parent != parent.ID || c.Number == parent.Number || c.Number != parent.Children[i].Number || c.Reporter != "" || c.Public != nil || !c.DueAt.IsZero() ||
				c.Place != parent.Place || c.Position == nil || c.Kind != parent.Kind || c.Condition != "general" || !slices.Equal(kindsOf(c), []string{string(clocks.Dispatch)}) {
				t.Errorf("a child: %+v, clocks %v", c, kindsOf(c))
			}
		}
		done := len(w.journal(jia))
		if again, err := w.tickets.TakeAction(ctx, w.people["lead"], noon.Add(2*time.Hour), parent.ID, 0, in); err != nil || again.Version != parent.Version || len(w.journal(jia)) != done {
			t.Errorf("sent again: %v", err)
		}
		if mine, _, err := w.tickets.List(ctx, w.people["resident"], Filter{Mine: true, Limit: 10}); err != nil || len(mine) != 1 || mine[0].ID != parent.ID {
			t.Errorf("the resident has %d, %v", len(mine), err)
		}
		for who, want := range map[string]int{"lead": 2, "resident": 0} {
			if list, _, err := w.tickets.List(ctx, w.people[who], Filter{Parent: parent.ID, Limit: 10}); err != nil || len(list) != want {
				t.Errorf("%s lists %d children, %v", who, len(list), err)
			}
		}
		if list, _, err := w.tickets.List(ctx, w.people["other lead"], Filter{Parent: parent.ID, Limit: 10}); err != nil || len(list) != 0 {
			t.Errorf("who does not see it lists %d children, %v", len(list), err)
		}
		if briefs := must(w.tickets.Open(ctx))(t); len(briefs) != 3 {
			t.Errorf("%d open, want each once", len(briefs))
		}
		two := []Child{{ids.New(), "noise", "一", ""}, {ids.New(), "noise", "二", ""}}
		w.refuses("lead", children[0].ID, ActionInput{Action: Split, Children: two}, "child")
		w.refuses("lead", children[0].ID, ActionInput{Action: Merge, Into: parent.ID}, "child")
		w.refuses("lead", w.report("neighbour", east).ID, ActionInput{Action: Merge, Into: children[0].ID}, "child")
		w.refuses("lead", parent.ID, ActionInput{Action: Resolve, Outcome: "fixed"}, "children_open")
		w.over(children[0].ID, "fixed")
		w.refuses("lead", parent.ID, ActionInput{Action: Unsplit}, "children_begun")
		w.refuses("resident", parent.ID, ActionInput{Action: Withdraw}, "children_begun")
		w.refuses("dispatcher", children[0].ID, ActionInput{Action: Reopen, Reason: "再查"}, "child")
		w.over(children[1].ID, NotFixed)
		if got := w.get(parent.ID); got.ChildrenNotFixed() != 1 || got.State != Divided {
			t.Errorf("%d not fixed, %s", got.ChildrenNotFixed(), got.State)
		}
		w.refuses("lead", parent.ID, ActionInput{Action: Resolve, Outcome: "fixed"}, "/outcome")
		w.refuses("lead", parent.ID, ActionInput{Action: Resolve, Outcome: "mediated"}, "/reason")
		w.move("lead", parent.ID, ActionInput{Action: Resolve, Outcome: NotFixed, Reason: "停车位待规划"})
		w.refuses("lead", parent.ID, ActionInput{Action: Close, Verification: "phone"}, "forbidden")
		if got := w.move("dispatcher", parent.ID, ActionInput{Action: Rework, Reason: "再拆一件"}); got.State != Divided {
			t.Errorf("sent back: %s", got.State)
		}
		more := ids.New()
		w.move("lead", parent.ID, ActionInput{Action: Split, Children: []Child{{more, "parking", "划线", ""}}})
		w.over(more, "fixed")
		w.move("lead", parent.ID, ActionInput{Action: Resolve, Outcome: NotFixed, Reason: "停车位待规划"})
		closed := w.move("dispatcher", parent.ID, ActionInput{Action: Close, Verification: "phone"})
		if open := kindsOf(closed); closed.State != Closed || len(open) != 0 || len(closed.Children) != 3 {
			t.Errorf("closed: %s, clocks %v, %v", closed.State, open, closed.Children)
		}
		w.move("resident", parent.ID, ActionInput{Action: Reopen, Reason: "又停满了"})
		w.move("lead", parent.ID, ActionInput{Action: Split, Children: []Child{{ids.New(), "noise", "三", ""}, {ids.New(), "noise", "四", ""}}})
		if got := w.get(parent.ID); got.ChildrenNotFixed() != 0 || len(got.Children) != 2 {
			t.Errorf("split again: %v", got.Children)
		}
		w.move("lead", parent.ID, ActionInput{Action: Unsplit}) // what the last round began hinders nothing
		var lines []string
		for _, e := range w.journal(jia) {
			if e.Doc == children[0].ID {
				lines = append(lines, strings.TrimPrefix(e.Action, "ticket."))
			}
		}
		if !slices.Equal(lines, []string{"split_off", "dispatch", "start", "resolve", "close"}) {
			t.Errorf("a child's journal: %v", lines)
		}
	})
}

// While nobody is at work, a split is undone, by who leads or by the reporter who withdraws: the children end, their numbers stay.
func TestSplitUndone(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		lease := must(w.st.Acquire(t.Context(), clockLease, "node", 24*365*time.Hour))(t)
		for who, action := range map[string]Action{"lead": Unsplit, "resident": Withdraw} {
			parent, children, _ := w.divided(noon)
			w.move("lead", children[0].ID, ActionInput{Action: Escalate, Reason: "涉及多部门"})
			for range 3 { // one after the other
				must(w.tickets.waking().Pass(t.Context(), w.st, lease, local("2026-11-25", "17:00")))(t)
			}
			if asked := w.askedOf(children[0].ID, ToTakeUp, ClockOver); len(asked) < 2 {
				t.Fatalf("asked are %v", asked)
			}
			got := w.move(who, parent.ID, ActionInput{Action: action})
			for _, c := range children {
				if asked := w.askedOf(c.ID, ToTakeUp, ClockWarns, ClockOver); len(asked) > 0 {
					t.Errorf("%s: of a child that is no more are asked %v", action, asked)
				}
			}
			if want := map[Action]State{Unsplit: Accepted, Withdraw: Withdrawn}[action]; got.State != want {
				t.Errorf("%s: %s", action, got.State)
			}
			if action == Unsplit && !slices.Equal(kindsOf(got), []string{string(clocks.Dispatch), string(clocks.Promise)}) && !slices.Equal(kindsOf(got), []string{string(clocks.Promise), string(clocks.Dispatch)}) {
				t.Errorf("whole again: clocks %v", kindsOf(got))
			}
			for i, c := range children {
				if is := w.get(c.ID); is.State != Withdrawn || is.Number != c.Number || len(kindsOf(is)) != 0 || got.Children[i].State != Withdrawn || is.OpenKey != 0 {
					t.Errorf("%s: a child is %s, clocks %v; the parent has %v", action, is.State, kindsOf(is), got.Children)
				}
			}
		}
	})
}

// Every fault of a split is named, and an id that is in use makes nothing.
func TestSplitsThatAreRefused(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		taken, ticket := w.report("neighbour", east), w.report("resident", east)
		w.move("lead", ticket.ID, ActionInput{Action: Accept})
		one := Child{ids.New(), "noise", "一", ""}
		w.refuses("lead", ticket.ID, ActionInput{Action: Split, Children: []Child{one}}, "/children")
		w.refuses("lead", ticket.ID, ActionInput{Action: Split, Children: slices.Repeat([]Child{one}, 11)}, "/children")
		_, err := w.tickets.TakeAction(t.Context(), w.people["lead"], noon, ticket.ID, 0, ActionInput{Action: Split, Children: []Child{one, {one.ID, "weather", " ", strings.Repeat("长", 4001)}}})
		if got := pointers(err); !slices.Equal(got, []string{"/children/1/id", "/children/1/category", "/children/1/title", "/children/1/description"}) {
			t.Errorf("faults at %v", got)
		}
		done := len(w.journal(jia))
		_, err = w.tickets.TakeAction(t.Context(), w.people["lead"], noon, ticket.ID, 0, ActionInput{Action: Split, Children: []Child{one, {taken.ID, "noise", "二", ""}}})
		if !errors.Is(err, domain.ErrIDInUse) || len(w.journal(jia)) != done || w.get(ticket.ID).State != Accepted {
			t.Errorf("an id in use: %v", err)
		}
		if _, err := collection.Get(t.Context(), w.st, one.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("half written: %v", err)
		}
		parent := w.move("lead", ticket.ID, ActionInput{Action: Split, Children: []Child{one, {ids.New(), "noise", "二", ""}}})
		street := strings.TrimSuffix(parent.Number, "2") // what was refused left no gap
		if got := fmt.Sprint(parent.Children[0].Number, " ", parent.Children[1].Number); got != street+"3 "+street+"4" {
			t.Errorf("numbers %s beside %s", got, parent.Number)
		}
	})
}
