package ticket

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/clocks"
	"wangge/domain/policy"
	"wangge/domain/todo"
	"wangge/store"
)

// ConvenedState is how a department that was called in answers.
type ConvenedState string

const (
	Called   ConvenedState = "called"
	Attended ConvenedState = "attended" // 报到
	Declined ConvenedState = "declined" // until the county has ruled
	Upheld   ConvenedState = "upheld"   // it declined, and has to attend
	Released ConvenedState = "released"
)

// Convened 吹哨 is an organisation that the street called in. It attends by its
// clock, or says why not: then the county rules.
type Convened struct {
	Organisation string        `store:"organisation"`
	By           string        `store:"by"` // account
	At           time.Time     `store:"at"`
	Reason       string        `store:"reason,omitempty"`
	State        ConvenedState `store:"state"`
	DueAt        time.Time     `store:"dueAt,omitempty"` // until it attends or declines, or is late
	Late         bool          `store:"late,omitempty"`  // it did neither in time
	AttendedAt   time.Time     `store:"attendedAt,omitempty"`
	DeclinedAt   time.Time     `store:"declinedAt,omitempty"`
	Why          string        `store:"why,omitempty"` // it declined
	RuledAt      time.Time     `store:"ruledAt,omitempty"`
	EndedAt      time.Time     `store:"endedAt,omitempty"` // with the ticket, or since that went to another street
}

// What the program does with departments that do not answer; no transition.
const Unattended Action = "unattended" // 逾期未报到

// called are the organisations that are called in.
func (t *Ticket) called() (ids []string) {
	for _, c := range t.Convened {
		if c.EndedAt.IsZero() && c.State != Released {
			ids = append(ids, c.Organisation)
		}
	}
	return ids
}

// department is what the ticket has of the organisation for which the actor handles, in one of these states.
func (t *Ticket) department(o occasion, states ...ConvenedState) *Convened {
	i := slices.IndexFunc(t.Convened, func(c Convened) bool {
		return c.EndedAt.IsZero() && c.Organisation == o.actor.Organisation && slices.Contains(states, c.State)
	})
	if i < 0 {
		return nil
	}
	return &t.Convened[i]
}

// mayAttend: it is called in, and has not answered or has to attend.
func mayAttend(t *Ticket, _ access.Relation, o occasion) error {
	if t.department(o, Called, Upheld) == nil {
		return &domain.ConflictError{Code: "wrong_state", Detail: domain.T("已报到，或等待区县裁定", "it attends already, or the county is to rule")}
	}
	return nil
}

// mayDecline: once.
func mayDecline(t *Ticket, _ access.Relation, o occasion) error {
	if t.department(o, Called) == nil {
		return &domain.ConflictError{Code: "wrong_state", Detail: domain.T("已报到或已提出，不能再提", "it attends already, or declined before")}
	}
	return nil
}

func (t *Ticket) declined() (ids []string) {
	for _, c := range t.Convened {
		if c.EndedAt.IsZero() && c.State == Declined && t.State.Open() {
			ids = append(ids, c.Organisation)
		}
	}
	return ids
}

func hasDeclined(t *Ticket, _ access.Relation, _ occasion) error {
	if len(t.declined()) == 0 {
		return &domain.ConflictError{Code: "wrong_state", Detail: domain.T("没有待裁定的部门", "no department declined")}
	}
	return nil
}

const departmentsMost = 10

func checkConvene(t *Ticket, in *ActionInput, _ occasion, bad *domain.InvalidError) {
	if len(in.Departments) == 0 || len(in.Departments) > departmentsMost {
		bad.Add("/departments", domain.Textf("请选择 1 至 %d 个部门", "name 1 to %d departments", departmentsMost))
		return
	}
	for i, id := range in.Departments {
		if slices.Contains(in.Departments[:i], id) {
			bad.Add(fmt.Sprintf("/departments/%d", i), domain.T("重复", "named twice"))
		} else if slices.Contains(t.called(), id) {
			bad.Add(fmt.Sprintf("/departments/%d", i), domain.T("已吹哨", "it is called in already"))
		}
	}
}

// callable checks that those to be called in are departments above the street: active organisations of no street.
func (s *Tickets) callable(ctx context.Context, tx *store.Tx, in *ActionInput) error {
	bad := &domain.InvalidError{}
	for i, id := range in.Departments {
		o, err := area.LoadOrganisation(ctx, tx, id)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err != nil || !o.Active || o.Place.Street != "" {
			bad.Add(fmt.Sprintf("/departments/%d", i), domain.T("没有这个区县部门", "no such department of the county"))
		}
	}
	return bad.Err()
}

// checkRule: those who have to attend are among those who declined.
func checkRule(t *Ticket, in *ActionInput, _ occasion, bad *domain.InvalidError) {
	for i, id := range in.Departments {
		if !slices.Contains(t.declined(), id) || slices.Contains(in.Departments[:i], id) {
			bad.Add(fmt.Sprintf("/departments/%d", i), domain.T("该部门没有待裁定的申请", "that department waits for no ruling"))
		}
	}
}

// attendBy is when a department that is called in now has to attend.
func (o occasion) attendBy() time.Time {
	due, _ := o.reckon.Add(o.now, clocks.Term{Count: o.policy.Limit(policy.AttendHours), Unit: clocks.WorkingHour})
	return due
}

func doConvene(t *Ticket, x *taking) {
	for _, id := range x.in.Departments {
		t.Convened = append(t.Convened, Convened{Organisation: id, By: x.actor.Account, At: x.now, Reason: strings.TrimSpace(x.in.Reason), State: Called, DueAt: x.attendBy()})
	}
}

func doAttend(t *Ticket, x *taking) {
	if c := t.department(x.occasion, Called, Upheld); c != nil {
		c.State, c.AttendedAt, c.DueAt = Attended, x.now, time.Time{}
	}
}

func doDecline(t *Ticket, x *taking) {
	if c := t.department(x.occasion, Called); c != nil {
		c.State, c.DeclinedAt, c.Why, c.DueAt = Declined, x.now, strings.TrimSpace(x.in.Reason), time.Time{}
	}
}

// doRule: departments that are named have to attend, others that declined need not.
func doRule(t *Ticket, x *taking) {
	for i := range t.Convened {
		c := &t.Convened[i]
		if c.State != Declined || !c.EndedAt.IsZero() {
			continue
		}
		c.RuledAt = x.now
		if c.State = Released; slices.Contains(x.in.Departments, c.Organisation) {
			c.State, c.DueAt = Upheld, x.attendBy()
		}
	}
}

// endConvened: with the ticket, or since that went to another street, nobody is called in.
func (t *Ticket) endConvened(now time.Time) {
	for i := range t.Convened {
		if c := &t.Convened[i]; c.EndedAt.IsZero() {
			c.EndedAt, c.DueAt = now, time.Time{}
		}
	}
}

// attendDue is when the first of the departments has to attend.
func (t *Ticket) attendDue() (first time.Time) {
	for _, c := range t.Convened {
		if !c.DueAt.IsZero() && t.State.Open() && (first.IsZero() || c.DueAt.Before(first)) {
			first = c.DueAt
		}
	}
	return first
}

// ringConvened marks the departments that are late, which the county is told.
func ringConvened(ctx context.Context, s *Tickets, tx *store.Tx, t *Ticket, now time.Time) error {
	return s.ringing(ctx, tx, t, now, Unattended, func() error {
		for i := range t.Convened {
			if c := &t.Convened[i]; !c.DueAt.IsZero() && !c.DueAt.After(now) {
				c.DueAt, c.Late = time.Time{}, true
			}
		}
		to, err := s.WhoAt(ctx, t.Place, now, policy.ToCounty)
		if err != nil {
			return err
		}
		return todo.Ask(ctx, tx, todo.Asking{Kind: ToldUnattended, About: t.about(), Occasion: stamp(now), To: to}, store.Entry{At: now, Actor: access.Program.Name()})
	})
}

var (
	ToAttend       = todo.Declare("ticket_convened", "街道吹哨，请本部门报到", "the street calls your department in: attend, or say why not")
	ToRule         = todo.Declare("ticket_declined", "有部门提出不能报到，待区县裁定", "a department that was called in declines: the county rules")
	ToldUnattended = todo.Declare("ticket_unattended", "被吹哨的部门逾期未报到", "a department that was called in has not attended in time")
)

// waiting are the departments that have to attend.
func (t *Ticket) waiting() (out []Convened) {
	for _, c := range t.Convened {
		if c.EndedAt.IsZero() && (c.State == Called || c.State == Upheld) && t.State.Open() {
			out = append(out, c)
		}
	}
	return out
}

func askConvened(ctx context.Context, s *Tickets, t *Ticket, _ time.Time) (out []todo.Asking, err error) {
	for _, c := range t.waiting() {
		to, err := s.WhoHas(ctx, access.Assignee{Kind: access.Organisation, ID: c.Organisation})
		if err != nil {
			return nil, err
		}
		out = append(out, todo.Asking{Occasion: c.Organisation + "." + string(c.State) + "." + stamp(c.At), To: to})
	}
	return out, nil
}

func askRuling(ctx context.Context, s *Tickets, t *Ticket, now time.Time) (out []todo.Asking, err error) {
	to, err := s.WhoAt(ctx, t.Place, now, policy.ToCounty)
	for _, c := range t.Convened {
		if slices.Contains(t.declined(), c.Organisation) && c.State == Declined {
			out = append(out, todo.Asking{Occasion: c.Organisation + "." + stamp(c.DeclinedAt), To: to})
		}
	}
	return out, err
}
