package handlers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"wangge/domain/ids"
	"wangge/handlers/web"
)

// A household from registering it to taking it apart, and who finds it.
func TestHouseholds(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		body := homeAt(niujia, 1, "101", "empty_nest_elder", "party_member")
		body["emergency"], body["id"] = object{"name": "王强", "phone": "+86 139 0000 2222", "relation": "儿子"}, ids.New()
		made := h.must(t, 201, call{method: "POST", url: "/v1/households", as: "outreach_worker", body: body})
		url, person := "/v1/households/"+made.text("/id"), made.text("/members/0/id")
		if made.text("/members/0/name") != "王*英" || made.text("/members/0/phone") != "139****1111" || made.text("/members/0/idNumber") != "3205**********0021" ||
			made.text("/place/cell/code") != cellCode(niujia, 1) || made.text("/address/text") != "大儒巷8幢101室" || len(made.items("/tags")) != 2 || made.at("/lastVisitedAt") != nil {
			t.Errorf("made %s", made.body)
		}
		h.must(t, 201, call{method: "POST", url: "/v1/households", as: "outreach_worker", body: body}) // sent again
		twin := homeAt(niujia, 1, "102")
		other := h.must(t, 201, call{method: "POST", url: "/v1/households", as: "outreach_worker", body: twin})
		if other.text("/warnings/0/code") != "phone_in_use" || other.text("/warnings/0/households/0") != made.text("/id") || other.text("/warnings/1/code") != "id_number_in_use" {
			t.Errorf("not warned: %s", other.body)
		}
		search := func(as string, body object) *answer {
			return h.must(t, 200, call{method: "POST", url: "/v1/households/search", as: as, body: body})
		}
		for name, c := range map[string]struct {
			as   string
			body object
			want int
		}{
			"a name in Chinese": {"grid_lead", object{"q": "王秀"}, 2}, "address and name": {"grid_lead", object{"q": "101 秀英"}, 1}, "a phone": {"grid_lead", object{"phone": "139-0000-1111"}, 2},
			"of somebody else": {"grid_lead", object{"phone": "13900002222"}, 1}, "an ID number": {"street_manager", object{"idNumber": "320502194912310021"}, 2},
			"with a tag": {"street_manager", object{"phone": "13900001111", "tags": []string{"party_member"}}, 1}, "in another street": {"other grid_lead", object{"phone": "13900001111"}, 0},
			"one a page": {"street_manager", object{"q": "大儒巷", "limit": 1}, 1},
		} {
			if a := search(c.as, c.body); len(a.items("/items")) != c.want {
				t.Errorf("%s: %s", name, a.body)
			}
		}
		h.play(t, []scenario{
			{name: "an address that is taken", call: call{method: "POST", url: "/v1/households", as: "outreach_worker", body: homeAt(niujia, 1, "101室")}, status: 409, code: "duplicate_address"},
			{name: "elsewhere", call: call{method: "POST", url: "/v1/households", as: "outreach_worker", body: homeAt(niujia, 4, "9")}, status: 422, pointers: []string{"/position"}},
			{name: "everything wrong", call: call{method: "POST", url: "/v1/households", as: "outreach_worker", body: object{"address": object{"estate": "", "building": ""}, "position": object{"lon": 120.621, "lat": 31.311, "datum": "wgs84"},
				"members": []object{{"name": "", "phone": "12", "idNumber": "320502194912310022"}}}}, status: 422, pointers: []string{"/address/estate", "/address/building", "/members/0/name", "/members/0/phone", "/members/0/idNumber"}},
			{name: "nothing as the contract has it", call: call{method: "POST", url: "/v1/households", as: "outreach_worker", body: object{"address": object{"estate": "\u3000", "floor": 1}, "position": nil,
				"occupancy": "x", "members": []object{{"tags": []object{{"level": "severe"}}}}}}, status: 422,
				pointers: []string{"/address/building", "/address/estate", "/address/floor", "/members/0/name", "/members/0/tags/0/level", "/occupancy", "/position"},
				fields:   object{"/errors/5/detail": "应为 own、rent、empty_registered 或 vacant"}},
			{name: "an unknown field of a person", call: call{method: "PATCH", url: url, as: "outreach_worker", body: object{"owner": object{"nmae": "x"}}, header: map[string]string{"If-Match": "*"}}, status: 422, pointers: []string{"/owner/nmae"}},
			{name: "no version", call: call{method: "PATCH", url: url, as: "outreach_worker", body: object{"occupancy": "rent"}}, status: 428},
			{name: "an old version", call: call{method: "PATCH", url: url, as: "outreach_worker", body: object{"occupancy": "rent"}, header: map[string]string{"If-Match": `"9"`}}, status: 412},
			{name: "a phone in the address", call: call{method: "GET", url: "/v1/households?phone=13900001111", as: "grid_lead"}, status: 400, pointers: []string{"?phone"}},
			{name: "too many words", call: call{method: "GET", url: "/v1/households?q=a+b+c+d", as: "grid_lead"}, status: 400, pointers: []string{"?q"}},
			{name: "one character", call: call{method: "GET", url: "/v1/households?q=%E7%8E%8B", as: "grid_lead"}, status: 422, code: "too_short"},
			{name: "one letter to search for", call: call{method: "POST", url: "/v1/households/search", as: "grid_lead", body: object{"q": "Ａ"}}, status: 422, code: "too_short"},
			{name: "one character of a ticket", call: call{method: "GET", url: "/v1/tickets?q=%E6%BC%8F", as: "grid_lead"}, status: 422, code: "too_short", fields: object{"/detail": "请至少输入两个字"}},
			{name: "one character of a ticket to count", call: call{method: "GET", url: "/v1/tickets/counts?by=state&q=8", as: "grid_lead"}, status: 422, code: "too_short"},
			{name: "one character of an account", call: call{method: "GET", url: "/v1/accounts?q=w", as: "admin"}, status: 422, code: "too_short"},
			{name: "an unknown tag", call: call{method: "GET", url: "/v1/households?tag=rich", as: "grid_lead"}, status: 400, pointers: []string{"?tag"}},
			{name: "not a phone", call: call{method: "POST", url: "/v1/households/search", as: "grid_lead", body: object{"phone": "1"}}, status: 422, pointers: []string{"/phone"}},
			{name: "nothing to search for", call: call{method: "POST", url: "/v1/households/search", as: "grid_lead", body: object{}}, status: 422},
			{name: "why", call: call{method: "POST", url: url + "/reveal", as: "outreach_worker", body: object{"person": person, "fields": []string{"phone"}, "reason": "x"}}, status: 422, pointers: []string{"/reason"}},
			{name: "into itself", call: call{method: "POST", url: url + "/merge", as: "grid_lead", body: object{"household": made.text("/id")}}, status: 422, pointers: []string{"/household"}},
			{name: "a worker merges", call: call{method: "POST", url: url + "/merge", as: "outreach_worker", body: object{"household": other.text("/id")}}, status: 403},
		})
		matched := func(c call) call { c.header = map[string]string{"If-Match": "*"}; return c }
		if a := h.must(t, 200, matched(call{method: "PATCH", url: url, as: "outreach_worker", body: object{"occupancy": "rent", "emergency": nil, "owner": object{"name": "李房东"}}})); a.at("/emergency") != nil || a.text("/owner/name") != "李*东" || a.text("/occupancy") != "rent" {
			t.Errorf("changed %s", a.body)
		}
		grandson := h.must(t, 201, call{method: "POST", url: url + "/members", as: "outreach_worker", body: object{"name": "王小明", "relation": "孙子"}}).text("/members/1/id")
		h.must(t, 200, matched(call{method: "PUT", url: url + "/members/" + grandson + "/tags/family_in_difficulty", as: "outreach_worker", body: object{"level": "high"}}))
		if a := h.must(t, 200, call{method: "GET", url: url, as: "dispatcher"}); strings.Contains(string(a.body), "family_in_difficulty") || len(a.items("/tags")) != 1 {
			t.Errorf("the dispatcher reads %s", a.body)
		}
		h.must(t, 200, call{method: "DELETE", url: url + "/members/" + grandson + "/tags/family_in_difficulty", as: "outreach_worker"})
		if a := h.must(t, 200, call{method: "POST", url: url + "/members/" + grandson + "/move", as: "outreach_worker", body: object{"to": other.text("/id")}}); a.text("/id") != other.text("/id") || len(a.items("/members")) != 2 {
			t.Errorf("moved into %s", a.body)
		}
		merged := h.must(t, 200, call{method: "POST", url: url + "/merge", as: "grid_lead", body: object{"household": other.text("/id")}})
		if len(merged.items("/members")) != 2 || merged.text("/merged/0/household") != other.text("/id") {
			t.Errorf("merged %s", merged.body)
		}
		h.must(t, 404, call{method: "GET", url: "/v1/households/" + other.text("/id"), as: "grid_lead"})
		h.must(t, 200, call{method: "POST", url: url + "/unmerge", as: "grid_lead", body: object{"household": other.text("/id")}})
		h.must(t, 200, call{method: "GET", url: "/v1/households/" + other.text("/id"), as: "grid_lead"})
		at := inside(niujia, 2)
		h.must(t, 200, call{method: "POST", url: url + "/move", as: "outreach_worker", body: object{"address": object{"estate": "钮家巷", "building": "3"}, "position": object{"lon": at[0], "lat": at[1], "datum": "wgs84"}}})
		if a := h.must(t, 200, call{method: "GET", url: url + "/stays", as: "grid_lead"}); a.text("/items/0/address/estate") != "大儒巷" || a.text("/items/0/reason") != "moved" || a.text("/items/0/people/0/name") != "王*英" {
			t.Errorf("stayed %s", a.body)
		}
		h.must(t, 200, matched(call{method: "DELETE", url: "/v1/households/" + other.text("/id") + "/members/" + grandson + "?reason=left", as: "grid_lead"}))
		if a := h.must(t, 200, call{method: "POST", url: url + "/reveal", as: "outreach_worker", body: object{"person": person, "fields": []string{"phone", "idNumber"}, "reason": "电话回访"}}); a.text("/phone") != "13900001111" || a.text("/idNumber") != "320502194912310021" || a.at("/name") != nil {
			t.Errorf("revealed %s", a.body)
		}
		h.Households.Reveals.PerHour = 30
		for range 29 {
			h.must(t, 200, call{method: "POST", url: url + "/reveal", as: "outreach_worker", body: object{"person": person, "fields": []string{"name"}, "reason": "电话回访"}})
		}
		if a := h.must(t, 429, call{method: "POST", url: url + "/reveal", as: "outreach_worker", body: object{"person": person, "fields": []string{"name"}, "reason": "电话回访"}}); a.header.Get("Retry-After") == "" {
			t.Error("limited, for how long?")
		}
		h.must(t, 204, matched(call{method: "DELETE", url: url, as: "grid_lead"}))
		h.must(t, 404, call{method: "GET", url: url, as: "grid_lead"})
		if logged := h.logs.String(); strings.Contains(logged, "13900001111") || strings.Contains(logged, "秀英") {
			t.Error("the log knows somebody")
		}
	})
}

// Files come in as they are: in GBK too, with rows that are wrong told by line.
func TestHouseholdImport(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		at := inside(niujia, 1)
		file := fmt.Sprintf("小区,幢,室,经度,纬度,坐标系,姓名,电话,标签\n大儒巷,8,301,%v,%v,wgs84,王秀英,13900000001,empty_nest_elder\n大儒巷,8,302,%v,%v,wgs84,李小明,12,\n大儒巷,8,303,,,,张三,13900000003,\n", at[0], at[1], at[0], at[1])
		gbk, err := simplifiedchinese.GBK.NewEncoder().String(file)
		if err != nil {
			t.Fatal(err)
		}
		send := func(status int, query, body string) *answer {
			t.Helper()
			return h.must(t, status, call{method: "POST", url: "/v1/households/import?street=" + pingjiang + query, as: "community_manager", body: body, header: map[string]string{"Content-Type": web.CSV}})
		}
		before := h.Store.Heads()
		dry := send(200, "&dryRun=true", gbk)
		if fmt.Sprint(h.Store.Heads()) != fmt.Sprint(before) {
			t.Error("a trial wrote something")
		}
		got := send(200, "", gbk)
		for _, a := range []*answer{dry, got} {
			if a.text("/encoding") != "GB18030" || a.at("/rows") != 3.0 || a.at("/refused") != 1.0 || a.at("/households/added") != 2.0 || a.at("/findings/0/line") != 3.0 || a.text("/findings/0/column") != "phone" || a.text("/findings/0/severity") != "error" {
				t.Errorf("the report: %s", a.body)
			}
		}
		if a := send(200, "", gbk); a.at("/households/unchanged") != 2.0 || a.at("/households/added") != 0.0 {
			t.Errorf("again: %s", a.body)
		}
		broken := "小区,幢\n大儒巷,8\n\xff\xfe\xff,9\n钮家巷,1\n"
		if a := send(422, "", broken); a.text("/errors/0/pointer") != "/3" {
			t.Errorf("broken: %s", a.body)
		}
		if list := h.must(t, 200, call{method: "GET", url: "/v1/households?cell=" + cellCode(niujia, 1), as: "grid_lead"}); len(list.items("/items")) != 2 || bytes.Contains(list.body, []byte("13900000001")) {
			t.Errorf("there are %s", list.body)
		}
		tag := call{method: "PUT", url: "/v1/tags/lives_alone", as: "street_manager", body: object{"street": pingjiang, "name": object{"zh-CN": "独居", "en": "Lives alone"}}, header: map[string]string{"If-Match": "*"}}
		h.must(t, 200, tag)
		tags := h.must(t, 200, call{method: "GET", url: "/v1/tags?street=" + pingjiang, as: "outreach_worker"})
		var codes []string
		for i := range tags.items("/items") {
			codes = append(codes, tags.text(fmt.Sprintf("/items/%d/code", i)))
		}
		if text, _ := json.Marshal(codes); string(text) != `["empty_nest_elder","family_in_difficulty","party_member","property_owner","lives_alone"]` {
			t.Errorf("tags %s", text)
		}
	})
}
