package policy

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

const (
	city = "3205"
	jia  = "320508001"
	yi   = "320508002"
)

const areaFile = `level,code,name,parent_code
city,3205,苏州市,
county,320508,姑苏区,3205
street,320508001,甲街道,320508
street,320508002,乙街道,320508
community,320508001001,甲一社区,320508001
community,320508002001,乙一社区,320508002
`

var noon = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC) // in Suzhou

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

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func eachEngine(t *testing.T, test func(*testing.T, *world)) {
	enginetest.Each(t, func(t *testing.T, p enginetest.Place) { test(t, newWorld(t, p)) })
}

func oneEngine(t *testing.T, test func(*testing.T, *world)) {
	enginetest.One(t, func(t *testing.T, p enginetest.Place) { test(t, newWorld(t, p)) })
}

func newWorld(t testing.TB, place enginetest.Place) *world {
	w := &world{t: t, place: place, people: map[string]access.Actor{}}
	w.node = w.join()
	must(w.areas.ImportAreas(t.Context(), access.Program, noon, strings.NewReader(areaFile), area.AreaImport{}))(t)
	grant := func(who string, role access.Role, code string) {
		g := access.Grant{Role: role}
		if a, ok := w.areas.Tree().ByCode(code); ok {
			g.Level, g.Area = a.Level, a.ID
		}
		w.people[who] = access.Actor{Account: who, Grants: []access.Grant{g}}
	}
	grant("admin", access.Admin, "")
	grant("manager", access.StreetManager, jia)
	grant("colleague", access.StreetManager, jia)
	grant("other manager", access.StreetManager, yi)
	grant("worker", access.CounterWorker, jia+"001")
	grant("resident", access.Resident, "")
	return w
}

// join opens the store as one more node.
func (w *world) join() *node {
	w.t.Helper()
	st := must(store.Open(w.t.Context(), w.place.Open(w.t), store.Options{Rehearse: true}, append(area.Collections(), Collections()...)...))(w.t)
	w.t.Cleanup(func() { must(0, st.Close(context.Background()))(w.t) })
	n := &node{st: st, areas: must(area.New(w.t.Context(), st))(w.t), inUse: map[string]bool{}}
	n.policies = must(New(w.t.Context(), st, n.areas))(w.t)
	n.policies.InUse = func(_ context.Context, _ store.Reader, _ []string, category string) (bool, error) {
		return n.inUse[category], nil
	}
	return n
}

func (w *world) street(code string) string {
	a, ok := w.areas.Tree().ByCode(code)
	if !ok {
		w.t.Fatalf("no area %s", code)
	}
	return a.ID
}

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

func conflict(err error) string {
	var c *domain.ConflictError
	if errors.As(err, &c) {
		return c.Code
	}
	return ""
}

func pointers(err error) (out []string) {
	var bad *domain.InvalidError
	if errors.As(err, &bad) {
		for _, f := range bad.Fields {
			out = append(out, f.Pointer)
		}
	}
	return out
}
