package plan

import (
	"context"
	"errors"
	"time"

	"wangge/domain/civil"
	"wangge/store"
	"wangge/store/jobs"
)

// run says when a plan's visits are next brought in line: at once after the
// plan changed, else as the day begins. Its id is the plan's.
type run struct {
	store.Meta `store:",inline"`
	Street     string    `store:"street"`
	NextAt     time.Time `store:"nextAt,omitempty"` // zero: not any more
	Asked      int64     `store:"asked"`            // how often the plan asked for it
}

var runs = store.Declare[run](store.Declaration{
	Name: "visitRuns", Schema: 1, Unjournaled: true, Indexes: []string{"next: nextAt", "street: street"},
})

// requestRun has the plan's visits brought in line at once, within an update of the plan.
func requestRun(ctx context.Context, tx *store.Tx, p *Plan, now time.Time) error {
	r, err := runs.Get(ctx, tx, p.ID)
	if errors.Is(err, store.ErrNotFound) {
		err = runs.Insert(tx, &run{Meta: store.Meta{ID: p.ID}, Street: p.Partition, NextAt: now, Asked: 1})
	} else if err == nil {
		r.NextAt, r.Asked = now, r.Asked+1
		err = runs.Put(tx, r)
	}
	return err
}

// ErrChanged: the plan is another since its calendar was made.
var ErrChanged = errors.New("plan: the plan changed meanwhile")

// Due are the plans whose turn it is: settle brings the visits of one in line,
// now and once a day from then on until the plan has ended. ErrChanged of it is
// no error: the plan is to be settled anew.
func (s *Plans) Due(settle func(context.Context, store.Lease, *Plan, time.Time) error) *jobs.Due[run, *run] {
	return &jobs.Due[run, *run]{
		Collection: runs, Field: "nextAt", At: func(r *run) time.Time { return r.NextAt },
		Do: func(ctx context.Context, lease store.Lease, r *run, now time.Time) error {
			err := s.settle(ctx, lease, r, now, settle)
			if errors.Is(err, ErrChanged) { // it was asked for anew
				return nil
			}
			return err
		},
	}
}

func (s *Plans) settle(ctx context.Context, lease store.Lease, r *run, now time.Time, settle func(context.Context, store.Lease, *Plan, time.Time) error) error {
	p, err := plans.Get(ctx, s.store, r.ID)
	if err != nil {
		return err
	}
	if err := settle(ctx, lease, p, now); err != nil {
		return err
	}
	return s.store.Update(ctx, nil, func(tx *store.Tx) error {
		if err := tx.Hold(ctx, lease); err != nil {
			return err
		}
		again, err := runs.Get(ctx, tx, r.ID)
		if err != nil || again.Asked != r.Asked {
			return err
		}
		again.NextAt = civil.DateOf(now).Add(1).Start()
		if p.State == Ended {
			again.NextAt = time.Time{}
		}
		return runs.Put(tx, again)
	})
}

// Running are the ids of a street's plans whose visits are still brought in line.
func Running(ctx context.Context, r store.Reader, street string) (out []string, err error) {
	for cursor := ""; ; {
		own, next, err := runs.Find(ctx, r, store.Query{Where: []store.Cond{store.Eq("street", street)}, Limit: 500, After: cursor})
		if err != nil {
			return nil, err
		}
		for _, r := range own {
			if !r.NextAt.IsZero() {
				out = append(out, r.ID)
			}
		}
		if cursor = next; cursor == "" {
			return out, nil
		}
	}
}
