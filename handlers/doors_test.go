package handlers

import (
	"fmt"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/geo"
)

// homeAt is the body that registers a household in a cell.
func homeAt(community string, n int, room string, tags ...string) object {
	at := inside(community, n)
	member := object{"name": "王秀英", "phone": "13900001111", "idNumber": "320502194912310021", "relation": "户主", "tags": []object{}}
	for _, t := range tags {
		member["tags"] = append(member["tags"].([]object), object{"code": t})
	}
	building := "8"
	if n > 1 {
		building = fmt.Sprint(10 + n)
	}
	return object{"address": object{"estate": "大儒巷", "building": building, "room": room}, "position": object{"lon": at[0], "lat": at[1], "datum": "wgs84"}, "members": []object{member}}
}

// home registers a household and returns its id.
func (h *harness) home(t *testing.T, community string, n int, room string, tags ...string) string {
	t.Helper()
	return h.must(t, 201, call{method: "POST", url: "/v1/households", as: "admin", body: homeAt(community, n, room, tags...)}).text("/id")
}

// elderPlan is the body of a monthly plan for elders of a street from today on.
func elderPlan(area string, more object) object {
	terms := object{"tag": "empty_nest_elder", "rules": []object{{"rrule": "FREQ=MONTHLY"}}, "windowDays": 7, "ladder": []object{{"to": "worker", "days": 0}, {"to": "grid_lead", "days": 2}}}
	for k, v := range more {
		terms[k] = v
	}
	return object{"title": "关爱空巢老人", "area": area, "from": "2026-11-23", "terms": terms}
}

// active has a plan made and activated by somebody, and its visits made.
func (h *harness) active(t *testing.T, as string, plan object) string {
	t.Helper()
	id := h.must(t, 201, call{method: "POST", url: "/v1/visit-plans", as: as, body: plan}).text("/id")
	h.must(t, 200, call{method: "POST", url: "/v1/visit-plans/" + id + "/transitions", as: as, body: object{"action": "activate"}})
	h.schedule(t)
	return id
}

func (h *harness) schedule(t *testing.T) {
	t.Helper()
	if err := h.Scheduler.Schedule(t.Context(), "test", h.clock.read()); err != nil {
		t.Fatal(err)
	}
}

// visitAt is the visit planned at a household, as somebody sees it.
func (h *harness) visitAt(t *testing.T, as, home string) string {
	t.Helper()
	a := h.must(t, 200, call{method: "GET", url: "/v1/visits?state=planned&household=" + home + "&to=" + h.clock.read().Format(time.RFC3339), as: as})
	if len(a.items("/items")) != 1 {
		t.Fatalf("%d visits: %s", len(a.items("/items")), a.body)
	}
	return a.text("/items/0/id")
}

// door is a check-in at a household of a cell, so many metres north of its middle.
func door(community string, n int, metres float64) object {
	p := geo.FromWGS84(orb.Point{inside(community, n)[0], inside(community, n)[1] + metres/111_195}, geo.GCJ02)
	return object{"channel": "home", "position": object{"lon": p[0], "lat": p[1], "datum": "gcj02", "accuracyM": 10}}
}

// From a plan to a need that became a ticket: what the README tells.
func TestAVisitFromPlanToTicket(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		form := h.must(t, 201, call{method: "POST", url: "/v1/forms", as: "street_manager", body: object{"street": pingjiang, "code": "elder_visit", "tag": "empty_nest_elder",
			"title": object{"zh-CN": "空巢老人走访表", "en": "Visit to an elder"}, "schema": object{"type": "object", "required": []string{"health"},
				"properties": object{"health": object{"title": "健康", "x-title-en": "Health", "oneOf": []object{{"const": "good", "title": "良好", "x-title-en": "Good"}, {"const": "poor", "title": "较差"}}}}}}}).text("/id")
		near, far := h.home(t, niujia, 1, "101", "empty_nest_elder"), h.home(t, niujia, 2, "102", "empty_nest_elder")
		plan := h.must(t, 201, call{method: "POST", url: "/v1/visit-plans", as: "community_manager", body: elderPlan(niujia, object{"form": form, "weekLimit": 1})})
		if plan.text("/state") != "draft" || plan.text("/terms/0/rules/0/next/1") != "2026-12-23" {
			t.Errorf("drafted %s", plan.body)
		}
		url := "/v1/visit-plans/" + plan.text("/id")
		preview := h.must(t, 200, call{method: "GET", url: url + "/preview", as: "community_manager"})
		if preview.at("/visits") != 4.0 || preview.at("/households") != 2.0 || preview.at("/overloaded") != true || preview.text("/loads/0/account/name") == "" {
			t.Errorf("preview %s", preview.body)
		}
		active := h.must(t, 200, call{method: "POST", url: url + "/transitions", as: "community_manager", body: object{"action": "activate"}})
		if active.text("/state") != "active" || len(active.items("/overloaded")) == 0 {
			t.Errorf("activated %s", active.body)
		}
		h.schedule(t)
		day := h.must(t, 200, call{method: "GET", url: "/v1/visits?mine=true&state=planned&to=2026-11-24T00:00:00Z&datum=gcj02", as: "outreach_worker"})
		if len(day.items("/items")) != 2 || day.text("/items/0/plan/title") != "关爱空巢老人" || day.text("/items/0/household/address/estate") != "大儒巷" {
			t.Fatalf("the worker's day: %s", day.body)
		}
		stop := h.must(t, 201, call{method: "POST", url: "/v1/visits/" + h.visitAt(t, "outreach_worker", near) + "/check-in", as: "outreach_worker", body: door(niujia, 1, 30)})
		if len(stop.items("/proof/flags")) != 0 || stop.at("/proof/evidence/distanceM").(float64) > 31 {
			t.Errorf("30 m away: %s", stop.body)
		}
		weak := h.must(t, 201, call{method: "POST", url: "/v1/stops", as: "outreach_worker", body: joined(door(niujia, 2, 3000), object{"household": far})})
		if weak.text("/proof/flags/0/doubt") != "too_far" || weak.text("/proof/flags/0/text") == "" {
			t.Errorf("3 km away: %s", weak.body)
		}
		h.play(t, []scenario{
			{name: "another's visit", call: call{method: "POST", url: "/v1/stops", as: "other outreach_worker", body: joined(door(niujia, 1, 0), object{"household": near})}, status: 404},
			{name: "their lead's to complete", call: call{method: "POST", url: "/v1/stops/" + stop.text("/id") + "/complete", as: "grid_lead", body: object{"result": "met"}}, status: 403},
			{name: "no answers", call: call{method: "POST", url: "/v1/stops/" + stop.text("/id") + "/complete", as: "outreach_worker", body: object{"result": "met"}}, status: 422, pointers: []string{"/answers/health"}},
			{name: "wrong answers", call: call{method: "POST", url: "/v1/stops/" + stop.text("/id") + "/complete", as: "outreach_worker", body: object{"result": "met", "answers": object{"health": "dead", "x": 1}}}, status: 422, pointers: []string{"/answers/x", "/answers/health"}},
			{name: "no such category", call: call{method: "POST", url: "/v1/stops/" + stop.text("/id") + "/complete", as: "outreach_worker", body: object{"result": "met", "answers": object{"health": "good"}, "needs": []object{{"category": "love", "title": "x"}}}}, status: 422, pointers: []string{"/needs/0/category"}},
			{name: "not at home", call: call{method: "POST", url: "/v1/stops", as: "outreach_worker", body: object{"household": near, "channel": "home"}}, status: 422, pointers: []string{"/position"}},
			{name: "nothing due", call: call{method: "POST", url: "/v1/stops", as: "outreach_worker", body: object{"household": near, "channel": "phone"}}, status: 409, code: "nothing_due"},
		})
		sheet := h.must(t, 200, call{method: "GET", url: "/v1/stops/" + stop.text("/id") + "/sheet", as: "outreach_worker"})
		if sheet.text("/questions/0/key") != "health" || sheet.text("/questions/0/schema/title") != "健康" ||
			sheet.text("/questions/0/options/0/text/en") != "Good" || sheet.text("/questions/0/options/1/text/en") != "较差" {
			t.Errorf("the sheet: %s", sheet.body)
		}
		h.clock.move(10 * time.Minute)
		done := object{"result": "met", "answers": object{"health": "poor"}, "promises": []object{{"text": "送药", "dueOn": "2026-11-25"}},
			"needs": []object{{"category": "pipe_dispute", "title": "漏水", "note": "厨房"}}, "aids": []object{{"title": "米"}}}
		finish := call{method: "POST", url: "/v1/visits/" + stop.text("/visits/0") + "/complete", as: "outreach_worker", body: done}
		over := h.must(t, 200, finish)
		again := h.must(t, 200, finish)
		id := over.text("/needs/0/opened/id")
		if over.text("/proof/state") != "clear" || again.text("/needs/0/opened/id") != id || over.text("/needs/0/opened/state") != "reported" || over.text("/answers/elder_visit/health") != "poor" {
			t.Errorf("completed: %s", over.body)
		}
		opened := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + id, as: "grid_lead"})
		if opened.text("/title") != "漏水" || fmt.Sprint(opened.at("/links")) != fmt.Sprint([]any{map[string]any{"kind": "stop", "id": stop.text("/id")}, map[string]any{"kind": "household", "id": near}}) ||
			opened.text("/reporter/name") != "王*英" || opened.text("/reporter/phone") != "139****1111" || opened.text("/place/cell/code") != cellCode(niujia, 1) || opened.text("/source") != "worker" {
			t.Errorf("opened: %s", opened.body)
		}
		if got := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + id, as: "dispatcher"}); len(got.items("/links")) != 0 {
			t.Errorf("the dispatcher is led to %v", got.at("/links"))
		}
		other := h.home(t, niujia, 1, "909") // both turn out to be one: ticket and stop lead to the one that stays
		h.must(t, 200, call{method: "POST", url: "/v1/households/" + other + "/merge", as: "community_manager", body: object{"household": near}})
		led := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + id, as: "grid_lead"})
		there := h.must(t, 200, call{method: "GET", url: "/v1/stops?household=" + other, as: "grid_lead"})
		if led.text("/links/1/id") != other || there.text("/items/0/id") != stop.text("/id") || there.text("/items/0/household/id") != other {
			t.Errorf("merged: %s, %s", led.at("/links"), there.body)
		}
		h.must(t, 200, call{method: "POST", url: "/v1/households/" + other + "/unmerge", as: "community_manager", body: object{"household": near}})
		if v := h.must(t, 200, call{method: "GET", url: "/v1/visits/" + stop.text("/visits/0"), as: "grid_lead"}); v.at("/covered") != true || v.text("/state") != "completed" {
			t.Errorf("the visit: %s", v.body)
		}
		promised := h.must(t, 200, call{method: "GET", url: "/v1/promises?until=2026-11-25", as: "grid_lead"})
		if len(promised.items("/items")) != 1 {
			t.Fatalf("promised: %s", promised.body)
		}
		h.must(t, 200, call{method: "POST", url: "/v1/promises/" + promised.text("/items/0/id") + "/end", as: "outreach_worker", body: object{"state": "kept"}})
		h.must(t, 200, call{method: "POST", url: "/v1/stops/" + weak.text("/id") + "/complete", as: "outreach_worker", body: object{"result": "met", "answers": object{"health": "good"}}})
		queue := h.must(t, 200, call{method: "GET", url: "/v1/stops?queue=review", as: "grid_lead"})
		if len(queue.items("/items")) != 1 || queue.text("/items/0/id") != weak.text("/id") {
			t.Errorf("in review: %s", queue.body)
		}
		rejected := h.must(t, 200, call{method: "POST", url: "/v1/visits/" + weak.text("/visits/0") + "/review", as: "grid_lead", body: object{"accept": false, "note": "三公里外"}})
		if rejected.text("/proof/state") != "rejected" || rejected.text("/proof/by/name") == "" {
			t.Errorf("rejected: %s", rejected.body)
		}
		if v := h.must(t, 200, call{method: "GET", url: "/v1/visits/" + weak.text("/visits/0"), as: "grid_lead"}); v.at("/covered") != false {
			t.Errorf("covered still: %s", v.body)
		}
		if w := h.must(t, 200, call{method: "GET", url: "/v1/works?kind=aid", as: "street_manager"}); w.text("/items/0/title") != "米" {
			t.Errorf("work: %s", w.body)
		}
	})
}

func joined(a, b object) object {
	out := object{}
	for _, o := range []object{a, b} {
		for k, v := range o {
			out[k] = v
		}
	}
	return out
}
