package handlers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/geo"
)

var geoJSON = map[string]string{"Accept": "application/geo+json"}

func TestCellAtAPosition(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		for _, d := range []geo.Datum{geo.WGS84, geo.CGCS2000, geo.GCJ02, geo.BD09} {
			for community := range corners {
				p := geo.FromWGS84(inside(community, 3), d)
				a := h.must(t, 200, call{method: "GET", url: fmt.Sprintf("/v1/cells/at?lon=%.7f&lat=%.7f&datum=%s", p[0], p[1], d), as: "resident"})
				if a.text("/code") != cellCode(community, 3) || a.text("/place/community/code") != community || a.text("/centre/datum") != string(d) {
					t.Errorf("%s in %s: %s", d, community, a.body)
				}
				c := orb.Point{a.at("/centre/lon").(float64), a.at("/centre/lat").(float64)}
				if geo.Distance(c, p) > 0.1 {
					t.Errorf("%s in %s: the centre is %v, the position %v", d, community, c, p)
				}
			}
		}
		at := func(query string) call { return call{method: "GET", url: "/v1/cells/at?" + query, as: "resident"} }
		h.play(t, []scenario{
			{name: "outside every cell", call: at("lon=120.6&lat=31.2&datum=wgs84"), status: 404, code: "not_found"},
			{name: "no datum", call: at("lon=120.621&lat=31.311"), status: 400, pointers: []string{"?datum"}},
			{name: "an unknown datum", call: at("lon=120.621&lat=31.311&datum=mars"), status: 400, pointers: []string{"?datum"}},
			{name: "nothing", call: at(""), status: 400, pointers: []string{"?lon", "?lat"}},
			{name: "words", call: at("lon=east&lat=31&datum=wgs84"), status: 400, pointers: []string{"?lon"}},
			{name: "not a number", call: at("lon=NaN&lat=31.3&datum=wgs84"), status: 400, pointers: []string{"?lon"}},
			{name: "latitude first", call: at("lon=31.311&lat=120.621&datum=wgs84"), status: 400, pointers: []string{"?lon"}},
		})
	})
}

func TestCellsAreListed(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		codes := func(query, who string) string {
			t.Helper()
			var out []string
			for _, c := range h.must(t, 200, call{method: "GET", url: "/v1/cells?" + query, as: who}).items("/items") {
				out = append(out, c.(object)["code"].(string)[6:])
			}
			return strings.Join(out, " ")
		}
		for query, want := range map[string]string{
			"area=" + niujia: "018020001 018020002 018020003 018020004", "area=" + canglang + "&kind=dedicated": "",
			"bbox=120.6205,31.3105,120.6215,31.3115": "018020001", "datum=gcj02&area=" + jinshi + "&limit=2": "020001001 020001002",
		} {
			if got := codes(query, "resident"); got != want {
				t.Errorf("%s: %q, want %q", query, got, want)
			}
		}
		url := "/v1/cells/" + cellCode(niujia, 1)
		staffed, public := h.must(t, 200, call{method: "GET", url: url, as: "handler"}), h.must(t, 200, call{method: "GET", url: url, as: "resident"})
		if staffed.text("/staff/0/account/id") != h.people["grid_lead"].id || staffed.text("/staff/0/role") != "lead" || public.at("/staff") != nil || public.at("/covers") != nil {
			t.Errorf("the handler sees %s\nthe resident %s", staffed.body, public.body)
		}
		h.must(t, 304, call{method: "GET", url: url, as: "resident", header: map[string]string{"If-None-Match": public.header.Get("ETag")}})
		feature := h.must(t, 200, call{method: "GET", url: url, as: "resident", header: geoJSON})
		if feature.text("/id") != cellCode(niujia, 1) || feature.text("/geometry/type") == "" || feature.header.Get("Content-Type") != "application/geo+json" {
			t.Errorf("as GeoJSON: %s", feature.body)
		}
		page := h.must(t, 200, call{method: "GET", url: "/v1/cells?limit=3&area=" + pingjiang, as: "resident", header: geoJSON})
		if len(page.items("/features")) != 3 || page.at("/next") == nil || page.header.Get("Link") == "" {
			t.Errorf("a page as GeoJSON: %s", page.body)
		}
		h.play(t, []scenario{
			{name: "no such cell", call: call{method: "GET", url: "/v1/cells/" + cellCode(niujia, 9), as: "resident"}, status: 404},
			{name: "an unknown kind", call: call{method: "GET", url: "/v1/cells?kind=round", as: "resident"}, status: 400, pointers: []string{"?kind"}},
			{name: "an unknown area", call: call{method: "GET", url: "/v1/cells?area=320599", as: "resident"}, status: 400, pointers: []string{"?area"}},
			{name: "before there was a boundary", call: call{method: "GET", url: url + "?at=2020-01-01T00:00:00Z", as: "resident"}, status: 404},
		})
	})
}

// Bad files are refused whole, each fault by its feature; nothing is written.
func TestCellFilesThatAreRefused(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		code, free := cellCode(niujia, 5), orb.Point{120.620, 31.304}
		good := square(code, "新网格", "basic", free, cellEdge)
		imported := func(body any, query string) call {
			return call{method: "POST", url: "/v1/cells/import" + query, as: "street_manager", body: body, header: map[string]string{"Content-Type": "application/geo+json"}}
		}
		sw, se := free, orb.Point{free[0] + cellEdge, free[1]}
		ne, nw := orb.Point{se[0], free[1] + cellEdge}, orb.Point{free[0], free[1] + cellEdge}
		swap := func(p orb.Point) orb.Point { return orb.Point{p[1], p[0]} }
		cases := []struct {
			name, body, pointer, kind string
		}{
			{"an unclosed ring", collection(good, ring(cellCode(niujia, 6), "缺口", "basic", sw, se, ne, nw)), "/features/1", ""},
			{"latitude first", collection(ring(code, "颠倒", "basic", swap(sw), swap(se), swap(ne), swap(nw), swap(sw))), "/features/0", ""},
			{"a ring that crosses itself", collection(ring(code, "领结", "basic", sw, ne, se, nw, sw)), "/features/0", ""},
			{"an overlap", collection(square(code, "新网格", "basic", orb.Point{120.621, 31.309}, cellEdge)), "/features/0", "overlap"},
			{"a code of no community", collection(square(pingjiang+"099001", "新网格", "basic", free, cellEdge)), "/features/0/properties/code", "unknown_community"},
			{"a code of another street", collection(square(cellCode(jinshi, 5), "新网格", "basic", free, cellEdge)), "/features/0/properties/code", "unknown_community"},
			{"no name", collection(square(code, "", "basic", free, cellEdge)), "/features/0/properties/name", "name"},
			{"the same code twice", collection(good, square(code, "又一个", "basic", orb.Point{120.624, 31.304}, cellEdge)), "/features/1/properties/code", "duplicate"},
			{"an unknown kind", collection(square(code, "新网格", "round", free, cellEdge)), "/features/0/properties/kind", "kind"},
		}
		before := h.Store.Heads()
		for _, c := range cases {
			a := h.must(t, 422, imported(c.body, ""))
			hit := slices.ContainsFunc(a.items("/findings"), func(f any) bool {
				f2 := f.(object)
				return strings.HasPrefix(f2["pointer"].(string), c.pointer) && f2["severity"] == "error" && (c.kind == "" || f2["kind"] == c.kind)
			})
			if !hit || !slices.ContainsFunc(a.pointers(), func(p string) bool { return strings.HasPrefix(p, c.pointer) }) {
				t.Errorf("%s: %s", c.name, a.body)
			}
			if dry := h.must(t, 200, imported(c.body, "?dryRun=true")); dry.at("/dryRun") != true || dry.at("/cells/added") != 0.0 || dry.at("/cells/redrawn") != 0.0 || len(dry.items("/findings")) == 0 {
				t.Errorf("%s, dry: %s", c.name, dry.body)
			}
		}
		for pointer := range h.Store.Heads() {
			if h.Store.Heads()[pointer] != before[pointer] {
				t.Errorf("a refused file was written to: %v, %v", before, h.Store.Heads())
			}
		}
		h.play(t, []scenario{
			{name: "no collection", call: imported(`{"type":"Polygon"}`, ""), status: 422, code: "invalid"},
			{name: "no JSON", call: imported(`level,code`, ""), status: 422, code: "invalid"},
			{name: "an unknown datum", call: imported(collection(good), "?datum=mars"), status: 400, pointers: []string{"?datum"}},
			{name: "a tolerance in words", call: imported(collection(good), "?toleranceM2=some"), status: 400, pointers: []string{"?toleranceM2"}},
			{name: "an overlap that is tolerated", call: imported(collection(square(code, "新网格", "basic", orb.Point{120.620, 31.30801}, cellEdge)), "?toleranceM2=500&dryRun=true"), status: 200},
			{name: "the good one", call: imported(collection(good), ""), status: 200, fields: object{"/cells/added": 1.0, "/dryRun": false}},
			{name: "the good one again", call: imported(collection(good), ""), status: 200, fields: object{"/cells/unchanged": 1.0, "/cells/added": 0.0}},
		})
	})
}

// An import makes a new boundary version; the ones before stay. What is open
// where the cell was goes to whom it belongs to now, here to nobody.
func TestRedraw(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		h.clock.move(time.Minute)
		id := h.report(t, "resident", inside(niujia, 3), "noise").ID
		h.clock.move(time.Hour)
		moved := cellCorner(niujia, 3)
		moved[1] += cellEdge // to the north of where it was
		file := collection(square(cellCode(niujia, 3), "第3网格", "basic", moved, cellEdge))
		a := h.must(t, 200, call{method: "POST", url: "/v1/cells/import", as: "street_manager", body: file})
		if a.at("/cells/redrawn") != 1.0 || a.at("/moved/tickets") != 1.0 {
			t.Errorf("redrawn: %s", a.body)
		}
		url := "/v1/cells/" + cellCode(niujia, 3)
		versions := h.must(t, 200, call{method: "GET", url: url + "/boundaries", as: "outreach_worker"})
		if n := len(versions.items("/items")); n != 2 || versions.at("/items/0/validTo") != versions.at("/items/1/validFrom") || versions.at("/items/1/validTo") != nil {
			t.Errorf("boundaries: %s", versions.body)
		}
		old := h.must(t, 200, call{method: "GET", url: url + "?at=" + morning.Add(30*time.Minute).Format(time.RFC3339), as: "resident"})
		today := h.must(t, 200, call{method: "GET", url: url, as: "resident"})
		if old.text("/boundary/id") != versions.text("/items/0/id") || today.text("/boundary/id") != versions.text("/items/1/id") || fmt.Sprint(old.at("/bbox")) == fmt.Sprint(today.at("/bbox")) {
			t.Errorf("then %s\nnow %s", old.body, today.body)
		}
		if a := h.see(t, id, "street_manager"); a.at("/triage") != true {
			t.Errorf("the ticket did not move: %s", a.body)
		}
		line := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + id + "/timeline", as: "resident", header: map[string]string{"Accept-Language": "en"}})
		if line.text("/items/1/action") != "rezone" || line.text("/items/1/cells/from/code") != cellCode(niujia, 3) || line.at("/items/1/cells/to") != nil ||
			line.text("/items/1/text") != "moved to another cell, since the map was redrawn" || line.at("/items/1/actor") != nil || line.text("/items/1/by") != "staff" {
			t.Errorf("what its reporter reads: %s", line.body)
		}
		if a := h.must(t, 201, call{method: "POST", url: "/v1/tickets", as: "resident", body: draft(inside(niujia, 3), nil)}); a.at("/triage") != true {
			t.Errorf("a report where the cell was: %s", a.body)
		}
	})
}
