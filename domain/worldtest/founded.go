package worldtest

import (
	"sync"
	"testing"

	"wangge/store/enginetest"
)

// Founded is a world that is settled once on each engine; tests stand on copies of it.
type Founded[W any] struct{ onSQLite, onMongoDB founding[W] }

type founding[W any] struct {
	once  sync.Once
	put   func(testing.TB, enginetest.Place)
	world W
}

// Copy puts a copy of the world into a fresh place. It returns the one that was
// settled, whose store is closed: the test opens its own, with the same keys.
func (f *Founded[W]) Copy(tb testing.TB, place enginetest.Place, settle func(testing.TB, enginetest.Place) W) W {
	tb.Helper()
	on := &f.onSQLite
	if place.Dir == "" {
		on = &f.onMongoDB
	}
	on.once.Do(func() {
		on.put = place.Found(tb, func(tb testing.TB, at enginetest.Place) { on.world = settle(tb, at) })
	})
	if on.put == nil {
		tb.Fatal("the world that is to be copied was not settled")
	}
	on.put(tb, place)
	return on.world
}
