package handlers

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/ids"
)

// A counter worker finds a household elsewhere in the city, reports for it by
// its id, and follows what she reported; who found nothing may not name it.
func TestFoundAtACounter(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		home := h.must(t, 201, call{method: "POST", url: "/v1/households", as: "other outreach_worker", body: homeAt(jinshi, 1, "101")})
		report := func(who string) call {
			return call{method: "POST", url: "/v1/tickets", as: who, body: object{"category": "pipe_dispute", "title": "楼上漏水", "household": home.text("/id"),
				"source": "counter", "onBehalfOf": object{"name": "王秀英", "phone": "13900001111"}}}
		}
		if a := h.do(t, report("counter_worker")); a.status != 422 || strings.Join(a.pointers(), " ") != "/household" {
			t.Errorf("before it is found: %d %s", a.status, a.body)
		}
		found := h.must(t, 200, call{method: "POST", url: "/v1/households/find", as: "counter_worker", body: object{"phone": "139 0000 1111", "purpose": "窗口办件"}})
		if found.text("/household/id") != home.text("/id") || strings.Contains(string(found.body), "13900001111") || strings.Contains(string(found.body), "tags") {
			t.Errorf("found %s", found.body)
		}
		made := h.must(t, 201, report("counter_worker"))
		if made.text("/place/street/code") != canglang || made.text("/reporter/name") == "" || len(made.items("/allowed")) != 0 {
			t.Errorf("reported %s", made.body)
		}
		if a := h.do(t, report("other counter_worker")); a.status != 422 || strings.Join(a.pointers(), " ") != "/household" {
			t.Errorf("by who found nothing: %d %s", a.status, a.body)
		}
		for _, who := range []string{"counter_worker", "other counter_worker"} {
			want := map[bool]int{true: 200, false: 404}[who == "counter_worker"]
			h.must(t, want, call{method: "GET", url: "/v1/tickets/" + made.text("/id"), as: who})
			h.must(t, 403, call{method: "GET", url: "/v1/households/" + home.text("/id"), as: who})
		}
		h.clock.move(time.Hour + time.Second)
		if a := h.do(t, report("counter_worker")); a.status != 422 {
			t.Errorf("an hour later: %d %s", a.status, a.body)
		}
	})
}

var requestIDs = regexp.MustCompile(`"requestId":"[^"]*"`)

// Two stations of one street: whatever is done at one, each answer at the other stays what it was.
func TestStationsDoNotLearnOfOneAnother(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.follow(t)
		h.prepareCases(t)
		h.add(t, h.Server, "second counter_worker", account.NewAccount{Grants: grant(access.CounterWorker, pingjiang)})
		h.counter(t, h.Server, h.Store, "second counter_worker", pingjiang, chayuan)
		community := map[string]string{"counter_worker": niujia, "second counter_worker": chayuan}

		// work is what a counter does: a case, a ticket from it for a resident somewhere, a link, a remark, a photo, and what the grid did before.
		work := func(who, lies string) (things []string) {
			open := func(item string) string {
				return h.must(t, 201, call{method: "POST", url: "/v1/intake-cases", as: who, body: object{"item": item, "community": community[who],
					"applicant": object{"name": "赵" + ids.New()[:4], "phone": "13700000001"}}}).text("/id")
			}
			one, secret := open(plainItem), open(sensitiveItem)
			photo := h.photo(t, who)
			ticket := h.must(t, 201, call{method: "POST", url: "/v1/tickets", as: who, body: draft(inside(lies, 1), object{"photos": []string{photo},
				"onBehalfOf": object{"name": "赵某", "phone": "13700000001"}})}).text("/id")
			linked := h.report(t, "resident", inside(lies, 2), "noise").ID
			things = append(things, one, secret, photo, ticket, linked)
			for _, end := range []string{ticket, linked} {
				by := who
				if end == linked { // by who leads on both sides
					by = "street_manager"
				}
				things = append(things, h.must(t, 201, call{method: "POST", url: "/v1/tickets/" + end + "/links", as: by, body: tie("follow_up", "intake-case", one)}).text("/id"))
			}
			things = append(things, h.must(t, 201, call{method: "POST", url: "/v1/tickets/" + linked + "/comments", as: who, body: object{"text": "居民来问"}}).text("/id"))
			h.must(t, 200, call{method: "POST", url: "/v1/intake-cases/" + secret + "/transitions", as: who, body: object{"action": "accept"}})
			for _, id := range []string{ticket, linked} {
				h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + id, as: who})
			}
			return things
		}
		// asks are all that a counter worker can ask without knowing an id.
		asks := func(who string) map[string]string {
			out := map[string]string{}
			for _, url := range strings.Fields(`/v1/tickets /v1/tickets?mine=true /v1/tickets?sort=-updatedAt /v1/tickets?updatedAfter=2026-01-01T00:00:00Z /v1/tickets?q=320508018-2 /v1/tickets?limit=1
				/v1/tickets?state=reported /v1/tickets?category=noise /v1/tickets?area=320508018 /v1/tickets?cell=` + cellCode(chayuan, 1) + ` /v1/tickets?cell=` + cellCode(niujia, 1) + ` /v1/tickets?bbox=120.6,31.3,120.65,31.32&datum=wgs84
				/v1/tickets/counts?by=state /v1/tickets/counts?by=assignee /v1/tickets/counts?by=cell /v1/tickets/counts?by=category&mine=true
				/v1/intake-cases /v1/intake-cases?limit=1 /v1/intake-cases?sort=-updatedAt /v1/intake-cases?state=received /v1/intake-cases?item=` + plainItem + ` /v1/intake-cases?area=` + niujia + ` /v1/intake-cases?area=` + chayuan + `
				/v1/intake-cases/counts?by=state /v1/intake-cases/counts?by=item /v1/intake-cases/day /v1/intake-cases?system=local&number=320508018-j261123-1
				/v1/me/todo /ogc/collections/tickets/items /tiles/tickets/14/13681/6690.mvt /tiles/cells/14/13681/6690.mvt /v1/stations /v1/households /v1/addresses?q=大儒巷`) {
				a := h.do(t, call{method: "GET", url: url, as: who})
				out[url] = requestIDs.ReplaceAllString(string(a.body), "") + a.header.Get("Link") + a.header.Get("ETag")
			}
			return out
		}
		for _, pair := range [][2]string{{"counter_worker", "second counter_worker"}, {"second counter_worker", "counter_worker"}} {
			us, them := pair[0], pair[1]
			ours := work(us, community[us])
			h.caughtUp(t)
			before := asks(us)
			if !strings.Contains(before["/v1/tickets"], ours[3]) || !strings.Contains(before["/tiles/tickets/14/13681/6690.mvt"], "count") {
				t.Fatalf("%s does not see what is theirs: %v", us, before)
			}
			theirs := work(them, community[us]) // for residents of our community
			h.caughtUp(t)
			after := asks(us)
			for url, was := range before {
				if after[url] != was {
					t.Errorf("%s learns by %s of %s's work:\n%s\n%s", us, url, them, was, after[url])
				}
			}
			// What is theirs answers like what there is not, by every route; it is not told from it where it is named either.
			for _, id := range theirs {
				for _, c := range []call{
					{method: "GET", url: "/v1/tickets/{id}"}, {method: "GET", url: "/v1/tickets/{id}/timeline"}, {method: "GET", url: "/v1/tickets/{id}/comments"}, {method: "GET", url: "/v1/tickets/{id}/links"},
					{method: "POST", url: "/v1/tickets/{id}/comments", body: object{"text": "在吗"}}, {method: "POST", url: "/v1/tickets/{id}/transitions", body: object{"action": "withdraw"}},
					{method: "POST", url: "/v1/tickets/{id}/reveal", body: object{"fields": []string{"phone"}, "reason": "告知结果"}}, {method: "POST", url: "/v1/tickets/{id}/links", body: tie("follow_up", "intake-case", ours[0])},
					{method: "POST", url: "/v1/tickets/" + ours[3] + "/links", body: tie("same_matter", "intake-case", "{id}")}, {method: "DELETE", url: "/v1/tickets/" + ours[3] + "/links/{id}?reason=%E6%9C%89%E8%AF%AF"},
					{method: "GET", url: "/v1/intake-cases/{id}"}, {method: "GET", url: "/v1/intake-cases/{id}/timeline"}, {method: "PATCH", url: "/v1/intake-cases/{id}", body: object{"standIn": nil}},
					{method: "POST", url: "/v1/intake-cases/{id}/transitions", body: object{"action": "accept"}}, {method: "POST", url: "/v1/intake-cases/{id}/trips", body: object{"on": "2026-11-20"}},
					{method: "POST", url: "/v1/intake-cases/{id}/materials", body: object{"name": "户口簿"}}, {method: "POST", url: "/v1/intake-cases/{id}/reveal", body: object{"fields": []string{"phone"}, "reason": "告知结果"}},
					{method: "POST", url: "/v1/intake-cases/" + ours[0] + "/materials", body: object{"name": "户口簿", "photos": []string{"{id}"}}},
					{method: "GET", url: "/v1/photos/{id}"}, {method: "GET", url: "/ogc/collections/tickets/items/{id}"}, {method: "POST", url: "/v1/me/todo/{id}/done"},
					{method: "GET", url: "/v1/stations/{id}"}, {method: "GET", url: "/v1/households/{id}"}, {method: "GET", url: "/v1/accounts/{id}"},
				} {
					answer := func(id string) (int, string) {
						c := matched(c)
						c.as, c.url = us, strings.ReplaceAll(c.url, "{id}", id)
						if c.body != nil {
							var body any
							must(0, json.Unmarshal(bytes.ReplaceAll(must(json.Marshal(c.body))(t), []byte("{id}"), []byte(id)), &body))(t)
							c.body = body
						}
						a := h.do(t, c)
						return a.status, strings.ReplaceAll(requestIDs.ReplaceAllString(string(a.body), ""), id, "{id}")
					}
					status, body := answer(id)
					unknown, none := answer(ids.New())
					if status != unknown || body != none {
						t.Errorf("%s, %s %s: %d %s, of nothing %d %s", us, c.method, c.url, status, body, unknown, none)
					}
				}
			}
		}
	})
}
