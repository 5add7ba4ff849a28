package handlers

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"wangge/domain/account"
	"wangge/domain/wechat"
)

// miniProgram stands in for WeChat: each code is good once.
type miniProgram struct {
	logins map[string]string       // code → openid
	phones map[string]wechat.Phone // by code
	fails  error                   // of every call
}

func (m *miniProgram) OpenID(_ context.Context, code string) (string, error) {
	id, ok := m.logins[code]
	switch {
	case m.fails != nil:
		return "", m.fails
	case !ok:
		return "", wechat.ErrLoginCode
	}
	delete(m.logins, code)
	return id, nil
}

func (m *miniProgram) Phone(_ context.Context, code string) (wechat.Phone, error) {
	p, ok := m.phones[code]
	switch {
	case m.fails != nil:
		return wechat.Phone{}, m.fails
	case !ok:
		return wechat.Phone{}, wechat.ErrPhoneCode
	}
	delete(m.phones, code)
	return p, nil
}

// login is a code of wx.login of somebody; phone, one of the button.
func (m *miniProgram) login(openID string) string {
	code := fmt.Sprintf("login-%d", time.Now().UnixNano())
	m.logins[code] = openID
	return code
}

func (m *miniProgram) phone(number string) string {
	code := fmt.Sprintf("phone-%d", time.Now().UnixNano())
	m.phones[code] = wechat.Phone{Country: "86", Number: number}
	return code
}

// byWeChat has the harness sign in by WeChat.
func (h *harness) byWeChat() *miniProgram {
	m := &miniProgram{logins: map[string]string{}, phones: map[string]wechat.Phone{}}
	h.WeChat.Service = m
	h.WeChat.Templates = []wechat.Template{{ID: "template-1", Kinds: nil}}
	return m
}

func wechatIs(login, phone string, more object) call {
	of := object{"loginCode": login}
	if phone != "" {
		of["phoneCode"] = phone
	}
	body := object{"wechat": of}
	for k, v := range more {
		body[k] = v
	}
	return call{method: "POST", url: "/v1/sessions", body: body}
}

// refusedWith expects a problem.
func (h *harness) refusedWith(t *testing.T, status int, code string, c call) {
	t.Helper()
	if a := h.do(t, c); a.status != status || a.text("/code") != code {
		t.Errorf("%d %.200s, want %d %s", a.status, a.body, status, code)
	}
}

var crashesWeChat = []crash{
	{"POST /v1/me/wechat/grants", func(t *testing.T, h *harness) call {
		m := h.byWeChat()
		in := h.must(t, 201, wechatIs(m.login("openid-crash"), m.phone("13800000071"), nil))
		return call{method: "POST", url: "/v1/me/wechat/grants", header: bearer(in.text("/accessToken")), body: object{"accepted": []object{{"template": "template-1", "count": 2}}}}
	}},
}

// A resident shares the phone once; from then on WeChat alone signs them in.
func TestResidentsSignInByWeChat(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		m := h.byWeChat()
		h.refusedWith(t, 401, "phone_needed", wechatIs(m.login("openid-1"), "", nil))
		phone := m.phone("13800000009")
		first := wechatIs(m.login("openid-1"), phone, nil)
		in := h.must(t, 201, first)
		if in.text("/account/roles/0") != "resident" || in.text("/account/phone") != "138****0009" {
			t.Errorf("signed in: %s", in.body)
		}
		// The same again brings the same session, for a minute; a code used twice with another is none.
		again := h.must(t, 201, first)
		if again.text("/refreshToken") != in.text("/refreshToken") {
			t.Errorf("the same codes begin another session")
		}
		h.refusedWith(t, 401, "wechat_phone_code", wechatIs(m.login("openid-2"), phone, nil))
		h.refusedWith(t, 401, "wechat_code", wechatIs(first.body.(object)["wechat"].(object)["loginCode"].(string), "", nil))
		h.refusedWith(t, 401, "wechat_code", wechatIs("forged", "", nil))
		h.clock.move(time.Minute)
		h.refusedWith(t, 401, "wechat_code", first)

		next := h.must(t, 201, wechatIs(m.login("openid-1"), "", nil))
		if next.text("/account/id") != in.text("/account/id") || next.text("/refreshToken") == in.text("/refreshToken") {
			t.Errorf("another time: %s", next.body)
		}
		me := call{method: "GET", url: "/v1/me/devices", header: bearer(next.text("/accessToken"))}
		if a := h.must(t, 200, me); a.text("/items/0/way") != "wechat" || a.text("/items/0/platform") != "mini-program" || a.at("/items/0/current") != true {
			t.Errorf("devices: %s", a.body)
		}
		// The openid is one account's: with another phone it is refused, whether or not that has an account.
		for _, number := range []string{"13800000001", "13800000777"} {
			h.refusedWith(t, 409, "wechat_bound", wechatIs(m.login("openid-1"), m.phone(number), nil))
		}
		if _, err := h.Accounts.ByPhone(t.Context(), "13800000777"); err == nil {
			t.Error("a refused phone has an account")
		}
		// Signing out ends the messages there.
		h.must(t, 204, call{method: "DELETE", url: "/v1/sessions/current", header: bearer(next.text("/accessToken"))})
		h.clock.move(time.Second)
		if a := h.must(t, 200, call{method: "GET", url: "/v1/me/devices", header: bearer(in.text("/accessToken"))}); len(a.items("/items")) != 0 {
			t.Errorf("after signing out: %s", a.body)
		}
		for _, secret := range []string{"openid-1", "13800000009", "login-", "phone-"} {
			if strings.Contains(h.logs.String(), secret) {
				t.Errorf("the log has %q", secret)
			}
		}
	})
}

// Staff give their password once; what ends all their sessions ends that too.
func TestStaffSignInByWeChat(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		m := h.byWeChat()
		lead := h.confirmPhone(t, "grid_lead", "13911112222")
		h.refusedWith(t, 401, "password_needed", wechatIs(m.login("lead"), m.phone("13911112222"), nil))
		h.refusedWith(t, 401, "wrong_credentials", wechatIs(m.login("lead"), "", object{"password": "a guess of somebody"}))
		h.refusedWith(t, 401, "phone_needed", wechatIs(m.login("another"), "", object{"password": password}))
		in := h.must(t, 201, wechatIs(m.login("lead"), "", object{"password": password}))
		if in.text("/account/id") != lead.ID {
			t.Errorf("%s", in.body)
		}
		h.must(t, 201, wechatIs(m.login("lead"), "", nil))

		// A new password asks for phone and password once more.
		h.clock.move(time.Second)
		if _, err := h.Accounts.Update(t.Context(), h.actor(t, "admin"), h.Now(), lead.ID, 0, account.Change{Password: ptr("another one, long enough")}); err != nil {
			t.Fatal(err)
		}
		h.refusedWith(t, 401, "phone_needed", wechatIs(m.login("lead"), "", nil))
		h.refusedWith(t, 401, "password_needed", wechatIs(m.login("lead"), m.phone("13911112222"), nil))
		h.clock.move(10 * time.Minute)
		h.refusedWith(t, 401, "phone_needed", wechatIs(m.login("lead"), "", object{"password": "another one, long enough"}))
		h.must(t, 201, wechatIs(m.login("lead"), m.phone("13911112222"), object{"password": "another one, long enough"}))

		// Who guesses waits, as with a username.
		h.refusedWith(t, 401, "password_needed", wechatIs(m.login("thief"), m.phone("13911112222"), nil))
		for range 5 {
			h.do(t, wechatIs(m.login("thief"), "", object{"password": "a guess of somebody"}))
		}
		h.must(t, 429, wechatIs(m.login("thief"), "", object{"password": "another one, long enough"}))
		h.clock.move(time.Hour)

		// Unbound, the sessions that it began end but the one that asks.
		in = h.must(t, 201, wechatIs(m.login("lead"), "", nil))
		other := h.must(t, 201, wechatIs(m.login("lead"), "", nil))
		for range 2 {
			h.must(t, 204, call{method: "DELETE", url: "/v1/me/wechat", header: bearer(in.text("/accessToken"))})
		}
		h.clock.move(time.Second)
		h.must(t, 200, call{method: "GET", url: "/v1/me", header: bearer(in.text("/accessToken"))})
		h.must(t, 401, call{method: "GET", url: "/v1/me", header: bearer(other.text("/accessToken"))})
		h.refusedWith(t, 401, "phone_needed", wechatIs(m.login("lead"), "", nil))

		// A disabled account is as none.
		h.must(t, 201, wechatIs(m.login("lead"), m.phone("13911112222"), object{"password": "another one, long enough"}))
		if _, err := h.Accounts.Update(t.Context(), h.actor(t, "admin"), h.Now(), lead.ID, 0, account.Change{Disabled: ptr(true)}); err != nil {
			t.Fatal(err)
		}
		h.refusedWith(t, 401, "wrong_credentials", wechatIs(m.login("lead"), "", nil))
		h.refusedWith(t, 401, "wrong_credentials", wechatIs(m.login("new"), m.phone("13911112222"), nil))
	})
}

// confirmPhone has one of staff confirm a phone as their own.
func (h *harness) confirmPhone(t *testing.T, who, phone string) *account.Account {
	t.Helper()
	h.must(t, 202, call{method: "POST", url: "/v1/codes", body: object{"phone": phone}})
	h.must(t, 200, call{method: "PATCH", url: "/v1/me", as: who, body: object{"phone": phone, "code": h.codes.sent[phone]}, header: map[string]string{"If-Match": "*"}})
	return must(account.Load(t.Context(), h.Store, h.people[who].id))(t)
}

func ptr[T any](v T) *T { return &v }

// An account has one WeChat, the last that proved its phone; an openid goes
// with its owner when the phone is another account's.
func TestWeChatMoves(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		m := h.byWeChat()
		first := h.must(t, 201, wechatIs(m.login("openid-1"), m.phone("13800000031"), nil))
		h.clock.move(time.Second)
		second := h.must(t, 201, wechatIs(m.login("openid-2"), m.phone("13800000031"), nil))
		if first.text("/account/id") != second.text("/account/id") {
			t.Error("another account of the same phone")
		}
		h.must(t, 401, call{method: "POST", url: "/v1/sessions/refresh", body: object{"refreshToken": first.text("/refreshToken")}})
		h.refusedWith(t, 401, "phone_needed", wechatIs(m.login("openid-1"), "", nil))

		// The phone becomes another account's: whose WeChat it was proves it anew, and is there.
		id := second.text("/account/id")
		if _, err := h.Accounts.Update(t.Context(), h.actor(t, "admin"), h.Now(), id, 0, account.Change{Phone: ptr("13800000032")}); err != nil {
			t.Fatal(err)
		}
		h.refusedWith(t, 401, "phone_needed", wechatIs(m.login("openid-2"), "", nil))
		h.clock.move(time.Second)
		moved := h.must(t, 201, wechatIs(m.login("openid-2"), m.phone("13800000031"), nil))
		if moved.text("/account/id") == id {
			t.Error("the phone's account of before")
		}
		if a := h.must(t, 201, wechatIs(m.login("openid-2"), "", nil)); a.text("/account/id") != moved.text("/account/id") {
			t.Errorf("%s", a.body)
		}
	})
}

// Without WeChat nobody gets in, nothing is written and nobody is locked out.
func TestWeChatIsDown(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		h.refusedWith(t, 409, "wechat_off", wechatIs("x", "", nil))
		m := h.byWeChat()
		before := h.entries()
		for of, want := range map[error]string{wechat.ErrDown: "5", wechat.ErrBusy: "60"} {
			m.fails = fmt.Errorf("%w: timeout", of)
			for range 60 { // more than anybody may try
				a := h.do(t, wechatIs(m.login("openid-1"), m.phone("13800000041"), nil))
				if a.status != 503 || a.header.Get("Retry-After") != want {
					t.Fatalf("%d %s %q", a.status, a.body, a.header.Get("Retry-After"))
				}
			}
		}
		if h.entries() != before {
			t.Error("something was written")
		}
		m.fails = nil
		h.must(t, 201, wechatIs(m.login("openid-1"), m.phone("13800000041"), nil))
		m.fails = wechat.ErrRisky
		h.refusedWith(t, 401, "wechat_refused", wechatIs(m.login("openid-1"), "", nil))
		m.fails = nil
		for range 60 {
			h.do(t, wechatIs("forged", "", nil))
		}
		h.must(t, 429, wechatIs("forged", "", nil))
	})
}

func TestWeChatRefused(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		m := h.byWeChat()
		m.phones["abroad"] = wechat.Phone{Country: "852", Number: "51234567"}
		long := strings.Repeat("x", 129)
		h.play(t, []scenario{
			{name: "no code", call: wechatIs("", "", nil), status: 422, pointers: []string{"/wechat/loginCode"}},
			{name: "too long", call: wechatIs(long, long, nil), status: 422, pointers: []string{"/wechat/loginCode", "/wechat/phoneCode"}},
			{name: "with a name", call: wechatIs("x", "", object{"username": "grid_lead", "password": password}), status: 422, code: "invalid"},
			{name: "a phone of elsewhere", call: wechatIs(m.login("openid-1"), "abroad", nil), status: 422, pointers: []string{"/wechat/phoneCode"}},
			{name: "unbound", call: call{method: "POST", url: "/v1/me/wechat/grants", as: "resident", body: object{"accepted": []object{{"template": "template-1", "count": 1}}}}, status: 409, code: "wechat_unbound"},
			{name: "no such template", call: call{method: "POST", url: "/v1/me/wechat/grants", as: "resident", body: object{"accepted": []object{{"template": "x", "count": 11}, {"template": "template-1", "count": -1}}}}, status: 422,
				pointers: []string{"/accepted/0/template", "/accepted/0/count", "/accepted/1/count"}},
			{name: "nothing", call: call{method: "POST", url: "/v1/me/wechat/grants", as: "resident", body: object{"accepted": []object{}}}, status: 422, pointers: []string{"/accepted"}},
		})
	})
}

// What was accepted counts once however often it is sent, up to what anybody can mean.
func TestGrants(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		m := h.byWeChat()
		in := h.must(t, 201, wechatIs(m.login("openid-1"), m.phone("13800000051"), nil))
		report := func(key string, count int) call {
			c := call{method: "POST", url: "/v1/me/wechat/grants", header: bearer(in.text("/accessToken")), body: object{"accepted": []object{{"template": "template-1", "count": count}}}}
			c.header["Idempotency-Key"] = key
			return c
		}
		left := func(want int) {
			t.Helper()
			a := h.must(t, 200, call{method: "GET", url: "/v1/me/wechat", header: bearer(in.text("/accessToken"))})
			if a.at("/templates/0/left") != float64(want) || a.text("/boundAt") == "" {
				t.Errorf("%s, want %d left", a.body, want)
			}
		}
		left(0)
		h.must(t, 200, report("a", 2))
		h.must(t, 200, report("a", 2))
		left(2)
		if err := h.WeChat.Taken(t.Context(), "openid-1", "ticket_assigned"); err != nil {
			t.Fatal(err)
		}
		left(1)
		for i := range 20 {
			h.must(t, 200, report(fmt.Sprint("many", i), 10))
		}
		left(99)
		h.must(t, 200, report("no", 0))
		left(0)
		h.must(t, 200, report("b", 3))
		if err := h.WeChat.Spent(t.Context(), "openid-1", "ticket_assigned"); err != nil {
			t.Fatal(err)
		}
		left(0)
		if ok, err := h.WeChat.Allowed(t.Context(), "openid-1", "ticket_assigned"); ok || err != nil {
			t.Errorf("%v, %v", ok, err)
		}
	})
}
