package worldtest

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"wangge/domain"
	"wangge/domain/area"
	"wangge/domain/personal"
	"wangge/store"
	"wangge/store/enginetest"
)

// Each runs a test in a fresh world on each engine: see enginetest.
func Each[W any](t *testing.T, settle func(testing.TB, enginetest.Place) W, test func(*testing.T, W)) {
	enginetest.Each(t, func(t *testing.T, p enginetest.Place) { test(t, settle(t, p)) })
}

// One runs a test in a fresh world on SQLite.
func One[W any](t *testing.T, settle func(testing.TB, enginetest.Place) W, test func(*testing.T, W)) {
	enginetest.One(t, func(t *testing.T, p enginetest.Place) { test(t, settle(t, p)) })
}

// Open opens a store as one more node, until the test ends, with its areas.
func Open(tb testing.TB, engine store.Engine, opts store.Options, collections ...store.Declared) (*store.Store, *area.Areas) {
	tb.Helper()
	st := enginetest.Store(tb, engine, opts, collections...)
	return st, Must(area.New(tb.Context(), st))(tb)
}

// Keys are fresh ones.
func Keys(tb testing.TB) *personal.Keys {
	tb.Helper()
	return Must(personal.LoadKeys(filepath.Join(tb.TempDir(), "keys"), ""))(tb)
}

// Must takes a result and fails the test on its error.
func Must[T any](v T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

// Insert writes documents as they are, many at a time.
func Insert[T any](tb testing.TB, st *store.Store, docs []T, partition func(T) string, insert func(*store.Tx, T) error) {
	tb.Helper()
	for chunk := range slices.Chunk(docs, 250) {
		var partitions []string
		for _, doc := range chunk {
			partitions = append(partitions, partition(doc))
		}
		Must(0, st.Update(tb.Context(), partitions, func(tx *store.Tx) error {
			for _, doc := range chunk {
				if err := insert(tx, doc); err != nil {
					return err
				}
			}
			return nil
		}))(tb)
	}
}

// Journal is what the journal of a partition says, oldest first.
func Journal(tb testing.TB, st *store.Store, partition string) (out []*store.Entry) {
	tb.Helper()
	for after := int64(0); ; after = out[len(out)-1].Number {
		page := Must(st.Journal(tb.Context(), partition, after, 500))(tb)
		if out = append(out, page...); len(page) < 500 {
			return out
		}
	}
}

// Pointers are the fields that an InvalidError names; none for another error.
func Pointers(err error) (out []string) {
	var bad *domain.InvalidError
	if errors.As(err, &bad) {
		for _, f := range bad.Fields {
			out = append(out, f.Pointer)
		}
	}
	return out
}

// Conflict is the code of a ConflictError; "" for another error.
func Conflict(err error) string {
	var conflict *domain.ConflictError
	if errors.As(err, &conflict) {
		return conflict.Code
	}
	return ""
}
