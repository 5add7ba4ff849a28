package handlers

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/geo"
)

// move takes a step that has to be answered with this status.
func (h *harness) move(t *testing.T, status int, id, who string, body object) *answer {
	t.Helper()
	return h.must(t, status, call{method: "POST", url: "/v1/tickets/" + id + "/transitions", as: who, body: body})
}

func (h *harness) see(t *testing.T, id, who string) *answer {
	t.Helper()
	return h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + id, as: who})
}

func organisationOf(h *harness, street string) object {
	return object{"kind": access.Organisation, "id": h.organisations[street]}
}

// From the report with a position of AMap's to the resident who reads how it went.
func TestTicketsLife(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		amap := geo.FromWGS84(inside(niujia, 1), geo.GCJ02)
		made := h.must(t, 201, call{method: "POST", url: "/v1/tickets?datum=gcj02", as: "resident", body: object{
			"category": "parking", "kind": "complaint", "title": "消防通道被私家车堵塞", "description": "每晚停满", "address": "大儒巷8号",
			"position": object{"lon": amap[0], "lat": amap[1], "datum": "gcj02", "accuracyM": 12},
		}})
		id := made.text("/id")
		for pointer, want := range (object{
			"/number": pingjiang + "-261123-1", "/state": "reported", "/place/cell/code": cellCode(niujia, 1), "/place/street/name": "平江街道",
			"/position/datum": "gcj02", "/position/accuracyM": 12.0, "/source": "app", "/urgency": "normal", "/mine": true, "/triage": false, "/allowed/0": "withdraw",
		}) {
			if made.at(pointer) != want {
				t.Errorf("reported: %s is %v, want %v", pointer, made.at(pointer), want)
			}
		}
		lon, lat := made.at("/position/lon").(float64), made.at("/position/lat").(float64)
		if geo.Distance(orb.Point{lon, lat}, amap) > 0.05 {
			t.Errorf("the position came back %v, sent %v", orb.Point{lon, lat}, amap)
		}
		if made.header.Get("Location") != "/v1/tickets/"+id {
			t.Errorf("Location %q", made.header.Get("Location"))
		}

		if a := h.see(t, id, "grid_lead"); fmt.Sprint(a.at("/allowed")) != "[ask accept reject correct merge]" || a.text("/reporter/phone") != "138****0001" {
			t.Errorf("the lead sees %s", a.body)
		}
		h.move(t, 200, id, "grid_lead", object{"action": "accept", "condition": "blocked_exit", "note": "先核实"})
		h.move(t, 200, id, "grid_lead", object{"action": "dispatch", "assignee": object{"kind": "person", "id": h.people["outreach_worker"].id}, "helpers": []object{organisationOf(h, pingjiang)}})
		if a := h.see(t, id, "resident"); a.text("/assignee/kind") != "person" || a.at("/assignee/id") != nil || a.at("/assignee/name") != nil || a.text("/helpers/0/name") != "平江物业" {
			t.Errorf("the resident sees of the assignees: %s", a.body)
		}
		if a := h.see(t, id, "handler"); a.text("/urgency") != "urgent" || a.text("/condition") != "blocked_exit" {
			t.Errorf("accepted: %s", a.body)
		}
		h.clock.move(time.Hour)
		h.move(t, 200, id, "outreach_worker", object{"action": "start"})
		resolve := object{"action": "resolve", "outcome": "fixed", "reason": "车已挪走"}
		if a := h.move(t, 422, id, "outreach_worker", resolve); !slices.Equal(a.pointers(), []string{"/photos"}) {
			t.Errorf("resolved without an after-photo: %s", a.body)
		}
		body, media := upload(t, "file", jpegFile())
		photo := h.must(t, 201, call{method: "POST", url: "/v1/photos", as: "outreach_worker", body: body, header: map[string]string{"Content-Type": media}}).text("/id")
		resolve["photos"] = []string{photo}
		h.move(t, 200, id, "outreach_worker", resolve)
		h.move(t, 422, id, "grid_lead", object{"action": "close"})
		closed := h.move(t, 200, id, "grid_lead", object{"action": "close", "verification": "on_site"})
		if closed.text("/state") != "closed" || closed.text("/verification") != "on_site" || closed.at("/closedAt") == nil || closed.text("/outcome") != "fixed" {
			t.Errorf("closed: %s", closed.body)
		}

		line := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + id + "/timeline", as: "resident"})
		var told []string
		for _, e := range line.items("/items") {
			e := e.(object)
			told = append(told, fmt.Sprintf("%v by %v, %v", e["action"], e["by"], e["to"]))
			if named := e["actor"] != nil; named != (e["by"] == "reporter") {
				t.Errorf("the resident reads who acted: %v", e)
			}
			if e["note"] != nil {
				t.Errorf("the resident reads a note: %v", e)
			}
		}
		want := "report by reporter, reported; accept by staff, accepted; dispatch by staff, dispatched; start by staff, in_progress; resolve by staff, resolved; close by staff, closed"
		if got := strings.Join(told, "; "); got != want {
			t.Errorf("timeline:\n%s\nwant\n%s", got, want)
		}
		if line.text("/items/4/reason") != "车已挪走" {
			t.Errorf("the resident does not read the reason: %s", line.body)
		}
		if a := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + id + "/timeline", as: "grid_lead"}); a.text("/items/1/note") != "先核实" || a.text("/items/1/actor/name") == "" {
			t.Errorf("the lead's timeline: %s", a.body)
		}
		if a := h.must(t, 200, call{method: "GET", url: "/v1/photos/" + photo, as: "resident"}); !isJPEG(a.body) {
			t.Error("the resident cannot see the after-photo")
		}
	})
}

func isJPEG(b []byte) bool {
	_, err := jpeg.Decode(bytes.NewReader(b))
	return err == nil
}

// What the state does not admit is refused with what it does admit, and another street's ticket is not there.
func TestWrongSteps(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		mine := h.report(t, "resident", inside(niujia, 1), "parking").ID
		theirs := h.report(t, "other resident", inside(jinshi, 1), "parking").ID
		step := func(id, who string, body object) call {
			return call{method: "POST", url: "/v1/tickets/" + id + "/transitions", as: who, body: body}
		}
		stale := step(mine, "grid_lead", object{"action": "accept"})
		stale.header = map[string]string{"If-Match": `"7"`}
		h.play(t, []scenario{
			{name: "a step too early", call: step(mine, "grid_lead", object{"action": "close", "verification": "phone"}), status: 409, code: "wrong_state",
				fields: object{"/allowed/0": "ask", "/allowed/1": "accept", "/allowed/2": "reject", "/allowed/3": "correct"}},
			{name: "a step nobody in the role takes", call: step(mine, "outreach_worker", object{"action": "accept"}), status: 403, code: "forbidden"},
			{name: "the reporter's own acceptance", call: step(mine, "resident", object{"action": "accept"}), status: 403, code: "forbidden"},
			{name: "an unknown step", call: step(mine, "grid_lead", object{"action": "bury"}), status: 422, pointers: []string{"/action"}},
			{name: "no step", call: step(mine, "grid_lead", object{}), status: 422, pointers: []string{"/action"}},
			{name: "a rejection without a reason", call: step(mine, "grid_lead", object{"action": "reject"}), status: 422, pointers: []string{"/reason"}},
			{name: "a condition of another category", call: step(mine, "grid_lead", object{"action": "accept", "condition": "flooding"}), status: 422, pointers: []string{"/condition"}},
			{name: "a correction of nothing", call: step(mine, "grid_lead", object{"action": "correct"}), status: 422, pointers: []string{"/category"}},
			{name: "an old version", call: stale, status: 412, code: "version_mismatch"},
			{name: "another street's ticket", call: step(theirs, "grid_lead", object{"action": "accept"}), status: 404, code: "not_found"},
			{name: "another street's ticket, read", call: call{method: "GET", url: "/v1/tickets/" + theirs, as: "street_manager"}, status: 404},
			{name: "another street's timeline", call: call{method: "GET", url: "/v1/tickets/" + theirs + "/timeline", as: "street_manager"}, status: 404},
			{name: "another street's comments", call: call{method: "POST", url: "/v1/tickets/" + theirs + "/comments", as: "street_manager", body: object{"text": "x"}}, status: 404},
			{name: "another resident's ticket", call: call{method: "GET", url: "/v1/tickets/" + mine, as: "neighbour"}, status: 404},
			{name: "another cell's ticket", call: step(mine, "reviewer", object{"action": "accept"}), status: 404},
			{name: "no ticket at all", call: step(ids.New(), "grid_lead", object{"action": "accept"}), status: 404},
		})
		h.move(t, 200, mine, "grid_lead", object{"action": "accept"})
		h.play(t, []scenario{
			{name: "accepted twice", call: step(mine, "grid_lead", object{"action": "accept"}), status: 409, code: "wrong_state", fields: object{"/allowed/0": "ask", "/allowed/1": "correct", "/allowed/2": "dispatch"}},
			{name: "to nobody", call: step(mine, "grid_lead", object{"action": "dispatch"}), status: 422, pointers: []string{"/assignee"}},
			{name: "to another street's organisation", call: step(mine, "grid_lead", object{"action": "dispatch", "assignee": organisationOf(h, canglang)}), status: 422, pointers: []string{"/assignee/id"}},
			{name: "to a resident", call: step(mine, "grid_lead", object{"action": "dispatch", "assignee": object{"kind": "person", "id": h.people["neighbour"].id}}),
				status: 422, pointers: []string{"/assignee/id"}},
			{name: "to another street's worker", call: step(mine, "grid_lead", object{"action": "dispatch", "assignee": object{"kind": "person", "id": h.people["other outreach_worker"].id}}),
				status: 422, pointers: []string{"/assignee/id"}},
			{name: "to another street's handler", call: step(mine, "grid_lead", object{"action": "dispatch", "assignee": object{"kind": "person", "id": h.people["other handler"].id}}),
				status: 422, pointers: []string{"/assignee/id"}},
			{name: "to a ghost of a kind", call: step(mine, "grid_lead", object{"action": "dispatch", "assignee": object{"kind": "ghost", "id": ids.New()}}), status: 422, pointers: []string{"/assignee/kind"}},
			{name: "with a helper who is none", call: step(mine, "grid_lead", object{"action": "dispatch", "assignee": organisationOf(h, pingjiang), "helpers": []object{organisationOf(h, canglang)}}),
				status: 422, pointers: []string{"/helpers/0/id"}},
		})
	})
}

// The same action sent again, by its own id or by its key, is applied once.
func TestAStepIsTakenOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		id := h.report(t, "resident", inside(niujia, 1), "noise").ID
		accept := object{"id": ids.New(), "action": "accept"}
		first := h.move(t, 200, id, "grid_lead", accept)
		again := h.move(t, 200, id, "grid_lead", accept)
		if first.at("/version") != again.at("/version") {
			t.Errorf("applied twice: %s", again.body)
		}
		// The client's own id makes a report idempotent too.
		own := draft(inside(niujia, 1), object{"id": ids.New()})
		h.must(t, 201, call{method: "POST", url: "/v1/tickets", as: "resident", body: own})
		h.must(t, 201, call{method: "POST", url: "/v1/tickets", as: "resident", body: own})
		own["title"] = "别的"
		h.play(t, []scenario{
			{name: "another content under the id", call: call{method: "POST", url: "/v1/tickets", as: "resident", body: own}, status: 409, code: "duplicate"},
			{name: "another caller", call: call{method: "POST", url: "/v1/tickets", as: "neighbour", body: own}, status: 409, code: "duplicate"},
		})
	})
}
