package handlers

import (
	"fmt"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"wangge/handlers/contracttest"
	"wangge/handlers/web"
)

// formatRequirements are those of the classes geojson and oas30.
var formatRequirements = []struct {
	name string
	test func(*testing.T, *standard)
}{
	{"geojson/definition", func(t *testing.T, s *standard) {
		for path, want := range map[string]string{
			"/ogc/": web.JSON, "/ogc/conformance": web.JSON, "/ogc/collections": web.JSON, "/ogc/collections/cells": web.JSON, "/ogc/collections/tickets": web.JSON,
			"/ogc/collections/cells/items": web.GeoJSON, "/ogc/collections/tickets/items": web.GeoJSON, "/ogc/collections/cells/items/" + cellCode(niujia, 1): web.GeoJSON,
		} {
			if got := s.get(t, path).header.Get("Content-Type"); got != want {
				t.Errorf("%s is %s", path, got)
			}
		}
	}},
	{"geojson/content", func(t *testing.T, s *standard) {
		for collection, kind := range map[string]string{"cells": "MultiPolygon", "tickets": "Point"} {
			for id, f := range s.everyItem(t, "/ogc/collections/"+collection+"/items") {
				geometry, _ := f["geometry"].(object)
				if _, ok := f["properties"].(object); f["type"] != "Feature" || geometry["type"] != kind || !ok {
					t.Errorf("%s: %v", id, f)
				}
				if kind == "MultiPolygon" { // the outer ring counter-clockwise, and closed
					ring := orb.Ring(positionsOf(t, f))
					if !ring.Closed() || ring.Orientation() != orb.CCW || planar.Area(ring) == 0 {
						t.Errorf("%s: ring %v", id, ring)
					}
				}
			}
			if page := s.get(t, "/ogc/collections/"+collection+"/items"); len(page.items("/links")) == 0 {
				t.Errorf("%s: the page has no member links", collection)
			}
		}
	}},

	{"oas30/oas-definition-1", func(t *testing.T, s *standard) {
		if a := s.get(t, "/ogc/api"); a.header.Get("Content-Type") != openAPI30 || !strings.HasPrefix(a.text("/openapi"), "3.0.") || a.text("/servers/0/url") != publicURL+"/ogc" {
			t.Errorf("%s of %s for %s", a.header.Get("Content-Type"), a.text("/openapi"), a.text("/servers/0/url"))
		}
	}},
	{"oas30/oas-definition-2", func(t *testing.T, s *standard) {
		report(t, "the API document", contracttest.New(must(contracttest.Parse(s.get(t, "/ogc/api").body))(t)).Valid())
	}},
	{"oas30/oas-impl", func(t *testing.T, s *standard) {
		for _, op := range s.contract.Operations() {
			path := op.Path
			for _, id := range ogcCollectionIDs {
				if prefix := "/collections/" + id + "/items/"; strings.HasPrefix(path, prefix) {
					path = prefix + s.get(t, "/ogc"+prefix[:len(prefix)-1]+"?limit=1").text("/features/0/id")
				}
			}
			s.get(t, "/ogc"+path)
		}
		for _, id := range ogcCollectionIDs { // every value that a parameter may have
			for _, p := range s.operation(t, "/collections/"+id+"/items").Parameters {
				words, _ := s.contract.Schema(p).Object["enum"].([]any)
				for _, word := range words {
					s.get(t, fmt.Sprintf("/ogc/collections/%s/items?%s=%s", id, p.Object["name"], word))
				}
			}
		}
	}},
	{"oas30/completeness", func(t *testing.T, s *standard) {
		for _, op := range s.contract.Operations() {
			for _, status := range []string{"200", "400", "401", "500", "503"} {
				if r := s.contract.Responses(op)[status]; len(s.contract.Content(r)) != 1 {
					t.Errorf("%s: what is %s?", op.Path, status)
				}
			}
		}
	}},
	{"oas30/exceptions-codes", func(t *testing.T, s *standard) {
		for path, c := range map[string]struct {
			status int
			call   call
		}{
			"/collections/cells/items/{featureId}": {404, call{method: "GET", url: "/ogc/collections/cells/items/0"}},
			"/collections/tickets/items":           {400, call{method: "GET", url: "/ogc/collections/tickets/items?limit=0"}},
			"/conformance":                         {401, call{method: "GET", url: "/ogc/conformance", header: map[string]string{"Authorization": "Bearer x"}}},
			"/":                                    {400, call{method: "GET", url: "/ogc/?a=b"}},
		} {
			s.status(t, c.status, c.call)
			r := s.contract.Responses(s.operation(t, path).Operation)[fmt.Sprint(c.status)]
			if s.contract.Content(r)["application/problem+json"].Object == nil {
				t.Errorf("%s: %d is not described", path, c.status)
			}
		}
		if s.contract.Responses(s.operation(t, "/collections/tickets/items").Operation)["422"].Object == nil {
			t.Error("a query that is too broad is not described")
		}
	}},
	{"oas30/security", func(t *testing.T, s *standard) {
		scheme, ways := s.contract.At("/components/securitySchemes/bearer").Object, s.contract.At("/security").Object["list"]
		if scheme["type"] != "http" || scheme["scheme"] != "bearer" || len(ways.([]any)) != 2 {
			t.Errorf("%v, %v ways", scheme, ways)
		}
		s.status(t, 200, call{method: "GET", url: "/ogc/collections/tickets/items", as: "street_manager"})
	}},
}
