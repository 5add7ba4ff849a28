package ticket

import (
	"context"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/policy"
	"wangge/domain/todo"
)

// ToTakeUp is what who dispatches in a street is asked of what was escalated to it.
var ToTakeUp = todo.Declare("ticket_escalated", "有工单上报街道，待派遣", "a ticket that was escalated to the street waits to be dispatched")

// fromBelow: who dispatches in the street has nobody to escalate to.
func fromBelow(t *Ticket, _ access.Relation, o occasion) error {
	if o.actor.HasRelation(access.DispatchOf, t.Facts()) {
		return domain.ErrForbidden
	}
	return nil
}

// doEscalate 上报街道: from now on only the street leads it, until it dispatches.
func doEscalate(t *Ticket, x *taking) {
	t.Escalated, t.EscalatedAt = true, x.now
	t.assign(access.Assignee{}, nil)
}

func (t *Ticket) escalated() bool { return t.Escalated && t.State.Open() }

func askEscalated(ctx context.Context, s *Tickets, t *Ticket, now time.Time) ([]todo.Asking, error) {
	to, err := s.WhoAt(ctx, t.Place, now, policy.ToDispatcher)
	return []todo.Asking{{Occasion: stamp(t.EscalatedAt), To: to}}, err
}
