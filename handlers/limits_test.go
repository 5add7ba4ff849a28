package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/ids"
	"wangge/domain/ticket"
	"wangge/handlers/web"
)

// told is what an answer's headers tell of limits, and when to come again.
func (a *answer) told() string {
	return strings.TrimSpace(a.header.Get("RateLimit-Policy") + " | " + a.header.Get("RateLimit") + " " + a.header.Get("Retry-After"))
}

func parked(id string) object { return draft(inside(niujia, 1), object{"id": id}) }

// A report sent again is answered, and not counted again; reports above the limit are refused, until an hour has passed.
func TestReportsAreLimited(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		h.Tickets.PerHour = ticket.PerHour{Resident: 2, Network: 3, Staff: 4}
		send := func(who, id, from string, header ...string) *answer {
			t.Helper()
			c := call{method: "POST", url: "/v1/tickets", as: who, body: parked(id), header: map[string]string{"X-Forwarded-For": from}}
			if len(header) > 0 {
				c.header["Idempotency-Key"] = header[0]
				delete(c.body.(object), "id")
			}
			return h.do(t, c)
		}
		h.with(t, func(d *Deps) { d.TrustedProxies = []string{"0.0.0.0"} })
		first := ids.New()
		const policy = `"reports";q=2;w=3600, "reports-network";q=3;w=3600 | `
		for i, step := range []struct {
			who, id, key, from string
			status             int
			told               string
		}{
			{"resident", first, "", "192.0.2.1", 201, policy + `"reports";r=1;t=3600, "reports-network";r=2;t=3600`},
			{"resident", first, "", "192.0.2.1", 201, "|"},
			{"resident", "", "key", "192.0.2.1", 201, policy + `"reports";r=0;t=3600, "reports-network";r=1;t=3600`},
			{"resident", "", "key", "192.0.2.1", 201, "|"},
			{"resident", ids.New(), "", "192.0.2.1", 429, policy + `"reports";r=0;t=3600, "reports-network";r=1;t=3600 3600`},
			{"resident", ids.New(), "", "198.51.100.1", 429, policy + `"reports";r=0;t=3600, "reports-network";r=3;t=0 3600`},
			{"resident", first, "", "192.0.2.1", 201, "|"},
			{"neighbour", ids.New(), "", "192.0.2.1", 201, policy + `"reports";r=1;t=3600, "reports-network";r=0;t=3600`},
			{"neighbour", ids.New(), "", "192.0.2.1", 429, policy + `"reports";r=1;t=3600, "reports-network";r=0;t=3600 3600`},
			{"neighbour", ids.New(), "", "2001:db8::1", 201, policy + `"reports";r=0;t=3600, "reports-network";r=2;t=3600`},
			{"outreach_worker", ids.New(), "", "192.0.2.1", 201, `"reports-staff";q=4;w=3600 | "reports-staff";r=3;t=3600`},
		} {
			var a *answer
			if step.key != "" {
				a = send(step.who, "", step.from, step.key)
			} else {
				a = send(step.who, step.id, step.from)
			}
			if a.status != step.status || a.told() != strings.TrimSpace(step.told) {
				t.Errorf("%d: %d %s, want %d %s", i, a.status, a.told(), step.status, step.told)
			}
		}
		h.clock.move(time.Hour)
		if a := send("resident", ids.New(), "192.0.2.1"); a.status != 201 {
			t.Errorf("an hour later: %d %s", a.status, a.body)
		}
	})
}

func TestReportsAtOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.Tickets.PerHour = ticket.PerHour{Resident: 3, Network: 100, Staff: 100}
		h.token(t, "resident")
		var wg sync.WaitGroup
		var mu sync.Mutex
		count := map[int]int{}
		for range 12 {
			wg.Go(func() {
				a := h.do(t, call{method: "POST", url: "/v1/tickets", as: "resident", body: parked(ids.New())})
				mu.Lock()
				defer mu.Unlock()
				count[a.status]++
			})
		}
		wg.Wait()
		if count[201] != 3 || count[429] != 9 {
			t.Errorf("%v", count)
		}
	})
}

// Whatever a resident may write has a bound: every route that takes more than a look.
func TestWhateverResidentsWriteIsBounded(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		h.with(t, func(d *Deps) { d.WritesPerHour = 3 })
		mine := h.do(t, call{method: "POST", url: "/v1/tickets", as: "resident", body: parked(ids.New())}).at("/id").(string)
		comment := call{method: "POST", url: "/v1/tickets/" + mine + "/comments", as: "resident", body: object{"text": "请尽快处理"}, header: map[string]string{"Idempotency-Key": "a"}}
		for i, want := range []string{
			`"writes";q=3;w=3600 | "writes";r=2;t=3600`, "|", // the second is the first again
		} {
			if a := h.do(t, comment); a.status != 201 || a.told() != want {
				t.Errorf("comment %d: %d %s", i, a.status, a.told())
			}
		}
		for i := range 2 {
			comment.header["Idempotency-Key"] = fmt.Sprint(i)
			h.do(t, comment)
		}
		tried := 0
		for _, rt := range h.routes() {
			if rt.Method == http.MethodGet || rt.Counts || !slices.Contains(rt.Gate.Roles, access.Resident) {
				continue
			}
			c := call{method: rt.Method, url: strings.ReplaceAll(rt.Path, ":id", mine), as: "resident", body: object{}, header: map[string]string{"If-Match": "*"}}
			if len(rt.Takes) == 0 {
				c.body = nil
			} else if rt.Takes[0] == web.Multipart {
				c.body, c.header["Content-Type"] = "--x--", "multipart/form-data; boundary=x"
			}
			if a := h.do(t, c); a.status != 429 || a.header.Get("Retry-After") == "" {
				t.Errorf("%s %s: %d %s", rt.Method, rt.Path, a.status, a.body)
			}
			tried++
		}
		if tried < 5 {
			t.Errorf("only %d routes tried", tried)
		}
		if a := h.do(t, call{method: "POST", url: "/v1/tickets/" + mine + "/comments", as: "outreach_worker", body: object{"text": "已联系"}}); a.status != 201 || a.told() != "|" {
			t.Errorf("staff: %d %s", a.status, a.told())
		}
		if a := h.do(t, call{method: "GET", url: "/v1/tickets/" + mine, as: "resident"}); a.status != 200 {
			t.Errorf("reading: %d", a.status)
		}
	})
}

// A wrong password is told what is left to its network; of the name it learns only when to come again.
func TestSignInTellsItsLimit(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		for i, want := range []string{
			`"sign-in";q=50;w=3600 | "sign-in";r=49;t=3600`, `"sign-in";q=50;w=3600 | "sign-in";r=48;t=3600`, `"sign-in";q=50;w=3600 | "sign-in";r=47;t=3600`,
			`"sign-in";q=50;w=3600 | "sign-in";r=46;t=3600`, `"sign-in";q=50;w=3600 | "sign-in";r=45;t=3600`, `"sign-in";q=50;w=3600 | "sign-in";r=45;t=3600 1`,
		} {
			a := h.do(t, call{method: "POST", url: "/v1/sessions", body: object{"username": "nobody", "password": "wrong horse"}})
			if a.told() != want || (a.status == 429) != (i == 5) {
				t.Errorf("%d: %d %s", i, a.status, a.told())
			}
		}
	})
}

// Searching by a phone or an ID number tells as much as a reveal: the same
// right, one budget for both and for tickets' reveals, and a line on the journal without the number.
func TestExactSearchesAreReveals(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		home := h.must(t, 201, call{method: "POST", url: "/v1/households", as: "outreach_worker", body: homeAt(niujia, 1, "101")})
		mine := h.must(t, 201, call{method: "POST", url: "/v1/tickets", as: "resident", body: parked(ids.New())})
		search := func(who string, body object) call {
			return call{method: "POST", url: "/v1/households/search", as: who, body: body}
		}
		phone, number := object{"phone": "13900001111"}, object{"idNumber": "320502194912310021"}
		h.must(t, 200, search("dispatcher", object{"q": "大儒巷"}))
		h.must(t, 403, search("dispatcher", phone))
		h.must(t, 403, search("dispatcher", number))
		h.Households.Reveals.PerHour, h.Households.Reveals.NamesPerHour = 4, 2
		looks := []call{
			{method: "POST", url: "/v1/households/" + home.text("/id") + "/reveal", as: "grid_lead", body: object{"person": home.text("/members/0/id"), "fields": []string{"phone"}, "reason": "回访"}},
			{method: "POST", url: "/v1/tickets/" + mine.text("/id") + "/reveal", as: "grid_lead", body: object{"fields": []string{"phone"}, "reason": "回访"}},
			search("grid_lead", phone), search("grid_lead", number),
		}
		for i, look := range looks {
			if a := h.must(t, 200, look); a.told() != fmt.Sprintf(`"reveals";q=4;w=3600 | "reveals";r=%d;t=3600`, 3-i) {
				t.Errorf("%d: %s", i, a.told())
			}
		}
		for _, look := range looks {
			h.must(t, 429, look)
		}
		find := call{method: "POST", url: "/v1/households/find", as: "counter_worker", body: object{"phone": "13900001111", "purpose": "窗口办件"}}
		for i := range 4 {
			if a := h.must(t, 200, find); a.told() != fmt.Sprintf(`"reveals";q=4;w=3600 | "reveals";r=%d;t=3600`, 3-i) || a.text("/household/id") != home.text("/id") {
				t.Errorf("found: %s, %s", a.told(), a.body)
			}
		}
		h.must(t, 429, find)
		h.must(t, 200, search("community_manager", phone))
		h.must(t, 200, search("grid_lead", object{"q": "王秀"}))
		if a := h.must(t, 200, call{method: "GET", url: "/v1/households?q=" + url.QueryEscape("王秀"), as: "grid_lead"}); a.told() != `"name-searches";q=2;w=3600 | "name-searches";r=0;t=3600` {
			t.Errorf("a search by address: %s", a.told())
		}
		h.must(t, 429, search("grid_lead", object{"q": "王秀"}))
		h.must(t, 429, call{method: "GET", url: "/v1/households?q=" + url.QueryEscape("王秀"), as: "grid_lead"})
		h.must(t, 200, call{method: "GET", url: "/v1/households", as: "grid_lead"})

		var kinds []string
		for _, e := range must(h.Store.Journal(t.Context(), area.CityPartition, 0, 1000))(t) {
			if e.Action == "household.search" && e.Actor == h.people["grid_lead"].id {
				kinds = append(kinds, e.Dims["fields"])
			}
			if line := fmt.Sprintf("%+v", *e); strings.Contains(line, "13900001111") || strings.Contains(line, "320502194912310021") {
				t.Errorf("on the journal: %s", line)
			}
		}
		if !slices.Equal(kinds, []string{"phone", "idNumber"}) {
			t.Errorf("searches on the journal: %v", kinds)
		}
	})
}
