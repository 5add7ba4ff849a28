package sms

import (
	"context"
	"errors"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/delivery"
	"wangge/domain/ids"
	"wangge/domain/limit"
	"wangge/domain/personal"
	"wangge/store"
)

// Texts is what is done with messages.
type Texts struct {
	st     *store.Store
	keys   *personal.Keys
	limits *limit.Limits
	budget int
	now    func() time.Time

	// Staff reports whether a phone is that of somebody who works; to be set before use.
	Staff func(ctx context.Context, phone string) (bool, error)
	// Enqueued is called after a message was put in line, on the node that did; to be set before use by who sends.
	Enqueued func()
}

// New makes them on a store that declares Collections and those of package
// limit. budget is how many messages may go out in 24 hours.
func New(st *store.Store, keys *personal.Keys, budget int, now func() time.Time) *Texts {
	nobody := func(context.Context, string) (bool, error) { return false, nil }
	return &Texts{st: st, keys: keys, limits: limit.New(st, keys), budget: budget, now: now, Staff: nobody, Enqueued: func() {}}
}

// The tenth part of a day's messages is kept for the codes of who works.
const reserved = 10

func (s *Texts) budgetRule(staff bool) limit.Rule {
	r := limit.Rule{Name: "texts-day", Quota: s.budget, Window: 24 * time.Hour, Silent: true}
	if !staff {
		r.Quota -= s.budget / reserved
	}
	return r
}

// How often one phone is told that something urgent waits.
var (
	urgentHour = limit.Rule{Name: "texts-urgent-hour", Quota: 5, Window: time.Hour, Silent: true}
	urgentDay  = limit.Rule{Name: "texts-urgent-day", Quota: 20, Window: 24 * time.Hour, Silent: true}
)

// space is where the ids of messages follow from what they are about.
const space ids.Space = "0a6a55a5-6c0c-4b8f-8a75-0a7e3b1d8a3e"

// SendCode puts a one-time code in line to a normalised mobile phone, how often
// one may be asked for being the caller's. It looks at no account and at no
// service: what it costs does not depend on whose phone it is.
func (s *Texts) SendCode(ctx context.Context, phone, code string) error {
	now := s.now().UTC()
	return s.put(ctx, &Text{Meta: store.Meta{ID: ids.New()}, Template: Code, At: now, Until: now.Add(codeGood)}, phone, code)
}

// Send puts in line that something urgent waits, once for each notice and
// phone: the message is then this package's to deliver. Its text is the
// template's; nothing of the notice goes into it.
func (s *Texts) Send(ctx context.Context, m delivery.Message) delivery.Outcome {
	phone, err := personal.NormalisePhone(m.Address)
	if err != nil || !personal.IsMobile(phone) {
		return delivery.Outcome{State: delivery.Never, Code: "phone"}
	}
	now := s.now().UTC()
	t := &Text{Meta: store.Meta{ID: space.Of("urgent", m.ID, s.keys.Index("text", phone))}, Template: Urgent, At: now, Until: now.Add(urgentGood)}
	_, err = texts.Get(ctx, s.st, t.ID)
	if errors.Is(err, store.ErrNotFound) {
		if err = s.limits.Take(ctx, now, s.limits.Of(urgentHour, phone), s.limits.Of(urgentDay, phone)); err == nil {
			err = s.put(ctx, t, phone, "")
		}
	}
	var limited *domain.LimitError
	var twice *store.DuplicateError
	switch {
	case err == nil, errors.As(err, &twice):
		return delivery.Outcome{State: delivery.Taken}
	case errors.As(err, &limited):
		return delivery.Outcome{State: delivery.Later, After: limited.RetryAfter, Code: "limit", Alone: true} // other phones wait for nothing
	}
	return delivery.Outcome{State: delivery.Later, Code: "store"}
}

func (s *Texts) put(ctx context.Context, t *Text, phone, code string) (err error) {
	if t.Phone, err = s.keys.Seal(phone, phoneAt(t.ID)); err != nil {
		return err
	}
	if code != "" {
		if t.Code, err = s.keys.Seal(code, codeAt(t.ID)); err != nil {
			return err
		}
	}
	t.State, t.DueAt, t.Expires = Waiting, t.At, t.At.Add(kept)
	err = s.st.Update(ctx, nil, func(tx *store.Tx) error {
		fresh := *t
		return texts.Insert(tx, &fresh)
	})
	if err == nil {
		s.Enqueued()
	}
	return err
}

func phoneAt(id string) string { return "text/" + id + "/phone" }
func codeAt(id string) string  { return "text/" + id + "/code" }

// Due are messages about which something is to be done now.
func (s *Texts) Due(ctx context.Context, now time.Time, limit int) ([]*Text, error) {
	due, _, err := texts.Find(ctx, s.st, store.Query{
		Where: []store.Cond{store.Between("dueAt", nil, now.Add(time.Millisecond))}, Order: []string{"dueAt"}, Limit: limit,
	})
	return due, err
}

// NextDue is when something is to be done next; zero for nothing.
func (s *Texts) NextDue(ctx context.Context, now time.Time) (time.Time, error) {
	next, _, err := texts.Find(ctx, s.st, store.Query{
		Where: []store.Cond{store.Between("dueAt", now.Add(time.Millisecond), nil)}, Order: []string{"dueAt"}, Limit: 1,
	})
	if err != nil || len(next) == 0 {
		return time.Time{}, err
	}
	return next[0].DueAt, nil
}

// Held is a message in the hands of who sends it. Ask: it may have been sent,
// or was, and the service is asked what became of it; else it is sent.
type Held struct {
	Message
	Ask bool
}

// Hold takes a message that is due, for a minute; nil where another has it, or
// where it is not to be sent any more. What is sent counts against the day's
// budget before, once, but for what is urgent, which nothing holds back.
func (s *Texts) Hold(ctx context.Context, id string, now time.Time) (*Held, error) {
	var t *Text
	ask := false
	err := s.st.Update(ctx, nil, func(tx *store.Tx) (err error) {
		t, err = texts.Get(ctx, tx, id)
		if errors.Is(err, store.ErrNotFound) || err == nil && (t.DueAt.IsZero() || t.DueAt.After(now)) {
			t = nil
			return nil
		}
		if err != nil {
			return err
		}
		if ask = t.hold(now); t.DueAt.IsZero() {
			if err := note(ctx, tx, now, func(d *Day) bool { return d.count(t) }); err != nil {
				return err
			}
		}
		return texts.Put(tx, t)
	})
	if err != nil || t == nil || t.DueAt.IsZero() {
		return nil, err
	}
	h := &Held{Message{ID: id, Template: t.Template, Receipt: t.Receipt, Tried: t.Tried}, ask}
	if h.Phone, err = s.keys.Open(t.Phone, phoneAt(id)); err != nil {
		return nil, err
	}
	if h.Code, err = s.keys.Open(t.Code, codeAt(id)); err != nil {
		return nil, err
	}
	if h.Ask || t.Template == Urgent || t.Tries > 1 {
		return h, nil
	}
	spent, err := s.spend(ctx, h.Phone, now)
	if err == nil && spent {
		h, err = nil, s.settle(ctx, id, now, func(t *Text) { t.over(Dropped, overSpent) }, func(d *Day) bool { d.Spent = now; return true })
	}
	return h, err
}

// spend counts a message against the day's budget, and reports whether there was none left for it.
func (s *Texts) spend(ctx context.Context, phone string, now time.Time) (spent bool, err error) {
	staff, err := s.Staff(ctx, phone)
	if err != nil {
		return false, err
	}
	err = s.limits.Take(ctx, now, s.limits.Of(s.budgetRule(staff), "all"))
	var limited *domain.LimitError
	if errors.As(err, &limited) {
		return true, nil
	}
	return false, err
}

// Sent writes what came of a try. What the service never took costs nothing.
func (s *Texts) Sent(ctx context.Context, id string, o delivery.Outcome, now time.Time) error {
	var refused time.Time // when one was asked for that comes to nothing
	err := s.settle(ctx, id, now, func(t *Text) {
		if t.sent(o, now); t.State == Failed && t.Template == Code {
			refused = t.At
		}
	}, func(d *Day) bool {
		switch {
		case o.State == delivery.Broken:
			d.Broken = now
		case o.State == delivery.Taken && !d.Broken.IsZero():
			d.Broken = time.Time{}
		default:
			return false
		}
		return true
	})
	if err == nil && !refused.IsZero() {
		err = s.limits.GiveBack(ctx, refused, s.limits.Of(s.budgetRule(true), "all"))
	}
	return err
}

// Heard writes what the service knows of a message; failed: it did not say.
func (s *Texts) Heard(ctx context.Context, id string, r Receipt, failed error, now time.Time) error {
	return s.settle(ctx, id, now, func(t *Text) { t.heard(r, failed, now) }, func(*Day) bool { return false })
}

// settle writes how a message stands, and counts it where that changed. One
// that is over stays so: its end came from who had held it before.
func (s *Texts) settle(ctx context.Context, id string, now time.Time, change func(*Text), also func(*Day) bool) error {
	return s.st.Update(ctx, nil, func(tx *store.Tx) error {
		t, err := texts.Get(ctx, tx, id)
		if errors.Is(err, store.ErrNotFound) || err == nil && t.DueAt.IsZero() {
			return nil
		}
		if err != nil {
			return err
		}
		was := t.State
		change(t)
		err = note(ctx, tx, now, func(d *Day) bool {
			counted := t.State != was && d.count(t)
			return also(d) || counted
		})
		if err != nil {
			return err
		}
		return texts.Put(tx, t)
	})
}

// Days are the last seven, today first, for who may see what sending comes to; ErrForbidden for others.
func (s *Texts) Days(ctx context.Context, actor access.Actor, now time.Time) ([]*Day, error) {
	if !access.MaySeeTexts(actor) {
		return nil, domain.ErrForbidden
	}
	var out []*Day
	for i := range 7 {
		d, err := dayOf(ctx, s.st, now.AddDate(0, 0, -i))
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// Budget is how many messages may go out in 24 hours.
func (s *Texts) Budget() int { return s.budget }

// Warning is something that an operator has to see to.
type Warning string

const (
	BudgetSpent   Warning = "sms_budget"  // messages are kept back
	ServiceBroken Warning = "sms_service" // it refuses our keys, signature or template, or the balance is used up
)

// warnFor is how long a warning stands after its reason was last met.
const warnFor = time.Hour

// Warnings are those that stand now.
func (s *Texts) Warnings(ctx context.Context, now time.Time) (out []Warning, err error) {
	d, err := dayOf(ctx, s.st, now)
	if err != nil {
		return nil, err
	}
	if now.Sub(d.Spent) < warnFor {
		out = append(out, BudgetSpent)
	}
	if now.Sub(d.Broken) < warnFor {
		out = append(out, ServiceBroken)
	}
	return out, nil
}

// Sweep deletes for good what is forgotten.
func Sweep(ctx context.Context, st *store.Store, now time.Time) error {
	_, err := texts.Expire(ctx, st, "expires", now)
	if err != nil {
		return err
	}
	_, err = days.Expire(ctx, st, "expires", now)
	return err
}
