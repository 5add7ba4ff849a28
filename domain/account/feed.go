package account

import (
	"context"
	"errors"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

// Feed is the right to read somebody's calendar by a secret address. Its id is
// the account's; of the secret only a hash is kept.
type Feed struct {
	store.Meta `store:",inline"`
	Secret     string    `store:"secret"` // see HashSecret
	CreatedAt  time.Time `store:"createdAt"`
}

var feeds = store.Declare[Feed](store.Declaration{
	Name: "calendarFeeds", Schema: 1, Unjournaled: true, Indexes: []string{"secret!: secret"},
})

// OpenFeed makes a secret address of the actor's calendar; one made before ends.
// ErrForbidden for who has no visits.
func (s *Accounts) OpenFeed(ctx context.Context, actor access.Actor, now time.Time, secret string) (*Feed, error) {
	if !access.ListsVisits(actor) {
		return nil, domain.ErrForbidden
	}
	var f *Feed
	err := s.st.Update(ctx, nil, func(tx *store.Tx) error {
		ever, err := feeds.GetManyEver(ctx, tx, []string{actor.Account})
		if err != nil {
			return err
		}
		if f = ever[actor.Account]; f == nil {
			f = &Feed{Meta: store.Meta{ID: actor.Account}, Secret: HashSecret(secret), CreatedAt: now}
			return feeds.Insert(tx, f)
		}
		f.Secret, f.CreatedAt, f.Deleted = HashSecret(secret), now, false // it may have been closed
		return feeds.Put(tx, f)
	})
	return f, err
}

// MyFeed returns the actor's; ErrNotFound when there is none.
func (s *Accounts) MyFeed(ctx context.Context, actor access.Actor) (*Feed, error) {
	return feeds.Get(ctx, s.st, actor.Account)
}

// CloseFeed ends the secret address of the actor's calendar, if there is one.
func (s *Accounts) CloseFeed(ctx context.Context, actor access.Actor) error {
	return s.st.Update(ctx, nil, func(tx *store.Tx) error {
		f, err := feeds.Get(ctx, tx, actor.Account)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return feeds.Delete(tx, f)
	})
}

// FeedActor is who a secret address stands for, with the grants of now;
// ErrNotFound for one that there is not, was ended, or whose account is
// disabled or has no visits any more.
func (s *Accounts) FeedActor(ctx context.Context, secret string, now time.Time) (access.Actor, error) {
	found, _, err := feeds.Find(ctx, s.st, store.Query{Where: []store.Cond{store.Eq("secret", HashSecret(secret))}, Limit: 1})
	if err != nil {
		return access.Actor{}, err
	}
	if len(found) == 0 {
		return access.Actor{}, domain.ErrNotFound
	}
	a, err := All.Get(ctx, s.st, found[0].ID)
	if err != nil {
		return access.Actor{}, err
	}
	actor, err := s.actor(ctx, a, now)
	if err == nil && (a.Disabled || !access.ListsVisits(actor)) {
		err = domain.ErrNotFound
	}
	return actor, err
}
