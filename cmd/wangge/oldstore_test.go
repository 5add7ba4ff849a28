package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"wangge/cmd/wangge/demo"
	"wangge/domain/access"
	"wangge/domain/household"
	"wangge/domain/ticket"
	"wangge/geo"
	"wangge/store"
	"wangge/store/mongodb"
	"wangge/store/mongodb/mongotest"
	"wangge/store/sqlite"
)

// oldStore is a store that an earlier program wrote, for one test to upgrade.
type oldStore struct {
	dir, uri string // of the data folder, and of MongoDB, "" on SQLite
	docs     map[string]map[string]bson.Raw
}

func eachOldStore(t *testing.T, test func(*testing.T, *oldStore)) {
	for _, folder := range []string{"schema1"} {
		for engine, load := range map[string]func(*oldStore, *testing.T, []byte){"sqlite": (*oldStore).loadSQLite, "mongodb": (*oldStore).loadMongoDB} {
			t.Run(folder+" "+engine, func(t *testing.T) {
				o := &oldStore{dir: t.TempDir(), docs: map[string]map[string]bson.Raw{}}
				from := filepath.Join("testdata", folder)
				keys, err := os.ReadFile(filepath.Join(from, personalKeysFile))
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(o.dir, personalKeysFile), keys, 0o600); err != nil {
					t.Fatal(err)
				}
				load(o, t, unpack(t, filepath.Join(from, map[string]string{"sqlite": "wangge.db.gz", "mongodb": "mongodb.bson.gz"}[engine])))
				test(t, o)
			})
		}
	}
}

func unpack(t *testing.T, path string) []byte {
	t.Helper()
	packed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func (o *oldStore) keep(collection string, doc bson.Raw) {
	if o.docs[collection] == nil {
		o.docs[collection] = map[string]bson.Raw{}
	}
	o.docs[collection][doc.Lookup("_id").StringValue()] = doc
}

func (o *oldStore) loadSQLite(t *testing.T, file []byte) {
	path := filepath.Join(o.dir, "wangge.db")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, c := range kept(nil) {
		name := c.Spec().Name
		rows, err := db.Query(`SELECT doc FROM "c_` + name + `"`)
		if err != nil {
			continue // a collection of later programs
		}
		for rows.Next() {
			var doc []byte
			if err := rows.Scan(&doc); err != nil {
				t.Fatal(err)
			}
			o.keep(name, doc)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

func (o *oldStore) loadMongoDB(t *testing.T, dump []byte) {
	ctx := t.Context()
	o.uri = mongotest.URI(t)
	client, err := mongo.Connect(ctx, options.Client().ApplyURI(o.uri))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Disconnect(context.Background()) }()
	engine, err := mongodb.Open(ctx, o.uri)
	if err != nil {
		t.Fatal(err)
	}
	_ = engine.Close(ctx)
	db := client.Database(strings.SplitN(strings.SplitN(o.uri, "/", 4)[3], "?", 2)[0])
	for r := bytes.NewReader(dump); r.Len() > 0; {
		line, err := bson.ReadDocument(r)
		if err != nil {
			t.Fatal(err)
		}
		name := line.Lookup("collection").StringValue()
		if index, ok := line.Lookup("index").DocumentOK(); ok {
			if index.Lookup("name").StringValue() != "_id_" {
				err = db.RunCommand(ctx, bson.D{{Key: "createIndexes", Value: name}, {Key: "indexes", Value: bson.A{index}}}).Err()
			}
		} else {
			doc := line.Lookup("doc").Document()
			o.keep(name, doc)
			_, err = db.Collection(name).InsertOne(ctx, doc)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (o *oldStore) open(t *testing.T) store.Engine {
	t.Helper()
	var engine store.Engine
	var err error
	if o.uri == "" {
		engine, err = sqlite.Open(o.dir)
	} else {
		engine, err = mongodb.Open(t.Context(), o.uri)
	}
	if err != nil {
		t.Fatal(err)
	}
	return engine
}

// interrupted is an engine that fails for good at one step of an upgrade, and
// lets the test serve before each.
type interrupted struct {
	store.Engine
	steps, last int
	serve       func(step int)
}

var errKilled = errors.New("killed")

func (e *interrupted) Rewrite(ctx context.Context, spec *store.Spec, documents []store.Rewrite) error {
	if e.steps++; e.steps == e.last {
		return errKilled
	}
	if e.serve != nil {
		e.serve(e.steps)
	}
	return e.Engine.Rewrite(ctx, spec, documents)
}

// TestOldStoreIsUpgradedWhileItServes: what an earlier program wrote is read
// and written meanwhile, is stopped in the middle and goes on, and in the end
// every document is what the upgrades make of it.
func TestOldStoreIsUpgradedWhileItServes(t *testing.T) {
	eachOldStore(t, func(t *testing.T, o *oldStore) {
		ctx, log := t.Context(), slog.New(slog.DiscardHandler)
		c := &config{data: o.dir, demo: true}
		admin := access.Actor{Account: "test", Grants: []access.Grant{{Role: access.Admin}}}
		old := len(o.docs["tickets"])
		var reporter access.Actor
		var at orb.Point
		for _, raw := range o.docs["tickets"] {
			who, _ := raw.Lookup("reporter").StringValueOK()
			if who == "" {
				continue // an anonymous one
			}
			reporter = access.Actor{Account: who, Grants: []access.Grant{{Role: access.Resident}}}
			at = orb.Point{float64(raw.Lookup("position", "lonE7").AsInt64()) / 1e7, float64(raw.Lookup("position", "latE7").AsInt64()) / 1e7}
		}
		reported := map[string]bool{}
		start := func(last int) (*world, *interrupted) {
			e := &interrupted{Engine: o.open(t), last: -1}
			w := &world{engine: e}
			if err := w.assemble(ctx, c, store.Options{Log: log, Rehearse: true, AtOnce: 20}); err != nil {
				t.Fatal(err)
			}
			e.steps, e.last = 0, last // those of Upgrade, not of opening
			e.serve = func(int) {     // a report, and reads of everything that was there
				d := ticket.Draft{ID: fmt.Sprintf("0193ffff-0000-7000-8000-%012d", len(reported)), Category: "noise", Title: "夜间施工噪音 upgrading", Address: "平江路1号", Position: &at, Datum: geo.WGS84}
				if made, err := w.tickets.Report(ctx, reporter, time.Now().UTC(), d); err == nil {
					reported[made.ID] = true
				} else {
					t.Errorf("a report: %v", err)
				}
				for id := range o.docs["tickets"] {
					if _, _, err := w.tickets.Get(ctx, admin, id); err != nil {
						t.Errorf("ticket %s: %v", id, err)
					}
				}
				_, _, err := w.tickets.List(ctx, admin, ticket.Filter{Text: "upgrading"})
				if err != nil && !errors.Is(err, store.ErrBuilding) {
					t.Errorf("a search: %v", err)
				}
			}
			return w, e
		}
		upgrade := func(w *world) error {
			lease, err := w.store.Acquire(ctx, "upgrade", "test", time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			return w.store.Upgrade(ctx, lease)
		}
		w, e := start(2)
		if err := upgrade(w); e.steps >= e.last && !errors.Is(err, errKilled) {
			t.Fatalf("an upgrade that was stopped: %v", err)
		}
		if err := w.close(ctx); err != nil {
			t.Fatal(err)
		}
		w, e = start(-1)
		if err := upgrade(w); err != nil || len(w.store.Preparing()) > 0 {
			t.Fatalf("the upgrade: %v, left %v", err, w.store.Preparing())
		}
		o.check(t, e)
		if len(reported) == 0 {
			t.Error("nothing was rewritten while it served")
		}
		found, _, err := w.tickets.List(ctx, admin, ticket.Filter{Limit: 200})
		if err != nil || len(found) != old+len(reported) {
			t.Errorf("%d tickets are listed (%v), of %d", len(found), err, old+len(reported))
		}
		found, _, err = w.tickets.List(ctx, admin, ticket.Filter{Text: "upgrading", Limit: 200})
		if err != nil || len(found) != len(reported) {
			t.Errorf("%d tickets are found (%v), of %d", len(found), err, len(reported))
		}
		for _, raw := range o.docs["tickets"] {
			title := raw.Lookup("title").StringValue()
			if found, _, err := w.tickets.List(ctx, admin, ticket.Filter{Text: title, Limit: 200}); err != nil || len(found) == 0 {
				t.Errorf("%q finds %d tickets (%v)", title, len(found), err)
			}
		}
		w.findPeople(t, admin, len(o.docs["households"]))
		if err := w.close(ctx); err != nil {
			t.Fatal(err)
		}
	})
}

// findPeople finds each household by the names of its people, which are sealed.
func (w *world) findPeople(t *testing.T, by access.Actor, n int) {
	t.Helper()
	ctx := t.Context()
	all, _, err := w.households.List(ctx, by, time.Now().UTC(), household.Filter{Area: demo.Home, Limit: 200})
	if err != nil || len(all) != n {
		t.Fatalf("%d households (%v), of %d", len(all), err, n)
	}
	for _, h := range all {
		for _, m := range h.Members {
			name, err := w.keys.Open(m.Name, "persons/"+m.ID+"/name")
			if err != nil {
				t.Fatal(err)
			}
			found, _, err := w.households.List(ctx, by, time.Now().UTC(), household.Filter{Area: demo.Home, Text: name, Limit: 200})
			if err != nil || !slices.ContainsFunc(found, func(other *household.Household) bool { return other.ID == h.ID }) {
				t.Errorf("a household of %d people is not found by a name (%v)", len(h.Members), err)
			}
		}
	}
}

// check compares every document of the old store with what lies there now.
func (o *oldStore) check(t *testing.T, e store.Engine) {
	t.Helper()
	for _, c := range kept(nil) {
		spec := c.Spec()
		now := map[string]bson.Raw{}
		raws, err := e.Scan(t.Context(), spec, "", 1_000_000)
		if err != nil {
			t.Fatal(err)
		}
		for _, raw := range raws {
			now[raw.Lookup("_id").StringValue()] = raw
			if n, ok := raw.Lookup("schema").AsInt64OK(); ok && n != int64(spec.Schema) { // forms have another field of that name
				t.Errorf("%s of %s has schema %d", raw.Lookup("_id"), spec.Name, n)
			}
		}
		for id, was := range o.docs[spec.Name] {
			want, err := spec.Upgraded(was)
			if err != nil {
				t.Fatal(err)
			}
			if got := now[id]; !bytes.Equal(got, want) && got.Lookup("version").Equal(want.Lookup("version")) {
				t.Errorf("%s of %s is\n%v, want\n%v", id, spec.Name, got, want)
			}
		}
	}
}

// TestOldStoreIsServed: the program as it is started opens the old store, and
// people sign in and find what they had.
func TestOldStoreIsServed(t *testing.T) {
	eachOldStore(t, func(t *testing.T, o *oldStore) {
		args := []string{"--demo", "--data", o.dir}
		if o.uri != "" {
			args = append(args, "--store", o.uri)
		}
		r := start(t, args...)
		status, in := r.call(t, "POST", "/v1/sessions", "", `{"username":"dispatcher","password":"wangge-demo"}`)
		if status != 201 {
			t.Fatalf("sign-in: %d %v", status, in)
		}
		token, _ := in["accessToken"].(string)
		paths := []string{"/v1/tickets", "/v1/households?area=" + demo.Home}
		for _, raw := range o.docs["tickets"] {
			paths = append(paths, "/v1/tickets?q="+url.QueryEscape(raw.Lookup("title").StringValue()))
		}
		for _, path := range paths {
			status, list := r.call(t, "GET", path, token, "")
			if items, _ := list["items"].([]any); status != 200 || len(items) == 0 {
				t.Errorf("%s: %d with %d items", path, status, len(items))
			}
		}
		if status, ready := r.call(t, "GET", "/readyz", "", ""); status != 200 || ready["preparing"] != nil {
			t.Errorf("readiness: %d %v", status, ready)
		}
	})
}
