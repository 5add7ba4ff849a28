package handlers

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"wangge/handlers/web"
)

// doorsFile is standard addresses: two doors of a building in Niujia, a road's house there, and one of its name in Canglang.
func doorsFile() string {
	row := func(code, estate, building, room string, at orb.Point) string {
		return fmt.Sprintf("%s,%s,%s,%s,%v,%v\n", code, estate, building, room, at[0], at[1])
	}
	return "code,estate,building,room,lon,lat\n" + row("301", "枫津新村", "8", "301", inside(niujia, 1)) + row("302", "枫津新村", "8", "302", inside(niujia, 1)) +
		row("12", "人民路", "12号", "", inside(niujia, 2)) + row("13", "人民路", "12号", "", inside(jinshi, 2))
}

func (h *harness) bringDoors(t *testing.T) *answer {
	t.Helper()
	return h.must(t, 200, call{method: "POST", url: "/v1/addresses/import?scheme=suzhou&datum=wgs84", as: "admin", body: doorsFile(), header: map[string]string{"Content-Type": web.CSV}})
}

func find(text, more string) string { return "/v1/addresses?q=" + url.QueryEscape(text) + more }

// An address is found with its place, in the datum asked for; a report by it lies there.
func TestReportsByAddress(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		if a := h.bringDoors(t); a.at("/addresses/added") != 4.0 {
			t.Fatalf("%s", a.body)
		}
		if a := h.bringDoors(t); a.at("/addresses/unchanged") != 4.0 {
			t.Errorf("again: %s", a.body)
		}
		a := h.get(t, find("枫津新村８幢３０１室", "&datum=gcj02"), "resident")
		if len(a.items("/items")) != 1 || a.text("/items/0/id") != "suzhou:301" || a.text("/items/0/level") != "door" || a.text("/items/0/place/cell/code") != cellCode(niujia, 1) ||
			a.text("/items/0/place/community/code") != niujia || a.text("/items/0/position/datum") != "gcj02" || a.at("/items/0/household") != nil || a.at("/more") != false {
			t.Errorf("%s", a.body)
		}
		report := func(status int, who string, body object) *answer {
			t.Helper()
			return h.must(t, status, call{method: "POST", url: "/v1/tickets", as: who, body: joined(object{"category": "noise", "title": "深夜噪声"}, body)})
		}
		sure := report(201, "resident", object{"address": "枫津新村8幢3单元301"})
		if sure.at("/position/lon") == nil || sure.text("/place/cell/code") != cellCode(niujia, 1) || sure.at("/triage") != false || sure.text("/address") != "枫津新村8幢3单元301" {
			t.Errorf("sure: %s", sure.body)
		}
		body := object{"id": "01931f0a-7c1e-7b3a-9a55-1f2e3d4c5a77", "address": "人民路12号"}
		unsure := report(201, "resident", body)
		if unsure.at("/position") != nil || unsure.at("/triage") != true {
			t.Errorf("one of two: %s", unsure.body)
		}
		street := unsure.text("/place/street/code")
		dispatcher := map[string]string{pingjiang: "dispatcher", canglang: "other dispatcher"}[street]
		if again := report(201, "resident", body); again.text("/number") != unsure.text("/number") {
			t.Errorf("sent again: %s", again.body)
		}
		if seen := h.see(t, unsure.text("/id"), dispatcher); len(seen.items("/candidates")) != 2 {
			t.Errorf("candidates: %s", seen.body)
		}
		// Placed at the house in the other street, it goes there and keeps its number.
		placed := h.must(t, 200, call{method: "POST", url: "/v1/tickets/" + unsure.text("/id") + "/transitions", as: "admin", body: object{"action": "correct", "candidate": "13"}})
		if placed.text("/place/cell/code") != cellCode(jinshi, 2) || placed.text("/number") != unsure.text("/number") || len(placed.items("/candidates")) != 0 {
			t.Errorf("placed: %s", placed.body)
		}
		home := h.home(t, niujia, 1, "501")
		if got := report(201, "grid_lead", object{"household": home}); got.text("/place/cell/code") != cellCode(niujia, 1) || !strings.Contains(got.text("/address"), "501") {
			t.Errorf("by household: %s", got.body)
		}
		for name, c := range map[string]struct {
			who     string
			body    object
			pointer string
		}{
			"nothing":                         {"resident", object{}, "/position"},
			"an address nobody knows":         {"resident", object{"address": "平泷路77号"}, "/area"},
			"the same from a city's admin":    {"admin", object{"address": "平泷路77号"}, "/area"},
			"no address":                      {"resident", object{"address": "（）"}, "/address"},
			"an area that is none":            {"resident", object{"address": "平泷路77号", "area": "320599"}, "/area"},
			"a household, to a resident":      {"resident", object{"household": home}, "/household"},
			"a household of another street":   {"other grid_lead", object{"household": home}, "/household"},
			"a household that there is not":   {"grid_lead", object{"household": "01931f0a-7c1e-7b3a-9a55-1f2e3d4c5a78"}, "/household"},
			"an address with a wrong title":   {"resident", object{"address": "枫津新村8幢301", "title": strings.Repeat("长", 101)}, "/title"},
			"an address that is nowhere sure": {"resident", object{"address": "1"}, "/area"},
		} {
			if a := report(422, c.who, c.body); len(a.pointers()) != 1 || a.pointers()[0] != c.pointer {
				t.Errorf("%s: %s", name, a.body)
			}
		}
		for who, street := range map[string]string{"street_manager": pingjiang, "other street_manager": canglang} {
			if got := report(201, who, object{"address": "平泷路77号"}); got.text("/place/street/code") != street || got.at("/position") != nil {
				t.Errorf("by %s: %s", who, got.body)
			}
		}
		h.play(t, []scenario{
			{name: "no text", call: call{method: "GET", url: "/v1/addresses?q=", as: "resident"}, status: 400, pointers: []string{"?q"}},
			{name: "signs only", call: call{method: "GET", url: find("——", ""), as: "resident"}, status: 400, pointers: []string{"?q"}},
			{name: "too long a text", call: call{method: "GET", url: find(strings.Repeat("长", 101), ""), as: "resident"}, status: 400, pointers: []string{"?q"}},
			{name: "too many", call: call{method: "GET", url: find("枫津新村", "&limit=51"), as: "resident"}, status: 400, pointers: []string{"?limit"}},
			{name: "an area that is none", call: call{method: "GET", url: find("枫津新村", "&area=320599"), as: "resident"}, status: 400, pointers: []string{"?area"}},
		})
	})
}
