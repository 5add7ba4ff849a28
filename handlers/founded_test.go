package handlers

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"wangge/domain/notice"
	"wangge/store"
	"wangge/store/enginetest"
)

const keyring = "personal" // the file of the keys that seal

// founded is the city as buildCity leaves it on an engine, which is built once:
// tests stand on copies of it, since building takes longer than most of them.
type founded struct {
	once  sync.Once
	put   func(testing.TB, enginetest.Place)
	keys  []byte
	city  *city
	codes map[string]string // those that were sent
}

var foundedOn = map[bool]*founded{true: {}, false: {}} // by whether it is SQLite

// copyHarness is a harness on a copy of the city in a fresh place.
func copyHarness(t testing.TB, at enginetest.Place) *harness {
	t.Helper()
	f := foundedOn[at.Dir != ""]
	f.once.Do(func() { f.found(t, at) })
	if f.city == nil {
		t.Fatal("the city that is to be copied was not built")
	}
	dir := t.TempDir()
	must(0, os.WriteFile(filepath.Join(dir, keyring), f.keys, 0o600))(t)
	f.put(t, at)
	h := startHarness(t, at.Open(t), dir)
	h.closed(t)
	h.onMongoDB = at.Dir == ""
	h.codes.sent = maps.Clone(f.codes)
	h.city = &city{people: map[string]*person{}, organisations: maps.Clone(f.city.organisations)}
	for who, p := range f.city.people {
		same := *p
		h.people[who] = &same
	}
	return h
}

// found builds the city in a place like another, which stays fresh.
func (f *founded) found(t testing.TB, like enginetest.Place) {
	t.Helper()
	at, dir := enginetest.MongoDB, t.TempDir()
	if like.Dir != "" {
		at = enginetest.SQLite
	}
	place := at(t)
	h := startHarness(t, place.Open(t), dir)
	built := buildCity(t, h.Store, h.Server, h.codes)
	must(0, h.Store.Close(context.Background()))(t)
	f.keys, f.codes, f.put = must(os.ReadFile(filepath.Join(dir, keyring)))(t), h.codes.sent, place.Keep(t)
	f.city = built
}

// closed closes the store when the test ends.
func (h *harness) closed(t testing.TB) {
	t.Helper()
	t.Cleanup(func() {
		h.knowsActions(t)
		if err := h.Store.Close(context.Background()); err != nil && !errors.Is(err, store.ErrDamaged) { // which a test did
			t.Error(err)
		}
	})
}

// knowsActions fails where a test journaled an action of which nobody has said whom it is told.
func (h *harness) knowsActions(t testing.TB) {
	t.Helper()
	for partition := range h.Store.Heads() {
		for after := int64(0); ; {
			page, err := h.Store.Journal(context.Background(), partition, after, 1000)
			if err != nil || len(page) == 0 { // a test may have damaged or closed it
				break
			}
			for _, e := range page {
				if after = e.Number; !notice.Knows(e.Action) {
					t.Errorf("no rule says whom %s is told", e.Action)
				}
			}
		}
	}
}
