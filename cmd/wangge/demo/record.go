package demo

import (
	"context"
	"errors"
	"slices"
	"time"

	"wangge/store"
)

// record is how far the filling of a store is. There is one.
type record struct {
	store.Meta `store:",inline"`
	Began      time.Time `store:"began"`
	Steps      []string  `store:"steps"`     // that are done
	Residents  []string  `store:"residents"` // accounts, in the order of their phones
}

const theRecord = "filling"

var records = store.Declare[record](store.Declaration{Name: "demonstrations", Schema: 1, Unjournaled: true})

// Collections are the collections that the store must have.
func Collections() []store.Declared { return []store.Declared{records} }

// load returns the record, or nil.
func (w World) load(ctx context.Context) (*record, error) {
	r, err := records.Get(ctx, w.Store, theRecord)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return r, err
}

// begun is the record, made in an empty store.
func (w World) begun(ctx context.Context, now time.Time) (*record, error) {
	r, err := w.load(ctx)
	if r != nil || err != nil {
		return r, err
	}
	if empty, err := w.empty(ctx); err != nil {
		return nil, err
	} else if !empty {
		return nil, ErrNotDemo
	}
	r = &record{Meta: store.Meta{ID: theRecord}, Began: now.UTC().Truncate(time.Millisecond), Steps: []string{}, Residents: []string{}}
	return r, w.Store.Update(ctx, nil, func(tx *store.Tx) error { return records.Insert(tx, r) })
}

// once does a step, unless it is done, and records it. What a step does may
// be done twice: the program can end before the record.
func (w *filling) once(ctx context.Context, step string, do func(context.Context) error) error {
	if slices.Contains(w.record.Steps, step) {
		return nil
	}
	w.told.begin(step)
	if err := do(ctx); err != nil {
		return err
	}
	return w.keep(ctx, func(r *record) { r.Steps = append(r.Steps, step) })
}

// keep changes the record.
func (w *filling) keep(ctx context.Context, change func(*record)) error {
	return w.Store.Update(ctx, nil, func(tx *store.Tx) error {
		r, err := records.Get(ctx, tx, theRecord)
		if err != nil {
			return err
		}
		change(r)
		w.record = r
		return records.Put(tx, r)
	})
}
