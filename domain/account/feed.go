package account

import (
	"context"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/secretlink"
	"wangge/store"
)

// feeds are the secret addresses at which calendars of people are read.
var feeds = secretlink.For("calendarFeeds")

// OpenFeed makes a secret address of the actor's calendar; one made before ends.
// ErrForbidden for who has no visits.
func (s *Accounts) OpenFeed(ctx context.Context, actor access.Actor, now time.Time, secret string) (feed *secretlink.Link, err error) {
	if !access.ListsVisits(actor) {
		return nil, domain.ErrForbidden
	}
	err = s.st.Update(ctx, nil, func(tx *store.Tx) error {
		feed, err = feeds.Make(ctx, tx, actor.Account, secret, now, time.Time{})
		return err
	})
	return feed, err
}

// MyFeed returns the actor's; ErrNotFound when there is none.
func (s *Accounts) MyFeed(ctx context.Context, actor access.Actor, now time.Time) (*secretlink.Link, error) {
	return feeds.Of(ctx, s.st, actor.Account, now)
}

// CloseFeed ends the secret address of the actor's calendar, if there is one.
func (s *Accounts) CloseFeed(ctx context.Context, actor access.Actor) error {
	return s.st.Update(ctx, nil, func(tx *store.Tx) error { return feeds.End(ctx, tx, actor.Account) })
}

// FeedActor is who a secret address stands for, with the grants of now;
// ErrNotFound for one that there is not, was ended, or whose account is
// disabled or has no visits any more.
func (s *Accounts) FeedActor(ctx context.Context, secret string, now time.Time) (access.Actor, error) {
	id, err := feeds.Subject(ctx, s.st, secret, now)
	if err != nil {
		return access.Actor{}, err
	}
	a, err := collection.Get(ctx, s.st, id)
	if err != nil {
		return access.Actor{}, err
	}
	actor, err := s.actor(ctx, a, now)
	if err == nil && (a.Disabled || !access.ListsVisits(actor)) {
		err = domain.ErrNotFound
	}
	return actor, err
}
