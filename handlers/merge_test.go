package handlers

import (
	"fmt"
	"strings"
	"testing"

	"wangge/domain/ids"
)

// Who reported what was merged reads how it goes on, but not which ticket that
// is or whose, unless the public knows it.
func TestWhatIsMergedIsShown(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		for category, public := range map[string]bool{"noise": true, "pipe_dispute": false} {
			one := h.report(t, "resident", inside(niujia, 1), category).ID
			two := h.report(t, "outreach_worker", inside(niujia, 1), category)
			h.move(t, 422, one, "grid_lead", object{"action": "merge"})
			h.move(t, 422, one, "grid_lead", object{"action": "merge", "into": ids.New()})
			h.move(t, 403, one, "resident", object{"action": "merge", "into": two.ID})
			whole := h.move(t, 200, one, "grid_lead", object{"action": "merge", "into": two.ID, "reason": "同一件事"})
			if whole.text("/mergedInto/number") != two.Number || whole.text("/mergedLead/id") != two.ID || whole.at("/mergedCount") != 0.0 || whole.at("/dueAt") != nil {
				t.Errorf("%s: the lead reads %s", category, whole.body)
			}
			own := h.see(t, one, "resident")
			if own.text("/state") != "merged" || own.at("/mergedLead/id") != nil || own.at("/mergedLead/number") != nil || own.text("/mergedLead/state") != "reported" ||
				(own.at("/mergedLead/public") != nil) != public || own.at("/mergedCount") != nil || strings.Contains(string(own.body), two.ID) || strings.Contains(string(own.body), two.Number) {
				t.Errorf("%s: the reporter reads %s", category, own.body)
			}
			tag := own.header.Get("ETag")
			h.move(t, 200, two.ID, "grid_lead", object{"action": "reject", "reason": "不属受理范围"})
			again := h.do(t, call{method: "GET", url: "/v1/tickets/" + one, as: "resident", header: map[string]string{"If-None-Match": tag}})
			if again.status != 200 || again.header.Get("ETag") != tag || again.text("/mergedLead/state") != "rejected" {
				t.Errorf("%s: asked again: %d %s", category, again.status, again.body)
			}
			for who, want := range map[string]int{"grid_lead": 1, "resident": 0, "other grid_lead": 0} {
				list := h.must(t, 200, call{method: "GET", url: "/v1/tickets?mergedInto=" + two.ID, as: who})
				counts := h.must(t, 200, call{method: "GET", url: "/v1/tickets/counts?by=state&mergedInto=" + two.ID, as: who})
				if len(list.items("/items")) != want || counts.at("/total") != float64(want) {
					t.Errorf("%s: %s is listed %s, counted %s", category, who, list.body, counts.body)
				}
			}
			line := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + two.ID + "/timeline", as: "grid_lead"})
			if !strings.Contains(string(line.body), `"action":"join"`) || !strings.Contains(string(line.body), one) {
				t.Errorf("%s: timeline of what leads: %s", category, line.body)
			}
			if mine := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + one + "/timeline", as: "resident"}); !strings.Contains(string(mine.body), `"action":"merge"`) || strings.Contains(string(mine.body), two.ID) {
				t.Errorf("%s: timeline of what was merged: %s", category, mine.body)
			}
			h.must(t, 200, call{method: "POST", url: "/v1/tickets/" + one + "/transitions", as: "grid_lead", header: map[string]string{"If-Match": tag}, body: object{"action": "unmerge"}})
		}
	})
}

// A resident follows what is near instead of reporting it, by what the public knows, and sees no more of it.
func TestFollowInsteadOfReporting(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		at := inside(niujia, 1)
		reported := h.report(t, "outreach_worker", at, "noise")
		near := fmt.Sprintf("/v1/tickets/similar?category=noise&lon=%f&lat=%f&datum=wgs84", at[0], at[1])
		found := h.must(t, 200, call{method: "GET", url: near, as: "resident"})
		if len(found.items("/items")) != 1 || found.at("/items/0/ticket") != nil || found.at("/items/0/followed") != false || strings.Contains(string(found.body), reported.ID) || strings.Contains(string(found.body), reported.Number) {
			t.Fatalf("near: %s", found.body)
		}
		follow := found.text("/items/0/follow")
		got := h.must(t, 200, call{method: "PUT", url: follow, as: "resident", body: object{"note": "每晚都吵"}})
		if got.at("/ticket") != nil || got.text("/public/state") != "reported" || got.text("/note") != "每晚都吵" {
			t.Errorf("followed: %s", got.body)
		}
		if again := h.must(t, 200, call{method: "GET", url: near, as: "resident"}); again.at("/items/0/followed") != true {
			t.Errorf("near, followed: %s", again.body)
		}
		if whole := h.must(t, 200, call{method: "GET", url: near, as: "grid_lead"}); whole.text("/items/0/ticket/number") != reported.Number {
			t.Errorf("the lead reads %s", whole.body)
		}
		list := h.must(t, 200, call{method: "GET", url: "/v1/tickets?followed=true", as: "resident"})
		if len(list.items("/items")) != 1 || list.at("/items/0/ticket") != nil || list.text("/items/0/follow") != follow {
			t.Errorf("what is followed: %s", list.body)
		}
		if a := h.do(t, call{method: "GET", url: "/v1/tickets?followed=true&state=reported", as: "resident"}); a.status != 400 {
			t.Errorf("with another filter: %d %s", a.status, a.body)
		}
		counted := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + reported.ID + "/followers", as: "grid_lead"})
		if counted.at("/count") != 1.0 || counted.text("/notes/0/text") != "每晚都吵" || strings.Contains(string(counted.body), h.people["resident"].id) {
			t.Errorf("followers: %s", counted.body)
		}
		h.must(t, 404, call{method: "PUT", url: "/v1/tickets/" + reported.ID + "/followers/me", as: "resident", body: object{}})
		h.must(t, 404, call{method: "GET", url: strings.TrimSuffix(follow, "/followers/me"), as: "resident"})
		for range 2 {
			h.must(t, 204, call{method: "DELETE", url: follow, as: "resident"})
		}
		h.must(t, 400, call{method: "GET", url: "/v1/tickets/similar?category=nothing&lon=120.62&lat=31.31&datum=wgs84", as: "resident"})
		h.must(t, 400, call{method: "GET", url: "/v1/tickets/similar?category=noise", as: "resident"})
	})
}
