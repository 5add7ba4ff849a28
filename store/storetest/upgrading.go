package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/store"
)

// behind brings no collection with documents about before it serves.
var behind = store.Options{Rehearse: true, AtOnce: 1}

// upgraded is an engine that tells when documents are rewritten.
type upgraded struct {
	store.Engine
	scanned []string // where each reading of things began
	before  func(n int, documents []store.Rewrite) error
	steps   int // of rewriting things
}

func (u *upgraded) Scan(ctx context.Context, spec *store.Spec, after string, limit int) ([]bson.Raw, error) {
	if spec == things.Spec() {
		u.scanned = append(u.scanned, after)
	}
	return u.Engine.Scan(ctx, spec, after, limit)
}

func (u *upgraded) Rewrite(ctx context.Context, spec *store.Spec, documents []store.Rewrite) error {
	if spec.Name == things.Spec().Name && u.before != nil {
		u.steps++
		if err := u.before(u.steps, documents); err != nil {
			return err
		}
	}
	return u.Engine.Rewrite(ctx, spec, documents)
}

// addFirst writes so many things of the first form, in two streets.
func addFirst(t *testing.T, s *store.Store, n int) {
	t.Helper()
	for from := 0; from < n; from += 250 {
		must(t, s.Update(t.Context(), []string{here}, func(tx *store.Tx) error {
			for i := from; i < min(from+250, n); i++ {
				x := &firstThing{Meta: store.Meta{ID: fmt.Sprintf("t%05d", i), Partition: here}, Name: fmt.Sprint("n", i%10), Street: fmt.Sprint("s", i%2), Grams: []int{i}, Extra: "kept"}
				if err := firstThings.Insert(tx, x, entry("add")); err != nil {
					return err
				}
			}
			return nil
		}))
	}
}

func lead(t *testing.T, s *store.Store) store.Lease {
	t.Helper()
	lease, err := s.Acquire(t.Context(), "upgrade", "tester", time.Hour)
	must(t, err)
	return lease
}

// lying reads every thing as it lies in the store.
func lying(t *testing.T, e store.Engine, spec *store.Spec) map[string]bson.Raw {
	t.Helper()
	raws, err := e.Scan(t.Context(), spec, "", 1_000_000)
	must(t, err)
	out := map[string]bson.Raw{}
	for _, raw := range raws {
		out[raw.Lookup("_id").StringValue()] = raw
	}
	return out
}

// wantWhole checks that queries on every index of things find what a look at all does.
func wantWhole(t *testing.T, s *store.Store, e store.Engine) {
	t.Helper()
	titles, streets := map[string][]string{}, map[string][]string{}
	for id, raw := range lying(t, e, things.Spec()) {
		x, err := things.Decode(raw)
		must(t, err)
		if n := raw.Lookup("schema").AsInt64(); n != 3 {
			t.Errorf("%s has schema %d", id, n)
		}
		if !x.Deleted {
			titles[x.Title], streets[x.Place.Street] = append(titles[x.Title], id), append(streets[x.Place.Street], id)
		}
	}
	find := func(where []store.Cond, want []string) {
		t.Helper()
		found, _, err := things.Find(t.Context(), s, store.Query{Where: where, Limit: 100_000, Cap: 200_000})
		must(t, err)
		var got []string
		for _, x := range found {
			got = append(got, x.ID)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%v finds %d, of %d", where, len(got), len(want))
		}
	}
	for title, want := range titles {
		find([]store.Cond{store.Eq("partition", here), store.Eq("title", title)}, want)
	}
	for street, want := range streets {
		find([]store.Cond{store.Eq("place.street", street)}, want)
	}
}

// upgradeWhileServing: while the documents are rewritten, the first of each
// step is changed, the second deleted, and one is added; each change stays.
func upgradeWhileServing(t *testing.T, b *bed) {
	engines, ctx := b.open(t, 2), t.Context()
	addFirst(t, start(t, engines[0], firstThings), 500)
	var s *store.Store
	var added, changed, deleted []string
	u := &upgraded{Engine: engines[1], before: func(n int, documents []store.Rewrite) error {
		id := fmt.Sprint("new", n)
		x := newThing(id, here)
		x.Place.Street = "s0"
		return s.Update(ctx, []string{here}, func(tx *store.Tx) error {
			added, changed = append(added, id), append(changed, documents[0].ID)
			first, err := things.Get(ctx, tx, documents[0].ID)
			must(t, err)
			first.Title = "changed"
			must(t, things.Put(tx, first, entry("change")))
			if len(documents) > 1 {
				deleted = append(deleted, documents[1].ID)
				second, err := things.Get(ctx, tx, documents[1].ID)
				must(t, err)
				must(t, things.Delete(tx, second, entry("delete")))
			}
			return things.Insert(tx, x, entry("add"))
		})
	}}
	s = startWith(t, u, behind, declared...)
	_, _, err := things.Find(ctx, s, store.Query{Where: []store.Cond{store.Eq("place.street", "s0")}})
	wantErr(t, "a query on an index that is not there yet", err, store.ErrBuilding)
	if _, err := things.Count(ctx, s, store.Query{Where: []store.Cond{store.Eq("place.street", "s0")}}, "done"); !errors.Is(err, store.ErrBuilding) {
		t.Errorf("a count on it: %v", err)
	}
	_, _, err = things.Find(ctx, s, store.Query{Where: []store.Cond{store.Eq("data", "x")}})
	wantErr(t, "a query that no index serves", err, store.ErrNoIndex)
	if p := s.Preparing(); len(p) != 1 || p[0].Collection != "things" {
		t.Fatalf("preparing %v", p)
	}
	if x := get(t, s, "t00007"); x.Title != "n7" || x.Place.Street != "s1" {
		t.Fatalf("read meanwhile: %+v", *x)
	}
	must(t, s.Upgrade(ctx, lead(t, s)))
	if p := s.Preparing(); len(p) != 0 {
		t.Fatalf("still preparing %v", p)
	}
	after := lying(t, u.Engine, things.Spec())
	if len(changed) == 0 || len(after) != 500+u.steps {
		t.Fatalf("%d documents after %d steps", len(after), u.steps)
	}
	for id, raw := range after {
		version, title := raw.Lookup("version").AsInt64(), raw.Lookup("title").StringValue()
		touched := slices.Contains(changed, id)
		if touched != (title == "changed") || slices.Contains(deleted, id) != raw.Lookup("deleted").Boolean() ||
			(version == 2) != (touched || slices.Contains(deleted, id)) {
			t.Errorf("%s: version %d, title %s", id, version, title)
		}
		if _, err := raw.LookupErr("grams"); err == nil || !slices.Contains(added, id) && raw.Lookup("extra").StringValue() != "kept" {
			t.Errorf("%s lies as %v", id, raw)
		}
	}
	wantWhole(t, s, u.Engine)
}

var errStopped = errors.New("stopped in the middle")

func upgradeGoesOn(t *testing.T, b *bed) {
	engines, ctx := b.open(t, 3), t.Context()
	addFirst(t, start(t, engines[0], firstThings), 2_000)
	before := map[string]*thing{}
	for id, raw := range lying(t, engines[0], firstThings.Spec()) {
		x, err := things.Decode(raw)
		must(t, err)
		before[id] = x
	}
	u := &upgraded{Engine: engines[1], before: func(n int, _ []store.Rewrite) error {
		if n == 7 {
			return errStopped
		}
		return nil
	}}
	first := startWith(t, u, behind, declared...)
	wantErr(t, "an upgrade that is stopped", first.Upgrade(ctx, lead(t, first)), errStopped)
	again := &upgraded{Engine: engines[2]}
	second := startWith(t, again, behind, declared...)
	if p := second.Preparing(); len(p) != 1 || p[0].Done == 0 || p[0].Total < 2_000 {
		t.Fatalf("what is left is told as %v", p)
	}
	must(t, second.Upgrade(ctx, lead(t, second)))
	if again.scanned[0] == "" {
		t.Error("the upgrade began anew")
	}
	after := lying(t, again.Engine, things.Spec())
	for id, was := range before {
		x, err := things.Decode(after[id])
		must(t, err)
		if x.Title != was.Title || x.Place != was.Place || x.Version != was.Version || x.Seq != was.Seq {
			t.Errorf("%+v became %+v", *was, *x)
		}
	}
	if len(after) != len(before) {
		t.Errorf("%d documents of %d", len(after), len(before))
	}
	wantWhole(t, second, again.Engine)
	scans := len(again.scanned)
	must(t, second.Upgrade(ctx, lead(t, second)))
	if len(again.scanned) != scans {
		t.Error("it is upgraded again")
	}
}

func upgradeFenced(t *testing.T, b *bed) {
	engines, ctx := b.open(t, 2), t.Context()
	addFirst(t, start(t, engines[0], firstThings), 2)
	s := startWith(t, engines[1], behind, declared...)
	lease := lead(t, s)
	must(t, s.Release(ctx, lease))
	_, err := s.Acquire(ctx, "upgrade", "another", time.Hour)
	must(t, err)
	wantErr(t, "an upgrade under a lost lease", s.Upgrade(ctx, lease), store.ErrFenced)
}

// upgradeOfTheRest: two documents come to have one value of a unique index,
// and one cannot be read at all.
func upgradeOfTheRest(t *testing.T, b *bed) {
	broken := errors.New("broken")
	coded := func(doc bson.D) (bson.D, error) {
		for _, e := range doc {
			if e.Key == "_id" && e.Value == "t00003" {
				return nil, broken
			}
			if e.Key == "name" {
				doc = append(doc, bson.E{Key: "code", Value: e.Value})
			}
		}
		return doc, nil
	}
	collection := store.Declare[thing](store.Declaration{
		Name: "things", Schema: 2, Upgrades: []store.Upgrade{coded}, Indexes: []string{"code!: partition, code", "number: partition, number"},
	})
	engines, ctx := b.open(t, 2), t.Context()
	addFirst(t, start(t, engines[0], firstThings), 11)
	s := startWith(t, engines[1], behind, collection)
	err := s.Upgrade(ctx, lead(t, s))
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "t00003") || !strings.Contains(err.Error(), "t00010") || len(s.Preparing()) != 1 {
		t.Fatalf("what was left is told as %v", err)
	}
	for id, raw := range lying(t, engines[1], collection.Spec()) {
		if left := id == "t00003" || id == "t00010"; left != (raw.Lookup("schema").AsInt64() == 1) {
			t.Errorf("%s has schema %d", id, raw.Lookup("schema").AsInt64())
		}
	}
}

// unreadable: a document on which an upgrade fails is missing in lists, and
// told to the log once; asked for by itself, or in an update, it is an error.
func unreadable(t *testing.T, b *bed) {
	broken := errors.New("broken")
	collection := store.Declare[thing](store.Declaration{
		Name: "things", Schema: 2, Indexes: []string{"number: partition, number"},
		Upgrades: []store.Upgrade{func(doc bson.D) (bson.D, error) {
			if slices.Contains(doc, bson.E{Key: "_id", Value: "t00003"}) {
				return nil, broken
			}
			return doc, nil
		}},
	})
	engines, ctx := b.open(t, 2), t.Context()
	addFirst(t, start(t, engines[0], firstThings), 8)
	var log bytes.Buffer
	s := startWith(t, engines[1], store.Options{Rehearse: true, Log: slog.New(slog.NewTextHandler(&log, nil))}, collection)
	log.Reset()
	all := store.Query{Where: []store.Cond{store.Eq("partition", here)}}
	for range 2 {
		found, _, err := collection.Find(ctx, s, all)
		must(t, err)
		var ids []string
		for _, x := range found {
			ids = append(ids, x.ID)
		}
		if slices.Sort(ids); strings.Join(ids, " ") != "t00000 t00001 t00002 t00004 t00005 t00006 t00007" {
			t.Errorf("the list has %v", ids)
		}
	}
	some, err := collection.GetMany(ctx, s, []string{"t00002", "t00003"})
	must(t, err)
	if len(some) != 1 || some["t00002"] == nil {
		t.Errorf("by ids: %v", some)
	}
	if n := strings.Count(log.String(), "t00003"); n != 1 {
		t.Errorf("told %d times: %s", n, log.String())
	}
	_, err = collection.Get(ctx, s, "t00003")
	wantErr(t, "by itself", err, broken)
	wantErr(t, "in an update", s.Update(ctx, nil, func(tx *store.Tx) error {
		_, _, err := collection.Find(ctx, tx, all)
		return err
	}), broken)
}

// upgradeGoesOnToTheRest: what could not be upgraded before a stop is told of
// by the attempt after it, and stands in the way of telling nothing else.
func upgradeGoesOnToTheRest(t *testing.T, b *bed) {
	broken := errors.New("broken")
	collection := store.Declare[thing](store.Declaration{
		Name: "things", Schema: 2, Indexes: []string{"number: partition, number"},
		Upgrades: []store.Upgrade{func(doc bson.D) (bson.D, error) {
			if slices.Contains(doc, bson.E{Key: "_id", Value: "t00003"}) {
				return nil, broken
			}
			return doc, nil
		}},
	})
	engines, ctx := b.open(t, 3), t.Context()
	addFirst(t, start(t, engines[0], firstThings), 2_000)
	first := startWith(t, &upgraded{Engine: engines[1], before: func(n int, _ []store.Rewrite) error {
		if n == 7 {
			return errStopped
		}
		return nil
	}}, behind, collection)
	if err := first.Upgrade(ctx, lead(t, first)); !errors.Is(err, errStopped) || errors.Is(err, store.ErrLeft) {
		t.Fatalf("an upgrade that is stopped: %v", err)
	}
	second := startWith(t, engines[2], behind, collection)
	for range 2 {
		if err := second.Upgrade(ctx, lead(t, second)); !errors.Is(err, store.ErrLeft) || !strings.Contains(err.Error(), "t00003") || len(second.Preparing()) != 1 {
			t.Fatalf("what was left is told as %v", err)
		}
		found, _, err := collection.Find(ctx, second, store.Query{Where: []store.Cond{store.Eq("partition", here)}, Order: []string{"number"}, Limit: 3})
		must(t, err)
		if len(found) != 3 || slices.ContainsFunc(found, func(x *thing) bool { return x.ID == "t00003" }) {
			t.Fatalf("beside what was left, %d are found", len(found))
		}
	}
}
