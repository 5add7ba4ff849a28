package handlers

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

// journalOf reads a page of the journal.
func (h *harness) journalOf(t *testing.T, who, query string) *answer {
	t.Helper()
	return h.must(t, 200, call{method: "GET", url: "/v1/journal?" + query, as: who})
}

// actions are those of a page, the latest first.
func (a *answer) actions() string {
	var out []string
	for i := range a.items("/items") {
		out = append(out, a.text(fmt.Sprintf("/items/%d/action", i)))
	}
	return strings.Join(out, " ")
}

func TestJournal(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.clock.move(time.Hour)
		since := "from=" + h.clock.read().Format(time.RFC3339) + "&"
		tk := h.report(t, "resident", inside(niujia, 1), "noise")
		h.clock.move(time.Minute)
		h.must(t, 200, call{method: "POST", url: "/v1/tickets/" + tk.ID + "/transitions", as: "grid_lead", body: object{"action": "accept"}})
		h.clock.move(time.Minute)
		elsewhere := h.report(t, "other resident", inside(jinshi, 1), "noise")

		// A line says who did what to what, and how it stood before and after.
		page := h.journalOf(t, "street_manager", since+"thing=ticket")
		if got := page.actions(); got != "ticket.accept ticket.report" {
			t.Fatalf("the street's journal: %s", got)
		}
		for pointer, want := range map[string]string{
			"/actor/name": "工作者grid_lead", "/text": "立案", "/thing/kind": "ticket", "/thing/id": tk.ID, "/thing/name": tk.Number, "/thing/path": "/v1/tickets/" + tk.ID,
			"/from": "reported", "/to": "accepted", "/cell/code": cellCode(niujia, 1), "/street/code": pingjiang,
		} {
			if got := page.text("/items/0" + pointer); got != want {
				t.Errorf("%s is %q, want %q", pointer, got, want)
			}
		}
		if en := h.must(t, 200, call{method: "GET", url: "/v1/journal?" + since + "thing=ticket", as: "street_manager", header: map[string]string{"Accept-Language": "en"}}); en.text("/items/0/text") != "accepted" {
			t.Errorf("in English: %s", en.body)
		}

		// Everybody reads their own, and nothing tells them of the rest.
		for who, want := range map[string]string{
			"community_manager": "ticket.accept ticket.report", "street_manager": "ticket.accept ticket.report", "admin": "ticket.report ticket.accept ticket.report",
			"other community_manager": "ticket.report", "other street_manager": "ticket.report",
		} {
			if got := h.journalOf(t, who, since+"thing=ticket").actions(); got != want {
				t.Errorf("%s reads %q, want %q", who, got, want)
			}
		}
		for _, query := range []string{"street=" + canglang, "thing=ticket&id=" + elsewhere.ID, "actor=" + h.people["other resident"].id, "reveals=true&street=" + canglang} {
			for _, who := range []string{"community_manager", "street_manager"} {
				if got := h.journalOf(t, who, query).actions(); got != "" {
					t.Errorf("%s reads %q of %s", who, got, query)
				}
			}
		}

		// Each filter takes away what it says.
		accepted := page.text("/items/0/at")
		for query, want := range map[string]string{
			"actor=" + h.people["grid_lead"].id:                  "ticket.accept",
			"action=ticket.report":                               "ticket.report",
			"thing=ticket&id=" + tk.ID:                           "ticket.accept ticket.report",
			"thing=ticket&id=" + tk.ID + "&action=ticket.accept": "ticket.accept",
			"thing=household":                                    "",
			"to=" + url.QueryEscape(accepted) + "&thing=ticket":  "ticket.report",
			"thing=cell&id=" + cellCode(niujia, 2):               "",
			"street=" + pingjiang + "&thing=ticket":              "ticket.accept ticket.report",
		} {
			if got := h.journalOf(t, "street_manager", since+query).actions(); got != want {
				t.Errorf("%s: %q, want %q", query, got, want)
			}
		}
		if got := h.journalOf(t, "street_manager", "thing=cell&id="+cellCode(niujia, 2)).actions(); got != "cell.staff cell.add" {
			t.Errorf("a cell's: %q", got)
		}
		h.play(t, []scenario{
			{name: "an unknown street", call: call{method: "GET", url: "/v1/journal?street=999999999", as: "admin"}, status: 400, pointers: []string{"?street"}},
			{name: "an unknown kind", call: call{method: "GET", url: "/v1/journal?thing=secret", as: "admin"}, status: 400, pointers: []string{"?thing"}},
			{name: "an unknown action", call: call{method: "GET", url: "/v1/journal?action=ticket.burn", as: "admin"}, status: 400, pointers: []string{"?action"}},
			{name: "an id of nothing", call: call{method: "GET", url: "/v1/journal?id=" + tk.ID, as: "admin"}, status: 400, pointers: []string{"?id"}},
			{name: "a day", call: call{method: "GET", url: "/v1/journal?from=2026-11-23", as: "admin"}, status: 400, pointers: []string{"?from"}},
			{name: "a cursor of nothing", call: call{method: "GET", url: "/v1/journal?cursor=nonsense", as: "admin"}, status: 400, code: "bad_cursor"},
		})

		// Pages follow one another.
		whole := h.journalOf(t, "admin", "limit=500")
		var paged []any
		for query := "limit=7"; ; {
			page := h.journalOf(t, "admin", query)
			paged = append(paged, page.items("/items")...)
			if page.at("/next") == nil {
				break
			}
			query = "limit=7&cursor=" + url.QueryEscape(page.text("/next"))
		}
		if len(paged) < 20 || fmt.Sprint(paged) != fmt.Sprint(whole.items("/items")) {
			t.Errorf("%d lines by pages, %d at once", len(paged), len(whole.items("/items")))
		}
	})
}

// Who reported without a name is not named here either, nor found by who they are.
func TestJournalOfAnonymousReports(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		at := inside(niujia, 1)
		id := h.must(t, 201, call{method: "POST", url: "/v1/tickets", as: "resident", body: object{
			"category": "noise", "title": "夜里装修", "anonymous": true, "position": object{"lon": at[0], "lat": at[1], "datum": "wgs84"},
		}}).text("/id")
		h.must(t, 201, call{method: "POST", url: "/v1/tickets/" + id + "/comments", as: "resident", body: object{"text": "又吵了"}})
		h.must(t, 200, call{method: "POST", url: "/v1/tickets/" + id + "/transitions", as: "grid_lead", body: object{"action": "accept"}})
		for _, who := range []string{"community_manager", "street_manager", "admin"} {
			page := h.journalOf(t, who, "thing=ticket&id="+id)
			if page.actions() != "ticket.accept ticket.comment ticket.report" || page.text("/items/0/actor/name") == "" || strings.Contains(string(page.body), h.people["resident"].id) {
				t.Errorf("%s reads %s", who, page.body)
			}
			if got := h.journalOf(t, who, "actor="+h.people["resident"].id+"&thing=ticket").actions(); got != "" {
				t.Errorf("%s finds by who reported it: %q", who, got)
			}
		}
	})
}

// Who looked at whom is found among all else, with why.
func TestJournalOfReveals(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		made := h.must(t, 201, call{method: "POST", url: "/v1/households", as: "admin", body: homeAt(niujia, 1, "101")})
		home := made.text("/id")
		person := h.must(t, 201, call{method: "POST", url: "/v1/households/" + home + "/members", as: "outreach_worker", header: map[string]string{"If-Match": "*"}, body: object{"name": "王秀英", "phone": "13900001111"}}).text("/members/0/id")
		h.clock.move(time.Minute)
		h.must(t, 200, call{method: "POST", url: "/v1/households/" + home + "/reveal", as: "outreach_worker", body: object{"person": person, "fields": []string{"phone"}, "reason": "电话回访"}})
		tk := h.report(t, "resident", inside(niujia, 1), "noise")
		h.clock.move(time.Minute)
		h.must(t, 200, call{method: "POST", url: "/v1/tickets/" + tk.ID + "/reveal", as: "grid_lead", body: object{"fields": []string{"name"}, "reason": "核实地点"}})
		h.clock.move(time.Minute)
		h.must(t, 200, call{method: "POST", url: "/v1/households/search", as: "grid_lead", body: object{"phone": "13900001111"}})

		looks := h.journalOf(t, "street_manager", "reveals=true")
		if got := looks.actions(); got != "ticket.reveal household.reveal" {
			t.Fatalf("reveals of the street: %q", got)
		}
		if looks.text("/items/0/reason") != "核实地点" || looks.text("/items/1/reason") != "电话回访" || looks.text("/items/1/fields/0") != "phone" || looks.text("/items/1/actor/name") != "工作者outreach_worker" || looks.text("/items/1/thing/id") != home {
			t.Errorf("reveals: %s", looks.body)
		}
		// They are the same lines that stand among all others.
		all := h.journalOf(t, "street_manager", "action=household.reveal")
		if fmt.Sprint(all.items("/items")) != fmt.Sprint(looks.items("/items")[1:]) {
			t.Errorf("among all: %s, by themselves: %s", all.body, looks.body)
		}
		for query, want := range map[string]string{
			"reveals=true&actor=" + h.people["grid_lead"].id: "ticket.reveal", "reveals=true&thing=household&id=" + home: "household.reveal",
			"reveals=true&to=" + morning.Add(90*time.Second).Format(time.RFC3339): "household.reveal", "reveals=true&action=case.reveal": "",
		} {
			if got := h.journalOf(t, "street_manager", query).actions(); got != want {
				t.Errorf("%s: %q, want %q", query, got, want)
			}
		}
		first := h.journalOf(t, "community_manager", "reveals=true&limit=1")
		second := h.journalOf(t, "community_manager", "reveals=true&limit=1&cursor="+url.QueryEscape(first.text("/next")))
		if first.actions() != "ticket.reveal" || second.actions() != "household.reveal" || second.at("/next") != nil {
			t.Errorf("by pages: %s, %s", first.body, second.body)
		}
		if got := h.journalOf(t, "other street_manager", "reveals=true").actions(); got != "" {
			t.Errorf("another street reads %q", got)
		}
		// A search lies in the city's journal, and says nothing of whom.
		search := h.journalOf(t, "admin", "reveals=true&limit=1")
		if search.actions() != "household.search" || search.text("/items/0/thing/kind") != "search" || search.at("/items/0/thing/id") != nil || search.at("/items/0/street") != nil || strings.Contains(string(search.body), "13900001111") {
			t.Errorf("a search: %s", search.body)
		}
	})
}

// What managers are shown a part of only is not theirs to read; what is gone is still there.
func TestJournalOfWhatIsOutOfReach(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		h.prepareCases(t)
		secret := h.must(t, 201, upserted("S-1", told("accepted", morning, object{"item": sensitiveItem}))).text("/current/id")
		for _, who := range []string{"street_manager", "community_manager", "admin"} {
			if got := h.journalOf(t, who, "thing=intake-case").body; strings.Contains(string(got), secret) || !strings.Contains(string(got), h.walked["{case}"]) {
				t.Errorf("%s reads of cases: %s", who, got)
			}
			if got := h.journalOf(t, who, "thing=intake-case&id="+secret).actions(); got != "" {
				t.Errorf("%s reads of a sensitive case: %s", who, got)
			}
		}
		made := h.must(t, 201, call{method: "POST", url: "/v1/households", as: "admin", body: homeAt(niujia, 1, "101")})
		home := made.text("/id")
		h.must(t, 204, call{method: "DELETE", url: "/v1/households/" + home, as: "street_manager", header: map[string]string{"If-Match": "*"}})
		if got := h.journalOf(t, "street_manager", "thing=household&id="+home).actions(); got != "household.delete household.create" {
			t.Errorf("of a deleted household the street reads %q", got)
		}
		if got := h.journalOf(t, "community_manager", "thing=household").actions(); got != "" {
			t.Errorf("of a deleted household the community reads %q", got)
		}
	})
}
