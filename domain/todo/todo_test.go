package todo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
	"wangge/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

var (
	noon  = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	hole  = Declare("test_hole", "有事项无人可办", "a matter nobody can take")
	chore = Declare("test_chore", "请办理", "please do")
	by    = store.Entry{At: noon, Actor: "system"}
)

func TestStoredForm(t *testing.T) {
	meta := store.Meta{ID: "0190a5b0-0000-7000-8000-000000000001", Partition: "street", Version: 3, Seq: 7, Schema: 1, Audience: []string{"key"}}
	about := About{Kind: "station", ID: "one"}
	storetest.Golden(t, items, &Item{Meta: meta, Recipient: "a", Kind: hole, About: about, Occasion: "morning", At: noon, Open: true, DoneAt: noon.Add(time.Hour)}, filepath.Join("testdata", "todos.golden.json"))
	storetest.Golden(t, matters, &matter{Meta: meta, Open: []string{"item"}}, filepath.Join("testdata", "todoMatters.golden.json"))
	storetest.Golden(t, askings, &asking{Meta: meta, Kind: hole, About: about, Recipients: []string{"a", "b"}}, filepath.Join("testdata", "todoAskings.golden.json"))
}

type node struct {
	st    *store.Store
	todos *Todos
}

func open(t testing.TB, at enginetest.Place) *node {
	t.Helper()
	st := enginetest.Store(t, at.Open(t), store.Options{Rehearse: true}, Collections()...)
	n := &node{st, New(st)}
	n.todos.Sights["station"] = Each(func(_ context.Context, _ access.Actor, _ time.Time, id string) error {
		if id == "hidden" {
			return domain.ErrNotFound
		}
		return nil
	})
	return n
}

func station(id string) About {
	return About{Kind: "station", ID: id, Place: access.Place{Street: "street"}}
}

func (n *node) ask(a Asking) error {
	partition := a.About.Place.Street
	if partition == "" {
		partition = "city"
	}
	return n.st.Update(context.Background(), []string{partition}, func(tx *store.Tx) error { return Ask(context.Background(), tx, a, by) })
}

// open lists what somebody is asked: the occasions, newest first.
func (n *node) open(t testing.TB, who string, open bool) (out []string) {
	t.Helper()
	for cursor := ""; ; {
		page, next, err := n.todos.List(t.Context(), access.Actor{Account: who}, noon, Filter{Open: &open, Limit: 2, Cursor: cursor})
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range page {
			out = append(out, string(it.Kind)+" "+it.About.ID+" "+it.Occasion)
		}
		if cursor = next; cursor == "" {
			slices.Sort(out)
			return out
		}
	}
}

func (n *node) entries(t testing.TB, partition string) (out []string) {
	t.Helper()
	all, err := n.st.Journal(t.Context(), partition, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		line := e.Action + " " + e.Dims["kind"] + " " + e.Dims["about"] + " " + e.Dims["id"]
		for i := 1; e.Dims[fmt.Sprintf("to%d", i)] != ""; i++ {
			line += " " + e.Dims[fmt.Sprintf("to%d", i)]
		}
		out = append(out, line)
	}
	return out
}

// Asked again, by whatever node and after whatever became of it, nobody has an
// item twice; who comes to be asked later has one, and the journal names who got one.
func TestAskedOnce(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, at enginetest.Place) {
		n := open(t, at)
		nodes := []*node{n, open(t, at)}
		a := Asking{Kind: hole, About: station("one"), Occasion: "mon", To: []string{"b", "a", "", "a"}}
		var working sync.WaitGroup
		for i := range 8 {
			working.Go(func() {
				if err := nodes[i%2].ask(a); err != nil {
					t.Error(err)
				}
			})
		}
		working.Wait()
		a.To = []string{"c", "a"}
		for range 2 {
			if err := n.ask(a); err != nil {
				t.Fatal(err)
			}
		}
		a.To = nil
		if err := n.ask(a); err != nil {
			t.Fatal(err)
		}
		for _, who := range []string{"a", "b", "c"} {
			if got := n.open(t, who, true); !slices.Equal(got, []string{"test_hole one mon"}) {
				t.Errorf("%s is asked %v", who, got)
			}
		}
		want := []string{"todo.ask test_hole station one a b", "todo.ask test_hole station one c"}
		if got := n.entries(t, "street"); !slices.Equal(got, want) {
			t.Errorf("the journal has %q", got)
		}
		city := Asking{Kind: chore, About: About{Kind: "account", ID: "x"}, To: []string{"a"}}
		if err := n.ask(city); err != nil {
			t.Fatal(err)
		}
		if got := n.entries(t, "city"); !slices.Equal(got, []string{"todo.ask test_chore account x a"}) {
			t.Errorf("in the city: %q", got)
		}
	})
}

// What is over is ended for everybody who has it, of the occasions named or of
// all, and is not opened again by a late asking.
func TestDone(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, at enginetest.Place) {
		n := open(t, at)
		for _, occasion := range []string{"mon", "tue", "wed"} {
			for _, kind := range []Kind{hole, chore} {
				if err := n.ask(Asking{Kind: kind, About: station("one"), Occasion: occasion, To: []string{"a", "b"}}); err != nil {
					t.Fatal(err)
				}
			}
		}
		done := func(occasions ...string) {
			t.Helper()
			err := n.st.Update(t.Context(), []string{"street"}, func(tx *store.Tx) error {
				return errors.Join(Done(t.Context(), tx, hole, station("one"), noon, occasions...), Done(t.Context(), tx, hole, station("two"), noon))
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		done("mon", "sun")
		if got := n.open(t, "a", true); !slices.Equal(got, []string{"test_chore one mon", "test_chore one tue", "test_chore one wed", "test_hole one tue", "test_hole one wed"}) {
			t.Errorf("after monday: %v", got)
		}
		own, _, err := n.todos.List(t.Context(), access.Actor{Account: "b"}, noon, Filter{})
		if err != nil {
			t.Fatal(err)
		}
		tue := slices.IndexFunc(own, func(s Shown) bool { return s.Kind == hole && s.Occasion == "tue" })
		if _, err := n.todos.Finish(t.Context(), access.Actor{Account: "a"}, noon, own[tue].ID); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("of somebody else: %v", err)
		}
		for range 2 {
			if it, err := n.todos.Finish(t.Context(), access.Actor{Account: "b"}, noon, own[tue].ID); err != nil || it.Open || !it.DoneAt.Equal(noon) {
				t.Errorf("%+v, %v", it, err)
			}
		}
		done()
		if err := n.ask(Asking{Kind: hole, About: station("one"), Occasion: "wed", To: []string{"a", "b"}}); err != nil {
			t.Fatal(err)
		}
		for _, who := range []string{"a", "b"} {
			if got := n.open(t, who, true); !slices.Equal(got, []string{"test_chore one mon", "test_chore one tue", "test_chore one wed"}) {
				t.Errorf("%s in the end: %v", who, got)
			}
			if got := n.open(t, who, false); len(got) != 3 {
				t.Errorf("%s has done %v", who, got)
			}
		}
	})
}

// What its reader may not see is not named, nor what no part of the program knows how to ask about.
func TestNotSeen(t *testing.T) {
	enginetest.One(t, func(t *testing.T, at enginetest.Place) {
		n := open(t, at)
		for _, about := range []About{station("one"), station("hidden"), {Kind: "unknown", ID: "one"}} {
			if err := n.ask(Asking{Kind: hole, About: about, To: []string{"a"}}); err != nil {
				t.Fatal(err)
			}
		}
		page, _, err := n.todos.List(t.Context(), access.Actor{Account: "a"}, noon, Filter{})
		if err != nil || len(page) != 3 {
			t.Fatalf("%v, %v", page, err)
		}
		for _, it := range page {
			if want := it.About.Kind == "station" && it.About.ID == "one"; it.Seen != want {
				t.Errorf("%s %s is seen: %v", it.About.Kind, it.About.ID, it.Seen)
			}
		}
	})
}

// What is asked for now is asked, once, and what is not any more ends.
func TestSettle(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, at enginetest.Place) {
		n := open(t, at)
		for _, step := range []struct {
			askings []Asking
			a, b    []string
		}{
			{[]Asking{{Occasion: "mon", To: []string{"a", "b"}}}, []string{"test_hole one mon"}, []string{"test_hole one mon"}},
			{[]Asking{{Occasion: "mon", To: []string{"a", "b"}}}, []string{"test_hole one mon"}, []string{"test_hole one mon"}},
			{[]Asking{{Occasion: "mon", To: []string{"b"}}, {Occasion: "tue", To: []string{"b"}}}, nil, []string{"test_hole one mon", "test_hole one tue"}},
			{nil, nil, nil},
			{[]Asking{{Occasion: "tue", To: []string{"b"}}}, nil, nil}, // which was over
		} {
			err := n.st.Update(t.Context(), []string{"street"}, func(tx *store.Tx) error { return Settle(t.Context(), tx, hole, station("one"), step.askings, by) })
			if err != nil {
				t.Fatal(err)
			}
			if a, b := n.open(t, "a", true), n.open(t, "b", true); !slices.Equal(a, step.a) || !slices.Equal(b, step.b) {
				t.Errorf("%v: %v and %v", step.askings, a, b)
			}
		}
	})
}
