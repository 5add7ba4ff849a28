package policy

import (
	"context"
	"os"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

const (
	city    = worldtest.City
	jia, yi = worldtest.Jia, worldtest.Yi
)

var noon = worldtest.Noon

// node is a process on the store.
type node struct {
	st       *store.Store
	areas    *area.Areas
	policies *Policies
	inUse    map[string]bool
}

type world struct {
	*node
	t      testing.TB
	place  enginetest.Place
	people map[string]access.Actor
}

func must[T any](v T, err error) func(testing.TB) T { return worldtest.Must(v, err) }

func eachEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.Each(t, newWorld, test) }

func oneEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.One(t, newWorld, test) }

func newWorld(t testing.TB, place enginetest.Place) *world {
	w := &world{t: t, place: place}
	w.node = w.join()
	worldtest.Import(t, w.areas, noon, worldtest.Areas)
	w.people = worldtest.People(t, w.areas)
	w.people["colleague"] = worldtest.Actor(t, w.areas, "colleague", access.StreetManager, jia)
	return w
}

// join opens the store as one more node.
func (w *world) join() *node {
	w.t.Helper()
	n := &node{inUse: map[string]bool{}}
	n.st, n.areas = worldtest.Open(w.t, w.place.Open(w.t), store.Options{Rehearse: true}, append(area.Collections(), Collections()...)...)
	n.policies = must(New(w.t.Context(), n.st, n.areas))(w.t)
	n.policies.InUse = func(_ context.Context, _ store.Reader, _ []string, category string) (bool, error) {
		return n.inUse[category], nil
	}
	return n
}

func (w *world) street(code string) string { w.t.Helper(); return worldtest.ID(w.t, w.areas, code) }

// publish puts a content in force from a day on.
func (w *world) publish(who, code string, now time.Time, from string, c Content) (*Version, error) {
	w.t.Helper()
	d := must(w.policies.SetDraft(w.t.Context(), w.people[who], now, code, 0, c))(w.t)
	return w.policies.Publish(w.t.Context(), w.people[who], now, code, d.Version, Publishing{From: from, Why: "会议决定"})
}

func (w *world) published(who, code string, now time.Time, from string, c Content) *Version {
	w.t.Helper()
	return must(w.publish(who, code, now, from, c))(w.t)
}

func parking(days int) Category {
	return Category{Code: "parking", Name: domain.T("停车", "Parking"), Public: true, AfterPhoto: true, Days: days}
}

// days are those that a street gives to a category.
func (n *node) days(street, category string, at time.Time) int {
	c, _ := n.policies.At(street, at).Category(category)
	return c.Days
}

var conflict, pointers = worldtest.Conflict, worldtest.Pointers
