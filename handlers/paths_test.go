package handlers

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/store/jobs"
)

// dispatched is a ticket in work with the worker of its cell.
func (h *harness) dispatched(t *testing.T, category string) string {
	t.Helper()
	id := h.report(t, "resident", inside(niujia, 1), category).ID
	h.move(t, 200, id, "grid_lead", object{"action": "accept"})
	h.move(t, 200, id, "grid_lead", object{"action": "dispatch", "assignee": object{"kind": "person", "id": h.people["outreach_worker"].id}})
	return id
}

func TestWithdraw(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		id := h.report(t, "resident", inside(niujia, 1), "noise").ID
		h.move(t, 403, id, "grid_lead", object{"action": "withdraw"})
		if a := h.move(t, 200, id, "resident", object{"action": "withdraw"}); a.text("/state") != "withdrawn" || len(a.items("/allowed")) != 0 {
			t.Errorf("withdrawn: %s", a.body)
		}
		if a := h.move(t, 409, id, "grid_lead", object{"action": "accept"}); len(a.items("/allowed")) != 0 || a.at("/allowed") == nil {
			t.Errorf("a withdrawn ticket: %s", a.body)
		}
		// Too late once somebody was sent.
		h.move(t, 409, h.dispatched(t, "noise"), "resident", object{"action": "withdraw"})
	})
}

// A rejection that is reopened goes to another reviewer.
func TestRejectedAndReopened(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		id := h.report(t, "resident", inside(niujia, 1), "noise").ID
		if a := h.move(t, 200, id, "grid_lead", object{"action": "reject", "reason": "不属于受理范围"}); a.text("/state") != "rejected" {
			t.Errorf("rejected: %s", a.body)
		}
		h.move(t, 422, id, "resident", object{"action": "reopen"})
		if a := h.move(t, 200, id, "resident", object{"action": "reopen", "reason": "请再看看"}); a.text("/state") != "reported" || a.at("/reopened") != 1.0 {
			t.Errorf("reopened: %s", a.body)
		}
		if a := h.see(t, id, "grid_lead"); fmt.Sprint(a.at("/allowed")) != "[ask correct merge]" {
			t.Errorf("who rejected it may now %v", a.at("/allowed"))
		}
		h.move(t, 403, id, "grid_lead", object{"action": "accept"})
		h.move(t, 200, id, "community_manager", object{"action": "reject", "reason": "已有处理"})
		h.move(t, 200, id, "resident", object{"action": "reopen", "reason": "还是不行"})
		h.move(t, 200, id, "dispatcher", object{"action": "reject", "reason": "第三次"})
		if a := h.move(t, 409, id, "resident", object{"action": "reopen", "reason": "还是不行"}); a.text("/code") != "reopened_twice" {
			t.Errorf("reopened a third time: %s", a.body)
		}
		h.move(t, 200, id, "street_manager", object{"action": "reopen", "reason": "再查"})
	})
}

func TestReopenedAfterClosing(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		done := func() string {
			id := h.dispatched(t, "noise")
			h.move(t, 200, id, "outreach_worker", object{"action": "start"})
			h.move(t, 200, id, "outreach_worker", object{"action": "resolve", "outcome": "fixed"})
			h.move(t, 403, id, "outreach_worker", object{"action": "close", "verification": "photo"})
			h.move(t, 200, id, "grid_lead", object{"action": "close", "verification": "phone"})
			return id
		}
		soon, late := done(), done()
		h.clock.move(14 * 24 * time.Hour)
		if a := h.move(t, 200, soon, "resident", object{"action": "reopen", "reason": "又开始了"}); a.text("/state") != "accepted" || a.at("/assignee") != nil || a.at("/closedAt") != nil || a.at("/outcome") != nil {
			t.Errorf("reopened: %s", a.body)
		}
		h.clock.move(2 * 24 * time.Hour)
		if a := h.move(t, 409, late, "resident", object{"action": "reopen", "reason": "又开始了"}); a.text("/code") != "too_late" {
			t.Errorf("reopened after 16 days: %s", a.body)
		}
		h.move(t, 200, late, "grid_lead", object{"action": "reopen", "reason": "居民来电"})
	})
}

// Nobody closes what they handled, whatever their role.
func TestNobodyClosesTheirOwnWork(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		id := h.report(t, "resident", inside(niujia, 1), "noise").ID
		h.move(t, 200, id, "grid_lead", object{"action": "accept"})
		h.move(t, 200, id, "grid_lead", object{"action": "dispatch", "assignee": object{"kind": "person", "id": h.people["grid_lead"].id}})
		h.move(t, 200, id, "grid_lead", object{"action": "start"})
		h.move(t, 200, id, "grid_lead", object{"action": "resolve", "outcome": "mediated"})
		h.move(t, 403, id, "grid_lead", object{"action": "close", "verification": "on_site"})
		h.move(t, 200, id, "community_manager", object{"action": "rework", "reason": "没有解决"})
		h.move(t, 422, id, "grid_lead", object{"action": "resolve", "outcome": "not_fixed"})
		h.move(t, 200, id, "grid_lead", object{"action": "resolve", "outcome": "not_fixed", "reason": "需上级协调"})
		h.move(t, 200, id, "community_manager", object{"action": "close", "verification": "on_site"})
	})
}

func TestSuspended(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		id := h.dispatched(t, "noise")
		h.move(t, 200, id, "outreach_worker", object{"action": "start"})
		until := func(d time.Duration) object {
			return object{"action": "suspend", "reason": "等待配件", "until": h.clock.read().Add(d)}
		}
		h.move(t, 403, id, "outreach_worker", until(time.Hour))
		for _, d := range []time.Duration{-time.Hour, 0, 31 * 24 * time.Hour} {
			if a := h.move(t, 422, id, "grid_lead", until(d)); strings.Join(a.pointers(), " ") != "/until" {
				t.Errorf("suspended for %s: %s", d, a.body)
			}
		}
		if a := h.move(t, 200, id, "grid_lead", until(time.Hour)); a.text("/state") != "suspended" || a.at("/resumeAt") == nil {
			t.Errorf("suspended: %s", a.body)
		}
		if a := h.move(t, 200, id, "grid_lead", object{"action": "resume"}); a.text("/state") != "in_progress" || a.at("/resumeAt") != nil {
			t.Errorf("resumed: %s", a.body)
		}

		// Nobody has to: the program resumes it as its time comes.
		h.move(t, 200, id, "grid_lead", until(time.Hour))
		h.clock.move(time.Hour)
		clock, stop := context.WithCancel(t.Context())
		var ended sync.WaitGroup
		ended.Go(func() {
			h.Tickets.RunClock(clock, jobs.Node{Store: h.Store, Name: "this node", Now: h.clock.read, Log: h.Log})
		})
		for deadline := time.Now().Add(5 * time.Minute); h.see(t, id, "grid_lead").text("/state") == "suspended" && time.Now().Before(deadline); {
			time.Sleep(20 * time.Millisecond)
		}
		stop()
		ended.Wait()
		line := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + id + "/timeline", as: "resident"})
		if n := len(line.items("/items")); line.at(fmt.Sprintf("/items/%d/action", n-1)) != "resume" || line.at(fmt.Sprintf("/items/%d/by", n-1)) != "system" {
			t.Errorf("resumed by the clock: %s", line.body)
		}
	})
}

// A corrected position routes anew, into another street's hands if it lies there
// and that takes it, or who corrects leads there too.
func TestCorrectedPosition(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		id := h.report(t, "resident", inside(niujia, 1), "noise").ID
		to := inside(jinshi, 2)
		correct := object{"action": "correct", "position": object{"lon": to[0], "lat": to[1], "datum": "wgs84"}, "category": "parking"}
		h.must(t, 404, call{method: "GET", url: "/v1/tickets/" + id, as: "other grid_lead"})
		h.move(t, 403, id, "resident", correct)
		if a := h.move(t, 200, id, "grid_lead", correct); a.text("/place/cell/code") != cellCode(niujia, 1) || a.text("/offer/place/cell/code") != cellCode(jinshi, 2) {
			t.Errorf("offered: %s", a.body)
		}
		h.move(t, 200, id, "other grid_lead", object{"action": "take"})
		h.must(t, 404, call{method: "GET", url: "/v1/tickets/" + id, as: "grid_lead"})
		a := h.see(t, id, "other grid_lead")
		if a.text("/place/cell/code") != cellCode(jinshi, 2) || a.text("/category") != "parking" || a.text("/state") != "reported" {
			t.Errorf("corrected: %s", a.body)
		}
		h.move(t, 200, id, "other grid_lead", object{"action": "accept"})
		line := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + id + "/timeline", as: "resident"})
		var told []any
		for _, e := range line.items("/items") {
			told = append(told, e.(object)["action"])
		}
		if fmt.Sprint(told) != "[report correct accept]" {
			t.Errorf("timeline across streets: %v", told)
		}
		if list := h.must(t, 200, call{method: "GET", url: "/v1/tickets", as: "street_manager"}); len(list.items("/items")) != 0 {
			t.Errorf("the first street still lists it: %s", list.body)
		}
	})
}

// Outside every cell a ticket waits with the street that is nearest.
func TestTriage(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		made := h.must(t, 201, call{method: "POST", url: "/v1/tickets", as: "resident", body: draft(outside, nil)})
		id := made.text("/id")
		if made.at("/triage") != true || made.at("/place/cell") != nil || made.at("/place/community") != nil || made.text("/place/street/code") != pingjiang {
			t.Errorf("reported: %s", made.body)
		}
		h.report(t, "resident", inside(niujia, 1), "noise")
		for who, want := range map[string]int{"dispatcher": 1, "street_manager": 1, "admin": 1, "community_manager": 0, "grid_lead": 0, "other dispatcher": 0} {
			list := h.must(t, 200, call{method: "GET", url: "/v1/tickets?triage=true", as: who})
			if len(list.items("/items")) != want {
				t.Errorf("%s has %d tickets to triage, want %d", who, len(list.items("/items")), want)
			}
		}
		h.must(t, 404, call{method: "GET", url: "/v1/tickets/" + id, as: "grid_lead"})
		to := inside(chayuan, 4)
		if a := h.move(t, 200, id, "dispatcher", object{"action": "correct", "position": object{"lon": to[0], "lat": to[1], "datum": "cgcs2000"}}); a.at("/triage") != false || a.text("/place/cell/code") != cellCode(chayuan, 4) {
			t.Errorf("triaged: %s", a.body)
		}
	})
}

func TestAnonymous(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		id := h.must(t, 201, call{method: "POST", url: "/v1/tickets", as: "resident", body: draft(inside(niujia, 1), object{"anonymous": true})}).text("/id")
		h.must(t, 201, call{method: "POST", url: "/v1/tickets/" + id + "/comments", as: "resident", body: object{"text": "请尽快"}})
		if a := h.see(t, id, "resident"); a.at("/mine") != true || a.text("/reporter/phone") != "138****0001" {
			t.Errorf("its reporter sees %s", a.body)
		}
		h.must(t, 403, call{method: "POST", url: "/v1/tickets/" + id + "/reveal", as: "grid_lead", body: object{"fields": []string{"phone"}, "reason": "回访"}})
		for _, url := range []string{"", "/timeline", "/comments"} {
			for _, who := range []string{"grid_lead", "outreach_worker", "admin"} {
				a := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + id + url, as: who})
				if body := string(a.body); strings.Contains(body, h.people["resident"].id) || strings.Contains(body, "138****0001") {
					t.Errorf("%s finds the reporter at %q: %s", who, url, body)
				}
			}
		}
	})
}

func TestOnBehalf(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		body := draft(inside(niujia, 1), object{"onBehalfOf": object{"name": "王秀英", "phone": "138 0000 0003"}}) // the neighbour
		post := func(who string, at orb.Point) call {
			body["position"] = object{"lon": at[0], "lat": at[1], "datum": "wgs84"}
			return call{method: "POST", url: "/v1/tickets", as: who, body: body}
		}
		h.must(t, 403, post("resident", inside(niujia, 1)))
		h.must(t, 403, post("handler", inside(niujia, 1)))
		if a := h.must(t, 422, post("outreach_worker", inside(niujia, 3))); strings.Join(a.pointers(), " ") != "/position" {
			t.Errorf("outside the worker's cells: %s", a.body)
		}
		made := h.must(t, 201, post("outreach_worker", inside(niujia, 2)))
		if made.text("/source") != "worker" || made.text("/reporter/name") != "王*英" || made.text("/reporter/phone") != "138****0003" || made.text("/reportedBy/name") == "" || made.at("/mine") != false || made.at("/reporter/id") != nil {
			t.Errorf("on behalf: %s", made.body) // and whether the phone has an account is not told
		}
		id := made.text("/id")
		if a := h.see(t, id, "neighbour"); a.at("/mine") != true || a.at("/reportedBy") != nil {
			t.Errorf("the resident it is for sees %s", a.body)
		}
		reveal := func(who string, fields ...string) call {
			return call{method: "POST", url: "/v1/tickets/" + id + "/reveal", as: who, body: object{"fields": fields, "reason": "回访核实"}}
		}
		if a := h.must(t, 200, reveal("grid_lead", "name", "phone")); a.text("/name") != "王秀英" || a.text("/phone") != "13800000003" {
			t.Errorf("revealed: %s", a.body)
		}
		if a := h.must(t, 200, reveal("outreach_worker", "phone")); a.at("/name") != nil || a.text("/phone") != "13800000003" {
			t.Errorf("revealed: %s", a.body)
		}
		h.must(t, 422, call{method: "POST", url: "/v1/tickets/" + id + "/reveal", as: "grid_lead", body: object{"fields": []string{"password"}, "reason": " "}})
		line := func(who string) string {
			return string(h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + id + "/timeline", as: who}).body)
		}
		if strings.Count(line("grid_lead"), `"action":"reveal"`) != 2 || strings.Contains(line("neighbour"), "reveal") {
			t.Errorf("reveals on the timeline: %s", line("grid_lead"))
		}
	})
}
