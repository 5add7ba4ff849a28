package handlers

import (
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/domain/service"
	"wangge/domain/todo"
	"wangge/store"
)

// asked has somebody asked about a thing, and returns the item.
func (h *harness) asked(t testing.TB, who, kind, about string) string {
	t.Helper()
	place := access.Place{}
	if a, ok := h.Areas.Tree().ByCode(pingjiang); ok {
		place = a.Place
	}
	occasion := ids.New()
	must(0, h.Store.Update(t.Context(), []string{place.Street}, func(tx *store.Tx) error {
		return todo.Ask(t.Context(), tx, todo.Asking{Kind: service.Expiring, About: todo.About{Kind: kind, ID: about, Place: place}, Occasion: occasion, To: []string{h.people[who].id}},
			store.Entry{At: h.clock.read(), Actor: access.Program.Name()})
	}))(t)
	page, _, err := h.Todos.List(t.Context(), h.actor(t, who), h.clock.read(), todo.Filter{Limit: 100})
	must(0, err)(t)
	for _, it := range page {
		if it.Occasion == occasion {
			return it.ID
		}
	}
	t.Fatalf("%s was not asked", who)
	return ""
}

// Who is asked sees it, newest first, and no more of what it is about than
// they may see now; ending it is theirs alone, and ends it once.
func TestTodo(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		own := h.report(t, "resident", inside(niujia, 1), "noise").ID
		first := h.asked(t, "resident", "ticket", own)
		h.clock.move(time.Minute)
		second := h.asked(t, "resident", "ticket", h.report(t, "other resident", inside(niujia, 1), "safety_hazard").ID)
		h.clock.move(time.Minute)
		h.asked(t, "resident", "unheard-of", own)
		a := h.must(t, 200, call{method: "GET", url: "/v1/me/todo?open=true", as: "resident"})
		if len(a.items("/items")) != 3 || a.at("/items/0/about") != nil || a.text("/items/1/id") != second || a.at("/items/1/about") != nil ||
			a.text("/items/2/about/id") != own || a.text("/items/2/text") != "岗位资格即将到期，请参加复训" {
			t.Errorf("%s", a.body)
		}
		page := h.must(t, 200, call{method: "GET", url: "/v1/me/todo?limit=2", as: "resident"})
		if rest := h.must(t, 200, call{method: "GET", url: "/v1/me/todo?limit=2&cursor=" + page.text("/next"), as: "resident"}); rest.text("/items/0/id") != first || rest.at("/next") != nil {
			t.Errorf("the last page: %s", rest.body)
		}
		h.must(t, 404, call{method: "POST", url: "/v1/me/todo/" + first + "/done", as: "grid_lead"})
		h.must(t, 404, call{method: "POST", url: "/v1/me/todo/" + ids.New() + "/done", as: "resident"})
		done := h.must(t, 200, call{method: "POST", url: "/v1/me/todo/" + first + "/done", as: "resident"})
		h.clock.move(time.Minute)
		again := h.must(t, 200, call{method: "POST", url: "/v1/me/todo/" + first + "/done", as: "resident"})
		if string(done.body) != string(again.body) || done.at("/open") != false {
			t.Errorf("%s, then %s", done.body, again.body)
		}
		for query, want := range map[string]int{"true": 2, "false": 1} {
			if a := h.must(t, 200, call{method: "GET", url: "/v1/me/todo?open=" + query, as: "resident"}); len(a.items("/items")) != want {
				t.Errorf("open=%s: %s", query, a.body)
			}
		}
		h.must(t, 400, call{method: "GET", url: "/v1/me/todo?open=maybe", as: "resident"})
		if a := h.must(t, 200, call{method: "GET", url: "/v1/me/todo", as: "grid_lead"}); len(a.items("/items")) != 0 {
			t.Errorf("somebody else: %s", a.body)
		}
	})
}
