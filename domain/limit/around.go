package limit

import (
	"context"
	"errors"
	"maps"
	"time"

	"wangge/domain"
	"wangge/store"
)

// contendedFor is for how long attempts are counted before, after updates contended for a counter.
const contendedFor = 10 * time.Second

// errContended: somebody else counted by the same counter meanwhile.
var errContended = errors.New("limit: others count by the same counters")

// Attempted is what is counted; did: there was something to do.
type Attempted func(count func(*store.Tx) error) (did bool, err error)

// Around counts an attempt under each limit as Take does, but with what is
// attempted: do's update calls count in its fn, and returns its error, so that
// one commit does both, or neither. A domain.LimitError while any has to wait.
// Where others count by the same counters at that time, updates that do so one
// after the other would be slow: the attempt is then counted before, together
// with theirs, and count does nothing. It is taken back when do fails, or
// reports that there was nothing to do: what is sent again while it is carried out counts once.
func (l *Limits) Around(ctx context.Context, now time.Time, limits []Limit, do Attempted) error {
	if !l.enter(limits) {
		return l.before(ctx, now, limits, do)
	}
	contention := false
	defer func() { l.leave(limits, contention) }()
	a, seen := &attempt{now: now, limits: limits}, map[string]int64{}
	_, err := do(func(tx *store.Tx) error {
		known, err := countersOf(ctx, tx, limits)
		if err != nil {
			return err
		}
		for key, c := range known {
			was, again := seen[key]
			if seen[key] = c.Version; again && was != c.Version {
				return errContended
			}
		}
		if err := a.count(tx, known); err != nil {
			return err
		}
		return a.refusal()
	})
	if contention = contended(err); contention {
		return l.before(ctx, now, limits, do)
	}
	if err == nil || a.wait > 0 {
		note(ctx, a.quotas)
	}
	return err
}

// contended reports whether an update failed because others counted by the same counters.
func contended(err error) bool {
	var twice *store.DuplicateError
	return errors.Is(err, errContended) || errors.As(err, &twice) && twice.Collection == "attempts"
}

// before counts the attempt first, and takes it back when nothing came of it.
// What may have been done all the same stays counted. One that has to wait is
// refused by what counts it, as in Around: what was done before needs no count,
// and is answered as it was then.
func (l *Limits) before(ctx context.Context, now time.Time, limits []Limit, do Attempted) error {
	watched, quotas := Watch(ctx)
	err := l.Take(watched, now, limits...)
	if err == nil {
		var did bool
		did, err = do(func(*store.Tx) error { return nil })
		unknown := ctx.Err() != nil || errors.Is(err, store.ErrUnavailable)
		if !unknown && (err != nil || !did) {
			_ = l.GiveBack(ctx, now, limits...) // else it stays counted
			return err
		}
	} else if refused, limited := errors.AsType[*domain.LimitError](err); limited {
		if _, err = do(func(*store.Tx) error { return refused }); !errors.Is(err, refused) {
			return err
		}
	}
	note(ctx, quotas())
	return err
}

// GiveBack takes back an attempt at that time, or the first after it, under each budget.
func (l *Limits) GiveBack(ctx context.Context, at time.Time, limits ...Limit) error {
	return l.Update(ctx, func(tx *store.Tx) error {
		known, err := countersOf(ctx, tx, limits)
		if err != nil {
			return err
		}
		for _, by := range limits {
			if c := known[by.key]; c.giveBack(at) {
				if err := c.save(tx); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// enter takes the counters for an update, unless others contend for them.
func (l *Limits) enter(limits []Limit) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	began, free := time.Now(), true
	for _, by := range limits {
		switch contention, ok := l.contended[by.key]; {
		case l.alone[by.key]:
			l.contended[by.key], free = began, false
		case ok && began.Sub(contention) < contendedFor:
			free = false
		}
	}
	if free {
		for _, by := range limits {
			l.alone[by.key] = true
		}
	}
	return free
}

// leave gives the counters back, and notes whether others contended for them.
func (l *Limits) leave(limits []Limit, contention bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if len(l.contended) > 10_000 {
		maps.DeleteFunc(l.contended, func(_ string, at time.Time) bool { return now.Sub(at) >= contendedFor })
	}
	for _, by := range limits {
		if delete(l.alone, by.key); contention {
			l.contended[by.key] = now
		}
	}
}

// refusal is the error of an attempt that has to wait.
func (a *attempt) refusal() error {
	if a.wait > 0 {
		return &domain.LimitError{RetryAfter: a.wait}
	}
	return nil
}
