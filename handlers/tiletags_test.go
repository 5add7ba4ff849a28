package handlers

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"
	"time"

	"wangge/domain/ids"
	"wangge/domain/ticket"
)

// A tag changes when the tile shows something else, and at no other time.
func TestTileTags(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		h.follow(t)
		id := h.report(t, "resident", inside(niujia, 1), "noise").ID
		h.caughtUp(t)
		watched := []call{
			tileCall("cells", pingjiangTile, "street_manager"), tileCall("cells", canglangTile, "admin"), tileCall("cells", pingjiangTile, "resident"),
			tileCall("tickets", pingjiangTile, "street_manager"), tileCall("tickets", canglangTile, "admin"),
		}
		tags := func() (out []string) {
			for _, c := range watched {
				a := h.do(t, c)
				tag := a.header.Get("ETag")
				c.header = map[string]string{"If-None-Match": `"another", W/` + tag}
				again := h.must(t, 304, c)
				if again.header.Get("ETag") != tag || again.header.Get("Vary") == "" || len(again.body) > 0 {
					t.Errorf("304: %v", again.header)
				}
				out = append(out, tag)
			}
			return out
		}
		before := tags()
		put := func(who string) { // a stand-in of the same people: nothing a map shows
			staff := []object{{"account": h.people["grid_lead"].id, "role": "lead"}, {"account": h.people[who].id, "role": "worker"}}
			h.must(t, 200, matched(call{method: "PUT", url: "/v1/cells/" + cellCode(niujia, 1) + "/staff", as: "street_manager", body: object{"staff": staff, "covers": []object{}}}))
		}
		redraw := func(name string, edge float64) {
			h.must(t, 200, call{method: "POST", url: "/v1/cells/import", as: "street_manager", body: collection(square(cellCode(niujia, 4), name, "basic", cellCorner(niujia, 4), edge))})
		}
		for _, c := range []struct {
			what    string
			do      func()
			changes string // of the watched, by number
		}{
			{"nothing", func() {}, ""},
			{"time", func() { h.clock.move(24 * time.Hour) }, ""},
			{"a comment", func() {
				h.must(t, 201, call{method: "POST", url: "/v1/tickets/" + id + "/comments", as: "street_manager", body: object{"text": "已联系"}})
			}, ""},
			{"somebody else posted", func() { put("outreach_worker") }, ""},
			{"a step in its state", func() {
				must(h.Tickets.TakeAction(t.Context(), h.actor(t, "street_manager"), h.clock.read(), id, 0, ticket.ActionInput{ID: ids.New(), Action: ticket.Accept}))(t)
			}, "3"},
			{"time again", func() { h.clock.move(time.Hour) }, ""},
			{"its deadline", func() { h.clock.move(6 * 24 * time.Hour) }, "0 3"},
			{"time after it", func() { h.clock.move(time.Hour) }, ""},
			{"a ticket in the other street", func() { h.report(t, "other resident", inside(jinshi, 1), "noise") }, "1 4"},
			{"a ticket in this one", func() { h.report(t, "resident", inside(niujia, 3), "noise") }, "0 3"},
			{"a ticket in no cell", func() { h.report(t, "resident", outside, "noise") }, "3"},
			{"another name", func() { redraw("新四网格", cellEdge) }, "0 2"},
			{"another boundary", func() { redraw("新四网格", cellEdge*0.99) }, "0 2"},
		} {
			c.do()
			h.caughtUp(t)
			time.Sleep(100 * time.Millisecond) // so that what should not change has had the time to
			var after []string
			soon(t, fmt.Sprintf("%s changes the tags of %q, and no other", c.what, c.changes), func() bool {
				var changed []string
				after = tags()
				for i := range after {
					if after[i] != before[i] {
						changed = append(changed, fmt.Sprint(i))
					}
				}
				return strings.Join(changed, " ") == c.changes
			})
			before = after
		}
	})
}

// caughtUp waits until the figures know what the journal says.
func (h *harness) caughtUp(t *testing.T) {
	t.Helper()
	soon(t, "figures", func() bool {
		s := must(h.figures.Snapshot(t.Context()))(t)
		for street, head := range h.Store.Heads() {
			if s.Numbers[street] < head {
				return false
			}
		}
		return true
	})
}

// The compressed form is the plain one, under another tag.
func TestTilesCompressed(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		h.follow(t)
		plain := h.must(t, 200, tileCall("cells", cityTile, "admin"))
		for header, gzipped := range map[string]bool{
			"gzip": true, "deflate, GZIP;q=0.5": true, "br, *": true, "identity;q=1, *;q=0.1": true, "gzip;q=0": false, "gzip;q=0, *": false, "br": false, "*;q=0": false, "gzip;q=x": false,
		} {
			c := tileCall("cells", cityTile, "admin")
			c.header = map[string]string{"Accept-Encoding": header}
			for range 2 { // drawn, and kept
				a := h.must(t, 200, c)
				body := a.body
				if got := a.header.Get("Content-Encoding") == "gzip"; got != gzipped || (a.header.Get("ETag") == plain.header.Get("ETag")) == gzipped {
					t.Errorf("%s: compressed %v under %s", header, got, a.header.Get("ETag"))
				} else if got {
					body = must(io.ReadAll(must(gzip.NewReader(bytes.NewReader(body)))(t)))(t)
				}
				if !bytes.Equal(body, plain.body) || a.header.Get("Vary") != "Accept-Encoding" {
					t.Errorf("%s: another tile", header)
				}
			}
		}
	})
}

// The map of tickets has what the list has, whoever looks, and at every zoom each ticket once.
func TestTicketsOnTheMapAreThoseOfTheList(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.scatter(t)
		at := inside(niujia, 1)
		h.report(t, "handler", at, "noise") // a report of the handler's own
		h.follow(t)
		h.clock.move(7*24*time.Hour - 170*time.Minute)
		for _, who := range []string{"handler", "other handler", "outreach_worker", "grid_lead", "counter_worker", "community_manager", "dispatcher", "street_manager", "admin", "other street_manager"} {
			open := map[string]*answer{}
			overdue := 0
			list, _ := h.ticketList(t, who, "")
			for id, tick := range list {
				if ticket.State(tick.text("/state")).Open() {
					open[id] = tick
				}
				if tick.at("/overdue") == true {
					overdue++
				}
			}
			for zoom, tiles := range map[string][]string{
				"single":    {"/16/54725/26760.mvt", "/16/54726/26760.mvt", "/16/54727/26760.mvt", "/16/54730/26760.mvt", "/16/54725/26761.mvt", "/16/54726/26761.mvt", "/16/54727/26761.mvt", "/16/54730/26761.mvt"},
				"clustered": {"/11/1710/836.mvt"}, "of streets": {pingjiangTile, canglangTile},
			} {
				count, late := 0, 0
				for _, tile := range tiles {
					for _, f := range tileFeatures(t, "tickets", h.do(t, tileCall("tickets", tile, who))) {
						n, l := int(f.properties["count"].(float64)), int(f.properties["overdue"].(float64))
						count, late = count+n, late+l
						id, single := f.properties["id"].(string)
						if zoom == "single" && !single || single && n != 1 {
							t.Errorf("%s at %s: %v", who, zoom, f.properties)
						}
						if single {
							h.sameTicket(t, f.properties, open[id])
						}
						if f.id == 0 || f.id >= 1<<53 || f.kind != 1 {
							t.Errorf("id %d, kind %d", f.id, f.kind)
						}
					}
				}
				if count != len(open) || late != overdue {
					t.Errorf("%s, %s: %d tickets, %d overdue; the list has %d, %d", who, zoom, count, late, len(open), overdue)
				}
			}
		}
	})
}

// The map filters as the list does, and says of what lies on one point how many
// there are of each state and category.
func TestTicketTilesFiltered(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.scatter(t)
		id := h.report(t, "resident", inside(niujia, 1), "parking").ID
		must(h.Tickets.TakeAction(t.Context(), h.actor(t, "grid_lead"), h.clock.read(), id, 0, ticket.ActionInput{ID: ids.New(), Action: ticket.Accept}))(t)
		h.follow(t)
		h.caughtUp(t)
		h.clock.move(7*24*time.Hour - 170*time.Minute)
		for _, who := range []string{"street_manager", "grid_lead", "handler"} {
			most := 0
			for _, query := range []string{"", "state=reported", "state=accepted,dispatched", "category=noise", "category=parking,noise&state=reported", "overdue=true", "urgency=normal,urgent&overdue=false", "urgency=critical"} {
				want := map[string]int{}
				asked, urgency, _ := strings.Cut(query, "urgency=") // which the list does not filter by
				list, _ := h.ticketList(t, who, asked)
				for _, listed := range list {
					if state := ticket.State(listed.text("/state")); state.Open() && (urgency == "" || strings.Contains(urgency, listed.text("/urgency"))) {
						want["count"]++
						want["state_"+string(state)]++
						want["category_"+listed.text("/category")]++
					}
				}
				got := map[string]int{}
				for _, f := range tileFeatures(t, "tickets", h.do(t, tileCall("tickets", cityTile+"?"+query, who))) {
					if f.properties["count"] == 1.0 {
						f.properties["state_"+f.properties["state"].(string)], f.properties["category_"+f.properties["category"].(string)] = 1.0, 1.0
					}
					for name, n := range f.properties {
						if name == "count" || strings.HasPrefix(name, "state_") || strings.HasPrefix(name, "category_") {
							got[name] += int(n.(float64))
						}
					}
				}
				if most = max(most, want["count"]); !maps.Equal(got, want) {
					t.Errorf("%s, %s: %v, the list has %v", who, query, got, want)
				}
			}
			if most < 2 {
				t.Errorf("%s has %d tickets: it tries little", who, most)
			}
		}
		json := h.must(t, 200, call{method: "GET", url: "/tiles/tickets.json?state=reported,accepted&overdue=true", as: "street_manager"})
		if got := json.text("/tiles/0"); got != publicURL+"/tiles/tickets/{z}/{x}/{y}.mvt?overdue=true&state=reported%2Caccepted" {
			t.Errorf("tiles at %s", got)
		}
		for url, pointer := range map[string]string{"/tiles/tickets.json?state=lost": "?state", "/tiles/tickets.json?category=ufo": "?category", "/tiles/tickets" + cityTile + "?urgency=": "?urgency",
			"/tiles/tickets" + cityTile + "?overdue=1": "?overdue", "/tiles/cells" + cityTile + "?state=reported": "?state", "/tiles/cells.json?overdue=true": "?overdue", "/tiles/tickets.json?q=x": "?q"} {
			if a := h.must(t, 400, call{method: "GET", url: url, as: "street_manager"}); a.text("/errors/0/pointer") != pointer {
				t.Errorf("%s: %s", url, a.body)
			}
		}
	})
}

func (h *harness) sameTicket(t *testing.T, got object, listed *answer) {
	t.Helper()
	if listed == nil {
		t.Errorf("on the map, but not in the list: %v", got)
		return
	}
	for _, name := range []string{"number", "category", "state", "urgency", "dueAt"} {
		if got[name] != listed.at("/"+name) {
			t.Errorf("%s is %v, in the list %v", name, got[name], listed.at("/"+name))
		}
	}
	if (got["overdue"] == 1.0) != (listed.at("/overdue") == true) {
		t.Errorf("overdue: %v, in the list %v", got["overdue"], listed.at("/overdue"))
	}
}
