package handlers

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/handlers/web"
)

const ogcClasses = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"

const openAPI30 = "application/vnd.oai.openapi+json;version=3.0"

// requirements of the class core of OGC 17-069r4 about all but features, by their names.
var requirements = []struct {
	name string
	test func(*testing.T, *standard)
}{
	{"core/root-op", func(t *testing.T, s *standard) {
		for _, root := range []string{"/ogc", "/ogc/"} {
			s.get(t, root)
			s.must(t, 200, call{method: "HEAD", url: root})
		}
	}},
	{"core/root-success", func(t *testing.T, s *standard) {
		root := s.get(t, "/ogc/")
		s.hasLinks(t, root.items("/links"), map[string]string{"self": web.JSON, "service-desc": openAPI30, "conformance": web.JSON, "data": web.JSON})
		if again := s.get(t, "/ogc"); string(again.body) != string(root.body) {
			t.Error("with and without a slash it is another page")
		}
	}},
	{"core/api-definition-op", func(t *testing.T, s *standard) {
		s.get(t, s.local(t, linkOf(s.get(t, "/ogc").items("/links"), "service-desc")))
	}},
	{"core/api-definition-success", func(t *testing.T, s *standard) {
		if got := s.get(t, "/ogc/api").header.Get("Content-Type"); got != openAPI30 {
			t.Errorf("the API document is %s", got)
		}
	}},
	{"core/conformance-op", func(t *testing.T, s *standard) {
		s.get(t, "/ogc/conformance")
		s.get(t, s.local(t, linkOf(s.get(t, "/ogc").items("/links"), "conformance")))
	}},
	{"core/conformance-success", func(t *testing.T, s *standard) {
		want := []any{ogcClasses + "core", ogcClasses + "geojson", ogcClasses + "oas30"}
		if got := s.get(t, "/ogc/conformance").at("/conformsTo"); !reflect.DeepEqual(got, any(want)) {
			t.Errorf("conforms to %v", got)
		}
	}},
	{"core/http", func(t *testing.T, s *standard) {
		for _, path := range []string{"/ogc", "/ogc/", "/ogc/collections", "/ogc/collections/cells/items"} {
			if a := s.must(t, 405, call{method: "DELETE", url: path}); a.header.Get("Allow") != "GET, HEAD" {
				t.Errorf("%s: Allow %q", path, a.header.Get("Allow"))
			}
			if head := s.must(t, 200, call{method: "HEAD", url: path}); len(head.body) > 0 {
				t.Errorf("HEAD %s has a body", path)
			}
		}
		s.must(t, 404, call{method: "GET", url: "/ogc/collections/lakes"})
		s.must(t, 404, call{method: "GET", url: "/ogc/collections/lakes/items"})
		s.must(t, 404, call{method: "GET", url: "/ogc/nothing"})
		a := s.status(t, 401, call{method: "GET", url: "/ogc/collections/tickets/items", header: map[string]string{"Authorization": "Bearer x.y.z"}})
		if a.header.Get("WWW-Authenticate") == "" {
			t.Error("401 without WWW-Authenticate")
		}
	}},
	{"core/query-param-unknown", func(t *testing.T, s *standard) {
		for _, url := range []string{"/ogc/?f=json", "/ogc/conformance?f=json", "/ogc/api?f=json", "/ogc/collections?limit=1", "/ogc/collections/cells?f=json",
			"/ogc/collections/cells/items?unknownQueryParameter12345=1", "/ogc/collections/tickets/items?bbox-crs=x", "/ogc/collections/cells/items?crs=x",
			"/ogc/collections/cells/items?state=reported", "/ogc/collections/tickets/items?kind=basic", "/ogc/collections/cells/items?Limit=1",
			"/ogc/collections/cells/items/" + cellCode(niujia, 1) + "?limit=1"} {
			if a := s.status(t, 400, call{method: "GET", url: url}); len(a.pointers()) != 1 || !strings.HasPrefix(a.pointers()[0], "?") {
				t.Errorf("%s: errors at %v", url, a.pointers())
			}
		}
		a := s.status(t, 400, call{method: "GET", url: "/ogc/collections/cells/items?state=x&limit=0&category=y&datetime=never"})
		if want := []string{"?category", "?datetime", "?limit", "?state"}; !slices.Equal(a.pointers(), want) {
			t.Errorf("errors at %v, want all of %v", a.pointers(), want)
		}
	}},
	{"core/query-param-invalid", func(t *testing.T, s *standard) {
		for _, collection := range ogcCollectionIDs {
			for _, query := range []string{"limit=unlimited", "limit=0", "limit=-1", "limit=", "limit=1.5", "bbox=", "bbox=1,2,3", "bbox=NaN,1,2,3", "bbox=1,2,Inf,4",
				"bbox=120,-91,121,32", "bbox=120,31,121,91", "bbox=120,32,121,31", "bbox=190,31,200,32", "datetime=", "datetime=yesterday", "datetime=../..",
				"datetime=2018-02-12/2017-02-12", "cursor=", "cursor=nonsense!", "cursor=YQ", "limit=1&limit=2"} {
				if a := s.status(t, 400, call{method: "GET", url: "/ogc/collections/" + collection + "/items?" + query}); a.text("/code") != "bad_parameter" && a.text("/code") != "bad_cursor" {
					t.Errorf("%s?%s: %s", collection, query, a.body)
				}
			}
		}
		for _, url := range []string{"cells/items?kind=round", "cells/items?kind=", "tickets/items?state=lost", "tickets/items?category=lost", "tickets/items?state=reported,closed"} {
			s.status(t, 400, call{method: "GET", url: "/ogc/collections/" + url})
		}
	}},
	{"core/crs84", func(t *testing.T, s *standard) {
		for _, collection := range ogcCollectionIDs {
			if got := s.get(t, "/ogc/collections/"+collection).at("/crs/0"); got != "http://www.opengis.net/def/crs/OGC/1.3/CRS84" {
				t.Errorf("%s: first of the reference systems is %v", collection, got)
			}
			for id, f := range s.everyItem(t, "/ogc/collections/"+collection+"/items") {
				for _, p := range positionsOf(t, f) { // longitude first: Suzhou
					if p[0] < 120 || p[0] > 121 || p[1] < 31 || p[1] > 32 || !sevenDecimals(p[0]) || !sevenDecimals(p[1]) {
						t.Errorf("%s %s at %v", collection, id, p)
					}
				}
			}
		}
	}},
	{"core/fc-md-op", func(t *testing.T, s *standard) {
		s.get(t, "/ogc/collections")
		s.get(t, s.local(t, linkOf(s.get(t, "/ogc").items("/links"), "data")))
	}},
	{"core/fc-md-success", func(t *testing.T, s *standard) {
		for _, c := range s.get(t, "/ogc/collections").items("/collections") {
			if c := c.(object); c["title"] == "" || c["description"] == "" || c["itemType"] != "feature" {
				t.Errorf("%v", c)
			}
		}
	}},
	{"core/fc-md-links", func(t *testing.T, s *standard) {
		s.hasLinks(t, s.get(t, "/ogc/collections").items("/links"), map[string]string{"self": web.JSON})
	}},
	{"core/fc-md-items", func(t *testing.T, s *standard) {
		if ids := s.collectionIDs(t); !slices.Equal(ids, ogcCollectionIDs) {
			t.Errorf("collections %v", ids)
		}
	}},
	{"core/fc-md-items-links", func(t *testing.T, s *standard) {
		for _, c := range s.get(t, "/ogc/collections").items("/collections") {
			s.hasLinks(t, c.(object)["links"].([]any), map[string]string{"self": web.JSON, "items": web.GeoJSON})
		}
	}},
	{"core/fc-md-extent", func(t *testing.T, s *standard) { s.extentsHold(t) }},
	{"core/fc-md-extent-multi", func(t *testing.T, s *standard) {
		for _, collection := range ogcCollectionIDs { // one box, and so the first holds all
			if boxes := s.get(t, "/ogc/collections/"+collection).items("/extent/spatial/bbox"); len(boxes) != 1 {
				t.Errorf("%s: boxes %v", collection, boxes)
			}
		}
		if intervals := s.get(t, "/ogc/collections/cells").items("/extent/temporal/interval"); len(intervals) != 1 {
			t.Errorf("intervals %v", intervals)
		}
		s.extentsHold(t)
	}},
	{"core/sfc-md-op", func(t *testing.T, s *standard) {
		for _, id := range s.collectionIDs(t) {
			s.get(t, "/ogc/collections/"+id)
		}
	}},
	{"core/sfc-md-success", func(t *testing.T, s *standard) {
		for _, c := range s.get(t, "/ogc/collections").items("/collections") {
			if one := s.get(t, fmt.Sprintf("/ogc/collections/%v", c.(object)["id"])); !reflect.DeepEqual(one.tree, c) {
				t.Errorf("by itself %s, in the list %v", one.body, c)
			}
		}
	}},
}

func (s *standard) collectionIDs(t *testing.T) []string {
	t.Helper()
	var ids []string
	for _, c := range s.get(t, "/ogc/collections").items("/collections") {
		ids = append(ids, fmt.Sprint(c.(object)["id"]))
	}
	return ids
}

// extentsHold: every feature lies in its collection's extent, in space and, where it says one, in time.
func (s *standard) extentsHold(t *testing.T) {
	t.Helper()
	for _, collection := range ogcCollectionIDs {
		about := s.get(t, "/ogc/collections/"+collection)
		b := about.items("/extent/spatial/bbox/0")
		box := orb.Bound{Min: orb.Point{b[0].(float64), b[1].(float64)}, Max: orb.Point{b[2].(float64), b[3].(float64)}}
		for id, f := range s.everyItem(t, "/ogc/collections/"+collection+"/items") {
			for _, p := range positionsOf(t, f) {
				if !box.Contains(p) {
					t.Errorf("%s %s at %v is not in %v", collection, id, p, box)
				}
			}
			if collection != "cells" {
				continue
			}
			since := parsed(t, f["properties"].(object)["validFrom"])
			if since.Before(parsed(t, about.at("/extent/temporal/interval/0/0"))) || since.After(parsed(t, about.at("/extent/temporal/interval/0/1"))) {
				t.Errorf("%s since %v is not in %v", id, since, about.at("/extent/temporal"))
			}
		}
	}
}

func parsed(t *testing.T, v any) time.Time {
	t.Helper()
	return must(time.Parse(time.RFC3339, fmt.Sprint(v)))(t)
}

// TestRequirement is one test for every requirement of the three classes.
func TestRequirement(t *testing.T) {
	all := slices.Concat(requirements, featureRequirements, formatRequirements)
	names := map[string]bool{}
	for _, r := range all {
		names[r.name] = true
	}
	if len(names) != 35+2+6 || len(all) != len(names) {
		t.Errorf("%d requirements under %d names: core has 35, geojson 2, oas30 6: %v", len(all), len(names), slices.Sorted(maps.Keys(names)))
	}
	oneEngine(t, func(t *testing.T, h *harness) {
		s := newStandard(t, h)
		for _, r := range all {
			t.Run(r.name, func(t *testing.T) { r.test(t, s) })
		}
	})
}
