package ticket

import (
	"context"
	"slices"
	"strconv"
	"time"

	"wangge/domain/access"
	"wangge/domain/todo"
	"wangge/store"
)

var (
	RequestToDecide = todo.Declare("ticket_request", "有退回或延期申请待您决定", "a request to give a ticket back, or for more time, waits for your decision")
	ToldDecided     = todo.Declare("ticket_decided", "您的退回或延期申请有了结果", "your request about a ticket was decided")
)

// What becomes of requests on which nobody decides. No transitions: nobody asks for them.
const (
	ClimbRequest Action = "request_climb" // 逾期未决，转上一级
	LapseRequest Action = "request_lapse" // 逾期未决，申请失效
)

func (t *Ticket) openRequests() (out []*Request) {
	for i := range t.Requests {
		if t.Requests[i].State == RequestOpen && t.State != Merged {
			out = append(out, &t.Requests[i])
		}
	}
	return out
}

// deciders are who is to take the next step of a request: at its level, or next up where nobody is there who may.
func (s *Tickets) deciders(ctx context.Context, t *Ticket, r *Request, now time.Time) ([]string, error) {
	for _, level := range levelsOf[slices.Index(levelsOf, r.Level):] {
		who, err := s.WhoAt(ctx, t.Place, now, level)
		if err != nil {
			return nil, err
		}
		who = slices.DeleteFunc(slices.Clone(who), func(id string) bool { return slices.Contains(r.Persons, id) || id == t.Assignee.ID })
		if len(who) > 0 {
			return who, nil
		}
	}
	return nil, nil
}

func askRequests(ctx context.Context, s *Tickets, t *Ticket, now time.Time) (out []todo.Asking, err error) {
	for _, r := range t.openRequests() {
		to, err := s.deciders(ctx, t, r, now)
		if err != nil {
			return nil, err
		}
		out = append(out, todo.Asking{Occasion: string(r.Kind) + "." + stamp(r.At) + "." + strconv.Itoa(len(r.Steps)), To: to})
	}
	return out, nil
}

// ringRequest has the first request that is due climb to the next level, or, for more time, lapse.
func ringRequest(ctx context.Context, s *Tickets, tx *store.Tx, t *Ticket, now time.Time) error {
	due := t.requestDue()
	i := slices.IndexFunc(t.Requests, func(r Request) bool { return r.State == RequestOpen && r.DueAt.Equal(due) })
	r := &t.Requests[i]
	if r.Kind == ForReturn {
		return s.ringing(ctx, tx, t, now, ClimbRequest, func() error {
			p, err := s.policies.In(ctx, tx, t.Partition, now)
			if err != nil {
				return err
			}
			o, err := s.occasionIn(ctx, tx, access.Program, now, p)
			if err != nil {
				return err
			}
			r.climb(o)
			return nil
		})
	}
	by := r.By
	err := s.ringing(ctx, tx, t, now, LapseRequest, func() error {
		who, err := s.deciders(ctx, t, r, now)
		if err != nil {
			return err
		}
		r.Charged = who
		r.end(RequestLapsed, Decision{At: now, Decision: LapsedUndecided})
		return nil
	})
	if err != nil {
		return err
	}
	return s.announce(ctx, tx, t, access.Program, now, notice{kind: ToldDecided, to: []string{by}})
}

// climb makes it a decision that is due at the next level; above all of them it waits.
func (r *Request) climb(o occasion) {
	r.Steps = append(r.Steps, Decision{At: o.now, Decision: ClimbedUndecided})
	r.Endorse = false
	r.raise(levelsOf[min(slices.Index(levelsOf, r.Level)+1, len(levelsOf)-1)], o)
}
