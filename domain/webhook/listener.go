package webhook

import (
	"context"
	"errors"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/intake"
	"wangge/store"
)

// listener is a target with what its account may hear.
type listener struct {
	*Target
	actor  access.Actor    // without a grant while the account is disabled
	speaks map[string]bool // for platforms that it was asked about
}

func (s *Targets) listener(ctx context.Context, r store.Reader, t *Target, now time.Time) (*listener, error) {
	actor, err := s.accounts.Machine(ctx, r, t.Account, now)
	if errors.Is(err, domain.ErrNotFound) {
		actor, err = access.Actor{Account: t.Account}, nil
	}
	return &listener{t, actor, map[string]bool{}}, err
}

// know finds out for which platforms of these cases the account speaks.
func (l *listener) know(ctx context.Context, r store.Reader, cases map[string]*intake.Case) error {
	for _, c := range cases {
		if _, known := l.speaks[c.System]; known || c.System == "" {
			continue
		}
		speaks, err := intake.Speaks(ctx, r, l.actor.Account, c.System)
		if err != nil {
			return err
		}
		l.speaks[c.System] = speaks
	}
	return nil
}

// since reports whether the target was there when an entry was written.
func (t *Target) since(e *store.Entry) bool { return !e.At.Before(t.CreatedAt) }

// of reports whether the target is for cases such as this one.
func (t *Target) of(c *intake.Case) bool { return t.System == "" || t.System == c.System }

// hearsCase says how much the account is told of a case that lies, or lay, at a place.
func (l *listener) hearsCase(c *intake.Case, at access.Place) access.CaseShown {
	facts := c.Facts()
	facts.Place = at
	return access.HearsCase(l.actor, facts, l.speaks[c.System])
}

// every reads all targets.
func every(ctx context.Context, r store.Reader) ([]*Target, error) {
	all, _, err := targets.Find(ctx, r, store.Query{Order: []string{"createdAt"}, Limit: most})
	return all, err
}
