package handlers

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/ids"
	"wangge/handlers/wire"
)

// knock is a stop on the spot by phone, over at once with a result.
func (h *harness) knock(t *testing.T, as, home, result string) *answer {
	t.Helper()
	stop := h.must(t, 201, call{method: "POST", url: "/v1/stops", as: as, body: object{"household": home, "channel": "phone", "adHoc": true}}).text("/id")
	return h.must(t, 200, call{method: "POST", url: "/v1/stops/" + stop + "/complete", as: as, body: object{"result": result}})
}

// An elder who does not answer twice is a lead's to see to.
func TestSilenceOverHTTP(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		home := h.home(t, niujia, 1, "101", "empty_nest_elder")
		if first := h.knock(t, "outreach_worker", home, "no_answer"); first.at("/alert") != nil {
			t.Errorf("after one: %s", first.body)
		}
		h.clock.move(time.Hour)
		stop := h.knock(t, "outreach_worker", home, "no_answer")
		if stop.text("/alert") != "raised" {
			t.Fatalf("after two: %s", stop.body)
		}
		id := stop.text("/id")
		alerts := func(as string) int {
			t.Helper()
			return len(h.must(t, 200, call{method: "GET", url: "/v1/stops?queue=alert", as: as}).items("/items"))
		}
		if alerts("grid_lead") != 1 || alerts("other grid_lead") != 0 {
			t.Error("the alert is not where it should be")
		}
		if door := h.must(t, 200, call{method: "GET", url: "/v1/stops?household=" + home, as: "grid_lead"}); len(door.items("/items")) != 2 || door.text("/items/0/id") != id {
			t.Errorf("at the door: %s", door.body)
		}
		clear := call{method: "POST", url: "/v1/stops/" + id + "/clear-alert", as: "grid_lead", body: object{"note": "已电话联系其子"}}
		h.play(t, []scenario{
			{name: "by who knocked", call: call{method: "POST", url: clear.url, as: "outreach_worker", body: clear.body}, status: 403, code: "forbidden"},
			{name: "without a word", call: call{method: "POST", url: clear.url, as: "grid_lead", body: object{"note": " "}}, status: 422, pointers: []string{"/note"}},
			{name: "by the lead", call: clear, status: 200, fields: object{"/alert": "cleared", "/alertNote": "已电话联系其子"}},
			{name: "twice", call: clear, status: 200, fields: object{"/alert": "cleared"}},
			{name: "with another word", call: call{method: "POST", url: clear.url, as: "grid_lead", body: object{"note": "x"}}, status: 409, code: "wrong_state", fields: object{"/allowed/0": "review"}},
			{name: "completed twice otherwise", call: call{method: "POST", url: "/v1/stops/" + id + "/complete", as: "outreach_worker", body: object{"result": "met"}}, status: 409, code: "wrong_state"},
		})
		if n := alerts("grid_lead"); n != 0 {
			t.Errorf("%d alerts left", n)
		}
	})
}

// A check-in sent again, by either address and after the visit began, is the same stop.
func TestACheckInSentAgain(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		home := h.home(t, niujia, 1, "101", "empty_nest_elder")
		h.active(t, "community_manager", elderPlan(niujia, nil))
		visit := h.visitAt(t, "outreach_worker", home)
		in := call{method: "POST", url: "/v1/visits/" + visit + "/check-in", as: "outreach_worker", body: joined(door(niujia, 1, 30), object{"id": ids.New()})}
		first := h.must(t, 201, in)
		if again := h.must(t, 201, in); string(again.body) != string(first.body) {
			t.Errorf("first %s\nagain %s", first.body, again.body)
		}
		h.play(t, []scenario{
			{name: "another check-in", call: call{method: "POST", url: in.url, as: "outreach_worker", body: door(niujia, 1, 30)}, status: 409, code: "wrong_state", fields: object{"/allowed/0": "complete"}},
			{name: "another's", call: call{method: "POST", url: in.url, as: "other outreach_worker", body: in.body}, status: 404},
		})
		h.must(t, 200, call{method: "POST", url: "/v1/visits/" + visit + "/complete", as: "outreach_worker", body: object{"result": "met"}})
		if late := h.must(t, 201, in); late.text("/id") != first.text("/id") || late.text("/state") != "completed" {
			t.Errorf("sent after the end: %s", late.body)
		}
	})
}

// What was done without a connection happened when the device says, and is judged by how late it came in.
func TestOfflineOverHTTP(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		home := h.home(t, niujia, 1, "101", "empty_nest_elder")
		now := h.clock.read()
		clock := func(ago time.Duration) object {
			return object{"at": now.Add(-ago).Format(time.RFC3339), "sentAt": now.Format(time.RFC3339)}
		}
		in := joined(door(niujia, 1, 10), object{"household": home, "adHoc": true, "clock": clock(2 * time.Hour)})
		stop := h.must(t, 201, call{method: "POST", url: "/v1/stops", as: "outreach_worker", body: in})
		if stop.text("/at") != wire.Time(now.Add(-2*time.Hour)).String() || stop.at("/proof/evidence/delayH") != 2.0 || stop.at("/proof/evidence/skewS") != 0.0 {
			t.Errorf("checked in %s", stop.body)
		}
		finish := "/v1/stops/" + stop.text("/id") + "/complete"
		h.play(t, []scenario{
			{name: "a clock backwards", call: call{method: "POST", url: finish, as: "outreach_worker", body: object{"result": "met", "clock": clock(-time.Hour)}}, status: 422, pointers: []string{"/clock"}},
			{name: "half a clock", call: call{method: "POST", url: finish, as: "outreach_worker", body: object{"result": "met", "clock": object{"at": now.Format(time.RFC3339)}}}, status: 422, pointers: []string{"/clock/sentAt"}},
			{name: "a need that is to be a case of nothing", call: call{method: "POST", url: finish, as: "outreach_worker", body: object{"result": "met", "needs": []object{{"kind": "case", "category": "noise", "title": "x"}}}}, status: 422, pointers: []string{"/needs/0/item"}},
			{name: "an hour and a half later", call: call{method: "POST", url: finish, as: "outreach_worker", body: object{"result": "met", "clock": clock(30 * time.Minute)}}, status: 200,
				fields: object{"/leftAt": wire.Time(now.Add(-30 * time.Minute)).String(), "/proof/evidence/dwellS": 5400.0}},
		})
	})
}

// Whoever sees a stop sees its pictures, what was promised and what was given there; nobody else.
func TestWhatAStopShows(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		home, photo := h.home(t, niujia, 1, "101"), h.photo(t, "outreach_worker")
		stop := h.must(t, 201, call{method: "POST", url: "/v1/stops", as: "outreach_worker", body: object{"household": home, "channel": "phone", "adHoc": true}}).text("/id")
		h.must(t, 200, call{method: "POST", url: "/v1/stops/" + stop + "/complete", as: "outreach_worker", body: object{"result": "met", "photos": []string{photo},
			"promises": []object{{"text": "修灯", "dueOn": "2026-11-27"}, {"text": "送药", "dueOn": "2026-11-25"}}, "aids": []object{{"title": "米"}}}})
		seen := h.must(t, 200, call{method: "GET", url: "/v1/stops/" + stop, as: "grid_lead"})
		for pointer, want := range (object{"/photos/0": photo, "/promises/0/text": "送药", "/promises/0/stop": stop, "/promises/1/text": "修灯", "/promises/2": nil,
			"/aids/0/title": "米", "/aids/0/household": home, "/aids/1": nil}) {
			if seen.at(pointer) != want {
				t.Errorf("%s is %v, want %v", pointer, seen.at(pointer), want)
			}
		}
		h.must(t, 200, call{method: "POST", url: "/v1/promises/" + seen.text("/promises/0/id") + "/end", as: "grid_lead", body: object{"state": "kept"}})
		h.play(t, []scenario{
			{name: "ended since", call: call{method: "GET", url: "/v1/stops/" + stop, as: "outreach_worker"}, status: 200, fields: object{"/promises/0/state": "kept"}},
			{name: "ended twice", call: call{method: "POST", url: "/v1/promises/" + seen.text("/promises/0/id") + "/end", as: "grid_lead", body: object{"state": "kept"}}, status: 200, fields: object{"/state": "kept"}},
			{name: "ended otherwise", call: call{method: "POST", url: "/v1/promises/" + seen.text("/promises/0/id") + "/end", as: "grid_lead", body: object{"state": "withdrawn", "note": "不需要了"}}, status: 409, code: "wrong_state"},
			{name: "the picture to the lead", call: call{method: "GET", url: "/v1/photos/" + photo, as: "grid_lead"}, status: 200},
			{name: "the picture to another street", call: call{method: "GET", url: "/v1/photos/" + photo, as: "other street_manager"}, status: 404},
			{name: "the picture to the dispatcher", call: call{method: "GET", url: "/v1/photos/" + photo, as: "dispatcher"}, status: 404},
			{name: "the stop to the dispatcher", call: call{method: "GET", url: "/v1/stops/" + stop, as: "dispatcher"}, status: 403},
		})
	})
}

// Put off, handed to somebody, missed, cancelled: with reasons, and by who may.
func TestVisitsAreMoved(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		home, second, third := h.home(t, niujia, 1, "101", "empty_nest_elder"), h.home(t, niujia, 1, "102", "empty_nest_elder"), h.home(t, niujia, 1, "103", "empty_nest_elder")
		h.active(t, "community_manager", elderPlan(niujia, nil))
		at := func(home string) string { t.Helper(); return "/v1/visits/" + h.visitAt(t, "outreach_worker", home) }
		visit, missed, cancelled := at(home), at(second), at(third)
		post := func(as, url string, body object) call { return call{method: "POST", url: url, as: as, body: body} }
		shown := func(status int) {
			t.Helper()
			h.must(t, status, call{method: "GET", url: "/v1/households/" + home, as: "reviewer"})
		}
		shown(404) // who is posted in another cell
		give := object{"id": ids.New(), "reason": "同事请假", "assignee": h.people["reviewer"].id}
		h.play(t, []scenario{
			{name: "without a reason", call: post("outreach_worker", visit+"/reschedule", object{"day": "2026-11-26"}), status: 422, pointers: []string{"/reason"}},
			{name: "without a day", call: post("outreach_worker", visit+"/reschedule", object{"reason": "外出"}), status: 422, pointers: []string{"/day"}},
			{name: "a day of a miss", call: post("outreach_worker", visit+"/miss", object{"reason": "外出", "day": "2026-11-26"}), status: 422, pointers: []string{"/day"}},
			{name: "a worker hands it on", call: post("outreach_worker", visit+"/reassign", give), status: 403},
			{name: "to a stranger", call: post("grid_lead", visit+"/reassign", object{"reason": "x", "assignee": h.people["resident"].id}), status: 422, pointers: []string{"/assignee"}},
			{name: "another's", call: post("other grid_lead", visit+"/reassign", give), status: 404},
			{name: "put off", call: post("outreach_worker", visit+"/reschedule", object{"reason": "外出", "day": "2026-11-26"}), status: 200,
				fields: object{"/period": "2026-11-23", "/opens": "2026-11-25T16:00:00.000Z", "/state": "planned", "/reasons/0": "外出"}},
			{name: "handed on", call: post("grid_lead", visit+"/reassign", give), status: 200, fields: object{"/assignee/id": h.people["reviewer"].id, "/reasons/1": "同事请假"}},
			{name: "handed on again", call: post("grid_lead", visit+"/reassign", give), status: 200, fields: object{"/reasons/2": nil}},
			{name: "an old version", call: call{method: "POST", url: visit + "/cancel", as: "grid_lead", body: object{"reason": "x"}, header: map[string]string{"If-Match": `"1"`}}, status: 412},
			{name: "missed", call: post("outreach_worker", missed+"/miss", object{"reason": "外出"}), status: 200, fields: object{"/state": "missed", "/covered": false}},
			{name: "cancelled by who may not", call: post("outreach_worker", cancelled+"/cancel", object{"reason": "住院"}), status: 403},
			{name: "cancelled", call: post("grid_lead", cancelled+"/cancel", object{"reason": "住院"}), status: 200, fields: object{"/state": "cancelled", "/reasons/0": "住院"}},
			{name: "cancelled twice", call: post("grid_lead", cancelled+"/cancel", object{"reason": "住院"}), status: 409, code: "wrong_state"},
			{name: "completed before anybody knocked", call: post("outreach_worker", visit+"/complete", object{"result": "met"}), status: 409, code: "wrong_state"},
		})
		shown(200) // the visit is theirs
		h.clock.move(3 * 24 * time.Hour)
		stop := h.must(t, 201, post("reviewer", visit+"/check-in", door(niujia, 1, 5))).text("/id")
		shown(200)
		h.must(t, 200, post("reviewer", "/v1/stops/"+stop+"/complete", object{"result": "met"}))
		shown(404) // and over
	})
}

// A stand-in has the visits of who is away while they are away, and two at one door have it once.
func TestStandInsAndRaces(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		home := h.home(t, niujia, 1, "101", "empty_nest_elder")
		h.active(t, "community_manager", elderPlan(niujia, object{"rules": []object{{"rrule": "FREQ=DAILY"}}, "windowDays": 1}))
		h.add(t, h.Server, "stand-in", account.NewAccount{Grants: grant(access.OutreachWorker, niujia)})
		posts := []area.Post{{Account: h.people["grid_lead"].id, Role: access.GridLead}, {Account: h.people["outreach_worker"].id, Role: access.OutreachWorker}}
		cover := []area.Cover{{Account: h.people["stand-in"].id, For: h.people["outreach_worker"].id, From: morning.Add(24 * time.Hour), Until: morning.Add(48 * time.Hour)}}
		must(h.Accounts.SetStaff(t.Context(), program, morning, cellCode(niujia, 1), posts, cover, 0))(t)
		var mine []int
		for range 3 {
			day := h.must(t, 200, call{method: "GET", url: "/v1/visits?mine=true&state=planned&to=" + h.clock.read().Format(time.RFC3339), as: "stand-in"})
			mine = append(mine, len(day.items("/items")))
			h.clock.move(24 * time.Hour)
		}
		if !slices.Equal(mine, []int{0, 2, 0}) {
			t.Errorf("the stand-in has %v visits, day by day", mine)
		}
		who := []string{"outreach_worker", "grid_lead"}
		for _, w := range who {
			h.token(t, w)
		}
		got := make([]*answer, 4)
		var wg sync.WaitGroup
		for i := range got {
			wg.Go(func() {
				got[i] = h.do(t, call{method: "POST", url: "/v1/stops", as: who[i%2], body: joined(door(niujia, 1, 5), object{"household": home})})
			})
		}
		wg.Wait()
		var told []string
		stop, by := "", ""
		for i, a := range got {
			told = append(told, fmt.Sprint(a.status, a.text("/code")))
			if a.status == 201 {
				stop, by = a.text("/id"), who[i%2]
			}
		}
		slices.Sort(told)
		if want := []string{"201", "409nothing_due", "409nothing_due", "409nothing_due"}; !slices.Equal(told, want) {
			t.Fatalf("two at one door: %v", told)
		}
		for i := range got {
			wg.Go(func() {
				got[i] = h.do(t, call{method: "POST", url: "/v1/stops/" + stop + "/complete", as: by, body: object{"result": "met", "needs": []object{{"category": "noise", "title": "夜间装修"}}}})
			})
		}
		wg.Wait()
		for _, a := range got {
			if a.status != 200 || a.text("/needs/0/opened/id") != got[0].text("/needs/0/opened/id") || a.at("/version") != 2.0 {
				t.Errorf("completed at once: %d %s", a.status, a.body)
			}
		}
		if list := h.must(t, 200, call{method: "GET", url: "/v1/tickets?area=" + pingjiang, as: "street_manager"}); len(list.items("/items")) != 1 {
			t.Errorf("opened %s", list.body)
		}
	})
}

// Activities are work held for many, told once.
func TestActivitiesOverHTTP(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		body := object{"id": ids.New(), "area": cellCode(niujia, 1), "title": "消防演练", "people": 40, "heldAt": morning.Add(-24 * time.Hour).Format(time.RFC3339)}
		in := call{method: "POST", url: "/v1/works", as: "outreach_worker", body: body}
		other := joined(body, object{"title": "别的"})
		h.play(t, []scenario{
			{name: "held", call: in, status: 201, fields: object{"/kind": "activity", "/people": 40.0, "/household": nil, "/place/cell/code": cellCode(niujia, 1)}},
			{name: "told again", call: in, status: 201, fields: object{"/id": body["id"]}},
			{name: "another under the id", call: call{method: "POST", url: in.url, as: in.as, body: other}, status: 409, code: "duplicate"},
			{name: "tomorrow, elsewhere", call: call{method: "POST", url: in.url, as: in.as, body: object{"area": cellCode(jinshi, 1), "title": "x", "heldAt": morning.Add(time.Hour).Format(time.RFC3339)}},
				status: 422, pointers: []string{"/area", "/heldAt"}},
			{name: "listed once", call: call{method: "GET", url: "/v1/works?kind=activity&by=" + h.people["outreach_worker"].id, as: "grid_lead"}, status: 200, fields: object{"/items/0/title": "消防演练", "/items/1": nil}},
		})
	})
}

// A ticket leads to the stop it came from only who may see that stop, wherever the ticket has gone.
func TestLinksAreForWhoSeesTheStop(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		home := h.home(t, niujia, 1, "101")
		stop := h.must(t, 201, call{method: "POST", url: "/v1/stops", as: "outreach_worker", body: object{"household": home, "channel": "phone", "adHoc": true}}).text("/id")
		ticket := h.must(t, 200, call{method: "POST", url: "/v1/stops/" + stop + "/complete", as: "outreach_worker", body: object{"result": "met", "needs": []object{{"category": "noise", "title": "夜间装修"}}}}).text("/needs/0/opened/id")
		at := inside(jinshi, 1)
		h.move(t, 200, ticket, "admin", object{"action": "correct", "position": object{"lon": at[0], "lat": at[1], "datum": "wgs84"}})
		for who, want := range map[string]int{"admin": 2, "other street_manager": 0, "other dispatcher": 0} {
			if one := h.see(t, ticket, who); len(one.items("/links")) != want {
				t.Errorf("%s is led to %v", who, one.at("/links"))
			}
		}
		list := h.must(t, 200, call{method: "GET", url: "/v1/tickets?area=" + canglang, as: "other street_manager"})
		if len(list.items("/items")) != 1 || len(list.items("/items/0/links")) != 0 {
			t.Errorf("in a list: %s", list.body)
		}
	})
}
