package tiles

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/collections"
	"wangge/domain/household"
	"wangge/domain/policy"
	"wangge/domain/stats"
	"wangge/domain/ticket"
	"wangge/domain/visit"
	"wangge/domain/worldtest"
	"wangge/geo"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/jobs"
)

var (
	noon     = worldtest.Noon
	program  = access.Program
	admin    = access.Actor{Account: "admin", Grants: []access.Grant{{Role: access.Admin}}}
	resident = access.Actor{Account: "resident", Grants: []access.Grant{{Role: access.Resident}}}
)

// town is a street of crooked cells, a hundred in each of its communities, with
// everything that keeps its tiles fresh. It is 17 km wide at most: one tile of zoom 10.
type town struct {
	*Tiles
	areas   *area.Areas
	tickets *ticket.Tickets
}

const street = "320508001"

var ground = orb.Bound{Min: orb.Point{120.62, 31.1}, Max: orb.Point{120.8, 31.25}}

func newTown(tb testing.TB, communities, open int) *town {
	tb.Helper()
	ctx := tb.Context()
	keys := worldtest.Keys(tb)
	st, areas := worldtest.Open(tb, enginetest.SQLite(tb).Open(tb), store.Options{}, collections.All(keys)...)
	t := &town{areas: areas}
	policies := must(policy.New(ctx, st, t.areas))(tb)
	t.tickets = ticket.New(st, t.areas, account.New(st, t.areas, keys, account.Options{}), policies, must(calendar.New(ctx, st))(tb), keys)
	households := household.New(st, t.areas, policies, keys)
	figures := stats.New(stats.Sources{Areas: t.areas, Tickets: t.tickets, Visits: visit.New(st, t.areas, keys, households).Visits, Households: households})
	t.Tiles = New(t.areas, figures, "https://grid.example.org")

	tree := "level,code,name,parent_code\ncity,3205,苏州市,\ncounty,320508,姑苏区,3205\nstreet,320508001,甲街道,320508\n"
	for i := range communities {
		tree += fmt.Sprintf("community,%s%03d,社区%d,%s\n", street, i+1, i+1, street)
	}
	worldtest.Import(tb, t.areas, noon, tree)
	must(t.areas.ImportCells(ctx, program, noon, cellFile(tb, communities), area.CellImport{Datum: geo.WGS84}))(tb)
	rng := rand.New(rand.NewPCG(3, 3))
	for range open {
		t.report(tb, noon.Add(-time.Duration(rng.IntN(30*24))*time.Hour), orb.Point{ground.Min[0] + rng.Float64()*0.18, ground.Min[1] + rng.Float64()*0.15})
	}
	ctx, stop := context.WithCancel(ctx)
	log := slog.New(slog.DiscardHandler)
	var working sync.WaitGroup
	for _, work := range []func(){func() { _ = t.areas.Follow(ctx) }, func() { _ = figures.Follow(ctx, jobs.Node{Store: st, Now: func() time.Time { return noon }, Log: log}) }, func() { _ = t.Follow(ctx, log) }} {
		working.Go(work)
	}
	tb.Cleanup(func() { stop(); working.Wait() })
	return t
}

func must[T any](v T, err error) func(testing.TB) T { return worldtest.Must(v, err) }

// cellFile is the town's cells, 24 vertices each about.
func cellFile(tb testing.TB, communities int) []byte {
	tb.Helper()
	rng := rand.New(rand.NewPCG(1, 1))
	var buildings []orb.Point
	for range communities * 1000 {
		buildings = append(buildings, orb.Point{ground.Min[0] + rng.Float64()*0.18, ground.Min[1] + rng.Float64()*rng.Float64()*0.15})
	}
	parts := make([]int, communities)
	for i := range parts {
		parts[i] = 100
	}
	cut := must(geo.Tessellate(ground.ToPolygon(), buildings, 3000, parts))(tb)
	var drawn []worldtest.Cell
	for i, cells := range cut {
		for j, polygon := range cells {
			drawn = append(drawn, worldtest.Cell{Code: fmt.Sprintf("%s%03d%03d", street, i+1, j+1), Name: fmt.Sprintf("社区%d第%d网格", i+1, j+1), Ground: orb.MultiPolygon{polygon}})
		}
	}
	return worldtest.CellFile(drawn...)
}

func (t *town) report(tb testing.TB, now time.Time, at orb.Point) {
	tb.Helper()
	must(t.tickets.Report(tb.Context(), resident, now, ticket.Draft{ID: uuid.NewString(), Category: "noise", Title: "噪声", Position: &at, Datum: geo.WGS84}))(tb)
}

// square is a cell of the town as a small square inside of where it is.
func (t *town) square(tb testing.TB, code string) []byte {
	tb.Helper()
	c, ok := t.areas.Map().ByCode(code)
	if !ok {
		tb.Fatalf("there is no cell %s", code)
	}
	m, d := c.Centre, 0.0002
	return worldtest.CellFile(worldtest.Cell{Code: code, Name: "方", Ground: worldtest.Box(m[0]-d, m[1]-d, m[0]+d, m[1]+d)})
}
