package handlers

import (
	"strings"
	"testing"

	"wangge/domain/ids"
)

// A split has one conversation with the resident, by the parent; who handles a
// child sees that alone, with whom it is for and the photos of the report.
func TestSplitOnTheWire(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		picture := h.photo(t, "resident")
		parent := h.must(t, 201, call{method: "POST", url: "/v1/tickets", as: "resident", body: object{"category": "noise", "title": "两件事", "photos": []string{picture},
			"position": object{"lon": inside(niujia, 1)[0], "lat": inside(niujia, 1)[1], "datum": "wgs84"}}}).text("/id")
		h.move(t, 200, parent, "grid_lead", object{"action": "accept"})
		one, two := ids.New(), ids.New()
		split := object{"id": ids.New(), "action": "split", "children": []object{{"id": one, "category": "noise", "title": "夜间施工"}, {"id": two, "category": "noise", "title": "广场音响"}}}
		h.move(t, 403, parent, "resident", split)
		if a := h.move(t, 422, parent, "grid_lead", object{"action": "split", "children": []object{{"category": "noise", "title": "一件"}}}); a.pointers()[0] != "/children" {
			t.Errorf("one: %s", a.body)
		}
		a := h.move(t, 200, parent, "grid_lead", split)
		if a.text("/state") != "split" || a.text("/children/0/id") != one || a.text("/children/1/state") != "accepted" || a.at("/parent") != nil || a.at("/dueAt") == nil {
			t.Errorf("split: %s", a.body)
		}
		if again := h.move(t, 200, parent, "grid_lead", split); again.text("/children/1/number") != a.text("/children/1/number") || len(again.items("/children")) != 2 {
			t.Errorf("sent again: %s", again.body)
		}
		if own := h.see(t, parent, "resident"); own.at("/children") != nil || own.at("/childrenNotFixed") != 0.0 || own.text("/state") != "split" {
			t.Errorf("the resident reads %s", own.body)
		}
		h.must(t, 404, call{method: "GET", url: "/v1/tickets/" + one, as: "resident"})
		if a := h.move(t, 409, one, "grid_lead", object{"action": "split", "children": split["children"]}); a.text("/code") != "child" {
			t.Errorf("a child: %s", a.body)
		}
		for who, want := range map[string]int{"grid_lead": 2, "resident": 0} {
			list := h.must(t, 200, call{method: "GET", url: "/v1/tickets?parent=" + parent, as: who})
			counts := h.must(t, 200, call{method: "GET", url: "/v1/tickets/counts?by=state&parent=" + parent, as: who})
			if len(list.items("/items")) != want || (want > 0) != strings.Contains(string(counts.body), "accepted") {
				t.Errorf("%s lists %s, counts %s", who, list.body, counts.body)
			}
		}
		h.move(t, 200, one, "grid_lead", object{"action": "dispatch", "assignee": organisationOf(h, pingjiang)})
		if a := h.see(t, one, "handler"); a.at("/parent") != nil || a.text("/reporter/phone") != "138****0001" || a.at("/mine") != false || a.at("/dueAt") != nil {
			t.Errorf("who handles a child reads %s", a.body)
		}
		h.must(t, 200, call{method: "GET", url: "/v1/photos/" + picture, as: "handler"})
		h.must(t, 404, call{method: "GET", url: "/v1/tickets/" + parent, as: "handler"})
		if a := h.must(t, 200, call{method: "POST", url: "/v1/tickets/" + one + "/reveal", as: "grid_lead", body: object{"fields": []string{"phone"}, "reason": "约时间"}}); !strings.HasPrefix(a.text("/phone"), "138") {
			t.Errorf("whom a child is for: %s", a.body)
		}
		if a := h.see(t, one, "grid_lead"); a.text("/parent/id") != parent || a.text("/parent/state") != "split" {
			t.Errorf("a lead reads %s", a.body)
		}
		if a := h.move(t, 409, parent, "grid_lead", object{"action": "unsplit"}); a.text("/code") != "children_begun" {
			t.Errorf("undone too late: %s", a.body)
		}
		h.move(t, 200, one, "handler", object{"action": "start"})
		h.move(t, 200, one, "handler", object{"action": "resolve", "outcome": "not_fixed", "reason": "工程许可夜间施工"})
		h.move(t, 200, one, "grid_lead", object{"action": "close", "verification": "phone"})
		if a := h.see(t, parent, "resident"); a.at("/childrenNotFixed") != 1.0 {
			t.Errorf("not fixed: %s", a.body)
		}
		lines := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + parent + "/timeline", as: "grid_lead"})
		own := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + parent + "/timeline", as: "resident"})
		if lines.text("/items/3/action") != "child" || lines.text("/items/3/ticket/id") != one || strings.Contains(string(own.body), one) || len(own.items("/items")) != 3 {
			t.Errorf("the timeline: %s, to the resident %s", lines.body, own.body)
		}
	})
}
