package account

import (
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/limit"
	"wangge/domain/personal"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/enginetest"
)

// The areas of the tests, by code.
const (
	cityArea, county          = worldtest.City, worldtest.County
	street, otherStreet       = worldtest.Jia, worldtest.Yi
	community, otherCommunity = worldtest.JiaOne, worldtest.YiOne
)

var morning = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

var system = access.Program

// world is a city of two streets with nobody in it yet.
type world struct {
	t        testing.TB
	st       *store.Store
	areas    *area.Areas
	keys     *personal.Keys
	accounts *Accounts
	sent     *outbox

	organisation, otherOrganisation string // ids, in street and otherStreet
}

// eachEngine runs a test in a fresh city on each engine.
func eachEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.Each(t, newWorldOn, test) }

func newWorld(t *testing.T) *world { t.Helper(); return newWorldOn(t, enginetest.SQLite(t)) }

var founded worldtest.Founded[*world]

func newWorldOn(t testing.TB, place enginetest.Place) *world {
	t.Helper()
	w := *founded.Copy(t, place, func(t testing.TB, place enginetest.Place) *world {
		w := &world{keys: worldtest.Keys(t)}
		w.open(t, place)
		w.importAreas(worldtest.Areas)
		w.organisation, w.otherOrganisation = w.addOrganisation("甲物业", street), w.addOrganisation("乙物业", otherStreet)
		return w
	})
	w.open(t, place)
	return &w
}

func (w *world) open(t testing.TB, place enginetest.Place) {
	t.Helper()
	w.t, w.sent = t, &outbox{}
	w.st, w.areas = worldtest.Open(t, place.Open(t), store.Options{Rehearse: true}, slices.Concat(area.Collections(), limit.Collections(), Collections())...)
	w.accounts = New(w.st, w.areas, w.keys, Options{Sender: w.sent})
}

// node is another node on the same store.
func (w *world) node() *Accounts { return New(w.st, w.areas, w.keys, Options{Sender: w.sent}) }

func (w *world) importAreas(file string) {
	w.t.Helper()
	worldtest.Import(w.t, w.areas, morning, file)
}

// The cells that importCells makes, by code; each is a square of its own.
const (
	cell      = worldtest.East
	otherCell = worldtest.Other
)

func (w *world) importCells() {
	w.t.Helper()
	worldtest.Draw(w.t, w.areas, morning, worldtest.Cell{Code: cell, Ground: worldtest.Square(120.6, 31.3, 0.01)}, worldtest.Cell{Code: otherCell, Ground: worldtest.Square(120.62, 31.3, 0.01)})
}

func (w *world) addOrganisation(name, street string) string {
	w.t.Helper()
	return must(w.areas.CreateOrganisation(w.t.Context(), system, morning, area.NewOrganisation{Name: name, Kind: "property_company", Street: street}))(w.t).ID
}

// actor is somebody with the grants that their name says.
func (w *world) actor(who string) access.Actor {
	w.t.Helper()
	as := func(role access.Role, codes ...string) access.Actor {
		return worldtest.Actor(w.t, w.areas, who, role, codes...)
	}
	switch a, ok := worldtest.People(w.t, w.areas)[who]; {
	case who == "handler":
		a.Organisation = w.organisation
		return a
	case ok:
		return a
	}
	posting := access.Actor{Account: who, Session: "session"}
	switch who {
	case "both managers":
		return as(access.StreetManager, street, otherStreet)
	case "lead":
		posting.Posting = as(access.GridLead, community).Grants
	case "worker":
		posting.Posting = as(access.OutreachWorker, community).Grants
	case "nobody":
		return access.Actor{}
	default:
		w.t.Fatalf("nobody is called %s", who)
	}
	return posting
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

func must[T any](v T, err error) func(testing.TB) T { return worldtest.Must(v, err) }
