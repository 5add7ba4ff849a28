package handlers

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/area"
)

// A day in walking order: a building at a time, with how it went last time.
func TestDayRoute(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		upstairs, downstairs, far := h.home(t, niujia, 1, "301", "empty_nest_elder"), h.home(t, niujia, 1, "101", "empty_nest_elder"), h.home(t, niujia, 2, "9", "empty_nest_elder", "party_member")
		h.active(t, "street_manager", elderPlan(pingjiang, object{"rules": []object{{"rrule": "FREQ=WEEKLY;BYDAY=MO"}}}))
		h.active(t, "street_manager", object{"title": "走访党员", "area": niujia, "from": "2026-11-23", "terms": object{"tag": "party_member", "rules": []object{{"rrule": "FREQ=YEARLY"}}, "windowDays": 30}})
		at := inside(niujia, 2)
		route := func(as, query string) *answer {
			t.Helper()
			return h.must(t, 200, call{method: "GET", url: "/v1/me/route?" + query, as: as})
		}
		from := fmt.Sprintf("lon=%v&lat=%v", at[0], at[1])
		day := route("outreach_worker", from)
		order := []string{day.text("/stops/0/household/id"), day.text("/stops/1/household/id"), day.text("/stops/2/household/id")}
		if fmt.Sprint(order) != fmt.Sprint([]string{far, downstairs, upstairs}) || len(day.items("/stops")) != 3 {
			t.Fatalf("the day: %s", day.body)
		}
		if day.text("/stops/0/place/cell/code") == "" || day.at("/stops/0/visits/0/household") != nil || day.at("/stops/0/visits/0/place") != nil {
			t.Errorf("what each stop and its visits say of where: %s", day.body)
		}
		if len(day.items("/stops/0/visits")) != 2 || len(day.items("/stops/0/tags")) != 2 || day.at("/stops/0/metres") != 0.0 || day.at("/stops/2/metres") != 0.0 ||
			day.at("/stops/1/metres") != day.at("/metres") || day.at("/stops/2/walked").(float64) < 150 || day.at("/stops/0/last") != nil {
			t.Errorf("the day: %s", day.body)
		}
		if again := route("outreach_worker", from); string(again.body) != string(day.body) {
			t.Error("another route for the same day")
		}
		if mid := route("outreach_worker", "datum=gcj02"); len(mid.items("/stops")) != 3 || mid.text("/start/datum") != "gcj02" {
			t.Errorf("from the middle: %s", mid.body)
		}
		stop := h.must(t, 201, call{method: "POST", url: "/v1/stops", as: "outreach_worker", body: object{"household": far, "channel": "phone"}}).text("/id")
		h.must(t, 200, call{method: "POST", url: "/v1/stops/" + stop + "/complete", as: "outreach_worker", body: object{"result": "met", "promises": []object{{"text": "送药", "dueOn": "2026-11-30"}}}})
		if left := route("grid_lead", from); len(left.items("/stops")) != 2 {
			t.Errorf("left: %s", left.body)
		}
		next := route("outreach_worker", from+"&date=2026-11-30")
		if len(next.items("/stops")) != 3 || next.text("/stops/0/last/result") != "met" || next.text("/stops/0/last/channel") != "phone" || next.text("/stops/0/promises/0/text") != "送药" {
			t.Errorf("a week later: %s", next.body)
		}
		if none := route("other outreach_worker", ""); len(none.items("/stops")) != 0 {
			t.Errorf("another street's: %s", none.body)
		}
		h.play(t, []scenario{
			{name: "not a day", call: call{method: "GET", url: "/v1/me/route?date=tomorrow", as: "grid_lead"}, status: 400, pointers: []string{"?date"}},
			{name: "yesterday", call: call{method: "GET", url: "/v1/me/route?date=2026-11-22", as: "grid_lead"}, status: 400, pointers: []string{"?date"}},
			{name: "far ahead", call: call{method: "GET", url: "/v1/me/route?date=2027-11-22", as: "grid_lead"}, status: 400, pointers: []string{"?date"}},
			{name: "half a position", call: call{method: "GET", url: "/v1/me/route?lon=120.6", as: "grid_lead"}, status: 400, pointers: []string{"?lat"}},
			{name: "nowhere", call: call{method: "GET", url: "/v1/me/route?lon=120.6&lat=NaN", as: "grid_lead"}, status: 400, pointers: []string{"?lon"}},
		})
	})
}

// A calendar by a secret address, as vdirsyncer and khal read it.
func TestCalendarFeed(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		h.home(t, niujia, 1, "301", "empty_nest_elder")
		h.home(t, niujia, 3, "302", "empty_nest_elder") // where another lead is posted
		h.active(t, "street_manager", elderPlan(pingjiang, nil))
		address := h.listen(t)
		secret := func() string {
			made := h.must(t, 201, call{method: "POST", url: "/v1/me/calendar", as: "outreach_worker"})
			return strings.TrimPrefix(made.text("/url"), publicURL)
		}
		old := secret()
		path := secret()
		if a := h.must(t, 200, call{method: "GET", url: "/v1/me/calendar", as: "outreach_worker"}); a.at("/url") != nil {
			t.Errorf("told again: %s", a.body)
		}
		h.must(t, 404, call{method: "GET", url: old})
		read := func() string { t.Helper(); return string(h.must(t, 200, call{method: "GET", url: path}).body) }
		first := h.must(t, 200, call{method: "GET", url: path})
		if body := string(first.body); strings.Count(body, "BEGIN:VEVENT") != 2 || !strings.Contains(body, "SUMMARY:走访 大儒巷8幢301室") || strings.Contains(body, "秀") || strings.Contains(body, "1111") || strings.Contains(body, "关爱") {
			t.Errorf("the calendar:\n%s", body)
		}
		for _, match := range []string{"%s", "W/%s", `"another", %s`, "*"} {
			match = strings.ReplaceAll(match, "%s", first.header.Get("ETag"))
			h.must(t, 304, call{method: "GET", url: path, header: map[string]string{"If-None-Match": match}})
		}
		h.must(t, 200, call{method: "GET", url: path, header: map[string]string{"If-None-Match": `"another"`}})
		if read() != string(first.body) {
			t.Error("another calendar, though nothing happened")
		}
		sync, list := calendarClients(t, address+path)
		fetched := sync(true)
		if again := sync(true); len(fetched) != 2 || !maps.Equal(fetched, again) {
			t.Errorf("fetched %v, then %v", fetched, again)
		}
		if seen := list(); strings.Count(seen, "走访 大儒巷8幢301室") == 0 {
			t.Errorf("khal shows %q", seen)
		}
		// Who covers has the visits of who is away, and gives them back.
		lead, reviewer := h.people["grid_lead"].id, h.people["reviewer"].id
		posts := []area.Post{{Account: reviewer, Role: access.GridLead}}
		cover := area.Cover{Account: lead, For: reviewer, From: h.clock.read().Add(time.Hour), Until: h.clock.read().Add(3 * time.Hour)}
		must(h.Accounts.SetStaff(t.Context(), program, h.clock.read(), cellCode(niujia, 3), posts, []area.Cover{cover}, 0))(t)
		leads := strings.TrimPrefix(h.must(t, 201, call{method: "POST", url: "/v1/me/calendar", as: "grid_lead"}).text("/url"), publicURL)
		for i, want := range []int{2, 4, 2} {
			if body := h.must(t, 200, call{method: "GET", url: leads}).body; strings.Count(string(body), "BEGIN:VEVENT") != want {
				t.Errorf("at %d the lead has\n%s", i, body)
			}
			h.clock.move(2 * time.Hour)
		}
		h.must(t, 204, call{method: "DELETE", url: "/v1/me/calendar", as: "outreach_worker"})
		h.must(t, 404, call{method: "GET", url: path})
		sync(false)
		h.must(t, 404, call{method: "GET", url: "/v1/me/calendar", as: "outreach_worker"})
		for name, bad := range map[string]string{"too short": "/calendars/x.ics", "long": "/calendars/" + strings.Repeat("a", 4000) + ".ics", "another": "/calendars/" + strings.Repeat("a", 43) + ".ics"} {
			if a := h.do(t, call{method: "GET", url: bad}); a.status != 404 {
				t.Errorf("%s: %d", name, a.status)
			}
		}
		if strings.Contains(h.logs.String(), strings.TrimSuffix(strings.TrimPrefix(path, "/calendars/"), ".ics")) {
			t.Error("the log knows the secret")
		}
	})
}

// calendarClients prepares vdirsyncer to fetch a calendar, which works or has
// to fail, and tells when each file was written; and khal to show them.
func calendarClients(t *testing.T, url string) (sync func(works bool) map[string]time.Time, list func() string) {
	t.Helper()
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	fetched := filepath.Join(dir, "fetched")
	syncing := file("vdirsyncer", fmt.Sprintf("[general]\nstatus_path = %q\n[pair visits]\na = \"remote\"\nb = \"local\"\ncollections = null\nconflict_resolution = \"a wins\"\n"+
		"[storage remote]\ntype = \"http\"\nurl = %q\n[storage local]\ntype = \"filesystem\"\npath = %q\nfileext = \".ics\"\n", filepath.Join(dir, "status"), url, fetched))
	showing := file("khal", fmt.Sprintf("[calendars]\n[[visits]]\npath = %s\n[sqlite]\npath = %s\n[locale]\ndateformat = %%Y-%%m-%%d\nlongdateformat = %%Y-%%m-%%d\ndatetimeformat = %%Y-%%m-%%d %%H:%%M\nlongdatetimeformat = %%Y-%%m-%%d %%H:%%M\ntimeformat = %%H:%%M\n",
		fetched, filepath.Join(dir, "khal.db")))
	if err := os.MkdirAll(fetched, 0o700); err != nil {
		t.Fatal(err)
	}
	mapClient(t, "vdirsyncer", "-c", syncing, "discover")
	sync = func(works bool) map[string]time.Time {
		t.Helper()
		if works {
			mapClient(t, "vdirsyncer", "-c", syncing, "sync")
		} else {
			cmd := exec.CommandContext(t.Context(), "vdirsyncer", "-c", syncing, "sync")
			cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "LANG=C.UTF-8", "no_proxy=127.0.0.1", "NO_PROXY=127.0.0.1")
			if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "Not Found") {
				t.Errorf("vdirsyncer: %v, %s", err, out)
			}
		}
		written := map[string]time.Time{}
		for _, f := range must(os.ReadDir(fetched))(t) {
			written[f.Name()] = must(f.Info())(t).ModTime()
		}
		return written
	}
	list = func() string {
		t.Helper()
		return mapClient(t, "khal", "-c", showing, "list", "2026-11-23", "30d")
	}
	return sync, list
}
