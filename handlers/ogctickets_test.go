package handlers

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain/policy"
	"wangge/domain/ticket"
)

// ogcTickets reads all pages of tickets as somebody.
func (h *harness) ogcTickets(t *testing.T, who, query string) map[string]*answer {
	t.Helper()
	out := map[string]*answer{}
	for url := "/ogc/collections/tickets/items?" + query; url != ""; {
		page := h.must(t, 200, call{method: "GET", url: url, as: who})
		for _, f := range page.items("/features") {
			id := f.(object)["id"].(string)
			if out[id] != nil {
				t.Fatalf("%s: %s again", who, id)
			}
			out[id] = &answer{tree: f}
		}
		url = strings.TrimPrefix(linkOf(page.items("/links"), "next"), publicURL)
	}
	return out
}

// Who works has the tickets of their list, machine accounts those of their
// street; who does not sign in, and residents, have the public form of some.
func TestOGCTicketsByWhoAsks(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.scatter(t)
		h.report(t, "handler", inside(jinshi, 1), "noise") // a report of the handler's own, elsewhere
		h.report(t, "resident", outside, "noise")          // in no cell
		for _, who := range []string{"handler", "other handler", "outreach_worker", "grid_lead", "counter_worker", "community_manager", "dispatcher", "street_manager", "admin", "other street_manager"} {
			list, _ := h.ticketList(t, who, "")
			got := h.ogcTickets(t, who, "limit=3")
			if !slices.Equal(slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(list))) {
				t.Errorf("%s: %d features, %d in the list", who, len(got), len(list))
			}
			for id, f := range got {
				one := h.must(t, 200, call{method: "GET", url: "/ogc/collections/tickets/items/" + id, as: who})
				h.sameAsListed(t, f, one, list[id])
			}
			boxed := h.ogcTickets(t, who, "limit=2&bbox=120.6,31.3,120.7,31.4&datetime=2026-11-01/2026-12-01")
			if !slices.Equal(slices.Sorted(maps.Keys(boxed)), slices.Sorted(maps.Keys(list))) {
				t.Errorf("%s, in a box: %d features, %d in the list", who, len(boxed), len(list))
			}
			for id, listed := range list { // the moment of a report, to the millisecond
				at := listed.text("/createdAt")
				if then := h.ogcTickets(t, who, "datetime="+at); then[id] == nil || slices.ContainsFunc(slices.Collect(maps.Values(then)), func(f *answer) bool { return f.text("/properties/createdAt") != at }) {
					t.Errorf("%s, at %s: %d, %s among them: %v", who, at, len(then), id, then[id] != nil)
				}
				break
			}
		}
		machine, manager := h.ogcTickets(t, "integration", "limit=4"), h.ogcTickets(t, "street_manager", "")
		if len(machine) == 0 || !slices.Equal(slices.Sorted(maps.Keys(machine)), slices.Sorted(maps.Keys(manager))) {
			t.Errorf("the machine account has %d, the street's manager %d", len(machine), len(manager))
		}
		h.noneOfTheirs(t, "integration", "other street_manager")
		h.noneOfTheirs(t, "grid_lead", "other street_manager")
		h.noneOfTheirs(t, "resident", "street_manager") // under the ids that staff know
		h.noneOfTheirs(t, "", "street_manager")
		h.publicIsAlike(t)
	})
}

// sameAsListed holds a feature to the ticket of the list.
func (h *harness) sameAsListed(t *testing.T, f, one, listed *answer) {
	t.Helper()
	if fmt.Sprint(f.at("/properties"), f.at("/geometry")) != fmt.Sprint(one.at("/properties"), one.at("/geometry")) {
		t.Errorf("by itself %s, in the list %v", one.body, f.tree)
	}
	for _, name := range []string{"number", "title", "category", "state", "urgency", "createdAt", "updatedAt", "dueAt", "overdue"} {
		if f.at("/properties/"+name) != listed.at("/"+name) {
			t.Errorf("%s is %v, in the list %v", name, f.at("/properties/"+name), listed.at("/"+name))
		}
	}
	if f.at("/properties/cell") != listed.at("/place/cell/code") || len(f.at("/properties").(object)) != 10 {
		t.Errorf("%v of %v", f.at("/properties"), listed.at("/place"))
	}
	if got, want := fmt.Sprint(f.at("/geometry/coordinates")), fmt.Sprint([]any{listed.at("/position/lon"), listed.at("/position/lat")}); got != want {
		t.Errorf("at %s, in the list %s", got, want)
	}
}

// noneOfTheirs: what another has is not there, neither on pages nor by id.
func (h *harness) noneOfTheirs(t *testing.T, who, other string) {
	t.Helper()
	mine, theirs := h.ogcTickets(t, who, ""), h.ogcTickets(t, other, "")
	if len(theirs) == 0 {
		t.Errorf("%s has none", other)
	}
	for id := range theirs {
		if mine[id] != nil {
			t.Errorf("%s has %s of %s", who, id, other)
		}
		h.must(t, 404, call{method: "GET", url: "/ogc/collections/tickets/items/" + id, as: who})
	}
}

// publicIsAlike: without sign-in, and for every resident, it is the same, and
// nothing in it is from a ticket's text, ids, people or exact times.
func (h *harness) publicIsAlike(t *testing.T) {
	t.Helper()
	nobody := h.ogcTickets(t, "", "limit=3")
	for _, who := range []string{"resident", "neighbour"} {
		if got := h.ogcTickets(t, who, "limit=3"); fmt.Sprint(slices.Sorted(maps.Keys(got))) != fmt.Sprint(slices.Sorted(maps.Keys(nobody))) {
			t.Errorf("%s has %d, nobody %d", who, len(got), len(nobody))
		}
	}
	all, _ := h.ticketList(t, "admin", "")
	want := 0
	secrets := []string{"消防通道被堵", "楼上漏水", "噪声扰民", "堵塞", "大儒巷", "钮家巷"}
	for id, listed := range all {
		category, _ := policy.Default().Category(listed.text("/category"))
		if state := ticket.State(listed.text("/state")); category.Public && slices.Contains(ticket.PublicStates, state) {
			want++
		}
		secrets = append(secrets, id, listed.text("/number"), listed.text("/createdAt"), fmt.Sprintf("[%v,", listed.at("/position/lon")))
	}
	for _, p := range h.people {
		secrets = append(secrets, p.id)
	}
	if len(nobody) != want || want == 0 {
		t.Errorf("%d in public, want %d", len(nobody), want)
	}
	for _, f := range nobody {
		properties := f.at("/properties").(object)
		if len(properties) != 3 || properties["category"] == nil || properties["state"] == nil || properties["reportedOn"] == nil {
			t.Errorf("in public: %v", properties)
		}
		if _, err := time.Parse(time.DateOnly, f.text("/properties/reportedOn")); err != nil {
			t.Error(err)
		}
	}
	h.clock.move(time.Second) // so that the page is not as old as a ticket
	body := string(h.must(t, 200, call{method: "GET", url: "/ogc/collections/tickets/items?limit=500"}).body)
	for _, secret := range secrets {
		if secret != "" && strings.Contains(body, secret) {
			t.Errorf("in public: %s", secret)
		}
	}
}
