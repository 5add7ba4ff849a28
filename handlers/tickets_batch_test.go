package handlers

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wangge/domain/ids"
	"wangge/domain/ticket"
	"wangge/store/enginetest"
)

// batch sends steps as one request.
func batch(who, key string, body object) call {
	return call{method: "POST", url: "/v1/tickets/transitions", as: who, body: body, header: map[string]string{"Idempotency-Key": key}}
}

func step(id string, move object) object { return object{"ticket": id, "transition": move} }

// Each step of a batch is answered apart, in the order given, as it would be
// alone; and the answer is the same however often it is sent.
func TestEachOfABatchIsAnsweredApart(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		at := inside(niujia, 1)
		first, second, third := h.report(t, "resident", at, "noise").ID, h.report(t, "resident", at, "noise").ID, h.report(t, "resident", at, "noise").ID
		foreign := h.report(t, "resident", inside(jinshi, 1), "noise").ID
		org := organisationOf(h, pingjiang)
		named := ids.New()
		c := batch("grid_lead", "mixed", object{"items": []object{
			step(first, object{"action": "accept"}),
			step(foreign, object{"action": "accept"}),
			step(first, object{"action": "dispatch", "assignee": org}),
			step(second, object{"action": "dispatch", "assignee": org}),
			step(second, object{"action": "reject"}),
			{"ticket": second, "version": 7, "transition": object{"action": "accept"}},
			step(second, object{"id": named, "action": "accept"}),
			step(third, object{"action": "merge", "into": first}),
			step(ids.New(), object{"action": "accept"}),
			step("nonsense", object{"action": "accept"}),
		}})
		a := h.must(t, 200, c)
		got := ""
		for i := range a.items("/items") {
			at := fmt.Sprintf("/items/%d", i)
			if a.at(at+"/now") != nil {
				got += fmt.Sprintf("%v %v, ", a.at(at+"/status"), a.text(at+"/now/state"))
			} else {
				got += fmt.Sprintf("%v %v, ", a.at(at+"/status"), a.text(at+"/problem/code"))
			}
		}
		want := "200 dispatched, 404 not_found, 200 dispatched, 409 wrong_state, 422 invalid, 412 version_mismatch, 200 accepted, 200 merged, 404 not_found, 404 not_found, "
		if got != want {
			t.Errorf("the batch came to\n%s, want\n%s", got, want)
		}
		if !strings.Contains(fmt.Sprint(a.at("/items/3/problem/allowed")), "accept") || a.text("/items/4/problem/errors/0/pointer") != "/reason" || a.text("/items/6/id") != named {
			t.Errorf("what items say: %s", a.body)
		}
		unknown, hidden := a.at("/items/8/problem"), a.at("/items/1/problem")
		if fmt.Sprint(unknown) != fmt.Sprint(hidden) {
			t.Errorf("what is hidden is told from what is not: %v, %v", unknown, hidden)
		}
		done := h.entries()
		if again := h.must(t, 200, c); string(again.body) != string(a.body) || again.header.Get("Idempotent-Replayed") != "true" || h.entries() != done {
			t.Errorf("sent again: %s, first %s", again.body, a.body)
		}
		h.must(t, 422, batch("grid_lead", "mixed", object{"tickets": []string{first}, "transition": object{"action": "accept"}}))
	})
}

// Too many, none, and both forms at once are refused whole.
func TestBatchesThatAreRefused(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		id, accept := h.report(t, "resident", inside(niujia, 1), "noise").ID, object{"action": "accept"}
		var many, ofOne []object
		for range ticket.ItemsMost + 1 {
			many = append(many, step(ids.New(), accept))
		}
		for range 21 {
			ofOne = append(ofOne, step(id, accept))
		}
		for at, body := range map[string]object{
			"/items":                 {"items": many},
			"/items ":                {"items": []object{}},
			"/items  ":               {"items": ofOne},
			"/tickets":               {"tickets": []string{}, "transition": accept},
			"/items/1/transition/id": {"items": []object{step(id, accept), step(id, object{"id": "x", "action": "accept"})}},
			"/items/0":               {"items": []object{step(id, accept)}, "tickets": []string{id}, "transition": accept},
		} {
			if a := h.must(t, 422, batch("grid_lead", ids.New(), body)); !strings.HasPrefix(at, a.text("/errors/0/pointer")) {
				t.Errorf("%s: %s", at, a.body)
			}
		}
		if a := h.see(t, id, "grid_lead"); a.text("/state") != "reported" {
			t.Errorf("a batch that was refused did something: %s", a.body)
		}
	})
}

// A batch whose node dies in the middle and that is sent again does each once.
func TestABatchGoesOnAfterACrash(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, p enginetest.Place) {
		m := &mortal{Engine: p.Open(t)}
		h := newHarness(t, m)
		var all []string
		for range 80 {
			all = append(all, h.report(t, "grid_lead", inside(niujia, 1), "noise").ID)
		}
		before := h.entries()
		c := batch("grid_lead", "crash", object{"tickets": all, "transition": object{"action": "correct", "category": "parking"}})
		m.armed.Store(true)
		if first := h.do(t, c); first.status != 503 || first.header.Get("Retry-After") == "" {
			t.Fatalf("the node lived: %d %s", first.status, first.body)
		}
		m.revive(t, h)
		if done := h.entries() - before; done == 0 || done == 80 {
			t.Fatalf("%d were done before it died", done)
		}
		h.clock.move(time.Minute)
		for range 2 {
			a := h.must(t, 200, c)
			for i := range a.items("/items") {
				if a.at(fmt.Sprintf("/items/%d/status", i)) != 200.0 {
					t.Fatalf("%d: %s", i, a.body)
				}
			}
		}
		if done := h.entries() - before; done != 80 {
			t.Errorf("%d entries of 80 steps", done)
		}
	})
}
