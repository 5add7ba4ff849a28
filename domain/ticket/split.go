package ticket

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/place"
	"wangge/store"
)

// A ticket with several matters is split 拆单: each is a child, a ticket of its own
// that is dispatched, handled and closed as any other. With the resident there is
// one conversation, by the parent, whose promise runs on: a child has no reporter
// and no promise, is not shown to the public, and who it is for is the parent's to
// say. The parent is answered once every child has ended. A child is neither
// split, merged nor reopened: what is still to do is split off the parent anew.

// Child is a matter that a ticket is to be split into.
type Child struct {
	ID          string // a UUID; the client's own or a new one
	Category    string
	Title       string
	Description string
}

// Offspring is what a parent knows of a child.
type Offspring struct {
	ID      string  `store:"id"`
	Number  string  `store:"number"`
	State   State   `store:"state"`
	Outcome Outcome `store:"outcome,omitempty"`
	Begun   bool    `store:"begun,omitempty"` // it was dispatched, or ended otherwise
}

// What becomes of the other side of a split. No transitions: they are the other one's.
const (
	SplitOff   Action = "split_off" // 拆单产生: the child's first
	ChildMoved Action = "child"     // the parent's, when one of its children comes to another state
)

const (
	childrenLeast = 2  // of a ticket that is not split yet
	childrenMost  = 10 // at once
	childrenEver  = 20
)

// notChild: what concerns the whole conversation with the resident is the parent's.
func notChild(t *Ticket, _ access.Relation, _ occasion) error {
	if t.Parent != "" {
		return &domain.ConflictError{Code: "child", Detail: domain.T("由拆单产生的工单不能再拆、并案或重开，请在原工单上办理", "a ticket that was split off another is not split, merged or reopened: do so with that one")}
	}
	return nil
}

// splits: what is a child, or has as many as there may be, is not split.
func splits(t *Ticket, as access.Relation, o occasion) error {
	if len(t.Children) >= childrenEver {
		return &domain.ConflictError{Code: "children_full", Detail: domain.Textf("已拆出 %d 件", "%d were split off it already", childrenEver)}
	}
	return notChild(t, as, o)
}

// childrenOver: the answer waits for all.
func childrenOver(t *Ticket, _ access.Relation, _ occasion) error {
	if slices.ContainsFunc(t.Children, func(c Offspring) bool { return c.State.Open() }) {
		return &domain.ConflictError{Code: "children_open", Detail: domain.T("拆出的工单尚未全部办结", "not all that was split off has ended")}
	}
	return nil
}

// noneBegun: who is at work is not called off.
func noneBegun(t *Ticket, _ access.Relation, _ occasion) error {
	if slices.ContainsFunc(t.Children, func(c Offspring) bool { return c.Begun }) {
		return &domain.ConflictError{Code: "children_begun", Detail: domain.T("拆出的工单已有派遣或办结", "some of what was split off was dispatched or has ended")}
	}
	return nil
}

func checkSplit(t *Ticket, in *ActionInput, o occasion, bad *domain.InvalidError) {
	least := childrenLeast
	if t.State == Divided {
		least = 1
	}
	if n := len(in.Children); n < least || n > childrenMost || n+len(t.Children) > childrenEver {
		bad.Add("/children", domain.Textf("一次拆成 %d 至 %d 件，合计最多 %d 件", "between %d and %d at once, and %d in all", least, childrenMost, childrenEver))
		return
	}
	for i, c := range in.Children {
		at := fmt.Sprintf("/children/%d", i)
		if c.ID == t.ID || slices.ContainsFunc(in.Children[:i], func(x Child) bool { return x.ID == c.ID }) {
			bad.Add(at+"/id", domain.T("编号重复", "the id is there already"))
		}
		if _, ok := o.policy.Offered(c.Category); !ok {
			bad.Add(at+"/category", o.policy.CategoryWords().Fault())
		}
		switch n := utf8.RuneCountInString(strings.TrimSpace(c.Title)); {
		case n == 0:
			bad.Add(at+"/title", domain.T("请填写标题", "a title is required"))
		case n > 100:
			bad.Add(at+"/title", domain.T("标题最多 100 字", "100 characters at most"))
		}
		longText(bad, at+"/description", c.Description, 4000)
	}
}

// checkDivided: where a matter was not fixed, the whole is not said to be, and the resident reads why.
func checkDivided(t *Ticket, in *ActionInput, _ occasion, bad *domain.InvalidError) {
	if t.ChildrenNotFixed() == 0 {
		return
	}
	if in.Outcome == "fixed" {
		bad.Add("/outcome", domain.T("有事项未解决，不能反馈为已解决", "some of its matters were not fixed"))
	} else if in.Outcome != NotFixed && strings.TrimSpace(in.Reason) == "" {
		bad.Add("/reason", domain.T("有事项未解决，须说明原因", "say why some of its matters were not fixed"))
	}
}

// ChildrenNotFixed is how many of its children were closed so.
func (t *Ticket) ChildrenNotFixed() (n int) {
	for _, c := range t.Children {
		if c.State == Closed && c.Outcome == NotFixed {
			n++
		}
	}
	return n
}

func doSplit(t *Ticket, x *taking) {
	t.assign(access.Assignee{}, nil)
	t.Returned, t.Escalated, t.EscalatedAt = nil, false, time.Time{} // as by a dispatch
	for i, c := range x.in.Children {
		child := Offspring{ID: c.ID, State: Accepted}
		if i < len(x.in.numbers) {
			child.Number = x.in.numbers[i]
		}
		t.Children = append(slices.Clip(t.Children), child)
	}
}

// doUnsplit ends the children: their numbers stay, and they are in no rate.
func doUnsplit(t *Ticket, _ *taking) {
	t.Children = slices.Clone(t.Children)
	for i, c := range t.Children {
		if c.State.Open() {
			t.Children[i].State = Withdrawn
		}
	}
}

// child is the ticket that a matter of t becomes.
func (t *Ticket) child(c Child, number string, o occasion) *Ticket {
	x := &Ticket{
		Meta: store.Meta{ID: c.ID, Partition: t.Partition}, Number: number, Kind: t.Kind, Category: c.Category, Source: t.Source, Urgency: t.Urgency,
		Title: strings.TrimSpace(c.Title), Description: strings.TrimSpace(c.Description), Address: t.Address, Candidates: slices.Clone(t.Candidates), Place: t.Place, Boundary: t.Boundary,
		ReportedBy: o.actor.Account, Anonymous: t.Anonymous, Links: slices.Clone(t.Links), Photos: slices.Clone(t.Photos), Parent: t.ID,
		State: Accepted, Filed: appendNew(slices.Clone(t.Filed), o.actor.Persons()...), CreatedAt: o.now, UpdatedAt: o.now, Policy: o.policy.ID,
	}
	if t.Position != nil {
		x.Position = new(place.Position)
		*x.Position = *t.Position
	}
	cat, _ := o.policy.Category(x.Category)
	condition, _ := cat.Condition("")
	x.Condition, x.Days = condition.Code, x.term(o.policy)
	if slices.Index(Urgencies, condition.Urgency) > slices.Index(Urgencies, x.Urgency) {
		x.Urgency = condition.Urgency
	}
	x.follow(Accept, Accepted, "", o)
	return x
}

// putKin writes the tickets that a step with one changes on the other side of a
// split, in the same update: the children that it makes or ends, or what its
// parent knows of it.
func (s *Tickets) putKin(ctx context.Context, tx *store.Tx, t *Ticket, action Action, was State, in *ActionInput, o occasion) error {
	switch {
	case action == Split:
		for i, c := range in.Children {
			x := t.child(c, in.numbers[i], o)
			e := x.entry(o.actor, o.now, SplitOff, store.Facts{})
			e.Dims[otherTicket] = t.ID
			if err := insert(tx, x, e); err != nil {
				return err
			}
		}
	case was == Divided && (action == Unsplit || action == Withdraw):
		return s.endChildren(ctx, tx, t, o)
	case t.Parent != "":
		return s.tellParent(ctx, tx, t, o.now)
	}
	return nil
}

func (s *Tickets) endChildren(ctx context.Context, tx *store.Tx, t *Ticket, o occasion) error {
	for _, c := range t.Children {
		x, err := collection.Get(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		if !x.State.Open() {
			continue
		}
		was, state := x.was(), x.State
		x.State, x.WithdrawnAt, x.UpdatedAt, x.Question = Withdrawn, o.now, o.now, nil
		x.follow(Withdraw, state, "", o)
		e := x.entry(access.Program, o.now, Unsplit, was.facts)
		e.Dims[otherTicket] = t.ID
		if err := s.settle(ctx, tx, x, was, e); err != nil {
			return err
		}
		if err := put(tx, x, e); err != nil {
			return err
		}
	}
	return nil
}

// tellParent has the parent of a ticket know how it is.
func (s *Tickets) tellParent(ctx context.Context, tx *store.Tx, t *Ticket, now time.Time) error {
	parent, err := collection.Get(ctx, tx, t.Parent)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(parent.Children, func(c Offspring) bool { return c.ID == t.ID })
	if i < 0 { // of a round that is over
		return nil
	}
	is := Offspring{t.ID, t.Number, t.State, t.Outcome, parent.Children[i].Begun || t.State != Accepted && t.State != AwaitingReporter}
	if parent.Children[i] == is {
		return nil
	}
	before := parent.facts()
	parent.Children = slices.Clone(parent.Children)
	parent.Children[i], parent.UpdatedAt = is, now
	parent.Handled = appendNew(parent.Handled, t.Handled...) // who worked on a part does not verify the whole
	e := parent.entry(access.Program, now, ChildMoved, before)
	e.Dims[otherTicket] = t.ID
	return put(tx, parent, e)
}

// takeSplit is TakeAction of what makes tickets, each with a number of its own.
func (s *Tickets) takeSplit(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in ActionInput) (*Ticket, error) {
	for {
		was, _, err := s.Get(ctx, actor, id)
		if err != nil {
			return nil, err
		}
		street, ok := s.areas.Tree().ByID(was.Place.Street)
		if !ok {
			return nil, fmt.Errorf("ticket: %s lies in %s, which is no area", id, was.Place.Street)
		}
		in.numbers = nil
		for range in.Children[:min(len(in.Children), childrenMost)] {
			number, err := s.receiptNumber(ctx, street, now)
			if err != nil {
				return nil, err
			}
			in.numbers = append(in.numbers, number)
		}
		used := false
		var divided *Ticket
		err = s.updateSeen(ctx, actor, id, nil, func(tx *store.Tx, t *Ticket, _ access.View) error {
			divided, used = t, in.ID == "" || !slices.Contains(t.Applied, in.ID)
			return s.takeAction(ctx, tx, actor, now, t, version, &in, nil)
		})
		if err != nil || !used {
			for _, number := range slices.Backward(in.numbers) {
				s.receipts.GiveBack(number)
			}
		}
		if !numberTaken(err) {
			return divided, err
		}
	}
}

// Parents are the parents of those of the tickets that were split off one, by id.
func (s *Tickets) Parents(ctx context.Context, tickets []*Ticket) (map[string]*Ticket, error) {
	var of []string
	for _, t := range tickets {
		if t.Parent != "" && !slices.Contains(of, t.Parent) {
			of = append(of, t.Parent)
		}
	}
	if len(of) == 0 {
		return nil, nil
	}
	return collection.GetMany(ctx, s.store, of)
}

// SeesPhotos reports, as an error of Get, whether the actor sees the photos of a
// ticket: who sees it, or one that was split off it.
func (s *Tickets) SeesPhotos(ctx context.Context, actor access.Actor, id string) error {
	_, _, err := s.Get(ctx, actor, id)
	if !errors.Is(err, domain.ErrNotFound) {
		return err
	}
	children, _, failed := collection.Find(ctx, s.store, store.Query{Where: []store.Cond{store.Eq("parent", id)}, Order: []string{"createdAt"}, Limit: childrenEver})
	if failed != nil {
		return failed
	}
	if slices.ContainsFunc(children, func(t *Ticket) bool { return access.TicketView(actor, t.Facts()) != access.Hidden }) {
		return nil
	}
	return err
}
