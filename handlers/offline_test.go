package handlers

import (
	"regexp"
	"slices"
	"testing"
	"time"

	"wangge/domain/ids"
	"wangge/handlers/wire"
)

// A phone that was without a connection says when things happened: to be read beside the server's time.
func TestTicketsSentLater(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		clock := func(ago, ahead time.Duration) object {
			now := h.clock.read()
			return object{"at": now.Add(ahead - ago).Format(time.RFC3339), "sentAt": now.Add(ahead).Format(time.RFC3339)}
		}
		ago := func(d time.Duration) string { return wire.Time(morning.Add(-d)).String() }
		own := draft(inside(niujia, 1), object{"id": ids.New(), "clock": clock(80*time.Hour, time.Hour)})
		report := call{method: "POST", url: "/v1/tickets", as: "resident", body: own}
		made := h.must(t, 201, report)
		id := made.text("/id")
		if made.text("/happened/at") != ago(80*time.Hour) || made.text("/happened/doubts/0") != "clock_skew" || made.text("/happened/doubts/1") != "sent_late" || made.text("/createdAt") != ago(0) {
			t.Errorf("reported %s", made.body)
		}
		if usual := h.must(t, 201, call{method: "POST", url: "/v1/tickets", as: "resident", body: draft(inside(niujia, 1), object{"clock": nil})}); usual.at("/happened") != nil || usual.text("/dueAt") != made.text("/dueAt") {
			t.Errorf("at once: %s, later: %s", usual.body, made.body)
		}
		h.clock.move(time.Minute)
		own["clock"] = clock(81*time.Hour, 0)
		left := regexp.MustCompile(`"seconds":\d+`) // of a clock, which runs meanwhile
		if again := h.must(t, 201, report); left.ReplaceAllString(string(again.body), "") != left.ReplaceAllString(string(made.body), "") {
			t.Errorf("first %s\nagain %s", made.body, again.body)
		}
		steps, remarks := "/v1/tickets/"+id+"/transitions", "/v1/tickets/"+id+"/comments"
		bad := func(name string, clock any, pointer string) []scenario {
			return []scenario{
				{name: "a report, " + name, call: call{method: "POST", url: "/v1/tickets", as: "resident", body: draft(inside(niujia, 1), object{"clock": clock})}, status: 422, pointers: []string{pointer}},
				{name: "a step, " + name, call: call{method: "POST", url: steps, as: "grid_lead", body: object{"action": "accept", "clock": clock}}, status: 422, pointers: []string{pointer}},
				{name: "a comment, " + name, call: call{method: "POST", url: remarks, as: "grid_lead", body: object{"text": "x", "clock": clock}}, status: 422, pointers: []string{pointer}},
			}
		}
		h.play(t, slices.Concat(
			bad("after it was sent", clock(-time.Minute, 0), "/clock"),
			bad("a wild clock", clock(0, 40*24*time.Hour), "/clock"),
			bad("too long ago", clock(32*24*time.Hour, 0), "/clock"),
			bad("half of it", object{"at": ago(0)}, "/clock/sentAt"),
			bad("the other half", object{"sentAt": ago(0)}, "/clock/at"),
			bad("no time", object{"at": "昨天", "sentAt": ago(0)}, "/clock/at"),
			bad("the year 1", object{"at": "0001-01-01T00:00:00Z", "sentAt": "0001-01-01T00:00:00Z"}, "/clock"),
		))
		accept := object{"id": ids.New(), "action": "accept", "clock": clock(time.Hour, 0)}
		moved := h.move(t, 200, id, "grid_lead", accept)
		accept["clock"] = clock(2*time.Hour, 0)
		if again := h.move(t, 200, id, "grid_lead", accept); again.at("/version") != moved.at("/version") {
			t.Errorf("accepted twice: %s", again.body)
		}
		said := h.must(t, 201, call{method: "POST", url: remarks, as: "grid_lead", body: object{"text": "已核实", "clock": clock(time.Hour, 0)}})
		hourAgo := wire.Time(h.clock.read().Add(-time.Hour)).String()
		if said.text("/happened/at") != hourAgo || said.at("/happened/doubts/0") != nil {
			t.Errorf("said %s", said.body)
		}
		lines := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + id + "/timeline", as: "grid_lead"})
		if lines.text("/items/0/happened/at") != ago(80*time.Hour) || lines.text("/items/1/happened/at") != hourAgo || lines.text("/items/2/happened/at") != hourAgo || lines.at("/items/3") != nil {
			t.Errorf("the timeline: %s", lines.body)
		}
		// A need was told at the door when the stop was over there.
		home := h.home(t, niujia, 1, "101")
		stop := h.must(t, 201, call{method: "POST", url: "/v1/stops", as: "outreach_worker", body: object{"household": home, "channel": "phone", "adHoc": true, "clock": clock(2*time.Hour, 0)}}).text("/id")
		done := h.must(t, 200, call{method: "POST", url: "/v1/stops/" + stop + "/complete", as: "outreach_worker",
			body: object{"result": "met", "needs": []object{{"category": "noise", "title": "噪声"}}, "clock": clock(time.Hour, 0)}})
		if need := h.see(t, done.text("/needs/0/opened/id"), "grid_lead"); need.text("/happened/at") != hourAgo {
			t.Errorf("the need: %s", need.body)
		}
	})
}

// A check-in and a completion sent again under a clock that went wrong since are the same.
func TestStopsSentAgainUnderAWrongClock(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		wild := object{"at": "1970-01-01T00:00:01Z", "sentAt": "1970-01-01T00:00:02Z"}
		in := object{"id": ids.New(), "household": h.home(t, niujia, 1, "101"), "channel": "phone", "adHoc": true}
		knock := call{method: "POST", url: "/v1/stops", as: "outreach_worker", body: in}
		first := h.must(t, 201, knock)
		in["clock"] = wild
		if again := h.must(t, 201, knock); string(again.body) != string(first.body) {
			t.Errorf("first %s\nagain %s", first.body, again.body)
		}
		out := object{"result": "met"}
		finish := call{method: "POST", url: "/v1/stops/" + first.text("/id") + "/complete", as: "outreach_worker", body: out}
		over := h.must(t, 200, finish)
		out["clock"] = wild
		if again := h.must(t, 200, finish); string(again.body) != string(over.body) {
			t.Errorf("first %s\nagain %s", over.body, again.body)
		}
		in["id"] = ids.New()
		h.play(t, []scenario{{name: "another, under it", call: knock, status: 422, pointers: []string{"/clock"}}})
	})
}
