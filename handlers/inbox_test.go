package handlers

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain/ids"
	"wangge/domain/notice"
	"wangge/handlers/web"
	"wangge/store"
)

// crashesInbox are the routes of the inbox that take a key.
var crashesInbox = []crash{
	{"POST /v1/me/inbox/read", func(t *testing.T, h *harness) call {
		return call{method: "POST", url: "/v1/me/inbox/read", as: "grid_lead", body: object{"ids": h.noticed(t, notice.Task, h.walkedTicket, "grid_lead")}}
	}},
}

// told has somebody told of a thing, a moment after what they were told before, and returns the notice's id.
func (h *harness) told(t testing.TB, who string, kind notice.Kind, of notice.Importance, about notice.About, fields map[string]string) string {
	t.Helper()
	h.clock.move(time.Second)
	n := (&notice.Notice{Kind: kind, Importance: of, About: about, Place: h.placeOf(t, niujia), Fields: fields, Partition: ids.New(), Number: 1, At: h.Now()}).To(h.people[who].id, h.Now())
	if err := notice.Check(n); err != nil {
		t.Fatal(err)
	}
	must(0, h.Store.Update(t.Context(), nil, func(tx *store.Tx) error {
		_, err := notice.Add(t.Context(), tx, []*notice.Notice{n})
		return err
	}))(t)
	return n.ID
}

// A text is made for who reads it, in their language, of what they may see then.
func TestInboxTexts(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		made := h.report(t, "resident", inside(niujia, 1), "noise")
		ticket := notice.About{Kind: "ticket", ID: made.ID}
		id := h.told(t, "resident", notice.TicketChanged, notice.News, ticket, map[string]string{"state": "dispatched"})
		for language, want := range map[string]string{
			"zh-CN": fmt.Sprintf("工单 %s（噪声）有进展：已派遣", made.Number),
			"en":    fmt.Sprintf("Ticket %s (Noise) has moved on: dispatched", made.Number),
		} {
			a := h.must(t, 200, call{method: "GET", url: "/v1/me/inbox/" + id, as: "resident", header: map[string]string{"Accept-Language": language}})
			if a.text("/text") != want || a.text("/path") != "/v1/tickets/"+made.ID {
				t.Errorf("%s: %s", language, a.body)
			}
			list := h.must(t, 200, call{method: "GET", url: "/v1/me/inbox", as: "resident", header: map[string]string{"Accept-Language": language}})
			if len(list.items("/items")) != 1 || list.text("/items/0/text") != want {
				t.Errorf("%s: %s", language, list.body)
			}
		}
		h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + made.ID, as: "resident"})
		h.must(t, 404, call{method: "GET", url: "/v1/me/inbox/" + id, as: "grid_lead"})
		hidden := h.told(t, "other resident", notice.TicketChanged, notice.News, ticket, map[string]string{"state": "dispatched"})
		h.must(t, 404, call{method: "GET", url: "/v1/me/inbox/" + hidden, as: "other resident"})
		if a := h.get(t, "/v1/me/inbox", "other resident"); len(a.items("/items")) != 0 || strings.Contains(string(a.body), made.Number) {
			t.Errorf("%s", a.body)
		}
		if a := h.get(t, "/v1/me/inbox/counts", "other resident"); a.at("/unread") != 0.0 {
			t.Errorf("%s", a.body)
		}
	})
}

// Who marks what they have read leaves what came since, and other people's.
func TestInboxRead(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		about := notice.About{Kind: "ticket", ID: h.report(t, "resident", inside(niujia, 1), "noise").ID}
		state := map[string]string{"state": "dispatched"}
		changed := func() string { return h.told(t, "resident", notice.TicketChanged, notice.News, about, state) }
		assigned := func() string {
			return h.told(t, "resident", notice.TicketAssigned, notice.Task, about, nil)
		}
		counts := func(want string) *answer {
			t.Helper()
			a := h.get(t, "/v1/me/inbox/counts", "resident")
			if got := fmt.Sprint(a.at("/unread"), a.at("/byKind"), a.at("/byImportance"), a.at("/more")); got != want {
				t.Errorf("%s, want %s", got, want)
			}
			return a
		}
		read := func(status int, body object) *answer {
			t.Helper()
			return h.must(t, status, call{method: "POST", url: "/v1/me/inbox/read", as: "resident", body: body})
		}
		one, two, three := changed(), changed(), assigned()
		others := h.told(t, "grid_lead", notice.TicketAssigned, notice.Task, about, nil)
		counts("3 map[ticket_assigned:1 ticket_changed:2] map[news:2 task:1] false")
		first := read(200, object{"ids": []string{one, one}})
		if again := read(200, object{"ids": []string{one, one}}); first.at("/unread") != 2.0 || again.at("/unread") != 2.0 {
			t.Errorf("%s, then %s", first.body, again.body)
		}
		asOf := h.get(t, "/v1/me/inbox", "resident").text("/asOf")
		four := changed()
		read(200, object{"all": true, "until": asOf, "kind": "ticket_changed"})
		counts("2 map[ticket_assigned:1 ticket_changed:1] map[news:1 task:1] false")
		for range 2 {
			read(200, object{"all": true, "until": asOf})
			counts("1 map[ticket_changed:1] map[news:1] false")
		}
		if a := h.get(t, "/v1/me/inbox?unread=true", "resident"); len(a.items("/items")) != 1 || a.text("/items/0/id") != four {
			t.Errorf("%s", a.body)
		}
		if a := h.get(t, "/v1/me/inbox?unread=false", "resident"); len(a.items("/items")) != 3 || a.text("/items/0/id") != three || a.text("/items/1/id") != two {
			t.Errorf("%s", a.body)
		}
		theirs := h.get(t, "/v1/me/inbox", "grid_lead").text("/asOf")
		many := make([]string, notice.ReadMost+1)
		for i := range many {
			many[i] = four
		}
		h.play(t, []scenario{
			{name: "nobody's and another's, alike", call: call{method: "POST", url: "/v1/me/inbox/read", as: "resident", body: object{"ids": []string{four, others, ids.New()}}}, status: 422, pointers: []string{"/ids/1", "/ids/2"}},
			{name: "nothing", call: call{method: "POST", url: "/v1/me/inbox/read", as: "resident", body: object{}}, status: 422},
			{name: "no ids", call: call{method: "POST", url: "/v1/me/inbox/read", as: "resident", body: object{"ids": []string{}}}, status: 422, pointers: []string{"/ids"}},
			{name: "too many", call: call{method: "POST", url: "/v1/me/inbox/read", as: "resident", body: object{"ids": many}}, status: 422, pointers: []string{"/ids"}},
			{name: "all, and some", call: call{method: "POST", url: "/v1/me/inbox/read", as: "resident", body: object{"all": true, "ids": []string{four}}}, status: 422, pointers: []string{"/all"}},
			{name: "all, of any time", call: call{method: "POST", url: "/v1/me/inbox/read", as: "resident", body: object{"all": true}}, status: 422, pointers: []string{"/until"}},
			{name: "up to another's look", call: call{method: "POST", url: "/v1/me/inbox/read", as: "resident", body: object{"all": true, "until": theirs}}, status: 422, pointers: []string{"/until"}},
			{name: "no kind", call: call{method: "POST", url: "/v1/me/inbox/read", as: "resident", body: object{"all": true, "until": asOf, "kind": "gossip"}}, status: 422, pointers: []string{"/kind"}},
			{name: "ids of a kind", call: call{method: "POST", url: "/v1/me/inbox/read", as: "resident", body: object{"ids": []string{four}, "kind": "ticket_changed"}}, status: 422, pointers: []string{"/kind"}},
		})
		counts("1 map[ticket_changed:1] map[news:1] false")
		if a := h.get(t, "/v1/me/inbox/"+others, "grid_lead"); a.at("/unread") != true {
			t.Errorf("%s", a.body)
		}
	})
}

// Each kind of thing that a notice may lead to has somebody who may see it, and
// an address that is a route.
func TestNoticesLeadSomewhere(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		for kind := range h.Notices.Sights {
			if notice.Paths[kind] == "" {
				t.Errorf("%s has no address", kind)
			}
		}
		for kind, path := range notice.Paths {
			if h.Notices.Sights[kind] == nil {
				t.Errorf("nobody sees %s", kind)
			}
			id := "one"
			if kind == "duty" {
				id = pingjiang + "/duty/2026-11"
			}
			path, _, _ = strings.Cut(strings.ReplaceAll(path, "{id}", id), "?")
			if !slices.ContainsFunc(h.routes(), func(rt *web.Route) bool { return rt.Method == "GET" && leadsTo(rt.Path, path) }) {
				t.Errorf("%s leads to %s", kind, path)
			}
		}
	})
}

// leadsTo reports whether a path is one of a route.
func leadsTo(route, path string) bool {
	parts, of := strings.Split(path, "/"), strings.Split(route, "/")
	return slices.EqualFunc(of, parts, func(want, got string) bool { return want == got || strings.HasPrefix(want, ":") && got != "" })
}

// What is read on one device the other devices of the same person hear of, and nobody else.
func TestReadingIsHeard(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.follow(t)
		id := h.told(t, "resident", notice.TicketAssigned, notice.Task, notice.About{Kind: "ticket", ID: h.report(t, "resident", inside(niujia, 1), "noise").ID}, nil)
		cursor := map[string]string{}
		for _, who := range []string{"resident", "grid_lead"} {
			cursor[who] = h.get(t, "/v1/events?wait=0", who).text("/cursor")
		}
		for range 2 { // again, which changes nothing
			h.must(t, 200, call{method: "POST", url: "/v1/me/inbox/read", as: "resident", body: object{"ids": []string{id}}})
		}
		heard := func(who, wait string) (n int) {
			t.Helper()
			a := h.get(t, "/v1/events?wait="+wait+"&after="+url.QueryEscape(cursor[who]), who)
			cursor[who] = a.text("/cursor")
			for _, e := range a.items("/events") {
				if e.(map[string]any)["what"] == "inbox" {
					n++
				}
			}
			return n
		}
		n := 0
		for range 20 { // what was told before may come first
			if n += heard("resident", "2"); n > 0 {
				break
			}
		}
		if n += heard("resident", "1"); n != 1 {
			t.Errorf("heard %d times", n)
		}
		if n := heard("grid_lead", "1"); n != 0 {
			t.Errorf("another heard %d times", n)
		}
	})
}
