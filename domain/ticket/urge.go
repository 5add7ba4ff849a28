package ticket

import (
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/policy"
	"wangge/domain/todo"
)

// What who has a ticket, and who leads it, are told.
var (
	ToldUrged      = todo.Declare("ticket_urged", "上报人催办", "the reporter urges that a ticket be seen to")
	ToldSupervised = todo.Declare("ticket_supervised", "街道督办", "the street's manager watches over a ticket")
)

// Said is what the reporter says of what was resolved.
type Said struct {
	Solved bool      `store:"solved"`
	Words  string    `store:"words,omitempty"`
	At     time.Time `store:"at"`
}

// Supervision 督办 is a manager's notice.
type Supervision struct {
	By     string    `store:"by"`
	At     time.Time `store:"at"`
	Reason string    `store:"reason"`
}

func doConfirm(t *Ticket, x *taking) { t.Said = &Said{true, strings.TrimSpace(x.in.Reason), x.now} }

func doDispute(t *Ticket, x *taking) { t.Said = &Said{false, strings.TrimSpace(x.in.Reason), x.now} }

// notTooSoon: a reporter urges once in some days.
func notTooSoon(t *Ticket, _ access.Relation, o occasion) error {
	if len(t.Urged) == 0 {
		return nil
	}
	next := t.Urged[len(t.Urged)-1].Add(inDays(o.policy.Limit(policy.UrgeDays)))
	if !next.After(o.now) {
		return nil
	}
	at := next.In(civil.Zone).Format("2006-01-02 15:04")
	return &domain.ConflictError{Code: "too_soon", RetryAfter: next.Sub(o.now), Detail: domain.Textf("已催办，%s 后可再次催办", "it was urged already, and can be again from %s on", at)}
}

func doUrge(t *Ticket, x *taking) {
	t.Urged = append(t.Urged, x.now)
	x.tell(notice{kind: ToldUrged, whom: []policy.Recipient{policy.ToAssignee, policy.ToLead}})
}

func doSupervise(t *Ticket, x *taking) {
	t.Supervised = append(t.Supervised, Supervision{x.actor.Account, x.now, strings.TrimSpace(x.in.Reason)})
	if slices.Index(Urgencies, t.Urgency) < slices.Index(Urgencies, Urgent) {
		t.Urgency = Urgent
	}
	x.tell(notice{kind: ToldSupervised, whom: []policy.Recipient{policy.ToAssignee, policy.ToLead}})
}
