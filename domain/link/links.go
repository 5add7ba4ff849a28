package link

import (
	"context"
	"errors"
	"slices"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

// Links are what people do with links.
type Links struct{ store *store.Store }

// New returns the use cases on a store that has Collections, and those of tickets, cases and visits.
func New(st *store.Store) *Links { return &Links{st} }

// Seen is a link as one of its ends shows it to a reader.
type Seen struct {
	*Link
	Direction Direction
	Other     Shown
	May       bool // the reader make and remove it, and be shown why that was done
}

// Of returns the links of a thing as far as the actor sees their other ends, the
// oldest first; with removed, also those that were removed, for who may link
// both ends. ErrNotFound for who does not see the thing.
func (s *Links) Of(ctx context.Context, actor access.Actor, this End, removed bool) ([]Seen, error) {
	there, err := load(ctx, s.store, this)
	if err != nil {
		return nil, err
	}
	at := there[this]
	from := at.seen(actor)
	if from == nothing {
		return nil, domain.ErrNotFound
	}
	found, sides, err := s.linksOf(ctx, s.store, this, at)
	if err != nil {
		return nil, err
	}
	others := make([]End, len(found))
	for i, l := range found {
		others[i] = l.Other(sides[i])
	}
	far, err := load(ctx, s.store, others...)
	if err != nil {
		return nil, err
	}
	out := []Seen{}
	for i, l := range found {
		other := far[others[i]]
		as := other.seenFrom(actor, from)
		may := l.Version > 0 && as > nothing && at.mayLink(actor) && other.mayLink(actor)
		if as == nothing || !l.Holds() && !(removed && may) {
			continue
		}
		out = append(out, Seen{Link: l, Direction: l.direction(sides[i]), Other: other.shown(others[i], as), May: may})
	}
	return out, nil
}

// SeenAt tells, for timelines of a kind of things, which links of one the actor
// sees, by their ids; of those that were removed, who may link both ends.
func (s *Links) SeenAt(kind Thing) func(ctx context.Context, actor access.Actor, id string) (map[string]bool, error) {
	return func(ctx context.Context, actor access.Actor, id string) (map[string]bool, error) {
		found, err := s.Of(ctx, actor, End{kind, id}, true)
		out := make(map[string]bool, len(found))
		for _, l := range found {
			out[l.ID] = true
		}
		return out, err
	}
}

// linksOf are the links of a thing, and which of their ends it is: of a visit
// also those of its stop.
func (s *Links) linksOf(ctx context.Context, r store.Reader, this End, at thing) (found []*Link, sides []End, err error) {
	mine := []End{this}
	if at.visit != nil && at.visit.Stop != "" {
		mine = append(mine, End{Stop, at.visit.Stop})
	}
	for _, end := range mine {
		page, err := ofEnd(ctx, r, end)
		if err != nil {
			return nil, nil, err
		}
		for _, l := range page {
			found, sides = append(found, l), append(sides, end)
		}
	}
	stop := at.stop
	if len(mine) > 1 {
		there, err := load(ctx, r, mine[1])
		if err != nil {
			return nil, nil, err
		}
		stop = there[mine[1]].stop
	}
	for _, kept := range keptBy(at.ticket, stop) {
		if !slices.ContainsFunc(found, func(l *Link) bool { return l.ID == kept.ID }) {
			found, sides = append(found, kept), append(sides, mine[len(mine)-1])
		}
	}
	return found, sides, nil
}

// OfThing are the links of a ticket or a case, those that were removed too, whoever asks.
func OfThing(ctx context.Context, r store.Reader, this End) ([]*Link, error) {
	return ofEnd(ctx, r, this)
}

// ofEnd are the links of one end, the oldest first.
func ofEnd(ctx context.Context, r store.Reader, end End) ([]*Link, error) {
	found, _, err := collection.Find(ctx, r, store.Query{Where: []store.Cond{store.Eq("ends", end.key())}, Order: []string{"at"}, Limit: most})
	return found, err
}

func (l *Link) direction(this End) Direction {
	switch {
	case l.Kind == SameMatter:
		return Both
	case l.From == this:
		return Out
	}
	return In
}

// update runs fn in an update of the streets in which these things lie, and of
// one more; what is not there is not among them.
func (s *Links) update(ctx context.Context, ends []End, also string, fn func(*store.Tx, map[End]thing) error) error {
	var elsewhere elsewhereError
	return store.RetryMoved(func(moved error) error {
		was, err := load(ctx, s.store, ends...)
		if err != nil {
			return err
		}
		var in []string
		for _, p := range append(partitionsOf(was), also, elsewhere.partition) {
			if p != "" {
				in = append(in, p)
			}
		}
		err = s.store.Update(ctx, in, func(tx *store.Tx) error {
			at, err := load(ctx, tx, ends...)
			if err != nil {
				return err
			}
			for _, p := range partitionsOf(at) {
				if !tx.Covers(p) {
					return moved
				}
			}
			return fn(tx, at)
		})
		if errors.As(err, &elsewhere) {
			return moved
		}
		return err
	})
}

func partitionsOf(at map[End]thing) (out []string) {
	for _, t := range at {
		out = append(out, t.partition())
	}
	return out
}

// elsewhereError is a partition, in which the link lies, that the update does not write.
type elsewhereError struct{ partition string }

func (e elsewhereError) Error() string { return "link: it lies in another street" }

// with is the sorted list with one more, which may be in it or "".
func with(list []string, one string) []string {
	if one == "" || slices.Contains(list, one) {
		return list
	}
	return slices.Sorted(slices.Values(append(slices.Clone(list), one)))
}
