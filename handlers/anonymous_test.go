package handlers

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// What staff report anonymously is nobody's to whoever else reads it: not by
// their remarks, photos and steps as its reporter, nor by what is missing
// beside those that they make as staff, which are under their name.
func TestAnonymousStaff(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		at := inside(niujia, 1)
		id := h.must(t, 201, call{method: "POST", url: "/v1/tickets", as: "outreach_worker", body: object{"category": "noise", "title": "领导家噪声", "anonymous": true,
			"photos": []string{h.photo(t, "outreach_worker")}, "position": object{"lon": at[0], "lat": at[1], "datum": "wgs84"}}}).text("/id")
		say := func(who, text string, internal bool) {
			t.Helper()
			h.must(t, 201, call{method: "POST", url: "/v1/tickets/" + id + "/comments", as: who, body: object{"text": text, "internal": internal}})
		}
		say("outreach_worker", "我听到的", false)
		h.must(t, 200, call{method: "POST", url: "/v1/tickets/" + id + "/photos", as: "outreach_worker", body: object{"when": "before", "photos": []string{h.photo(t, "outreach_worker")}}})
		h.move(t, 200, id, "grid_lead", object{"action": "reject", "reason": "重复"})
		h.move(t, 200, id, "outreach_worker", object{"action": "reopen", "reason": "不服"})
		for _, url := range []string{"", "/comments", "/timeline"} {
			for _, who := range []string{"grid_lead", "dispatcher", "street_manager", "admin"} {
				a := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + id + url, as: who})
				if strings.Contains(string(a.body), h.people["outreach_worker"].id) || strings.Contains(string(a.body), "outreach") {
					t.Errorf("%s reads in %q who reported: %s", who, url, a.body)
				}
			}
		}
		if a := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + id + "/comments", as: "grid_lead"}); a.at("/items/0/staff") != false || a.at("/items/0/author") != nil {
			t.Errorf("the remark: %s", a.body)
		}
		if a := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + id + "/comments", as: "outreach_worker"}); a.text("/items/0/author/id") != h.people["outreach_worker"].id {
			t.Errorf("the remark to its author: %s", a.body)
		}
		say("outreach_worker", "请尽快", true)
		say("grid_lead", "知道了", true)
		var told []string
		for _, e := range h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + id + "/timeline", as: "admin"}).items("/items") {
			told = append(told, fmt.Sprint(e.(object)["action"], " ", e.(object)["by"], " ", e.(object)["actor"] != nil))
		}
		want := "report reporter false, comment reporter false, photo reporter false, reject staff true, reopen reporter false, comment staff true, comment staff true"
		if got := strings.Join(told, ", "); got != want {
			t.Errorf("the timeline tells\n%s\nwant\n%s", got, want)
		}
	})
}

// Pages are of what the reader sees, each as long as was asked for, and their
// cursors hold nothing else.
func TestPagesAreCutAfterTheirFilter(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		pages := func(url, who string) (sizes []int, all []any) {
			t.Helper()
			for cursor := ""; ; {
				a := h.must(t, 200, call{method: "GET", url: url + "limit=1" + cursor, as: who})
				sizes, all = append(sizes, len(a.items("/items"))), append(all, a.items("/items")...)
				if a.at("/next") == nil {
					return sizes, all
				}
				cursor = "&cursor=" + a.text("/next")
			}
		}
		home := h.home(t, niujia, 1, "101")
		mine := h.knock(t, "outreach_worker", home, "met").text("/id")
		h.moveAway(t)
		for range 3 {
			h.clock.move(time.Hour)
			h.knock(t, "grid_lead", home, "met")
		}
		if sizes, all := pages("/v1/stops?household="+home+"&", "outreach_worker"); fmt.Sprint(sizes) != "[1]" || all[0].(object)["id"] != mine {
			t.Errorf("stops of who was there once: %v %v", sizes, all)
		}
		if sizes, _ := pages("/v1/stops?household="+home+"&", "other grid_lead"); fmt.Sprint(sizes) != "[0]" {
			t.Errorf("stops of who never was: %v", sizes)
		}
		for who, want := range map[string]string{"grid_lead": "[1 1 1 1]", "community_manager": "[1 1 1 1]", "street_manager": "[1 1 1 1]", "admin": "[1 1 1 1]", "other admin": "[0]"} {
			if sizes, _ := pages("/v1/stops?household="+home+"&", who); fmt.Sprint(sizes) != want {
				t.Errorf("stops to the %s: %v", who, sizes)
			}
		}

		id := h.report(t, "resident", inside(niujia, 1), "noise").ID
		for i := range 6 {
			h.must(t, 201, call{method: "POST", url: "/v1/tickets/" + id + "/comments", as: "grid_lead", body: object{"text": "跟进", "internal": i != 2}})
		}
		if sizes, all := pages("/v1/tickets/"+id+"/timeline?", "resident"); fmt.Sprint(sizes) != "[1 1]" || all[1].(object)["comment"] == nil {
			t.Errorf("the resident's timeline: %v", sizes)
		}
		if sizes, _ := pages("/v1/tickets/"+id+"/comments?", "resident"); fmt.Sprint(sizes) != "[1]" {
			t.Errorf("the resident's remarks: %v", sizes)
		}
	})
}
