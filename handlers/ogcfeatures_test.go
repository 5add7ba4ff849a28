package handlers

import (
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/handlers/web"
)

// featureRequirements are those of the class core about features.
var featureRequirements = []struct {
	name string
	test func(*testing.T, *standard)
}{
	{"core/fc-op", func(t *testing.T, s *standard) {
		for _, id := range ogcCollectionIDs {
			s.get(t, "/ogc/collections/"+id+"/items")
		}
	}},
	{"core/fc-limit-definition", func(t *testing.T, s *standard) {
		for _, id := range ogcCollectionIDs {
			p, schema := s.parameter(t, id, "limit")
			inCommon(t, p, schema, "integer")
			if fmt.Sprint(schema["minimum"], schema["maximum"], schema["default"]) != "1 500 100" {
				t.Errorf("%s: from %v to %v, usually %v", id, schema["minimum"], schema["maximum"], schema["default"])
			}
		}
	}},
	{"core/fc-limit-response-1", func(t *testing.T, s *standard) {
		for _, id := range ogcCollectionIDs {
			for limit, want := range map[string]int{"1": 1, "3": 3, "500": 1000, "501": 1000} {
				got := len(s.get(t, "/ogc/collections/"+id+"/items?limit="+limit).items("/features"))
				if want = min(want, map[string]int{"cells": 16, "tickets": publicTickets + 1}[id]); got != want {
					t.Errorf("%s, limit %s: %d features, want %d", id, limit, got, want)
				}
			}
		}
	}},
	{"core/fc-bbox-definition", func(t *testing.T, s *standard) {
		for _, id := range ogcCollectionIDs {
			p, schema := s.parameter(t, id, "bbox")
			inCommon(t, p, schema, "array")
			var counts []string
			for _, one := range schema["oneOf"].([]any) {
				counts = append(counts, fmt.Sprint(one.(object)["minItems"], one.(object)["maxItems"]))
			}
			if !slices.Equal(counts, []string{"4 4", "6 6"}) || fmt.Sprint(schema["minItems"], schema["maxItems"]) != "4 6" || schema["items"].(object)["type"] != "number" {
				t.Errorf("%s: %v", id, counts)
			}
		}
	}},
	{"core/fc-bbox-response", func(t *testing.T, s *standard) {
		for _, id := range ogcCollectionIDs {
			all := s.everyItem(t, "/ogc/collections/"+id+"/items")
			for text, box := range map[string]orb.Bound{
				"120.6,31.3,120.622,31.312":                 {Min: orb.Point{120.6, 31.3}, Max: orb.Point{120.622, 31.312}},
				"120.6215,31.3105,120.6225,31.3115":         {Min: orb.Point{120.6215, 31.3105}, Max: orb.Point{120.6225, 31.3115}},
				"120.6215,31.3105,-10,120.6225,31.3115,900": {Min: orb.Point{120.6215, 31.3105}, Max: orb.Point{120.6225, 31.3115}},
				"120.641,31.311,120.641,31.311":             {Min: orb.Point{120.641, 31.311}, Max: orb.Point{120.641, 31.311}},
				"-1.5,50,1.5,53":                            {Min: orb.Point{-1.5, 50}, Max: orb.Point{1.5, 53}},
				"-80,-5,-70,5":                              {Min: orb.Point{-80, -5}, Max: orb.Point{-70, 5}},
				"-180,85,180,90":                            {Min: orb.Point{-180, 85}, Max: orb.Point{180, 90}},
				"-180,-90,180,-85":                          {Min: orb.Point{-180, -90}, Max: orb.Point{180, -85}},
				"-180,-90,180,90":                           {Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}},
				"177,65,-177,70":                            {Min: orb.Point{177, 65}, Max: orb.Point{180, 70}},
				"120.643,-90,-177,90":                       {Min: orb.Point{120.643, -90}, Max: orb.Point{180, 90}},   // across the antimeridian
				"177,-90,120.6215,90":                       {Min: orb.Point{-180, -90}, Max: orb.Point{120.6215, 90}}, // from the other side
			} {
				got := s.everyItem(t, "/ogc/collections/"+id+"/items?limit=4&bbox="+text)
				for feature, f := range all {
					if want := touches(t, f, box); want != (got[feature] != nil) {
						t.Errorf("%s, bbox %s: %s is in the answer: %v, want %v", id, text, feature, !want, want)
					}
				}
				for feature := range got {
					if all[feature] == nil {
						t.Errorf("%s, bbox %s: %s is not in the collection", id, text, feature)
					}
				}
			}
		}
	}},
	{"core/fc-time-definition", func(t *testing.T, s *standard) {
		for _, id := range ogcCollectionIDs {
			p, schema := s.parameter(t, id, "datetime")
			inCommon(t, p, schema, "string")
		}
	}},
	{"core/fc-time-response", func(t *testing.T, s *standard) {
		for _, id := range ogcCollectionIDs {
			all := s.everyItem(t, "/ogc/collections/"+id+"/items")
			for text, ends := range map[string][2]time.Time{
				"2018-02-12/P2D":                            {time.Date(2018, 2, 12, 0, 0, 0, 0, time.UTC), time.Date(2018, 2, 14, 0, 0, 0, 0, time.UTC)},
				"2026-11-23T01:00:00Z":                      {morning, morning},
				"2026-11-23T01:00:00Z/2026-11-24T00:00:00Z": {morning, time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)},
				"2026-11-24T10:00:00+08:00/..":              {time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC), morning.AddDate(1, 0, 0)},
				"../2026-11-23T15:59:59Z":                   {morning.AddDate(-1, 0, 0), time.Date(2026, 11, 23, 15, 59, 59, 0, time.UTC)},
				"/2026-11-22T15:59:59Z":                     {morning.AddDate(-1, 0, 0), time.Date(2026, 11, 22, 15, 59, 59, 0, time.UTC)},
			} {
				got := s.everyItem(t, "/ogc/collections/"+id+"/items?limit=3&datetime="+url.QueryEscape(text))
				for feature, f := range all {
					from, to := timeOf(t, f)
					if want := !from.After(ends[1]) && !to.Before(ends[0]); want != (got[feature] != nil) {
						t.Errorf("%s, datetime %s: %s of %v is in the answer: %v", id, text, feature, from, !want)
					}
				}
			}
		}
	}},
	{"core/fc-response", func(t *testing.T, s *standard) {
		for _, id := range ogcCollectionIDs {
			if page := s.get(t, "/ogc/collections/"+id+"/items"); page.text("/type") != "FeatureCollection" || len(page.items("/features")) == 0 {
				t.Errorf("%s: %.200s", id, page.body)
			}
			if none := s.get(t, "/ogc/collections/"+id+"/items?bbox=0,0,1,1"); none.at("/features") == nil || len(none.items("/features")) != 0 {
				t.Errorf("%s, of nothing: %s", id, none.body)
			}
		}
	}},
	{"core/fc-links", func(t *testing.T, s *standard) {
		for _, id := range ogcCollectionIDs {
			const query = "bbox=120%2C31%2C121%2C32&limit=4"
			page := s.get(t, "/ogc/collections/"+id+"/items?"+query)
			if self := linkOf(page.items("/links"), "self"); self != publicURL+"/ogc/collections/"+id+"/items?"+query {
				t.Errorf("self is %s", self)
			}
			s.hasLinks(t, page.items("/links"), map[string]string{"self": web.GeoJSON, "next": web.GeoJSON})
			if whole := s.get(t, "/ogc/collections/"+id+"/items?limit=500"); linkOf(whole.items("/links"), "next") != "" {
				t.Errorf("%s: the only page has a next one", id)
			}
			for _, more := range []string{"limit=1", "limit=3", "limit=3&bbox=120,31,121,32", "limit=2&datetime=2020-01-01/.."} {
				if got, all := s.everyItem(t, "/ogc/collections/"+id+"/items?"+more), s.everyItem(t, "/ogc/collections/"+id+"/items"); len(got) != len(all) {
					t.Errorf("%s?%s: %d features on all pages, of %d", id, more, len(got), len(all))
				}
			}
		}
	}},
	{"core/fc-rel-type", func(t *testing.T, s *standard) {
		for _, id := range ogcCollectionIDs {
			s.hasLinks(t, s.get(t, "/ogc/collections/"+id+"/items?limit=2").items("/links"), nil)
		}
	}},
	{"core/fc-timeStamp", func(t *testing.T, s *standard) {
		for _, id := range ogcCollectionIDs {
			if got := parsed(t, s.get(t, "/ogc/collections/"+id+"/items").at("/timeStamp")); !got.Equal(s.clock.read()) {
				t.Errorf("%s: made at %v, now is %v", id, got, s.clock.read())
			}
		}
	}},
	{"core/fc-numberMatched", func(t *testing.T, s *standard) {
		for query, want := range map[string]float64{"": 16, "?limit=3": 16, "?bbox=120.6201,31.3101,120.6202,31.3102": 1, "?bbox=0,0,1,1": 0, "?community=" + niujia: 4, "?kind=micro": 0, "?datetime=2018-02-12": 0} {
			page := s.get(t, "/ogc/collections/cells/items"+query)
			if page.at("/numberMatched") != want {
				t.Errorf("%s: %v, want %v", query, page.at("/numberMatched"), want)
			}
			if next := s.local(t, linkOf(page.items("/links"), "next")); next != "" && s.get(t, next).at("/numberMatched") != want {
				t.Errorf("%s: another number on the second page", query)
			}
		}
		if n := s.get(t, "/ogc/collections/tickets/items").at("/numberMatched"); n != nil {
			t.Errorf("tickets: %v, though nothing is counted", n)
		}
	}},
	{"core/fc-numberReturned", func(t *testing.T, s *standard) {
		for _, id := range ogcCollectionIDs {
			for _, query := range []string{"", "?limit=2", "?bbox=0,0,1,1"} {
				page := s.get(t, "/ogc/collections/"+id+"/items"+query)
				if got := page.at("/numberReturned"); got != float64(len(page.items("/features"))) {
					t.Errorf("%s%s: %v returned, of %d", id, query, got, len(page.items("/features")))
				}
			}
		}
	}},
	{"core/f-op", func(t *testing.T, s *standard) {
		for _, id := range ogcCollectionIDs {
			for feature := range s.everyItem(t, "/ogc/collections/"+id+"/items") {
				s.get(t, "/ogc/collections/"+id+"/items/"+url.PathEscape(feature))
			}
			s.status(t, 404, call{method: "GET", url: "/ogc/collections/" + id + "/items/none"})
		}
	}},
	{"core/f-success", func(t *testing.T, s *standard) {
		for _, id := range ogcCollectionIDs {
			for feature, listed := range s.everyItem(t, "/ogc/collections/"+id+"/items") {
				one := s.get(t, "/ogc/collections/"+id+"/items/"+url.PathEscape(feature))
				if one.text("/type") != "Feature" || one.text("/id") != feature || fmt.Sprint(one.at("/geometry"), one.at("/properties")) != fmt.Sprint(listed["geometry"], listed["properties"]) {
					t.Errorf("%s by itself %s, in the list %v", feature, one.body, listed)
				}
			}
		}
	}},
	{"core/f-links", func(t *testing.T, s *standard) {
		for _, id := range ogcCollectionIDs {
			first := s.get(t, "/ogc/collections/"+id+"/items?limit=1").text("/features/0/id")
			one := s.get(t, "/ogc/collections/"+id+"/items/"+first)
			s.hasLinks(t, one.items("/links"), map[string]string{"self": web.GeoJSON, "collection": web.JSON})
			if linkOf(one.items("/links"), "self") != publicURL+"/ogc/collections/"+id+"/items/"+first {
				t.Errorf("self is %s", linkOf(one.items("/links"), "self"))
			}
		}
	}},
}

// touches reports whether a feature of squares or a point meets a box.
func touches(t *testing.T, f object, box orb.Bound) bool {
	t.Helper()
	b := orb.MultiPoint(positionsOf(t, f)).Bound() // a square is its own box
	return b.Min[0] <= box.Max[0] && b.Max[0] >= box.Min[0] && b.Min[1] <= box.Max[1] && b.Max[1] >= box.Min[1]
}

// timeOf is the instant of a cell, or the day of a ticket in public.
func timeOf(t *testing.T, f object) (from, to time.Time) {
	t.Helper()
	properties := f["properties"].(object)
	if since := properties["validFrom"]; since != nil {
		return parsed(t, since), parsed(t, since)
	}
	day := must(time.Parse(time.DateOnly, fmt.Sprint(properties["reportedOn"])))(t).Add(-8 * time.Hour)
	return day, day.Add(24*time.Hour - time.Millisecond)
}
