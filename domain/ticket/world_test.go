package ticket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/ids"
	"wangge/domain/limit"
	"wangge/domain/personal"
	"wangge/domain/photo"
	"wangge/domain/place"
	"wangge/domain/policy"
	"wangge/domain/reveal"
	"wangge/geo"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

// The city of the tests, by code: two counties, the first of two streets.
const (
	county  = "320508"
	jia     = "320508001"
	yi      = "320508002"
	bing    = "320506001" // in the other county
	jiaOne  = jia + "001" // communities
	jiaTwo  = jia + "002"
	yiOne   = yi + "001"
	bingOne = bing + "001"

	east  = jiaOne + "001" // cells
	west  = jiaOne + "002"
	park  = jiaOne + "003" // dedicated, inside east
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

// middles of the cells, where only they are, and places outside every cell.
var at = map[string]orb.Point{
	east: {120.607, 31.307}, west: {120.595, 31.305}, park: {120.603, 31.303}, north: {120.605, 31.315}, other: {120.645, 31.305}, far: {120.705, 31.305},
	"beside jia": {120.615, 31.305}, "beside yi": {120.635, 31.305}, "at sea": {122.5, 31},
}

func feature(code, kind string, west, south, edge float64) string {
	return fmt.Sprintf(`{"type":"Feature","properties":{"code":%q,"name":"网格","kind":%q},"geometry":{"type":"Polygon","coordinates":[[[%[3]v,%[4]v],[%[5]v,%[4]v],[%[5]v,%[6]v],[%[3]v,%[6]v],[%[3]v,%[4]v]]]}}`,
		code, kind, west, south, west+edge, south+edge)
}

func cellFile(features ...string) []byte {
	return []byte(`{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + `]}`)
}

var program = access.Program

// world is the city with its people, on one store that several nodes may open.
type world struct {
	*node
	t      testing.TB
	place  enginetest.Place
	keys   *personal.Keys
	people map[string]access.Actor
	orgs   map[string]string // ids, by street code
	asked  *planned          // what the store asked its engine for, when not nil
}

// node is a process on the store.
type node struct {
	st       *store.Store
	areas    *area.Areas
	accounts *account.Accounts
	policies *policy.Policies
	tickets  *Tickets
}

// eachEngine runs a test in a fresh city on each engine, oneEngine on SQLite: see enginetest.
func eachEngine(t *testing.T, test func(*testing.T, *world)) { enginetest.Each(t, settled(test)) }

func oneEngine(t *testing.T, test func(*testing.T, *world)) { enginetest.One(t, settled(test)) }

func settled(test func(*testing.T, *world)) func(*testing.T, enginetest.Place) {
	return func(t *testing.T, p enginetest.Place) { test(t, worldOn(t, p)) }
}

func worldOn(t testing.TB, place enginetest.Place) *world {
	w := &world{t: t, place: place}
	w.settle()
	return w
}

// spot is where a position lies.
func (w *world) spot(t testing.TB, at orb.Point) area.Spot {
	t.Helper()
	spot, ok := place.Spot(w.tickets.areas.Map(), at)
	if !ok {
		t.Fatalf("%v lies outside the area served", at)
	}
	return spot
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
func (w *world) join() *node {
	w.t.Helper()
	return w.joinAs(store.Options{Rehearse: true})
}

func (w *world) joinAs(opts store.Options) *node {
	w.t.Helper()
	var all []store.Declared
	for _, c := range [][]store.Declared{area.Collections(), reveal.Collections(), account.Collections(), policy.Collections(), limit.Collections(), photo.Collections(), Collections()} {
		all = append(all, c...)
	}
	engine := w.place.Open(w.t)
	if w.asked != nil {
		w.asked.Engine, engine = engine, w.asked
	}
	n := &node{st: must(store.Open(w.t.Context(), engine, opts, all...))(w.t)}
	w.t.Cleanup(func() {
		if err := n.st.Close(context.Background()); err != nil {
			w.t.Error(err)
		}
	})
	n.areas = must(area.New(w.t.Context(), n.st))(w.t)
	n.accounts = account.New(n.st, n.areas, w.keys, account.Options{})
	n.policies = must(policy.New(w.t.Context(), n.st, n.areas))(w.t)
	n.tickets = New(n.st, n.areas, n.accounts, n.policies, w.keys)
	n.policies.InUse = n.tickets.InUse
	return n
}

func (w *world) settle() {
	t := w.t
	w.keys = must(personal.LoadKeys(filepath.Join(t.TempDir(), "keys"), ""))(t)
	w.node = w.join()
	w.people, w.orgs = map[string]access.Actor{}, map[string]string{}
	must(w.areas.ImportAreas(t.Context(), program, noon, strings.NewReader(areaFile), area.AreaImport{}))(t)
	must(w.areas.ImportCells(t.Context(), program, noon, cellFile(
		feature(east, "basic", 120.6, 31.3, 0.01), feature(west, "basic", 120.59, 31.3, 0.01), feature(park, "dedicated", 120.602, 31.302, 0.002),
		feature(north, "basic", 120.6, 31.31, 0.01), feature(other, "basic", 120.64, 31.3, 0.01), feature(far, "basic", 120.7, 31.3, 0.01),
	), area.CellImport{Datum: geo.WGS84}))(t)
	for _, street := range []string{jia, yi} {
		w.orgs[street] = must(w.areas.CreateOrganisation(t.Context(), program, noon,
			area.NewOrganisation{Name: "物业" + street, Kind: "property_company", Street: street}))(t).ID
	}
	w.add("admin", access.Admin, "", account.NewAccount{})
	w.add("county admin", access.Admin, county, account.NewAccount{})
	w.add("manager", access.StreetManager, jia, account.NewAccount{})
	w.add("dispatcher", access.Dispatcher, jia, account.NewAccount{})
	w.add("other dispatcher", access.Dispatcher, yi, account.NewAccount{})
	w.add("community", access.CommunityManager, jiaOne, account.NewAccount{})
	w.add("counter", access.CounterWorker, jiaTwo, account.NewAccount{})
	w.add("handler", access.Handler, "", account.NewAccount{Organisation: w.orgs[jia]})
	w.add("other handler", access.Handler, "", account.NewAccount{Organisation: w.orgs[yi]})
	w.add("resident", access.Resident, "", account.NewAccount{Phone: "13800000001"})
	w.add("neighbour", access.Resident, "", account.NewAccount{Phone: "13800000002"})
	w.post("lead", access.GridLead, jiaOne, east, west)
	w.post("worker", access.OutreachWorker, jiaOne, east, park)
	w.post("other lead", access.GridLead, yiOne, other)
	if err := w.areas.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// add makes an account with one grant, and the actor it signs in as.
func (w *world) add(who string, role access.Role, code string, in account.NewAccount) {
	w.t.Helper()
	in.Username, in.Name, in.Grants = strings.ReplaceAll(who, " ", "."), "某"+who, []account.GrantInput{{Role: role, Area: code}}
	a := must(w.accounts.Create(w.t.Context(), program, noon, in))(w.t)
	actor := access.Actor{Account: a.ID, Session: "session", Organisation: a.Organisation}
	for _, g := range a.Grants {
		actor.Grants = append(actor.Grants, access.Grant{Role: g.Role, Level: g.Level, Area: g.Area})
	}
	w.people[who] = actor
}

// post makes somebody who may be posted in a community and is, in cells.
func (w *world) post(who string, role access.Role, community string, cells ...string) {
	w.t.Helper()
	w.add(who, role, community, account.NewAccount{})
	actor := w.people[who]
	actor.Posting, actor.Grants = actor.Grants, nil
	for _, code := range cells {
		actor.Grants = append(actor.Grants, access.Grant{Role: role, Level: access.Cell, Area: w.cell(code).ID})
	}
	w.people[who] = actor
}

func (w *world) cell(code string) *area.Cell {
	w.t.Helper()
	return must(area.LoadCell(w.t.Context(), w.st, code))(w.t)
}

func (w *world) person(who string) access.Assignee {
	return access.Assignee{Kind: access.Person, ID: w.people[who].Account}
}

func (w *world) organisation(street string) access.Assignee {
	return access.Assignee{Kind: access.Organisation, ID: w.orgs[street]}
}

// draft is a report at one of the places.
func draft(place string) Draft {
	return Draft{ID: ids.New(), Category: "noise", Title: "深夜噪声", Address: "大儒巷8号", Position: at[place], Datum: geo.WGS84}
}

func (w *world) report(who, place string) *Ticket {
	w.t.Helper()
	return must(w.tickets.Report(w.t.Context(), w.people[who], noon, draft(place)))(w.t)
}

func (w *world) move(who, id string, m Move) *Ticket {
	w.t.Helper()
	return must(w.tickets.Move(w.t.Context(), w.people[who], noon, id, 0, m))(w.t)
}

// working is a ticket that the worker has begun on.
func (w *world) working(place string) *Ticket {
	w.t.Helper()
	t := w.report("resident", place)
	w.move("dispatcher", t.ID, Move{Action: Accept})
	m := Move{Action: Dispatch, Note: "请速去"}
	to := w.person("worker")
	m.Assignee = &to
	w.move("dispatcher", t.ID, m)
	return w.move("worker", t.ID, Move{Action: Start})
}

// get reads a ticket as the program does.
func (w *world) get(id string) *Ticket {
	w.t.Helper()
	return must(collection.Get(w.t.Context(), w.st, id))(w.t)
}

// journal is what a street's journal says, oldest first.
func (w *world) journal(street string) []*store.Entry {
	w.t.Helper()
	a, _ := w.areas.Tree().ByCode(street)
	var out []*store.Entry
	for {
		page := must(w.st.Journal(w.t.Context(), a.ID, int64(len(out)), 500))(w.t)
		if out = append(out, page...); len(page) < 500 {
			return out
		}
	}
}

var picture = func() []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 8, 6)), nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}()

// upload stores a picture of somebody's.
func (w *world) upload(who string) string {
	w.t.Helper()
	return must(photo.New(w.st).Add(w.t.Context(), w.people[who], noon, ids.New(), [2]string{ids.New(), ids.New()}, picture))(w.t).ID
}

// pointers are the fields that an InvalidError names; nil for another error.
func pointers(err error) []string {
	var bad *domain.InvalidError
	if !errors.As(err, &bad) {
		return nil
	}
	var out []string
	for _, f := range bad.Fields {
		out = append(out, f.Pointer)
	}
	return out
}

// code is what a ConflictError says; "" for another error.
func code(err error) string {
	var conflict *domain.ConflictError
	if errors.As(err, &conflict) {
		return conflict.Code
	}
	return ""
}
