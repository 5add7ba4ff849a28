package handlers

import (
	"strings"
	"testing"
	"time"
)

// A session's photo key opens the pictures that the session may see, under the
// access of now, and nothing else.
func TestPhotoKey(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		signIn := call{method: "POST", url: "/v1/sessions", body: object{"username": "grid_lead", "password": password}}
		in := h.must(t, 201, signIn)
		key := in.text("/photoKey")
		if in.text("/photoKeyExpiresAt") != "2026-11-23T03:00:00.000Z" {
			t.Errorf("expires: %s", in.body)
		}
		body, media := upload(t, "file", jpegFile())
		photo := h.must(t, 201, call{method: "POST", url: "/v1/photos", as: "resident", body: body, header: map[string]string{"Content-Type": media}}).text("/id")
		see := func(key string) call {
			return call{method: "GET", url: "/v1/photos/" + photo + "?size=thumb&key=" + key}
		}
		h.must(t, 404, see(key)) // loose: its uploader's only
		h.must(t, 201, call{method: "POST", url: "/v1/tickets", as: "resident", body: draft(inside(niujia, 1), object{"photos": []string{photo}})})
		got := h.must(t, 200, see(key))
		if got.header.Get("Cache-Control") != "private, max-age=3600" || got.header.Get("Referrer-Policy") != "no-referrer" || got.header.Get("Vary") != "Authorization" {
			t.Errorf("headers: %v", got.header)
		}
		h.must(t, 200, call{method: "HEAD", url: see(key).url})
		h.play(t, []scenario{
			{name: "no key", call: see(""), status: 401, code: "unauthenticated"},
			{name: "no such key", call: see(key + "A"), status: 401, code: "token_invalid"},
			{name: "an access token as a key", call: see(in.text("/accessToken")), status: 401, code: "token_invalid"},
			{name: "a key as an access token", call: call{method: "GET", url: "/v1/me", header: bearer(key)}, status: 401, code: "token_invalid"},
			{name: "two keys", call: see(key + "&key=" + key), status: 400, code: "bad_parameter"},
			{name: "the header comes first", call: call{method: "GET", url: see(key).url, header: bearer("none")}, status: 401, code: "token_invalid"},
		})
		for _, rt := range h.routes() {
			if rt.ByPhotoKey && (rt.Method != "GET" || rt.Path != "/v1/photos/:id") {
				t.Errorf("%s %s takes photo keys", rt.Method, rt.Path)
			}
			if rt.ByPhotoKey || rt.Gate.Roles == nil {
				continue
			}
			path := strings.NewReplacer(":z/:x/:y", "1/1/1", ":id", photo, ":", "").Replace(rt.Path)
			if a := h.do(t, call{method: rt.Method, url: path + "?key=" + key}); a.status != 401 {
				t.Errorf("%s %s with a photo key: %d", rt.Method, rt.Path, a.status)
			}
		}

		// It goes with the access token, each hour another one, and ends with the session.
		h.clock.move(time.Hour)
		next := h.must(t, 200, call{method: "POST", url: "/v1/sessions/refresh", body: object{"refreshToken": in.text("/refreshToken")}})
		if next.text("/photoKey") == key {
			t.Error("an hour later it is the same key")
		}
		h.must(t, 200, see(key))
		h.must(t, 200, see(next.text("/photoKey")))
		h.clock.move(time.Hour)
		if a := h.must(t, 401, see(key)); a.text("/code") != "token_expired" {
			t.Errorf("run out: %s", a.body)
		}
		h.must(t, 200, see(next.text("/photoKey")))
		last := h.must(t, 200, call{method: "POST", url: "/v1/sessions/refresh", body: object{"refreshToken": next.text("/refreshToken")}})
		h.must(t, 204, call{method: "DELETE", url: "/v1/sessions/current", header: bearer(last.text("/accessToken"))})
		h.must(t, 401, see(next.text("/photoKey")))
		h.must(t, 401, see(last.text("/photoKey")))

		// Access is that of now: who was moved to another place does not see this one's pictures.
		again := h.must(t, 201, signIn)
		h.must(t, 200, see(again.text("/photoKey")))
		account := "/v1/accounts/" + h.people["grid_lead"].id
		version := h.must(t, 200, call{method: "GET", url: account, as: "admin"}).header.Get("ETag")
		h.must(t, 200, call{method: "PUT", url: account + "/grants", as: "admin", header: map[string]string{"If-Match": version}, body: object{"grants": []object{{"role": "grid_lead", "area": chayuan}}}})
		h.clock.move(time.Second)
		h.must(t, 404, see(again.text("/photoKey")))
		for _, key := range []string{key, next.text("/photoKey"), again.text("/photoKey")} {
			if strings.Contains(h.logs.String(), key) {
				t.Error("a photo key is in the log")
			}
		}
	})
}
