package handlers

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/project"
)

// published is the staff of a cell with what is published of its lead.
func (h *harness) published(lead object) object {
	return object{"covers": []object{}, "staff": []object{
		{"account": h.people["grid_lead"].id, "role": "lead", "published": lead}, {"account": h.people["outreach_worker"].id, "role": "worker"},
	}}
}

// Whoever asks is told the cell of a place, who is published there and the
// stations; of whom nobody published, and of who stands in, nothing.
func TestMyCell(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.staffed(t)
		ask := func() *answer {
			t.Helper()
			if err := h.Areas.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			return h.must(t, 200, call{method: "GET", url: "/public/my-cell?lon=120.621&lat=31.311&datum=wgs84"})
		}
		code := cellCode(niujia, 1)
		first := ask()
		if first.text("/cell/code") != code || first.text("/community/code") != niujia || first.text("/street/code") != pingjiang || len(first.items("/workers")) != 0 {
			t.Fatalf("with nothing published: %s", first.body)
		}
		if s := first.items("/stations"); len(s) != 2 || first.text("/stations/0/phone") != "0512-62880000" || first.at("/stations/0/open") != true || first.text("/stations/0/opening/until") != "2026-11-23T13:00:00.000Z" || first.at("/stations/0/staffing") != nil {
			t.Errorf("stations: %s", first.body)
		}
		url := "/v1/cells/" + code + "/staff"
		put := func(body any) call {
			return matched(call{method: "PUT", url: url, as: "community_manager", body: body})
		}
		board := object{"name": "小王", "phone": "0512-66601234", "hours": "周一至周五 9:00–17:30"}
		if a := h.must(t, 200, put(h.published(board))); a.text("/staff/0/published/name") != "小王" || a.at("/staff/1/published") != nil {
			t.Errorf("staff: %s", a.body)
		}
		if got := ask().at("/workers"); fmt.Sprint(got) != fmt.Sprint([]any{joined(board, object{"role": "lead", "covered": false})}) {
			t.Errorf("published: %v", got)
		}
		covered := h.published(board)
		covered["covers"] = []object{{"account": h.people["reviewer"].id, "for": h.people["grid_lead"].id, "until": h.Now().Add(time.Hour)}}
		h.must(t, 200, put(covered))
		if got := ask().at("/workers"); fmt.Sprint(got) != fmt.Sprint([]any{joined(board, object{"role": "lead", "covered": true, "name": nil})}) {
			t.Errorf("while somebody stands in: %v", got)
		}
		h.clock.move(2 * time.Hour)
		if a := ask(); a.text("/workers/0/name") != "小王" {
			t.Errorf("afterwards: %s", a.body)
		}
		h.play(t, []scenario{
			{name: "outside", call: call{method: "GET", url: "/public/my-cell?lon=121.9&lat=31.9&datum=wgs84"}, status: 404},
			{name: "no datum", call: call{method: "GET", url: "/public/my-cell?lon=120.621&lat=31.311"}, status: 400, pointers: []string{"?datum"}},
			{name: "no place", call: call{method: "GET", url: "/public/my-cell?datum=wgs84"}, status: 400, pointers: []string{"?lon", "?lat"}},
			{name: "a contact without a name", call: put(h.published(object{"phone": "0512-66601234"})), status: 422, pointers: []string{"/staff/0/published/name"}},
			{name: "an empty name", call: put(h.published(object{"name": ""})), status: 422, pointers: []string{"/staff/0/published/name"}},
			{name: "a blank one", call: put(h.published(object{"name": "  "})), status: 422, pointers: []string{"/staff/0/published/name"}},
			{name: "no number", call: put(h.published(object{"name": "小王", "phone": "call me"})), status: 422, pointers: []string{"/staff/0/published/phone"}},
		})
		h.must(t, 200, matched(call{method: "PATCH", url: "/v1/accounts/" + h.people["grid_lead"].id, as: "street_manager", body: object{"disabled": true}}))
		if a := ask(); len(a.items("/workers")) != 0 {
			t.Errorf("of an account that is no more: %s", a.body)
		}
	})
}

// publicPoints are the points of the public map's tickets in a tile.
func (h *harness) publicPoints(t *testing.T, tile string) (out []object) {
	t.Helper()
	a := h.do(t, call{method: "GET", url: "/public/map/tickets" + tile})
	if a.status != 204 {
		for _, f := range tileFeatures(t, "tickets", a) {
			out = append(out, f.properties)
		}
	}
	return out
}

// closeUp are the points of the public map's tickets, one by one, in the tiles
// that something of the public list lies in, by id.
func (h *harness) closeUp(t *testing.T) map[string]object {
	t.Helper()
	out := map[string]object{}
	for _, f := range h.ogcTickets(t, "", "limit=500") {
		at := f.at("/geometry/coordinates").([]any)
		m, side := project.WGS84.ToMercator(orb.Point{at[0].(float64), at[1].(float64)}), 2*math.Pi*orb.EarthRadius/(1<<16)
		tile := fmt.Sprintf("/16/%d/%d.mvt", 1<<15+int(m[0]/side), 1<<15-1-int(m[1]/side))
		for _, p := range h.publicPoints(t, tile) {
			out[p["id"].(string)] = p
		}
	}
	return out
}

// The public map has the tickets that the public list has, in its form, while
// they are open and some days after; far away they are counted by state.
func TestPublicTickets(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.scatter(t)
		h.follow(t)
		moved := h.report(t, "resident", inside(niujia, 2), "noise").ID
		soon(t, "the new report on the map", func() bool { return len(h.closeUp(t)) >= len(h.ogcTickets(t, "", "")) })
		same := func(when string) {
			t.Helper()
			got, want := h.closeUp(t), h.ogcTickets(t, "", "limit=500")
			if !slices.Equal(slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want))) {
				t.Errorf("%s: %d on the map, %d in the list", when, len(got), len(want))
			}
			for id, f := range got {
				if w := joined(want[id].at("/properties").(object), object{"id": id, "count": f["count"]}); fmt.Sprint(f) != fmt.Sprint(w) {
					t.Errorf("%s: %v, in the list %v", when, f, w)
				}
			}
		}
		same("open")
		total := 0.0
		for _, f := range h.publicPoints(t, "/0/0/0.mvt") {
			states := 0.0
			total += f["count"].(float64)
			for name, n := range f {
				if strings.HasPrefix(name, "state_") {
					states += n.(float64)
				}
			}
			if f["id"] == nil && states != f["count"].(float64) {
				t.Errorf("a cluster of %v has %v by state", f["count"], states)
			}
		}
		if total != float64(len(h.closeUp(t))) || total == 0 {
			t.Errorf("%v from afar, %d from close by", total, len(h.closeUp(t)))
		}
		h.move(t, 200, moved, "grid_lead", object{"action": "accept"})
		h.move(t, 200, moved, "grid_lead", object{"action": "dispatch", "assignee": object{"kind": "person", "id": h.people["outreach_worker"].id}})
		h.move(t, 200, moved, "outreach_worker", object{"action": "start"})
		h.move(t, 200, moved, "outreach_worker", object{"action": "resolve", "outcome": "fixed"})
		h.move(t, 200, moved, "grid_lead", object{"action": "close", "verification": "on_site"})
		soon(t, "the closed one", func() bool {
			return slices.ContainsFunc(slices.Collect(maps.Values(h.closeUp(t))), func(f object) bool { return f["state"] == "closed" })
		})
		same("closed")
	})
}

// One network may ask a node only so often; another still may, and it may again after the minute.
func TestStrangersAreLimited(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		h.with(t, func(d *Deps) { d.TrustedProxies = []string{"0.0.0.0"} })
		ask := func(from string) *answer {
			return h.do(t, call{method: "GET", url: "/public/my-cell?lon=120.621&lat=31.311&datum=wgs84", header: map[string]string{"X-Forwarded-For": from}})
		}
		for range placesPerMinute {
			if a := ask("192.0.2.1"); a.status != 200 {
				t.Fatalf("%d %s", a.status, a.body)
			}
		}
		if a := ask("192.0.2.1"); a.status != 429 || a.header.Get("Retry-After") != "60" {
			t.Errorf("beyond: %d, again after %s", a.status, a.header.Get("Retry-After"))
		}
		if a := ask("192.0.2.2"); a.status != 200 {
			t.Errorf("another network: %d", a.status)
		}
		if a := h.do(t, call{method: "GET", url: "/public/map/cells.json", header: map[string]string{"X-Forwarded-For": "192.0.2.1"}}); a.status != 200 {
			t.Errorf("another route: %d", a.status)
		}
		h.clock.move(time.Minute)
		if a := ask("192.0.2.1"); a.status != 200 {
			t.Errorf("a minute later: %d", a.status)
		}
	})
}

// Public tiles are cells without figures and the ground, for a minute in
// anybody's cache; other layers than these there are not.
func TestPublicTiles(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		h.follow(t)
		a := h.must(t, 200, call{method: "GET", url: "/public/map/cells" + cityTile, as: "admin"}) // a token makes no difference
		if a.header.Get("Cache-Control") != "public, max-age=60" {
			t.Errorf("cached %s", a.header.Get("Cache-Control"))
		}
		for _, f := range tileFeatures(t, "cells", a) {
			if names := slices.Sorted(maps.Keys(f.properties)); !slices.Equal(names, []string{"code", "community", "kind", "name", "street"}) {
				t.Errorf("a cell says %v", names)
			}
		}
		if again := h.do(t, call{method: "GET", url: "/public/map/cells" + cityTile, header: map[string]string{"If-None-Match": a.header.Get("ETag")}}); again.status != 304 {
			t.Errorf("unchanged: %d", again.status)
		}
		h.play(t, []scenario{
			{name: "buildings", call: call{method: "GET", url: "/public/map/buildings" + pingjiangTile}, status: 204},
			{name: "the description", call: call{method: "GET", url: "/public/map/tickets.json"}, status: 200, fields: object{"/tiles/0": publicURL + "/public/map/tickets/{z}/{x}/{y}.mvt", "/vector_layers/0/id": "tickets"}},
			{name: "a layer that there is not", call: call{method: "GET", url: "/public/map/households/3/0/0.mvt"}, status: 404},
			{name: "its description", call: call{method: "GET", url: "/public/map/households.json"}, status: 404},
			{name: "too deep", call: call{method: "GET", url: "/public/map/cells/23/0/0.mvt"}, status: 400, pointers: []string{"{z}"}},
		})
	})
}
