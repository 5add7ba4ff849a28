package handlers

import (
	"slices"
	"testing"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/ids"
	"wangge/domain/ticket"
	"wangge/geo"
	"wangge/handlers/wire"
)

// department is an organisation of the county, of which somebody handles by the name.
func (h *harness) department(t *testing.T, name string) string {
	t.Helper()
	o := must(h.Areas.CreateOrganisation(t.Context(), program, morning, area.NewOrganisation{Name: name, Kind: "other"}))(t)
	in := account.NewAccount{Username: "of." + o.ID[24:], Name: name, Grants: grant(access.Handler, ""), Organisation: o.ID}
	h.people[name] = &person{id: must(h.Accounts.Create(t.Context(), program, morning, in))(t).ID}
	return o.ID
}

// asking is a ticket with an organisation of which "handler" asks, after these steps.
func (h *harness) asking(t *testing.T, steps ...taken) string {
	t.Helper()
	id := h.dispatched(t, "noise")
	h.move(t, 200, id, "grid_lead", object{"action": "dispatch", "assignee": organisationOf(h, pingjiang)})
	for _, s := range steps {
		h.move(t, 200, id, s.who, s.body)
	}
	return id
}

// taken is a step of somebody's.
type taken struct {
	who  string
	body object
}

var (
	backPlease = taken{"handler", object{"action": "request", "request": "return", "reason": "不属本单位"}}
	toJinshi   = taken{"grid_lead", object{"action": "correct", "position": object{"lon": inside(jinshi, 1)[0], "lat": inside(jinshi, 1)[1], "datum": "wgs84"}}}
	notOurs    = taken{"other grid_lead", object{"action": "give_back", "reason": "实为平江地面"}}
)

// after is the last of these steps, sent after the others.
func after(steps ...taken) crash {
	return crash{"POST /v1/tickets/:id/transitions", func(t *testing.T, h *harness) call {
		last := len(steps) - 1
		return call{method: "POST", url: "/v1/tickets/" + h.asking(t, steps[:last]...) + "/transitions", as: steps[last].who, body: steps[last].body}
	}}
}

// calledIn is a step of a department's, or of who rules on it, after these.
func calledIn(steps ...taken) crash {
	return crash{"POST /v1/tickets/:id/transitions", func(t *testing.T, h *harness) call {
		call := taken{"street_manager", object{"action": "convene", "reason": "管网改造", "departments": []string{h.department(t, "区水务局")}}}
		return after(append([]taken{call}, steps...)...).call(t, h)
	}}
}

var crashesMatters = []crash{
	after(backPlease),
	after(backPlease, taken{"grid_lead", object{"action": "grant"}}),
	after(backPlease, taken{"grid_lead", object{"action": "grant"}}, taken{"street_manager", object{"action": "grant"}}), // which gives the ticket back
	after(backPlease, taken{"grid_lead", object{"action": "refuse", "reason": "属本单位"}}),
	after(backPlease, taken{"handler", object{"action": "recall"}}),
	after(taken{"grid_lead", object{"action": "escalate", "reason": "涉及多部门"}}),
	calledIn(),
	calledIn(taken{"区水务局", object{"action": "attend"}}),
	calledIn(taken{"区水务局", object{"action": "decline", "reason": "不属本局"}}),
	calledIn(taken{"区水务局", object{"action": "decline", "reason": "不属本局"}}, taken{"admin", object{"action": "rule", "reason": "免予报到"}}),
	after(toJinshi),
	after(toJinshi, taken{"other grid_lead", object{"action": "take"}}), // which changes two streets
	after(toJinshi, notOurs),
	after(toJinshi, notOurs, toJinshi, notOurs, taken{"admin", object{"action": "allot", "street": canglang, "reason": "按门牌"}}),
}

// Departments that the street calls in attend or decline, and the county rules.
// A step sent again is the same step; the resident reads of none of it.
func TestDepartmentsAreCalledIn(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		water, fire, id := h.department(t, "区水务局"), h.department(t, "区消防"), h.dispatched(t, "noise")
		convene := func(departments ...string) object {
			return object{"id": ids.New(), "action": "convene", "reason": "管网改造", "departments": departments}
		}
		h.move(t, 403, id, "grid_lead", convene(water))
		h.must(t, 404, call{method: "GET", url: "/v1/tickets/" + id, as: "区水务局"})
		if a := h.move(t, 422, id, "street_manager", convene(water, h.organisations[canglang], ids.New())); !slices.Equal(a.pointers(), []string{"/departments/1", "/departments/2"}) {
			t.Errorf("of another street, of nobody: %s", a.body)
		}
		h.again(t, id, "street_manager", convene(water, fire))
		if a := h.see(t, id, "区消防"); a.text("/convened/1/state") != "called" || a.text("/convened/1/organisation/name") != "区消防" || a.at("/convened/1/dueAt") == nil {
			t.Errorf("called in: %s", a.body)
		}
		h.again(t, id, "区水务局", object{"id": ids.New(), "action": "attend"})
		if a := h.move(t, 422, id, "区消防", object{"action": "decline"}); !slices.Equal(a.pointers(), []string{"/reason"}) {
			t.Errorf("without a reason: %s", a.body)
		}
		h.again(t, id, "区消防", object{"id": ids.New(), "action": "decline", "reason": "不属本局"})
		h.move(t, 403, id, "street_manager", object{"action": "rule", "reason": "须到场"})
		if a := h.move(t, 422, id, "admin", object{"action": "rule", "reason": "须到场", "departments": []string{water}}); !slices.Equal(a.pointers(), []string{"/departments/0"}) {
			t.Errorf("one that attends: %s", a.body)
		}
		h.again(t, id, "admin", object{"id": ids.New(), "action": "rule", "reason": "须到场", "departments": []string{fire}})
		h.move(t, 200, id, "区消防", object{"action": "attend"})
		a := h.see(t, id, "grid_lead")
		for pointer, want := range (object{"/convened/0/state": "attended", "/convened/1/state": "attended", "/convened/1/why": "不属本局", "/convened/1/dueAt": nil}) {
			if a.at(pointer) != want {
				t.Errorf("%s is %v, want %v", pointer, a.at(pointer), want)
			}
		}
		if own := h.see(t, id, "resident"); len(own.items("/convened")) != 0 {
			t.Errorf("the resident reads %s", own.body)
		}
	})
}

// A street that is offered a ticket takes it or gives it back; twice given back the county allots it.
func TestOffersBetweenStreets(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		took, bounced := h.dispatched(t, "noise"), h.dispatched(t, "noise")
		h.move(t, 200, took, toJinshi.who, toJinshi.body)
		h.move(t, 403, took, "grid_lead", object{"action": "take"})
		h.must(t, 404, call{method: "GET", url: "/v1/tickets/" + bounced, as: "other grid_lead"})
		h.again(t, took, "other grid_lead", object{"id": ids.New(), "action": "take"})
		if a := h.see(t, took, "other grid_lead"); a.text("/place/cell/code") != cellCode(jinshi, 1) || a.at("/offer") != nil {
			t.Errorf("taken: %s", a.body)
		}
		h.must(t, 404, call{method: "GET", url: "/v1/tickets/" + took, as: "grid_lead"})

		allot := func(street string) object {
			return object{"id": ids.New(), "action": "allot", "street": street, "reason": "按门牌"}
		}
		for range 2 {
			h.move(t, 200, bounced, toJinshi.who, toJinshi.body)
			h.move(t, 409, bounced, "admin", allot(canglang))
			if a := h.move(t, 422, bounced, "other grid_lead", object{"action": "give_back"}); !slices.Equal(a.pointers(), []string{"/reason"}) {
				t.Errorf("without a reason: %s", a.body)
			}
			h.again(t, bounced, notOurs.who, joined(notOurs.body, object{"id": ids.New()}))
		}
		if a := h.see(t, bounced, "grid_lead"); a.text("/offer/state") != "disputed" || a.at("/offer/bounces") != 2.0 || a.text("/offer/refused/reason") != "实为平江地面" {
			t.Errorf("given back twice: %s", a.body)
		}
		h.move(t, 403, bounced, "street_manager", allot(pingjiang))
		if a := h.move(t, 422, bounced, "admin", allot("320508999")); !slices.Equal(a.pointers(), []string{"/street"}) {
			t.Errorf("a third street: %s", a.body)
		}
		h.again(t, bounced, "admin", allot(canglang))
		if a := h.see(t, bounced, "other grid_lead"); a.text("/place/street/name") != "沧浪街道" {
			t.Errorf("allotted: %s", a.body)
		}
	})
}

// again takes a step and sends it again, which is the same step.
func (h *harness) again(t *testing.T, id, who string, body object) {
	t.Helper()
	first := h.move(t, 200, id, who, body)
	entries := h.entries()
	if second := h.move(t, 200, id, who, body); h.entries() != entries || second.text("/state") != first.text("/state") {
		t.Errorf("%v sent again: %s", body["action"], second.body)
	}
}

// On a closed ticket nothing is asked for, and no time that has passed.
func TestRequestsThatCannotBe(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		id := h.asking(t, taken{"handler", object{"action": "start"}})
		late := object{"action": "request", "request": "extension", "reason": "等配件", "until": "2020-01-01T00:00:00Z"}
		if a := h.move(t, 422, id, "handler", late); !slices.Equal(a.pointers(), []string{"/until"}) {
			t.Errorf("into the past: %s", a.body)
		}
		h.move(t, 200, id, "handler", object{"action": "resolve", "outcome": "fixed", "note": "已处理"})
		h.move(t, 200, id, "grid_lead", object{"action": "close", "verification": "phone"})
		heads := h.entries()
		if a := h.move(t, 409, id, "handler", backPlease.body); a.text("/code") != "wrong_state" || h.entries() != heads {
			t.Errorf("of a closed ticket: %s", a.body)
		}
	})
}

// What who has a ticket asks for takes two steps where that is an organisation;
// an offer to another street waits there. The resident reads none of it.
func TestRequestsAndOffers(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		id := h.report(t, "resident", inside(niujia, 1), "noise").ID
		h.move(t, 200, id, "grid_lead", object{"action": "accept"})
		h.move(t, 200, id, "grid_lead", object{"action": "dispatch", "assignee": organisationOf(h, pingjiang)})
		h.move(t, 422, id, "handler", object{"action": "request", "request": "extension", "reason": "等配件", "until": "2020-01-01T00:00:00Z"})
		h.move(t, 200, id, "handler", object{"action": "request", "request": "return", "reason": "不属本单位"})
		h.move(t, 200, id, "grid_lead", object{"action": "grant"})
		h.move(t, 403, id, "grid_lead", object{"action": "grant"})
		a := h.see(t, id, "grid_lead")
		if a.text("/requests/0/state") != "open" || a.text("/requests/0/level") != "dispatcher" || a.text("/requests/0/steps/0/decision") != "endorsed" {
			t.Errorf("the lead sees %s", a.body)
		}
		if n := len(h.see(t, id, "resident").at("/requests").([]any)); n != 0 {
			t.Errorf("the resident sees %d requests", n)
		}
		h.move(t, 200, id, "street_manager", object{"action": "grant"})
		if a := h.see(t, id, "grid_lead"); a.text("/state") != "accepted" || a.text("/returned/why") != "requested" {
			t.Errorf("granted: %s", a.body)
		}
		h.move(t, 200, id, "grid_lead", object{"action": "escalate", "reason": "涉及多部门"})
		if a := h.must(t, 200, call{method: "GET", url: "/v1/tickets?escalated=true", as: "street_manager"}); a.text("/items/0/id") != id {
			t.Errorf("escalated: %s", a.body)
		}
		at := inside(jinshi, 1)
		h.move(t, 200, id, "street_manager", object{"action": "correct", "position": object{"lon": at[0], "lat": at[1], "datum": "wgs84"}})
		if a := h.see(t, id, "street_manager"); a.text("/offer/state") != "offered" || a.text("/place/street/name") != "平江街道" {
			t.Errorf("offered: %s", a.body)
		}
	})
}

// That a step climbed is among what who works on a ticket sees of it.
func TestClimbedIsShown(t *testing.T) {
	var with, without ticketOut
	one := &ticket.Ticket{Climbed: &ticket.Climbed{State: ticket.Reported, Level: access.Community, At: morning}}
	(&apiRequest{}).matters(&with, one, names{}, geo.WGS84)
	(&apiRequest{}).matters(&without, &ticket.Ticket{}, names{}, geo.WGS84)
	if with.Climbed == nil || *with.Climbed != (climbedOut{access.Community, wire.Time(morning)}) || without.Climbed != nil {
		t.Errorf("%+v, %+v", with.Climbed, without.Climbed)
	}
}
