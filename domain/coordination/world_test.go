package coordination

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/collections"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/personal"
	"wangge/domain/policy"
	"wangge/domain/ticket"
	"wangge/domain/visit"
	"wangge/geo"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

var (
	noon     = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	program  = access.Program
	resident = access.Actor{Account: "resident", Session: "s", Grants: []access.Grant{{Role: access.Resident}}}
)

// Two streets of one community each, side by side.
const (
	jia    = "320508001"
	yi     = "320508002"
	jiaOne = jia + "001"
	yiOne  = yi + "001"

	areaFile = `level,code,name,parent_code
city,3205,苏州市,
county,320508,姑苏区,3205
street,320508001,甲街道,320508
street,320508002,乙街道,320508
community,320508001001,甲一社区,320508001
community,320508002001,乙一社区,320508002
`
)

// node is a process on the store.
type node struct {
	st         *store.Store
	areas      *area.Areas
	households *household.Households
	tickets    *ticket.Tickets
	doors      *Doors
}

// world is a store that several nodes may open.
type world struct {
	*node
	open    func(testing.TB) store.Engine
	keys    *personal.Keys
	mender  access.Assignee // an organisation
	handler access.Actor    // of it
}

// eachEngine runs a test in a fresh city on each engine, oneEngine on SQLite: see enginetest.
func eachEngine(t *testing.T, test func(*testing.T, *world)) { enginetest.Each(t, settled(test)) }

func oneEngine(t *testing.T, test func(*testing.T, *world)) { enginetest.One(t, settled(test)) }

func settled(test func(*testing.T, *world)) func(*testing.T, enginetest.Place) {
	return func(t *testing.T, p enginetest.Place) { test(t, newWorld(t, p, store.Options{Rehearse: true})) }
}

func newWorld(t testing.TB, place enginetest.Place, opts store.Options) *world {
	t.Helper()
	w := &world{open: place.Open, keys: must(personal.LoadKeys(filepath.Join(t.TempDir(), "keys"), ""))(t)}
	w.node = w.join(t, opts)
	must(w.areas.ImportAreas(t.Context(), program, noon, strings.NewReader(areaFile), area.AreaImport{}))(t)
	org := must(w.areas.CreateOrganisation(t.Context(), program, noon, area.NewOrganisation{Name: "物业", Kind: "property_company", Street: jia}))(t)
	w.mender = access.Assignee{Kind: access.Organisation, ID: org.ID}
	w.handler = access.Actor{Account: "handler", Session: "s", Organisation: org.ID, Grants: []access.Grant{{Role: access.Handler}}}
	return w
}

// join opens the store as one more node.
func (w *world) join(t testing.TB, opts store.Options) *node {
	t.Helper()
	n := &node{st: must(store.Open(t.Context(), w.open(t), opts, collections.All(w.keys)...))(t)}
	t.Cleanup(func() { must(0, n.st.Close(context.Background()))(t) })
	n.areas = must(area.New(t.Context(), n.st))(t)
	policies := must(policy.New(t.Context(), n.st, n.areas))(t)
	n.tickets = ticket.New(n.st, n.areas, account.New(n.st, n.areas, w.keys, account.Options{}), policies, w.keys)
	policies.InUse = n.tickets.InUse
	n.households = household.New(n.st, n.areas, policies, w.keys)
	n.doors = &Doors{Store: n.st, Households: n.households, Stops: visit.New(n.st, n.areas, w.keys, n.households).Stops, Tickets: n.tickets}
	n.areas.PlanMoves = PlanMoves(n.tickets, n.households)
	return n
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

// box is a rectangle in hundredths of a degree from 120.7, 31.3.
func box(west, south, east, north float64) orb.MultiPolygon {
	at := func(x, y float64) orb.Point { return spot(x, y) }
	return orb.MultiPolygon{{{at(west, south), at(east, south), at(east, north), at(west, north), at(west, south)}}}
}

func spot(x, y float64) orb.Point { return geo.Snap(orb.Point{120.7 + x/100, 31.3 + y/100}) }

// cell is a feature of an import.
func cell(code string, kind area.Kind, m orb.MultiPolygon) map[string]any {
	return map[string]any{"type": "Feature", "properties": map[string]any{"code": code, "name": "网格", "kind": kind},
		"geometry": map[string]any{"type": "MultiPolygon", "coordinates": m}}
}

func collection(cells ...map[string]any) []byte {
	data, err := json.Marshal(map[string]any{"type": "FeatureCollection", "features": cells})
	if err != nil {
		panic(err)
	}
	return data
}

func (n *node) draw(t testing.TB, now time.Time, cells ...map[string]any) area.Report {
	t.Helper()
	return must(n.areas.ImportCells(t.Context(), program, now, collection(cells...), area.CellImport{Datum: geo.WGS84}))(t)
}

func (n *node) report(ctx context.Context, at orb.Point) (*ticket.Ticket, error) {
	return n.tickets.Report(ctx, resident, noon, ticket.Draft{ID: ids.New(), Category: "noise", Title: "深夜噪声", Position: at, Datum: geo.WGS84})
}

func (n *node) get(t testing.TB, id string) *ticket.Ticket {
	t.Helper()
	found, _, err := n.tickets.Get(t.Context(), admin, id)
	return must(found, err)(t)
}

// move takes an action as the admin, or as the resident.
func (n *node) move(t testing.TB, id string, m ticket.ActionInput) *ticket.Ticket {
	t.Helper()
	return must(n.tickets.TakeAction(t.Context(), admin, noon, id, 0, m))(t)
}

var admin = access.Actor{Account: "admin", Session: "s", Grants: []access.Grant{{Role: access.Admin}}}

// code names the cell of an id; "" for none.
func (n *node) code(t testing.TB, id string) string {
	t.Helper()
	if id == "" {
		return ""
	}
	c, ok := n.areas.Map().ByID(id)
	if !ok {
		t.Fatalf("no cell %s on the map", id)
	}
	return c.Code
}

func code(community string, n int) string { return fmt.Sprintf("%s%03d", community, n) }
