package delivery

import (
	"context"
	"slices"
	"strconv"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/notice"
	"wangge/domain/once"
	"wangge/store"
	"wangge/store/jobs"
)

// Alarm is an urgent matter that waits for somebody to acknowledge it: those
// told first, then, rung by rung, others at its place, and at last all of them
// by text message. It is one for each entry and kind.
type Alarm struct {
	store.Meta `store:",inline"`
	Kind       notice.Kind  `store:"kind"`
	About      notice.About `store:"about"`
	Place      access.Place `store:"place"`
	Notices    []string     `store:"notices"`         // of all who were told
	Rung       int          `store:"rung"`            // 0: those told first
	DueAt      time.Time    `store:"dueAt,omitempty"` // when the next rung is told; zero: none is
	EndedAt    time.Time    `store:"endedAt,omitempty"`
	EndedBy    string       `store:"endedBy,omitempty"` // account; none where the matter was over
	Expires    time.Time    `store:"expires"`
}

// Rungs are how many there are above those told first; those told by then get a text message at one more.
const Rungs = 3

var alarms = store.Declare[Alarm](store.Declaration{
	Name: "deliveryAlarms", Schema: 1, Unjournaled: true,
	Indexes: []string{
		"due: dueAt",       // what goes up a rung
		"expires: expires", // what is removed
	},
})

func alarmID(n *notice.Notice) string {
	return space.Of("alarm", n.Partition, strconv.FormatInt(n.Number, 10), string(n.Kind))
}

// raise has somebody acknowledge what is urgent of an entry.
func (p *planning) raise(t notice.Told, due time.Time) {
	for _, n := range t.Notices {
		if n.Importance != notice.Urgent {
			continue
		}
		id := alarmID(n)
		a := p.alarms[id]
		if a == nil {
			a = &Alarm{Meta: store.Meta{ID: id}, Kind: t.Kind, About: t.About, Place: t.Place, DueAt: due, Expires: p.now.Add(notice.Kept)}
			p.alarms[id], p.raised = a, append(p.raised, id)
		}
		a.Notices = append(a.Notices, n.ID)
	}
}

// Acknowledge says that the recipient of an urgent notice has it; nobody else is
// told then. Who stands in for them, or was told on another rung, has a notice of
// their own to acknowledge. The same again changes nothing.
// Errors: ErrNotFound for another's, ConflictError "not_urgent".
func (s *Deliveries) Acknowledge(ctx context.Context, actor access.Actor, now time.Time, id string) (n *notice.Notice, err error) {
	err = s.store.Update(ctx, nil, func(tx *store.Tx) error {
		found, err := notice.Load(ctx, tx, []string{id})
		if err != nil {
			return err
		}
		if n = found[id]; n == nil || n.Recipient != actor.Account {
			return domain.ErrNotFound
		}
		if n.Importance != notice.Urgent {
			return notUrgent
		}
		if !n.Acked.IsZero() {
			return once.Finish(ctx, tx)
		}
		n.Acked = now
		if n.Unread {
			n.Unread, n.ReadAt = false, now
		}
		if err := notice.Put(tx, n); err != nil {
			return err
		}
		if err := s.end(ctx, tx, alarmID(n), now, actor.Account); err != nil {
			return err
		}
		return once.Finish(ctx, tx)
	})
	return n, err
}

var notUrgent = &domain.ConflictError{Code: "not_urgent", Detail: domain.T("只有紧急通知需要确认", "only what is urgent is acknowledged")}

func (s *Deliveries) end(ctx context.Context, tx *store.Tx, id string, now time.Time, by string) error {
	found, err := alarms.GetMany(ctx, tx, []string{id})
	if err != nil || found[id] == nil || !found[id].EndedAt.IsZero() {
		return err
	}
	a := found[id]
	a.DueAt, a.EndedAt, a.EndedBy = time.Time{}, now, by
	return alarms.Put(tx, a)
}

// Ladder brings what nobody acknowledges to the next.
func (s *Deliveries) Ladder() *jobs.Due[Alarm, *Alarm] {
	return &jobs.Due[Alarm, *Alarm]{Collection: alarms, Field: "dueAt", At: func(a *Alarm) time.Time { return a.DueAt }, Do: s.Climb}
}

// Climb tells the next rung of an alarm that is due: the first above it on
// which there is somebody who was not told. Above the last, all who were told
// get a text message, and nobody else is told.
func (s *Deliveries) Climb(ctx context.Context, lease store.Lease, a *Alarm, now time.Time) error {
	over, err := s.Over(ctx, a.Kind, a.About)
	if err != nil {
		return err
	}
	told, err := s.toldOf(ctx, a)
	if err != nil {
		return err
	}
	var next []*notice.Notice
	rung := a.Rung + 1
	for ; !over && len(told) > 0 && rung <= Rungs; rung++ {
		if next, err = s.onRung(ctx, a, told, rung, now); err != nil || len(next) > 0 {
			break
		}
	}
	if err != nil {
		return err
	}
	var fresh []*notice.Notice
	err = s.store.Update(ctx, nil, func(tx *store.Tx) error {
		if err := tx.Hold(ctx, lease); err != nil {
			return err
		}
		is, err := alarms.Get(ctx, tx, a.ID)
		if err != nil || is.Version != a.Version || is.DueAt.IsZero() {
			return err
		}
		if over {
			return s.end(ctx, tx, a.ID, now, "")
		}
		is.Rung, is.DueAt = rung, time.Time{}
		if rung <= Rungs {
			is.DueAt = now.Add(s.ack)
		}
		if fresh, err = s.climb(ctx, tx, is, told, next, now); err != nil {
			return err
		}
		return alarms.Put(tx, is)
	})
	if err == nil && len(fresh) > 0 {
		s.Told(fresh)
	}
	if err == nil {
		s.Due()
	}
	return err
}

// toldOf are the notices of an alarm that are still there, in the order in which they were told.
func (s *Deliveries) toldOf(ctx context.Context, a *Alarm) (out []*notice.Notice, err error) {
	found, err := notice.Load(ctx, s.store, a.Notices)
	for _, id := range a.Notices {
		if found[id] != nil {
			out = append(out, found[id])
		}
	}
	return out, err
}

// onRung are the notices for those of a rung who may see the matter and were not told.
func (s *Deliveries) onRung(ctx context.Context, a *Alarm, told []*notice.Notice, rung int, now time.Time) ([]*notice.Notice, error) {
	who, err := s.Next(ctx, a.Place, rung, now)
	if err != nil {
		return nil, err
	}
	var next []*notice.Notice
	for _, id := range who {
		if n := told[0].To(id, now); !slices.Contains(a.Notices, n.ID) {
			next = append(next, n)
		}
	}
	if len(next) == 0 {
		return nil, nil
	}
	return s.Seen(ctx, now, next)
}

// climb writes the notices of the next rung and what goes out of them, or the text messages.
func (s *Deliveries) climb(ctx context.Context, tx *store.Tx, a *Alarm, told, next []*notice.Notice, now time.Time) ([]*notice.Notice, error) {
	before, err := notice.Load(ctx, tx, a.Notices)
	if err != nil {
		return nil, err
	}
	for _, id := range a.Notices {
		if n := before[id]; n != nil {
			n.Escalations = append(n.Escalations, notice.Escalation{Rung: a.Rung, At: now})
			if err := notice.Put(tx, n); err != nil {
				return nil, err
			}
		}
	}
	if len(next) == 0 {
		return nil, enqueue(ctx, tx, s.texts(told), now)
	}
	fresh, err := notice.Add(ctx, tx, next)
	if err != nil {
		return nil, err
	}
	p := newPlanning(now)
	for _, n := range fresh {
		a.Notices = append(a.Notices, n.ID)
		p.add(n)
	}
	return fresh, p.write(ctx, tx)
}

// texts are the text messages to all who were told.
func (s *Deliveries) texts(told []*notice.Notice) (out []*Handoff) {
	if !slices.Contains(s.ways, SMS) {
		return nil
	}
	for _, n := range told {
		out = append(out, &Handoff{Way: SMS, Recipient: n.Recipient, Thing: waitingOf(n), Notice: n.ID, Kind: n.Kind, Importance: n.Importance, At: n.At})
	}
	return out
}
