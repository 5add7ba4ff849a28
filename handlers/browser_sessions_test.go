package handlers

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// ownPage are the headers that a browser sends with what a page of ours asks for.
func ownPage() map[string]string {
	return map[string]string{"Origin": publicURL, "Sec-Fetch-Site": "same-origin"}
}

// fromOwnPage is a call that a page of ours makes.
func fromOwnPage(method, url string, body any) func(*testing.T, *harness, string) call {
	return func(*testing.T, *harness, string) call {
		return call{method: method, url: url, body: body, header: ownPage()}
	}
}

// browser keeps the cookie that it was given.
type browser struct{ cookie *http.Cookie }

// call is one of a page, with the cookie.
func (b *browser) call(method, path string, body any) call {
	c := call{method: method, url: browserSessions + path, body: body, header: ownPage()}
	if b.cookie != nil {
		c.header["Cookie"] = b.cookie.Name + "=" + b.cookie.Value
	}
	return c
}

// ask calls, and keeps the cookie of the answer.
func (b *browser) ask(t *testing.T, h *harness, status int, c call) *answer {
	t.Helper()
	a := h.must(t, status, c)
	if set := (&http.Response{Header: a.header}).Cookies(); len(set) > 0 {
		if b.cookie = set[0]; b.cookie.MaxAge < 0 {
			b.cookie = nil
		}
	}
	return a
}

func (b *browser) signIn(t *testing.T, h *harness, who string) *answer {
	t.Helper()
	return b.ask(t, h, 201, b.call("POST", "", object{"username": who, "password": password}))
}

func TestBrowserSessions(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		b := &browser{}
		in := b.signIn(t, h, "grid_lead")
		c := b.cookie
		if c == nil || c.Name != "__Host-wangge" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 30*24*3600 {
			t.Fatalf("the cookie: %v", in.header["Set-Cookie"])
		}
		if in.at("/refreshToken") != nil || strings.Contains(string(in.body), c.Value) || in.text("/account/username") != "grid_lead" {
			t.Errorf("signed in: %s", in.body)
		}
		h.must(t, 200, call{method: "GET", url: "/v1/me", header: bearer(in.text("/accessToken"))})
		h.must(t, 401, call{method: "GET", url: "/v1/me", header: map[string]string{"Cookie": c.Name + "=" + c.Value}})

		// The next one comes by the cookie, in a minute again to who asks with the one before.
		old := &browser{c}
		next := b.ask(t, h, 200, b.call("POST", "/refresh", object{}))
		if b.cookie.Value == c.Value || next.at("/refreshToken") != nil {
			t.Errorf("refreshed: %s, %v", next.body, next.header["Set-Cookie"])
		}
		h.clock.move(59 * time.Second)
		lost := *old
		if lost.ask(t, h, 200, lost.call("POST", "/refresh", object{})); lost.cookie.Value != b.cookie.Value || lost.cookie.MaxAge != 30*24*3600-59 {
			t.Errorf("asked again: %v, after %v", lost.cookie, b.cookie)
		}
		h.clock.move(time.Second)
		if a := h.must(t, 401, old.call("POST", "/refresh", object{})); a.text("/code") != "session_reused" || a.header["Set-Cookie"] != nil {
			t.Errorf("used twice: %s", a.body)
		}
		h.must(t, 401, b.call("POST", "/refresh", object{}))
		b.ask(t, h, 204, b.call("DELETE", "", nil)) // of a session that has ended
		if b.cookie != nil {
			t.Errorf("signed out, the cookie is there: %v", b.cookie)
		}

		// Signing out needs no access token, and ends the session at once.
		in = b.signIn(t, h, "grid_lead")
		out := *b
		b.ask(t, h, 204, b.call("DELETE", "", nil))
		h.must(t, 401, call{method: "GET", url: "/v1/me", header: bearer(in.text("/accessToken"))})
		h.must(t, 401, out.call("POST", "/refresh", object{}))
	})
}

// A cookie comes along with whatever the browser sends: only what a page of ours asks for is done.
func TestForeignPagesAreRefused(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		b := &browser{}
		b.signIn(t, h, "grid_lead")
		with := func(c call, change map[string]string) call {
			c.header = maps.Clone(c.header)
			maps.Copy(c.header, change)
			return c
		}
		calls := map[string]call{
			"sign-in":  b.call("POST", "", object{"username": "dispatcher", "password": password}),
			"refresh":  b.call("POST", "/refresh", object{}),
			"sign-out": b.call("DELETE", "", nil),
		}
		foreign := map[string]map[string]string{
			"a foreign origin":                     {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
			"a foreign origin in an older browser": {"Origin": "https://evil.example", "Sec-Fetch-Site": ""},
			"a foreign origin that claims ours":    {"Origin": "https://evil.example"},
			"our origin's beginning":               {"Origin": publicURL + ".evil.example", "Sec-Fetch-Site": ""},
			"our host without encryption":          {"Origin": strings.Replace(publicURL, "https", "http", 1), "Sec-Fetch-Site": ""},
			"another port":                         {"Origin": publicURL + ":8443", "Sec-Fetch-Site": ""},
			"a neighbour under our domain":         {"Sec-Fetch-Site": "same-site"},
			"an address that was typed":            {"Origin": "", "Sec-Fetch-Site": "none"},
			"no origin":                            {"Origin": "", "Sec-Fetch-Site": ""},
			"no origin in a browser":               {"Origin": ""},
			"a page without an origin":             {"Origin": "null"},
			"the host it asked for, unconfirmed":   {"Origin": "http://example.com", "Sec-Fetch-Site": ""},
		}
		for _, name := range slices.Sorted(maps.Keys(foreign)) {
			for what, c := range calls {
				if a := h.must(t, 403, with(c, foreign[name])); a.text("/code") != "foreign_page" || a.header["Set-Cookie"] != nil {
					t.Errorf("%s, %s: %s", what, name, a.body)
				}
			}
		}
		form := with(calls["refresh"], map[string]string{"Content-Type": "application/x-www-form-urlencoded"})
		h.play(t, []scenario{
			{name: "a form", call: form, status: 415, code: "unsupported_media_type"},
			{name: "text", call: with(form, map[string]string{"Content-Type": "text/plain"}), status: 415, code: "unsupported_media_type"},
			{name: "nothing", call: with(calls["refresh"], map[string]string{"Content-Type": ""}), status: 415, code: "unsupported_media_type"},
			{name: "without a cookie", call: with(calls["refresh"], map[string]string{"Cookie": ""}), status: 401, code: "unauthenticated"},
			{name: "a cookie of nothing", call: with(calls["refresh"], map[string]string{"Cookie": "__Host-wangge=a.b.c"}), status: 401, code: "unauthenticated"},
			{name: "the cookie's name without encryption", call: with(calls["refresh"], map[string]string{"Cookie": "wangge=" + b.cookie.Value}), status: 401, code: "unauthenticated"},
			{name: "a neighbour's beside ours", call: with(calls["refresh"], map[string]string{"Cookie": "__Host-wangge=a.b.c; __Host-wangge=" + b.cookie.Value}), status: 401, code: "unauthenticated"},
			{name: "none of that did anything", call: calls["refresh"], status: 200},
			{name: "by another name of the server", call: with(calls["refresh"], map[string]string{"Origin": "http://example.com"}), status: 200},
			{name: "in a browser that says nothing else", call: with(calls["refresh"], map[string]string{"Sec-Fetch-Site": ""}), status: 200},
		})
	})
}

// Two people use one browser: a tab of the first never becomes the second's unseen.
func TestBrowserChangesHands(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		b := &browser{}
		first := b.signIn(t, h, "grid_lead")
		before := *b
		second := b.signIn(t, h, "dispatcher")
		h.must(t, 401, call{method: "GET", url: "/v1/me", header: bearer(first.text("/accessToken"))})
		h.must(t, 401, before.call("POST", "/refresh", object{}))

		theirs := object{"account": first.text("/account/id")}
		stale := b.call("POST", "/refresh", theirs)
		stale.header["Authorization"] = "Bearer " + h.token(t, "street_manager") // nobody asks for it
		if a := h.must(t, 409, stale); a.text("/code") != "other_account" || a.header["Set-Cookie"] != nil {
			t.Errorf("the first one's tab: %s", a.body)
		}
		if a := h.must(t, 409, b.call("DELETE", "?account="+first.text("/account/id"), nil)); a.text("/code") != "other_account" || a.header["Set-Cookie"] != nil {
			t.Errorf("the first one signs out: %s", a.body)
		}
		if a := b.ask(t, h, 200, b.call("POST", "/refresh", object{"account": second.text("/account/id")})); a.text("/account/username") != "dispatcher" {
			t.Errorf("the second one's tab: %s", a.body)
		}
		b.ask(t, h, 204, b.call("DELETE", "?account="+second.text("/account/id"), nil))
		h.must(t, 401, call{method: "GET", url: "/v1/me", header: bearer(second.text("/accessToken"))})
		h.must(t, 200, call{method: "GET", url: "/v1/me", as: "street_manager"})
	})
}

// Tabs that refresh at once all get the same next token, and go on.
func TestTabsRefreshAtOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		b := &browser{}
		b.signIn(t, h, "grid_lead")
		for range 3 {
			tabs := make([]browser, 8)
			var asking sync.WaitGroup
			for i := range tabs {
				tabs[i] = *b
				asking.Go(func() {
					a, _, _ := h.send(t, tabs[i].call("POST", "/refresh", object{}))
					if set := (&http.Response{Header: a.header}).Cookies(); a.status == 200 && len(set) == 1 {
						tabs[i].cookie = set[0]
					} else {
						t.Errorf("tab %d: %d %s", i, a.status, a.body)
					}
				})
			}
			asking.Wait()
			for i := range tabs {
				if tabs[i].cookie.Value != tabs[0].cookie.Value || tabs[i].cookie.Value == b.cookie.Value {
					t.Fatalf("tab %d has %v, the first %v", i, tabs[i].cookie, tabs[0].cookie)
				}
			}
			*b = tabs[0]
		}
	})
}

// However the public address is written, its pages are ours; and each path of a host has a cookie of its own.
func TestBrowserSessionsBehindAProxy(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		names := map[string]bool{}
		for _, url := range []string{"https://Grid.Example.org:443", "https://grid.example.org/a", "https://grid.example.org/b"} {
			h.with(t, func(d *Deps) { d.PublicURL = url })
			b := &browser{}
			in := b.call("POST", "", object{"username": "grid_lead", "password": password})
			in.header = map[string]string{"Origin": "https://grid.example.org"} // to a proxy that asks us by another name
			b.ask(t, h, 201, in)
			if c := b.cookie; !strings.HasPrefix(c.Name, "__Host-wangge") || c.Path != "/" || !c.Secure || c.Domain != "" {
				t.Errorf("%s: the cookie is %v", url, c)
			}
			names[b.cookie.Name] = true
		}
		if len(names) != 3 {
			t.Errorf("cookies: %v", names)
		}
	})
}

// Where nothing is encrypted, as in a demonstration, browsers would not take a cookie that asks for it.
func TestBrowserSessionsWithoutEncryption(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		h.with(t, func(d *Deps) { d.PublicURL = "http://127.0.0.1:8080/grid" })
		b := &browser{}
		in := b.call("POST", "", object{"username": "grid_lead", "password": password})
		in.header["Origin"] = "http://127.0.0.1:8080"
		b.ask(t, h, 201, in)
		if c := b.cookie; c.Name != "wangge" || c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/grid"+browserSessions {
			t.Errorf("the cookie: %v", c)
		}
	})
}
