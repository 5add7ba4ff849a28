package link

import (
	"context"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/intake"
	"wangge/store"
)

// CaseAt is how much of the case at the other end of one of a thing's links the
// actor is shown there; ErrNotFound of a link that they do not see, that was
// removed, or that has no case.
func (s *Links) CaseAt(actor access.Actor, this End, id string) intake.Sight {
	return func(ctx context.Context, r store.Reader) (string, access.CaseShown, error) {
		there, err := load(ctx, r, this)
		if err != nil {
			return "", access.CaseHidden, err
		}
		at := there[this]
		from := at.seen(actor)
		if from == nothing {
			return "", access.CaseHidden, domain.ErrNotFound
		}
		found, sides, err := s.linksOf(ctx, r, this, at)
		if err != nil {
			return "", access.CaseHidden, err
		}
		for i, l := range found {
			if end := l.Other(sides[i]); l.ID == id && l.Holds() && end.Thing == Case {
				far, err := load(ctx, r, end)
				if err != nil {
					return "", access.CaseHidden, err
				}
				if c := far[end].kase; c != nil {
					shown := linkedCaseView(actor, c, from)
					if shown == access.CaseHidden {
						break
					}
					return c.ID, shown, nil
				}
			}
		}
		return "", access.CaseHidden, domain.ErrNotFound
	}
}
