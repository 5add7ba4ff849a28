package handlers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/domain/notice"
	"wangge/domain/ticket"
	"wangge/handlers/web"
	"wangge/store"
)

// columns are who calls in the walk, nobody first.
var columns = strings.Fields("nobody resident integration handler outreach_worker counter_worker grid_lead community_manager dispatcher street_manager admin")

// walked is a route and what it answers to each column: those of the street
// where the thing lies, and those of another. "none" is a list that is empty.
type walked struct {
	route           string
	inside, outside string
	call            func(*testing.T, *harness, string) call
}

const (
	anybody  = "200 200 200 200 200 200 200 200 200 200 200"
	someone  = "401 200 200 200 200 200 200 200 200 200 200"
	refused  = "422 422 422 422 422 422 422 422 422 422 422" // the body is empty: the gate let it pass
	notTheir = "401 404 403 404 404 404 404 404 404 404 404" // a ticket of another street
)

// get is a call of an address that is the same for everybody.
func get(url string) func(*testing.T, *harness, string) call {
	return func(*testing.T, *harness, string) call { return call{method: "GET", url: url} }
}

// on is a call of a path under the walk's ticket.
func on(method, path string, body any) func(*testing.T, *harness, string) call {
	return func(_ *testing.T, h *harness, _ string) call {
		return call{method: method, url: "/v1/tickets/" + h.walkedTicket + path, body: body}
	}
}

// matched is a change of whatever version there is.
func matched(c call) call {
	if c.method != "GET" {
		c.header = map[string]string{"If-Match": "*"}
	}
	return c
}

// walk is every route of the program.
var walk = []walked{
	//                                      nobody resident integr. handler outreach counter lead community dispatch street admin
	{"GET /healthz", anybody, anybody, get("/healthz")},
	{"GET /readyz", anybody, anybody, get("/readyz")},
	{"GET /.well-known/jwks.json", anybody, anybody, get("/.well-known/jwks.json")},
	{"GET /openapi.yaml", anybody, anybody, get("/openapi.yaml")},
	{"GET /", strings.ReplaceAll(anybody, "200", "302"), strings.ReplaceAll(anybody, "200", "302"), get("/")},
	{"GET /console", anybody, anybody, get("/console")},
	{"GET /console/*", anybody, anybody, get("/console/work")},
	{"GET /map", anybody, anybody, get("/map")},
	{"GET /docs", anybody, anybody, get("/docs")},
	{"GET /docs/:file", anybody, anybody, get("/docs/docs.css")},
	{"GET /v1/meta", anybody, anybody, get("/v1/meta")},
	{"POST /v1/codes", refused, refused, same("POST", "/v1/codes", object{})},
	{"POST /v1/sessions", refused, refused, same("POST", "/v1/sessions", object{})},
	{"POST /v1/sessions/refresh", refused, refused, same("POST", "/v1/sessions/refresh", object{})},
	{"POST /v1/sessions/browser", refused, refused, fromOwnPage("POST", "/v1/sessions/browser", object{})},
	{"POST /v1/sessions/browser/refresh", strings.ReplaceAll(refused, "422", "401"), strings.ReplaceAll(refused, "422", "401"), fromOwnPage("POST", "/v1/sessions/browser/refresh", object{})}, // without a cookie
	{"DELETE /v1/sessions/browser", strings.ReplaceAll(refused, "422", "204"), strings.ReplaceAll(refused, "422", "204"), fromOwnPage("DELETE", "/v1/sessions/browser", nil)},
	{"DELETE /v1/sessions/current",
		"401 204 204 204 204 204 204 204 204 204 204", "401 204 204 204 204 204 204 204 204 204 204",
		func(_ *testing.T, h *harness, who string) call {
			if p := h.people[who]; p != nil {
				p.session = "" // one of its own, that can be spared
			}
			return call{method: "DELETE", url: "/v1/sessions/current"}
		}},
	{"GET /v1/me", someone, someone, func(_ *testing.T, h *harness, who string) call {
		if p := h.people[who]; p != nil {
			p.session = "" // the one before was signed out
		}
		return call{method: "GET", url: "/v1/me"}
	}},
	{"PATCH /v1/me", someone, someone, func(*testing.T, *harness, string) call {
		return matched(call{method: "PATCH", url: "/v1/me", body: object{"language": "zh-CN"}})
	}},
	{"POST /v1/me/todo/:id/done", someone, someone, func(t *testing.T, h *harness, who string) call {
		if h.people[who] == nil { // nobody
			who = "resident"
		}
		return call{method: "POST", url: "/v1/me/todo/" + h.asked(t, who, "ticket", ids.New()) + "/done"}
	}},
	{"GET /v1/me/today", // those have something to do that the walk makes for them
		"401 200 403 200 200 200 200 none none none none", "401 none 403 none none none none none none none none", get("/v1/me/today")},
	{"PUT /v1/me/devices/:id", someone, someone, func(_ *testing.T, h *harness, who string) call {
		return call{method: "PUT", url: "/v1/me/devices/" + ids.New(), body: theDevice("token of "+who, h.Now())}
	}},
	{"GET /v1/me/devices", someone, someone, get("/v1/me/devices")},
	{"DELETE /v1/me/devices/:id", // which is nobody's
		"401 404 404 404 404 404 404 404 404 404 404", "401 404 404 404 404 404 404 404 404 404 404",
		func(*testing.T, *harness, string) call {
			return call{method: "DELETE", url: "/v1/me/devices/" + ids.New()}
		}},
	{"GET /v1/me/wechat", someone, someone, get("/v1/me/wechat")},
	{"DELETE /v1/me/wechat", // which nobody has
		"401 204 204 204 204 204 204 204 204 204 204", "401 204 204 204 204 204 204 204 204 204 204", same("DELETE", "/v1/me/wechat", nil)},
	{"POST /v1/me/wechat/grants", // of no template
		"401 422 422 422 422 422 422 422 422 422 422", "401 422 422 422 422 422 422 422 422 422 422", same("POST", "/v1/me/wechat/grants", object{"accepted": []object{{"template": "x", "count": 1}}})},
	{"GET /v1/robots",
		"401 403 403 403 403 403 403 403 403 200 200", "401 403 403 403 403 403 403 403 403 none none", func(t *testing.T, h *harness, _ string) call {
			h.robot(t)
			return call{method: "GET", url: "/v1/robots"}
		}},
	{"POST /v1/robots",
		"401 403 403 403 403 403 403 403 403 201 201", "401 403 403 403 403 403 403 403 403 403 403", func(*testing.T, *harness, string) call {
			return call{method: "POST", url: "/v1/robots", body: theRobot(nil)}
		}},
	{"GET /v1/robots/:id", ofRobot200, ofRobot404, ofRobot("GET", "", nil)},
	{"PATCH /v1/robots/:id", ofRobot200, ofRobot404, ofRobot("PATCH", "", object{"title": "群"})},
	{"POST /v1/robots/:id/test", strings.ReplaceAll(ofRobot200, "200", "202"), ofRobot404, ofRobot("POST", "/test", nil)},
	{"DELETE /v1/robots/:id", strings.ReplaceAll(ofRobot200, "200", "204"), ofRobot404, ofRobot("DELETE", "", nil)},
	{"GET /v1/me/inbox", "401 none none none none none none none none none none", "401 none none none none none none none none none none", get("/v1/me/inbox")},
	{"GET /v1/me/inbox/counts", someone, someone, get("/v1/me/inbox/counts")},
	{"POST /v1/me/inbox/read", // of whoever calls
		someone, someone, func(t *testing.T, h *harness, who string) call {
			if h.people[who] == nil { // nobody
				who = "resident"
			}
			return call{method: "POST", url: "/v1/me/inbox/read", body: object{"ids": h.noticed(t, notice.Task, h.walkedTicket, who)}}
		}},
	{"GET /v1/me/inbox/:id", // of whoever calls, about the walk's ticket
		"401 200 404 200 200 200 200 200 200 200 200", "401 404 404 404 404 404 404 404 404 404 404", func(t *testing.T, h *harness, who string) call {
			if h.people[who] == nil { // nobody
				who = "resident"
			}
			return call{method: "GET", url: "/v1/me/inbox/" + h.noticed(t, notice.Task, h.walkedTicket, who)[0]}
		}},
	{"POST /v1/me/inbox/:id/acknowledge", // of whoever calls, about the walk's ticket
		"401 200 404 200 200 200 200 200 200 200 200", "401 404 404 404 404 404 404 404 404 404 404", func(t *testing.T, h *harness, who string) call {
			if h.people[who] == nil { // nobody
				who = "resident"
			}
			return call{method: "POST", url: "/v1/me/inbox/" + h.noticed(t, notice.Urgent, h.walkedTicket, who)[0] + "/acknowledge"}
		}},
	{"GET /v1/me/preferences", someone, someone, get("/v1/me/preferences")},
	{"PATCH /v1/me/preferences", someone, someone, func(*testing.T, *harness, string) call {
		return matched(call{method: "PATCH", url: "/v1/me/preferences", body: object{"quiet": object{"from": "21:00", "to": "07:00"}}})
	}},
	{"GET /v1/channels", "401 403 403 403 403 403 403 403 403 403 200", "401 403 403 403 403 403 403 403 403 403 403", get("/v1/channels")},
	{"GET /v1/me/todo", someone, someone, get("/v1/me/todo")},
	{"GET /v1/sms", "401 403 403 403 403 403 403 403 403 403 200", "401 403 403 403 403 403 403 403 403 403 403", get("/v1/sms")},
	{"GET /v1/events",
		"401 200 403 200 200 200 200 200 200 200 200", "401 200 403 200 200 200 200 200 200 200 200", get("/v1/events?wait=0")},
	{"POST /v1/events/tickets",
		"401 201 403 201 201 201 201 201 201 201 201", "401 201 403 201 201 201 201 201 201 201 201", same("POST", "/v1/events/tickets", nil)},
	{"GET /v1/accounts",
		"401 403 403 403 403 403 200 200 200 200 200", "401 403 403 403 403 403 none none none none none", get("/v1/accounts?area=" + pingjiang)},
	{"POST /v1/accounts",
		"401 403 403 403 403 403 403 403 403 201 201", "401 403 403 403 403 403 403 403 403 403 403",
		func(_ *testing.T, _ *harness, who string) call {
			return call{method: "POST", url: "/v1/accounts", body: object{"username": "by." + strings.ReplaceAll(who, " ", "."), "name": "新人", "grants": []object{{"role": "outreach_worker", "area": niujia}}}}
		}},
	{"GET /v1/accounts/:id",
		"401 404 404 404 404 404 200 200 200 200 200", "401 404 404 404 404 404 404 404 404 404 404", theAccount("GET", "", nil)},
	{"PATCH /v1/accounts/:id",
		"401 403 403 403 403 403 403 403 403 200 200", "401 403 403 403 403 403 403 403 403 404 404", theAccount("PATCH", "", object{"language": "en"})},
	{"PUT /v1/accounts/:id/grants",
		"401 403 403 403 403 403 403 403 403 200 200", "401 403 403 403 403 403 403 403 403 404 404",
		theAccount("PUT", "/grants", object{"grants": []object{{"role": "grid_lead", "area": niujia}}})},
	{"GET /v1/journal", // of a street, in which things happened
		"401 403 403 403 403 403 403 200 403 200 200", "401 403 403 403 403 403 403 none 403 none none", get("/v1/journal?street=" + pingjiang)},
	{"GET /v1/find", "401 403 403 200 200 200 200 200 200 200 200", "401 403 403 200 200 200 200 200 200 200 200", get("/v1/find?q=320508")},
	{"GET /v1/addresses",
		"401 none 403 none none none none none none none none", "401 none 403 none none none none none none none none", get("/v1/addresses?q=77")},
	{"POST /v1/addresses/import",
		"401 403 403 403 403 403 403 403 403 200 200", "401 403 403 403 403 403 403 403 403 200 200",
		func(*testing.T, *harness, string) call {
			return call{method: "POST", url: "/v1/addresses/import", body: "code,estate,lon,lat\n", header: map[string]string{"Content-Type": web.CSV}}
		}},
	{"GET /v1/organisations",
		"401 403 403 200 200 200 200 200 200 200 200", "401 403 403 200 200 200 200 200 200 200 200", get("/v1/organisations?area=" + pingjiang)},
	{"POST /v1/organisations",
		"401 403 403 403 403 403 403 403 201 201 201", "401 403 403 403 403 403 403 403 403 403 403",
		same("POST", "/v1/organisations", object{"name": "自来水", "kind": "water", "street": pingjiang})},
	{"GET /v1/organisations/:id",
		"401 403 403 200 200 200 200 200 200 200 200", "401 403 403 200 200 200 200 200 200 200 200", theOrganisation("GET", nil)},
	{"PATCH /v1/organisations/:id",
		"401 403 403 403 403 403 403 403 200 200 200", "401 403 403 403 403 403 403 403 403 403 403", theOrganisation("PATCH", object{"phone": nil})},
	{"GET /v1/areas", someone, someone, get("/v1/areas?parent=" + pingjiang)},
	{"POST /v1/areas/import",
		"401 403 403 403 403 403 403 403 403 403 200", "401 403 403 403 403 403 403 403 403 403 403",
		func(*testing.T, *harness, string) call {
			return call{method: "POST", url: "/v1/areas/import", body: areaFile, header: map[string]string{"Content-Type": web.CSV}}
		}},
	{"GET /v1/areas/:code", someone, someone, get("/v1/areas/" + niujia)},
	{"GET /v1/cells", someone, someone, get("/v1/cells?area=" + niujia)},
	{"GET /public/my-cell", anybody, anybody, get("/public/my-cell?lon=120.621&lat=31.311&datum=wgs84")},
	{"GET /public/map/:layer.json", anybody, anybody, get("/public/map/tickets.json")},
	{"GET /public/map/:layer/:z/:x/:y.mvt", anybody, anybody, get("/public/map/cells" + cityTile)},
	{"GET /v1/cells/at", someone, someone, get("/v1/cells/at?lon=120.621&lat=31.311&datum=wgs84")},
	{"POST /v1/cells/import",
		"401 403 403 403 403 403 403 403 403 200 200", "401 403 403 403 403 403 403 403 403 422 422",
		func(*testing.T, *harness, string) call {
			return call{method: "POST", url: "/v1/cells/import", body: collection(square(cellCode(niujia, 1), "第1网格", "basic", cellCorner(niujia, 1), cellEdge))}
		}},
	{"GET /v1/cells/:code", someone, someone, get("/v1/cells/" + cellCode(niujia, 1))},
	{"GET /v1/cells/:code/boundaries",
		"401 403 403 200 200 200 200 200 200 200 200", "401 403 403 200 200 200 200 200 200 200 200", get("/v1/cells/" + cellCode(niujia, 1) + "/boundaries")},
	{"POST /v1/cells/merge", "401 403 403 403 403 403 403 403 403 422 422", "401 403 403 403 403 403 403 403 403 422 422", same("POST", "/v1/cells/merge", object{"cells": []string{}, "into": ""})},
	{"PUT /v1/cells/:code/boundary", "401 403 403 403 403 403 403 403 403 422 422", "401 403 403 403 403 403 403 403 403 404 404",
		func(*testing.T, *harness, string) call {
			return matched(call{method: "PUT", url: "/v1/cells/" + cellCode(niujia, 1) + "/boundary", body: object{"type": "Polygon", "coordinates": []any{}}})
		}},
	{"POST /v1/cells/:code/split", "401 403 403 403 403 403 403 403 403 422 422", "401 403 403 403 403 403 403 403 403 404 404",
		same("POST", "/v1/cells/"+cellCode(niujia, 1)+"/split", object{"type": "FeatureCollection", "features": []any{}})},
	{"POST /v1/cells/:code/retire", "401 403 403 403 403 403 403 403 403 422 422", "401 403 403 403 403 403 403 403 403 422 422",
		same("POST", "/v1/cells/"+cellCode(niujia, 1)+"/retire", object{"reason": ""})},
	{"GET /v1/redraws", "401 403 403 403 403 403 403 403 403 200 200", "401 403 403 403 403 403 403 403 403 404 404", get("/v1/redraws?area=" + pingjiang)},
	{"GET /v1/redraws/days", "401 403 403 200 200 200 200 200 200 200 200", "401 403 403 200 200 200 200 200 200 200 200", get("/v1/redraws/days?area=" + pingjiang)},
	{"POST /v1/redraws/:id/undo", "401 403 403 403 403 403 403 403 403 404 404", "401 403 403 403 403 403 403 403 403 404 404",
		same("POST", "/v1/redraws/01931f0a-7c1e-7b3a-9a55-1f2e3d4c5a01/undo", nil)},
	{"PUT /v1/cells/:code/staff",
		"401 403 403 403 403 403 403 200 403 200 200", "401 403 403 403 403 403 403 404 403 404 404",
		func(_ *testing.T, h *harness, _ string) call {
			staff := []object{{"account": h.people["grid_lead"].id, "role": "lead"}, {"account": h.people["outreach_worker"].id, "role": "worker"}}
			return matched(call{method: "PUT", url: "/v1/cells/" + cellCode(niujia, 1) + "/staff", body: object{"staff": staff, "covers": []object{}}})
		}},
	{"GET /v1/categories", anybody, anybody, get("/v1/categories")},
	{"GET /v1/tickets",
		"401 200 403 200 200 200 200 200 200 200 200", "401 none 403 none none none none none none none none", get("/v1/tickets?area=" + pingjiang)},
	{"POST /v1/tickets",
		"401 201 403 201 201 201 201 201 201 201 201", "401 201 403 201 201 201 201 201 201 201 201", same("POST", "/v1/tickets", draft(inside(niujia, 1), nil))},
	{"GET /v1/tickets/counts",
		"401 200 403 200 200 200 200 200 200 200 200", "401 200 403 200 200 200 200 200 200 200 200", get("/v1/tickets/counts?by=state&area=" + pingjiang)},
	{"GET /v1/tickets/:id", "401 200 403 200 200 200 200 200 200 200 200", notTheir, on("GET", "", nil)},
	{"GET /v1/ledgers/tickets", "401 403 403 403 403 403 200 200 200 200 200", "401 403 403 403 403 403 200 200 200 200 200", get("/v1/ledgers/tickets?format=csv&area=" + pingjiang)},
	{"POST /v1/tickets/transitions", "401 403 403 200 200 200 200 200 200 200 200", "401 403 403 200 200 200 200 200 200 200 200",
		func(_ *testing.T, h *harness, _ string) call {
			return call{method: "POST", url: "/v1/tickets/transitions", body: object{"tickets": []string{h.walkedTicket}, "transition": object{"action": "unmerge"}}}
		}},
	{"POST /v1/tickets/:id/transitions", "401 403 403 403 403 403 200 200 200 200 200", notTheir, on("POST", "/transitions",
		object{"action": "correct", "position": object{"lon": inside(niujia, 1)[0], "lat": inside(niujia, 1)[1], "datum": "wgs84"}})},
	{"GET /v1/tickets/:id/timeline", "401 200 403 200 200 200 200 200 200 200 200", notTheir, on("GET", "/timeline", nil)},
	{"GET /v1/tickets/:id/comments", "401 200 403 200 200 200 200 200 200 200 200", notTheir, on("GET", "/comments", nil)},
	{"POST /v1/tickets/:id/comments", "401 201 403 201 201 201 201 201 201 201 201", notTheir, on("POST", "/comments", object{"text": "已联系"})},
	{"POST /v1/tickets/:id/photos", "401 200 403 200 200 200 200 200 200 200 200", notTheir,
		func(t *testing.T, h *harness, who string) call {
			id := ids.New()
			if h.people[who] != nil {
				id = h.photo(t, who)
			}
			return on("POST", "/photos", object{"when": "before", "photos": []string{id}})(t, h, who)
		}},
	{"GET /v1/tickets/similar",
		"401 none 403 none none none none none none none none", "401 none 403 none none none none none none none none", get("/v1/tickets/similar?category=noise&lon=120.621&lat=31.311&datum=wgs84")},
	{"GET /v1/tickets/:id/followers", "401 403 403 200 200 403 200 200 200 200 200", "401 403 403 404 404 404 404 404 404 404 404", on("GET", "/followers", nil)},
	{"GET /v1/tickets/:id/reporter-context", "401 403 403 200 200 403 200 200 200 200 200", "401 403 403 404 404 404 404 404 404 404 404", on("GET", "/reporter-context", nil)},
	{"PUT /v1/tickets/:id/followers/me", "401 200 403 200 200 200 200 200 200 200 200", notTheir, on("PUT", "/followers/me", object{"note": "我家也是"})},
	{"DELETE /v1/tickets/:id/followers/me", // whatever it is, it is not followed then
		"401 204 403 204 204 204 204 204 204 204 204", "401 204 403 204 204 204 204 204 204 204 204", on("DELETE", "/followers/me", nil)},
	{"POST /v1/tickets/:id/reveal", "401 403 403 200 200 403 200 200 200 200 200", "401 403 403 404 404 404 404 404 404 404 404",
		on("POST", "/reveal", object{"fields": []string{"phone"}, "reason": "回访核实"})},
	{"GET /ogc", anybody, anybody, get("/ogc")},
	{"GET /ogc/conformance", anybody, anybody, get("/ogc/conformance")},
	{"GET /ogc/api", anybody, anybody, get("/ogc/api")},
	{"GET /ogc/collections", anybody, anybody, get("/ogc/collections")},
	{"GET /ogc/collections/:collection", anybody, anybody, get("/ogc/collections/tickets")},
	{"GET /ogc/collections/:collection/items", anybody, anybody, get("/ogc/collections/tickets/items")},
	{"GET /ogc/collections/:collection/items/:feature", // of Pingjiang, in nobody's public form
		"404 404 200 200 200 200 200 200 200 200 200", "404 404 404 404 404 404 404 404 404 404 404", func(_ *testing.T, h *harness, _ string) call {
			return call{method: "GET", url: "/ogc/collections/tickets/items/" + h.walkedTicket}
		}},
	{"GET /tiles/:layer.json",
		"401 403 200 200 200 200 200 200 200 200 200", "401 403 200 200 200 200 200 200 200 200 200", get("/tiles/tickets.json")},
	{"GET /tiles/:layer/:z/:x/:y.mvt", // around Niujia, where the other handler and counter worker have reported something
		"401 403 200 200 200 200 200 200 200 200 200", "401 403 204 200 204 200 204 204 204 204 204", func(t *testing.T, h *harness, who string) call {
			if who == "other handler" || who == "other counter_worker" {
				h.report(t, who, inside(niujia, 1), "parking")
			}
			h.caughtUp(t)
			return tileCall("tickets", "/14/13681/6690.mvt", "")
		}},
	{"POST /v1/photos",
		"401 201 403 201 201 201 201 201 201 201 201", "401 201 403 201 201 201 201 201 201 201 201",
		func(t *testing.T, _ *harness, _ string) call {
			body, media := upload(t, "file", jpegFile())
			return call{method: "POST", url: "/v1/photos", body: body, header: map[string]string{"Content-Type": media}}
		}},
	{"GET /v1/photos/:id", "401 200 403 200 200 200 200 200 200 200 200", notTheir,
		func(_ *testing.T, h *harness, _ string) call {
			return call{method: "GET", url: "/v1/photos/" + h.walkedPhoto + "?size=thumb"}
		}},
}

func same(method, url string, body any) func(*testing.T, *harness, string) call {
	return func(*testing.T, *harness, string) call { return call{method: method, url: url, body: body} }
}

func theAccount(method, path string, body any) func(*testing.T, *harness, string) call {
	return func(_ *testing.T, h *harness, _ string) call {
		return matched(call{method: method, url: "/v1/accounts/" + h.people["reviewer"].id + path, body: body})
	}
}

func theOrganisation(method string, body any) func(*testing.T, *harness, string) call {
	return func(_ *testing.T, h *harness, _ string) call {
		return matched(call{method: method, url: "/v1/organisations/" + h.organisations[pingjiang], body: body})
	}
}

// Every route × every role × inside and outside the street of the thing. On
// MongoDB, of the roles that a route answers alike the first asks alone: what
// a role may do is decided without the engine, and lists are tested by reach on both.
func TestEveryRouteForEveryRole(t *testing.T) {
	walk := slices.Concat(walk, walkDoors, walkLinks, walkStations, walkService, walkCases, walkOwnCases, walkCaseLinks, walkHomeCalls, walkWebhooks, walkDeployment, walkRatings, walkCovers, walkCellNotices)
	known := map[string]bool{}
	for _, w := range walk {
		known[w.route] = true
	}
	for _, rt := range (&Server{}).routes() {
		if name := rt.Method + " " + rt.Path; !known[name] {
			t.Errorf("%s is not walked", name)
		}
		delete(known, rt.Method+" "+rt.Path)
	}
	for name := range known {
		t.Errorf("%s is walked, but there is no such route", name)
	}
	eachEngine(t, func(t *testing.T, h *harness) {
		h.clock.move(time.Second / 7) // finer than what is stored
		h.prepareWalk(t)
		h.prepareDoors(t)
		h.prepareStation(t)
		h.prepareCases(t)
		h.prepareHomeCalls(t)
		for _, w := range walk {
			for prefix, expected := range map[string]string{"": w.inside, "other ": w.outside} {
				h.step(t, w, prefix, strings.Fields(expected))
			}
		}
	})
}

// serve has the counters of a community see a ticket, as if a case of theirs were linked to it.
func (h *harness) serve(t testing.TB, id string, communities ...string) {
	t.Helper()
	var served []string
	for _, code := range communities {
		a, _ := h.Areas.Tree().ByCode(code)
		served = append(served, a.ID)
	}
	partition := must(ticket.Load(t.Context(), h.Store, []string{id}))(t)[id].Partition
	err := h.Store.Update(t.Context(), []string{partition}, func(tx *store.Tx) error {
		found, err := ticket.Load(t.Context(), tx, []string{id})
		if err != nil {
			return err
		}
		return found[id].PutServed(tx, served, store.Entry{At: h.clock.read(), Actor: "system", Action: string(ticket.Serve)})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// prepareWalk makes the ticket of the walk: reported by the resident with a photo, with the street's organisation; a counter sees it.
func (h *harness) prepareWalk(t *testing.T) {
	t.Helper()
	h.follow(t)
	h.walkedPhoto = h.photo(t, "resident")
	reported := h.must(t, 201, call{method: "POST", url: "/v1/tickets", as: "resident", body: draft(inside(niujia, 1), object{"photos": []string{h.walkedPhoto}})})
	h.walkedTicket = reported.text("/id")
	for _, body := range []object{{"action": "accept"}, {"action": "dispatch", "assignee": object{"kind": access.Organisation, "id": h.organisations[pingjiang]}}} {
		h.must(t, 200, on("POST", "/transitions", body)(t, h, "").by("grid_lead"))
	}
	h.must(t, 201, on("POST", "/comments", object{"text": "还在堵"})(t, h, "").by("resident"))
	h.serve(t, h.walkedTicket, niujia)
}

func (c call) by(who string) call {
	c.as = who
	return c
}

// step asks as every role, on MongoDB as the first of those that are answered alike.
func (h *harness) step(t *testing.T, w walked, prefix string, expected []string) {
	t.Helper()
	if len(expected) != len(columns) {
		t.Fatalf("%s: %d expectations for %d columns", w.route, len(expected), len(columns))
	}
	for i, column := range columns {
		if h.onMongoDB && slices.Index(expected, expected[i]) < i {
			continue
		}
		who := prefix + column
		c := w.call(t, h, who)
		if column != "nobody" {
			c.as = who
		}
		a := h.do(t, c)
		h.sameAgain(t, c, a)
		got := fmt.Sprint(a.status)
		if _, list := a.at("/items").([]any); list && len(a.items("/items")) == 0 {
			got = "none"
		}
		if got != expected[i] {
			t.Errorf("%s as %s: %s, want %s: %.200s", w.route, who, got, expected[i], a.body)
		}
	}
}
