package handlers

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"wangge/domain/area"
	"wangge/domain/worldtest"
)

// Areas are what their cells make; the figures of one are what its lists
// count, for who may read all of it.
func TestAreasOfTheMap(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.scatter(t)
		due := h.planVisits(t)
		h.follow(t)
		h.caughtUp(t)
		all := map[string][]string{"counties": {pingjiang[:6]}, "streets": {pingjiang, canglang}, "communities": slices.Sorted(maps.Keys(corners))}
		for who, sees := range map[string][]string{
			"resident": nil, "handler": nil, "grid_lead": nil, "counter_worker": nil, "community_manager": {niujia}, "street_manager": {pingjiang}, "dispatcher": {pingjiang},
			"integration": {pingjiang}, "other street_manager": {canglang}, "admin": {pingjiang[:6]},
		} {
			for layer, codes := range all {
				features := tileFeatures(t, layer, h.must(t, 200, tileCall(layer, cityTile, who)))
				var got []string
				for _, f := range features {
					code := f.properties["code"].(string)
					got = append(got, code)
					told := slices.ContainsFunc(sees, func(area string) bool { return strings.HasPrefix(code, area) })
					if f.kind != 3 || fmt.Sprint(f.id) != code || f.properties["name"] == nil || !strings.HasPrefix(code, f.properties["parent"].(string)) || f.properties["cells"] != float64(cellsIn(h, code)) {
						t.Errorf("%+v", f)
					}
					visits := told && who != "dispatcher" && who != "integration"
					for name, told := range map[string]bool{"open": told, "overdue": told, "recent": told, "visitsDue": visits, "visitsOverdue": visits, "alerts": visits} {
						if _, has := f.properties[name]; has != told {
							t.Errorf("%s is told %s of %s: %v", who, name, code, has)
						}
					}
					if told && who != "integration" { // who has no lists
						open := len(h.get(t, "/v1/tickets?limit=500&state=reported,accepted,dispatched,in_progress,suspended,resolved&area="+code, who).items("/items"))
						recent := len(h.get(t, "/v1/tickets?limit=500&area="+code, who).items("/items"))
						if f.properties["open"] != float64(open) || f.properties["recent"] != float64(recent) {
							t.Errorf("%s: %v open and %v recent in %s, the list has %d and %d", who, f.properties["open"], f.properties["recent"], code, open, recent)
						}
					}
					if visits {
						n := 0
						for cell, k := range due {
							if strings.HasPrefix(cell, code) {
								n += k
							}
						}
						if f.properties["visitsDue"] != float64(n) {
							t.Errorf("%v due in %s, want %d", f.properties["visitsDue"], code, n)
						}
					}
				}
				if slices.Sort(got); !slices.Equal(got, codes) {
					t.Errorf("%s: %v, want %v", layer, got, codes)
				}
			}
		}
	})
}

func cellsIn(h *harness, code string) (n int) {
	for _, c := range h.Areas.Map().Cells() {
		if c.Kind != area.Micro && strings.HasPrefix(c.Code, code) {
			n++
		}
	}
	return n
}

// What a redraw or an import of areas changes is soon in the layers of areas.
func TestAreasFollowTheMap(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		h.follow(t)
		tag := func(layer string) string {
			return h.must(t, 200, tileCall(layer, cityTile, "resident")).header.Get("ETag")
		}
		before := tag("communities")
		h.must(t, 200, call{method: "POST", url: "/v1/cells/import", as: "street_manager", body: collection(square(cellCode(niujia, 4), "四", "basic", cellCorner(niujia, 4), cellEdge*0.9))})
		soon(t, "another boundary", func() bool { return tag("communities") != before })
		before = tag("streets")
		worldtest.Import(t, h.Areas, h.clock.read(), "level,code,name,parent_code\nstreet,"+pingjiang+",平江新街道,"+pingjiang[:6]+"\n")
		soon(t, "another name", func() bool { return tag("streets") != before })
		if a := h.must(t, 200, tileCall("streets", cityTile, "resident")); !strings.Contains(string(a.body), "平江新街道") {
			t.Error("the name is the old one")
		}
	})
}
