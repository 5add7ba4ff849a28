package handlers

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"wangge/domain/ids"
	"wangge/domain/visit"
	"wangge/domain/webhook"
	"wangge/notifications/webhooks"
)

// Each event that a receiver can ask for is made by what people do, and what is
// sent of it fits the contract.
func TestEachEventIsMadeAndSent(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.clock.move(time.Minute) // it hears of what happens from now on
		receiver := h.newReceiver(t, object{"events": []string{"case.*", "ticket.*"}}).text("/id")
		do := func(status int, method, url, as string, body any) *answer {
			t.Helper()
			h.clock.move(time.Second)
			return h.must(t, status, call{method: method, url: url, as: as, body: body})
		}
		of := map[string]int{} // home calls and rectifications: messages that their steps make
		h.homeCalls(t, do)
		of["case.home_call"] = 5 // booked, moved, cancelled; booked, done

		h.prepareCases(t)
		h.clock.move(time.Second)
		platforms := "/v1/intake-cases/" + h.walked["{case}"]
		h.must(t, 200, upserted("W-1", told("办理中", h.clock.read(), object{"missing": []string{"户口簿"}})))
		do(200, "POST", platforms+"/materials", "counter_worker", object{"name": "户口簿"})
		at := "/v1/intake-cases/" + do(201, "POST", "/v1/intake-cases", "counter_worker", caseDraft).text("/id")
		do(200, "POST", at+"/transitions", "counter_worker", object{"action": "accept"})
		do(200, "POST", at+"/transitions", "counter_worker", object{"action": "ask_material", "missing": []string{"户口簿"}})

		one, two := h.report(t, "resident", inside(niujia, 1), "noise").ID, h.report(t, "outreach_worker", inside(niujia, 1), "noise").ID
		tied := do(201, "POST", "/v1/tickets/"+one+"/links", "admin", tie("follow_up", "intake-case", h.walked["{case}"])).text("/id")
		h.move(t, 200, one, "grid_lead", object{"action": "correct", "category": "pipe_dispute"})
		h.move(t, 200, one, "grid_lead", object{"action": "merge", "into": two, "reason": "同一件事"})
		h.move(t, 200, one, "grid_lead", object{"action": "unmerge", "reason": "不是一件事"})
		h.move(t, 200, one, "grid_lead", object{"action": "merge", "into": two, "reason": "同一件事"})
		h.move(t, 200, two, "grid_lead", object{"action": "accept"})
		do(204, "DELETE", "/v1/tickets/"+one+"/links/"+tied+"?reason=x", "admin", nil)

		do(201, "POST", "/v1/tickets/"+h.closedTicket(t)+"/rating", "resident", object{"grade": 1})
		bad := "/v1/rectifications/" + h.rectification(t) + "/transitions"
		do(200, "POST", bad, "community_manager", object{"action": "state_result", "text": "已上门说明"})
		do(200, "POST", bad, "street_manager", object{"action": "call_back", "reached": true, "grade": 4})
		of["case.rectified"] = 3 // opened, put right, closed
		do(201, "POST", "/v1/webhooks/"+receiver+"/ping", "admin", object{})

		told := h.sent(t, receiver)
		for _, event := range webhook.EventWords.Words {
			if want := max(of[event.Code], 1); told[event.Code] < want {
				t.Errorf("%d messages of %s, at least %d were made: %v", told[event.Code], event.Code, want, told)
			}
		}
		if told["of what leads"] == 0 {
			t.Error("nothing was sent of the ticket that leads another")
		}
	})
}

// homeCalls books two home calls, of which one is moved and cancelled and the other done.
func (h *harness) homeCalls(t *testing.T, do func(int, string, string, string, any) *answer) {
	t.Helper()
	given := "/v1/me/requests/" + h.booked(t, "resident", asked("301", nil)).text("/id") + "/transitions"
	do(200, "POST", given, "resident", object{"action": "move", "date": "2026-11-26", "slot": "morning"})
	do(200, "POST", given, "resident", object{"action": "cancel"})
	v := "/v1/visits/" + visit.RequestID(h.booked(t, "resident", asked("302", nil)).text("/id"))
	h.clock.move(49 * time.Hour) // Wednesday, ten o'clock
	stop := "/v1/stops/" + do(201, "POST", v+"/check-in", "outreach_worker", door(niujia, 1, 5)).text("/id")
	h.clock.move(10 * time.Minute)
	do(200, "POST", stop+"/complete", "outreach_worker", object{"result": "met", "materials": []object{{"visit": strings.TrimPrefix(v, "/v1/visits/"), "name": "居民身份证", "photos": []string{h.photo(t, "outreach_worker")}}}})
}

// sent puts in line what happened and counts by event what a receiver is sent,
// each message held to the contract.
func (h *harness) sent(t *testing.T, receiver string) map[string]int {
	t.Helper()
	lease := must(h.Store.Acquire(t.Context(), "webhooks", ids.New(), time.Minute))(t)
	must(0, h.Deliveries.Consumer(h.clock.read).CatchUp(t.Context(), h.Store, lease))(t)
	told := map[string]int{}
	for cursor := ""; ; {
		found, next, err := h.Deliveries.List(t.Context(), h.actor(t, "admin"), receiver, webhook.Filter{Limit: 200, After: cursor})
		for _, d := range must(found, err)(t) {
			body := must(webhooks.Render(*must(h.Deliveries.Message(t.Context(), d, h.clock.read()))(t)))(t)
			var value any
			must(0, json.Unmarshal(body, &value))(t)
			report(t, fmt.Sprintf("%s %s: %s", d.Event, d.Step.Action, body), contractOf().Value(contractOf().At("/components/schemas/WebhookMessage"), value))
			if told[string(d.Event)]++; d.Step.Linked != "" {
				told["of what leads"]++
			}
		}
		if cursor = next; next == "" {
			return told
		}
	}
}
