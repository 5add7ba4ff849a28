package handlers

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"wangge/handlers/auth"
)

func bearer(token string) map[string]string {
	return map[string]string{"Authorization": "Bearer " + token}
}

// forged are tokens that must not be taken, made from a good one.
func (h *harness) forged(t *testing.T, good string) map[string]string {
	t.Helper()
	parts := strings.Split(good, ".")
	encode := func(v any) string { return base64.RawURLEncoding.EncodeToString(must(json.Marshal(v))(t)) }
	var keys struct{ Keys []struct{ Kid, X string } }
	if err := json.Unmarshal(h.Tokens.JWKS(), &keys); err != nil {
		t.Fatal(err)
	}
	public := must(base64.RawURLEncoding.DecodeString(keys.Keys[0].X))(t)
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var claims jwt.MapClaims
	if err := json.Unmarshal(must(base64.RawURLEncoding.DecodeString(parts[1]))(t), &claims); err != nil {
		t.Fatal(err)
	}
	signed := func(m jwt.SigningMethod, key any) string {
		token := jwt.NewWithClaims(m, claims)
		token.Header["kid"] = keys.Keys[0].Kid
		return must(token.SignedString(key))(t)
	}
	others := must(auth.LoadKeys(filepath.Join(t.TempDir(), "tokens"), ""))(t)
	foreign, _, err := others.Issue(auth.Claims{Account: h.people["admin"].id, Session: h.people["admin"].session}, h.clock.read())
	if err != nil {
		t.Fatal(err)
	}
	escalated := maps.Clone(claims)
	escalated["sub"] = h.people["resident"].id
	return map[string]string{
		"alg none":                         encode(object{"alg": "none", "typ": "JWT", "kid": keys.Keys[0].Kid}) + "." + parts[1] + ".",
		"alg none with the signature":      encode(object{"alg": "none", "kid": keys.Keys[0].Kid}) + "." + parts[1] + "." + parts[2],
		"another key under our key id":     signed(jwt.SigningMethodEdDSA, private),
		"another server's key":             foreign,
		"HS256 with the public key":        signed(jwt.SigningMethodHS256, public),
		"HS256 with the public key's text": signed(jwt.SigningMethodHS256, []byte(keys.Keys[0].X)),
		"another payload":                  parts[0] + "." + encode(escalated) + "." + parts[2],
		"no signature":                     parts[0] + "." + parts[1] + ".",
		"two parts":                        parts[0] + "." + parts[1],
		"garbage":                          "garbage",
		"nothing":                          "",
		"a refresh token":                  "01931f0a.abc.def",
		"much too long":                    strings.Repeat("a", 3000),
	}
}

func TestTokensThatAreNotTaken(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		good := h.token(t, "admin")
		h.must(t, 200, call{method: "GET", url: "/v1/me", header: bearer(good)})
		write := call{method: "POST", url: "/v1/tickets", body: draft(inside(niujia, 1), nil)}
		var rows []scenario
		for name, token := range h.forged(t, good) {
			for _, c := range []call{{method: "GET", url: "/v1/me"}, write, {method: "DELETE", url: "/v1/sessions/current"}} {
				c.header = bearer(token)
				rows = append(rows, scenario{name: name + " " + c.method, call: c, status: 401, code: "token_invalid", headers: map[string]string{"Www-Authenticate": `Bearer realm="wangge"`}})
			}
		}
		basic, none := write, write
		basic.header = map[string]string{"Authorization": "Basic YWRtaW46YWRtaW4="}
		h.play(t, append(rows,
			scenario{name: "another scheme", call: basic, status: 401, code: "token_invalid"},
			scenario{name: "no token", call: none, status: 401, code: "unauthenticated"},
			scenario{name: "a bad token where none is asked for", call: call{method: "GET", url: "/v1/categories", header: bearer("garbage")}, status: 200}))

		h.clock.move(15*time.Minute + time.Second)
		expired := write
		expired.header = bearer(good)
		h.play(t, []scenario{{name: "expired", call: expired, status: 401, code: "token_expired"}})

		if list := h.must(t, 200, call{method: "GET", url: "/v1/tickets", as: "admin"}); len(list.items("/items")) != 0 {
			t.Errorf("a refused token reported a ticket: %s", list.body)
		}
	})
}

func TestSessions(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		signIn := func(body object) call { return call{method: "POST", url: "/v1/sessions", body: body} }
		good := object{"username": "grid_lead", "password": password}
		in := h.must(t, 201, signIn(good))
		if in.text("/account/username") != "grid_lead" || in.text("/account/posts/0/cell/code") != cellCode(niujia, 1) {
			t.Errorf("signed in: %s", in.body)
		}
		h.must(t, 200, call{method: "GET", url: "/v1/me", header: bearer(in.text("/accessToken"))})
		h.play(t, []scenario{
			{name: "a wrong password", call: signIn(object{"username": "grid_lead", "password": "wrong"}), status: 401, code: "wrong_credentials"},
			{name: "nobody", call: signIn(object{"username": "nobody", "password": password}), status: 401, code: "wrong_credentials"},
			{name: "a wrong code", call: signIn(object{"phone": "13800000001", "code": "123456"}), status: 401, code: "wrong_credentials"},
			{name: "neither", call: signIn(object{}), status: 422, code: "invalid"},
			{name: "half", call: signIn(object{"username": "grid_lead"}), status: 422, code: "invalid"},
			{name: "both", call: signIn(object{"username": "grid_lead", "password": password, "phone": "13800000001", "code": "1"}), status: 422, code: "invalid"},
			{name: "no phone", call: call{method: "POST", url: "/v1/codes", body: object{"phone": "12"}}, status: 422, pointers: []string{"/phone"}},
			{name: "no refresh token", call: call{method: "POST", url: "/v1/sessions/refresh", body: object{}}, status: 422, pointers: []string{"/refreshToken"}},
			{name: "not a refresh token", call: call{method: "POST", url: "/v1/sessions/refresh", body: object{"refreshToken": "a.b.c"}}, status: 401},
		})

		// A refresh token is good once; for a minute it brings the same next one again, and after that it ends the session.
		refresh := func(token string) call {
			return call{method: "POST", url: "/v1/sessions/refresh", body: object{"refreshToken": token}, header: bearer("an expired one, as clients send it along")}
		}
		next := h.must(t, 200, refresh(in.text("/refreshToken")))
		h.clock.move(59 * time.Second)
		if again := h.must(t, 200, refresh(in.text("/refreshToken"))); again.text("/refreshToken") != next.text("/refreshToken") || again.text("/refreshExpiresAt") != next.text("/refreshExpiresAt") {
			t.Errorf("asked again: %s, after %s", again.body, next.body)
		}
		h.clock.move(time.Second)
		if a := h.must(t, 401, refresh(in.text("/refreshToken"))); a.text("/code") != "session_reused" {
			t.Errorf("used twice: %s", a.body)
		}
		if a := h.must(t, 401, refresh(next.text("/refreshToken"))); a.text("/code") != "unauthenticated" {
			t.Errorf("of a session that ended: %s", a.body)
		}
		h.clock.move(time.Second)
		h.must(t, 401, call{method: "GET", url: "/v1/me", header: bearer(next.text("/accessToken"))})

		// Signing out ends it at once.
		in = h.must(t, 201, signIn(good))
		h.must(t, 204, call{method: "DELETE", url: "/v1/sessions/current", header: bearer(in.text("/accessToken"))})
		h.must(t, 401, call{method: "GET", url: "/v1/me", header: bearer(in.text("/accessToken"))})
		h.must(t, 401, refresh(in.text("/refreshToken")))

		// Who guesses waits.
		for range 5 {
			h.do(t, signIn(object{"username": "dispatcher", "password": "guess"}))
		}
		a := h.must(t, 429, signIn(object{"username": "dispatcher", "password": password}))
		if a.header.Get("Retry-After") != "1" {
			t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
		}
		h.clock.move(time.Minute)
		h.must(t, 201, signIn(object{"username": "dispatcher", "password": password}))
	})
}

func TestResidentsSignInByCode(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		phone := "13800000009"
		code := call{method: "POST", url: "/v1/codes", body: object{"phone": "+86 138-0000-0009"}}
		h.must(t, 202, code)
		if a := h.must(t, 429, code); a.header.Get("Retry-After") != "60" {
			t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
		}
		in := h.must(t, 201, call{method: "POST", url: "/v1/sessions", body: object{"phone": phone, "code": h.codes.sent[phone]}})
		if in.text("/account/roles/0") != "resident" || in.text("/account/phone") != "138****0009" {
			t.Errorf("signed in: %s", in.body)
		}
		me := call{method: "GET", url: "/v1/me", header: bearer(in.text("/accessToken"))}
		if a := h.must(t, 200, me); a.text("/phone") != phone {
			t.Errorf("own phone: %s", a.body)
		}
		h.must(t, 401, call{method: "POST", url: "/v1/sessions", body: object{"phone": phone, "code": h.codes.sent[phone]}})
	})
}

func TestOwnPassword(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		other := h.must(t, 201, call{method: "POST", url: "/v1/sessions", body: object{"username": "dispatcher", "password": password}})
		patch := func(body object) call {
			me := h.must(t, 200, call{method: "GET", url: "/v1/me", as: "dispatcher"})
			return call{method: "PATCH", url: "/v1/me", as: "dispatcher", body: body, header: map[string]string{"If-Match": me.header.Get("ETag")}}
		}
		h.play(t, []scenario{
			{name: "a wrong old one", call: patch(object{"password": "a new one, long enough", "oldPassword": "wrong"}), status: 422, pointers: []string{"/oldPassword"}},
			{name: "no old one", call: patch(object{"password": "a new one, long enough"}), status: 422, pointers: []string{"/oldPassword"}},
			{name: "too easy", call: patch(object{"password": "123", "oldPassword": password}), status: 422, pointers: []string{"/password"}},
			{name: "changed", call: patch(object{"password": "a new one, long enough", "oldPassword": password}), status: 200},
			{name: "an unknown language", call: patch(object{"language": "fr"}), status: 422, pointers: []string{"/language"}},
		})
		h.clock.move(time.Second)
		h.must(t, 200, call{method: "GET", url: "/v1/me", as: "dispatcher"})
		h.must(t, 401, call{method: "GET", url: "/v1/me", header: bearer(other.text("/accessToken"))})
	})
}

func TestSystemRoutes(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		keys := h.must(t, 200, call{method: "GET", url: "/.well-known/jwks.json"})
		header := strings.Split(h.token(t, "admin"), ".")[0]
		if kid := keys.text("/keys/0/kid"); !strings.Contains(string(must(base64.RawURLEncoding.DecodeString(header))(t)), kid) {
			t.Errorf("tokens are not signed with the published key %s", kid)
		}
		if a := h.must(t, 200, call{method: "GET", url: "/openapi.yaml"}); fmt.Sprintf("%.8s", a.body) != "openapi:" {
			t.Errorf("contract: %.40s", a.body)
		}
		h.play(t, []scenario{
			{name: "health", call: call{method: "GET", url: "/healthz"}, status: 200, fields: object{"/status": "ok"}},
			{name: "readiness", call: call{method: "GET", url: "/readyz"}, status: 200, fields: object{"/status": "ready"}},
			{name: "docs", call: call{method: "GET", url: "/docs"}, status: 200, headers: map[string]string{"Content-Type": "text/html; charset=utf-8"}},
			{name: "a file of the docs", call: call{method: "GET", url: "/docs/docs.css"}, status: 200, headers: map[string]string{"Content-Type": "text/css; charset=utf-8"}},
			{name: "no file of the docs", call: call{method: "GET", url: "/docs/docs.map"}, status: 404},
			{name: "a file beside the docs", call: call{method: "GET", url: "/docs/..%2fdocs.css"}, status: 404},
		})
		if err := h.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		a := h.must(t, 503, call{method: "GET", url: "/readyz"})
		if a.text("/code") != "stopping" {
			t.Errorf("stopping: %s", a.body)
		}
	})
}
