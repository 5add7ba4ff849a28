package handlers

import (
	"strings"
	"testing"
	"time"

	"wangge/domain/delivery"
	"wangge/domain/ids"
)

func theDevice(address string, at time.Time) object {
	return object{"way": "fcm", "address": strings.ReplaceAll(address, " ", "-"), "platform": "android", "language": "zh-CN", "model": "Mate 70", "at": at.Format(time.RFC3339)}
}

// A device moves to who signs in on it, and goes when they sign out; no answer shows an address or whose it was.
func TestDevices(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		at := "/v1/me/devices/" + ids.New()
		first := call{method: "PUT", url: at, as: "resident", body: theDevice("token-1", h.Now())}
		made := h.must(t, 200, first)
		h.must(t, 200, first)
		if strings.Contains(string(made.body), "token-1") || made.at("/current") != true || made.text("/model") != "Mate 70" {
			t.Errorf("%s", made.body)
		}
		h.clock.move(time.Minute)
		moved := h.must(t, 200, call{method: "PUT", url: at, as: "grid_lead", body: theDevice("token-1", h.Now())})
		if _, more := moved.tree.(map[string]any)["account"]; more || moved.text("/since") == made.text("/since") {
			t.Errorf("%s", moved.body)
		}
		list := func(who string) int {
			a := h.must(t, 200, call{method: "GET", url: "/v1/me/devices", as: who})
			return len(a.items("/items"))
		}
		if r, g := list("resident"), list("grid_lead"); r != 0 || g != 1 {
			t.Errorf("the resident has %d, the grid lead %d", r, g)
		}
		if late := h.do(t, first); late.status != 409 || late.text("/code") != "superseded" {
			t.Errorf("late: %d %s", late.status, late.body)
		}
		for _, url := range []string{at, "/v1/me/devices/" + ids.New()} { // another's is as none
			h.must(t, 404, call{method: "DELETE", url: url, as: "resident"})
		}
		h.must(t, 204, call{method: "DELETE", url: "/v1/sessions/current", as: "grid_lead"})
		h.people["grid_lead"].session = ""
		if n := list("grid_lead"); n != 0 {
			t.Errorf("%d after signing out", n)
		}
		h.must(t, 404, call{method: "PUT", url: "/v1/me/devices/my-phone", as: "resident", body: theDevice("token-2", h.Now())})
		off := theDevice("token-2", h.Now())
		off["way"] = "getui"
		if a := h.do(t, call{method: "PUT", url: at, as: "resident", body: off}); a.status != 409 || a.text("/code") != "way_off" || !strings.Contains(a.text("/detail"), "fcm, jpush") {
			t.Errorf("a way that is off: %d %s", a.status, a.body)
		}
		h.Devices.On = []delivery.Way{delivery.Getui}
		h.clock.move(time.Second)
		h.must(t, 200, call{method: "PUT", url: at, as: "resident", body: object{"way": "getui", "address": "cid", "platform": "harmony", "language": "en", "at": h.Now().Format(time.RFC3339)}})
		if strings.Contains(h.logs.String(), "token-1") {
			t.Error("the log has an address")
		}
	})
}

// What is wrong is told of every field: first what the form of a body says, then what its words do.
func TestDevicesRefused(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		put := func(body object) call {
			return call{method: "PUT", url: "/v1/me/devices/" + ids.New(), as: "resident", body: body}
		}
		h.play(t, []scenario{
			{name: "nothing", call: put(object{}), status: 422, pointers: []string{"/address", "/at", "/language", "/platform", "/way"}},
			{name: "no such words", call: put(object{"way": "wechat", "address": "a\u0001b", "platform": "symbian", "language": "en", "at": "now"}), status: 422, pointers: []string{"/address", "/at", "/platform", "/way"}},
			{name: "too long", call: put(object{"way": "fcm", "address": strings.Repeat("a", 1025), "platform": "ios", "language": "tlh", "model": strings.Repeat("长", 61), "at": h.Now().Format(time.RFC3339)}), status: 422, pointers: []string{"/address", "/language", "/model"}},
			{name: "more than there is", call: put(object{"account": "x"}), status: 422},
		})
		if a := h.must(t, 200, call{method: "GET", url: "/v1/me/devices", as: "resident"}); len(a.items("/items")) != 0 {
			t.Errorf("%s", a.body)
		}
	})
}
