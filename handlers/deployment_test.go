package handlers

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"wangge/domain/ids"
	"wangge/handlers/web"
)

// posted is a posting in Niujia that nobody else of the walk enters.
func posted(more object) object {
	return joined(object{"name": "王芳", "number": ids.New()[:8] + ids.New()[24:], "area": niujia, "kind": "mediation", "from": "2024-03-01"}, more)
}

// enter is a call that enters a posting anew each time.
func enter(_ *testing.T, _ *harness, _ string) call {
	return call{method: "POST", url: "/v1/postings", body: posted(nil)}
}

// thePosting is a call on a posting of Niujia, made for it.
func thePosting(method string, body any) func(*testing.T, *harness, string) call {
	return func(t *testing.T, h *harness, _ string) call {
		made := h.must(t, 201, call{method: "POST", url: "/v1/postings", as: "street_manager", body: posted(nil)})
		return matched(call{method: method, url: "/v1/postings/" + made.text("/id"), body: body})
	}
}

func postingFile(rows ...string) string {
	return "kind,area,name,number,from,until\n" + strings.Join(rows, "\n") + "\n"
}

func bringPostings(street string) func(*testing.T, *harness, string) call {
	return func(*testing.T, *harness, string) call {
		return call{method: "POST", url: "/v1/postings/import?street=" + street, body: postingFile("窗口," + street + ",李明,A1,2015-07-01,2019-05-31"), header: map[string]string{"Content-Type": web.CSV}}
	}
}

var staffedBefore = object{"day": "2019-05-31", "counterStaff": 9, "staff": 20, "mattersPerWorker": 20, "source": "改革方案"}

// walkDeployment is the part of the walk that is about postings and what follows from them.
var walkDeployment = []walked{
	//                                      nobody resident integr. handler outreach counter lead community dispatch street admin
	{"GET /v1/postings",
		"401 403 403 403 403 403 403 200 403 200 200", "401 403 403 403 403 403 403 none 403 none none", get("/v1/postings?area=" + niujia)},
	{"POST /v1/postings",
		"401 403 403 403 403 403 403 201 403 201 201", "401 403 403 403 403 403 403 422 403 422 422", enter},
	{"POST /v1/postings/import",
		"401 403 403 403 403 403 403 200 403 200 200", "401 403 403 403 403 403 403 200 403 200 200", bringPostings(pingjiang)},
	{"GET /v1/postings/:id",
		"401 403 403 403 403 403 403 200 403 200 200", "401 403 403 403 403 403 403 404 403 404 404", thePosting("GET", nil)},
	{"PATCH /v1/postings/:id",
		"401 403 403 403 403 403 403 200 403 200 200", "401 403 403 403 403 403 403 404 403 404 404", thePosting("PATCH", object{"until": "2025-01-31"})},
	{"DELETE /v1/postings/:id",
		"401 403 403 403 403 403 403 204 403 204 204", "401 403 403 403 403 403 403 404 403 404 404", thePosting("DELETE", nil)},
	{"PUT /v1/deployment/baselines/:of",
		"401 403 403 403 403 403 403 200 403 200 200", "401 403 403 403 403 403 403 404 403 404 404",
		func(*testing.T, *harness, string) call {
			return matched(call{method: "PUT", url: "/v1/deployment/baselines/" + niujia, body: staffedBefore})
		}},
	{"GET /v1/deployment/baselines/:of",
		"401 403 403 403 403 403 403 200 403 200 200", "401 403 403 403 403 403 403 404 403 404 404", get("/v1/deployment/baselines/" + niujia)},
	{"GET /v1/stats/deployment",
		"401 403 403 403 403 403 403 200 200 200 200", "401 403 403 403 403 403 403 400 400 400 400", get("/v1/stats/deployment?area=" + niujia)},
}

// crashesDeployment are its routes that take a key.
var crashesDeployment = []crash{
	{"POST /v1/postings", func(t *testing.T, h *harness) call { return enter(t, h, "").by("street_manager") }},
	{"POST /v1/postings/import", func(t *testing.T, h *harness) call { return bringPostings(pingjiang)(t, h, "").by("street_manager") }},
	{"PATCH /v1/postings/:id", func(t *testing.T, h *harness) call {
		return thePosting("PATCH", object{"until": "2025-01-31"})(t, h, "").by("street_manager")
	}},
	{"DELETE /v1/postings/:id", func(t *testing.T, h *harness) call {
		return thePosting("DELETE", nil)(t, h, "").by("street_manager")
	}},
	{"PUT /v1/deployment/baselines/:of", to("street_manager", "PUT", "/v1/deployment/baselines/"+niujia, staffedBefore)},
}

// A month of a street by chance: people who worked there before and do now,
// cases, visits and tickets. Every figure is the length of the list that it
// names, to the manager of the street and to that of a community; who sends
// help is told numbers, and no lists.
func TestFiguresAreTheLengthsOfTheirLists(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		r := rand.New(rand.NewPCG(14, 8))
		h.prepareCases(t)
		h.staffed(t)
		h.someMonth(t, r)
		for _, who := range []string{"street_manager", "community_manager", "admin"} {
			for _, area := range []string{pingjiang, niujia} {
				if who == "community_manager" && area == pingjiang {
					h.must(t, 400, call{method: "GET", url: "/v1/stats/deployment?area=" + area, as: who})
					continue
				}
				for _, by := range []string{"station", "community", "street"} {
					a := h.must(t, 200, call{method: "GET", url: fmt.Sprintf("/v1/stats/deployment?area=%s&by=%s&from=2026-10", area, by), as: who})
					if n := h.followFigures(t, who, "", a.at("")); n < 20 {
						t.Errorf("%s %s by %s: %d figures", who, area, by, n)
					}
				}
			}
		}
		total := h.must(t, 200, call{method: "GET", url: "/v1/stats/deployment?area=" + pingjiang, as: "street_manager"})
		for _, pointer := range []string{"/total/cases/opened/count", "/total/cases/inTime/count", "/total/cases/trips", "/total/work/1/visitsMet/count", "/total/work/1/ticketsHandled/count", "/total/before/count", "/total/counterStaff/count"} {
			if total.at(pointer) == 0.0 {
				t.Errorf("%s is 0: %s", pointer, total.body)
			}
		}
		told := h.must(t, 200, call{method: "GET", url: "/v1/stats/deployment?area=" + pingjiang, as: "dispatcher"})
		if n := h.followFigures(t, "dispatcher", "", told.at("")); n != 0 || told.at("/total/cases") != nil || told.at("/total/counterStaff/count") != total.at("/total/counterStaff/count") {
			t.Errorf("a dispatcher is told %s", told.body)
		}
		for i := range told.items("/total/work") {
			at := fmt.Sprintf("/total/work/%d/", i)
			if few := told.at(at+"staff/count").(float64) < 5; few != (told.at(at+"ticketsPerWorkerAndMonth") == nil) || told.at(at+"visitsMet") != nil {
				t.Errorf("a dispatcher is told of few: %s", told.body)
			}
		}
		h.changeOne(t, total)
	})
}

// changeOne changes one posting and one that was entered, and the figures follow at once.
func (h *harness) changeOne(t *testing.T, before *answer) {
	t.Helper()
	ask := call{method: "GET", url: "/v1/stats/deployment?area=" + pingjiang, as: "street_manager"}
	count := func(a *answer, pointer string) float64 { return a.at(pointer).(float64) }
	made := h.must(t, 201, call{method: "POST", url: "/v1/postings", as: "street_manager", body: posted(object{"kind": "counter", "area": pingjiang, "from": "2010-01-01"})})
	more := h.must(t, 200, ask)
	if count(more, "/total/before/count") != count(before, "/total/before/count")+1 || count(more, "/total/counterStaff/count") != count(before, "/total/counterStaff/count")+1 || more.at("/total/freed") != before.at("/total/freed") {
		t.Errorf("one more at a counter, then and now: %s", more.body)
	}
	last := h.must(t, 200, matched(call{method: "PATCH", url: "/v1/postings/" + made.text("/id"), as: "street_manager", body: object{"until": "9999-12-31"}}))
	if last.text("/until") != "9999-12-31" {
		t.Errorf("until the last day there is: %s", last.body)
	}
	h.must(t, 200, matched(call{method: "PATCH", url: "/v1/postings/" + made.text("/id"), as: "street_manager", body: object{"until": "2026-11-20"}}))
	freed := h.must(t, 200, ask)
	if count(freed, "/total/freed") != count(more, "/total/freed")+1 || count(freed, "/total/since/6/count") != count(more, "/total/since/6/count")+1 {
		t.Errorf("one more is free and gone: %s", freed.body)
	}
	h.must(t, 204, call{method: "DELETE", url: "/v1/postings/" + made.text("/id"), as: "street_manager"})
	if after := h.must(t, 200, ask); after.at("/total/freed") != before.at("/total/freed") {
		t.Errorf("it never was: %s", after.body)
	}
}

// someMonth fills Pingjiang: times move on to the end of November.
func (h *harness) someMonth(t *testing.T, r *rand.Rand) {
	t.Helper()
	kinds := []string{"counter", "grid", "mediation", "visiting_team", "community_office", "other"}
	areas := []string{pingjiang, niujia, chayuan}
	h.must(t, 200, matched(call{method: "PUT", url: "/v1/deployment/baselines/" + pingjiang, as: "street_manager", body: staffedBefore}))
	var rows []string
	for n := range 40 {
		who := fmt.Sprintf("某%d,N%d", n, n)
		for day := 0; day < 3; day++ { // several posts, some at a time
			from := time.Date(2017+r.IntN(3), time.Month(1+r.IntN(12)), 1, 0, 0, 0, 0, time.UTC)
			until := ""
			if r.IntN(2) == 0 {
				until = from.AddDate(r.IntN(9), r.IntN(12), r.IntN(20)).Format(time.DateOnly)
			}
			rows = append(rows, fmt.Sprintf("%s,%s,%s,%s,%s", kinds[r.IntN(len(kinds))], areas[r.IntN(len(areas))], who, from.Format(time.DateOnly), until))
		}
	}
	file := call{method: "POST", url: "/v1/postings/import?street=" + pingjiang, as: "street_manager", body: postingFile(rows...), header: map[string]string{"Content-Type": web.CSV}}
	once := h.must(t, 200, file)
	if again := h.must(t, 200, file); again.at("/added") != 0.0 || again.at("/unchanged") != once.at("/added") {
		t.Errorf("the same file again: %s", again.body)
	}
	for n := range 8 {
		home := h.home(t, niujia, 1+n%2, fmt.Sprintf("%d01", 11+n))
		h.knock(t, "outreach_worker", home, []string{"met", "no_answer"}[r.IntN(2)])
		id := h.report(t, "resident", inside(niujia, 1+n%2), "noise").ID
		h.move(t, 200, id, "grid_lead", object{"action": "accept"})
		h.move(t, 200, id, "grid_lead", object{"action": "dispatch", "assignee": object{"kind": "person", "id": h.people["outreach_worker"].id}})
		h.move(t, 200, id, "outreach_worker", object{"action": "start"})
		h.move(t, 200, id, "outreach_worker", object{"action": "resolve", "outcome": "fixed"})
		if r.IntN(4) == 0 {
			h.move(t, 200, id, "grid_lead", object{"action": "rework", "reason": "没有处理好"})
		}
		c := "/v1/intake-cases/" + h.must(t, 201, call{method: "POST", url: "/v1/intake-cases", as: "counter_worker", body: caseDraft}).text("/id")
		h.must(t, 200, call{method: "POST", url: c + "/transitions", as: "counter_worker", body: object{"action": "accept"}})
		for trip := range r.IntN(4) {
			h.must(t, 200, call{method: "POST", url: c + "/trips", as: "counter_worker", body: object{"on": fmt.Sprintf("2026-11-%02d", 20-trip)}})
		}
		if n == 0 || r.IntN(3) > 0 {
			h.must(t, 200, call{method: "POST", url: c + "/transitions", as: "counter_worker", body: object{"action": "finish"}})
		}
		h.clock.move(time.Minute)
	}
}

// followFigures reads the list of every figure of an answer, and returns how many there are.
func (h *harness) followFigures(t *testing.T, who, at string, v any) (n int) {
	t.Helper()
	switch v := v.(type) {
	case []any:
		for i, e := range v {
			n += h.followFigures(t, who, fmt.Sprintf("%s/%d", at, i), e)
		}
	case map[string]any:
		if href, ok := v["href"].(string); ok {
			h.followFigure(t, who, at, href, v["count"].(float64))
			n++
		}
		for name, e := range v {
			n += h.followFigures(t, who, at+"/"+name, e)
		}
		if cases, ok := v["decided"].(map[string]any); ok && cases["href"] != nil {
			trips := 0
			for _, c := range h.listed(t, who, cases["href"].(string)) {
				trips += len(c.(map[string]any)["whole"].(map[string]any)["trips"].([]any))
			}
			if float64(trips) != v["trips"] {
				t.Errorf("%s: %v trips, %d on the list", at, v["trips"], trips)
			}
		}
	}
	return n
}

func (h *harness) followFigure(t *testing.T, who, at, href string, count float64) {
	t.Helper()
	if strings.HasPrefix(href, "/v1/deployment/baselines/") {
		if said := h.must(t, 200, call{method: "GET", url: href, as: who}); said.at("/counterStaff") != count {
			t.Errorf("%s as %s: %v, entered %s", at, who, count, said.body)
		}
		return
	}
	if found := h.listed(t, who, href); float64(len(found)) != count {
		t.Errorf("%s as %s: %v, and %d on %s", at, who, count, len(found), href)
	}
}

// listed is everything on a list, page by page.
func (h *harness) listed(t *testing.T, who, href string) (all []any) {
	t.Helper()
	for url := href + "&limit=7"; ; {
		page := h.must(t, 200, call{method: "GET", url: url, as: who})
		all = append(all, page.items("/items")...)
		next, more := page.at("/next").(string)
		if !more {
			return all
		}
		url = href + "&limit=7&cursor=" + next
	}
}

// How it was is entered with its day and source, changed by who read it, and
// what was entered before stays. It counts where no list is behind it, and says
// whether a list agrees with it.
func TestBaselines(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		url := "/v1/deployment/baselines/" + niujia
		put := func(status int, version string, body object) *answer {
			t.Helper()
			c := call{method: "PUT", url: url, as: "community_manager", body: body}
			if version != "" {
				c.header = map[string]string{"If-Match": version}
			}
			return h.must(t, status, c)
		}
		if a := h.must(t, 404, call{method: "GET", url: url, as: "community_manager"}); a.header.Get("ETag") != `"0"` {
			t.Errorf("nothing yet: ETag %q", a.header.Get("ETag"))
		}
		put(428, "", staffedBefore)
		put(412, `"1"`, staffedBefore)
		for pointer, over := range map[string]object{
			"/day": {"day": "2027-01-01"}, "/counterStaff": {"counterStaff": 21}, "/source": {"source": "  "}, "/mattersPerWorker": {"mattersPerWorker": -1},
		} {
			if a := put(422, "*", joined(staffedBefore, over)); fmt.Sprint(a.pointers()) != "["+pointer+"]" {
				t.Errorf("%v: %s", over, a.body)
			}
		}
		put(200, `"0"`, staffedBefore)
		put(412, `"0"`, joined(staffedBefore, object{"staff": 21}))
		if again := put(200, `"0"`, staffedBefore); again.at("/version") != 1.0 {
			t.Errorf("the same again: %s", again.body)
		}
		ask := call{method: "GET", url: "/v1/stats/deployment?area=" + niujia, as: "community_manager"}
		if a := h.must(t, 200, ask); a.text("/total/before/basis") != "figure" || a.at("/total/before/count") != 9.0 || a.at("/total/before/agrees") != true || a.at("/total/freed") != 8.0 || a.at("/total/joined") != nil || len(a.items("/total/since")) != 0 {
			t.Errorf("by what was entered: %s", a.body)
		}
		changed := put(200, `"1"`, joined(staffedBefore, object{"counterStaff": 2, "mattersPerWorker": nil}))
		if changed.at("/version") != 2.0 || changed.at("/earlier/0/counterStaff") != 9.0 || changed.at("/earlier/0/mattersPerWorker") != 20.0 || changed.at("/mattersPerWorker") != nil {
			t.Errorf("changed: %s", changed.body)
		}
		for n, agrees := range []bool{false, true, false} {
			h.must(t, 201, call{method: "POST", url: "/v1/postings", as: "community_manager", body: posted(object{"kind": "counter", "from": "2015-01-01", "until": "2019-12-31"})})
			if a := h.must(t, 200, ask); a.text("/total/before/basis") != "list" || a.at("/total/before/count") != float64(n+1) || a.at("/total/before/agrees") != agrees {
				t.Errorf("with %d on the list: %s", n+1, a.body)
			}
		}
		for _, query := range []string{"area=" + niujia + "&from=2026-12", "area=" + niujia + "&from=2026-11&to=2026-10", "area=" + niujia + "&from=2020-01", "area=" + niujia + "&to=2026-13", "area=" + niujia + "&by=cell", "area=3205", "area=320599", "area=" + chayuan} {
			h.must(t, 400, call{method: "GET", url: "/v1/stats/deployment?" + query, as: "community_manager"})
		}
	})
}
