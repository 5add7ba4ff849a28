package handlers

import (
	"strings"
	"testing"
	"time"

	"wangge/domain/ids"
	"wangge/domain/rating"
)

// doneCase is a case of the resident's that the counter has done.
func (h *harness) doneCase(t *testing.T, item string) string {
	t.Helper()
	id := h.must(t, 201, call{method: "POST", url: "/v1/intake-cases", as: "counter_worker", body: object{"item": item, "community": niujia, "applicant": object{"name": "王秀英", "phone": h.people["resident"].phone}}}).text("/id")
	for _, action := range []string{"accept", "finish"} {
		h.must(t, 200, call{method: "POST", url: "/v1/intake-cases/" + id + "/transitions", as: "counter_worker", body: object{"action": action}})
	}
	return id
}

// metVisit is a visit at the resident's home, at which somebody was met.
func (h *harness) metVisit(t *testing.T) string {
	t.Helper()
	if h.walked == nil {
		h.walked = map[string]string{}
	}
	if h.walked["{residence}"] == "" {
		body := homeAt(niujia, 1, "911")
		body["members"] = []object{{"name": "王秀英", "phone": h.people["resident"].phone}}
		h.walked["{residence}"] = h.must(t, 201, call{method: "POST", url: "/v1/households", as: "admin", body: body}).text("/id")
	}
	return h.knock(t, "outreach_worker", h.walked["{residence}"], "met").text("/visits/0")
}

// closedTicket is one of the resident's that the worker of its cell has resolved.
func (h *harness) closedTicket(t *testing.T) string {
	t.Helper()
	id := h.dispatched(t, "noise")
	h.move(t, 200, id, "outreach_worker", object{"action": "start"})
	h.move(t, 200, id, "outreach_worker", object{"action": "resolve", "outcome": "fixed"})
	h.move(t, 200, id, "grid_lead", object{"action": "close", "verification": "phone"})
	return id
}

// rectification is one of a case that the resident was dissatisfied with.
func (h *harness) rectification(t *testing.T) string {
	t.Helper()
	h.must(t, 201, rated("resident", "/v1/me/cases/"+h.doneCase(t, plainItem), 2))
	h.clock.move(time.Minute)
	return h.must(t, 200, call{method: "GET", url: "/v1/rectifications", as: "admin"}).text("/items/0/id")
}

func rated(as, at string, grade int) call {
	return call{method: "POST", url: at + "/rating", as: as, body: object{"grade": grade, "words": "等了很久"}}
}

// rateable is a call of the rating of something that is made for it, already rated where it is read.
func rateable(method, path string, made func(*harness, *testing.T) string) func(*testing.T, *harness, string) call {
	return func(t *testing.T, h *harness, _ string) call {
		c := rated("", path+made(h, t), 2)
		if c.method = method; method == "GET" {
			c.body = nil
		}
		return c
	}
}

// walkRatings is the part of the walk on what residents say.
var walkRatings = []walked{
	//                                      nobody resident integr. handler outreach counter lead community dispatch street admin
	{"POST /v1/me/cases/:id/rating", "401 201 403 404 404 404 404 404 404 404 404", "401 404 403 404 404 404 404 404 404 404 404",
		rateable("POST", "/v1/me/cases/", (*harness).donePlain)},
	{"GET /v1/me/cases/:id/rating", "401 200 403 404 404 404 404 404 404 404 404", "401 404 403 404 404 404 404 404 404 404 404",
		rateable("GET", "/v1/me/cases/", (*harness).donePlain)},
	{"POST /v1/me/visits/:id/rating", "401 201 403 404 404 404 404 404 404 404 404", "401 404 403 404 404 404 404 404 404 404 404",
		rateable("POST", "/v1/me/visits/", (*harness).metVisit)},
	{"GET /v1/me/visits/:id/rating", "401 200 403 404 404 404 404 404 404 404 404", "401 404 403 404 404 404 404 404 404 404 404",
		rateable("GET", "/v1/me/visits/", (*harness).metVisit)},
	{"POST /v1/tickets/:id/rating", "401 201 403 404 403 404 403 403 403 403 403", "401 404 403 404 404 404 404 404 404 404 404",
		rateable("POST", "/v1/tickets/", (*harness).closedTicket)},
	{"GET /v1/tickets/:id/rating", "401 200 403 404 403 404 403 403 403 403 403", "401 404 403 404 404 404 404 404 404 404 404",
		rateable("GET", "/v1/tickets/", (*harness).closedTicket)},
	{"GET /v1/me/ratings", "401 200 403 none none none none none none none none", "401 none 403 none none none none none none none none", get("/v1/me/ratings")},
	{"GET /v1/ratings", "401 403 403 403 403 403 403 200 403 200 200", "401 403 403 403 403 403 403 none 403 none none", get("/v1/ratings?area=" + pingjiang)},
	{"GET /v1/ratings/counts", "401 403 403 403 403 403 403 200 403 200 200", "401 403 403 403 403 403 403 200 403 200 200", get("/v1/ratings/counts?area=" + pingjiang)},
	{"GET /v1/rectifications", "401 403 403 none none none 200 200 none 200 200", "401 403 403 none none none none none none none none", get("/v1/rectifications?area=" + pingjiang)},
	{"GET /v1/rectifications/:id", "401 403 403 404 404 404 404 200 404 200 200", "401 403 403 404 404 404 404 404 404 404 404",
		func(t *testing.T, h *harness, _ string) call {
			return call{method: "GET", url: "/v1/rectifications/" + h.rectification(t)}
		}},
	{"POST /v1/rectifications/:id/transitions", "401 403 403 404 404 404 404 200 404 200 200", "401 403 403 404 404 404 404 404 404 404 404",
		func(t *testing.T, h *harness, _ string) call {
			return call{method: "POST", url: "/v1/rectifications/" + h.rectification(t) + "/transitions", body: object{"action": "state_result", "text": "已上门说明"}}
		}},
}

func (h *harness) donePlain(t *testing.T) string { return h.doneCase(t, plainItem) }

// crashesRatings is the part of the crash table on them.
var crashesRatings = []crash{
	{"POST /v1/me/cases/:id/rating", func(t *testing.T, h *harness) call {
		return rated("resident", "/v1/me/cases/"+h.doneCase(t, plainItem), 2)
	}},
	{"POST /v1/me/visits/:id/rating", func(t *testing.T, h *harness) call {
		return rated("resident", "/v1/me/visits/"+h.metVisit(t), 1)
	}},
	{"POST /v1/tickets/:id/rating", func(t *testing.T, h *harness) call {
		return rated("resident", "/v1/tickets/"+h.closedTicket(t), 1)
	}},
	{"POST /v1/rectifications/:id/transitions", func(t *testing.T, h *harness) call {
		return call{method: "POST", url: "/v1/rectifications/" + h.rectification(t) + "/transitions", as: "street_manager", body: object{"action": "state_result", "text": "已上门说明"}}
	}},
}

// A resident rates badly; it is put right, and somebody else calls back. A
// second rating is refused with the first.
func TestRatedBadlyOverHTTP(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		at := "/v1/me/cases/" + h.doneCase(t, plainItem)
		if open := h.must(t, 200, call{method: "GET", url: at + "/rating", as: "resident"}); open.at("/open") != true || open.at("/grade") != nil {
			t.Errorf("before: %s", open.body)
		}
		body := object{"id": ids.New(), "grade": 2, "words": "等了很久"}
		first := h.must(t, 201, call{method: "POST", url: at + "/rating", as: "resident", body: body})
		if again := h.must(t, 201, call{method: "POST", url: at + "/rating", as: "resident", body: body}); string(again.body) != string(first.body) || first.text("/rectification") != "open" {
			t.Errorf("sent again: %s, then %s", first.body, again.body)
		}
		if second := h.must(t, 409, rated("resident", at, 5)); second.text("/code") != "rated" || second.at("/current/grade") != float64(2) || second.text("/current/words") != "等了很久" {
			t.Errorf("a second one: %s", second.body)
		}
		for want, wrong := range map[string]object{"/grade": {"grade": 6}, "/words": {"grade": 5, "words": strings.Repeat("等", 501)}, "/id": {"id": "x", "grade": 5}} {
			if a := h.must(t, 422, call{method: "POST", url: at + "/rating", as: "resident", body: wrong}); a.text("/errors/0/pointer") != want {
				t.Errorf("%v: %s", wrong, a.body)
			}
		}
		list := h.must(t, 200, call{method: "GET", url: "/v1/rectifications?mine=true&overdue=false", as: "community_manager"})
		id, step := list.text("/items/0/id"), func(status int, who string, body object) *answer {
			t.Helper()
			return h.must(t, status, call{method: "POST", url: "/v1/rectifications/" + list.text("/items/0/id") + "/transitions", as: who, body: body})
		}
		if list.text("/items/0/words") != "等了很久" || list.text("/items/0/responsible/id") != h.people["community_manager"].id || list.text("/items/0/title") == "" {
			t.Errorf("who is to put it right: %s", list.body)
		}
		asked := h.must(t, 200, call{method: "GET", url: "/v1/me/todo?open=true", as: "community_manager"})
		if asked.text("/items/0/kind") != "rectification" || asked.text("/items/0/about/id") != id {
			t.Errorf("asked: %s", asked.body)
		}
		if a := step(409, "community_manager", object{"action": "call_back", "reached": true, "grade": 5}); a.text("/code") != "wrong_state" || len(a.items("/allowed")) == 0 {
			t.Errorf("too early: %s", a.body)
		}
		step(422, "community_manager", object{"action": "state_result"})
		step(200, "community_manager", object{"action": "state_result", "text": "已上门说明并加快办理"})
		step(403, "community_manager", object{"action": "call_back", "reached": true, "grade": 5})
		if a := step(200, "street_manager", object{"action": "call_back", "reached": false}); a.at("/tries") != float64(1) || a.at("/calls/0/reached") != false {
			t.Errorf("nobody reached: %s", a.body)
		}
		done := step(200, "street_manager", object{"action": "call_back", "reached": true, "grade": 4, "words": "现在可以了"})
		if done.text("/state") != "closed" || done.at("/satisfied") != true || done.text("/calls/1/words") != "现在可以了" || done.text("/calls/1/by/id") != h.people["street_manager"].id {
			t.Errorf("in the end: %s", done.body)
		}
		if own := h.must(t, 200, call{method: "GET", url: at + "/rating", as: "resident"}); own.text("/rectification") != "closed" {
			t.Errorf("the resident reads %s", own.body)
		}
		line := h.must(t, 200, call{method: "GET", url: "/v1/intake-cases/" + strings.TrimPrefix(at, "/v1/me/cases/") + "/timeline", as: "counter_worker"})
		if last := line.text("/items/3/action"); last != "rated" || line.at("/items/3/actor") != nil {
			t.Errorf("whose work it was reads %s", line.body)
		}
		id = h.closedTicket(t)
		if a := h.must(t, 201, rated("resident", "/v1/tickets/"+id, 1)); a.text("/reopenUntil") == "" || a.at("/rectification") != nil {
			t.Errorf("a ticket: %s", a.body)
		}
	})
}

// Each figure is the count of the list behind it; of what is sensitive the list names nothing.
func TestRatingFiguresOverHTTP(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		follow := func() {
			lease := must(h.Store.Acquire(t.Context(), "test", "node", time.Hour))(t)
			must(0, h.Ratings.Follow(h.Now).CatchUp(t.Context(), h.Store, lease))(t)
		}
		h.must(t, 201, rated("resident", "/v1/me/cases/"+h.doneCase(t, plainItem), 5))
		h.must(t, 201, rated("resident", "/v1/me/cases/"+h.doneCase(t, sensitiveItem), 1))
		h.must(t, 201, rated("resident", "/v1/me/visits/"+h.metVisit(t), 3))
		h.metVisit(t)
		h.closedTicket(t)
		follow()
		if open := h.must(t, 200, call{method: "GET", url: "/v1/me/ratings?open=true", as: "resident"}); len(open.items("/items")) != 2 {
			t.Errorf("what can be rated: %s", open.body)
		}
		for _, by := range append([]string{""}, ratingGroups()...) {
			query := "?area=" + pingjiang
			if by != "" {
				query += "&by=" + by
			}
			counts := h.must(t, 200, call{method: "GET", url: "/v1/ratings/counts" + query, as: "street_manager"})
			total := float64(0)
			for _, g := range counts.items("/groups") {
				for figure, n := range g.(object)["figures"].(object) {
					n := n.(object)
					if behind := h.must(t, 200, call{method: "GET", url: n["href"].(string), as: "street_manager"}); float64(len(behind.items("/items"))) != n["count"] {
						t.Errorf("by %s, %s of %v: %v, and the list has %d", by, figure, g.(object)["group"], n["count"], len(behind.items("/items")))
					}
					if figure == string(rating.Rateable) {
						total += n["count"].(float64)
					}
				}
			}
			if total != 5 {
				t.Errorf("by %s: %v", by, total)
			}
		}
		figures := h.must(t, 200, call{method: "GET", url: "/v1/ratings/counts", as: "community_manager"})
		for figure, want := range map[string]float64{"rateable": 5, "rated": 3, "unrated": 2, "good": 2, "grade_1": 1, "to_rectify": 1, "rectified": 0} {
			if got := figures.at("/groups/0/figures/" + figure + "/count"); got != want {
				t.Errorf("%s: %v, want %v", figure, got, want)
			}
		}
		hidden := h.must(t, 200, call{method: "GET", url: "/v1/ratings?figure=grade_1", as: "street_manager"})
		if hidden.at("/items/0/about/id") != nil || hidden.at("/items/0/words") != nil || hidden.at("/items/0/item") != nil || hidden.at("/items/0/sensitive") != true {
			t.Errorf("what is sensitive: %s", hidden.body)
		}
		for _, wrong := range []string{"?figure=love", "?by=love", "?month=2026-13", "?about=love", "?from=x", "?community=love", "?area=love"} {
			url := "/v1/ratings" + wrong
			if strings.HasPrefix(wrong, "?by") {
				url = "/v1/ratings/counts" + wrong
			}
			h.must(t, 400, call{method: "GET", url: url, as: "admin"})
		}
	})
}

func ratingGroups() (out []string) {
	for _, w := range rating.GroupWords.Words {
		out = append(out, w.Code)
	}
	return out
}
