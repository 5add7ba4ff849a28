package handlers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain/ids"
	"wangge/domain/webhook"
)

// receiver is the body of a new receiver of the integration account.
func (h *harness) receiver(over object) object {
	return joined(object{"title": "一网通办", "account": h.people["integration"].id, "url": "https://hooks.example/in", "events": []string{"case.*"}}, over)
}

func (h *harness) newReceiver(t *testing.T, over object) *answer {
	t.Helper()
	return h.must(t, 201, call{method: "POST", url: "/v1/webhooks", as: "admin", body: h.receiver(over)})
}

// attempts puts in line what happened, and has the first messages of a receiver end so.
func (h *harness) attempts(t *testing.T, receiver string, status, times int) {
	t.Helper()
	now := h.clock.read
	lease := must(h.Store.Acquire(t.Context(), "webhooks", ids.New(), time.Minute))(t)
	must(0, h.Deliveries.Consumer(now).CatchUp(t.Context(), h.Store, lease))(t)
	target := must(h.Webhooks.Get(t.Context(), h.actor(t, "admin"), receiver))(t)
	for range times {
		for _, d := range must(h.Deliveries.Due(t.Context(), target, now().Add(30*24*time.Hour), 100))(t) {
			d = must(h.Deliveries.Render(t.Context(), lease, d, []byte(`{"type":"case.opened"}`)))(t)
			_, _, err := h.Deliveries.Settle(t.Context(), lease, d, webhook.Attempt{At: now(), Status: status, Took: time.Millisecond}, 0.5)
			must(0, err)(t)
		}
	}
	must(0, h.Store.Release(t.Context(), lease))(t)
}

const triesUntilDead = 10

// deadLetter is a receiver with a dead letter, and that.
func (h *harness) deadLetter(t *testing.T) (receiver, message string) {
	t.Helper()
	h.clock.move(time.Second) // it hears of what happens from now on
	receiver = h.newReceiver(t, nil).text("/id")
	h.must(t, 201, upserted("W-"+ids.New(), told("办理中", h.clock.read(), nil)))
	h.attempts(t, receiver, 500, triesUntilDead)
	dead := h.must(t, 200, call{method: "GET", url: "/v1/webhooks/" + receiver + "/deliveries?state=dead", as: "admin"}).items("/items")
	return receiver, dead[0].(object)["id"].(string)
}

// stated is matched where a call states a version.
func stated(c call) call {
	if c.method == "POST" && !strings.HasSuffix(c.url, "/secrets") {
		return c
	}
	return matched(c)
}

// ofNewReceiver is a call below a receiver that was just made.
func ofNewReceiver(method, path string, body any) func(*testing.T, *harness, string) call {
	return func(t *testing.T, h *harness, _ string) call {
		return stated(call{method: method, url: "/v1/webhooks/" + h.newReceiver(t, nil).text("/id") + path, body: body})
	}
}

// ofReceiver is a call below the walk's receiver, which has a dead letter {letter}.
func ofReceiver(method, path string, body any) func(*testing.T, *harness, string) call {
	return func(t *testing.T, h *harness, _ string) call {
		if h.walked["{receiver}"] == "" {
			h.walked["{receiver}"], h.walked["{letter}"] = h.deadLetter(t)
		}
		return stated(call{method: method, url: "/v1/webhooks/" + h.walked["{receiver}"] + strings.ReplaceAll(path, "{letter}", h.walked["{letter}"]), body: body})
	}
}

func ofNewDeadLetter(path string, body any) func(*testing.T, *harness, string) call {
	return func(t *testing.T, h *harness, _ string) call {
		receiver, message := h.deadLetter(t)
		return call{method: "POST", url: "/v1/webhooks/" + receiver + strings.ReplaceAll(path, "{letter}", message), body: body}
	}
}

// oldSecret is a call that ends the older of two secrets.
func oldSecret(t *testing.T, h *harness, _ string) call {
	made := h.newReceiver(t, nil)
	url := "/v1/webhooks/" + made.text("/id") + "/secrets"
	h.must(t, 201, matched(call{method: "POST", url: url, as: "admin", body: object{}}))
	return call{method: "DELETE", url: url + "/" + made.text("/secrets/0/id")}
}

const (
	ofAdmins  = "401 403 403 403 403 403 403 403 403 403 %[1]s"
	ofMachine = "401 403 %[1]s 403 403 403 403 403 403 403 %[1]s"
)

func row(form, status string) string { return fmt.Sprintf(form, status) }

// walkWebhooks is the part of the walk on receivers: one of the machine account of Pingjiang.
var walkWebhooks = []walked{
	//                                     nobody resident integr. handler outreach counter lead community dispatch street admin
	{"GET /v1/webhooks", "401 403 200 403 403 403 403 403 403 403 200", "401 403 none 403 403 403 403 403 403 403 403", func(t *testing.T, h *harness, _ string) call {
		h.newReceiver(t, nil)
		return call{method: "GET", url: "/v1/webhooks"}
	}},
	{"POST /v1/webhooks", row(ofAdmins, "201"), row(ofAdmins, "403"), func(_ *testing.T, h *harness, _ string) call {
		return call{method: "POST", url: "/v1/webhooks", body: h.receiver(nil)}
	}},
	{"GET /v1/webhooks/:id", row(ofMachine, "200"), row(ofMachine, "404"), ofReceiver("GET", "", nil)},
	{"PATCH /v1/webhooks/:id", row(ofAdmins, "200"), row(ofAdmins, "404"), ofReceiver("PATCH", "", object{"state": "paused"})},
	{"DELETE /v1/webhooks/:id", row(ofAdmins, "204"), row(ofAdmins, "404"), ofNewReceiver("DELETE", "", nil)},
	{"POST /v1/webhooks/:id/secrets", row(ofMachine, "201"), row(ofMachine, "404"), ofNewReceiver("POST", "/secrets", object{})},
	{"DELETE /v1/webhooks/:id/secrets/:secret", row(ofMachine, "204"), row(ofMachine, "404"), oldSecret},
	{"POST /v1/webhooks/:id/ping", row(ofMachine, "201"), row(ofMachine, "404"), ofReceiver("POST", "/ping", object{})},
	{"GET /v1/webhooks/:id/deliveries", row(ofMachine, "200"), row(ofMachine, "404"), ofReceiver("GET", "/deliveries", nil)},
	{"GET /v1/webhooks/:id/deliveries/:delivery", row(ofMachine, "200"), row(ofMachine, "404"), ofReceiver("GET", "/deliveries/{letter}", nil)},
	{"POST /v1/webhooks/:id/deliveries/:delivery/replay", row(ofMachine, "200"), row(ofMachine, "404"), ofReceiver("POST", "/deliveries/{letter}/replay", nil)},
	{"POST /v1/webhooks/:id/deliveries/:delivery/skip", row(ofMachine, "200"), row(ofMachine, "404"), ofReceiver("POST", "/deliveries/{letter}/skip", nil)},
	{"POST /v1/webhooks/:id/replay", row(ofMachine, "200"), row(ofMachine, "404"), ofReceiver("POST", "/replay", object{})},
	{"POST /v1/webhooks/:id/skip", row(ofMachine, "200"), row(ofMachine, "404"), ofReceiver("POST", "/skip", object{})},
}

// webhookCrashes are the routes of receivers that take a key.
var webhookCrashes = []crash{
	{"POST /v1/webhooks", func(_ *testing.T, h *harness) call {
		return call{method: "POST", url: "/v1/webhooks", as: "admin", body: h.receiver(nil)}
	}},
	{"PATCH /v1/webhooks/:id", byAdmin(ofNewReceiver("PATCH", "", object{"state": "paused"}))},
	{"DELETE /v1/webhooks/:id", byAdmin(ofNewReceiver("DELETE", "", nil))},
	{"POST /v1/webhooks/:id/secrets", byAdmin(ofNewReceiver("POST", "/secrets", object{}))},
	{"DELETE /v1/webhooks/:id/secrets/:secret", byAdmin(oldSecret)},
	{"POST /v1/webhooks/:id/ping", byAdmin(ofNewReceiver("POST", "/ping", object{}))},
	{"POST /v1/webhooks/:id/replay", byAdmin(ofNewDeadLetter("/replay", object{}))},
	{"POST /v1/webhooks/:id/skip", byAdmin(ofNewDeadLetter("/skip", object{}))},
	{"POST /v1/webhooks/:id/deliveries/:delivery/replay", byAdmin(ofNewDeadLetter("/deliveries/{letter}/replay", nil))},
	{"POST /v1/webhooks/:id/deliveries/:delivery/skip", byAdmin(ofNewDeadLetter("/deliveries/{letter}/skip", nil))},
}

func byAdmin(make func(*testing.T, *harness, string) call) func(*testing.T, *harness) call {
	return func(t *testing.T, h *harness) call { return make(t, h, "").by("admin") }
}

// A secret is in the answer that makes it, and in that of the same request for a while; never elsewhere.
func TestWebhookSecrets(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		h.prepareCases(t)
		create := call{method: "POST", url: "/v1/webhooks", as: "admin", body: h.receiver(object{"system": "rnd"}), header: map[string]string{"Idempotency-Key": "made"}}
		made := h.must(t, 201, create)
		url, secret := "/v1/webhooks/"+made.text("/id"), made.text("/secret")
		if again := h.must(t, 201, create); !strings.HasPrefix(secret, "whsec_") || again.text("/secret") != secret || again.text("/id") != made.text("/id") {
			t.Errorf("%s, then %s", made.body, again.body)
		}
		rotate := matched(call{method: "POST", url: url + "/secrets", as: "integration", body: object{"until": h.clock.read().Add(time.Hour)}})
		rotate.header["Idempotency-Key"] = "rotated"
		second := h.must(t, 201, rotate)
		if again := h.must(t, 201, rotate); again.text("/secret") != second.text("/secret") || second.text("/secret") == secret {
			t.Errorf("%s, then %s", second.body, again.body)
		}
		if a := h.must(t, 409, matched(call{method: "POST", url: url + "/secrets", as: "integration", body: object{}})); a.text("/code") != "rotating" {
			t.Error(a.text("/code"))
		}
		h.clock.move(time.Hour)
		for _, c := range []call{create, rotate, {method: "GET", url: url, as: "admin"}, {method: "GET", url: "/v1/webhooks", as: "integration"}} {
			if a := h.do(t, c); strings.Contains(string(a.body), "whsec_") {
				t.Errorf("%s %s tells a secret: %s", c.method, c.url, a.body)
			}
		}
		now := h.must(t, 200, call{method: "GET", url: url, as: "admin"})
		if now.at("/secrets/0/good") != false || now.at("/secrets/1/good") != true {
			t.Errorf("%s", now.body)
		}
		h.must(t, 409, call{method: "DELETE", url: url + "/secrets/" + second.text("/id"), as: "admin"})
		if strings.Contains(h.logs.String(), "whsec_") {
			t.Error("the log tells a secret")
		}
	})
}

// Bad input names every field, and leaves nothing.
func TestWebhookInput(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		h.prepareCases(t)
		post := func(over object) call {
			return call{method: "POST", url: "/v1/webhooks", as: "admin", body: h.receiver(over)}
		}
		for _, url := range []string{"hooks.example", "ftp://hooks.example/", "http://hooks.example/", "https://", "https://a:b@hooks.example/", "https://hooks.example/#x", "https://elsewhere.test/", "https://169.254.169.254/", "https://[::1]/", "mailto:a@hooks.example", "https://hooks.example/" + strings.Repeat("x", 2000)} {
			if a := h.must(t, 422, post(object{"url": url})); !slices.Equal(a.pointers(), []string{"/url"}) {
				t.Errorf("%s: %s", url, a.body)
			}
		}
		all := h.must(t, 422, post(object{"title": strings.Repeat("长", 61), "account": h.people["counter_worker"].id, "system": "unknown", "url": "x", "events": []string{"case.*", "case.*", "nothing", "ticket.state", "ping"}}))
		got := all.pointers()
		slices.Sort(got)
		if want := []string{"/account", "/events/1", "/events/2", "/events/3", "/events/4", "/system", "/title", "/url"}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		made := h.newReceiver(t, object{"system": "rnd"})
		change := call{method: "PATCH", url: "/v1/webhooks/" + made.text("/id"), as: "admin", body: object{"events": []string{"ticket.*"}, "state": "gone", "url": "http://x", "title": ""}}
		got = h.must(t, 422, matched(change)).pointers()
		slices.Sort(got)
		if want := []string{"/events/0", "/state", "/title", "/url"}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		change.header = map[string]string{"If-Match": `"9"`}
		h.must(t, 412, change)
		if list := h.must(t, 200, call{method: "GET", url: "/v1/webhooks", as: "admin"}); len(list.items("/items")) != 1 {
			t.Errorf("%s", list.body)
		}
	})
}

// A dead letter holds its case until a person replays or skips it; meanwhile it is seen how the receiver does.
func TestDeadLetters(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.prepareCases(t)
		receiver, message := h.deadLetter(t)
		url := "/v1/webhooks/" + receiver
		at := call{method: "GET", url: url, as: "integration"}
		if a := h.must(t, 200, at); a.at("/health/dead") != 1.0 || a.at("/health/waiting") != 0.0 || a.at("/health/circuit/open") != true || a.at("/health/oldest") == nil {
			t.Errorf("%s", a.body)
		}
		one := h.must(t, 200, call{method: "GET", url: url + "/deliveries/" + message, as: "integration"})
		if one.text("/body/type") != "case.opened" || one.at("/tries") != 10.0 || len(one.items("/attempts")) != 10 {
			t.Errorf("%s", one.body)
		}
		list := "/deliveries?thing=case&of=" + one.text("/of")
		h.must(t, 400, call{method: "GET", url: url + "/deliveries?of=x", as: "admin"})
		if a := h.must(t, 200, call{method: "GET", url: url + list + "&state=dead", as: "admin"}); len(a.items("/items")) != 1 {
			t.Errorf("%s", a.body)
		}
		replayed := h.must(t, 200, call{method: "POST", url: url + "/replay", as: "integration", body: object{"from": nil}})
		if again := h.must(t, 200, call{method: "POST", url: url + "/replay", as: "integration", body: object{}}); replayed.at("/messages") != 1.0 || again.at("/messages") != 0.0 {
			t.Errorf("%s, then %s", replayed.body, again.body)
		}
		h.attempts(t, receiver, 204, 1)
		if a := h.must(t, 200, call{method: "GET", url: url + list, as: "admin"}); a.text("/items/0/state") != "delivered" {
			t.Errorf("%s", a.body)
		}
		if a := h.must(t, 200, at); a.at("/health/dead") != 0.0 || a.at("/health/circuit/open") != false || a.at("/health/oldest") != nil {
			t.Errorf("%s", a.body)
		}
		h.must(t, 409, call{method: "POST", url: url + "/deliveries/" + message + "/skip", as: "admin"})
		h.must(t, 201, call{method: "POST", url: url + "/ping", as: "integration", body: object{}})
		h.attempts(t, receiver, 500, 1)
		if a := h.must(t, 200, call{method: "GET", url: url + "/deliveries?state=failed", as: "admin"}); len(a.items("/items")) != 1 || a.text("/items/0/event") != "ping" {
			t.Errorf("%s", a.body)
		}
	})
}
