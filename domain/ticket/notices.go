package ticket

import (
	"context"
	"slices"
	"strconv"
	"time"

	"wangge/domain/access"
	"wangge/domain/policy"
	"wangge/domain/todo"
	"wangge/store"
)

// notice is what people are told of an action, in its update. Who acts is not told.
type notice struct {
	kind todo.Kind
	to   []string           // accounts
	whom []policy.Recipient // and who is that for the ticket
}

// tell has people told of the action, once it is written.
func (x *taking) tell(n notice) { x.notices = append(x.notices, n) }

// about is the ticket as something that people are asked about.
func (t *Ticket) about() todo.About { return todo.About{Kind: "ticket", ID: t.ID, Place: t.Place} }

// announce tells people what the ticket's last change has them told.
func (s *Tickets) announce(ctx context.Context, tx *store.Tx, t *Ticket, actor access.Actor, now time.Time, notices ...notice) error {
	for _, n := range notices {
		to := slices.Clone(n.to)
		for _, word := range n.whom {
			who, err := s.whoIs(ctx, t, now, word)
			if err != nil {
				return err
			}
			to = append(to, who...)
		}
		to = slices.DeleteFunc(to, func(id string) bool { return id == actor.Account })
		a := todo.Asking{Kind: n.kind, About: t.about(), Occasion: strconv.FormatInt(t.Version, 10), To: to}
		if err := todo.Ask(ctx, tx, a, store.Entry{At: now, Actor: actor.Name(), From: actor.Session}); err != nil {
			return err
		}
	}
	return nil
}

// whoIs are the accounts for which a word of the policy stands for the ticket.
func (s *Tickets) whoIs(ctx context.Context, t *Ticket, now time.Time, word policy.Recipient) ([]string, error) {
	if word == policy.ToAssignee {
		return s.WhoHas(ctx, t.Assignee)
	}
	return s.WhoAt(ctx, t.Place, now, word)
}
