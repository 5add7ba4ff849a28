package handlers

import (
	"context"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/place"
	"wangge/geo"
)

// A ticket without a position is answered with null, waits in the triage of its
// street with its candidates, and is in no box, on no tile and on no public
// map until it is placed.
func TestUnplacedTicketIsOnNoMap(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.follow(t)
		candidate := place.Candidate{ID: "suzhou:3205080180200010301", Source: place.FromStandard, Text: "大儒巷8幢301室", Position: place.PositionAt(inside(niujia, 1), geo.WGS84, nil), Confidence: 0.5}
		candidate.Place.Street = h.areaID(pingjiang)
		h.Tickets.Locate = func(context.Context, access.Actor, time.Time, place.Asked) (*place.Found, error) {
			return &place.Found{Street: h.areaID(pingjiang), Candidates: []place.Candidate{candidate}}, nil
		}
		made := h.must(t, 201, call{method: "POST", url: "/v1/tickets", as: "resident", body: object{"category": "parking", "title": "消防通道被堵", "address": "大儒巷8幢"}})
		if made.at("/position") != nil || made.at("/triage") != true || len(made.items("/candidates")) != 0 || made.text("/place/street/code") != pingjiang || made.at("/place/cell") != nil {
			t.Errorf("reported: %s", made.body)
		}
		id := made.text("/id")
		seen := h.see(t, id, "dispatcher")
		if seen.at("/position") != nil || seen.text("/candidates/0/id") != candidate.ID || seen.text("/candidates/0/source") != "standard" || seen.at("/candidates/0/position/lon") == nil {
			t.Errorf("to who places it: %s", seen.body)
		}
		count := func(url, as, list string) int {
			t.Helper()
			return len(h.get(t, url, as).items(list))
		}
		world := "bbox=-180,-90,180,90"
		everywhere := func() [4]int {
			return [4]int{count("/v1/tickets?"+world, "street_manager", "/items"), count("/ogc/collections/tickets/items?"+world, "street_manager", "/features"),
				count("/ogc/collections/tickets/items?"+world, "", "/features"), count("/ogc/collections/tickets/items", "", "/features")}
		}
		if got := everywhere(); got != [4]int{} {
			t.Errorf("in boxes of the list, of OGC, of the public, and in the public list: %v", got)
		}
		if n := count("/v1/tickets?triage=true", "street_manager", "/items"); n != 1 {
			t.Errorf("%d in triage", n)
		}
		if a := h.get(t, "/ogc/collections/tickets/items", "street_manager"); len(a.items("/features")) != 1 || a.at("/features/0/geometry") != nil || a.text("/features/0/id") != id {
			t.Errorf("the features of the street: %s", a.body)
		}
		if a := h.get(t, "/ogc/collections/tickets/items/"+id, "street_manager"); a.at("/geometry") != nil {
			t.Errorf("the feature: %s", a.body)
		}
		beside := h.report(t, "resident", inside(niujia, 2), "parking").ID
		soon(t, "the tile has the ticket beside", func() bool { return h.do(t, tileCall("tickets", cityTile, "street_manager")).status == 200 })
		if pins := tileFeatures(t, "tickets", h.must(t, 200, tileCall("tickets", cityTile, "street_manager"))); len(pins) != 1 || pins[0].properties["id"] != beside {
			t.Errorf("on the tile: %+v", pins)
		}
		if a := h.do(t, tileCall("tickets", "/0/0/0.mvt", "street_manager")); a.status == 200 && len(tileFeatures(t, "tickets", a)) != 1 {
			t.Error("the tile of the world has more than the ticket beside")
		}
		placed := h.move(t, 200, id, "dispatcher", object{"action": "correct", "candidate": candidate.ID})
		if placed.at("/position") == nil || placed.at("/triage") != false || placed.text("/number") != made.text("/number") || placed.text("/place/cell/code") != cellCode(niujia, 1) {
			t.Errorf("placed: %s", placed.body)
		}
		if got := everywhere(); got != [4]int{2, 2, 2, 2} {
			t.Errorf("with the one beside, in boxes of the list, of OGC, of the public, and in the public list: %v", got)
		}
	})
}
