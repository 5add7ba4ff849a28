package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/domain/ids"
	"wangge/handlers/web"
	"wangge/store"
	"wangge/store/enginetest"
)

// mortal is an engine that is gone as soon as something that counts is committed, until it is revived.
type mortal struct {
	store.Engine
	armed, dead atomic.Bool
}

func (m *mortal) gone() error {
	if m.dead.Load() {
		return store.ErrUnavailable
	}
	return nil
}

func (m *mortal) Get(ctx context.Context, spec *store.Spec, ids []string) ([]bson.Raw, error) {
	if err := m.gone(); err != nil {
		return nil, err
	}
	return m.Engine.Get(ctx, spec, ids)
}

func (m *mortal) Find(ctx context.Context, spec *store.Spec, p *store.Plan) ([]bson.Raw, error) {
	if err := m.gone(); err != nil {
		return nil, err
	}
	return m.Engine.Find(ctx, spec, p)
}

func (m *mortal) Begin(ctx context.Context, partitions []string, reserve []int64) (store.EngineTx, error) {
	if err := m.gone(); err != nil {
		return nil, err
	}
	tx, err := m.Engine.Begin(ctx, partitions, reserve)
	return &mortalTx{EngineTx: tx, m: m}, err
}

type mortalTx struct {
	store.EngineTx
	m      *mortal
	counts bool
}

func (tx *mortalTx) Write(ctx context.Context, writes []store.Write, used []int64) error {
	for _, w := range writes {
		tx.counts = tx.counts || w.Spec.Journaled || slices.Contains([]string{"photos", "todos", "webhookDeliveries", "ratings", "notices", "deliveryPreferences", "wechatGrants"}, w.Spec.Name)
	}
	return tx.EngineTx.Write(ctx, writes, used)
}

func (tx *mortalTx) Commit(ctx context.Context) error {
	err := tx.EngineTx.Commit(ctx)
	if err == nil && tx.counts && tx.m.armed.CompareAndSwap(true, false) {
		tx.m.dead.Store(true)
	}
	return err
}

// revive is what comes up after a crash.
func (m *mortal) revive(t *testing.T, h *harness) {
	t.Helper()
	m.armed.Store(false)
	m.dead.Store(false)
	if err := errors.Join(h.Areas.Refresh(t.Context()), h.Policies.Refresh(t.Context())); err != nil {
		t.Fatal(err)
	}
}

// entries is how many entries the journal has.
func (h *harness) entries() (n int64) {
	for _, head := range h.Store.Heads() {
		n += head
	}
	return n
}

// crash is a request of a route that changes something.
type crash struct {
	route string
	call  func(*testing.T, *harness) call
}

func to(as, method, url string, body any) func(*testing.T, *harness) call {
	return at(as, method, func(t *testing.T, h *harness) string { return theirs(method, url, nil)(t, h, "").url }, body)
}

// at is a call of an address below something that is made for it.
func at(as, method string, url func(*testing.T, *harness) string, body any) func(*testing.T, *harness) call {
	return func(t *testing.T, h *harness) call {
		c := call{method: method, url: url(t, h), as: as, body: body}
		if method != "POST" {
			c = matched(c)
		}
		return c
	}
}

// visited is an address below a visit planned at a household that is made for it.
func visited(room, path string) func(*testing.T, *harness) string {
	return func(t *testing.T, h *harness) string {
		home := h.home(t, niujia, 1, room, "empty_nest_elder")
		h.clock.move(time.Minute)
		h.schedule(t)
		return "/v1/visits/" + h.visitAt(t, "admin", home) + path
	}
}

// begun is an address below a stop of today that is open, metres from where it should be.
func begun(room string, metres float64, url string) func(*testing.T, *harness) string {
	return func(t *testing.T, h *harness) string {
		visit := visited(room, "")(t, h)
		stop := h.must(t, 201, call{method: "POST", url: visit + "/check-in", as: "outreach_worker", body: door(niujia, 1, metres)}).text("/id")
		return strings.NewReplacer("{visit}", visit, "{stop}", "/v1/stops/"+stop).Replace(url)
	}
}

// doubted is begun, and completed.
func doubted(room, url string) func(*testing.T, *harness) string {
	return func(t *testing.T, h *harness) string {
		both := begun(room, 3000, "{stop} {visit}")(t, h)
		stop, visit, _ := strings.Cut(both, " ")
		h.clock.move(10 * time.Minute)
		h.must(t, 200, call{method: "POST", url: stop + "/complete", as: "outreach_worker", body: object{"result": "met"}})
		return strings.NewReplacer("{visit}", visit, "{stop}", stop).Replace(url)
	}
}

func alerted(t *testing.T, h *harness) string {
	home := h.home(t, niujia, 1, "901", "empty_nest_elder")
	h.knock(t, "outreach_worker", home, "no_answer")
	h.clock.move(time.Hour)
	return "/v1/stops/" + h.knock(t, "outreach_worker", home, "no_answer").text("/id") + "/clear-alert"
}

var (
	newcomer = object{"name": "新人"}
	elder    = object{"type": "object", "properties": object{"health": object{"title": "健康", "x-title-en": "Health", "type": "string"}}}
	formed   = object{"title": object{"zh-CN": "表", "en": "Form"}, "schema": elder}
	half     = object{"type": "FeatureCollection", "features": []object{part(cellCode(niujia, 2), "西半", box(niujia, 1, 0, 1.5, 1)), part(cellCode(niujia, 9), "东半", box(niujia, 1.5, 0, 2, 1))}}
	there    = object{"lon": inside(niujia, 1)[0], "lat": inside(niujia, 1)[1], "datum": "wgs84"}
	planTerm = elderPlan(niujia, nil)["terms"]
)

// crashes is every route that takes a key, in an order in which each finds what it needs.
var crashes = []crash{
	{"PATCH /v1/me", to("resident", "PATCH", "/v1/me", object{"language": "en"})},
	{"POST /v1/me/todo/:id/done", at("resident", "POST", func(t *testing.T, h *harness) string {
		return "/v1/me/todo/" + h.asked(t, "resident", "ticket", h.walkedTicket) + "/done"
	}, nil)},
	{"POST /v1/accounts", to("admin", "POST", "/v1/accounts", object{"username": "crash.one", "name": "新人", "grants": []object{{"role": "outreach_worker", "area": niujia}}})},
	{"PATCH /v1/accounts/:id", func(t *testing.T, h *harness) call {
		return theAccount("PATCH", "", object{"language": "en"})(t, h, "").by("admin")
	}},
	{"PUT /v1/accounts/:id/grants", func(t *testing.T, h *harness) call {
		return theAccount("PUT", "/grants", object{"grants": []object{{"role": "grid_lead", "area": niujia}}})(t, h, "").by("admin")
	}},
	{"POST /v1/organisations", to("dispatcher", "POST", "/v1/organisations", object{"name": "自来水", "kind": "water", "street": pingjiang})},
	{"PATCH /v1/organisations/:id", func(t *testing.T, h *harness) call {
		return theOrganisation("PATCH", object{"phone": "0512-67279999"})(t, h, "").by("dispatcher")
	}},
	{"POST /v1/areas/import", func(*testing.T, *harness) call {
		return call{method: "POST", url: "/v1/areas/import", as: "admin", body: areaFile + "community,320508020003,新社区居委会,320508020\n", header: map[string]string{"Content-Type": web.CSV}}
	}},
	{"POST /v1/cells/import", to("admin", "POST", "/v1/cells/import", collection(square(cellCode(niujia, 8), "新网格", "basic", cellCorner(niujia, 5), cellEdge)))},
	{"PUT /v1/cells/:code/boundary", to("street_manager", "PUT", "/v1/cells/"+cellCode(niujia, 8)+"/boundary", box(niujia, 0, 2, 1, 2.5))},
	{"POST /v1/redraws/:id/undo", at("street_manager", "POST", func(t *testing.T, h *harness) string {
		return "/v1/redraws/" + h.must(t, 200, call{method: "GET", url: "/v1/redraws?area=" + pingjiang, as: "street_manager"}).text("/items/0/id") + "/undo"
	}, nil)},
	{"POST /v1/cells/:code/split", to("street_manager", "POST", "/v1/cells/"+cellCode(niujia, 2)+"/split", half)},
	{"POST /v1/cells/merge", to("street_manager", "POST", "/v1/cells/merge", object{"cells": []string{cellCode(niujia, 2), cellCode(niujia, 9)}, "into": cellCode(niujia, 2), "name": "合并"})},
	{"POST /v1/cells/:code/retire", to("street_manager", "POST", "/v1/cells/"+cellCode(niujia, 8)+"/retire", object{"reason": "拆迁"})},
	{"PUT /v1/cells/:code/staff", func(_ *testing.T, h *harness) call {
		return matched(call{method: "PUT", url: "/v1/cells/" + cellCode(niujia, 1) + "/staff", as: "street_manager", body: object{"covers": []object{},
			"staff": []object{{"account": h.people["grid_lead"].id, "role": "lead"}, {"account": h.people["outreach_worker"].id, "role": "worker"}}}})
	}},

	{"POST /v1/households", to("outreach_worker", "POST", "/v1/households", homeAt(niujia, 1, "301"))},
	{"POST /v1/households/import", func(*testing.T, *harness) call {
		file := fmt.Sprintf("小区,幢,室,经度,纬度,坐标系,姓名\n大儒巷,8,302,%v,%v,wgs84,李明\n", inside(niujia, 1)[0], inside(niujia, 1)[1])
		return call{method: "POST", url: "/v1/households/import?street=" + pingjiang, as: "community_manager", body: file, header: map[string]string{"Content-Type": web.CSV}}
	}},
	{"POST /v1/addresses/import", func(*testing.T, *harness) call {
		file := fmt.Sprintf("地址编码,小区,幢,室,经度,纬度,坐标系\n3205,大儒巷,8,302,%v,%v,wgs84\n", inside(niujia, 1)[0], inside(niujia, 1)[1])
		return call{method: "POST", url: "/v1/addresses/import?scheme=suzhou", as: "street_manager", body: file, header: map[string]string{"Content-Type": web.CSV}}
	}},
	{"PATCH /v1/households/:id", to("outreach_worker", "PATCH", "/v1/households/{home}", object{"occupancy": "rent"})},
	{"POST /v1/households/:id/members", to("outreach_worker", "POST", "/v1/households/{home}/members", newcomer)},
	{"PATCH /v1/households/:id/members/:member", to("outreach_worker", "PATCH", "/v1/households/{home}/members/{member}", object{"phone": "13900005555"})},
	{"PUT /v1/households/:id/members/:member/tags/:tag", to("outreach_worker", "PUT", "/v1/households/{home}/members/{member}/tags/party_member", object{})},
	{"DELETE /v1/households/:id/members/:member/tags/:tag", to("outreach_worker", "DELETE", "/v1/households/{home}/members/{member}/tags/party_member", nil)},
	{"POST /v1/households/:id/members/:member/move", func(t *testing.T, h *harness) call {
		body := homeAt(niujia, 1, "303")
		body["members"] = []object{}
		into := h.must(t, 201, call{method: "POST", url: "/v1/households", as: "grid_lead", body: body}).text("/id")
		return call{method: "POST", url: "/v1/households/" + h.walked["{home}"] + "/members/" + h.walked["{member}"] + "/move", as: "grid_lead", body: object{"to": into}}
	}},
	{"DELETE /v1/households/:id/members/:member", func(t *testing.T, h *harness) call {
		a := h.must(t, 201, call{method: "POST", url: "/v1/households/" + h.walked["{home}"] + "/members", as: "grid_lead", body: object{"id": ids.New(), "name": "客人"}})
		last := a.text(fmt.Sprintf("/members/%d/id", len(a.items("/members"))-1))
		return matched(call{method: "DELETE", url: "/v1/households/" + h.walked["{home}"] + "/members/" + last + "?reason=left", as: "grid_lead"})
	}},
	{"POST /v1/households/:id/merge", func(t *testing.T, h *harness) call {
		h.walked["{other}"] = h.home(t, niujia, 1, "304")
		return call{method: "POST", url: "/v1/households/" + h.walked["{home}"] + "/merge", as: "grid_lead", body: object{"household": h.walked["{other}"]}}
	}},
	{"POST /v1/households/:id/unmerge", func(_ *testing.T, h *harness) call {
		return call{method: "POST", url: "/v1/households/" + h.walked["{home}"] + "/unmerge", as: "grid_lead", body: object{"household": h.walked["{other}"]}}
	}},
	{"POST /v1/households/:id/move", to("outreach_worker", "POST", "/v1/households/{home}/move", object{"address": object{"estate": "钮家巷", "building": "3"}, "position": there})},
	{"DELETE /v1/households/:id", to("grid_lead", "DELETE", "/v1/households/{other}", nil)},
	{"PUT /v1/tags/:code", to("street_manager", "PUT", "/v1/tags/lives_alone", object{"street": pingjiang, "name": object{"zh-CN": "独居", "en": "Alone"}, "sensitive": false, "retired": false})},

	{"POST /v1/forms", to("street_manager", "POST", "/v1/forms", joined(formed, object{"street": pingjiang, "code": "crash"}))},
	{"POST /v1/forms/:id/versions", to("street_manager", "POST", "/v1/forms/{form}/versions", joined(formed, object{"title": object{"zh-CN": "新表", "en": "New form"}}))},
	{"POST /v1/visit-plans", to("community_manager", "POST", "/v1/visit-plans", elderPlan(niujia, nil))},
	{"PUT /v1/visit-plans/:id/terms", to("street_manager", "PUT", "/v1/visit-plans/{plan}/terms", object{"from": "2026-12-24", "terms": planTerm})},
	{"PUT /v1/visit-policies/:street", to("street_manager", "PUT", "/v1/visit-policies/"+pingjiang, object{"thresholds": thresholds(1), "reviewAt": 1, "weekLimit": 40, "welfareTags": []string{"empty_nest_elder"}})},
	{"PUT /v1/holidays/:year", to("admin", "PUT", "/v1/holidays/2027", mayDay)},
	{"POST /v1/holidays/import", func(*testing.T, *harness) call {
		return call{method: "POST", url: "/v1/holidays/import?source=x", as: "admin", body: mayDays, header: map[string]string{"Content-Type": web.CSV}}
	}},
	{"PUT /v1/policies/:area/draft", to("street_manager", "PUT", "/v1/policies/"+pingjiang+"/draft", object{})},
	{"DELETE /v1/policies/:area/draft", to("street_manager", "DELETE", "/v1/policies/"+pingjiang+"/draft", nil)},
	{"POST /v1/policies/:area/draft/import", func(*testing.T, *harness) call {
		return call{method: "POST", url: "/v1/policies/" + pingjiang + "/draft/import", as: "street_manager", body: trades, header: map[string]string{"Content-Type": web.CSV}}
	}},
	{"POST /v1/policies/:area/publish", func(t *testing.T, h *harness) call {
		h.must(t, 200, matched(call{method: "PUT", url: "/v1/policies/" + pingjiang + "/draft", as: "street_manager", body: object{"limits": []object{{"code": "suspend_days", "value": 20}}, "tags": []object{{"code": "lives_alone", "name": object{"zh-CN": "独居", "en": "Alone"}}}}}))
		return call{method: "POST", url: "/v1/policies/" + pingjiang + "/publish", as: "street_manager", body: object{"from": "2026-12-31", "why": "会议决定"}}
	}},
	{"POST /v1/visits/:id/check-in", at("outreach_worker", "POST", visited("401", "/check-in"), door(niujia, 1, 5))},
	{"POST /v1/visits/:id/complete", at("outreach_worker", "POST", begun("402", 5, "{visit}/complete"), object{"result": "met", "needs": []object{{"category": "pipe_dispute", "title": "漏水", "note": "厨房"}}, "aids": []object{{"title": "米"}}})},
	{"POST /v1/visits/:id/review", at("grid_lead", "POST", doubted("403", "{visit}/review"), object{"accept": false, "note": "三公里外"})},
	{"POST /v1/visits/:id/reschedule", at("outreach_worker", "POST", visited("404", "/reschedule"), object{"reason": "外出", "day": "2026-11-26"})},
	{"POST /v1/visits/:id/reassign", func(t *testing.T, h *harness) call {
		return call{method: "POST", url: visited("405", "/reassign")(t, h), as: "grid_lead", body: object{"reason": "同事请假", "assignee": h.people["outreach_worker"].id}}
	}},
	{"POST /v1/visits/:id/miss", at("outreach_worker", "POST", visited("406", "/miss"), object{"reason": "外出"})},
	{"POST /v1/visits/:id/cancel", at("grid_lead", "POST", visited("407", "/cancel"), object{"reason": "住院"})},
	{"POST /v1/stops", to("outreach_worker", "POST", "/v1/stops", object{"household": "{home}", "channel": "phone", "adHoc": true})},
	{"POST /v1/stops/:id/complete", at("outreach_worker", "POST", begun("408", 5, "{stop}/complete"), object{"result": "met", "promises": []object{{"text": "送药", "dueOn": "2026-11-25"}}})},
	{"POST /v1/stops/:id/abandon", at("outreach_worker", "POST", begun("409", 5, "{stop}/abandon"), object{"reason": "走错了"})},
	{"POST /v1/stops/:id/review", at("grid_lead", "POST", doubted("410", "{stop}/review"), object{"accept": true, "note": "属实"})},
	{"POST /v1/stops/:id/clear-alert", at("grid_lead", "POST", alerted, object{"note": "已电话联系其子"})},
	{"POST /v1/households/:id/moved-away", at("grid_lead", "POST", func(t *testing.T, h *harness) string {
		home := h.home(t, niujia, 1, "902", "empty_nest_elder")
		h.knock(t, "outreach_worker", home, "moved_away")
		return "/v1/households/" + home + "/moved-away"
	}, object{"confirmed": true})},
	{"POST /v1/visits/:id/links", linkedBy("POST", "/v1/visits/{visit}/links", func(h *harness) any { return tie("same_matter", "ticket", h.walked["{free}"]) })},
	{"DELETE /v1/visits/:id/links/:link", linkedBy("DELETE", "/v1/visits/{visit}/links/{link}?reason=x", nil)},
	{"POST /v1/tickets/:id/links", linkedBy("POST", "/v1/tickets/{free}/links", func(h *harness) any { return tie("follow_up", "visit", h.walked["{visit}"]) })},
	{"DELETE /v1/tickets/:id/links/:link", linkedBy("DELETE", "/v1/tickets/{linked}/links/{link}?reason=x", nil)},
	{"POST /v1/promises/:id/end", to("outreach_worker", "POST", "/v1/promises/{promise}/end", object{"state": "kept"})},
	{"POST /v1/works", to("community_manager", "POST", "/v1/works", object{"area": niujia, "title": "义诊", "people": 20, "heldAt": "2026-11-22T01:00:00Z"})},
	{"POST /v1/visit-plans/:id/transitions", to("street_manager", "POST", "/v1/visit-plans/{plan}/transitions", object{"action": "pause"})},

	{"PUT /v1/intake-systems/:system", to("admin", "PUT", "/v1/intake-systems/crashing", object{"title": "平台", "accounts": []string{}, "states": []object{}})},
	{"POST /v1/intake-cases/import", func(*testing.T, *harness) call {
		return call{method: "POST", url: "/v1/intake-cases/import?system=rnd", as: "street_manager", body: caseFile, header: map[string]string{"Content-Type": web.CSV}}
	}},
	{"POST /v1/intake-cases/:id/links", linkedCaseBy("POST", "/v1/intake-cases/{case}/links", func(h *harness) any { return tie("follow_up", "ticket", h.walked["{free}"]) })},
	{"DELETE /v1/intake-cases/:id/links/:link", linkedCaseBy("DELETE", "/v1/intake-cases/{case}/links/{tie}?reason=x", nil)},
	{"POST /v1/intake-cases/:id/tickets", linkedCaseBy("POST", "/v1/intake-cases/{case}/tickets", func(*harness) any { return ticketOfCase })},
	{"POST /v1/tickets/:id/cases", linkedBy("POST", "/v1/tickets/{free}/cases", func(*harness) any { return object{"item": plainItem} })},
	{"POST /v1/intake-cases", to("counter_worker", "POST", "/v1/intake-cases", caseDraft)},
	{"PATCH /v1/intake-cases/:id", to("counter_worker", "PATCH", "/v1/intake-cases/{case}", object{"homeCall": object{"note": "卧床"}})},
	{"POST /v1/intake-cases/:id/transitions", func(t *testing.T, h *harness) call {
		return ours("POST", "/transitions", object{"action": "accept"})(t, h, "").by("counter_worker")
	}},
	{"POST /v1/intake-cases/:id/trips", to("counter_worker", "POST", "/v1/intake-cases/{case}/trips", object{"on": "2026-11-20"})},
	{"POST /v1/intake-cases/:id/materials", func(t *testing.T, h *harness) call {
		return to("counter_worker", "POST", "/v1/intake-cases/{case}/materials", object{"name": "户口簿", "photos": []string{h.photo(t, "counter_worker")}})(t, h)
	}},

	{"POST /v1/photos", func(t *testing.T, _ *harness) call {
		body, media := upload(t, "file", jpegFile())
		return call{method: "POST", url: "/v1/photos", as: "resident", body: body, header: map[string]string{"Content-Type": media}}
	}},
	{"POST /v1/tickets", func(t *testing.T, h *harness) call {
		return call{method: "POST", url: "/v1/tickets", as: "resident", body: draft(inside(niujia, 1), object{"photos": []string{h.photo(t, "resident")}})}
	}},
	{"POST /v1/tickets/:id/transitions", at("grid_lead", "POST", func(t *testing.T, h *harness) string {
		return "/v1/tickets/" + h.report(t, "resident", inside(niujia, 1), "noise").ID + "/transitions"
	}, object{"action": "accept"})},
	{"POST /v1/tickets", func(*testing.T, *harness) call { // which is closed with its answer
		return call{method: "POST", url: "/v1/tickets", as: "grid_lead", body: draft(inside(niujia, 1), object{"kind": "consultation", "answer": "周一来"})}
	}},
	{"POST /v1/tickets/:id/transitions", at("grid_lead", "POST", func(t *testing.T, h *harness) string { // which asks somebody
		return "/v1/tickets/" + h.report(t, "resident", inside(niujia, 1), "noise").ID + "/transitions"
	}, object{"action": "ask", "question": "哪一户？"})},
	{"POST /v1/tickets/:id/transitions", func(t *testing.T, h *harness) call { // which changes two tickets
		joins, into := h.report(t, "resident", inside(niujia, 1), "noise").ID, h.report(t, "resident", inside(niujia, 1), "noise").ID
		return call{method: "POST", url: "/v1/tickets/" + joins + "/transitions", as: "grid_lead", body: object{"action": "merge", "into": into}}
	}},
	{"POST /v1/tickets/:id/transitions", func(t *testing.T, h *harness) call { // which makes two tickets
		id := h.report(t, "resident", inside(niujia, 1), "noise").ID
		h.move(t, 200, id, "grid_lead", object{"action": "accept"})
		return call{method: "POST", url: "/v1/tickets/" + id + "/transitions", as: "grid_lead", body: object{"action": "split", "children": []object{{"category": "noise", "title": "一"}, {"category": "noise", "title": "二"}}}}
	}},
	{"POST /v1/tickets/transitions", func(t *testing.T, h *harness) call {
		return call{method: "POST", url: "/v1/tickets/transitions", as: "grid_lead", body: object{"transition": object{"action": "accept"}, "tickets": []string{h.report(t, "resident", inside(niujia, 1), "noise").ID}}}
	}},
	{"POST /v1/tickets/:id/comments", func(t *testing.T, h *harness) call {
		return on("POST", "/comments", object{"text": "已联系"})(t, h, "").by("grid_lead")
	}},
	{"POST /v1/tickets/:id/photos", func(t *testing.T, h *harness) call {
		return on("POST", "/photos", object{"when": "before", "photos": []string{h.photo(t, "grid_lead")}})(t, h, "").by("grid_lead")
	}},
}

// The node dies when a request was just committed, before anybody was told.
// Sent again it is what was done: one effect, the status and the thing that it
// would have been. Every route that changes something is here, but for those
// that take no key: signing in and out, codes, searches, reveals, the feed,
// following, devices, tickets of the stream and trying a robot, which are the same however often they are sent, and what platforms
// upsert, whose versions are their keys (TestUpsertAfterACrash).
func TestSentAgainAfterACrash(t *testing.T) {
	unkeyed := map[string]bool{
		"POST /v1/codes": true, "POST /v1/sessions": true, "POST /v1/sessions/refresh": true, "DELETE /v1/sessions/current": true,
		"POST /v1/sessions/browser": true, "POST /v1/sessions/browser/refresh": true, "DELETE /v1/sessions/browser": true,
		"POST /v1/me/calendar": true, "DELETE /v1/me/calendar": true, "POST /v1/robots/:id/test": true, "PUT /v1/me/devices/:id": true, "DELETE /v1/me/devices/:id": true, "DELETE /v1/me/wechat": true,
		"POST /v1/households/search": true, "POST /v1/households/find": true, "POST /v1/households/:id/reveal": true, "POST /v1/tickets/:id/reveal": true, "POST /v1/policies/:area/check": true,
		"POST /v1/intake-cases/:id/reveal": true, "POST /v1/intake-cases/:id/reveal-matter": true, "POST /v1/visits/:id/reveal-caller": true, "POST /v1/tickets/:id/links/:link/reveal": true, "POST /v1/visits/:id/links/:link/reveal": true, "PUT /v1/intake-cases/by-source/:system/:number": true,
		"POST /v1/events/tickets": true, "PUT /v1/tickets/:id/followers/me": true, "DELETE /v1/tickets/:id/followers/me": true,
	}
	tried := map[string]bool{}
	for _, c := range slices.Concat(crashes, stationCrashes, crashesService, crashesOwnCases, crashesHomeCalls, webhookCrashes, robotCrashes, crashesInbox, crashesDelivering, crashesDeployment, crashesRatings, crashesCovers, crashesMatters, crashesWeChat) {
		tried[c.route] = true
	}
	answers := map[string]web.Outcome{}
	for _, rt := range (&Server{}).routes() {
		name := rt.Method + " " + rt.Path
		if answers[name] = rt.Done; rt.Method != "GET" && (rt.Keyed() != tried[name] || rt.Keyed() == unkeyed[name]) {
			t.Errorf("%s: takes a key %v, exempt %v, tried %v", name, rt.Keyed(), unkeyed[name], tried[name])
		}
	}
	enginetest.Each(t, func(t *testing.T, p enginetest.Place) {
		m := &mortal{Engine: p.Open(t)}
		h := newHarness(t, m)
		h.prepareDoors(t)
		h.prepareStation(t)
		h.prepareCases(t)
		h.prepareHomeCalls(t)
		h.walkedTicket = h.report(t, "resident", inside(niujia, 1), "noise").ID
		for _, c := range slices.Concat(crashes, stationCrashes, crashesService, crashesOwnCases, crashesHomeCalls, webhookCrashes, robotCrashes, crashesInbox, crashesDelivering, crashesDeployment, crashesRatings, crashesCovers, crashesMatters, crashesWeChat) {
			h.dieAndAsk(t, m, c.call(t, h), c.route, answers[c.route])
		}
	})
}

func (h *harness) dieAndAsk(t *testing.T, m *mortal, c call, route string, want web.Outcome) {
	t.Helper()
	header := map[string]string{"Idempotency-Key": ids.New()}
	for k, v := range c.header {
		header[k] = v
	}
	c.header = header
	if body, ok := c.body.(object); ok && body["household"] == "{home}" {
		c.body = joined(body, object{"household": h.walked["{home}"]})
	}
	before := h.entries()
	m.armed.Store(true)
	first := h.do(t, c)
	died, done := m.dead.Load(), h.entries()
	m.revive(t, h)
	if !died || done == before && !slices.Contains([]string{"photo", "todo", "notice", "inbox", "preferences", "wechat"}, want.Kind) {
		t.Errorf("%s did nothing: %d %s", route, first.status, first.body)
		return
	}
	again := h.do(t, c)
	if (strings.HasSuffix(want.Kind, "-import") || want.Kind == "ticket-batch") && again.status == 409 { // whose last update does not know that it is the last
		if again.text("/code") != "in_progress" || again.header.Get("Retry-After") == "" {
			t.Errorf("%s at once: %d %v %s", route, again.status, again.header, again.body)
		}
		h.clock.move(time.Minute)
		again = h.do(t, c)
	} else if again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("%s: not known again: %s", route, again.body)
	}
	if again.status != want.Status {
		t.Errorf("%s: %d, want %d: %s", route, again.status, want.Status, again.body)
	}
	if h.entries() != done {
		t.Errorf("%s: %d entries, then %d", route, done-before, h.entries()-before)
	}
	third := h.do(t, c)
	if third.status != again.status || string(third.body) != string(again.body) || third.header.Get("Location") != again.header.Get("Location") {
		t.Errorf("%s: %s, then %s", route, again.body, third.body)
	}
	if first.status < 300 && first.text("/id") != again.text("/id") {
		t.Errorf("%s: %s, then %s", route, first.body, again.body)
	}
	if want.Kind == "redraw" && len(again.items("/redraws")) != 1 {
		t.Errorf("%s: which redraw it was is lost: %s", route, again.body)
	}
	if (&Server{}).kinds()[want.Kind].Location != "" && want.Status == 201 && again.header.Get("Location") == "" {
		t.Errorf("%s: no Location", route)
	}
}

// An import whose node dies between two chunks goes on from there: its report is that of the whole.
func TestImportGoesOnAfterACrash(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, p enginetest.Place) {
		m := &mortal{Engine: p.Open(t)}
		h := newHarness(t, m)
		file := "小区,幢,室,经度,纬度,坐标系,姓名\n"
		for i := range 250 {
			file += fmt.Sprintf("大儒巷,8,%d,%v,%v,wgs84,李明\n", 100+i, inside(niujia, 1)[0], inside(niujia, 1)[1])
		}
		c := call{method: "POST", url: "/v1/households/import?street=" + pingjiang, as: "community_manager", body: file,
			header: map[string]string{"Content-Type": web.CSV, "Idempotency-Key": "rows"}}
		m.armed.Store(true)
		if first := h.do(t, c); first.status != 503 || first.header.Get("Retry-After") == "" {
			t.Fatalf("the node lived: %d %s", first.status, first.body)
		}
		m.revive(t, h)
		h.clock.move(time.Minute)
		for range 2 {
			if a := h.must(t, 200, c); a.at("/households/added") != 250.0 || a.at("/households/unchanged") != 0.0 || a.at("/refused") != 0.0 {
				t.Errorf("the report: %s", a.body)
			}
		}
		if a := h.must(t, 200, call{method: "GET", url: "/v1/households?limit=500&area=" + niujia, as: "admin"}); len(a.items("/items")) != 250 {
			t.Errorf("%d households", len(a.items("/items")))
		}
	})
}
