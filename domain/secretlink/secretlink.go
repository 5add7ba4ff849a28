// Package secretlink keeps secret addresses: who has one may do one thing with one
// subject, without signing in. The store has hashes of the secrets only. Each
// purpose has a collection of its own and says itself who may make and end a
// link, and what it opens; here is how one is made, ended, renewed and checked.
package secretlink

import (
	"context"
	"errors"
	"time"

	"wangge/domain"
	"wangge/domain/secret"
	"wangge/store"
)

// Link is a secret address. Its id is that of its subject, which has one at a time.
type Link struct {
	store.Meta `store:",inline"`
	Secret     string    `store:"secret"` // hash
	CreatedAt  time.Time `store:"createdAt"`
	Until      time.Time `store:"until,omitempty"` // zero: until it is ended
}

// Links are those of one purpose.
type Links struct {
	all *store.Collection[Link, *Link]
}

// For are the links of a purpose, by the name of their collection.
func For(collection string) Links {
	return Links{store.Declare[Link](store.Declaration{
		Name: collection, Schema: 1, Unjournaled: true, Indexes: []string{"secret!: secret"},
	})}
}

// Declared is what is kept in the store.
func (l Links) Declared() store.Declared { return l.all }

// Make makes the subject's link, good until a time or, with the zero one, until
// it is ended. One made before ends.
func (l Links) Make(ctx context.Context, tx *store.Tx, subject, clear string, now, until time.Time) (*Link, error) {
	ever, err := l.all.GetManyEver(ctx, tx, []string{subject})
	if err != nil {
		return nil, err
	}
	made := ever[subject]
	if made == nil {
		made = &Link{Meta: store.Meta{ID: subject}, Secret: secret.Hash(clear), CreatedAt: now, Until: until}
		return made, l.all.Insert(tx, made)
	}
	made.Secret, made.CreatedAt, made.Until, made.Deleted = secret.Hash(clear), now, until, false // it may have been ended
	return made, l.all.Put(tx, made)
}

// Of returns the subject's link; ErrNotFound when there is none.
func (l Links) Of(ctx context.Context, r store.Reader, subject string, now time.Time) (*Link, error) {
	found, err := l.all.Get(ctx, r, subject)
	if err == nil && found.over(now) {
		err = domain.ErrNotFound
	}
	return found, err
}

// End ends the subject's link, if there is one.
func (l Links) End(ctx context.Context, tx *store.Tx, subject string) error {
	found, err := l.all.Get(ctx, tx, subject)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return l.all.Delete(tx, found)
}

// Subject is what a secret opens; ErrNotFound for one that nothing has, or that is over.
func (l Links) Subject(ctx context.Context, r store.Reader, clear string, now time.Time) (string, error) {
	if len(clear) != secret.Length {
		return "", domain.ErrNotFound
	}
	found, _, err := l.all.Find(ctx, r, store.Query{Where: []store.Cond{store.Eq("secret", secret.Hash(clear))}, Limit: 1})
	if err != nil {
		return "", err
	}
	if len(found) == 0 || !secret.Matches(found[0].Secret, clear) || found[0].over(now) {
		return "", domain.ErrNotFound
	}
	return found[0].ID, nil
}

func (l *Link) over(now time.Time) bool { return !l.Until.IsZero() && !now.Before(l.Until) }
