// Package enginetest gives tests a store to stand on.
//
// The contract suite, storetest, holds the engines to one behaviour. So what
// uses the store is tested with One, on SQLite, and with Each, on both, where
// the engines could still differ for it: lists with their filters, several
// nodes, contention, crashes, errors that an engine reports in its own way.
package enginetest

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"wangge/store"
	"wangge/store/mongodb"
	"wangge/store/mongodb/mongotest"
	"wangge/store/sqlite"
)

// Place is where a test's store lies, which is gone after the test. Every node opens it for itself.
type Place struct {
	Dir string // of SQLite, "" on MongoDB
	uri string
}

// SQLite is a fresh folder.
func SQLite(tb testing.TB) Place { return Place{Dir: tb.TempDir()} }

// MongoDB is a database without documents.
func MongoDB(tb testing.TB) Place { return Place{uri: mongotest.Emptied(tb)} }

// Places make one of each engine.
var Places = map[string]func(testing.TB) Place{"sqlite": SQLite, "mongodb": MongoDB}

// One runs a test on SQLite.
func One(t *testing.T, test func(*testing.T, Place)) {
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
}

// Each runs a test on every engine.
func Each(t *testing.T, test func(*testing.T, Place)) {
	One(t, test)
	t.Run("mongodb", func(t *testing.T) { test(t, MongoDB(t)) })
}

// Keep returns what puts what lies in the place now into others of its engine
// that are fresh. The store is not open in any of them.
func (p Place) Keep(tb testing.TB) (put func(testing.TB, Place)) {
	tb.Helper()
	if p.Dir == "" {
		content := mongotest.Read(tb, p.uri)
		return func(tb testing.TB, to Place) { tb.Helper(); content.Write(tb, to.uri) }
	}
	files := map[string][]byte{}
	found, err := os.ReadDir(p.Dir)
	for _, f := range found {
		if f.Type().IsRegular() && err == nil {
			files[f.Name()], err = os.ReadFile(filepath.Join(p.Dir, f.Name()))
		}
	}
	if err != nil {
		tb.Fatal(err)
	}
	return func(tb testing.TB, to Place) {
		tb.Helper()
		for name, content := range files {
			if err := os.WriteFile(filepath.Join(to.Dir, name), content, 0o600); err != nil {
				tb.Fatal(err)
			}
		}
	}
}

// Found settles a fresh place of this one's engine, and returns what puts copies of it into others.
func (p Place) Found(tb testing.TB, settle func(testing.TB, Place)) (put func(testing.TB, Place)) {
	tb.Helper()
	fresh := MongoDB
	if p.Dir != "" {
		fresh = SQLite
	}
	place, open := fresh(tb), &scope{TB: tb}
	tb.Cleanup(open.end)
	settle(open, place)
	open.end()
	return place.Keep(tb)
}

// scope is a part of a test, after which all that it opened is closed.
type scope struct {
	testing.TB
	closes []func()
}

func (s *scope) Cleanup(f func()) { s.closes = append(s.closes, f) }

func (s *scope) end() {
	for _, f := range slices.Backward(s.closes) {
		f()
	}
	s.closes = nil
}

// Open opens the engine.
func (p Place) Open(tb testing.TB) store.Engine {
	tb.Helper()
	var engine store.Engine
	var err error
	if p.Dir != "" {
		engine, err = sqlite.Open(p.Dir)
	} else {
		engine, err = mongodb.Open(tb.Context(), p.uri)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return engine
}

// Store opens a store on an engine until the test ends.
func Store(tb testing.TB, engine store.Engine, opts store.Options, collections ...store.Declared) *store.Store {
	tb.Helper()
	st, err := store.Open(tb.Context(), engine, opts, collections...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := st.Close(context.WithoutCancel(tb.Context())); err != nil {
			tb.Error(err)
		}
	})
	return st
}
