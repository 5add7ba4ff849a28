package handlers

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"wangge/handlers/pages"
)

// aBuild is what npm makes of the console, in small.
func aBuild() fs.FS {
	out := fstest.MapFS{}
	for name, text := range map[string]string{
		"index.html": "<!doctype html><title>console</title>", "map.html": "<!doctype html><title>map</title>", "icon.svg": "<svg/>",
		"assets/index-3f.js": strings.Repeat("console;", 40), "assets/index-3f.js.br": "br", "assets/index-3f.js.gz": "gz", "assets/fonts/a-1.pbf": "glyphs",
		"csp.json": `{"style":["'sha256-ChghIamXUQ3k5FEOOJC7n7/FmqZtX7X24C4FGHU2wno='"]}`,
	} {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

func TestConsoleIsServed(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		h.with(t, func(d *Deps) { d.Console = aBuild() })
		const html, js, kept, fresh = "text/html; charset=utf-8", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", "no-cache"
		for _, row := range []struct{ url, takes, body, kind, cache, coding string }{
			{"/console", "br", "<title>console", html, fresh, ""},
			{"/console/", "", "<title>console", html, fresh, ""},
			{"/console/work/tickets/1?state=open&x=%ff&x=2", "", "<title>console", html, fresh, ""},
			{"/console/csp.json", "", "<title>console", html, fresh, ""},
			{"/console/assets", "", "<title>console", html, fresh, ""},
			{"/console/icon.svg", "", "<svg/>", "image/svg+xml", fresh, ""},
			{"/console/assets/index-3f.js", "", "console;console;", js, kept, ""},
			{"/console/assets/index-3f.js", "gzip, deflate, br, zstd", "br", js, kept, "br"},
			{"/console/assets/index-3f.js", "gzip", "gz", js, kept, "gzip"},
			{"/console/assets/index-3f.js", "gzip;q=0, br;q=0", "console;console;", js, kept, ""},
			{"/console/assets/fonts/a-1.pbf", "br", "glyphs", "application/x-protobuf", kept, ""},
			{"/map?lon=120.6&lat=31.3", "", "<title>map", html, fresh, ""},
		} {
			c := call{method: "GET", url: row.url, header: map[string]string{"Accept-Encoding": row.takes}}
			a, _, _ := h.send(t, c)
			got := a.header
			if a.status != 200 || !strings.Contains(string(a.body), row.body) || got.Get("Content-Type") != row.kind || got.Get("Cache-Control") != row.cache || got.Get("Content-Encoding") != row.coding || got.Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s for who takes %q: %d %.40q, %v", row.url, row.takes, a.status, a.body, got)
			}
			for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"} {
				if got.Get(name) != want {
					t.Errorf("%s: %s is %q", row.url, name, got.Get(name))
				}
			}
			if csp := got.Get("Content-Security-Policy"); csp != pages.Policy([]string{"'sha256-ChghIamXUQ3k5FEOOJC7n7/FmqZtX7X24C4FGHU2wno='"}, nil) {
				t.Errorf("%s: %s", row.url, csp)
			}
			c.header["If-None-Match"] = got.Get("ETag")
			again, _, _ := h.send(t, c)
			if got.Get("ETag") == "" || again.status != 304 || len(again.body) > 0 || again.header.Get("ETag") != got.Get("ETag") || again.header.Get("Content-Security-Policy") == "" {
				t.Errorf("%s again with %q: %d %q", row.url, got.Get("ETag"), again.status, again.body)
			}
			c.method = "HEAD"
			delete(c.header, "If-None-Match")
			if head, _, _ := h.send(t, c); head.status != 200 || len(head.body) > 0 || head.header.Get("ETag") != got.Get("ETag") {
				t.Errorf("HEAD %s: %d %q", row.url, head.status, head.body)
			}
		}
		h.play(t, []scenario{
			{name: "an asset of another build", call: call{method: "GET", url: "/console/assets/index-40.js"}, status: 404, code: "not_found"},
			{name: "an asset's compressed form", call: call{method: "GET", url: "/console/assets/index-3f.js.br"}, status: 404, code: "not_found"},
			{name: "no asset", call: call{method: "GET", url: "/console/assets/"}, status: 404, code: "not_found"},
			{name: "up and out", call: call{method: "GET", url: "/console/assets/..%2f..%2fweb.go"}, status: 404, code: "not_found"},
			{name: "nothing but text", call: call{method: "GET", url: "/console/%ff"}, status: 400, code: "bad_parameter"},
			{name: "a page is only read", call: call{method: "POST", url: "/console", body: object{}}, status: 405, code: "method_not_allowed"},
		})
		if a := h.must(t, 302, call{method: "GET", url: "/"}); a.header.Get("Location") != "console" {
			t.Errorf("the front door leads to %q", a.header.Get("Location"))
		}
	})
}

// What was not built says how to have it, and nothing fails.
func TestConsoleIsNotBuilt(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		nothing := must(fs.Sub(fstest.MapFS{".gitignore": {}}, "built"))(t)
		h.with(t, func(d *Deps) { d.Console, d.Docs = nothing, nothing })
		for _, url := range []string{"/console", "/console/work", "/map", "/docs"} {
			a := h.must(t, 200, call{method: "GET", url: url})
			if !strings.Contains(string(a.body), "make run") || a.header.Get("Cache-Control") != "no-store" || a.header.Get("Content-Security-Policy") != pages.UnbuiltPolicy {
				t.Errorf("%s: %.60q, %v", url, a.body, a.header)
			}
		}
		h.must(t, 404, call{method: "GET", url: "/docs/redoc.js"})
	})
}

func TestBaseMap(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		if a := h.must(t, 200, call{method: "GET", url: "/v1/meta"}); a.at("/baseMap") != nil {
			t.Errorf("a base map that nobody configured: %v", a.at("/baseMap"))
		}
		tag := h.must(t, 200, call{method: "GET", url: "/v1/meta"}).header.Get("ETag")
		h.with(t, func(d *Deps) {
			d.Console, d.BaseMap = aBuild(), &BaseMap{"https://tiles.example.org:8443/{z}/{x}/{y}.png?key=1", "gcj02", "© 高德"}
		})
		a := h.must(t, 200, call{method: "GET", url: "/v1/meta", header: map[string]string{"If-None-Match": tag}})
		if a.text("/baseMap/tiles") != "https://tiles.example.org:8443/{z}/{x}/{y}.png?key=1" || a.text("/baseMap/datum") != "gcj02" || a.text("/baseMap/attribution") != "© 高德" {
			t.Errorf("meta: %v", a.at("/baseMap"))
		}
		const origin = " https://tiles.example.org:8443;"
		csp := h.must(t, 200, call{method: "GET", url: "/console"}).header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "connect-src 'self'"+origin) || !strings.Contains(csp, "img-src 'self' data: blob:"+origin) || strings.Count(csp, "tiles.example.org") != 2 {
			t.Errorf("policy: %s", csp)
		}
	})
}
