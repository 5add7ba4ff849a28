package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// prepare sets the collections up: at once where they are empty, small, or
// where a unique index is missing, which writes depend upon. A store that a
// newer program has upgraded, or that Before refuses, is not changed at all.
func (s *Store) prepare(ctx context.Context, specs []*Spec) error {
	if err := s.checkUpgradable(ctx, specs); err != nil {
		return err
	}
	first, err := s.engine.Setup(ctx, []*Spec{layouts.spec})
	if err != nil {
		return err
	}
	own := newCollection(layouts.spec, s.engine.Parts(layouts.spec))
	own.adopt(own.begin(nil, first[0], s.now()), nil)
	s.collections[layouts.spec.Name] = own
	found, err := s.engine.Setup(ctx, specs)
	if err != nil {
		return err
	}
	for _, spec := range specs {
		s.collections[spec.Name] = newCollection(spec, s.engine.Parts(spec))
	}
	if err := s.engine.Build(ctx, layouts.spec, nil); err != nil { // earlier programs are refused before anything is told of
		return err
	}
	if err := s.record(ctx, specs, found); err != nil {
		return err
	}
	if s.engine.Shared() && len(s.Preparing()) > 0 {
		select { // until nodes of an earlier program have learnt that they write no more
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(2 * learnEvery):
		}
	}
	for _, spec := range specs {
		if err := s.upgradeAtOnce(ctx, s.collections[spec.Name]); err != nil {
			return fmt.Errorf("store: collection %s: %w", spec.Name, err)
		}
	}
	return nil
}

// checkUpgradable looks, without a change, for what forbids to open the store.
func (s *Store) checkUpgradable(ctx context.Context, specs []*Spec) error {
	raws, err := s.engine.Scan(ctx, layouts.spec, "", layoutsMost)
	if err != nil {
		return err
	}
	known := make(map[string]int32, len(raws))
	for _, raw := range raws {
		l, err := layouts.Decode(raw)
		if err != nil {
			return err
		}
		known[l.ID] = l.Known
	}
	for _, spec := range specs {
		if n := known[spec.Name]; n > spec.Schema {
			return fmt.Errorf("%w (collection %s has schema %d, this program knows %d; or put back the backup from before the upgrade)", ErrNewer, spec.Name, n, spec.Schema)
		}
	}
	if s.before == nil {
		return nil
	}
	return s.before(ctx, s)
}

// layoutsMost is above the number of collections that any program has had.
const layoutsMost = 10_000

// record writes the layouts with which this program starts.
func (s *Store) record(ctx context.Context, specs []*Spec, found []Found) error {
	var names []string
	for _, spec := range specs {
		names = append(names, spec.Name)
	}
	began, now := make([]*layout, len(specs)), s.now()
	err := s.Update(ctx, nil, func(tx *Tx) error {
		known, err := layouts.GetMany(ctx, tx, names)
		if err != nil {
			return err
		}
		for i, spec := range specs {
			old := known[spec.Name]
			began[i] = s.collections[spec.Name].begin(old, found[i], now)
			switch {
			case old == nil:
				err = layouts.Insert(tx, began[i])
			case !old.same(began[i]):
				began[i].At = now
				err = layouts.Put(tx, began[i])
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	for i, spec := range specs {
		if err == nil {
			s.collections[spec.Name].adopt(began[i], s.engine.Parts(spec))
		}
	}
	return err
}

func (l *layout) same(other *layout) bool {
	return l.Known == other.Known && l.Whole == other.Whole && slices.Equal(l.Parts, other.Parts) &&
		l.After == other.After && l.Toward == other.Toward && l.Done == other.Done && l.Total == other.Total
}

// atOnce is how many documents of a collection are rewritten and indexed before Open returns.
const atOnce = 10_000

func (c *collection) lacksUnique(l *layout) bool {
	missing := c.missing(l)
	return slices.ContainsFunc(c.spec.Indexes, func(ix Index) bool { return ix.Unique && slices.Contains(missing, ix.Name) })
}

func (s *Store) upgradeAtOnce(ctx context.Context, c *collection) error {
	l := c.layout()
	if c.done(&l) {
		return s.engine.Build(ctx, c.spec, nil)
	}
	if !c.lacksUnique(&l) {
		size, err := s.engine.Size(ctx, c.spec)
		if err != nil {
			return err
		}
		if size > s.small {
			return nil
		}
	}
	err := s.upgradeCollection(ctx, c, upgrading{log: s.log})
	if left := c.layout(); errors.Is(err, ErrLeft) && !c.lacksUnique(&left) {
		s.log.Error("documents could not be upgraded", "error", err)
		return nil // they are tried again by Upgrade
	}
	if err != nil || s.engine.Shared() {
		return err
	}
	return s.engine.Prune(ctx, c.spec)
}

// learnEvery is how soon a node learns what another has brought about.
const learnEvery = time.Second / 2

// followLayouts follows the layouts, until ctx ends.
func (s *Store) followLayouts(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(learnEvery):
		}
		if s.engine.Shared() || len(s.Preparing()) > 0 {
			if err := s.readLayouts(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("reading how the store is laid out failed; trying again", "error", err)
			}
		}
	}
}

// readLayouts reads the layouts.
func (s *Store) readLayouts(ctx context.Context) error {
	var names []string
	for name := range s.collections {
		names = append(names, name)
	}
	known, err := layouts.GetMany(ctx, s, names)
	for name, l := range known {
		c := s.collections[name]
		was := c.newer.Load()
		if c.adopt(l, s.engine.Parts(c.spec)); c.newer.Load() && !was {
			s.log.Error("a newer wangge has upgraded the store: this node writes nothing more to the collection; run that version here too", "collection", name, "schema", l.Known)
		}
	}
	return err
}
