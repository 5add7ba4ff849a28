package handlers

import (
	"strings"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
)

// moveAway posts the outreach worker of Niujia in the other street, and nowhere else.
func (h *harness) moveAway(t *testing.T) {
	t.Helper()
	lead := []area.Post{{Account: h.people["grid_lead"].id, Role: access.GridLead}}
	for n := 1; n <= 2; n++ {
		must(h.Accounts.SetStaff(t.Context(), program, h.clock.read(), cellCode(niujia, n), lead, nil, 0))(t)
	}
	must(h.Accounts.SetGrants(t.Context(), program, h.clock.read(), h.people["outreach_worker"].id, 0, []account.GrantInput{{Role: access.OutreachWorker, Area: jinshi}}))(t)
	posts := []area.Post{{Account: h.people["other grid_lead"].id, Role: access.GridLead}, {Account: h.people["outreach_worker"].id, Role: access.OutreachWorker}}
	must(h.Accounts.SetStaff(t.Context(), program, h.clock.read(), cellCode(jinshi, 1), posts, nil, 0))(t)
}

// Who was at a door once and works elsewhere now sees what was recorded then,
// and nothing of what has become of the household since.
func TestOldStopsLeadNowhere(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		home := h.home(t, niujia, 1, "101", "empty_nest_elder")
		h.active(t, "community_manager", elderPlan(niujia, nil))
		visit := h.visitAt(t, "outreach_worker", home)
		h.must(t, 200, call{method: "POST", url: "/v1/visits/" + visit + "/reassign", as: "grid_lead", body: object{"assignee": h.people["outreach_worker"].id, "reason": "熟悉"}})
		stop := h.must(t, 201, call{method: "POST", url: "/v1/visits/" + visit + "/check-in", as: "outreach_worker", body: door(niujia, 1, 30)}).text("/id")
		done := h.must(t, 200, call{method: "POST", url: "/v1/stops/" + stop + "/complete", as: "outreach_worker", body: object{"result": "no_answer", "promises": []object{{"text": "再来", "dueOn": "2026-11-25"}},
			"needs": []object{{"category": "noise", "title": "夜间装修"}}, "aids": []object{{"title": "米"}}}})
		open := h.must(t, 201, call{method: "POST", url: "/v1/stops", as: "outreach_worker", body: object{"household": home, "channel": "phone", "adHoc": true}}).text("/id")
		ticket := done.text("/needs/0/opened/id")
		own := []scenario{
			{name: "own stop", call: call{method: "GET", url: "/v1/stops/" + stop, as: "outreach_worker"}, status: 200,
				fields: object{"/household/id": home, "/address/text": "大儒巷8幢101室", "/promises/0/text": "再来", "/alertNote": ""}},
			{name: "its sheet", call: call{method: "GET", url: "/v1/stops/" + stop + "/sheet", as: "outreach_worker"}, status: 409, code: "wrong_state"},
			{name: "the sheet of the open one", call: call{method: "GET", url: "/v1/stops/" + open + "/sheet", as: "outreach_worker"}, status: 200, fields: object{"/promises/0/text": "再来"}},
			{name: "the ticket", call: call{method: "GET", url: "/v1/tickets/" + ticket, as: "outreach_worker"}, status: 200, fields: object{"/links/1/kind": "household"}},
		}
		h.play(t, own)

		h.clock.move(time.Hour)
		h.moveAway(t)
		h.must(t, 200, call{method: "POST", url: "/v1/stops/" + open + "/abandon", as: "grid_lead", body: object{"reason": "人已调走"}})
		later := h.must(t, 201, call{method: "POST", url: "/v1/stops", as: "grid_lead", body: object{"household": home, "channel": "phone", "adHoc": true}}).text("/id")
		h.must(t, 200, call{method: "POST", url: "/v1/stops/" + later + "/complete", as: "grid_lead", body: object{"result": "met", "promises": []object{{"text": "送药", "dueOn": "2026-11-24"}}}})
		h.must(t, 200, call{method: "POST", url: "/v1/promises/" + done.text("/promises/0/id") + "/end", as: "grid_lead", body: object{"state": "withdrawn", "note": "已住院"}})
		version := h.must(t, 200, call{method: "GET", url: "/v1/households/" + home, as: "admin"}).header.Get("ETag")
		to := inside(niujia, 2)
		h.must(t, 200, call{method: "POST", url: "/v1/households/" + home + "/move", as: "admin", header: map[string]string{"If-Match": version}, body: object{
			"address": object{"estate": "新苑", "building": "9", "room": "909"}, "position": object{"lon": to[0], "lat": to[1], "datum": "wgs84"}}})

		get := func(url, as string) call { return call{method: "GET", url: url, as: as} }
		h.play(t, []scenario{
			{name: "own stop, later", call: get("/v1/stops/"+stop, "outreach_worker"), status: 200, fields: object{"/household": nil, "/address/text": "大儒巷8幢101室", "/promises/0": nil, "/aids/0/title": "米"}},
			{name: "the open one, given up", call: get("/v1/stops/"+open+"/sheet", "outreach_worker"), status: 409, code: "wrong_state"},
			{name: "own visit", call: get("/v1/visits/"+visit, "outreach_worker"), status: 200, fields: object{"/household": nil}},
			{name: "own visits", call: get("/v1/visits?state=completed", "outreach_worker"), status: 200, fields: object{"/items/0/id": visit, "/items/0/household": nil}},
			{name: "the household", call: get("/v1/households/"+home, "outreach_worker"), status: 404},
			{name: "what was promised", call: call{method: "POST", url: "/v1/promises/" + done.text("/promises/0/id") + "/end", as: "outreach_worker", body: object{"state": "kept"}}, status: 404},
			{name: "the lead", call: get("/v1/stops/"+stop, "grid_lead"), status: 200, fields: object{"/household/address/text": "新苑9幢909室", "/address/text": "大儒巷8幢101室", "/promises/0/state": "withdrawn"}},
			{name: "its sheet to the lead", call: get("/v1/stops/"+stop+"/sheet", "grid_lead"), status: 403},
		})
		for _, url := range []string{"/v1/stops/" + stop, "/v1/visits/" + visit, "/v1/visits", "/v1/stops?household=" + home, "/v1/promises", "/v1/works", "/v1/me/route"} {
			a := h.must(t, 200, call{method: "GET", url: url, as: "outreach_worker"})
			for _, word := range []string{"新苑", "送药", "已住院"} {
				if strings.Contains(string(a.body), word) {
					t.Errorf("%s says %s: %s", url, word, a.body)
				}
			}
		}
		if own := h.must(t, 200, get("/v1/tickets/"+ticket, "admin")); len(own.items("/links")) != 2 {
			t.Errorf("the admin is led to %v", own.at("/links"))
		}
	})
}
