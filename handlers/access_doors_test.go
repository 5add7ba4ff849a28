package handlers

import (
	"strings"
	"testing"

	"wangge/domain/visit"
	"wangge/handlers/web"
)

// walkDoors is the part of the walk that leads to people's doors.
var walkDoors = []walked{
	{"GET /v1/me/route",
		"401 403 403 403 200 403 200 200 403 200 200", "401 403 403 403 200 403 200 200 403 200 200", get("/v1/me/route")},
	{"POST /v1/me/calendar",
		"401 403 403 403 201 403 201 201 403 201 201", "401 403 403 403 201 403 201 201 403 201 201", same("POST", "/v1/me/calendar", nil)},
	{"GET /v1/me/calendar",
		"401 403 403 403 200 403 200 200 403 200 200", "401 403 403 403 200 403 200 200 403 200 200", get("/v1/me/calendar")},
	{"DELETE /v1/me/calendar",
		"401 403 403 403 204 403 204 204 403 204 204", "401 403 403 403 204 403 204 204 403 204 204", same("DELETE", "/v1/me/calendar", nil)},
	{"GET /calendars/:secret.ics", // which nobody was given
		"404 404 404 404 404 404 404 404 404 404 404", "404 404 404 404 404 404 404 404 404 404 404", get("/calendars/q1xqy2v0Xb4m3b2v1c0n9m8l7k6j5h4g3f2d1s0a9p8.ics")},
	//                                      nobody resident integr. handler outreach counter lead community dispatch street admin
	{"GET /v1/households",
		"401 403 403 403 200 403 200 200 200 200 200", "401 403 403 403 none 403 none none none none none", get("/v1/households?area=" + pingjiang)},
	{"POST /v1/households",
		"401 403 403 403 422 403 422 422 403 422 422", "401 403 403 403 422 403 422 422 403 422 422", same("POST", "/v1/households", object{})},
	{"POST /v1/households/find", // anywhere in the city
		"401 403 403 403 403 200 403 403 403 403 403", "401 403 403 403 403 200 403 403 403 403 403", same("POST", "/v1/households/find", object{"phone": "13900000001", "purpose": "窗口办件"})},
	{"POST /v1/households/search",
		"401 403 403 403 200 403 200 200 200 200 200", "401 403 403 403 none 403 none none none none none", same("POST", "/v1/households/search", object{"q": "大儒巷", "area": pingjiang})},
	{"POST /v1/households/import",
		"401 403 403 403 403 403 403 200 403 200 200", "401 403 403 403 403 403 403 404 403 404 404", func(*testing.T, *harness, string) call {
			return call{method: "POST", url: "/v1/households/import?street=" + pingjiang, body: "estate,building\n", header: map[string]string{"Content-Type": web.CSV}}
		}},
	{"GET /v1/households/:id",
		"401 403 403 403 200 403 200 200 200 200 200", "401 403 403 403 404 403 404 404 404 404 404", theirs("GET", "/v1/households/{home}", nil)},
	{"PATCH /v1/households/:id",
		"401 403 403 403 200 403 200 200 403 200 200", "401 403 403 403 404 403 404 404 403 404 404", theirs("PATCH", "/v1/households/{home}", object{})},
	{"DELETE /v1/households/:id",
		"401 403 403 403 412 403 412 412 403 412 412", "401 403 403 403 404 403 404 404 403 404 404", stale(theirs("DELETE", "/v1/households/{home}", nil))},
	{"POST /v1/households/:id/move",
		"401 403 403 403 422 403 422 422 403 422 422", "401 403 403 403 422 403 422 422 403 422 422", theirs("POST", "/v1/households/{home}/move", object{})},
	{"POST /v1/households/:id/merge",
		"401 403 403 403 422 403 422 422 403 422 422", "401 403 403 403 404 403 404 404 403 404 404", theirs("POST", "/v1/households/{home}/merge", object{"household": "x"})},
	{"POST /v1/households/:id/unmerge",
		"401 403 403 403 422 403 422 422 403 422 422", "401 403 403 403 404 403 404 404 403 404 404", theirs("POST", "/v1/households/{home}/unmerge", object{"household": "x"})},
	{"POST /v1/households/:id/moved-away", // where nothing waits
		"401 403 403 403 403 403 409 409 403 409 409", "401 403 403 403 404 403 404 404 403 404 404", theirs("POST", "/v1/households/{home}/moved-away", object{"confirmed": true})},
	{"POST /v1/households/:id/reveal",
		"401 403 403 403 200 403 200 200 403 200 200", "401 403 403 403 404 403 404 404 403 404 404", func(_ *testing.T, h *harness, _ string) call {
			return call{method: "POST", url: "/v1/households/" + h.walked["{home}"] + "/reveal", body: object{"person": h.walked["{member}"], "fields": []string{"phone"}, "reason": "回访"}}
		}},
	{"GET /v1/households/:id/stays",
		"401 403 403 403 none 403 none none none none none", "401 403 403 403 404 403 404 404 404 404 404", theirs("GET", "/v1/households/{home}/stays", nil)},
	{"POST /v1/households/:id/members",
		"401 403 403 403 201 403 201 201 403 201 201", "401 403 403 403 404 403 404 404 403 404 404", theirs("POST", "/v1/households/{home}/members", object{"name": "新人"})},
	{"PATCH /v1/households/:id/members/:member",
		"401 403 403 403 200 403 200 200 403 200 200", "401 403 403 403 404 403 404 404 403 404 404", theirs("PATCH", "/v1/households/{home}/members/{member}", object{})},
	{"DELETE /v1/households/:id/members/:member",
		"401 403 403 403 404 403 404 404 403 404 404", "401 403 403 403 404 403 404 404 403 404 404", theirs("DELETE", "/v1/households/{home}/members/none?reason=left", nil)},
	{"POST /v1/households/:id/members/:member/move",
		"401 403 403 403 422 403 422 422 403 422 422", "401 403 403 403 404 403 404 404 403 404 404", theirs("POST", "/v1/households/{home}/members/{member}/move", object{"to": "x"})},
	{"PUT /v1/households/:id/members/:member/tags/:tag",
		"401 403 403 403 200 403 200 200 403 200 200", "401 403 403 403 404 403 404 404 403 404 404", theirs("PUT", "/v1/households/{home}/members/{member}/tags/party_member", object{})},
	{"DELETE /v1/households/:id/members/:member/tags/:tag",
		"401 403 403 403 200 403 404 404 403 404 404", "401 403 403 403 404 403 404 404 403 404 404", theirs("DELETE", "/v1/households/{home}/members/{member}/tags/property_owner", nil)},
	{"GET /v1/tags",
		"401 403 403 403 200 403 200 200 200 200 200", "401 403 403 403 200 403 200 200 200 200 200", get("/v1/tags?street=" + pingjiang)},
	{"GET /v1/tags/:code",
		"401 403 403 403 200 403 200 200 200 200 200", "401 403 403 403 200 403 200 200 200 200 200", get("/v1/tags/empty_nest_elder?street=" + pingjiang)},
	{"PUT /v1/tags/:code",
		"401 403 403 403 403 403 403 403 403 200 200", "401 403 403 403 403 403 403 403 403 403 403", theirs("PUT", "/v1/tags/lives_alone", object{"street": pingjiang, "name": object{"zh-CN": "独居", "en": "Alone"}})},
	{"GET /v1/forms",
		"401 403 403 403 200 403 200 200 403 200 200", "401 403 403 403 200 403 200 200 403 200 200", get("/v1/forms?street=" + pingjiang)},
	{"POST /v1/forms",
		"401 403 403 403 403 403 403 403 403 422 422", "401 403 403 403 403 403 403 403 403 403 403", same("POST", "/v1/forms", object{"street": pingjiang, "code": "", "title": object{"zh-CN": "表", "en": "Form"}, "schema": object{}})},
	{"GET /v1/forms/:id",
		"401 403 403 403 200 403 200 200 403 200 200", "401 403 403 403 200 403 200 200 403 200 200", theirs("GET", "/v1/forms/{form}", nil)},
	{"GET /v1/forms/:id/versions",
		"401 403 403 403 200 403 200 200 403 200 200", "401 403 403 403 200 403 200 200 403 200 200", theirs("GET", "/v1/forms/{form}/versions", nil)},
	{"POST /v1/forms/:id/versions",
		"401 403 403 403 403 403 403 403 403 422 422", "401 403 403 403 403 403 403 403 403 403 403", theirs("POST", "/v1/forms/{form}/versions", object{"title": object{"zh-CN": "表", "en": "Form"}, "schema": object{}})},
	{"GET /v1/visit-plans",
		"401 403 403 403 403 403 403 none 403 200 200", "401 403 403 403 403 403 403 none 403 none none", get("/v1/visit-plans?area=" + pingjiang)},
	{"POST /v1/visit-plans",
		"401 403 403 403 403 403 403 201 403 201 201", "401 403 403 403 403 403 403 422 403 422 422", same("POST", "/v1/visit-plans", elderPlan(niujia, nil))},
	{"GET /v1/visit-plans/:id",
		"401 403 403 403 403 403 403 404 403 200 200", "401 403 403 403 403 403 403 404 403 404 404", theirs("GET", "/v1/visit-plans/{plan}", nil)},
	{"GET /v1/visit-plans/:id/preview",
		"401 403 403 403 403 403 403 404 403 200 200", "401 403 403 403 403 403 403 404 403 404 404", theirs("GET", "/v1/visit-plans/{plan}/preview", nil)},
	{"PUT /v1/visit-plans/:id/terms",
		"401 403 403 403 403 403 403 404 403 422 422", "401 403 403 403 403 403 403 404 403 404 404", theirs("PUT", "/v1/visit-plans/{plan}/terms", object{"from": "", "terms": object{"rules": []object{}, "windowDays": 0}})},
	{"POST /v1/visit-plans/:id/transitions",
		"401 403 403 403 403 403 403 404 403 200 200", "401 403 403 403 403 403 403 404 403 404 404", theirs("POST", "/v1/visit-plans/{plan}/transitions", object{"action": "activate"})},
	{"GET /v1/policies/:area",
		"401 403 403 200 200 200 200 200 200 200 200", "401 403 403 404 404 404 404 404 404 404 404", get("/v1/policies/" + pingjiang)},
	{"GET /v1/policies/:area/versions",
		"401 403 403 200 200 200 200 200 200 200 200", "401 403 403 404 404 404 404 404 404 404 404", get("/v1/policies/" + pingjiang + "/versions")},
	{"GET /v1/policies/:area/draft",
		"401 403 403 403 403 403 403 403 403 404 404", "401 403 403 404 404 404 404 404 404 404 404", get("/v1/policies/" + pingjiang + "/draft")},
	{"PUT /v1/policies/:area/draft",
		"401 403 403 403 403 403 403 403 403 200 200", "401 403 403 403 403 403 403 403 403 404 404", theirs("PUT", "/v1/policies/"+pingjiang+"/draft", object{})},
	{"DELETE /v1/policies/:area/draft",
		"401 403 403 403 403 403 403 403 403 204 404", "401 403 403 403 403 403 403 403 403 404 404", theirs("DELETE", "/v1/policies/"+pingjiang+"/draft", nil)},
	{"POST /v1/policies/:area/draft/import",
		"401 403 403 403 403 403 403 403 403 200 200", "401 403 403 403 403 403 403 403 403 404 404", func(_ *testing.T, _ *harness, _ string) call {
			return call{method: "POST", url: "/v1/policies/" + pingjiang + "/draft/import", body: trades, header: map[string]string{"Content-Type": web.CSV}}
		}},
	{"POST /v1/policies/:area/check",
		"401 403 403 403 403 403 403 403 403 200 200", "401 403 403 403 403 403 403 403 403 404 404", same("POST", "/v1/policies/"+pingjiang+"/check", object{})},
	{"POST /v1/policies/:area/publish",
		"401 403 403 403 403 403 403 403 403 422 422", "401 403 403 403 403 403 403 403 403 404 404", theirs("POST", "/v1/policies/"+pingjiang+"/publish", object{"from": "2026-01-01", "why": "x"})},
	{"GET /v1/holidays", someone, someone, get("/v1/holidays?year=2026")},
	{"PUT /v1/holidays/:year",
		"401 403 403 403 403 403 403 403 403 403 200", "401 403 403 403 403 403 403 403 403 403 403", theirs("PUT", "/v1/holidays/2027", mayDay)},
	{"POST /v1/holidays/import",
		"401 403 403 403 403 403 403 403 403 403 200", "401 403 403 403 403 403 403 403 403 403 403",
		func(*testing.T, *harness, string) call {
			return call{method: "POST", url: "/v1/holidays/import?source=x", body: mayDays, header: map[string]string{"Content-Type": web.CSV}}
		}},
	{"GET /v1/visit-policies/:street",
		"401 403 403 403 200 403 200 200 403 200 200", "401 403 403 403 200 403 200 200 403 200 200", get("/v1/visit-policies/" + pingjiang)},
	{"PUT /v1/visit-policies/:street",
		"401 403 403 403 403 403 403 403 403 422 422", "401 403 403 403 403 403 403 403 403 403 403", theirs("PUT", "/v1/visit-policies/"+pingjiang, object{"thresholds": thresholds(0), "reviewAt": -1, "weekLimit": 0, "welfareTags": []string{}})},
	{"GET /v1/visits",
		"401 403 403 403 200 403 200 200 403 200 200", "401 403 403 403 none 403 none none 403 none none", get("/v1/visits?area=" + pingjiang)},
	{"GET /v1/visits/:id",
		"401 403 403 403 200 403 200 200 403 200 200", "401 403 403 403 404 403 404 404 403 404 404", theirs("GET", "/v1/visits/{visit}", nil)},
	{"POST /v1/visits/:id/check-in",
		"401 403 403 403 422 403 422 422 403 422 422", "401 403 403 403 404 403 404 404 403 404 404", theirs("POST", "/v1/visits/{visit}/check-in", object{"channel": "home"})},
	{"POST /v1/visits/:id/complete",
		"401 403 403 403 409 403 409 409 403 409 409", "401 403 403 403 404 403 404 404 403 404 404", theirs("POST", "/v1/visits/{visit}/complete", object{"result": "met"})},
	{"POST /v1/visits/:id/review",
		"401 403 403 403 409 403 409 409 403 409 409", "401 403 403 403 404 403 404 404 403 404 404", theirs("POST", "/v1/visits/{visit}/review", object{"accept": true, "note": "x"})},
	{"POST /v1/visits/:id/reschedule",
		"401 403 403 403 422 403 422 422 403 422 422", "401 403 403 403 404 403 404 404 403 404 404", theirs("POST", "/v1/visits/{visit}/reschedule", object{"reason": "", "day": ""})},
	{"POST /v1/visits/:id/reassign",
		"401 403 403 403 403 403 422 422 403 422 422", "401 403 403 403 404 403 404 404 403 404 404", theirs("POST", "/v1/visits/{visit}/reassign", object{"reason": "", "assignee": nil})},
	{"POST /v1/visits/:id/miss",
		"401 403 403 403 422 403 422 422 403 422 422", "401 403 403 403 404 403 404 404 403 404 404", theirs("POST", "/v1/visits/{visit}/miss", object{"reason": ""})},
	{"POST /v1/visits/:id/cancel",
		"401 403 403 403 403 403 422 422 403 422 422", "401 403 403 403 404 403 404 404 403 404 404", theirs("POST", "/v1/visits/{visit}/cancel", object{"reason": ""})},
	{"GET /v1/stops",
		"401 403 403 403 200 403 200 200 403 200 200", "401 403 403 403 none 403 none none 403 none none", get("/v1/stops?queue=review&area=" + pingjiang)},
	{"POST /v1/stops",
		"401 403 403 403 201 403 201 403 403 403 403", "401 403 403 403 404 403 404 404 403 404 404", func(_ *testing.T, h *harness, _ string) call {
			return call{method: "POST", url: "/v1/stops", body: object{"household": h.walked["{home}"], "channel": "phone", "adHoc": true}}
		}},
	{"GET /v1/stops/:id",
		"401 403 403 403 200 403 200 200 403 200 200", "401 403 403 403 404 403 404 404 403 404 404", theirs("GET", "/v1/stops/{stop}", nil)},
	{"GET /v1/stops/:id/sheet", // which is over: its sheet is nobody's any more
		"401 403 403 403 409 403 403 403 403 403 403", "401 403 403 403 404 403 404 404 403 404 404", theirs("GET", "/v1/stops/{stop}/sheet", nil)},
	{"POST /v1/stops/:id/complete",
		"401 403 403 403 409 403 403 403 403 403 403", "401 403 403 403 404 403 404 404 403 404 404", theirs("POST", "/v1/stops/{stop}/complete", object{"result": "met"})},
	{"POST /v1/stops/:id/abandon",
		"401 403 403 403 409 403 409 409 403 409 409", "401 403 403 403 404 403 404 404 403 404 404", theirs("POST", "/v1/stops/{stop}/abandon", object{"reason": "x"})},
	{"POST /v1/stops/:id/review",
		"401 403 403 403 403 403 200 409 403 409 409", "401 403 403 403 404 403 404 404 403 404 404", theirs("POST", "/v1/stops/{stop}/review", object{"accept": true, "note": "x"})},
	{"POST /v1/stops/:id/clear-alert",
		"401 403 403 403 403 403 409 409 403 409 409", "401 403 403 403 404 403 404 404 403 404 404", theirs("POST", "/v1/stops/{stop}/clear-alert", object{"note": "x"})},
	{"GET /v1/promises",
		"401 403 403 403 200 403 200 200 403 200 200", "401 403 403 403 none 403 none none 403 none none", get("/v1/promises?area=" + pingjiang)},
	{"POST /v1/promises/:id/end",
		"401 403 403 403 200 403 200 200 403 200 200", "401 403 403 403 404 403 404 404 403 404 404", theirs("POST", "/v1/promises/{promise}/end", object{"state": "kept"})},
	{"GET /v1/works",
		"401 403 403 403 200 403 200 200 403 200 200", "401 403 403 403 none 403 none none 403 none none", get("/v1/works?area=" + pingjiang)},
	{"POST /v1/works",
		"401 403 403 403 422 403 422 422 403 422 422", "401 403 403 403 422 403 422 422 403 422 422", same("POST", "/v1/works", object{"area": niujia, "title": "", "heldAt": morning})},
}

// thresholds are those of every doubt, with this score.
func thresholds(score int) object {
	out := object{}
	for _, d := range visit.Doubts {
		out[string(d)] = object{"limit": 1, "score": score}
	}
	return out
}

// stale states a version that there is not, so that nothing is deleted.
func stale(of func(*testing.T, *harness, string) call) func(*testing.T, *harness, string) call {
	return func(t *testing.T, h *harness, who string) call {
		c := of(t, h, who)
		c.header = map[string]string{"If-Match": `"99"`}
		return c
	}
}

// theirs is a call of an address under what the walk prepared.
func theirs(method, url string, body any) func(*testing.T, *harness, string) call {
	return func(_ *testing.T, h *harness, _ string) call {
		at := url
		for name, id := range h.walked {
			at = strings.ReplaceAll(at, name, id)
		}
		return matched(call{method: method, url: at, body: body})
	}
}

// prepareDoors makes two households with a visit each: one due, one done with a promise.
func (h *harness) prepareDoors(t *testing.T) {
	t.Helper()
	schema := object{"type": "object", "properties": object{"health": object{"title": "健康", "x-title-en": "Health", "type": "string"}}}
	h.walked = map[string]string{"{form}": h.must(t, 201, call{method: "POST", url: "/v1/forms", as: "street_manager", body: object{"street": pingjiang, "code": "elder", "title": object{"zh-CN": "表", "en": "Form"}, "schema": schema}}).text("/id")}
	home, done := h.home(t, niujia, 1, "101", "empty_nest_elder", "property_owner"), h.home(t, niujia, 1, "102", "empty_nest_elder")
	h.walked["{home}"], h.walked["{plan}"] = home, h.active(t, "street_manager", elderPlan(pingjiang, nil))
	h.walked["{member}"] = h.must(t, 200, call{method: "GET", url: "/v1/households/" + home, as: "admin"}).text("/members/0/id")
	h.walked["{visit}"] = h.visitAt(t, "admin", home)
	h.walked["{done}"] = h.visitAt(t, "admin", done)
	stop := h.must(t, 201, call{method: "POST", url: "/v1/stops", as: "outreach_worker", body: joined(door(niujia, 1, 3000), object{"household": done})}).text("/id")
	h.must(t, 200, call{method: "POST", url: "/v1/stops/" + stop + "/complete", as: "outreach_worker", body: object{"result": "met", "promises": []object{{"text": "送药", "dueOn": "2026-11-25"}}, "aids": []object{{"title": "米"}}}})
	h.walked["{stop}"] = stop
	h.walked["{promise}"] = h.must(t, 200, call{method: "GET", url: "/v1/promises", as: "admin"}).text("/items/0/id")
}
