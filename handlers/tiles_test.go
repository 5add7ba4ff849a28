package handlers

import (
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/place"
	"wangge/domain/plan"
	"wangge/domain/ticket"
	"wangge/domain/worldtest"
	"wangge/geo"
	"wangge/handlers/tiles"
)

// Tiles of the city: each street fills one of zoom 14, and both lie in one of zoom 10.
const (
	pingjiangTile = "/14/13681/6690.mvt"
	canglangTile  = "/14/13682/6690.mvt"
	cityTile      = "/10/855/418.mvt"
)

func tileCall(layer, tile, as string) call {
	return call{method: "GET", url: "/tiles/" + layer + tile, as: as}
}

// soon waits for something that follows the journal.
func soon(t *testing.T, what string, done func() bool) {
	t.Helper()
	for limit := time.Now().Add(5 * time.Minute); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("not in five minutes: %s", what)
		}
	}
}

func TestTileJSON(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		whole := []float64{120.62, 31.31, 120.648, 31.314}
		all, pingjiang, niujia := []any{120.634, 31.312, 13.0}, []any{120.624, 31.312, 15.0}, []any{120.622, 31.312, 16.0}
		for _, c := range []struct {
			layer, as string
			center    []any // of what the caller looks after
		}{
			{"cells", "street_manager", pingjiang}, {"cells", "integration", pingjiang}, {"cells", "resident", all}, {"cells", "handler", all}, {"cells", "admin", all},
			{"tickets", "community_manager", niujia}, {"tickets", "handler", all}, {"tickets", "integration", pingjiang},
		} {
			a := h.must(t, 200, call{method: "GET", url: "/tiles/" + c.layer + ".json", as: c.as}) // the request's Host is another
			if want := publicURL + "/tiles/" + c.layer + "/{z}/{x}/{y}.mvt"; a.text("/tiles/0") != want || len(a.items("/tiles")) != 1 {
				t.Errorf("tiles at %v, want %s", a.at("/tiles"), want)
			}
			// Everybody has tiles with all cells in them; a ticket may lie far outside of every cell.
			for i, edge := range a.items("/bounds") {
				beyond := (edge.(float64) - whole[i]) * []float64{-1, -1, 1, 1}[i]
				if least := map[string]float64{"cells": 0, "tickets": place.FarOut / 112_000.0}[c.layer]; beyond < least || beyond > least*1.5 {
					t.Errorf("%s as %s: edge %d of the bounds is %v degrees beyond the cells", c.layer, c.as, i, beyond)
				}
			}
			if got := a.items("/center"); len(a.items("/bounds")) != 4 || len(got) != 3 || math.Abs(got[0].(float64)-c.center[0].(float64)) > 1e-9 ||
				math.Abs(got[1].(float64)-c.center[1].(float64)) > 1e-9 || got[2] != c.center[2] {
				t.Errorf("%s as %s: center %v, want %v", c.layer, c.as, got, c.center)
			}
			if a.text("/tilejson") != "3.0.0" || a.text("/vector_layers/0/id") != c.layer || a.text("/attribution") != "苏州市" {
				t.Errorf("%s", a.body)
			}
		}
		h.Tiles.Stand(tiles.Ground{Attribution: "© OpenStreetMap contributors", Buildings: []tiles.Building{{Name: "北寺塔", Ground: worldtest.Box(120.6225, 31.311, 120.6229, 31.3114), Outline: true}}})
		for _, as := range []string{"resident", "outreach_worker", "handler", "counter_worker", "grid_lead", "community_manager", "dispatcher", "street_manager", "admin", "integration", "other admin"} {
			a := h.must(t, 200, call{method: "GET", url: "/tiles/buildings.json", as: as})
			if a.at("/minzoom") != 14.0 || a.at("/vector_layers/0/minzoom") != 14.0 || a.text("/attribution") != "© OpenStreetMap contributors" || len(a.items("/bounds")) != 4 {
				t.Errorf("as %s: %s", as, a.body)
			}
			seen := tileFeatures(t, "buildings", h.must(t, 200, tileCall("buildings", pingjiangTile, as)))
			if len(seen) != 1 || seen[0].properties["name"] != "北寺塔" || seen[0].properties["outline"] != true || seen[0].kind != 3 {
				t.Errorf("%s sees %+v", as, seen)
			}
		}
		if a := h.must(t, 200, call{method: "GET", url: "/tiles/cells.json", as: "admin", header: map[string]string{"Accept-Language": "en"}}); a.text("/name") != "Grid cells" {
			t.Errorf("in English: %s", a.body)
		}
	})
}

func TestTileAddresses(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		h.follow(t)
		get := func(path string) call { return call{method: "GET", url: "/tiles/" + path, as: "street_manager"} }
		bad := func(name, path, pointer string) scenario {
			return scenario{name: name, call: get(path), status: 400, code: "bad_parameter", pointers: []string{pointer}}
		}
		h.play(t, []scenario{
			bad("z of 23", "cells/23/0/0.mvt", "{z}"), bad("z of 40", "cells/40/0/0.mvt", "{z}"), bad("z in words", "cells/ten/0/0.mvt", "{z}"),
			bad("z below 0", "cells/-1/0/0.mvt", "{z}"), bad("z with a fraction", "cells/1.5/0/0.mvt", "{z}"), bad("z without end", "cells/"+strings.Repeat("9", 400)+"/0/0.mvt", "{z}"),
			bad("all of them", "cells/z/x/y.mvt", "{z}"), bad("x beyond the last", "cells/3/8/0.mvt", "{x}"), bad("x below 0", "cells/3/-1/0.mvt", "{x}"),
			bad("x and y", "cells/3/8/8.mvt", "{x}"), bad("y beyond the last", "cells/3/0/8.mvt", "{y}"), bad("y twice as dense", "cells/3/0/0@2x.mvt", "{y}"),
			bad("y of nothing", "cells/3/0/%20.mvt", "{y}"),
			{name: "a layer that there is not", call: get("houses/3/0/0.mvt"), status: 404, code: "not_found"},
			{name: "a layer that there is not, nowhere", call: get("houses/99/0/0.mvt"), status: 404},
			{name: "the description of a layer that there is not", call: get("houses.json"), status: 404},
			{name: "another format", call: get("cells/3/0/0.png"), status: 404},
			{name: "a parameter", call: get("cells/3/0/0.mvt?at=now"), status: 400, pointers: []string{"?at"}},
			{name: "buildings, to a manager", call: get("buildings" + pingjiangTile), status: 204}, // none stand there
			{name: "the past of tickets", call: get("tickets/3/0/0.mvt?at=2026-01-01"), status: 400, pointers: []string{"?at"}},
			{name: "the past, to a resident", call: tileCall("cells", cityTile+"?at=2020-01-01", "resident"), status: 403, code: "forbidden"},
			{name: "before the first", call: get("cells/10/855/418.mvt?at=2020-01-01"), status: 204},
			{name: "tickets, to a resident", call: tileCall("tickets", cityTile, "resident"), status: 403, code: "forbidden"},
			{name: "nothing there", call: get("cells/14/0/0.mvt"), status: 204, headers: map[string]string{"Content-Type": "", "Content-Encoding": "", "Vary": "Accept-Encoding"}},
			{name: "the deepest", call: get("cells/22/3502501/1712720.mvt"), status: 200},
			{name: "the city", call: get("cells" + cityTile), status: 200, headers: map[string]string{"Content-Type": "application/vnd.mapbox-vector-tile", "Cache-Control": "private, no-cache"}},
		})
	})
}

// cellFigures are the open and overdue tickets and the visits due of the cells in a tile, as it shows them; -1 where it does not.
func (h *harness) cellFigures(t *testing.T, as, tile string) map[string][3]int {
	t.Helper()
	out := map[string][3]int{}
	for _, f := range tileFeatures(t, "cells", h.must(t, 200, tileCall("cells", tile, as))) {
		code := f.properties["code"].(string)
		figures := [3]int{-1, -1, -1}
		for i, name := range []string{"open", "overdue", "visitsDue"} {
			if n, ok := f.properties[name].(float64); ok {
				figures[i] = int(n)
			}
		}
		out[code] = figures
		together(t, f.properties, "open", "overdue", "recent")
		together(t, f.properties, "visitsDue", "visitsOverdue", "alerts")
		if fmt.Sprint(f.id) != code || f.kind != 3 || f.properties["kind"] != "basic" || f.properties["name"] == nil || f.properties["community"] != code[:12] || f.properties["street"] != code[:9] {
			t.Errorf("%+v", f)
		}
	}
	return out
}

// together: who sees one of the figures sees all.
func together(t *testing.T, properties object, names ...string) {
	t.Helper()
	for _, name := range names {
		if (properties[name] == nil) != (properties[names[0]] == nil) {
			t.Errorf("%s beside %s: %v", name, names[0], properties)
		}
	}
}

// What happened lately counts whatever became of it; households where they are
// ten at least, and then what there is by a thousand of them.
func TestRecentAndByHouseholds(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		few, many := cellCode(niujia, 1), cellCode(niujia, 2)
		for range 3 {
			h.report(t, "resident", inside(niujia, 2), "noise")
		}
		id := h.report(t, "resident", inside(niujia, 2), "noise").ID
		must(h.Tickets.TakeAction(t.Context(), h.actor(t, "resident"), h.clock.read(), id, 0, ticket.ActionInput{ID: ids.New(), Action: ticket.Withdraw, Reason: "误报"}))(t)
		for i := range 25 {
			n := 1 + min(1, i/9)
			if _, _, err := h.Households.Create(t.Context(), program, h.clock.read(), household.Draft{
				Address: household.Address{Estate: "大儒巷", Building: "8", Room: fmt.Sprint(i)}, Datum: geo.WGS84, Position: inside(niujia, n)}); err != nil {
				t.Fatal(err)
			}
		}
		h.follow(t)
		h.caughtUp(t)
		shown := func(as, code string, now time.Time) string {
			tile := must(h.Tiles.Tile(t.Context(), tiles.Request{Actor: h.actor(t, as), Layer: "cells", Z: "10", X: "855", Y: "418", Now: now}))(t)
			for _, f := range tileFeatures(t, "cells", &answer{body: tile.Body, header: http.Header{}}) {
				if p := f.properties; p["code"] == code {
					return fmt.Sprintln(p["open"], p["recent"], p["households"], p["openPer1000"], p["recentPer1000"])
				}
			}
			return ""
		}
		now := h.clock.read()
		for _, c := range []struct{ as, code, want string }{
			{"street_manager", few, "0 0 <nil> <nil> <nil>\n"}, {"street_manager", many, "3 4 16 187.5 250\n"}, {"dispatcher", many, "3 4 16 187.5 250\n"},
			{"outreach_worker", many, "3 4 16 187.5 250\n"}, {"resident", many, "<nil> <nil> <nil> <nil> <nil>\n"}, {"other street_manager", many, "<nil> <nil> <nil> <nil> <nil>\n"},
		} {
			if got := shown(c.as, c.code, now); got != c.want {
				t.Errorf("%s sees %q of %s, want %q", c.as, got, c.code, c.want)
			}
		}
		for days, want := range map[int]string{29: "3 4 16 187.5 250\n", 30: "3 0 16 187.5 0\n"} {
			if got := shown("street_manager", many, now.AddDate(0, 0, days)); got != want {
				t.Errorf("%d days later: %q, want %q", days, got, want)
			}
		}
	})
}

// planVisits has visits due today at doors of Pingjiang, and says how many in each cell.
func (h *harness) planVisits(t *testing.T) map[string]int {
	t.Helper()
	due := map[string]int{cellCode(niujia, 1): 2, cellCode(niujia, 3): 1, cellCode(chayuan, 2): 3}
	name, room := "王小明", 0
	for _, code := range slices.Sorted(maps.Keys(due)) {
		for range due[code] {
			room++
			if _, _, err := h.Households.Create(t.Context(), program, h.clock.read(), household.Draft{
				Address: household.Address{Estate: "大儒巷", Building: "8", Room: fmt.Sprint(room)}, Datum: geo.WGS84,
				Position: inside(code[:12], int(code[14]-'0')),
				Members:  []household.MemberInput{{PersonInput: household.PersonInput{Name: &name}, Tags: []household.TagInput{{Code: "party_member"}}}},
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	manager, now := h.actor(t, "street_manager"), h.clock.read()
	p := must(h.Plans.Create(t.Context(), manager, now, plan.NewPlan{ID: ids.New(), Title: "走访党员", Area: pingjiang, From: civil.DateOf(now),
		Terms: plan.Terms{Tag: "party_member", Rules: []plan.Rule{{RRule: "FREQ=MONTHLY"}}, WindowDays: 7}}))(t)
	must(h.Plans.TakeAction(t.Context(), manager, now, p.ID, 0, "activate"))(t)
	if err := h.Scheduler.Schedule(t.Context(), "test", now); err != nil {
		t.Fatal(err)
	}
	return due
}

// Everybody sees the cells; figures are for those who may list the tickets behind them.
func TestFiguresAreScoped(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		for _, community := range slices.Sorted(maps.Keys(corners)) {
			for n := range 4 {
				for range n {
					h.report(t, "resident", inside(community, n+1), "noise")
				}
			}
		}
		due := h.planVisits(t)
		h.follow(t)
		want := func(visits bool, sees []string) map[string][3]int {
			out := map[string][3]int{}
			for community := range corners {
				for n := 1; n <= 4; n++ {
					code := cellCode(community, n)
					out[code] = [3]int{-1, -1, -1}
					if !slices.ContainsFunc(sees, func(area string) bool { return strings.HasPrefix(code, area) }) {
						continue
					}
					if out[code] = [3]int{n - 1, 0, -1}; visits {
						out[code] = [3]int{n - 1, 0, due[code]}
					}
				}
			}
			return out
		}
		for who, sees := range map[string][]string{
			"resident": nil, "handler": nil, "outreach_worker": {niujia + "001", niujia + "002"}, "grid_lead": {niujia + "001", niujia + "002"}, "counter_worker": nil,
			"community_manager": {niujia}, "dispatcher": {pingjiang}, "street_manager": {pingjiang}, "integration": {pingjiang}, "admin": {"3205"},
			"other street_manager": {canglang}, "other admin": {canglang}, "other grid_lead": {jinshi + "001", jinshi + "002"},
		} {
			visits := !slices.Contains([]string{"counter_worker", "dispatcher", "integration"}, who)
			if got, want := h.cellFigures(t, who, cityTile), want(visits, sees); !maps.Equal(got, want) {
				t.Errorf("%s sees %v, want %v", who, got, want)
			}
		}
	})
}

// The figures of a cell follow a ticket through its life, and the clock.
func TestFiguresFollowALife(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.follow(t)
		code := cellCode(niujia, 1)
		id := ""
		agree := func(step string, open, overdue int) {
			t.Helper()
			soon(t, fmt.Sprintf("%s: %d open, %d overdue", step, open, overdue), func() bool {
				return h.cellFigures(t, "street_manager", pingjiangTile)[code] == [3]int{open, overdue, 0}
			})
			for query, want := range map[string]int{"state=reported,accepted,dispatched,in_progress,suspended,resolved": open, "overdue=true": overdue} {
				if a := h.must(t, 200, call{method: "GET", url: "/v1/tickets?cell=" + code + "&" + query, as: "street_manager"}); len(a.items("/items")) != want {
					t.Errorf("%s: the list by %s has %d, want %d", step, query, len(a.items("/items")), want)
				}
			}
		}
		agree("before", 0, 0)
		id = h.report(t, "resident", inside(niujia, 1), "noise").ID
		agree("reported", 1, 0)
		move := func(who string, m ticket.ActionInput) {
			t.Helper()
			m.ID = ids.New()
			must(h.Tickets.TakeAction(t.Context(), h.actor(t, who), h.clock.read(), id, 0, m))(t)
		}
		move("grid_lead", ticket.ActionInput{Action: ticket.Accept})
		h.clock.move(7*24*time.Hour + time.Second)
		agree("a week later", 1, 1)
		move("grid_lead", ticket.ActionInput{Action: ticket.Dispatch, Assignee: &access.Assignee{Kind: access.Organisation, ID: h.organisations[pingjiang]}})
		move("handler", ticket.ActionInput{Action: ticket.Start})
		agree("in progress", 1, 1)
		move("grid_lead", ticket.ActionInput{Action: ticket.Suspend, Reason: "等配件", Until: h.clock.read().Add(time.Hour)})
		agree("suspended", 1, 0)
		h.clock.move(time.Hour)
		move("grid_lead", ticket.ActionInput{Action: ticket.Resume})
		agree("resumed", 1, 1)
		at := inside(niujia, 2)
		move("grid_lead", ticket.ActionInput{Action: ticket.Correct, Position: &at, Datum: "wgs84"})
		agree("in the cell beside", 0, 0)
		at = inside(niujia, 1)
		move("grid_lead", ticket.ActionInput{Action: ticket.Correct, Position: &at, Datum: "wgs84"})
		agree("back", 1, 1)
		move("handler", ticket.ActionInput{Action: ticket.Resolve, Outcome: "fixed"})
		agree("resolved", 1, 0)
		move("grid_lead", ticket.ActionInput{Action: ticket.Close, Verification: "phone"})
		agree("closed", 0, 0)
	})
}
