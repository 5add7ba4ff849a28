package household

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/ids"
	"wangge/domain/limit"
	"wangge/domain/personal"
	"wangge/domain/policy"
	"wangge/domain/reveal"
	"wangge/domain/worldtest"
	"wangge/geo"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

var (
	noon    = worldtest.Noon
	program = access.Program
	at      = worldtest.At
)

// The city of the tests, by code.
const (
	county                        = worldtest.County
	jia, yi, bing                 = worldtest.Jia, worldtest.Yi, worldtest.Bing
	jiaOne, jiaTwo                = worldtest.JiaOne, worldtest.JiaTwo
	east, west, north, other, far = worldtest.East, worldtest.West, worldtest.North, worldtest.Other, worldtest.Far
)

// world is the city with its people, on one store that several nodes may open.
type world struct {
	*node
	t      testing.TB
	place  enginetest.Place
	keys   *personal.Keys
	people map[string]access.Actor
}

// node is a process on the store.
type node struct {
	st         *store.Store
	areas      *area.Areas
	households *Households
}

// eachEngine runs a test in a fresh city on each engine, oneEngine on SQLite: see enginetest.
func eachEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.Each(t, rehearsed, test) }

func oneEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.One(t, rehearsed, test) }

var founded worldtest.Founded[*world]

func rehearsed(t testing.TB, place enginetest.Place) *world {
	w := *founded.Copy(t, place, func(t testing.TB, place enginetest.Place) *world {
		return worldOn(t, place, store.Options{Rehearse: true})
	})
	w.t, w.place, w.people = t, place, maps.Clone(w.people)
	w.node = w.join(store.Options{Rehearse: true})
	return &w
}

func onSQLite(t *testing.T) *world { return rehearsed(t, enginetest.SQLite(t)) }

func worldOn(t testing.TB, place enginetest.Place, opts store.Options) *world {
	w := &world{t: t, place: place, keys: worldtest.Keys(t)}
	w.settle(opts)
	return w
}

func must[T any](v T, err error) func(testing.TB) T { return worldtest.Must(v, err) }

// join opens the store as one more node.
func (w *world) join(opts store.Options) *node {
	w.t.Helper()
	n := &node{}
	n.st, n.areas = worldtest.Open(w.t, w.place.Open(w.t), opts, slices.Concat(area.Collections(), reveal.Collections(), policy.Collections(), limit.Collections(), Collections(w.keys))...)
	n.households = New(n.st, n.areas, must(policy.New(w.t.Context(), n.st, n.areas))(w.t), w.keys)
	return n
}

func (w *world) settle(opts store.Options) {
	w.node = w.join(opts)
	worldtest.Import(w.t, w.areas, noon, worldtest.Areas)
	worldtest.Draw(w.t, w.areas, noon, slices.DeleteFunc(slices.Clone(worldtest.Cells), func(c worldtest.Cell) bool { return c.Code == worldtest.Park })...)
	w.people = worldtest.People(w.t, w.areas)
	for who, g := range map[string]struct {
		role  access.Role
		cells []string
	}{
		"lead": {access.GridLead, []string{east, west}}, "worker": {access.OutreachWorker, []string{east}},
		"two cells": {access.OutreachWorker, []string{west, other}}, "other lead": {access.GridLead, []string{other}},
	} {
		w.people[who] = worldtest.Actor(w.t, w.areas, who, g.role, g.cells...)
	}
	w.people["two roles"] = access.Actor{Account: "two-roles", Grants: append(slices.Clone(w.people["dispatcher"].Grants), w.people["worker"].Grants...)}
}

// id of an area or cell, by code.
func (w *world) id(code string) string { w.t.Helper(); return worldtest.ID(w.t, w.areas, code) }

// str is a pointer to a text, as inputs take it.
func str(s string) *string { return &s }

// draft is a household of one, in a cell, in a room of its own.
func draft(place, room string) Draft {
	return Draft{ID: ids.New(), Address: Address{Estate: "大儒巷小区", Building: "8幢", Unit: "2", Room: room}, Position: at[place], Datum: geo.WGS84,
		Members: []MemberInput{{ID: ids.New(), PersonInput: PersonInput{Name: str("王小明"), Phone: str("138 0000 0001"), Relation: str("户主")}}}}
}

func (w *world) create(who string, d Draft) *Household {
	w.t.Helper()
	h, _, err := w.households.Create(w.t.Context(), w.people[who], noon, d)
	if err != nil {
		w.t.Fatal(err)
	}
	return h
}

// get reads a household as it is stored.
func (w *world) get(id string) *Household {
	w.t.Helper()
	return must(collection.Get(w.t.Context(), w.st, id))(w.t)
}

// journal is what a street's journal says, oldest first.
func (w *world) journal(street string) []*store.Entry {
	w.t.Helper()
	return worldtest.Journal(w.t, w.st, w.id(street))
}

// pointers are the fields that an InvalidError names.
func pointers(err error) string { return strings.Join(worldtest.Pointers(err), " ") }

// code is what a ConflictError says.
var code = worldtest.Conflict

// citizen is somebody's valid ID number, another for each n.
func citizen(n int) string {
	digits, sum := fmt.Sprintf("32050819500101%03d", n%1000), 0
	for i, weight := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(digits[i]-'0') * weight
	}
	return digits + string("10X98765432"[sum%11])
}

// BuiltIn are the tags of every street.
var BuiltIn = definitions(policy.Default())
