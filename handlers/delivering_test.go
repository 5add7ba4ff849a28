package handlers

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/cellnotice"
	"wangge/domain/delivery"
	"wangge/domain/ids"
	"wangge/domain/notice"
	"wangge/store"
	"wangge/store/storetest"
)

// noticed tells people of a ticket as the consumer does, and returns the notices' ids, in their order.
func (h *harness) noticed(t testing.TB, of notice.Importance, ticket string, people ...string) (names []string) {
	t.Helper()
	told := notice.Told{Kind: notice.WelfareAlert, About: notice.About{Kind: "ticket", ID: ticket}, Place: h.placeOf(t, niujia)}
	first := &notice.Notice{Kind: told.Kind, Importance: of, About: told.About, Place: told.Place, Partition: ids.New(), Number: 1, At: h.Now()}
	for _, who := range people {
		n := first.To(h.people[who].id, h.Now())
		told.Notices, names = append(told.Notices, n), append(names, n.ID)
	}
	must(0, h.Store.Update(t.Context(), nil, func(tx *store.Tx) error {
		if _, err := notice.Add(t.Context(), tx, told.Notices); err != nil {
			return err
		}
		return h.Delivering.Plan(t.Context(), tx, h.Now(), []notice.Told{told})
	}))(t)
	return names
}

func (h *harness) placeOf(t testing.TB, code string) access.Place {
	t.Helper()
	a, ok := h.Areas.Tree().ByCode(code)
	if !ok {
		t.Fatalf("no area %s", code)
	}
	return a.Place
}

// crashesDelivering are the routes of how people are told that take a key.
var crashesDelivering = []crash{
	{"POST /v1/me/inbox/:id/acknowledge", at("grid_lead", "POST", func(t *testing.T, h *harness) string {
		return "/v1/me/inbox/" + h.noticed(t, notice.Urgent, h.walkedTicket, "grid_lead")[0] + "/acknowledge"
	}, nil)},
	{"POST /v1/cells/:code/notices", to("street_manager", "POST", "/v1/cells/"+cellCode(niujia, 1)+"/notices", waterOff)},
	{"DELETE /v1/cells/:code/notices/:id", func(t *testing.T, h *harness) call {
		return call{method: "DELETE", url: "/v1/cells/" + cellCode(niujia, 2) + "/notices/" + h.cellNotice(t), as: "street_manager"}
	}},
	{"PATCH /v1/me/preferences", to("resident", "PATCH", "/v1/me/preferences", object{"quiet": nil})},
}

// What is said stays, what is not said is as it was; the same again is the same version.
func TestPreferences(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		const url = "/v1/me/preferences"
		patch := func(status int, match string, body any) *answer {
			t.Helper()
			return h.must(t, status, call{method: "PATCH", url: url, as: "resident", body: body, header: map[string]string{"If-Match": match}})
		}
		usual := h.get(t, url, "resident")
		if usual.at("/usual") != true || usual.text("/quiet/from") != "22:00" || usual.text("/quiet/to") != "07:00" || usual.at("/wanted/community/wechat") != true || usual.header.Get("ETag") != `"0"` {
			t.Errorf("%s %s", usual.header, usual.body)
		}
		said := patch(200, `"0"`, object{"quiet": object{"from": "21:30"}, "wanted": object{"community": object{"push": false}}})
		if said.at("/usual") != false || said.text("/quiet/from") != "21:30" || said.text("/quiet/to") != "07:00" || said.at("/wanted/community/push") != false || said.at("/wanted/community/wechat") != true || said.at("/wanted/work/push") != true {
			t.Errorf("%s", said.body)
		}
		patch(412, `"0"`, object{"quiet": nil})
		again := patch(200, "*", object{"quiet": object{"from": "21:30"}, "wanted": object{"community": object{"push": false}}})
		if again.header.Get("ETag") != said.header.Get("ETag") || string(again.body) != string(said.body) {
			t.Errorf("the same again: %s, then %s", said.body, again.body)
		}
		never := patch(200, said.header.Get("ETag"), object{"quiet": nil, "wanted": object{"community": object{"push": true}, "work": object{"wechat": false}}})
		if never.at("/quiet") != nil || never.at("/wanted/community/push") != true || never.at("/wanted/work/wechat") != false {
			t.Errorf("%s", never.body)
		}
		if other := h.get(t, url, "grid_lead"); other.at("/usual") != true {
			t.Errorf("somebody else's: %s", other.body)
		}
		if got := h.get(t, url, "resident"); string(got.body) != string(never.body) {
			t.Errorf("%s, then %s", never.body, got.body)
		}
		h.play(t, []scenario{
			{name: "half of what there is none of", call: matched(call{method: "PATCH", url: url, as: "resident", body: object{"quiet": object{"from": "21:00"}}}), status: 422, pointers: []string{"/quiet/to"}},
			{name: "nothing of it", call: matched(call{method: "PATCH", url: url, as: "resident", body: object{"quiet": object{}}}), status: 422, pointers: []string{"/quiet/from", "/quiet/to"}},
			{name: "no time at all", call: matched(call{method: "PATCH", url: url, as: "resident", body: object{"quiet": object{"from": "24:00", "to": "7:00"}}}), status: 422, pointers: []string{"/quiet/from", "/quiet/to"}},
			{name: "the same times", call: matched(call{method: "PATCH", url: url, as: "resident", body: object{"quiet": object{"from": "07:00", "to": "07:00"}}}), status: 422, pointers: []string{"/quiet/to"}},
			{name: "words that there are not", call: matched(call{method: "PATCH", url: url, as: "resident", body: object{"loud": true, "wanted": object{"tickets": object{"sms": false, "push": "no"}, "gossip": object{}}}}), status: 422,
				pointers: []string{"/loud", "/wanted/gossip", "/wanted/tickets/push", "/wanted/tickets/sms"}},
			{name: "no version", call: call{method: "PATCH", url: url, as: "resident", body: object{}}, status: 428},
		})
		if got := h.get(t, url, "resident"); string(got.body) != string(never.body) {
			t.Errorf("after what was refused: %s", got.body)
		}
	})
}

// One's own urgent notice is acknowledged once; nobody acknowledges another's,
// not even who was told of the same matter.
func TestAcknowledge(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		ticket := h.report(t, "resident", inside(niujia, 1), "noise").ID
		told := h.noticed(t, notice.Urgent, ticket, "grid_lead", "street_manager")
		plain := h.noticed(t, notice.Task, ticket, "grid_lead")[0]
		post := func(as, id string, status int) *answer {
			t.Helper()
			return h.must(t, status, call{method: "POST", url: "/v1/me/inbox/" + id + "/acknowledge", as: as})
		}
		for _, forged := range []struct{ as, id string }{{"outreach_worker", told[0]}, {"street_manager", told[0]}, {"grid_lead", told[1]}, {"admin", told[0]}, {"grid_lead", ids.New()}} {
			post(forged.as, forged.id, 404)
		}
		h.must(t, 404, call{method: "POST", url: "/v1/me/inbox/nothing/acknowledge", as: "grid_lead"})
		if a := post("grid_lead", plain, 409); a.text("/code") != "not_urgent" {
			t.Errorf("%s", a.body)
		}
		first := post("grid_lead", told[0], 200)
		if first.text("/acknowledgedAt") == "" || first.at("/unread") != false {
			t.Errorf("%s", first.body)
		}
		h.clock.move(time.Hour)
		if again := post("grid_lead", told[0], 200); string(again.body) != string(first.body) {
			t.Errorf("%s, then %s", first.body, again.body)
		}
		for _, who := range []string{"grid_lead", "street_manager"} {
			for _, item := range h.get(t, "/v1/me/inbox", who).items("/items") {
				of := item.(map[string]any)
				if acked := of["acknowledgedAt"] != nil; acked != (of["id"] == told[0]) {
					t.Errorf("%s: %v", who, of)
				}
			}
		}
		now := h.Now()
		lease := must(h.Store.Acquire(t.Context(), "notices", "test", time.Hour))(t)
		if did := must(h.Delivering.Ladder().Pass(t.Context(), h.Store, lease, now))(t); did != 0 {
			t.Error("the ladder goes on")
		}
	})
}

// What a channel does is told in figures, and nothing of whom it is about.
func TestChannels(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		ticket := h.report(t, "resident", inside(niujia, 1), "noise").ID
		ctx, now := t.Context(), h.Now()
		lease := must(h.Store.Acquire(ctx, "notices", "test", time.Hour))(t)
		h.Delivering.Devices = func(_ context.Context, who string, _ time.Time) ([]delivery.Address, error) {
			return []delivery.Address{{ID: "device of " + who, Way: delivery.JPush, Text: "token"}}, nil
		}
		h.noticed(t, notice.Urgent, ticket, "grid_lead", "street_manager", "dispatcher", "community_manager", "admin")
		due, _, err := h.Delivering.Waiting(ctx, now, 10)
		must(0, err)(t)
		for _, w := range due {
			must(0, h.Delivering.Split(ctx, lease, w, now))(t)
		}
		handed, _, err := h.Delivering.DueBy(ctx, delivery.JPush, now, 10)
		must(0, err)(t)
		if len(handed) != 5 {
			t.Fatalf("%d in line", len(handed))
		}
		for i, o := range []delivery.Outcome{{State: delivery.Taken}, {State: delivery.Taken}, {State: delivery.Never, Code: "1003"}, {State: delivery.Broken, Code: "2003"}} {
			must(h.Delivering.Settle(ctx, lease, handed[i], o, now, 0.5))(t)
		}
		a := h.get(t, "/v1/channels", "admin")
		channels := map[string]*answer{}
		var order []string
		for _, item := range a.items("/items") {
			way := item.(map[string]any)["way"].(string)
			order, channels[way] = append(order, way), &answer{tree: item, body: a.body}
		}
		if !slices.Equal(order, strings.Fields("fcm jpush getui wechat robot gateway sms")) {
			t.Errorf("%v", order)
		}
		for _, c := range []struct {
			way, state             string
			waiting, taken, failed float64
		}{{"jpush", "rejected", 2, 2, 1}, {"fcm", "works", 0, 0, 0}, {"sms", "off", 0, 0, 0}} {
			of := channels[c.way]
			if of.text("/state") != c.state || of.at("/configured") != (c.state != "off") || of.at("/waiting/count") != c.waiting || of.at("/taken/count") != c.taken || of.at("/failed/count") != c.failed {
				t.Errorf("%s: %v", c.way, of.tree)
			}
		}
		if of := channels["jpush"]; of.text("/code") != "2003" || of.text("/since") == "" || of.text("/oldestDueAt") == "" {
			t.Errorf("%v", of.tree)
		}
		h.clock.move(25 * time.Hour)
		if a := h.get(t, "/v1/channels", "admin"); a.at("/items/1/taken/count") != 0.0 || a.at("/items/1/failed/count") != 0.0 {
			t.Errorf("of the day before: %s", a.body)
		}
		for _, who := range []string{"grid_lead", "device", "token"} {
			if strings.Contains(string(a.body), who) {
				t.Errorf("%s is told", who)
			}
		}
	})
}

// cellNotice is one that a cell was told, made once: a cell is told few a day.
func (h *harness) cellNotice(t *testing.T) string {
	t.Helper()
	const key = "{cell notice}"
	if h.walked == nil {
		h.walked = map[string]string{}
	}
	if h.walked[key] == "" {
		h.walked[key] = h.must(t, 201, call{method: "POST", url: "/v1/cells/" + cellCode(niujia, 2) + "/notices", as: "street_manager", body: waterOff}).text("/id")
	}
	return h.walked[key]
}

var waterOff = object{"title": "停水通知", "text": "周三上午停水，\n请提前储水。"}

// walkCellNotices are the routes by which a manager tells the residents of a cell.
var walkCellNotices = []walked{
	{"GET /v1/cells/:code/notices", "401 403 403 403 403 403 403 403 403 200 200", ofRobot404, func(t *testing.T, h *harness, _ string) call {
		h.cellNotice(t)
		return call{method: "GET", url: "/v1/cells/" + cellCode(niujia, 2) + "/notices"}
	}},
	{"GET /v1/cells/:code/notices/preview", ofRobot200, ofRobot404, get("/v1/cells/" + cellCode(niujia, 1) + "/notices/preview")},
	{"POST /v1/cells/:code/notices", strings.ReplaceAll(ofRobot200, "200", "201"), ofRobot404, same("POST", "/v1/cells/"+cellCode(niujia, 1)+"/notices", waterOff)},
	{"DELETE /v1/cells/:code/notices/:id", strings.ReplaceAll(ofRobot200, "200", "204"), ofRobot404, func(t *testing.T, h *harness, _ string) call {
		return call{method: "DELETE", url: "/v1/cells/" + cellCode(niujia, 2) + "/notices/" + h.cellNotice(t)}
	}},
}

// A manager tells a cell: its residents find it in their inbox, until it is taken back.
func TestCellNotices(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		url := "/v1/cells/" + cellCode(niujia, 1) + "/notices"
		resident := h.people["resident"]
		home := homeAt(niujia, 1, "501")
		home["members"] = []object{{"name": "某居民", "phone": resident.phone}}
		h.must(t, 201, call{method: "POST", url: "/v1/households", as: "admin", body: home})
		h.prove(t, "resident")
		if a := h.get(t, url+"/preview", "street_manager"); a.at("/residents") != 1.0 || a.at("/households") != 1.0 {
			t.Errorf("%s", a.body)
		}
		id := ids.New()
		send := call{method: "POST", url: url, as: "street_manager", body: joined(waterOff, object{"id": id, "until": h.Now().Add(time.Hour).Format(time.RFC3339)})}
		sent := h.must(t, 201, send)
		if again := h.must(t, 201, send); string(again.body) != string(sent.body) || sent.text("/id") != id || sent.at("/toldAt") != nil || sent.header.Get("RateLimit") == "" {
			t.Errorf("%s, then %s", sent.body, again.body)
		}
		lease := must(h.Store.Acquire(t.Context(), "notices", "test", time.Hour))(t)
		must(h.CellNotices.Telling().Pass(t.Context(), h.Store, lease, h.Now()))(t)
		if a := h.get(t, url, "admin"); a.at("/items/0/told") != 1.0 || a.text("/items/0/toldAt") == "" || a.text("/items/0/by/name") == "" {
			t.Errorf("%s", a.body)
		}
		a := h.get(t, "/v1/me/inbox", "resident")
		if len(a.items("/items")) != 1 || a.text("/items/0/kind") != "cell_notice" || a.text("/items/0/about/id") != id || a.text("/items/0/importance") != "news" || h.get(t, a.text("/items/0/path"), "resident").text("/id") != a.text("/items/0/id") {
			t.Errorf("%s", a.body)
		}
		for _, lang := range []string{"zh-CN", "en"} {
			a := h.must(t, 200, call{method: "GET", url: "/v1/me/inbox", as: "resident", header: map[string]string{"Accept-Language": lang}})
			if got, want := a.text("/items/0/text"), "停水通知\n周三上午停水，\n请提前储水。"; got != want {
				t.Errorf("%s: %q", lang, got)
			}
		}
		if a := h.get(t, "/v1/me/inbox", "other resident"); len(a.items("/items")) != 0 {
			t.Errorf("who lives elsewhere: %s", a.body)
		}
		for range 2 {
			h.must(t, 204, call{method: "DELETE", url: url + "/" + id, as: "street_manager"})
		}
		if a := h.get(t, "/v1/me/inbox", "resident"); len(a.items("/items")) != 0 {
			t.Errorf("it was taken back: %s", a.body)
		}
		h.play(t, []scenario{
			{name: "nothing", call: call{method: "POST", url: url, as: "street_manager", body: object{}}, status: 422, pointers: []string{"/text", "/title"}},
			{name: "too much", call: call{method: "POST", url: url, as: "street_manager", body: object{"title": strings.Repeat("长", 41), "text": strings.Repeat("长", 501), "until": h.Now().Format(time.RFC3339), "importance": "urgent"}}, status: 422},
			{name: "wrong in itself", call: call{method: "POST", url: url, as: "street_manager", body: object{"id": "x", "title": " ", "text": strings.Repeat("长", 501), "until": h.Now().Format(time.RFC3339)}}, status: 422},
			{name: "no such cell", call: call{method: "POST", url: "/v1/cells/" + cellCode(niujia, 77) + "/notices", as: "street_manager", body: waterOff}, status: 404},
			{name: "no such notice", call: call{method: "DELETE", url: url + "/" + ids.New(), as: "street_manager"}, status: 404},
		})
		for range cellnotice.PerDay - 1 {
			h.must(t, 201, call{method: "POST", url: url, as: "admin", body: waterOff})
		}
		if a := h.must(t, 429, call{method: "POST", url: url, as: "street_manager", body: waterOff}); a.header.Get("Retry-After") == "" {
			t.Errorf("%s", a.header)
		}
	})
}

// prove notes that somebody's phone answered to a code, as signing in by it does.
func (h *harness) prove(t testing.TB, who string) {
	t.Helper()
	must(0, h.Store.Update(t.Context(), []string{area.CityPartition}, func(tx *store.Tx) error {
		a, err := account.Load(t.Context(), tx, h.people[who].id)
		if err != nil {
			return err
		}
		a.PhoneProved = h.Now()
		return storetest.Of[account.Account](account.Collections()).Put(tx, a, store.Entry{At: h.Now(), Actor: a.ID, Action: "account.phone_proved"})
	}))(t)
}
