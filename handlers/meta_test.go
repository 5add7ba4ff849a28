package handlers

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wangge/domain"
	"wangge/domain/ticket"
	"wangge/handlers/web"
)

func TestMeta(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		a := h.must(t, 200, call{method: "GET", url: "/v1/meta"})
		if a.text("/apiVersion") != contractOf().At("/info").Object["version"] || a.text("/serverTime") == "" || a.at("/limits/pageMost") != 500.0 {
			t.Errorf("meta: %s", a.body)
		}
		if a.text("/enums/Occupancy/2/code") != "empty_registered" || a.text("/enums/Occupancy/2/text/zh-CN") != "空挂" {
			t.Errorf("the occupancies: %v", a.at("/enums/Occupancy"))
		}
		if a.at("/limits/writesPerHour") != 300.0 || a.at("/limits/revealsPerHour") != 60.0 || a.at("/limits/nameSearchesPerHour") != 300.0 {
			t.Errorf("the budgets: %v", a.at("/limits"))
		}
		tag := a.header.Get("ETag")
		h.clock.move(1e9)
		for _, taken := range []string{"identity", "gzip"} { // what a cache keeps, a 304 keeps fresh (RFC 9111, 4.3.4)
			first := h.must(t, 200, call{method: "GET", url: "/v1/meta", header: map[string]string{"Accept-Encoding": taken}})
			again := h.must(t, 304, call{method: "GET", url: "/v1/meta", header: map[string]string{"Accept-Encoding": taken, "If-None-Match": first.header.Get("ETag")}})
			for _, name := range []string{"ETag", "Cache-Control", "Vary"} {
				if value := first.header.Get(name); value == "" || again.header.Get(name) != value {
					t.Errorf("%s: %s %q, then %q", taken, name, value, again.header.Get(name))
				}
			}
			if !strings.Contains(again.header.Get("Cache-Control"), "max-age") {
				t.Errorf("Cache-Control %q", again.header.Get("Cache-Control"))
			}
		}
		h.Tickets.PerHour = ticket.PerHour{Resident: 7, Network: 8, Staff: 9}
		a = h.must(t, 200, call{method: "GET", url: "/v1/meta", header: map[string]string{"If-None-Match": tag}})
		if a.at("/limits/reportsPerHour") != 7.0 || a.at("/limits/networkReportsPerHour") != 8.0 || a.at("/limits/staffReportsPerHour") != 9.0 {
			t.Errorf("other settings: %v", a.at("/limits"))
		}
	})
}

// geometryTypes has words of its own.
var geometryTypes = []string{"MultiPolygon", "Point"}

// Every enum of the contract is one that meta gives the texts of, and the other way round.
func TestEveryEnumHasTexts(t *testing.T) {
	known := map[string][]string{}
	for _, e := range enums() {
		if _, twice := known[e.Name]; twice {
			t.Errorf("there are two enums %s", e.Name)
		}
		known[e.Name] = domain.CodesOf[string](e)
		for _, w := range e.Words {
			if w.Code == "" || w.Text.EN == "" || w.Text.ZH == "" || strings.ContainsFunc(w.Text.EN, han) {
				t.Errorf("%s: %+v has not both texts", e.Name, w)
			}
		}
	}
	met := map[string]bool{}
	eachEnum(contractTree(), "", func(at string, codes []string) {
		for name, words := range known {
			if slices.Equal(words, codes) {
				met[name] = true
			}
		}
		if name, component := strings.CutPrefix(at, "/components/schemas/"); component && !strings.Contains(name, "/") {
			name = strings.TrimSuffix(name, "In") // closed, for requests
			if !slices.Equal(known[name], codes) {
				t.Errorf("%s is %v in the contract, %v in meta", name, codes, known[name])
			}
			return
		}
		for _, words := range known {
			if !slices.ContainsFunc(codes, func(c string) bool { return !slices.Contains(words, c) }) {
				return
			}
		}
		if !slices.Equal(codes, geometryTypes) {
			t.Errorf("%s: %v is of no enum in meta", at, codes)
		}
	})
	for name := range known {
		if !met[name] {
			t.Errorf("%s is no enum of the contract", name)
		}
	}
}

// eachEnum calls found with the codes of every enum of strings in the document.
func eachEnum(v any, at string, found func(string, []string)) {
	switch v := v.(type) {
	case []any:
		for i, e := range v {
			eachEnum(e, fmt.Sprintf("%s/%d", at, i), found)
		}
	case map[string]any:
		for _, keyword := range []string{"enum", openEnum} {
			if list, ok := v[keyword].([]any); ok {
				var codes []string
				for _, c := range list {
					if text, _ := c.(string); text != "" {
						codes = append(codes, text)
					}
				}
				found(at, codes)
			}
		}
		for name, e := range v {
			if name != "example" && name != "examples" {
				eachEnum(e, web.Below(at, name), found)
			}
		}
	}
}
