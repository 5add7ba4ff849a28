package handlers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain/civil"
)

// The map of a day has the cells as that day ended, and of a time as they were then; the days to look at are few.
func TestTilesOfThePast(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.follow(t)
		names := func(query string) string {
			var out []string
			for _, f := range tileFeatures(t, "cells", h.must(t, 200, tileCall("cells", cityTile+query, "street_manager"))) {
				if code := f.properties["code"].(string); strings.HasPrefix(code, niujia) {
					out = append(out, code[12:]+f.properties["name"].(string))
				}
				if _, told := f.properties["open"]; told && query != "" && strings.HasPrefix(f.properties["code"].(string), niujia) {
					t.Errorf("figures of the past: %v", f.properties)
				}
			}
			slices.Sort(out)
			return strings.Join(out, " ")
		}
		days := func() (out []string) {
			for _, d := range h.get(t, "/v1/redraws/days?area="+pingjiang, "grid_lead").items("/days") {
				a := &answer{tree: d}
				out = append(out, fmt.Sprint(a.text("/day"), " ", a.at("/redraws"), " ", a.at("/cells/redrawn")))
			}
			return out
		}
		if len(days()) != 1 {
			t.Fatalf("days at first: %v", days())
		}
		first, was := h.clock.read(), names("")
		h.clock.move(10 * 24 * time.Hour)
		redraw := func(name string, edge float64) {
			h.must(t, 200, call{method: "POST", url: "/v1/cells/import", as: "street_manager", body: collection(square(cellCode(niujia, 4), name, "basic", cellCorner(niujia, 4), edge))})
		}
		redraw("新四", cellEdge*0.9)
		noonish := h.clock.read()
		h.clock.move(time.Minute)
		redraw("再四", cellEdge*0.8)
		h.clock.move(24 * time.Hour)
		soon(t, "the name of now", func() bool { return strings.Contains(names(""), "再四") })
		for query, want := range map[string]string{
			"?at=" + string(civil.DateOf(first)): was, "?at=" + string(civil.DateOf(noonish).Add(-1)): was, "?at=" + noonish.Format(time.RFC3339): strings.Replace(names(""), "再四", "新四", 1),
			"?at=" + string(civil.DateOf(noonish)): names(""), "?at=9999-12-31": names(""), "?at=" + string(civil.DateOf(noonish).Add(400)): names(""),
		} {
			for range 2 { // drawn, and kept
				if got := names(query); got != want {
					t.Errorf("%s: %s, want %s", query, got, want)
				}
			}
		}
		if got := days(); len(got) != 2 || got[1] != string(civil.DateOf(noonish))+" 2 2" {
			t.Errorf("days: %v", got)
		}
		json := h.must(t, 200, call{method: "GET", url: "/tiles/cells.json?at=2020-01-01", as: "street_manager"})
		if json.at("/bounds") != nil || !strings.HasSuffix(json.text("/tiles/0"), ".mvt?at=2020-01-01") {
			t.Errorf("%s", json.body)
		}
		h.must(t, 400, call{method: "GET", url: "/tiles/cells.json?at=now", as: "street_manager"})
	})
}
