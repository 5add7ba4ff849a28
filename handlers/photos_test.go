package handlers

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"testing"

	"wangge/domain/ids"
	"wangge/handlers/web"
)

func TestComments(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		url := "/v1/tickets/" + h.report(t, "resident", inside(niujia, 1), "noise").ID + "/comments"
		add := func(status int, who, text string, internal bool) *answer {
			t.Helper()
			return h.must(t, status, call{method: "POST", url: url, as: who, body: object{"text": text, "internal": internal}})
		}
		add(201, "resident", "还在吵", false)
		add(403, "resident", "悄悄话", true)
		add(201, "grid_lead", "  已联系  ", false)
		add(201, "outreach_worker", "该户有前科，注意方式", true)
		for _, text := range []string{"", "   ", strings.Repeat("长", 2001)} {
			if a := add(422, "resident", text, false); !slices.Equal(a.pointers(), []string{"/text"}) {
				t.Errorf("%.10q: %s", text, a.body)
			}
		}
		seen := func(who string) string {
			t.Helper()
			var out []string
			for _, item := range h.must(t, 200, call{method: "GET", url: url, as: who}).items("/items") {
				c := item.(object)
				author := "somebody"
				if p, ok := c["author"].(object); ok {
					author = fmt.Sprint(p["name"], p["phone"])
				}
				out = append(out, fmt.Sprintf("%s: %v", author, c["text"]))
			}
			return strings.Join(out, "; ")
		}
		for who, want := range map[string]string{
			"resident":  "138****0001: 还在吵; somebody: 已联系",
			"grid_lead": "138****0001: 还在吵; 工作者grid_lead<nil>: 已联系; 工作者outreach_worker<nil>: 该户有前科，注意方式",
		} {
			if got := seen(who); got != want {
				t.Errorf("%s reads %q, want %q", who, got, want)
			}
		}
		// A comment's own id makes it idempotent.
		own := object{"id": ids.New(), "text": "收到"}
		for range 2 {
			h.must(t, 201, call{method: "POST", url: url, as: "grid_lead", body: own})
		}
		own["text"] = "收到了"
		h.must(t, 409, call{method: "POST", url: url, as: "grid_lead", body: own})
		if a := h.see(t, strings.Split(url, "/")[3], "grid_lead"); a.at("/comments") != 4.0 {
			t.Errorf("%v comments", a.at("/comments"))
		}
	})
}

func TestPhotos(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		send := func(status int, who, field string, content []byte) *answer {
			t.Helper()
			body, media := upload(t, field, content)
			return h.must(t, status, call{method: "POST", url: "/v1/photos", as: who, body: body, header: map[string]string{"Content-Type": media}})
		}
		var drawn bytes.Buffer
		if err := png.Encode(&drawn, image.NewGray(image.Rect(0, 0, 400, 2500))); err != nil {
			t.Fatal(err)
		}
		tall := send(201, "resident", "file", drawn.Bytes())
		if tall.at("/height") != 1920.0 || tall.at("/width") != 307.0 {
			t.Errorf("scaled: %s", tall.body)
		}
		for field, content := range map[string][]byte{"file": []byte("GIF89a not taken"), "picture": jpegFile()} {
			if a := send(422, "resident", field, content); !slices.Equal(a.pointers(), []string{"/" + field}) {
				t.Errorf("%s: %s", field, a.body)
			}
		}
		if a := send(422, "resident", "file", nil); !slices.Equal(a.pointers(), []string{"/file"}) {
			t.Errorf("empty: %s", a.body)
		}
		h.must(t, 400, call{method: "POST", url: "/v1/photos", as: "resident", body: "--", header: map[string]string{"Content-Type": web.Multipart}})
		h.must(t, 400, call{method: "POST", url: "/v1/photos", as: "resident", body: "--b\r\nbroken", header: map[string]string{"Content-Type": web.Multipart + "; boundary=b"}})
		large, media := upload(t, "file", make([]byte, picture))
		h.must(t, 413, call{method: "POST", url: "/v1/photos", as: "resident", body: large, header: map[string]string{"Content-Type": media}})

		// Until attached it is its uploader's; then whoever sees the ticket sees it.
		photo := send(201, "resident", "file", jpegFile()).text("/id")
		see := func(who, id, size string) call {
			return call{method: "GET", url: "/v1/photos/" + id + size, as: who}
		}
		h.must(t, 200, see("resident", photo, ""))
		for _, who := range []string{"neighbour", "grid_lead", "admin"} {
			h.must(t, 404, see(who, photo, ""))
		}
		thumb := h.must(t, 200, see("resident", tall.text("/id"), "?size=thumb"))
		if cfg, err := jpeg.DecodeConfig(bytes.NewReader(thumb.body)); err != nil || cfg.Height != 320 {
			t.Errorf("thumbnail: %v, %v", cfg, err)
		}
		h.must(t, 400, see("resident", photo, "?size=huge"))
		h.must(t, 422, call{method: "POST", url: "/v1/tickets", as: "neighbour", body: draft(inside(niujia, 1), object{"photos": []string{photo}})})
		id := h.must(t, 201, call{method: "POST", url: "/v1/tickets", as: "resident", body: draft(inside(niujia, 1), object{"photos": []string{photo}})}).text("/id")
		h.must(t, 200, see("grid_lead", photo, "?size=full"))
		h.must(t, 404, see("neighbour", photo, ""))
		h.must(t, 404, see("other grid_lead", photo, ""))
		if a := h.must(t, 422, call{method: "POST", url: "/v1/tickets", as: "resident", body: draft(inside(niujia, 1), object{"photos": []string{photo}})}); !slices.Equal(a.pointers(), []string{"/photos/0"}) {
			t.Errorf("a photo of two tickets: %s", a.body)
		}

		attach := func(status int, who, when string, photos ...string) *answer {
			t.Helper()
			return h.must(t, status, call{method: "POST", url: "/v1/tickets/" + id + "/photos", as: who, body: object{"when": when, "photos": photos}})
		}
		second := send(201, "resident", "file", jpegFile()).text("/id")
		attach(403, "resident", "after", second)
		attach(422, "resident", "sometime", second)
		attach(422, "resident", "before")
		attach(422, "resident", "before", ids.New())
		attach(200, "resident", "before", second)
		if a := attach(200, "resident", "before", second); len(a.items("/photos")) != 2 {
			t.Errorf("attached twice: %s", a.body)
		}
		after := send(201, "outreach_worker", "file", jpegFile()).text("/id")
		if a := attach(200, "outreach_worker", "after", after); a.text("/photos/2/when") != "after" {
			t.Errorf("attached: %s", a.body)
		}
		h.move(t, 200, id, "resident", object{"action": "withdraw"})
		third := send(201, "resident", "file", jpegFile()).text("/id")
		if a := attach(409, "resident", "before", third); a.text("/code") != "wrong_state" {
			t.Errorf("a withdrawn ticket: %s", a.body)
		}
	})
}
