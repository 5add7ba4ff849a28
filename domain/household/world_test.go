package household

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/ids"
	"wangge/domain/limit"
	"wangge/domain/personal"
	"wangge/domain/policy"
	"wangge/domain/reveal"
	"wangge/geo"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

var noon = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

// The city of the tests, by code: two streets in one county, one in another.
const (
	county  = "320508"
	jia     = "320508001"
	yi      = "320508002"
	bing    = "320506001"
	jiaOne  = jia + "001" // communities
	jiaTwo  = jia + "002"
	yiOne   = yi + "001"
	bingOne = bing + "001"

	east  = jiaOne + "001" // cells
	west  = jiaOne + "002"
	north = jiaTwo + "001"
	other = yiOne + "001"
	far   = bingOne + "001"
)

const areaFile = `level,code,name,parent_code
city,3205,苏州市,
county,320508,姑苏区,3205
county,320506,吴中区,3205
street,320508001,甲街道,320508
street,320508002,乙街道,320508
street,320506001,丙街道,320506
community,320508001001,甲一社区,320508001
community,320508001002,甲二社区,320508001
community,320508002001,乙一社区,320508002
community,320506001001,丙一社区,320506001
`

// places in the cells, and outside every cell.
var at = map[string]orb.Point{
	east: {120.607, 31.307}, west: {120.595, 31.305}, north: {120.605, 31.315}, other: {120.645, 31.305}, far: {120.705, 31.305},
	"beside jia": {120.615, 31.305}, "at sea": {122.5, 31},
}

func feature(code string, west, south float64) string {
	const edge = 0.01
	return fmt.Sprintf(`{"type":"Feature","properties":{"code":%q,"name":"网格"},"geometry":{"type":"Polygon","coordinates":[[[%[2]v,%[3]v],[%[4]v,%[3]v],[%[4]v,%[5]v],[%[2]v,%[5]v],[%[2]v,%[3]v]]]}}`,
		code, west, south, west+edge, south+edge)
}

var program = access.Program

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
func eachEngine(t *testing.T, test func(*testing.T, *world)) { enginetest.Each(t, settled(test)) }

func oneEngine(t *testing.T, test func(*testing.T, *world)) { enginetest.One(t, settled(test)) }

func settled(test func(*testing.T, *world)) func(*testing.T, enginetest.Place) {
	return func(t *testing.T, p enginetest.Place) { test(t, worldOn(t, p, store.Options{Rehearse: true})) }
}

func onSQLite(t *testing.T) *world {
	return worldOn(t, enginetest.SQLite(t), store.Options{Rehearse: true})
}

func worldOn(t testing.TB, place enginetest.Place, opts store.Options) *world {
	w := &world{t: t, place: place}
	w.settle(opts)
	return w
}

// must takes a result and fails the test on its error.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// join opens the store as one more node.
func (w *world) join(opts store.Options) *node {
	w.t.Helper()
	n := &node{st: must(store.Open(w.t.Context(), w.place.Open(w.t), opts, slices.Concat(area.Collections(), reveal.Collections(), policy.Collections(), limit.Collections(), Collections(w.keys))...))(w.t)}
	w.t.Cleanup(func() {
		if err := n.st.Close(context.Background()); err != nil {
			w.t.Error(err)
		}
	})
	n.areas = must(area.New(w.t.Context(), n.st))(w.t)
	n.households = New(n.st, n.areas, must(policy.New(w.t.Context(), n.st, n.areas))(w.t), w.keys)
	return n
}

func (w *world) settle(opts store.Options) {
	t := w.t
	w.keys = must(personal.LoadKeys(filepath.Join(t.TempDir(), "keys"), ""))(t)
	w.node = w.join(opts)
	must(w.areas.ImportAreas(t.Context(), program, noon, strings.NewReader(areaFile), area.AreaImport{}))(t)
	cells := `{"type":"FeatureCollection","features":[` + strings.Join([]string{
		feature(east, 120.6, 31.3), feature(west, 120.59, 31.3), feature(north, 120.6, 31.31), feature(other, 120.64, 31.3), feature(far, 120.7, 31.3)}, ",") + "]}"
	must(w.areas.ImportCells(t.Context(), program, noon, []byte(cells), area.CellImport{Datum: geo.WGS84}))(t)
	if err := w.areas.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.people = map[string]access.Actor{}
	for who, g := range map[string]struct {
		role  access.Role
		level access.Level
		codes []string
	}{
		"admin": {access.Admin, "", []string{""}}, "county admin": {access.Admin, access.County, []string{county}},
		"manager": {access.StreetManager, access.Street, []string{jia}}, "other manager": {access.StreetManager, access.Street, []string{yi}},
		"dispatcher": {access.Dispatcher, access.Street, []string{jia}},
		"community":  {access.CommunityManager, access.Community, []string{jiaOne}}, "counter": {access.CounterWorker, access.Community, []string{jiaOne}},
		"lead": {access.GridLead, access.Cell, []string{east, west}}, "worker": {access.OutreachWorker, access.Cell, []string{east}},
		"two cells": {access.OutreachWorker, access.Cell, []string{west, other}}, "other lead": {access.GridLead, access.Cell, []string{other}},
		"resident": {access.Resident, "", []string{""}}, "handler": {access.Handler, "", []string{""}},
	} {
		actor := access.Actor{Account: strings.ReplaceAll(who, " ", "-"), Session: "session"}
		for _, code := range g.codes {
			actor.Grants = append(actor.Grants, access.Grant{Role: g.role, Level: g.level, Area: w.id(code)})
		}
		w.people[who] = actor
	}
	w.people["two roles"] = access.Actor{Account: "two-roles", Grants: append(slices.Clone(w.people["dispatcher"].Grants), w.people["worker"].Grants...)}
}

// id of an area or cell, by code.
func (w *world) id(code string) string {
	if a, ok := w.areas.Tree().ByCode(code); ok {
		return a.ID
	}
	if c, ok := w.areas.Map().ByCode(code); ok {
		return c.ID
	}
	return ""
}

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
	var out []*store.Entry
	for {
		page := must(w.st.Journal(w.t.Context(), w.id(street), int64(len(out)), 500))(w.t)
		if out = append(out, page...); len(page) < 500 {
			return out
		}
	}
}

// pointers are the fields that an InvalidError names.
func pointers(err error) string {
	var bad *domain.InvalidError
	if !errors.As(err, &bad) {
		return ""
	}
	var out []string
	for _, f := range bad.Fields {
		out = append(out, f.Pointer)
	}
	return strings.Join(out, " ")
}

// code is what a ConflictError says.
func code(err error) string {
	var conflict *domain.ConflictError
	if errors.As(err, &conflict) {
		return conflict.Code
	}
	return ""
}

// citizen is somebody's valid ID number, another for each n.
func citizen(n int) string {
	digits, sum := fmt.Sprintf("32050819500101%03d", n%1000), 0
	for i, weight := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(digits[i]-'0') * weight
	}
	return digits + string("10X98765432"[sum%11])
}

// BuiltIn are the tags of every street.
var BuiltIn = definitions(policy.Usual())
