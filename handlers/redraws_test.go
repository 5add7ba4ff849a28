package handlers

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/paulmach/orb"
)

// box is a rectangle in the units of the test's cells from the corner of a community.
func box(community string, west, south, east, north float64) object {
	at := func(x, y float64) orb.Point {
		c := corners[community]
		return orb.Point{c[0] + x*cellEdge, c[1] + y*cellEdge}
	}
	return object{"type": "Polygon", "coordinates": [][]orb.Point{{at(west, south), at(east, south), at(east, north), at(west, north), at(west, south)}}}
}

func part(code, name string, geometry object) object {
	return object{"type": "Feature", "properties": object{"code": code, "name": name}, "geometry": geometry}
}

// A cell takes ground from its neighbour, and what is open there goes along;
// both are seen on the map of each day, and an undo brings all back.
func TestRedrawOverHTTP(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		one, two := cellCode(niujia, 1), cellCode(niujia, 2)
		in := cellCorner(niujia, 2)
		near := orb.Point{in[0] + 0.0004, in[1] + 0.001} // in the second cell, near the first
		moving, closed := h.report(t, "resident", near, "noise").ID, h.report(t, "resident", near, "noise").ID
		h.move(t, 200, closed, "grid_lead", object{"action": "reject", "reason": "重复"})
		before := h.clock.read()
		h.clock.move(time.Hour)
		wider := box(niujia, 0, 0, 1.5, 1)
		draw := func(query string, version string) call {
			return call{method: "PUT", url: "/v1/cells/" + one + "/boundary" + query, as: "street_manager", body: wider, header: map[string]string{"If-Match": version}}
		}
		number := h.Store.Heads()
		h.play(t, []scenario{
			{name: "without the version", call: call{method: "PUT", url: "/v1/cells/" + one + "/boundary", as: "street_manager", body: wider}, status: 428},
			{name: "at an old version", call: draw("", `"77"`), status: 412},
			{name: "over the neighbour", call: draw("", "*"), status: 422, fields: object{"/findings/0/kind": "overlap", "/findings/0/neighbour": two}},
			{name: "another tolerance", call: draw("?toleranceM2=-1", "*"), status: 400, pointers: []string{"?toleranceM2"}},
			{name: "unknown neighbours", call: draw("?neighbours=push", "*"), status: 400, pointers: []string{"?neighbours"}},
			{name: "dry", call: draw("?neighbours=trim&dryRun=true", "*"), status: 200, fields: object{"/dryRun": true, "/cells/redrawn": 2.0, "/moved/tickets": 1.0}},
		})
		if fmt.Sprint(h.Store.Heads()) != fmt.Sprint(number) {
			t.Errorf("the journal moved from %v to %v", number, h.Store.Heads())
		}
		report := h.must(t, 200, draw("?neighbours=trim", "*"))
		id := report.text("/redraws/0")
		if fmt.Sprint(report.at("/moved/tickets")) != "1" || id == "" {
			t.Fatalf("%s", report.body)
		}
		cellOf := func(id string) string { return h.see(t, id, "street_manager").text("/place/cell/code") }
		if cellOf(moving) != one || cellOf(closed) != two {
			t.Errorf("open in %s, rejected in %s", cellOf(moving), cellOf(closed))
		}
		line := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + moving + "/timeline", as: "resident"})
		if n := len(line.items("/items")); line.text(fmt.Sprintf("/items/%d/action", n-1)) != "rezone" {
			t.Errorf("%s", line.body)
		}
		at := func(when time.Time) string {
			a := h.must(t, 200, call{method: "GET", url: "/v1/cells?area=" + niujia + "&at=" + url.QueryEscape(when.Format(time.RFC3339)), as: "street_manager"})
			return fmt.Sprint(a.at("/items/0/bbox"), a.at("/items/1/bbox"), len(a.items("/items")))
		}
		then, now := at(before), at(h.clock.read())
		if then == now {
			t.Errorf("the map of both days: %s", then)
		}
		h.clock.move(time.Hour)
		h.must(t, 200, call{method: "POST", url: "/v1/redraws/" + id + "/undo", as: "street_manager"})
		if cellOf(moving) != two || at(h.clock.read()) != then || at(h.clock.read().Add(-time.Hour)) != now {
			t.Errorf("undone: open in %s, the map is %s", cellOf(moving), at(h.clock.read()))
		}
		list := h.must(t, 200, call{method: "GET", url: "/v1/redraws?area=" + pingjiang, as: "street_manager"})
		if list.text("/items/0/undoes") != id || list.text("/items/1/undoneBy") != list.text("/items/0/id") || list.text("/items/1/by/id") != h.people["street_manager"].id {
			t.Errorf("%s", list.body)
		}
		h.play(t, []scenario{
			{name: "undone twice", call: call{method: "POST", url: "/v1/redraws/" + id + "/undo", as: "street_manager"}, status: 409, fields: object{"/code": "undone"}},
			{name: "undone by another street", call: call{method: "POST", url: "/v1/redraws/" + id + "/undo", as: "other street_manager"}, status: 404},
			{name: "cells of the past in a city", call: call{method: "GET", url: "/v1/cells?area=3205&at=2026-01-01T00:00:00Z", as: "admin"}, status: 400, pointers: []string{"?area"}},
			{name: "before there were any", call: call{method: "GET", url: "/v1/cells?area=" + niujia + "&at=2000-01-01T00:00:00Z", as: "admin"}, status: 200, fields: object{"/items/0": nil}},
		})
	})
}

// A cell is split, its parts merged again, and one retired: what lies there always has a cell that holds it.
func TestSplitMergeRetireOverHTTP(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		one, new := cellCode(niujia, 1), cellCode(niujia, 9)
		at := inside(niujia, 1)
		at[0] += 0.0005
		id := h.report(t, "resident", at, "noise").ID
		post := func(path string, body any) call {
			return call{method: "POST", url: "/v1/cells/" + path, as: "street_manager", body: body, header: map[string]string{"Idempotency-Key": path}}
		}
		parts := object{"type": "FeatureCollection", "features": []object{part(one, "西半", box(niujia, 0, 0, 0.5, 1)), part(new, "东半", box(niujia, 0.5, 0, 1, 1))}}
		over := object{"type": "FeatureCollection", "features": []object{part(one, "西半", box(niujia, 0, 0, 0.5, 1)), part(new, "东半", box(niujia, 0.5, 0, 0.9, 1))}}
		h.play(t, []scenario{
			{name: "not the whole", call: post(one+"/split?dryRun=true", over), status: 200, fields: object{"/findings/0/kind": "left_out", "/cells/added": 0.0}},
			{name: "not the whole, for real", call: call{method: "POST", url: "/v1/cells/" + one + "/split", as: "street_manager", body: over}, status: 422, pointers: []string{"/features"}},
			{name: "split", call: post(one+"/split", parts), status: 200, fields: object{"/cells/added": 1.0, "/cells/redrawn": 1.0, "/moved/tickets": 1.0}},
			{name: "the same again", call: post(one+"/split", parts), status: 200, fields: object{"/cells/added": 1.0}},
			{name: "its new cell", call: call{method: "GET", url: "/v1/cells/" + new, as: "grid_lead"}, status: 200, fields: object{"/name": "东半", "/staff/0/account/id": h.people["grid_lead"].id}},
			{name: "merged with one far away", call: post("merge", object{"cells": []string{one, cellCode(niujia, 4)}, "into": one}), status: 422, pointers: []string{"/cells"}},
			{name: "merged across communities", call: post("merge?dryRun=true", object{"cells": []string{one, cellCode(chayuan, 1)}, "into": one}), status: 422, pointers: []string{"/cells/1"}},
		})
		cell := func() string { return h.see(t, id, "street_manager").text("/place/cell/code") }
		if cell() != new {
			t.Errorf("split: the ticket is in %s", cell())
		}
		h.must(t, 200, call{method: "POST", url: "/v1/cells/merge", as: "street_manager", body: object{"cells": []string{one, new}, "into": one, "name": "合并"}})
		if cell() != one {
			t.Errorf("merged: the ticket is in %s", cell())
		}
		h.must(t, 404, call{method: "GET", url: "/v1/cells/" + new, as: "admin"})
		if a := h.must(t, 200, call{method: "GET", url: "/v1/cells/" + new + "/boundaries", as: "admin"}); len(a.items("/items")) != 1 || a.text("/items/0/validTo") == "" {
			t.Errorf("boundaries of the retired: %s", a.body)
		}
		h.must(t, 200, call{method: "POST", url: "/v1/cells/" + one + "/retire", as: "street_manager", body: object{"reason": "拆迁"}})
		if a := h.see(t, id, "street_manager"); a.at("/triage") != true {
			t.Errorf("retired: the ticket is in %s", a.text("/place/cell/code"))
		}
		if a := h.must(t, 422, call{method: "POST", url: "/v1/cells/import", as: "admin", body: collection(square(new, "再用", "basic", orb.Point{120.66, 31.31}, 0.001))}); a.text("/findings/0/kind") != "retired" {
			t.Errorf("a retired code again: %s", a.body)
		}
	})
}

// A line splits a cell over HTTP as it does below; a dry run says what a refusal would.
func TestSplitByALineOverHTTP(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		west, south := cellCorner(niujia, 1)[0], cellCorner(niujia, 1)[1]
		line := func(from, to float64) object {
			x := west + cellEdge/3
			return object{"type": "LineString", "coordinates": [][]float64{{x, south + from*cellEdge}, {x, south + to*cellEdge}}}
		}
		split := func(query string, body object) call {
			return call{method: "POST", url: "/v1/cells/" + cellCode(niujia, 1) + "/split" + query, as: "street_manager", body: body}
		}
		if a := h.must(t, 200, split("?dryRun=true", line(-0.1, 0.5))); a.text("/findings/0/kind") != "line_short" || a.text("/findings/0/severity") != "error" {
			t.Errorf("%s", a.body)
		}
		if a := h.must(t, 422, split("", line(-0.1, 0.5))); a.text("/findings/0/kind") != "line_short" {
			t.Errorf("%s", a.body)
		}
		feature := object{"type": "Feature", "geometry": line(-0.1, 1.1), "properties": object{"name": "西边", "keeps": "larger"}}
		if a := h.must(t, 200, split("", feature)); a.at("/cells/added") != 1.0 || a.at("/cells/redrawn") != 1.0 {
			t.Errorf("%s", a.body)
		}
		if a := h.get(t, "/v1/cells/"+niujia+"005", "street_manager"); a.text("/name") != "西边" {
			t.Errorf("%s", a.body)
		}
	})
}
