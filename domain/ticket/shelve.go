package ticket

import (
	"context"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/clocks"
	"wangge/domain/policy"
	"wangge/domain/todo"
	"wangge/store"
)

// What the reporter is told, and the street asked.
var (
	ToldShelved   = todo.Declare("ticket_shelved", "您的诉求暂不具备解决条件，已挂账", "your ticket cannot be seen to for now and was put on the backlog")
	AskedToDecide = todo.Declare("ticket_backlog_review", "挂账到期，请决定续挂、恢复处置或结案", "a shelved ticket is to be decided on: renew, resume or close")
)

// Review is on a ticket's journal when its time on the backlog is over. It is no transition.
const Review Action = "review" // 挂账复核

// reviewMost is how many days ahead a review is set at most.
const reviewMost = 365

// Backlog 挂账 says what is done about a ticket that cannot be seen to for now.
// What is shelved and merged keeps it until it is taken out again.
type Backlog struct {
	Measures string    `store:"measures"`
	By       string    `store:"by"`
	At       time.Time `store:"at"`    // of the last decision
	Since    time.Time `store:"since"` // of the first
	ReviewAt time.Time `store:"reviewAt"`
	Due      bool      `store:"due,omitempty"`      // its review
	LapsesAt time.Time `store:"lapsesAt,omitempty"` // it goes on then, undecided; once its review is due
}

// shelved: what is suspended is closed as it is only from the backlog, and not by who handled it.
func shelved(t *Ticket, as access.Relation, o occasion) error {
	if t.Backlog == nil {
		return &domain.ConflictError{Code: "not_shelved", Detail: domain.T("未挂账，不能直接结案", "it is not shelved")}
	}
	return notOwnWork(t, as, o)
}

func checkShelve(_ *Ticket, in *ActionInput, o occasion, bad *domain.InvalidError) {
	needText(bad, "/measures", in.Measures, domain.T("请写明挂账期间的措施", "say what is done about it meanwhile"))
	if !in.ReviewAt.After(o.now) || in.ReviewAt.Sub(o.now) > inDays(reviewMost) {
		bad.Add("/reviewAt", domain.Textf("复核时间应在今后 %d 天内", "must be within the next %d days", reviewMost))
	}
}

// doShelve puts a ticket on the backlog, or leaves it there until another review. A suspension is over by it.
func doShelve(t *Ticket, x *taking) {
	since := x.now
	if t.Backlog != nil {
		since = t.Backlog.Since
	} else {
		t.resume(x.now)
	}
	t.Backlog = &Backlog{Measures: strings.TrimSpace(x.in.Measures), By: x.actor.Account, At: x.now, Since: since, ReviewAt: x.in.ReviewAt}
	x.step.Measures = t.Backlog.Measures
	x.tell(notice{kind: ToldShelved, to: []string{t.Reporter}})
}

func doCloseShelved(t *Ticket, x *taking) {
	t.resume(x.now)
	t.Outcome, t.ClosedAt = NotFixed, x.now
}

// resume ends a suspension, which counts until it was to end at most, and takes the ticket from the backlog.
func (t *Ticket) resume(now time.Time) {
	if until := t.ResumeAt; !until.IsZero() && !t.SuspendedAt.IsZero() {
		if now.Before(until) {
			until = now
		}
		t.SuspendedS += max(0, int64(until.Sub(t.SuspendedAt)/time.Second))
	}
	t.ResumeAt, t.SuspendedAt, t.Backlog = time.Time{}, time.Time{}, nil
}

// checkUntil notes a suspension that is none, or is longer than what is left of its round.
func (t *Ticket) checkUntil(in *ActionInput, o occasion, bad *domain.InvalidError) {
	left := max(0, inDays(o.policy.Limit(policy.SuspendDays))-time.Duration(t.SuspendedS)*time.Second)
	if !in.Until.After(o.now) || in.Until.Sub(o.now) > left {
		days := int(left / (24 * time.Hour))
		bad.Add("/until", domain.Textf("挂起截止时间应在今后；本轮还可挂起 %d 天，更久的须挂账（shelve）", "must be in the future and within the %d days that are left of this round; for longer, shelve it", days))
	}
}

// reviewAt and decideBy are when what is shelved is to be decided on, and when it goes on undecided.
func reviewAt(t *Ticket) time.Time {
	if t.State != Suspended || t.Backlog == nil || t.Backlog.Due {
		return time.Time{}
	}
	return t.Backlog.ReviewAt
}

func decideBy(t *Ticket) time.Time {
	if t.State != Suspended || t.Backlog == nil {
		return time.Time{}
	}
	return t.Backlog.LapsesAt
}

func ringReview(ctx context.Context, s *Tickets, tx *store.Tx, t *Ticket, now time.Time) error {
	p, err := s.policies.In(ctx, tx, t.Partition, now)
	if err != nil {
		return err
	}
	o, err := s.occasionIn(ctx, tx, access.Program, now, p)
	if err != nil {
		return err
	}
	return s.ringing(ctx, tx, t, now, Review, func() error {
		t.Backlog.Due = true
		t.Backlog.LapsesAt, _ = o.reckon.Add(now, clocks.Term{Count: p.Limit(policy.BacklogDays), Unit: clocks.WorkingDay})
		return nil
	})
}

func askReview(ctx context.Context, s *Tickets, t *Ticket, now time.Time) ([]todo.Asking, error) {
	to, err := s.WhoAt(ctx, t.Place, now, policy.ToDispatcher)
	return []todo.Asking{{Occasion: stamp(t.Backlog.At), To: to}}, err
}
