package handlers

import (
	"context"
	"testing"
	"time"

	"wangge/domain/account"
	"wangge/store/jobs"
)

// The tickets of a disabled account wait, marked, in the list of who dispatches.
func TestReturnedOverHTTP(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		ticket := h.report(t, "resident", inside(niujia, 1), "noise").ID
		h.report(t, "resident", inside(niujia, 1), "noise")
		h.move(t, 200, ticket, "grid_lead", object{"action": "accept"})
		h.move(t, 200, ticket, "grid_lead", object{"action": "dispatch", "assignee": object{"kind": "person", "id": h.people["outreach_worker"].id}})
		must(h.Accounts.Update(t.Context(), program, h.clock.read(), h.people["outreach_worker"].id, 0, account.Change{Disabled: new(true)}))(t)
		ctx, stop := context.WithCancel(t.Context())
		over := make(chan struct{})
		go func() {
			h.Tickets.RunClock(ctx, jobs.Node{Store: h.Store, Name: "node", Now: h.clock.read, Log: h.Log})
			close(over)
		}()
		for range 15_000 { // five minutes
			if h.see(t, ticket, "admin").text("/state") == "accepted" {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		stop()
		<-over
		h.play(t, []scenario{
			{name: "the dispatcher's list", call: call{method: "GET", url: "/v1/tickets?returned=true", as: "dispatcher"}, status: 200,
				fields: object{"/items/0/id": ticket, "/items/0/returned/why": "account_disabled", "/items/0/returned/from/id": h.people["outreach_worker"].id, "/items/0/assignee": nil, "/items/1": nil}},
			{name: "another's", call: call{method: "GET", url: "/v1/tickets?returned=true", as: "other dispatcher"}, status: 200, fields: object{"/items/0": nil}},
			{name: "the reporter's list", call: call{method: "GET", url: "/v1/tickets?returned=true", as: "resident"}, status: 200, fields: object{"/items/0": nil}},
			{name: "to the reporter", call: call{method: "GET", url: "/v1/tickets/" + ticket, as: "resident"}, status: 200, fields: object{"/state": "accepted", "/returned": nil}},
			{name: "its timeline", call: call{method: "GET", url: "/v1/tickets/" + ticket + "/timeline", as: "resident"}, status: 200, fields: object{"/items/3/action": "return", "/items/3/by": "system"}},
			{name: "asked for by somebody", call: call{method: "POST", url: "/v1/tickets/" + ticket + "/transitions", as: "grid_lead", body: object{"action": "return"}}, status: 422, pointers: []string{"/action"}},
		})
	})
}
