package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/bson"
)

// Reader is a *Store (committed documents) or the *Tx of an Update (the
// same, remembered, and with the buffered writes on top).
//
// Where one document of several cannot be read (it is damaged, or an upgrade
// fails on it), an update's fn has the error, for it decides by all of them;
// else it is left out and told to the log, so that it hides no others.
type Reader interface {
	get(ctx context.Context, spec *Spec, ids []string) (map[string]bson.Raw, error)
	find(ctx context.Context, spec *Spec, queries []Query) ([]bson.Raw, string, error)
	unread(spec *Spec, raw bson.Raw, err error) error
}

func (tx *Tx) unread(_ *Spec, _ bson.Raw, err error) error { return err }

func (s *Store) unread(spec *Spec, raw bson.Raw, err error) error {
	if errors.Is(err, ErrUnavailable) { // it is this node that cannot read it
		return err
	}
	id := idOf(raw)
	if _, told := s.unreadable.LoadOrStore(ref{spec, id}, true); !told {
		s.log.Error("a document cannot be read and is left out of lists", "collection", spec.Name, "id", id, "error", err)
	}
	return nil
}

// Get returns the document, or ErrNotFound (deleted ones too).
func (c *Collection[T, P]) Get(ctx context.Context, r Reader, id string) (P, error) {
	raws, err := r.get(ctx, c.spec, []string{id})
	if err != nil {
		return nil, err
	}
	raw, ok := raws[id]
	if !ok {
		return nil, ErrNotFound
	}
	doc, err := c.Decode(raw)
	if err != nil || doc.meta().Deleted {
		return nil, cmp.Or(err, ErrNotFound)
	}
	return doc, nil
}

// GetAt is Get for a caller who states the version they know (If-Match);
// ErrVersion when it is no longer the current one, also at commit. 0 states nothing.
func (c *Collection[T, P]) GetAt(ctx context.Context, tx *Tx, id string, version int64) (P, error) {
	doc, err := c.Get(ctx, tx, id)
	if err != nil || version == 0 {
		return doc, err
	}
	if doc.meta().Version != version {
		return nil, ErrVersion
	}
	tx.stated[ref{c.spec, id}] = true
	return doc, nil
}

// GetMany returns the documents by id; missing and deleted ones are left out.
func (c *Collection[T, P]) GetMany(ctx context.Context, r Reader, ids []string) (map[string]P, error) {
	out, err := c.GetManyEver(ctx, r, ids)
	for id, doc := range out {
		if doc.meta().Deleted {
			delete(out, id)
		}
	}
	return out, err
}

// GetManyEver is GetMany with tombstones.
func (c *Collection[T, P]) GetManyEver(ctx context.Context, r Reader, ids []string) (map[string]P, error) {
	raws, err := r.get(ctx, c.spec, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]P, len(raws))
	for id, raw := range raws {
		doc, err := c.Decode(raw)
		if err == nil {
			out[id] = doc
		} else if err = r.unread(c.spec, raw, err); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Any returns one document, whichever; nil when there is none. It needs no index.
func (c *Collection[T, P]) Any(ctx context.Context, s *Store) (P, error) {
	if err := s.knows(c.spec); err != nil {
		return nil, err
	}
	raws, err := s.engine.Scan(ctx, c.spec, "", 1)
	if err != nil || len(raws) == 0 {
		return nil, s.health.notice(err)
	}
	return c.Decode(raws[0])
}

// Find returns one page of what any of the queries matches, each document
// once, and the cursor of the next page ("" at the end). The queries must
// have the same order, limit and cursor: they are one list for one reader
// whose scope is several places.
func (c *Collection[T, P]) Find(ctx context.Context, r Reader, queries ...Query) ([]P, string, error) {
	raws, next, err := r.find(ctx, c.spec, queries)
	if err != nil {
		return nil, "", err
	}
	out := make([]P, 0, len(raws))
	for _, raw := range raws {
		doc, err := c.Decode(raw)
		if err == nil {
			out = append(out, doc)
		} else if err = r.unread(c.spec, raw, err); err != nil {
			return nil, "", err
		}
	}
	return out, next, nil
}

// Answers tells, without a look at the database, whether Find would answer
// these queries now: ErrBuilding, ErrNoIndex, ErrCursor.
func (c *Collection[T, P]) Answers(s *Store, queries ...Query) error {
	for _, q := range queries {
		if _, err := s.plan(c.spec, q); err != nil {
			return err
		}
	}
	return nil
}

// Count counts matches by the values of a declared field with one value, no
// time: the text itself, true or false, an integer's decimals; absent ones
// under "". By no field (""), the total is under "". ErrTooBroad when more
// documents would have to be examined than q.Cap (200,000 when 0).
func (c *Collection[T, P]) Count(ctx context.Context, s *Store, q Query, by string) (map[string]int64, error) {
	plan, err := s.plan(c.spec, q)
	if err != nil {
		return nil, err
	}
	if by != "" {
		switch f, ok := c.spec.fields[by]; {
		case !ok || f.Multi || f.Kind == Time:
			return nil, fmt.Errorf("%w: count by field %s.%s", ErrNoIndex, c.spec.Name, by)
		case plan.Fields[by].Path == "":
			return nil, fmt.Errorf("%w: count by field %s.%s", ErrBuilding, c.spec.Name, by)
		}
	}
	if plan.found != nil {
		plan = plan.found
	}
	plan.Cap = q.Cap
	if q.Cap <= 0 {
		plan.Cap = 200_000
	}
	if err := s.knows(c.spec); err != nil || plan.None {
		return map[string]int64{}, err
	}
	counts, err := s.engine.Count(ctx, c.spec, plan, by)
	return counts, s.health.notice(err)
}
