package account

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/limit"
	"wangge/domain/personal"
	"wangge/geo"
	"wangge/store"
	"wangge/store/enginetest"
)

// The areas of the tests, by code.
const (
	cityArea       = "3205"
	county         = "320508"
	street         = "320508001"
	community      = "320508001001"
	otherStreet    = "320508002"
	otherCommunity = "320508002001"
)

const areaFile = `level,code,name,parent_code
city,3205,苏州市,
county,320508,姑苏区,3205
street,320508001,甲街道,320508
community,320508001001,甲一社区,320508001
community,320508001002,甲二社区,320508001
street,320508002,乙街道,320508
community,320508002001,乙一社区,320508002
`

var morning = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

var system = access.Program

// world is a city of two streets with nobody in it yet.
type world struct {
	t        *testing.T
	st       *store.Store
	areas    *area.Areas
	keys     *personal.Keys
	accounts *Accounts
	sent     *outbox

	organisation, otherOrganisation string // ids, in street and otherStreet
}

// eachEngine runs a test in a fresh city on each engine.
func eachEngine(t *testing.T, test func(*testing.T, *world)) {
	enginetest.Each(t, func(t *testing.T, p enginetest.Place) { test(t, newWorldOn(t, p.Open(t))) })
}

// open returns an empty store.
func open(t *testing.T, engine store.Engine) *store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), engine, store.Options{Rehearse: true}, slices.Concat(area.Collections(), limit.Collections(), Collections())...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return st
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldOn(t, enginetest.SQLite(t).Open(t))
}

func newWorldOn(t *testing.T, engine store.Engine) *world {
	t.Helper()
	w := &world{t: t, st: open(t, engine), sent: &outbox{}}
	var err error
	if w.keys, err = personal.LoadKeys(filepath.Join(t.TempDir(), "keys"), ""); err != nil {
		t.Fatal(err)
	}
	if w.areas, err = area.New(t.Context(), w.st); err != nil {
		t.Fatal(err)
	}
	w.importAreas(areaFile)
	w.accounts = New(w.st, w.areas, w.keys, Options{Sender: w.sent})
	w.organisation, w.otherOrganisation = w.addOrganisation("甲物业", street), w.addOrganisation("乙物业", otherStreet)
	return w
}

// node is another node on the same store.
func (w *world) node() *Accounts { return New(w.st, w.areas, w.keys, Options{Sender: w.sent}) }

func (w *world) importAreas(file string) {
	w.t.Helper()
	if _, err := w.areas.ImportAreas(w.t.Context(), system, morning, strings.NewReader(file), area.AreaImport{}); err != nil {
		w.t.Fatal(err)
	}
	if err := w.areas.Refresh(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// The cells that importCells makes, by code; each is a square of its own.
const (
	cell      = community + "001"
	otherCell = otherCommunity + "001"
)

func (w *world) importCells() {
	w.t.Helper()
	square := func(code string, lon float64) string {
		return fmt.Sprintf(`{"type":"Feature","properties":{"code":%q,"name":"网格"},"geometry":{"type":"Polygon","coordinates":[[[%[2]f,31.3],[%[3]f,31.3],[%[3]f,31.31],[%[2]f,31.31],[%[2]f,31.3]]]}}`, code, lon, lon+0.01)
	}
	file := `{"type":"FeatureCollection","features":[` + square(cell, 120.6) + "," + square(otherCell, 120.62) + `]}`
	if _, err := w.areas.ImportCells(w.t.Context(), system, morning, []byte(file), area.CellImport{Datum: geo.WGS84}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) addOrganisation(name, street string) string {
	w.t.Helper()
	o, err := w.areas.CreateOrganisation(w.t.Context(), system, morning, area.NewOrganisation{Name: name, Kind: "property_company", Street: street})
	if err != nil {
		w.t.Fatal(err)
	}
	return o.ID
}

// actor is somebody with the grants that their name says.
func (w *world) actor(who string) access.Actor {
	w.t.Helper()
	over := func(r access.Role, code string) access.Grant {
		at, ok := w.areas.Tree().ByCode(code)
		if !ok {
			w.t.Fatalf("no area %s", code)
		}
		return access.Grant{Role: r, Level: at.Level, Area: at.ID}
	}
	a := access.Actor{Account: strings.ReplaceAll(who, " ", "-"), Session: "session"}
	switch who {
	case "admin":
		a.Grants = []access.Grant{{Role: access.Admin}}
	case "manager":
		a.Grants = []access.Grant{over(access.StreetManager, street)}
	case "other manager":
		a.Grants = []access.Grant{over(access.StreetManager, otherStreet)}
	case "both managers":
		a.Grants = []access.Grant{over(access.StreetManager, street), over(access.StreetManager, otherStreet)}
	case "dispatcher":
		a.Grants = []access.Grant{over(access.Dispatcher, street)}
	case "community":
		a.Grants = []access.Grant{over(access.CommunityManager, community)}
	case "lead":
		a.Posting = []access.Grant{over(access.GridLead, community)}
	case "worker":
		a.Posting = []access.Grant{over(access.OutreachWorker, community)}
	case "handler":
		a.Organisation, a.Grants = w.organisation, []access.Grant{{Role: access.Handler}}
	case "resident":
		a.Grants = []access.Grant{{Role: access.Resident}}
	case "nobody":
		return access.Actor{}
	default:
		w.t.Fatalf("nobody is called %s", who)
	}
	return a
}

func (w *world) create(in NewAccount) *Account {
	w.t.Helper()
	a, err := w.accounts.Create(w.t.Context(), system, morning, in)
	if err != nil {
		w.t.Fatalf("%s: %v", in.Username, err)
	}
	return a
}

// edit changes an account as no use case does.
func (w *world) edit(id string, change func(*Account)) {
	w.t.Helper()
	err := w.st.Update(w.t.Context(), city, func(tx *store.Tx) error {
		a, err := collection.Get(w.t.Context(), tx, id)
		if err != nil {
			return err
		}
		change(a)
		return collection.Put(tx, a, a.recorded(system, morning, "account.edit", a.state()))
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// stored returns the documents of every collection of the package, as they lie in the store.
func (w *world) stored() map[string][]bson.Raw {
	w.t.Helper()
	out := map[string][]bson.Raw{}
	collect(w, out, collection, store.Query{Order: []string{"sort"}})
	old := store.Between("expires", nil, morning.AddDate(10, 0, 0))
	collect(w, out, sessions, store.Query{Where: []store.Cond{old}, Deleted: true})
	collect(w, out, codes, store.Query{Where: []store.Cond{old}})
	return out
}

func collect[T any, P store.Doc[T]](w *world, out map[string][]bson.Raw, c *store.Collection[T, P], q store.Query) {
	w.t.Helper()
	docs, _, err := c.Find(w.t.Context(), w.st, q)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, doc := range docs {
		raw, err := c.Encode(doc)
		if err != nil {
			w.t.Fatal(err)
		}
		out[c.Spec().Name] = append(out[c.Spec().Name], raw)
	}
}

func ptr[T any](v T) *T { return &v }

// must takes a use case's result and fails the test on its error.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
