package place

import (
	"context"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain/area"
	"wangge/store"

	"wangge/domain/access"
)

// Kind is things of one kind that go along when cells are drawn anew.
type Kind[T any] struct {
	Name string // in reports: "tickets"
	Key  string // field of the position's space-filling key, in an index of its own
	Find func(ctx context.Context, r store.Reader, queries ...store.Query) ([]T, string, error)
	Lies func(T) (orb.Point, access.Place)

	// Moves prepares a thing to come to a spot, or to stay, and reads what that takes.
	PlanMove func(ctx context.Context, r store.Reader, thing T, to area.Spot) (Move, error)
}

// Move takes a thing from one street to another, which may be the same, at a time.
type Move struct {
	From, To string                                  // ids
	Do       func(tx *store.Tx, now time.Time) error // nil: it stays
}

// PlanMoves finds the things on the ground of a redraw that lie in another cell
// from now on, or in none, or in one at last, and moves them with it.
func (k Kind[T]) PlanMoves(ctx context.Context, r store.Reader, g *area.Ground) (area.Moves, error) {
	found, err := k.misplaced(ctx, r, g)
	if err != nil {
		return area.Moves{}, err
	}
	streets := slices.Clone(g.Streets)
	for _, m := range found {
		streets = append(streets, m.From, m.To)
	}
	slices.Sort(streets)
	streets = slices.Compact(streets)
	return area.Moves{Streets: streets, Count: area.Moved{k.Name: len(found)}, Move: func(ctx context.Context, tx *store.Tx, now time.Time) (area.Moved, error) {
		found, err := k.misplaced(ctx, tx, g)
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			if !slices.Contains(streets, m.From) || !slices.Contains(streets, m.To) {
				return nil, area.ErrOvertaken
			}
		}
		for _, m := range found {
			if err := m.Do(tx, now); err != nil {
				return nil, err
			}
		}
		return area.Moved{k.Name: len(found)}, nil
	}}, nil
}

// misplaced looks through the things on the ground, by their position.
func (k Kind[T]) misplaced(ctx context.Context, r store.Reader, g *area.Ground) ([]Move, error) {
	var out []Move
	for _, keys := range g.Keys() {
		q := store.Query{Where: []store.Cond{store.Between(k.Key, keys.From, keys.To+1)}, Order: []string{k.Key}, Limit: 1000}
		for {
			page, next, err := k.Find(ctx, r, q)
			if err != nil {
				return nil, err
			}
			for _, thing := range page {
				spot, moves := g.Elsewhere(k.Lies(thing))
				if !moves {
					continue
				}
				m, err := k.PlanMove(ctx, r, thing, spot)
				if err != nil {
					return nil, err
				}
				if m.Do != nil {
					out = append(out, m)
				}
			}
			if q.After = next; next == "" {
				break
			}
		}
	}
	return out, nil
}
