package handlers

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/domain/ticket"
	"wangge/geo"
	"wangge/handlers/wire"
)

// filter is one way to narrow the list, and what it lets pass of a ticket as the admin reads it.
type filter struct {
	query string
	pass  func(*harness, string, *answer) bool
	alone bool // another form of the one before: not tried in pairs
}

// filters of the ticket list, one parameter (or a pair that belongs together) each.
func filters(h *harness) []filter {
	text := func(pointer string, wanted ...string) func(*harness, string, *answer) bool {
		return func(_ *harness, _ string, t *answer) bool { return slices.Contains(wanted, t.text(pointer)) }
	}
	noon := morning.Add(150 * time.Minute)
	box := orb.Bound{Min: orb.Point{120.6205, 31.3105}, Max: orb.Point{120.6415, 31.3125}}
	amap := orb.Bound{Min: geo.FromWGS84(box.Min, geo.GCJ02), Max: geo.FromWGS84(box.Max, geo.GCJ02)}
	return []filter{
		{"state=accepted", text("/state", "accepted"), false},
		{"state=reported,dispatched", text("/state", "reported", "dispatched"), true},
		{"category=parking", text("/category", "parking"), false},
		{"category=noise,pipe_dispute", text("/category", "noise", "pipe_dispute"), true},
		{"cell=" + cellCode(niujia, 2), text("/place/cell/code", cellCode(niujia, 2)), false},
		{"area=" + niujia, text("/place/community/code", niujia), false},
		{"area=" + pingjiang, text("/place/street/code", pingjiang), true},
		{"area=320508", text("/place/county/code", "320508"), true},
		{"area=3205", text("/place/county/code", "320508"), true},
		{"triage=true", func(_ *harness, _ string, t *answer) bool { return t.at("/triage") == true }, false},
		{"assignee=" + h.organisations[pingjiang], func(h *harness, _ string, t *answer) bool { return isWith(t, h.organisations[pingjiang]) }, false},
		{"assignee=" + h.people["outreach_worker"].id, func(h *harness, _ string, t *answer) bool { return isWith(t, h.people["outreach_worker"].id) }, true},
		{"mine=true", owned, false},
		{fmt.Sprintf("bbox=%v,%v,%v,%v", box.Min[0], box.Min[1], box.Max[0], box.Max[1]), inBox(box), false},
		{fmt.Sprintf("datum=gcj02&bbox=%v,%v,%v,%v", amap.Min[0], amap.Min[1], amap.Max[0], amap.Max[1]), inBox(box), true},
		{"q=" + url.QueryEscape("漏水"), func(_ *harness, _ string, t *answer) bool {
			return strings.Contains(t.text("/title")+t.text("/address"), "漏水")
		}, false},
		{"q=" + url.QueryEscape("巷 8"), func(_ *harness, _ string, t *answer) bool {
			all := t.text("/title") + " " + t.text("/address") + " " + t.text("/number")
			return strings.Contains(all, "巷") && slices.Contains(regexp.MustCompile(`[0-9]+`).FindAllString(all, -1), "8") // numbers whole
		}, true},
		{"q=" + pingjiang + "-261123-1", func(_ *harness, _ string, t *answer) bool {
			return strings.HasPrefix(t.text("/number"), pingjiang+"-261123-1")
		}, true},
		{"from=" + noon.Format(time.RFC3339), func(_ *harness, _ string, t *answer) bool { return t.text("/createdAt") >= wire.Time(noon).String() }, false},
		{"to=" + noon.Format(time.RFC3339), func(_ *harness, _ string, t *answer) bool { return t.text("/createdAt") < wire.Time(noon).String() }, false},
		{"updatedAfter=" + noon.Format(time.RFC3339), func(_ *harness, _ string, t *answer) bool { return t.text("/updatedAt") > wire.Time(noon).String() }, false},
		{"urgency=urgent,critical", text("/urgency", "urgent", "critical"), false},
		{"source=worker", text("/source", "worker"), false},
		{"overdue=true", func(h *harness, _ string, t *answer) bool { // all have a week
			return t.text("/createdAt") < wire.Time(h.clock.read().Add(-7*24*time.Hour)).String()
		}, false},
	}
}

// isWith says whether the ticket is with this person or organisation, helpers included.
func isWith(t *answer, id string) bool {
	if t.text("/assignee/id") == id {
		return true
	}
	return slices.ContainsFunc(t.items("/helpers"), func(h any) bool { return h.(object)["id"] == id })
}

// owned is what "mine" means for somebody.
func owned(h *harness, who string, t *answer) bool {
	id := h.people[who].id
	by := t.text("/reporter/id") == id || t.text("/reportedBy/id") == id
	return by || isWith(t, id) || who == "handler" && isWith(t, h.organisations[pingjiang])
}

func inBox(b orb.Bound) func(*harness, string, *answer) bool {
	return func(_ *harness, _ string, t *answer) bool {
		return b.Contains(orb.Point{t.at("/position/lon").(float64), t.at("/position/lat").(float64)})
	}
}

// scatter reports tickets of several kinds over the city, and takes some of them further.
func (h *harness) scatter(t *testing.T) {
	t.Helper()
	places := []orb.Point{inside(niujia, 1), inside(niujia, 2), inside(niujia, 3), inside(chayuan, 1), inside(jinshi, 1), outside}
	reporters := []string{"resident", "neighbour", "outreach_worker", "grid_lead", "other resident"}
	for i := range 24 {
		at, who := places[i%len(places)], reporters[i%len(reporters)]
		h.clock.move(15 * time.Minute)
		at[0] += float64(i) * 1e-6
		made := must(h.Tickets.Report(t.Context(), h.actor(t, who), h.clock.read(), ticket.Draft{
			ID: ids.New(), Category: []string{"parking", "noise", "pipe_dispute"}[i%3], Title: []string{"楼上漏水", "噪声扰民", "堵塞"}[i/2%3],
			Address: []string{"大儒巷8号", "钮家巷12号"}[i%2], Position: &at, Datum: geo.WGS84,
			Urgency: []ticket.Urgency{"normal", "urgent", "normal", "normal"}[i%4],
		}))(t)
		for n, m := range []ticket.ActionInput{
			{Action: ticket.Accept},
			{Action: ticket.Dispatch, Assignee: &access.Assignee{Kind: access.Organisation, ID: h.organisations[pingjiang]}},
			{Action: ticket.Dispatch, Assignee: &access.Assignee{Kind: access.Person, ID: h.people["outreach_worker"].id}, Helpers: []access.Assignee{{Kind: access.Organisation, ID: h.organisations[pingjiang]}}},
		} {
			if n >= i%4 || n > 0 && made.Place.Street != h.areaID(pingjiang) || n > 1 && made.Place.Community != h.areaID(niujia) {
				break
			}
			m.ID = ids.New()
			must(h.Tickets.TakeAction(t.Context(), h.actor(t, "admin"), h.clock.read(), made.ID, 0, m))(t)
		}
	}
}

func (h *harness) areaID(code string) string {
	a, _ := h.Areas.Tree().ByCode(code)
	return a.ID
}

// ticketList reads a whole list, by id.
func (h *harness) ticketList(t *testing.T, who, query string) (byID map[string]*answer, ordered []string) {
	t.Helper()
	list := h.get(t, "/v1/tickets?limit=500&"+query, who)
	byID = map[string]*answer{}
	for _, item := range list.items("/items") {
		a := &answer{tree: item}
		byID[a.text("/id")] = a
		ordered = append(ordered, a.text("/createdAt"))
	}
	return byID, ordered
}

// Every filter and every pair of them, for everybody who lists, is served by an
// index, lists what it says, and is counted to the same total. What pairs ask of
// MongoDB, the tests of package ticket try.
func TestTicketFilters(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.scatter(t)
		h.clock.move(7*24*time.Hour - 170*time.Minute)
		all, _ := h.ticketList(t, "admin", "")
		if len(all) != 24 {
			t.Fatalf("%d tickets", len(all))
		}
		single := filters(h)
		for _, who := range []string{"resident", "handler", "outreach_worker", "community_manager", "dispatcher", "admin"} {
			seen, _ := h.ticketList(t, who, "")
			for i, f := range single {
				h.tryFilters(t, who, all, seen, f)
				for _, g := range single[i+1:] {
					if !f.alone && !g.alone && !h.onMongoDB {
						h.tryFilters(t, who, all, seen, f, g)
					}
				}
			}
		}
	})
}

func (h *harness) tryFilters(t *testing.T, who string, all, seen map[string]*answer, fs ...filter) {
	t.Helper()
	want := map[string]bool{}
	var queries []string
	mine, tells := false, false // tells: whom a ticket is with, which who only reported it is not told
	for _, f := range fs {
		queries = append(queries, f.query)
		mine = mine || f.query == "mine=true"
		tells = tells || strings.HasPrefix(f.query, "assignee=")
	}
	for id, tick := range all {
		pass := mine && (!tells || isWith(tick, h.people[who].id)) || seen[id] != nil
		for _, f := range fs {
			pass = pass && f.pass(h, who, tick)
		}
		if pass {
			want[id] = true
		}
	}
	query := strings.Join(queries, "&")
	if who == "resident" && strings.Contains(query, "assignee=") {
		if a := h.must(t, 400, call{method: "GET", url: "/v1/tickets?" + query, as: who}); a.text("/errors/0/pointer") != "?assignee" {
			t.Errorf("%s by %s: %s", who, query, a.body)
		}
		return
	}
	if len(want) == 0 && who == "admin" && len(fs) == 1 && !mine {
		t.Errorf("no ticket of the test passes %s: it tries nothing", query)
	}
	got, ordered := h.ticketList(t, who, query)
	if !maps.EqualFunc(got, want, func(*answer, bool) bool { return true }) {
		t.Errorf("%s lists %d by %s, want %d", who, len(got), query, len(want))
	}
	oldest := strings.Contains(query, "overdue") && !mine && who != "resident" && who != "handler" // who list their own
	inOrder := slices.IsSortedFunc(ordered, func(a, b string) int {
		if oldest {
			a, b = b, a
		}
		return strings.Compare(b, a)
	})
	if !inOrder && (oldest || !strings.Contains(query, "bbox") && !strings.Contains(query, "updatedAfter")) {
		t.Errorf("%s by %s: in another order", who, query)
	}
	if len(fs) == 1 {
		h.must(t, 200, call{method: "GET", url: "/v1/tickets?" + query, as: who})
		h.must(t, 200, call{method: "GET", url: "/v1/tickets/counts?by=state&" + query, as: who})
		for _, by := range slices.Sorted(maps.Keys(ticket.CountFields)) {
			h.tryCount(t, who, by, query, got)
		}
	} else {
		h.tryCount(t, who, "state", query, got)
	}
}

// tryCount: counts are of exactly what is listed.
func (h *harness) tryCount(t *testing.T, who, by, query string, listed map[string]*answer) {
	t.Helper()
	pointer := map[string]string{"cell": "/place/cell/code", "community": "/place/community/code", "street": "/place/street/code", "assignee": "/assignee/id"}[by]
	if pointer == "" {
		pointer = "/" + by
	}
	want := map[string]float64{}
	for _, tick := range listed {
		want[tick.text(pointer)]++
	}
	a := h.get(t, "/v1/tickets/counts?by="+by+"&"+query, who)
	counts, _ := a.at("/counts").(object)
	same := len(counts) == len(want) && a.at("/total") == float64(len(listed))
	for k, n := range want {
		same = same && counts[k] == n
	}
	if hidden := who == "resident" && by == "assignee"; !same && !hidden {
		t.Errorf("%s counts by %s with %s: %s, the list has %v", who, by, query, a.body, want)
	}
}
