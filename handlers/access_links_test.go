package handlers

import (
	"strings"
	"testing"
	"time"

	"wangge/domain/ids"
)

// walkLinks is the part of the walk on what is linked: a ticket with a visit.
var walkLinks = []walked{
	//                                      nobody resident integr. handler outreach counter lead community dispatch street admin
	{"GET /v1/tickets/:id/links", // none for who sees the ticket, but not the visit
		"401 403 403 404 200 404 200 200 none 200 200", "401 403 403 404 404 404 404 404 404 404 404", linked("GET", "/v1/tickets/{linked}/links", nil)},
	{"POST /v1/tickets/:id/links",
		"401 403 403 404 201 404 201 201 422 201 201", "401 403 403 404 404 404 404 404 404 404 404",
		linked("POST", "/v1/tickets/{free}/links", func(h *harness) any { return tie("follow_up", "visit", h.walked["{visit}"]) })},
	{"DELETE /v1/tickets/:id/links/:link",
		"401 403 403 404 204 404 204 204 404 204 204", "401 403 403 404 404 404 404 404 404 404 404", linked("DELETE", "/v1/tickets/{linked}/links/{link}?reason=%E6%9C%89%E8%AF%AF", nil)},
	{"POST /v1/tickets/:id/links/:link/reveal", // a visit is no case
		"401 403 403 403 404 404 404 404 403 404 404", "401 403 403 403 404 404 404 404 403 404 404", linked("POST", "/v1/tickets/{linked}/links/{link}/reveal", why)},
	{"POST /v1/visits/:id/links/:link/reveal",
		"401 403 403 403 404 403 404 404 403 404 404", "401 403 403 403 404 403 404 404 403 404 404", linked("POST", "/v1/visits/{visit}/links/{link}/reveal", why)},
	{"GET /v1/visits/:id/links",
		"401 403 403 403 200 403 200 200 403 200 200", "401 403 403 403 404 403 404 404 403 404 404", linked("GET", "/v1/visits/{visit}/links", nil)},
	{"POST /v1/visits/:id/links",
		"401 403 403 403 201 403 201 201 403 201 201", "401 403 403 403 404 403 404 404 403 404 404",
		linked("POST", "/v1/visits/{visit}/links", func(h *harness) any { return tie("same_matter", "ticket", h.walked["{free}"]) })},
	{"DELETE /v1/visits/:id/links/:link",
		"401 403 403 403 204 403 204 204 403 204 204", "401 403 403 403 404 403 404 404 403 404 404", linked("DELETE", "/v1/visits/{visit}/links/{link}?reason=%E6%9C%89%E8%AF%AF", nil)},
}

// walkCaseLinks is the part of the walk on what is made of cases and linked with them.
var walkCaseLinks = []walked{
	//                                      nobody resident integr. handler outreach counter lead community dispatch street admin
	{"GET /v1/intake-cases/:id/links",
		"401 403 403 403 404 200 404 200 403 200 200", "401 403 403 403 404 404 404 404 403 404 404", linkedCase("GET", "/v1/intake-cases/{case}/links", nil)},
	{"POST /v1/intake-cases/:id/links", // to a ticket that the counter does not see
		"401 403 403 403 404 422 404 201 403 201 201", "401 403 403 403 404 404 404 404 403 404 404",
		linkedCase("POST", "/v1/intake-cases/{case}/links", func(h *harness) any { return tie("follow_up", "ticket", h.walked["{free}"]) })},
	{"DELETE /v1/intake-cases/:id/links/:link", // which the counter does, once it is linked with her case
		"401 403 403 403 404 204 404 204 403 204 204", "401 403 403 403 404 404 404 404 403 404 404", linkedCase("DELETE", "/v1/intake-cases/{case}/links/{tie}?reason=x", nil)},
	{"POST /v1/intake-cases/:id/tickets",
		"401 403 403 403 404 201 404 201 403 201 201", "401 403 403 403 404 404 404 404 403 404 404", linkedCase("POST", "/v1/intake-cases/{case}/tickets", func(*harness) any { return ticketOfCase })},
	{"POST /v1/tickets/:id/cases", // a ticket of another's counter is not there for her
		"401 403 403 403 201 404 201 201 403 201 201", "401 403 403 403 404 404 404 404 403 404 404", linked("POST", "/v1/tickets/{free}/cases", func(*harness) any { return object{"item": plainItem} })},
}

// why is the body of a reveal by a link.
func why(*harness) any { return object{"reason": "走访前了解"} }

// ticketOfCase is a ticket that a case leaves the place of to be said.
var ticketOfCase = object{"category": "noise", "title": "楼上装修", "position": object{"lon": inside(niujia, 1)[0], "lat": inside(niujia, 1)[1], "datum": "wgs84"}}

// linkedCase is a call of an address at the walk's case, {case}, which is linked
// with a ticket by {tie}; {free} is another ticket.
func linkedCase(method, url string, body func(*harness) any) func(*testing.T, *harness, string) call {
	return func(t *testing.T, h *harness, who string) call {
		h.walked["{free}"] = h.report(t, "resident", inside(niujia, 1), "noise").ID
		if strings.Contains(url, "{tie}") || h.walked["{tie}"] == "" {
			h.walked["{tie}"] = h.must(t, 201, call{method: "POST", url: "/v1/tickets/" + h.walked["{free}"] + "/links", as: "admin", body: tie("originated_from", "intake-case", h.walked["{case}"])}).text("/id")
		}
		c := theirs(method, url, nil)(t, h, who)
		c.header = nil
		if body != nil {
			if method == "POST" && strings.HasSuffix(url, "/links") {
				h.walked["{free}"] = h.report(t, "resident", inside(niujia, 1), "noise").ID
			}
			c.body = body(h)
		}
		return c
	}
}

// tie is the body that links something with another thing.
func tie(kind, thing, id string) object {
	return object{"kind": kind, "other": object{"thing": thing, "id": id}, "reason": "同一户的事"}
}

// linked is a call of an address at a ticket that is linked with the walk's visit, {linked} by {link}, or not, {free}.
func linked(method, url string, body func(*harness) any) func(*testing.T, *harness, string) call {
	return func(t *testing.T, h *harness, who string) call {
		h.walked["{free}"] = h.report(t, "resident", inside(niujia, 1), "noise").ID
		if strings.Contains(url, "{link}") || h.walked["{linked}"] == "" {
			h.walked["{linked}"] = h.report(t, "resident", inside(niujia, 1), "noise").ID
			h.walked["{link}"] = h.must(t, 201, call{method: "POST", url: "/v1/tickets/" + h.walked["{linked}"] + "/links", as: "admin", body: tie("originated_from", "visit", h.walked["{visit}"])}).text("/id")
		}
		c := theirs(method, url, nil)(t, h, who)
		c.header = nil // there is no version
		if body != nil {
			c.body = body(h)
		}
		return c
	}
}

// linkedBy is the same by the grid's lead.
func linkedBy(method, url string, body func(*harness) any) func(*testing.T, *harness) call {
	return func(t *testing.T, h *harness) call { return linked(method, url, body)(t, h, "").by("grid_lead") }
}

// linkedCaseBy is linkedCase by a manager.
func linkedCaseBy(method, url string, body func(*harness) any) func(*testing.T, *harness) call {
	return func(t *testing.T, h *harness) call {
		return linkedCase(method, url, body)(t, h, "").by("street_manager")
	}
}

// A link is one thing at both of its ends; who removed it and why stays to be
// read by who may link them, and the ticket's timeline tells of it.
func TestLinkedOverHTTP(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.prepareDoors(t)
		ticket := h.report(t, "resident", inside(niujia, 1), "noise").ID
		at, there := "/v1/tickets/"+ticket+"/links", "/v1/visits/"+h.walked["{visit}"]+"/links"
		post := func(status int, url string, body object) *answer {
			return h.must(t, status, call{method: "POST", url: url, as: "grid_lead", body: body})
		}
		for want, body := range map[string]object{
			"/kind":        tie("cause", "visit", h.walked["{visit}"]),
			"/other/thing": tie("follow_up", "ticket", ticket),
			"/other/id":    tie("follow_up", "visit", ids.New()),
			"/direction":   joined(tie("follow_up", "visit", h.walked["{visit}"]), object{"direction": "both"}),
			"/reason":      joined(tie("follow_up", "visit", h.walked["{visit}"]), object{"reason": " "}),
		} {
			if a := post(422, at, body); a.text("/errors/0/pointer") != want {
				t.Errorf("%v: %s", body, a.body)
			}
		}
		unknown, unseen := post(422, at, tie("follow_up", "intake-case", ids.New())), post(422, at, tie("follow_up", "visit", ids.New()))
		if unknown.text("/errors/0/pointer") != "/other/id" || unknown.text("/errors/0/detail") != unseen.text("/errors/0/detail") {
			t.Errorf("%s %s", unknown.body, unseen.body)
		}
		made := post(201, at, tie("follow_up", "visit", h.walked["{visit}"]))
		if again := post(201, at, tie("follow_up", "visit", h.walked["{visit}"])); again.text("/id") != made.text("/id") {
			t.Errorf("again: %s", again.body)
		}
		if back := post(409, there, tie("follow_up", "ticket", ticket)); back.text("/code") != "linked" {
			t.Errorf("the other way: %s", back.body)
		}
		from := h.must(t, 200, call{method: "GET", url: at, as: "outreach_worker"})
		far := h.must(t, 200, call{method: "GET", url: there, as: "outreach_worker"})
		if from.text("/items/0/direction") != "out" || far.text("/items/0/direction") != "in" || from.text("/items/0/other/state") != "planned" ||
			far.text("/items/0/other/about") != "消防通道被堵" || from.text("/items/0/id") != far.text("/items/0/id") || from.text("/items/0/history/0/made/reason") != "同一户的事" {
			t.Errorf("%s\n%s", from.body, far.body)
		}
		remove := func(status int, as, query string) {
			t.Helper()
			h.must(t, status, call{method: "DELETE", url: there + "/" + made.text("/id") + query, as: as})
		}
		remove(400, "grid_lead", "")
		remove(404, "other grid_lead", "?reason=x")
		remove(204, "outreach_worker", "?reason=%E6%9C%89%E8%AF%AF")
		remove(204, "grid_lead", "?reason=%E5%86%8D%E6%9D%A5") // it is removed already
		if left := h.must(t, 200, call{method: "GET", url: at, as: "grid_lead"}); len(left.items("/items")) != 0 {
			t.Errorf("left: %s", left.body)
		}
		if past := h.must(t, 200, call{method: "GET", url: at + "?removed=true", as: "grid_lead"}); past.text("/items/0/history/0/removed/reason") != "有误" || past.at("/items/0/holds") != false {
			t.Errorf("past: %s", past.body)
		}
		line := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + ticket + "/timeline", as: "grid_lead"})
		if line.text("/items/1/action") != "link" || line.text("/items/2/action") != "unlink" || line.text("/items/2/link") != made.text("/id") {
			t.Errorf("timeline: %s", line.body)
		}
		if line := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + ticket + "/timeline", as: "resident"}); len(line.items("/items")) != 1 {
			t.Errorf("the resident's: %s", line.body)
		}
		again := post(201, at, tie("follow_up", "visit", h.walked["{visit}"]))
		if len(again.items("/history")) != 2 || again.text("/id") != made.text("/id") {
			t.Errorf("made again: %s", again.body)
		}
		remove(204, "grid_lead", "?reason=%E6%96%B9%E5%90%91%E5%8F%8D%E4%BA%86")
		turned := post(201, there, tie("follow_up", "ticket", ticket))
		if far := h.must(t, 200, call{method: "GET", url: at, as: "grid_lead"}); turned.text("/id") != made.text("/id") || turned.text("/direction") != "out" || far.text("/items/0/direction") != "in" {
			t.Errorf("made the other way: %s\n%s", turned.body, far.body)
		}
	})
}

// What a household asked for at a stop is linked with the stop: shown once on
// the ticket, and on each visit that the stop did.
func TestNeedsAreLinked(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		visit := begunIn(t, h, "501")
		stop := h.must(t, 200, call{method: "POST", url: visit + "/complete", as: "outreach_worker", body: object{"result": "met", "needs": []object{{"category": "pipe_dispute", "title": "漏水"}}}})
		ticket := stop.text("/needs/0/opened/id")
		on := h.must(t, 200, call{method: "GET", url: visit + "/links", as: "grid_lead"})
		off := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + ticket + "/links", as: "grid_lead"})
		if len(on.items("/items")) != 1 || len(off.items("/items")) != 1 || on.text("/items/0/other/id") != ticket || on.text("/items/0/direction") != "in" ||
			off.text("/items/0/other/id") != stop.text("/id") || off.text("/items/0/other/thing") != "stop" || off.text("/items/0/id") != on.text("/items/0/id") {
			t.Errorf("%s\n%s", on.body, off.body)
		}
		removed := call{method: "DELETE", url: visit + "/links/" + on.text("/items/0/id") + "?reason=x", as: "grid_lead"}
		h.must(t, 204, removed)
		for _, url := range []string{visit, "/v1/tickets/" + ticket} {
			if left := h.must(t, 200, call{method: "GET", url: url + "/links", as: "grid_lead"}); len(left.items("/items")) != 0 {
				t.Errorf("removed, and there: %s", left.body)
			}
		}
	})
}

// begunIn is the address of a visit whose stop is open.
func begunIn(t *testing.T, h *harness, room string) string {
	t.Helper()
	h.prepareDoors(t)
	return begun(room, 5, "{visit}")(t, h)
}

// From the counter to the grid and back: a ticket is made of a case by address
// of the case, who works on it sees how the case stands, and she how the ticket does.
func TestTicketOfACaseOverHTTP(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.prepareDoors(t)
		h.prepareCases(t)
		at := "/v1/intake-cases/" + h.walked["{case}"]
		body := joined(ticketOfCase, object{"id": ids.New()})
		delete(body, "category")
		first := h.must(t, 201, call{method: "POST", url: at + "/tickets", as: "counter_worker", body: joined(body, object{"title": "噪声扰民"})})
		ticket := first.text("/id")
		if first.text("/category") != "noise" || first.text("/source") != "counter" || first.text("/reporter/phone") != "138****0009" {
			t.Errorf("proposed: %s", first.body)
		}
		again := h.must(t, 201, call{method: "POST", url: at + "/tickets", as: "counter_worker", body: joined(body, object{"title": "噪声扰民"})})
		if again.text("/id") != ticket {
			t.Errorf("again: %s", again.body)
		}
		h.must(t, 409, call{method: "POST", url: at + "/tickets", as: "counter_worker", body: joined(body, object{"title": "别的"})})
		h.must(t, 200, call{method: "POST", url: "/v1/tickets/" + ticket + "/transitions", as: "grid_lead", body: object{"action": "accept"}})
		hers := h.must(t, 200, call{method: "GET", url: at + "/links", as: "counter_worker"})
		if hers.text("/items/0/other/state") != "accepted" || hers.text("/items/0/other/id") != ticket || hers.text("/items/0/direction") != "in" {
			t.Errorf("she sees %s", hers.body)
		}
		theirs := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + ticket + "/links", as: "grid_lead"})
		if theirs.text("/items/0/other/state") != "in_review" || theirs.text("/items/0/other/number") != "W-1" || theirs.at("/items/0/removable") != false || len(theirs.items("/items/0/history")) != 0 {
			t.Errorf("the lead sees %s", theirs.body)
		}
		line := h.must(t, 200, call{method: "GET", url: at + "/timeline", as: "counter_worker"})
		if n := len(line.items("/items")); line.text("/items/1/action") != "link" || n != 2 {
			t.Errorf("timeline: %s", line.body)
		}
		h.clock.move(time.Minute)
		made := h.must(t, 201, call{method: "POST", url: "/v1/tickets/" + ticket + "/cases", as: "counter_worker", body: object{"item": sensitiveItem}})
		brief := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + ticket + "/links", as: "grid_lead"})
		if brief.at("/items/1/other/id") != nil || brief.at("/items/1/other/about") != nil || brief.text("/items/1/other/state") != "received" {
			t.Errorf("of a sensitive one the lead sees %s", brief.body)
		}
		if made.text("/whole/applicant/phone") != "138****0009" {
			t.Errorf("the applicant: %s", made.body)
		}
		foreign := h.must(t, 422, call{method: "POST", url: "/v1/tickets/" + ticket + "/links", as: "grid_lead", body: tie("follow_up", "intake-case", made.text("/id"))})
		unknown := h.must(t, 422, call{method: "POST", url: "/v1/tickets/" + ticket + "/links", as: "grid_lead", body: tie("follow_up", "intake-case", ids.New())})
		if foreign.text("/errors/0/detail") != unknown.text("/errors/0/detail") || foreign.text("/errors/0/pointer") != unknown.text("/errors/0/pointer") {
			t.Errorf("%s %s", foreign.body, unknown.body)
		}
	})
}

// A need at a stop becomes a case in the same call.
func TestNeedBecomesACaseOverHTTP(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		visit := begunIn(t, h, "502")
		body := func(need object) object { return object{"result": "met", "needs": []object{need}} }
		for pointer, need := range map[string]object{
			"/needs/0/item": {"kind": "case", "title": "低保"}, "/needs/0/category": {"title": "漏水"},
		} {
			if a := h.must(t, 422, call{method: "POST", url: visit + "/complete", as: "outreach_worker", body: body(need)}); a.text("/errors/0/pointer") != pointer {
				t.Errorf("%v: %s", need, a.body)
			}
		}
		stop := h.must(t, 200, call{method: "POST", url: visit + "/complete", as: "outreach_worker", body: body(object{"kind": "case", "item": plainItem, "title": "办证"})})
		if stop.text("/needs/0/opened/kind") != "case" || stop.text("/needs/0/opened/state") != "received" {
			t.Errorf("the stop: %s", stop.body)
		}
		h.must(t, 200, call{method: "GET", url: "/v1/intake-cases/" + stop.text("/needs/0/opened/id"), as: "counter_worker"})

		// What a sensitive one is about who was at the door knows, and nobody else reads it there.
		visit = begun("503", 5, "{visit}")(t, h)
		said := h.must(t, 200, call{method: "POST", url: visit + "/complete", as: "outreach_worker",
			body: body(object{"kind": "case", "item": sensitiveItem, "title": "想办低保", "note": "独居"})})
		for who, want := range map[string]bool{"outreach_worker": true, "grid_lead": false, "community_manager": false, "street_manager": false, "admin": false} {
			for url, need := range map[string]string{"/v1/stops/" + said.text("/id"): "/needs/0", "/v1/stops?household=" + said.text("/household/id"): "/items/0/needs/0"} {
				a := h.must(t, 200, call{method: "GET", url: url, as: who})
				if told := a.text(need+"/title") != ""; told != want || told != strings.Contains(string(a.body), sensitiveItem) || told != strings.Contains(string(a.body), "独居") || a.text(need+"/opened/kind") != "case" {
					t.Errorf("%s at %s: %s", who, url, a.body)
				}
			}
		}
	})
}
