package service

import (
	"context"
	"slices"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/todo"
	"wangge/store"
	"wangge/store/jobs"
)

// Expiring asks the holder to renew a qualification.
var Expiring = todo.Declare("qualification_expiring", "岗位资格即将到期，请参加复训", "A qualification of yours runs out soon: take part in a training")

// warned is how long before its end the holder of a qualification is told.
const warned = 30 * 24 * time.Hour

// bookmarks are how far changes of accounts were followed.
var bookmarks = jobs.Bookmarks("qualificationBookmarks")

// Run tells holders of what runs out, puts on the journal what has run out, and
// follows people to other places, until ctx ends; it returns ctx's error.
func (s *Qualifications) Run(ctx context.Context, n jobs.Node) error {
	return jobs.Lead(ctx, n, "qualifications", s.due().Run(n), s.follower(n.Now).Follow(n))
}

// due are the qualifications whose time has come.
func (s *Qualifications) due() *jobs.Due[Qualification, *Qualification] {
	return &jobs.Due[Qualification, *Qualification]{
		Collection: qualifications, Field: "due", At: func(q *Qualification) time.Time { return q.Due },
		Do: func(ctx context.Context, lease store.Lease, q *Qualification, now time.Time) error {
			return s.st.Update(ctx, []string{area.CityPartition}, func(tx *store.Tx) error {
				if err := tx.Hold(ctx, lease); err != nil {
					return err
				}
				others, err := ofAccounts(ctx, tx, []string{q.Account})
				if err != nil {
					return err
				}
				i := slices.IndexFunc(others[q.Account], func(o *Qualification) bool { return o.ID == q.ID })
				if i < 0 {
					return nil
				}
				return comeDue(ctx, tx, others[q.Account][i], others[q.Account], now)
			})
		},
	}
}

// comeDue tells the holder of what runs out, unless they hold one of the kind
// for longer, and puts what has run out on the journal.
func comeDue(ctx context.Context, tx *store.Tx, q *Qualification, others []*Qualification, now time.Time) error {
	if q.Due.IsZero() || now.Before(q.Due) {
		return nil
	}
	if !now.Before(q.end()) {
		q.Due = time.Time{}
		return qualifications.Put(tx, q, q.entry(access.Program, now, "expire"))
	}
	q.Due = q.end()
	renewed := slices.ContainsFunc(others, func(o *Qualification) bool { return o.Kind == q.Kind && o.Ends > q.Ends && o.Revoked == nil })
	q.Told = !renewed
	e := q.entry(access.Program, now, "near-end")
	if err := qualifications.Put(tx, q, e); err != nil || renewed {
		return err
	}
	return todo.Ask(ctx, tx, todo.Asking{Kind: Expiring, About: q.about(), To: []string{q.Account}}, e)
}

// follower keeps what qualifications are found by in step with where their holders have grants.
func (s *Qualifications) follower(now func() time.Time) *jobs.Consumer {
	return &jobs.Consumer{
		Bookmarks: bookmarks, PerDocument: true, Wants: account.About,
		Handle: func(ctx context.Context, b jobs.Batch) (jobs.Output, error) {
			return jobs.Output{}, s.follow(ctx, b.Lease, b.Entries[0].Doc, now().UTC())
		},
	}
}

func (s *Qualifications) follow(ctx context.Context, lease store.Lease, id string, now time.Time) error {
	return s.st.Update(ctx, []string{area.CityPartition}, func(tx *store.Tx) error {
		if err := tx.Hold(ctx, lease); err != nil {
			return err
		}
		theirs, err := ofAccounts(ctx, tx, []string{id})
		if err != nil || len(theirs) == 0 {
			return err
		}
		a, err := account.Load(ctx, tx, id)
		if err != nil {
			return err
		}
		places, err := s.accounts.Places(ctx, tx, a)
		if err != nil {
			return err
		}
		within := areasOf(places)
		for _, q := range theirs[id] {
			if slices.Equal(q.Areas, within) {
				continue
			}
			q.Areas = within
			if err := qualifications.Put(tx, q, q.entry(access.Program, now, "place")); err != nil {
				return err
			}
		}
		return nil
	})
}
