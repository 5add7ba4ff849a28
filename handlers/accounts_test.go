package handlers

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wangge/domain/ids"
	"wangge/handlers/web"
)

func newWorker(over object) object {
	body := object{"username": "wang.fang", "name": "王芳", "phone": "13912345678", "password": password, "grants": []object{{"role": "outreach_worker", "area": niujia}}}
	for k, v := range over {
		body[k] = v
		if v == nil {
			delete(body, k)
		}
	}
	return body
}

func TestAccounts(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		post := func(over object) call {
			return call{method: "POST", url: "/v1/accounts", as: "street_manager", body: newWorker(over)}
		}
		made := h.must(t, 201, post(object{"id": ids.New()}))
		for pointer, want := range (object{"/name": "王芳", "/phone": "139****5678", "/grants/0/area/name": "钮家巷社区居委会", "/grants/0/level": "community", "/disabled": false, "/organisation": nil, "/language": "zh-CN"}) {
			if made.at(pointer) != want {
				t.Errorf("%s is %v, want %v", pointer, made.at(pointer), want)
			}
		}
		id := made.text("/id")
		if again := h.must(t, 201, post(object{"id": id})); again.text("/id") != id {
			t.Errorf("sent again: %s", again.body)
		}
		grants := func(g ...object) object { return object{"username": "li.si", "phone": nil, "grants": g} }
		h.play(t, []scenario{
			{name: "a username that is taken", call: post(object{"phone": nil}), status: 409, code: "duplicate"},
			{name: "a phone that another has", call: post(object{"username": "li.si"}), status: 201, fields: object{"/phone": "139****5678"}},
			{name: "an id that is taken", call: post(object{"id": id, "name": "李四"}), status: 409, code: "duplicate"},
			{name: "everything wrong", call: post(object{"username": "王", "name": " ", "phone": "12", "password": "1", "language": "fr", "grants": []object{{"role": "king", "area": "1"}}}), status: 422},
			{name: "no grants", call: post(grants()), status: 422, pointers: []string{"/grants"}},
			{name: "a role without its area", call: post(grants(object{"role": "grid_lead"})), status: 422, pointers: []string{"/grants/0/area"}},
			{name: "an area that is none", call: post(grants(object{"role": "grid_lead", "area": "320599"})), status: 422, pointers: []string{"/grants/0/area"}},
			{name: "another street's role", call: post(grants(object{"role": "grid_lead", "area": jinshi})), status: 403},
			{name: "an admin, by a street", call: post(grants(object{"role": "admin"})), status: 403},
			{name: "a handler of nobody", call: post(grants(object{"role": "handler"})), status: 422, pointers: []string{"/organisation"}},
			{name: "a person as a machine", call: post(grants(object{"role": "integration", "area": pingjiang})), status: 422, pointers: []string{"/grants/0/role"}},
		})
		url := "/v1/accounts/" + id
		patch := func(version string, body object) call {
			return call{method: "PATCH", url: url, as: "street_manager", body: body, header: map[string]string{"If-Match": version}}
		}
		h.play(t, []scenario{
			{name: "without the version", call: call{method: "PATCH", url: url, as: "street_manager", body: object{"disabled": true}}, status: 428},
			{name: "an old version", call: patch(`"9"`, object{"disabled": true}), status: 412},
			{name: "without a phone", call: patch(`"1"`, object{"phone": nil}), status: 200, fields: object{"/phone": nil, "/version": 2.0}},
			{name: "no such organisation", call: patch("*", object{"organisation": ids.New()}), status: 422, pointers: []string{"/organisation"}},
			{name: "a grant put", call: call{method: "PUT", url: url + "/grants", as: "street_manager", body: object{"grants": []object{{"role": "dispatcher", "area": pingjiang}}}, header: map[string]string{"If-Match": `"2"`}},
				status: 200, fields: object{"/roles/0": "dispatcher", "/grants/0/level": "street"}},
			{name: "one's own grants", call: call{method: "PUT", url: "/v1/accounts/" + h.people["street_manager"].id + "/grants", as: "street_manager",
				body: object{"grants": []object{{"role": "street_manager", "area": pingjiang}}}, header: map[string]string{"If-Match": "*"}}, status: 409, code: "own_account"},
			{name: "oneself disabled", call: call{method: "PATCH", url: "/v1/accounts/" + h.people["street_manager"].id, as: "street_manager",
				body: object{"disabled": true}, header: map[string]string{"If-Match": "*"}}, status: 409, code: "own_account"},
		})
		list := func(query string) string {
			t.Helper()
			var out []string
			for _, a := range h.must(t, 200, call{method: "GET", url: "/v1/accounts?" + query, as: "street_manager"}).items("/items") {
				out = append(out, a.(object)["username"].(string))
			}
			return strings.Join(out, " ")
		}
		for query, want := range map[string]string{
			"role=grid_lead": "grid_lead reviewer", "q=wang": "wang.fang", "q=grid": "grid_lead", "role=dispatcher&area=" + pingjiang: "dispatcher wang.fang",
			"organisation=" + h.organisations[pingjiang]: "handler", "area=" + canglang: "",
		} {
			if got := list(query); got != want {
				t.Errorf("%s: %q, want %q", query, got, want)
			}
		}
	})
}

// Who is disabled is out within a second, everywhere.
func TestDisabledAccounts(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		me := call{method: "GET", url: "/v1/me", as: "grid_lead"}
		h.must(t, 200, me)
		h.must(t, 200, call{method: "PATCH", url: "/v1/accounts/" + h.people["grid_lead"].id, as: "admin", body: object{"disabled": true}, header: map[string]string{"If-Match": "*"}})
		h.clock.move(time.Second)
		h.must(t, 401, me)
		h.must(t, 401, call{method: "POST", url: "/v1/sessions", body: object{"username": "grid_lead", "password": password}})
	})
}

// A stand-in has the cell's tickets while the cover lasts, and loses them after.
func TestCover(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		id := h.report(t, "resident", inside(niujia, 1), "noise").ID
		url := "/v1/cells/" + cellCode(niujia, 1)
		h.must(t, 404, call{method: "GET", url: "/v1/tickets/" + id, as: "reviewer"})
		cell := h.must(t, 200, call{method: "GET", url: url, as: "community_manager"})
		staff := []object{{"account": h.people["grid_lead"].id, "role": "lead"}, {"account": h.people["outreach_worker"].id, "role": "worker"}}
		put := func(version string, staff []object, covers ...object) call {
			return call{method: "PUT", url: url + "/staff", as: "community_manager", body: object{"staff": staff, "covers": append([]object{}, covers...)}, header: map[string]string{"If-Match": version}}
		}
		cover := func(account, in string) object {
			return object{"account": h.people[account].id, "for": h.people[in].id, "from": morning, "until": morning.Add(time.Hour)}
		}
		h.play(t, []scenario{
			{name: "without the version", call: put("", staff), status: 428},
			{name: "an old version", call: put(`"1"`, staff), status: 412},
			{name: "who has no such role", call: put("*", []object{{"account": h.people["handler"].id, "role": "lead"}}), status: 422, pointers: []string{"/staff/0/account"}},
			{name: "another street's lead", call: put("*", []object{{"account": h.people["other grid_lead"].id, "role": "lead"}}), status: 422, pointers: []string{"/staff/0/account"}},
			{name: "an unknown role", call: put("*", []object{{"account": h.people["grid_lead"].id, "role": "grid_lead"}}), status: 422, pointers: []string{"/staff/0/role"}},
			{name: "two leads", call: put("*", append(staff, object{"account": h.people["reviewer"].id, "role": "lead"})), status: 422, pointers: []string{"/staff/2"}},
			{name: "a cover of nobody", call: put("*", staff, cover("reviewer", "handler")), status: 422, pointers: []string{"/covers/0/for"}},
			{name: "a cover who may not lead", call: put("*", staff, cover("outreach_worker", "grid_lead")), status: 422, pointers: []string{"/covers/0/account"}},
			{name: "a cover", call: put(cell.header.Get("ETag"), staff, cover("reviewer", "grid_lead")), status: 200,
				fields: object{"/covers/0/account/id": h.people["reviewer"].id, "/staff/1/role": "worker"}},
		})
		h.clock.move(time.Second)
		h.move(t, 200, id, "reviewer", object{"action": "accept"})
		me := h.must(t, 200, call{method: "GET", url: "/v1/me", as: "reviewer"})
		if got := fmt.Sprint(me.at("/posts/0/cell/code"), " ", me.at("/posts/0/until"), " ", me.at("/posts/1/cell/code")); got != cellCode(niujia, 1)+" 2026-11-23T02:00:00.000Z "+cellCode(niujia, 3) {
			t.Errorf("the stand-in's posts: %s", got)
		}
		h.clock.move(time.Hour)
		h.must(t, 404, call{method: "GET", url: "/v1/tickets/" + id, as: "reviewer"})
	})
}

func TestOrganisations(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		post := func(who string, body object) call {
			return call{method: "POST", url: "/v1/organisations", as: who, body: body}
		}
		made := h.must(t, 201, post("dispatcher", object{"name": "平江城管", "kind": "city_management", "street": pingjiang}))
		id := made.text("/id")
		patch := func(version string, body object) call {
			return call{method: "PATCH", url: "/v1/organisations/" + id, as: "dispatcher", body: body, header: map[string]string{"If-Match": version}}
		}
		h.play(t, []scenario{
			{name: "a kind that is none", call: post("dispatcher", object{"name": "甲", "kind": "club", "street": pingjiang}), status: 422, pointers: []string{"/kind"}},
			{name: "a street that is none", call: post("dispatcher", object{"name": "甲", "kind": "water", "street": niujia}), status: 422, pointers: []string{"/street"}},
			{name: "another street", call: post("dispatcher", object{"name": "甲", "kind": "water", "street": canglang}), status: 403},
			{name: "of no street, by a street", call: post("street_manager", object{"name": "甲", "kind": "water"}), status: 403},
			{name: "of no street", call: post("admin", object{"name": "供电公司", "kind": "power", "phone": "95598"}), status: 201, fields: object{"/street": nil, "/active": true, "/phone": "95598"}},
			{name: "without the version", call: patch("", object{"active": false}), status: 428},
			{name: "a wrong phone", call: patch("*", object{"phone": "none"}), status: 422, pointers: []string{"/phone"}},
			{name: "ended", call: patch(made.header.Get("ETag"), object{"active": false}), status: 200, fields: object{"/active": false, "/name": "平江城管"}},
		})
		ticket := h.report(t, "resident", inside(niujia, 1), "noise").ID
		h.move(t, 200, ticket, "grid_lead", object{"action": "accept"})
		h.move(t, 422, ticket, "grid_lead", object{"action": "dispatch", "assignee": object{"kind": "organisation", "id": id}})
		page := h.must(t, 200, call{method: "GET", url: "/v1/organisations?limit=1&area=" + pingjiang, as: "handler"})
		if len(page.items("/items")) != 1 || page.at("/next") == nil {
			t.Errorf("a page: %s", page.body)
		}
	})
}

func TestAreas(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		imported := func(query, body string) call {
			return call{method: "POST", url: "/v1/areas/import" + query, as: "admin", body: body, header: map[string]string{"Content-Type": web.CSV}}
		}
		header := "level,code,name,parent_code\n"
		h.play(t, []scenario{
			{name: "a street", call: call{method: "GET", url: "/v1/areas/" + pingjiang, as: "resident"}, status: 200, fields: object{"/name": "平江街道", "/parent": "320508", "/validTo": nil}},
			{name: "no such area", call: call{method: "GET", url: "/v1/areas/320599", as: "resident"}, status: 404},
			{name: "communities by name", call: call{method: "GET", url: "/v1/areas?level=community&q=%E9%92%AE%E5%AE%B6", as: "resident"}, status: 200, fields: object{"/items/0/code": niujia, "/items/1": nil}},
			{name: "an unknown level", call: call{method: "GET", url: "/v1/areas?level=galaxy", as: "resident"}, status: 400, pointers: []string{"?level"}},
			{name: "an unknown parent", call: call{method: "GET", url: "/v1/areas?parent=320599", as: "resident"}, status: 400, pointers: []string{"?parent"}},
			{name: "bad rows", call: imported("", header+"street,32050,短,320508\nvillage,320508018,甲,320508\n"), status: 422, pointers: []string{"/2/code", "/3/level"}},
			{name: "another header", call: imported("", "a,b\n"), status: 422},
			{name: "what a bad file would say", call: imported("?dryRun=true", header+"street,32050,短,320508\n"), status: 200, fields: object{"/dryRun": true, "/findings/0/line": 2.0, "/findings/0/field": "code"}},
			{name: "a date that is none", call: imported("?validFrom=today", areaFile), status: 400, pointers: []string{"?validFrom"}},
			{name: "one more, dry", call: imported("?dryRun=true", header+"street,320508021,双塔街道,320508\n"), status: 200, fields: object{"/added": 1.0}},
			{name: "still not there", call: call{method: "GET", url: "/v1/areas/320508021", as: "resident"}, status: 404},
			{name: "one more", call: imported("", header+"street,320508021,双塔街道,320508\n"), status: 200, fields: object{"/added": 1.0}},
			{name: "now it is", call: call{method: "GET", url: "/v1/areas/320508021", as: "resident"}, status: 200},
			{name: "recoded", call: imported("", "level,code,name,parent_code,successor_code\nstreet,320508022,双塔街道,320508,\n,320508021,,,320508022\n"), status: 200},
			{name: "its old code", call: call{method: "GET", url: "/v1/areas/320508021", as: "resident"}, status: 200, fields: object{"/successor": "320508022"}},
		})
	})
}
