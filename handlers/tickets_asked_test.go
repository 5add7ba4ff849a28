package handlers

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain/ids"
)

// The reporter is asked and answers, urges, says how it went; what cannot be seen
// to is shelved: each as they and those who see to it read it.
func TestTheReportersSide(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		id := h.report(t, "resident", inside(niujia, 1), "noise").ID
		step := func(who string, body object) call {
			return call{method: "POST", url: "/v1/tickets/" + id + "/transitions", as: who, body: body}
		}
		ask := object{"id": ids.New(), "action": "ask", "question": "哪一户？"}
		asked := h.move(t, 200, id, "grid_lead", ask)
		if again := h.move(t, 200, id, "grid_lead", ask); again.at("/version") != asked.at("/version") || again.at("/asked") != 1.0 {
			t.Errorf("asked again: %s", again.body)
		}
		if a := h.see(t, id, "resident"); a.text("/state") != "awaiting_reporter" || a.text("/question/text") != "哪一户？" || a.text("/question/lapsesAt") != "2026-11-30T09:00:00.000Z" || a.text("/allowed/0") != "answer" || a.at("/dueAt") != nil {
			t.Errorf("the resident sees %s", a.body)
		}
		if a := h.must(t, 200, call{method: "GET", url: "/v1/me/todo?open=true", as: "resident"}); a.text("/items/0/kind") != "ticket_asked" || a.text("/items/0/about/id") != id {
			t.Errorf("the resident is asked %s", a.body)
		}
		h.play(t, []scenario{
			{name: "asked twice", call: step("grid_lead", object{"action": "ask", "question": "几点？"}), status: 409, code: "wrong_state"},
			{name: "an empty answer", call: step("resident", object{"action": "answer", "answer": "  "}), status: 422, pointers: []string{"/answer"}},
			{name: "too long an answer", call: step("resident", object{"action": "answer", "answer": strings.Repeat("字", 1001)}), status: 422, pointers: []string{"/answer"}},
			{name: "another resident's answer", call: step("neighbour", object{"action": "answer", "answer": "三楼"}), status: 404},
			{name: "a worker's answer", call: step("outreach_worker", object{"action": "answer", "answer": "三楼"}), status: 403},
			{name: "a photo that is not theirs", call: step("resident", object{"action": "answer", "photos": []string{ids.New()}}), status: 422, pointers: []string{"/photos/0"}},
		})
		answer := object{"id": ids.New(), "action": "answer", "answer": "三楼东户", "photos": []string{h.photo(t, "resident")}}
		for range 2 {
			if a := h.move(t, 200, id, "resident", answer); a.text("/state") != "reported" || a.at("/question") != nil || a.at("/unanswered") != false || len(a.items("/photos")) != 1 {
				t.Errorf("answered: %s", a.body)
			}
		}
		line := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + id + "/timeline", as: "resident"})
		if line.text("/items/1/question") != "哪一户？" || line.text("/items/2/answer") != "三楼东户" || line.text("/items/2/by") != "reporter" || line.at("/items/1/actor") != nil {
			t.Errorf("the timeline: %s", line.body)
		}

		h.move(t, 200, id, "grid_lead", object{"action": "accept"})
		h.move(t, 200, id, "grid_lead", object{"action": "dispatch", "assignee": object{"kind": "person", "id": h.people["outreach_worker"].id}})
		h.move(t, 200, id, "outreach_worker", object{"action": "start"})
		h.move(t, 200, id, "resident", object{"action": "urge"})
		h.play(t, []scenario{
			{name: "urged at once again", call: step("resident", object{"action": "urge"}), status: 409, code: "too_soon", headers: map[string]string{"Retry-After": "259200"}},
			{name: "a lead supervises", call: step("grid_lead", object{"action": "supervise", "reason": "快"}), status: 403},
			{name: "supervised without a reason", call: step("street_manager", object{"action": "supervise"}), status: 422, pointers: []string{"/reason"}},
			{name: "a lead shelves", call: step("grid_lead", object{"action": "shelve", "reason": "等", "measures": "围", "reviewAt": h.clock.read().Add(time.Hour)}), status: 403},
			{name: "shelved with nothing", call: step("dispatcher", object{"action": "shelve"}), status: 422, pointers: []string{"/reason", "/measures", "/reviewAt"}},
			{name: "suspended beyond the round", call: step("grid_lead", object{"action": "suspend", "reason": "等", "until": h.clock.read().Add(31 * 24 * time.Hour)}), status: 422, pointers: []string{"/until"}},
			{name: "closed before it is shelved", call: step("dispatcher", object{"action": "close", "reason": "不办"}), status: 409, code: "wrong_state"},
		})
		h.move(t, 200, id, "street_manager", object{"action": "supervise", "reason": "久拖不决"})
		shelved := h.move(t, 200, id, "dispatcher", object{"action": "shelve", "reason": "列入明年计划", "measures": "每周巡查", "reviewAt": "2027-01-04T01:00:00Z"})
		if shelved.text("/urgency") != "urgent" || shelved.text("/supervised/0/reason") != "久拖不决" || len(shelved.items("/urged")) != 1 || shelved.text("/backlog/measures") != "每周巡查" {
			t.Errorf("shelved: %s", shelved.body)
		}
		if a := h.see(t, id, "resident"); a.text("/backlog/reviewAt") != "2027-01-04T01:00:00.000Z" || a.at("/backlog/due") != false || a.at("/supervised/0/reason") != nil || a.at("/supervised/0/at") == nil {
			t.Errorf("the resident sees %s", a.body)
		}
		for who, url := range map[string]string{"street_manager": "/v1/tickets?backlog=true", "resident": "/v1/tickets?backlog=true&mine=true"} {
			if a := h.must(t, 200, call{method: "GET", url: url, as: who}); len(a.items("/items")) != 1 || a.text("/items/0/id") != id {
				t.Errorf("%s lists %s", who, a.body)
			}
		}
		if a := h.must(t, 200, call{method: "GET", url: "/v1/tickets/counts?by=state&backlog=true", as: "street_manager"}); a.at("/total") != 1.0 {
			t.Errorf("counted: %s", a.body)
		}
		h.must(t, 400, call{method: "GET", url: "/v1/tickets?backlog=maybe", as: "street_manager"})
		h.move(t, 200, id, "dispatcher", object{"action": "resume"})
		h.move(t, 200, id, "outreach_worker", object{"action": "resolve", "outcome": "fixed"})
		h.move(t, 200, id, "resident", object{"action": "dispute", "reason": "昨晚又吵"})
		if a := h.see(t, id, "grid_lead"); a.at("/said/solved") != false || a.text("/said/words") != "昨晚又吵" || a.at("/backlog") != nil {
			t.Errorf("who verifies sees %s", a.body)
		}
		if a := h.move(t, 200, id, "resident", object{"action": "confirm"}); a.at("/said/solved") != true || a.at("/said/words") != nil {
			t.Errorf("confirmed: %s", a.body)
		}

		public := h.must(t, 200, call{method: "GET", url: "/ogc/collections/tickets/items", as: ""})
		for _, secret := range []string{"哪一户", "三楼", "每周巡查", "久拖", "昨晚"} {
			if strings.Contains(string(public.body), secret) {
				t.Errorf("the public reads %s: %s", secret, public.body)
			}
		}
	})
}

// A consultation is answered with its report, sent as often as it may be.
func TestAnsweredWithTheReport(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		body := draft(inside(niujia, 1), object{"id": ids.New(), "category": "other", "kind": "consultation", "answer": "带身份证到二号窗口", "onBehalfOf": object{"name": "王秀英", "phone": "13800000099"}})
		post := func(who string, body object) call {
			return call{method: "POST", url: "/v1/tickets", as: who, body: body}
		}
		with := func(change object) object { return joined(joined(body, object{"id": ids.New()}), change) }
		for range 2 {
			a := h.must(t, 201, post("counter_worker", body))
			if a.text("/state") != "closed" || a.text("/outcome") != "answered" || a.at("/verification") != nil || a.at("/assignee") != nil || a.at("/version") != 1.0 {
				t.Errorf("answered: %s", a.body)
			}
		}
		line := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + body["id"].(string) + "/timeline", as: "counter_worker"})
		if len(line.items("/items")) != 2 || line.text("/items/1/answer") != "带身份证到二号窗口" || line.at("/items/0/answer") != nil {
			t.Errorf("the timeline: %s", line.body)
		}
		h.play(t, []scenario{
			{name: "another answer under the id", call: post("counter_worker", joined(body, object{"answer": "别的"})), status: 409, code: "duplicate"},
			{name: "what is no consultation", call: post("counter_worker", with(object{"kind": "help"})), status: 422, pointers: []string{"/answer"}},
			{name: "too long", call: post("counter_worker", with(object{"answer": strings.Repeat("字", 1001)})), status: 422, pointers: []string{"/answer"}},
			{name: "by a worker", call: post("outreach_worker", with(object{})), status: 403, code: "forbidden"},
		})
		if a := h.must(t, 403, post("resident", draft(inside(niujia, 1), object{"kind": "consultation", "answer": "自己答"}))); a.text("/code") != "forbidden" {
			t.Errorf("by a resident: %s", a.body)
		}
		own := h.must(t, 201, post("resident", draft(inside(niujia, 1), object{"kind": "consultation"}))).text("/id")
		if a := h.see(t, own, "grid_lead"); !slices.Contains(a.items("/allowed"), any("reply")) {
			t.Errorf("the lead may %v", a.at("/allowed"))
		}
		h.move(t, 422, own, "grid_lead", object{"action": "reply"})
		if a := h.move(t, 200, own, "grid_lead", object{"action": "reply", "answer": "周一来"}); a.text("/outcome") != "answered" || a.at("/closedAt") == nil {
			t.Errorf("replied: %s", a.body)
		}
	})
}
