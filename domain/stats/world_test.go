package stats

import (
	"context"
	"log/slog"
	"os"
	"sync/atomic"
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
	"wangge/domain/personal"
	"wangge/domain/plan"
	"wangge/domain/policy"
	"wangge/domain/schedule"
	"wangge/domain/ticket"
	"wangge/domain/visit"
	"wangge/domain/worldtest"
	"wangge/geo"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/jobs"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

var noon = worldtest.Noon

// cells are two in each of two streets, side by side.
var cells = []string{worldtest.JiaOne + "001", worldtest.JiaOne + "002", worldtest.YiOne + "001", worldtest.YiOne + "002"}

// middle of a cell; after the cells, a place outside them all.
func middle(i int) orb.Point { return orb.Point{120.605 + float64(i)*0.01, 31.305} }

var (
	program  = access.Program
	admin    = access.Actor{Account: "admin", Grants: []access.Grant{{Role: access.Admin}}}
	resident = access.Actor{Account: "resident", Grants: []access.Grant{{Role: access.Resident}}}
)

// world is the city on one store, and who mends things in it.
type world struct {
	t     testing.TB
	place enginetest.Place
	clock atomic.Int64 // Unix seconds, of every node
	keys  *personal.Keys
	*node
	organisation access.Assignee
	handler      access.Actor
}

// node is a process on the store.
type node struct {
	st         *store.Store
	areas      *area.Areas
	households *household.Households
	tickets    *ticket.Tickets
	visit.UseCases
	plans     *plan.Plans
	scheduler *schedule.Scheduler
	live      *Live
	now       func() time.Time
}

// eachEngine runs a test in a fresh city on each engine, oneEngine on SQLite: see enginetest.
func eachEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.Each(t, settle, test) }

func oneEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.One(t, settle, test) }

func must[T any](v T, err error) func(testing.TB) T { return worldtest.Must(v, err) }

func settle(t testing.TB, place enginetest.Place) *world {
	w := &world{t: t, place: place, keys: worldtest.Keys(t)}
	w.clock.Store(noon.Unix())
	w.node = w.join()
	worldtest.Import(t, w.areas, noon, worldtest.Areas)
	var drawn []worldtest.Cell
	for i, code := range cells {
		m := middle(i)
		drawn = append(drawn, worldtest.Cell{Code: code, Ground: worldtest.Box(m[0]-0.005, m[1]-0.005, m[0]+0.005, m[1]+0.005)})
	}
	worldtest.Draw(t, w.areas, noon, drawn...)
	w.organisation, w.handler = worldtest.Handlers(t, w.areas, noon, area.NewOrganisation{Name: "城管", Kind: "city_management"})
	return w
}

// join opens the store as one more node, which has the areas as they are then.
func (w *world) join() *node {
	w.t.Helper()
	n := &node{now: func() time.Time { return time.Unix(w.clock.Load(), 0) }}
	n.st, n.areas = worldtest.Open(w.t, w.place.Open(w.t), store.Options{Rehearse: true}, collections.All(w.keys)...)
	policies := must(policy.New(w.t.Context(), n.st, n.areas))(w.t)
	n.tickets = ticket.New(n.st, n.areas, account.New(n.st, n.areas, w.keys, account.Options{}), policies, must(calendar.New(w.t.Context(), n.st))(w.t), w.keys)
	policies.InUse = n.tickets.InUse
	n.households = household.New(n.st, n.areas, policies, w.keys)
	n.UseCases, n.plans = visit.New(n.st, n.areas, w.keys, n.households), plan.New(n.st, n.areas, n.households)
	n.scheduler = schedule.New(n.st, n.areas, n.households, n.plans, n.Promises)
	n.live = New(Sources{Areas: n.areas, Tickets: n.tickets, Visits: n.Visits, Households: n.households})
	return n
}

// follow runs the node's figures until the test ends.
func (n *node) follow(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = n.live.Follow(ctx, jobs.Node{Store: n.st, Now: n.now, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	}()
	t.Cleanup(func() { stop(); <-ended })
}

// upTo is the snapshot that knows everything the store of w has by now.
func (n *node) upTo(t *testing.T, w *world) *Snapshot {
	t.Helper()
	for limit := time.Now().Add(5 * time.Minute); ; time.Sleep(5 * time.Millisecond) {
		s := must(n.live.Snapshot(t.Context()))(t)
		behind := false
		for street, head := range w.st.Heads() {
			behind = behind || s.Numbers[street] < head
		}
		if !behind {
			return s
		}
		if time.Now().After(limit) {
			t.Fatal("behind after five minutes")
		}
	}
}

func (w *world) report(now time.Time, at orb.Point, category string) *ticket.Ticket {
	w.t.Helper()
	return must(w.tickets.Report(w.t.Context(), resident, now, ticket.Draft{ID: ids.New(), Category: category, Title: "噪声", Position: &at, Datum: geo.WGS84}))(w.t)
}

// everywhere are the grants of who visits in every street.
func (w *world) everywhere() (out []access.Grant) {
	for _, code := range []string{"320508001", "320508002"} {
		a, _ := w.areas.Tree().ByCode(code)
		out = append(out, access.Grant{Role: access.OutreachWorker, Level: access.Street, Area: a.ID})
	}
	return out
}
