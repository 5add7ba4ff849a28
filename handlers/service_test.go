package handlers

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"wangge/domain/ids"
	"wangge/domain/table/xlsx/xlsxtest"
	"wangge/handlers/web"
)

var (
	pension  = object{"category": "高龄津贴", "name": "尊老金申请", "department": object{"name": "民政局"}, "workingDays": 5, "qualification": "civil_affairs", "homeCall": true}
	training = object{"title": "上岗培训", "organiser": "区民政局", "heldOn": "2026-11-20", "kind": "general_practice", "until": "2027-11-19"}
)

const itemFile = "事项编码,类别,事项名称,承办部门,申请材料,承诺工作日\nX-1,试办,试办事项,民政局,身份证（复印件）,3\n"

// theTraining is a call below a training that is made for it.
func theTraining(method, path string, body any) func(*testing.T, *harness, string) call {
	return func(t *testing.T, h *harness, _ string) call {
		if h.walked["{training}"] == "" {
			h.walked["{training}"] = h.must(t, 201, call{method: "POST", url: "/v1/training-batches", as: "admin", body: training}).text("/id")
		}
		c := call{method: method, url: "/v1/training-batches/" + h.walked["{training}"] + path, body: body}
		if path == "/import" {
			c.header = map[string]string{"Content-Type": web.CSV}
		}
		return c
	}
}

// given is a qualification of the counter worker.
func (h *harness) given(t *testing.T, until string) string {
	body := object{"account": h.people["counter_worker"].id, "kind": "employment", "from": "2026-11-01", "until": until}
	return h.must(t, 201, call{method: "POST", url: "/v1/qualifications", as: "street_manager", body: body}).text("/id")
}

// walkService is every route of service items and qualifications.
var walkService = []walked{
	//                                      nobody resident integr. handler outreach counter lead community dispatch street admin
	{"GET /v1/service-items", someone, someone, get("/v1/service-items")},
	{"GET /v1/service-items/:code", someone, someone, get("/v1/service-items/MZ06-01")},
	{"PUT /v1/service-items/:code", "401 403 403 403 403 403 403 403 403 403 200", "401 403 403 403 403 403 403 403 403 403 403", func(*testing.T, *harness, string) call {
		return matched(call{method: "PUT", url: "/v1/service-items/MZ06-01", body: pension})
	}},
	{"GET /v1/service-items/:code/versions", someone, someone, get("/v1/service-items/MZ06-01/versions")},
	{"POST /v1/service-items/import", "401 403 403 403 403 403 403 403 403 403 200", "401 403 403 403 403 403 403 403 403 403 403", func(*testing.T, *harness, string) call {
		return call{method: "POST", url: "/v1/service-items/import", body: itemFile, header: map[string]string{"Content-Type": web.CSV}}
	}},
	{"GET /v1/qualification-kinds", "401 403 403 200 200 200 200 200 200 200 200", "401 403 403 200 200 200 200 200 200 200 200", get("/v1/qualification-kinds")},
	{"PUT /v1/qualification-kinds/:code", "401 403 403 403 403 403 403 403 403 403 200", "401 403 403 403 403 403 403 403 403 403 403", func(*testing.T, *harness, string) call {
		return matched(call{method: "PUT", url: "/v1/qualification-kinds/elderly_care", body: object{"name": object{"zh-CN": "养老护理", "en": "Elderly care"}}})
	}},
	{"POST /v1/qualifications", "401 403 403 403 403 403 403 403 403 201 201", "401 403 403 403 403 403 403 403 403 422 422", func(_ *testing.T, h *harness, _ string) call {
		return call{method: "POST", url: "/v1/qualifications", body: object{"account": h.people["counter_worker"].id, "kind": "civil_affairs", "from": "2026-11-01"}}
	}},
	{"GET /v1/qualifications", "401 403 403 none none 200 none none 200 200 200", "401 403 403 none none none none none none none none", func(t *testing.T, h *harness, _ string) call {
		h.given(t, "2027-01-31")
		return call{method: "GET", url: "/v1/qualifications"}
	}},
	{"GET /v1/qualifications/:id", "401 403 403 404 404 200 404 404 200 200 200", "401 403 403 404 404 404 404 404 404 404 404", func(t *testing.T, h *harness, _ string) call {
		return call{method: "GET", url: "/v1/qualifications/" + h.given(t, "2027-01-31")}
	}},
	{"POST /v1/qualifications/:id/revoke", "401 403 403 403 403 403 403 403 403 200 200", "401 403 403 403 403 403 403 403 403 404 404", func(t *testing.T, h *harness, who string) call {
		day := time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, len(h.walked))
		h.walked[who+day.String()] = who
		return call{method: "POST", url: "/v1/qualifications/" + h.given(t, day.Format(time.DateOnly)) + "/revoke", body: object{"reason": "考核不合格"}}
	}},
	{"POST /v1/training-batches", "401 403 403 403 403 403 403 403 403 201 201", "401 403 403 403 403 403 403 403 403 201 201", same("POST", "/v1/training-batches", training)},
	{"GET /v1/training-batches", "401 403 403 403 403 403 403 403 403 200 200", "401 403 403 403 403 403 403 403 403 200 200", get("/v1/training-batches")},
	{"GET /v1/training-batches/:id", "401 403 403 403 403 403 403 403 403 200 200", "401 403 403 403 403 403 403 403 403 200 200", theTraining("GET", "", nil)},
	{"POST /v1/training-batches/:id/import", "401 403 403 403 403 403 403 403 403 200 200", "401 403 403 403 403 403 403 403 403 200 200", theTraining("POST", "/import", "username\ncounter_worker\n")},
}

// crashesService are the routes of service items and qualifications that take a key.
var crashesService = []crash{
	{"PUT /v1/service-items/:code", to("admin", "PUT", "/v1/service-items/MZ06-01", pension)},
	{"POST /v1/service-items/import", func(*testing.T, *harness) call {
		return call{method: "POST", url: "/v1/service-items/import", as: "admin", body: itemFile, header: map[string]string{"Content-Type": web.CSV}}
	}},
	{"PUT /v1/qualification-kinds/:code", to("admin", "PUT", "/v1/qualification-kinds/elderly_care", object{"name": object{"zh-CN": "养老护理", "en": "Elderly care"}})},
	{"POST /v1/qualifications", func(_ *testing.T, h *harness) call {
		return call{method: "POST", url: "/v1/qualifications", as: "street_manager", body: object{"account": h.people["counter_worker"].id, "kind": "civil_affairs"}}
	}},
	{"POST /v1/qualifications/:id/revoke", at("street_manager", "POST", func(t *testing.T, h *harness) string {
		return "/v1/qualifications/" + h.given(t, "2027-02-28") + "/revoke"
	}, object{"reason": "考核不合格"})},
	{"POST /v1/training-batches", to("street_manager", "POST", "/v1/training-batches", training)},
	{"POST /v1/training-batches/:id/import", func(t *testing.T, h *harness) call {
		people := object{"username": "trainee", "name": "学员", "grants": []object{{"role": "counter_worker", "area": niujia}}}
		h.must(t, 201, call{method: "POST", url: "/v1/accounts", as: "admin", body: people})
		return theTraining("POST", "/import", "username\ntrainee\n")(t, h, "").by("street_manager")
	}},
}

// A new city has a catalogue; what is decided of an item holds from its day,
// what was taken before goes by what held then, and everything wrong is named.
func TestServiceItems(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		codes := map[string]bool{}
		for next := "limit=50"; ; {
			a := h.must(t, 200, call{method: "GET", url: "/v1/service-items?" + next, as: "resident"})
			for i := range a.items("/items") {
				codes[a.text(fmt.Sprintf("/items/%d/code", i))] = true
			}
			if a.at("/next") == nil {
				break
			}
			next = "limit=50&cursor=" + a.text("/next")
		}
		if len(codes) != 122 {
			t.Errorf("%d items", len(codes))
		}
		for query, want := range map[string]int{"category=" + url.QueryEscape("残疾人证"): 3, "department=" + url.QueryEscape("退役军人事务局"): 3, "q=" + url.QueryEscape("轮椅"): 1, "q=mz06": 2, "category=none": 0, "homeCall=true&category=" + url.QueryEscape("高龄津贴"): 2, "at=1999-01-01T00:00:00Z&q=mz06": 2} {
			if a := h.must(t, 200, call{method: "GET", url: "/v1/service-items?" + query, as: "counter_worker"}); len(a.items("/items")) != want {
				t.Errorf("%s: %s", query, a.body)
			}
		}
		one := "/v1/service-items/MZ06-01"
		before := h.must(t, 200, call{method: "GET", url: one, as: "counter_worker"})
		if before.header.Get("ETag") != `"1"` || before.at("/from") != nil || before.at("/workingDays") != 10.0 || before.text("/qualification/name/zh-CN") != "民政业务" {
			t.Errorf("built in: %s %s", before.header.Get("ETag"), before.body)
		}
		put := func(want int, tag string, change object) *answer {
			t.Helper()
			return h.must(t, want, call{method: "PUT", url: one, as: "admin", body: joined(pension, change), header: map[string]string{"If-Match": tag}})
		}
		made := put(200, `"1"`, object{"from": "2026-12-01"})
		if made.at("/number") != 2.0 || made.header.Get("ETag") != `"2"` {
			t.Errorf("made: %s", made.body)
		}
		put(200, `"1"`, object{"from": "2026-12-01"}) // sent again
		put(412, `"1"`, object{"from": "2026-12-02", "workingDays": 4})
		put(428, ``, object{"from": "2026-12-02"})
		h.must(t, 412, call{method: "PUT", url: one, as: "admin", body: joined(pension, object{"workingDays": 7}), header: map[string]string{"If-Match": `"0"`}})
		now := h.must(t, 200, call{method: "GET", url: one, as: "counter_worker"})
		if now.at("/number") != 1.0 || now.at("/ahead/0/number") != 2.0 || now.header.Get("ETag") != `"2"` {
			t.Errorf("today: %s", now.body)
		}
		h.clock.move(8 * 24 * time.Hour)
		if a := h.must(t, 200, call{method: "GET", url: one, as: "counter_worker"}); a.at("/number") != 2.0 || a.at("/workingDays") != 5.0 {
			t.Errorf("in december: %s", a.body)
		}
		if a := h.must(t, 200, call{method: "GET", url: one + "?at=2026-11-30T15:59:59Z", as: "counter_worker"}); a.at("/number") != 1.0 {
			t.Errorf("on the day before: %s", a.body)
		}
		if a := h.must(t, 200, call{method: "GET", url: one + "/versions?limit=1", as: "counter_worker"}); a.at("/items/0/number") != 2.0 || a.at("/next") == nil {
			t.Errorf("its versions: %s", a.body)
		}
		bad := object{"from": "2026-11-30", "category": "", "name": "", "department": object{"name": "x", "organisation": ids.New()}, "workingDays": 10_000, "qualification": "juggling",
			"steps": []string{""}, "materials": []object{{"code": "a", "name": "", "form": "original", "needed": true}, {"code": "a", "name": "b", "form": "copy", "needed": false}}}
		for body, want := range map[string][]string{
			"all": {"/category", "/name", "/department/organisation", "/workingDays", "/qualification", "/steps/0", "/materials/0/name", "/materials/1/code", "/from"},
		} {
			a := h.must(t, 422, call{method: "PUT", url: one, as: "admin", body: bad, header: map[string]string{"If-Match": "*"}})
			for _, pointer := range want {
				if !strings.Contains(string(a.body), `"`+pointer+`"`) {
					t.Errorf("%s: %s is not named: %s", body, pointer, a.body)
				}
			}
		}
		put(422, "*", object{"workingDays": 0})
		h.must(t, 404, call{method: "GET", url: "/v1/service-items/none", as: "admin"})
		h.must(t, 200, call{method: "PUT", url: "/v1/service-items/NEW-1", as: "admin", body: pension, header: map[string]string{"If-Match": `"0"`}})
		h.must(t, 422, call{method: "PUT", url: "/v1/service-items/" + strings.Repeat("x", 65), as: "admin", body: pension, header: map[string]string{"If-Match": `"0"`}})
	})
}

// A city's catalogue of 50 categories comes in by one file, as text or as a
// workbook with another system's headings; bad rows are named, each, and keep
// all of it out; the same file again changes nothing.
func TestImportOfServiceItems(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		var file strings.Builder
		book := xlsxtest.Book{Rows: xlsxtest.Header("编号", "类别", "事项名称", "承办部门", "承诺工作日", "所需资格")}
		file.WriteString("编号,类别,事项名称,承办部门,承诺工作日,所需资格\n")
		for i := range 122 {
			fmt.Fprintf(&file, "S-%d,类别%d,事项%d,部门%d,%d,民政业务\n", i, i%50, i, i%9, i%20+1)
			book.Rows += fmt.Sprintf(`<row r="%[1]d"><c r="A%[1]d" t="str"><v>S-%[2]d</v></c><c r="B%[1]d" t="str"><v>类别%[3]d</v></c><c r="C%[1]d" t="str"><v>事项%[2]d</v></c>`+
				`<c r="D%[1]d" t="str"><v>部门%[4]d</v></c><c r="E%[1]d"><v>%[5]d</v></c><c r="F%[1]d" t="str"><v>civil_affairs</v></c></row>`, i+2, i, i%50, i%9, i%20+1)
		}
		at := "/v1/service-items/import?columns=" + url.QueryEscape("编号=code")
		load := func(want int, query string, body any, media string) *answer {
			t.Helper()
			return h.must(t, want, call{method: "POST", url: at + query, as: "admin", body: body, header: map[string]string{"Content-Type": media}})
		}
		if a := load(200, "&dryRun=true&full=true", file.String(), web.CSV); a.at("/added") != 122.0 || a.at("/changed") != 122.0 {
			t.Errorf("a dry run: %s", a.body)
		}
		if a := load(200, "&full=true", file.String(), web.CSV); a.at("/added") != 122.0 || a.at("/changed") != 122.0 || a.at("/rows") != 122.0 {
			t.Errorf("the first time: %s", a.body)
		}
		for range 2 {
			if a := load(200, "&full=true", book.File(t), web.XLSX); a.at("/unchanged") != 122.0 || a.at("/added") != 0.0 || a.at("/changed") != 0.0 {
				t.Errorf("again: %s", a.body)
			}
		}
		if a := h.must(t, 200, call{method: "GET", url: "/v1/service-items?limit=500", as: "admin"}); len(a.items("/items")) != 122 || a.text("/items/0/qualification/code") != "civil_affairs" {
			t.Errorf("%d items: %.300s", len(a.items("/items")), a.body)
		}
		if a := h.must(t, 200, call{method: "GET", url: "/v1/service-items?limit=500&retired=true", as: "admin"}); len(a.items("/items")) != 244 {
			t.Errorf("%d items ever", len(a.items("/items")))
		}
		bad := "编号,类别,事项名称,承办部门,承诺工作日,所需资格,敏感,申请材料\nS-1,类别,事项,部门,0,,,\nS-2,类别,事项,部门,10000,,,\nS-3,类别,事项,部门,3,杂技,,\nS-4,类别,事项,部门,3,,也许,\nS-5,,事项,,3,,,\nS-5,类别,事项,部门,3,,,\n!,类别,事项,部门,3,,,\nT-1,类别,事项,部门,,,,\nT-2,类别,事项,部门,3,,,身份证（传真件）\n"
		a := load(422, "", bad, web.CSV)
		for _, pointer := range []string{"/2/working_days", "/3/working_days", "/4/qualification", "/5/sensitive", "/7/code", "/8/code", "/9/working_days", "/10/materials"} {
			if !strings.Contains(string(a.body), `"`+pointer+`"`) {
				t.Errorf("%s is not named: %s", pointer, a.body)
			}
		}
		if a := h.must(t, 200, call{method: "GET", url: "/v1/service-items/S-1", as: "admin"}); a.header.Get("ETag") != `"1"` {
			t.Errorf("a file with faults changed an item: %s", a.body)
		}
		load(400, "&from=2020-01-01", strings.Replace(file.String(), "部门0", "部门X", 1), web.CSV)
	})
}

// What shows that somebody was given a qualification is seen by whoever may see
// that; its holder sees it after it was taken away, too.
func TestQualifications(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		worker := h.people["counter_worker"].id
		shown := h.photo(t, "street_manager")
		body := object{"account": worker, "kind": "civil_affairs", "from": "2026-11-01", "until": "2026-12-10", "evidence": []string{shown}}
		made := h.must(t, 201, call{method: "POST", url: "/v1/qualifications", as: "street_manager", body: body})
		if made.text("/account/id") != worker || made.at("/inForce") != true || made.text("/kind/name/en") != "civil affairs" || made.header.Get("Location") != "/v1/qualifications/"+made.text("/id") {
			t.Errorf("%s", made.body)
		}
		if again := h.must(t, 201, call{method: "POST", url: "/v1/qualifications", as: "street_manager", body: body}); string(again.body) != string(made.body) {
			t.Errorf("%s, then %s", made.body, again.body)
		}
		for who, want := range map[string]int{"counter_worker": 200, "street_manager": 200, "dispatcher": 200, "outreach_worker": 404, "resident": 404, "other street_manager": 404} {
			if a := h.do(t, call{method: "GET", url: "/v1/photos/" + shown, as: who}); a.status != want {
				t.Errorf("%s sees the photo: %d", who, a.status)
			}
		}
		a := h.must(t, 422, call{method: "POST", url: "/v1/qualifications", as: "street_manager", body: object{"account": worker, "kind": "employment", "from": "2026-11-02", "until": "2026-11-01", "evidence": []string{}}})
		if a.text("/errors/0/pointer") != "/until" {
			t.Errorf("%s", a.body)
		}
		h.must(t, 422, call{method: "POST", url: "/v1/qualifications", as: "street_manager", body: object{"account": worker, "kind": "employment", "evidence": []string{shown}}})
		h.must(t, 400, call{method: "GET", url: "/v1/qualifications?area=1", as: "street_manager"})
		h.must(t, 404, call{method: "GET", url: "/v1/qualifications?account=" + worker, as: "other street_manager"})
		gone := h.must(t, 200, call{method: "POST", url: "/v1/qualifications/" + made.text("/id") + "/revoke", as: "street_manager", body: object{"reason": "考核不合格"}, header: map[string]string{"If-Match": `"1"`}})
		if gone.at("/inForce") != false || gone.text("/revoked/reason") != "考核不合格" {
			t.Errorf("%s", gone.body)
		}
		if a := h.must(t, 200, call{method: "GET", url: "/v1/qualifications", as: "counter_worker"}); len(a.items("/items")) != 1 || a.at("/items/0/inForce") != false {
			t.Errorf("their own: %s", a.body)
		}
	})
}
