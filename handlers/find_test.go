package handlers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// One text finds things of every kind, as far as the caller's lists have them.
func TestFind(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.scatter(t)
		number := h.get(t, "/v1/tickets?area="+niujia, "street_manager").text("/items/0/number")
		find := func(as, q string) (out []string) {
			a := h.get(t, "/v1/find?q="+q, as)
			for _, item := range a.items("/items") {
				f := &answer{tree: item}
				if path, ok := f.at("/path").(string); ok {
					h.must(t, 200, call{method: "GET", url: path, as: as})
				}
				out = append(out, f.text("/kind")+" "+f.text("/id"))
			}
			for _, kind := range a.items("/more") {
				out = append(out, "more "+kind.(string))
			}
			return out
		}
		cells := []string{"cell " + cellCode(niujia, 1), "cell " + cellCode(niujia, 2), "cell " + cellCode(niujia, 3), "cell " + cellCode(niujia, 4)}
		for _, who := range []string{"street_manager", "outreach_worker", "handler", "other street_manager", "admin"} {
			if got := find(who, niujia+"00"); !slices.Equal(got[:4], cells) {
				t.Errorf("%s: %v", who, got)
			}
			if got := find(who, cellCode(niujia, 2)); got[0] != cells[1] {
				t.Errorf("%s: %v", who, got)
			}
			if got := find(who, niujia); !slices.Contains(got, "area "+niujia) {
				t.Errorf("%s: %v", who, got)
			}
			// What the list has: by its number whole or its beginning, or by words.
			for _, q := range []string{number, number[:len(number)-1], "大儒巷", "楼上漏水"} {
				want, more := []string{}, false
				if list := h.get(t, "/v1/tickets?limit=6&q="+q, who).items("/items"); len(list) > 0 {
					for _, item := range list[:min(5, len(list))] {
						want = append(want, "ticket "+item.(object)["id"].(string))
					}
					more = len(list) > 5
				}
				all := find(who, q)
				got := slices.DeleteFunc(slices.Clone(all), func(s string) bool { return !strings.HasPrefix(s, "ticket ") })
				if !slices.Equal(got, want) || slices.Contains(all, "more ticket") != more {
					t.Errorf("%s finds %v by %s, want %v", who, all, q, want)
				}
			}
		}
		person := h.people["outreach_worker"]
		username := h.get(t, "/v1/accounts/"+person.id, "street_manager").text("/username")
		for who, want := range map[string]bool{"street_manager": true, "outreach_worker": false, "handler": false, "other street_manager": false} {
			if got := find(who, username); slices.Contains(got, "person "+person.id) != want {
				t.Errorf("%s finds %v by %s", who, got, username)
			}
		}
		h.play(t, []scenario{
			{name: "one character", call: call{method: "GET", url: "/v1/find?q=王", as: "street_manager"}, status: 422, code: "too_short"},
			{name: "nothing", call: call{method: "GET", url: "/v1/find", as: "street_manager"}, status: 400, pointers: []string{"?q"}},
			{name: "signs", call: call{method: "GET", url: "/v1/find?q=%2F%2F", as: "street_manager"}, status: 400, pointers: []string{"?q"}},
			{name: "too long", call: call{method: "GET", url: "/v1/find?q=" + strings.Repeat("长", 61), as: "street_manager"}, status: 400, pointers: []string{"?q"}},
			{name: "a resident", call: call{method: "GET", url: "/v1/find?q=大儒巷", as: "resident"}, status: 403, code: "forbidden"},
		})
	})
}

// Addresses and cases are found as their own lists have them, and in the datum asked for.
func TestFindAddressesAndCases(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		h.planVisits(t) // households at 大儒巷8
		a := h.get(t, "/v1/find?q=大儒巷8幢1室&datum=gcj02", "street_manager")
		i := slices.IndexFunc(a.items("/items"), func(item any) bool { return item.(object)["kind"] == "address" })
		if i < 0 {
			t.Fatalf("%s", a.body)
		}
		f := &answer{tree: a.items("/items")[i]}
		listed := h.get(t, "/v1/addresses?q=大儒巷8幢1室&datum=gcj02", "street_manager")
		if f.text("/id") != listed.text("/items/0/id") || f.at("/position/lon") != listed.at("/items/0/position/lon") || f.text("/path") != "/v1/households/"+listed.text("/items/0/household") {
			t.Errorf("%s, listed %s", a.body, listed.body)
		}
		if a := h.get(t, "/v1/find?q=大儒巷8幢1室", "handler"); strings.Contains(string(a.body), `"address"`) {
			t.Errorf("to who may not read the household: %s", a.body)
		}
		for _, as := range []string{"street_manager", "handler"} {
			box := h.get(t, "/v1/find?q="+cellCode(niujia, 1)+"&datum=gcj02", as)
			cell := h.get(t, "/v1/cells/"+cellCode(niujia, 1)+"?datum=gcj02", as)
			for i := range 4 {
				at := fmt.Sprintf("/bbox/%d", i)
				if d := box.at("/items/0"+at).(float64) - cell.at(at).(float64); d > 1e-6 || d < -1e-6 {
					t.Errorf("bbox %v, the cell's %v", box.at("/items/0/bbox"), cell.at("/bbox"))
				}
			}
		}
	})
}
