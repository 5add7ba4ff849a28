package coordination

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/collections"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/intake"
	"wangge/domain/link"
	"wangge/domain/personal"
	"wangge/domain/policy"
	"wangge/domain/service"
	"wangge/domain/ticket"
	"wangge/domain/visit"
	"wangge/domain/worldtest"
	"wangge/geo"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

var (
	noon     = worldtest.Noon
	program  = access.Program
	resident = access.Actor{Account: "resident", Session: "s", Grants: []access.Grant{{Role: access.Resident}}}
)

// The city of the tests, by code: two streets side by side.
const (
	jia           = worldtest.Jia
	jiaOne, yiOne = worldtest.JiaOne, worldtest.YiOne
)

// node is a process on the store.
type node struct {
	st         *store.Store
	areas      *area.Areas
	households *household.Households
	tickets    *ticket.Tickets
	doors      *Doors
	visits     visit.UseCases
	cases      *intake.Cases
	counter    *Counter
	links      *link.Links
	accounts   *account.Accounts
	items      *service.Items
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
func eachEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.Each(t, rehearsed, test) }

func oneEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.One(t, rehearsed, test) }

func rehearsed(t testing.TB, place enginetest.Place) *world {
	return newWorld(t, place, store.Options{Rehearse: true})
}

func newWorld(t testing.TB, place enginetest.Place, opts store.Options) *world {
	t.Helper()
	w := &world{open: place.Open, keys: worldtest.Keys(t)}
	w.node = w.join(t, opts)
	worldtest.Import(t, w.areas, noon, worldtest.Areas)
	w.mender, w.handler = worldtest.Handlers(t, w.areas, noon, area.NewOrganisation{Name: "物业", Kind: "property_company", Street: jia})
	return w
}

// join opens the store as one more node.
func (w *world) join(t testing.TB, opts store.Options) *node {
	t.Helper()
	n := &node{}
	n.st, n.areas = worldtest.Open(t, w.open(t), opts, collections.All(w.keys)...)
	policies := must(policy.New(t.Context(), n.st, n.areas))(t)
	n.accounts = account.New(n.st, n.areas, w.keys, account.Options{})
	calendars := must(calendar.New(t.Context(), n.st))(t)
	n.tickets = ticket.New(n.st, n.areas, n.accounts, policies, calendars, w.keys)
	n.links = link.New(n.st)
	n.tickets.LinksSeen = n.links.SeenAt(link.Ticket)
	n.items = must(service.NewItems(t.Context(), n.st, n.areas))(t)
	n.cases = intake.New(n.st, n.areas, n.accounts, n.items, calendars, w.keys)
	n.counter = &Counter{Store: n.st, Tickets: n.tickets, Cases: n.cases}
	policies.InUse = n.tickets.InUse
	n.households = household.New(n.st, n.areas, policies, w.keys)
	n.visits = visit.New(n.st, n.areas, w.keys, n.households)
	n.doors = &Doors{Store: n.st, Households: n.households, Stops: n.visits.Stops, Tickets: n.tickets, Cases: n.cases}
	n.areas.PlanMoves = PlanMoves(n.tickets, n.households)
	return n
}

func must[T any](v T, err error) func(testing.TB) T { return worldtest.Must(v, err) }

// box is a rectangle in hundredths of a degree from 120.7, 31.3.
func box(west, south, east, north float64) orb.MultiPolygon {
	from, to := spot(west, south), spot(east, north)
	return worldtest.Box(from[0], from[1], to[0], to[1])
}

func spot(x, y float64) orb.Point { return geo.Snap(orb.Point{120.7 + x/100, 31.3 + y/100}) }

func cell(code string, kind area.Kind, ground orb.MultiPolygon) worldtest.Cell {
	return worldtest.Cell{Code: code, Kind: kind, Ground: ground}
}

func (n *node) draw(t testing.TB, now time.Time, cells ...worldtest.Cell) area.Report {
	t.Helper()
	return must(n.areas.ImportCells(t.Context(), program, now, worldtest.CellFile(cells...), area.CellImport{Datum: geo.WGS84}))(t)
}

func (n *node) report(ctx context.Context, at orb.Point) (*ticket.Ticket, error) {
	return n.tickets.Report(ctx, resident, noon, ticket.Draft{ID: ids.New(), Category: "noise", Title: "深夜噪声", Position: &at, Datum: geo.WGS84})
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
