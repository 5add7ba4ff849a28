package handlers

import (
	"bytes"
	"mime/multipart"
	"sync"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/account"
	"wangge/domain/ids"
)

func keyed(key string) map[string]string { return map[string]string{"Idempotency-Key": key} }

func TestIdempotencyKey(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		home := inside(niujia, 1)
		post := call{method: "POST", url: "/v1/tickets", as: "resident", body: draft(home, nil), header: keyed("one")}
		first := h.must(t, 201, post)
		again := h.must(t, 201, post)
		if again.text("/id") != first.text("/id") || again.header.Get("Idempotent-Replayed") != "true" || first.header.Get("Idempotent-Replayed") != "" {
			t.Errorf("replay: %v %s", again.header, again.body)
		}
		if again.header.Get("Location") != first.header.Get("Location") || again.header.Get("ETag") != first.header.Get("ETag") {
			t.Errorf("the replay says it is elsewhere: %v", again.header)
		}
		h.play(t, []scenario{
			{name: "another body", call: call{method: "POST", url: "/v1/tickets", as: "resident", body: draft(home, object{"title": "别的"}), header: keyed("one")}, status: 422, code: "key_reused"},
			{name: "another query", call: call{method: "POST", url: "/v1/tickets?datum=gcj02", as: "resident", body: draft(home, nil), header: keyed("one")}, status: 422, code: "key_reused"},
		})
		other := post
		other.as = "neighbour"
		if a := h.must(t, 201, other); a.text("/id") == first.text("/id") {
			t.Error("another caller got the first one's ticket by their key")
		}
		comment := call{method: "POST", url: "/v1/tickets/" + first.text("/id") + "/comments", as: "resident", body: object{"text": "还在堵"}, header: keyed("one")}
		if a, b := h.must(t, 201, comment), h.must(t, 201, comment); a.text("/id") != b.text("/id") {
			t.Error("the comment was made twice")
		}
		if list := h.must(t, 200, call{method: "GET", url: "/v1/tickets?mine=true", as: "resident"}); len(list.items("/items")) != 1 {
			t.Errorf("%d tickets", len(list.items("/items")))
		}

		// A refused request frees its key: the client mends it and tries again.
		bad := call{method: "POST", url: "/v1/tickets", as: "resident", body: draft(home, object{"title": ""}), header: keyed("two")}
		h.must(t, 422, bad)
		bad.body = draft(home, nil)
		h.must(t, 201, bad)

		// A phone that was away for days is answered as it would have been; after two weeks the key is new.
		h.clock.move(domain.Offline - time.Minute)
		if a := h.must(t, 201, post); a.text("/id") != first.text("/id") || a.header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("after days: %v", a.header)
		}
		h.clock.move(2 * time.Minute)
		post.body = draft(home, object{"title": "明天的事"})
		if a := h.must(t, 201, post); a.text("/id") == first.text("/id") || a.header.Get("Idempotent-Replayed") != "" {
			t.Errorf("a key of long ago: %v", a.header)
		}
	})
}

// A replay is rendered under today's access: who may not see the thing any more does not get it from a key.
func TestReplayUnderTodaysAccess(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		ticket := h.report(t, "resident", inside(niujia, 1), "parking")
		accept := call{method: "POST", url: "/v1/tickets/" + ticket.ID + "/transitions", as: "grid_lead", body: object{"action": "accept"}, header: keyed("k")}
		h.must(t, 200, accept)
		if a := h.must(t, 200, accept); a.at("/version") != 2.0 || a.text("/state") != "accepted" {
			t.Errorf("accepted twice: %s", a.body)
		}
		h.must(t, 200, call{method: "POST", url: "/v1/tickets/" + ticket.ID + "/transitions", as: "community_manager",
			body: object{"action": "dispatch", "assignee": object{"kind": "organisation", "id": h.organisations[pingjiang]}}})
		if a := h.must(t, 200, accept); a.text("/state") != "dispatched" {
			t.Errorf("the replay shows the ticket as it was: %s", a.body)
		}
		lead := h.people["grid_lead"]
		if _, err := h.Accounts.SetGrants(t.Context(), program, h.clock.read(), lead.id, 0, []account.GrantInput{{Role: "grid_lead", Area: jinshi}}); err != nil {
			t.Fatal(err)
		}
		h.clock.move(time.Second)
		h.must(t, 404, accept)
	})
}

func TestOneOfManyAtOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		c := call{method: "POST", url: "/v1/tickets", as: "resident", body: draft(inside(niujia, 1), nil), header: keyed("race")}
		h.token(t, "resident")
		var wait sync.WaitGroup
		answers := make([]*answer, 12)
		for i := range answers {
			wait.Add(1)
			go func() { defer wait.Done(); answers[i] = h.do(t, c) }()
		}
		wait.Wait()
		ids := map[string]bool{}
		for _, a := range answers {
			switch {
			case a.status == 201:
				ids[a.text("/id")] = true
			case a.status != 409 || a.text("/code") != "in_progress":
				t.Errorf("%d %s", a.status, a.body)
			}
		}
		if list := h.must(t, 200, call{method: "GET", url: "/v1/tickets", as: "resident"}); len(list.items("/items")) != 1 || len(ids) != 1 {
			t.Errorf("%d tickets, %d ids answered", len(list.items("/items")), len(ids))
		}
	})
}

// upload is a multipart body with one file.
func upload(t *testing.T, field string, content []byte) (body []byte, contentType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part := must(w.CreateFormFile(field, "photo.jpg"))(t)
	must(part.Write(content))(t)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), w.FormDataContentType()
}

func TestUploadsWithAKey(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		send := func(content []byte) *answer {
			body, media := upload(t, "file", content) // with a boundary of its own
			return h.do(t, call{method: "POST", url: "/v1/photos", as: "resident", body: body,
				header: map[string]string{"Content-Type": media, "Idempotency-Key": "photo"}})
		}
		first, again, other := send(jpegFile()), send(jpegFile()), send([]byte("not a picture"))
		if first.status != 201 || again.status != 201 || first.text("/id") != again.text("/id") {
			t.Errorf("%s, then %s", first.body, again.body)
		}
		if other.status != 422 || other.text("/code") != "key_reused" {
			t.Errorf("another picture under the key: %s", other.body)
		}
	})
}

// What was deleted may be asked for again: a calendar is opened anew, the id of a household stays taken.
func TestDeletedIDs(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		feed := call{method: "POST", url: "/v1/me/calendar", as: "outreach_worker"}
		var last string
		for range 3 {
			opened := h.must(t, 201, feed)
			if opened.text("/url") == last || opened.text("/url") == "" {
				t.Errorf("opened again: %s", opened.body)
			}
			last = opened.text("/url")
			h.must(t, 200, call{method: "GET", url: last[len(publicURL):]})
			h.must(t, 204, call{method: "DELETE", url: "/v1/me/calendar", as: "outreach_worker"})
			h.must(t, 404, call{method: "GET", url: last[len(publicURL):]})
		}
		body := joined(homeAt(niujia, 1, "101"), object{"id": ids.New()})
		make := call{method: "POST", url: "/v1/households", as: "grid_lead", body: body}
		id := h.must(t, 201, make).text("/id")
		h.must(t, 204, matched(call{method: "DELETE", url: "/v1/households/" + id, as: "grid_lead"}))
		h.play(t, []scenario{{name: "the id of a deleted household", call: make, status: 409, code: "duplicate"}})
		h.must(t, 201, call{method: "POST", url: "/v1/households", as: "grid_lead", body: homeAt(niujia, 1, "101")})
	})
}
