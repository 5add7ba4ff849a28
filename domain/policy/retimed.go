package policy

import (
	"context"
	"reflect"
	"time"

	"wangge/store"
)

// AboutVersion reports whether an entry of the journal is about a version that was decided.
func AboutVersion(e *store.Entry) bool { return e.Collection == versions.Spec().Name }

// Retimed are the ids of the streets in which a version, by its id, changes by
// when tickets are due, from a time on; none where it decides of other things.
// This node knows the version from then on.
func (s *Policies) Retimed(ctx context.Context, id string) (streets []string, from time.Time, err error) {
	v, err := versions.Get(ctx, s.st, id)
	if err != nil {
		return nil, time.Time{}, err
	}
	var was Content
	for n := v.Number - 1; n > 0; n-- {
		id := versionID(v.Area, n)
		before, err := versions.GetMany(ctx, s.st, []string{id})
		if err != nil {
			return nil, time.Time{}, err
		}
		b := before[id]
		if b != nil && b.From.After(v.From) { // decided before, to begin later: it never does
			continue
		}
		if b != nil {
			was = b.Content
		}
		break
	}
	if v.Content.timing().same(was.timing()) {
		return nil, v.From, nil
	}
	if err := s.RefreshOf(ctx, v.Area); err != nil {
		return nil, time.Time{}, err
	}
	a, ok := s.areas.Tree().ByID(v.Area)
	if !ok {
		return nil, v.From, nil
	}
	if of := s.streetsOf(a); of != nil {
		return of, v.From, nil
	}
	return []string{a.ID}, v.From, nil
}

// timing is what of a content says by when tickets are due, and who is told.
type timing struct {
	Categories []Category
	Conditions []Condition
	Clocks     []ClockRule
	Hours      []Office
}

func (c Content) timing() timing { return timing{c.Categories, c.Conditions, c.Clocks, c.Hours} }

func (t timing) same(o timing) bool { return reflect.DeepEqual(t, o) }
