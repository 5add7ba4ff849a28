package ticket

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/ids"
	"wangge/domain/personal"
	"wangge/domain/place"
	"wangge/geo"
	"wangge/store"
	"wangge/store/enginetest"
)

// Every filter, for every reach: the list is what a look at all tickets gives,
// an index serves it, and what is listed may be read.
func TestLists(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		l := fill(w, 500)
		found := map[string]int{}
		for _, who := range readers {
			l.try(t, who)
			for _, a := range l.narrowings {
				found[a.name] += l.try(t, who, a)
			}
		}
		for name, n := range found {
			if n == 0 {
				t.Errorf("nothing was ever found by %s: it tries nothing", name)
			}
		}
	})
}

// The same for every pair of filters.
func TestListsByPairs(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		l, every := fill(w, 120), 1
		if w.place.Dir == "" {
			every = 3 // all of them take long there
		}
		for _, who := range []string{"admin", "county admin", "manager", "community", "counter", "lead", "worker", "handler", "resident"} {
			for i, a := range l.narrowings {
				for j, b := range l.narrowings[i+1:] {
					if (i+j+len(who))%every == 0 {
						l.try(t, who, a, b)
					}
				}
			}
		}
	})
}

// However large the pages are, they hold the whole list in order, each ticket once.
func TestPages(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		l := fill(w, 200)
		rng := rand.New(rand.NewPCG(4, 4))
		for _, who := range readers {
			for range 4 {
				var by []narrowing
				if n := pick(rng, l.narrowings); rng.IntN(3) > 0 {
					by = append(by, n)
				}
				f, want := l.wanted(who, by...)
				if l.refuses(who, f) {
					continue
				}
				for _, size := range []int{1, 7, 50, 500} {
					if size == 1 && len(want) > 40 {
						continue
					}
					var got []*Ticket
					f.Cursor = ""
					for {
						f.Limit = size
						page, next, err := l.tickets.List(t.Context(), l.people[who], f)
						if err != nil || len(page) > size || len(page) < size && next != "" {
							t.Fatalf("%s by %s in pages of %d: %d, %v", who, names(by), size, len(page), err)
						}
						got = append(got, page...)
						if f.Cursor = next; next == "" {
							break
						}
					}
					inOrder := func(a, b *Ticket) bool { return a.ID == b.ID }
					if byDeadline := !f.Overdue.IsZero() && !f.Mine && areas(l.people[who]); byDeadline {
						slices.SortFunc(want, func(a, b *Ticket) int { return cmp.Or(a.DueAt.Compare(b.DueAt), cmp.Compare(a.ID, b.ID)) })
					}
					if f.Boxes != nil {
						if !slices.IsSortedFunc(got, func(a, b *Ticket) int {
							return cmp.Or(cmp.Compare(a.Position.Key, b.Position.Key), cmp.Compare(a.ID, b.ID))
						}) && !f.Mine && areas(l.people[who]) {
							t.Errorf("%s by %s in pages of %d: not along the curve", who, names(by), size)
						}
						byID := func(a, b *Ticket) int { return cmp.Compare(a.ID, b.ID) }
						slices.SortFunc(got, byID)
						slices.SortFunc(want, byID)
					}
					if !slices.EqualFunc(got, want, inOrder) {
						t.Errorf("%s by %s in pages of %d: %d tickets, want %d", who, names(by), size, len(got), len(want))
					}
				}
			}
		}
	})
}

func TestListRefusals(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		for name, c := range map[string]struct {
			f    Filter
			want string
		}{
			"an area nobody knows": {Filter{Area: "999999"}, "?area"}, "a cell nobody knows": {Filter{Cell: "999"}, "?cell"}, "nothing to look for": {Filter{Text: " ！"}, "?q"},
		} {
			if _, _, err := w.tickets.List(t.Context(), w.people["admin"], c.f); strings.Join(pointers(err), " ") != c.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := w.tickets.Count(t.Context(), w.people["admin"], Filter{}, "colour"); strings.Join(pointers(err), " ") != "?by" {
			t.Errorf("count by colour: %v", err)
		}
		if _, _, err := w.tickets.List(t.Context(), w.people["admin"], Filter{Cursor: "x"}); !errors.Is(err, store.ErrCursor) {
			t.Errorf("a cursor that is none: %v", err)
		}
		for name, actor := range map[string]access.Actor{"nobody": {}, "a machine": {Account: "m", Grants: []access.Grant{{Role: access.Integration, Level: access.Street, Area: "s"}}}} {
			if _, _, err := w.tickets.List(t.Context(), actor, Filter{}); !errors.Is(err, domain.ErrForbidden) {
				t.Errorf("%s lists: %v", name, err)
			}
		}
		// Over what the map does not have yet, there is nothing.
		early := access.Actor{Account: "early", Grants: []access.Grant{{Role: access.GridLead, Level: access.Cell, Area: "new"}, {Role: access.Dispatcher, Level: access.Street, Area: "new"}}}
		if list, _, err := w.tickets.List(t.Context(), early, Filter{}); err != nil || len(list) != 0 {
			t.Errorf("early: %d, %v", len(list), err)
		}
	})
}

// Before the areas are imported every list is empty, by text too.
func TestListsWithoutAreas(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, p enginetest.Place) {
		w := &world{t: t, place: p, keys: must(personal.LoadKeys(filepath.Join(t.TempDir(), "keys"), ""))(t)}
		n := w.join()
		for _, role := range []access.Role{access.Resident, access.Admin} {
			for _, f := range []Filter{{}, {Text: "漏水"}, {Mine: true}, {Mine: true, Text: "漏水"}} {
				actor := access.Actor{Account: "a", Grants: []access.Grant{{Role: role}}}
				if list, _, err := n.tickets.List(t.Context(), actor, f); err != nil || len(list) != 0 {
					t.Errorf("%s, %+v: %d, %v", role, f, len(list), err)
				}
				if counts, err := n.tickets.Count(t.Context(), actor, f, "state"); err != nil || len(counts) != 0 {
					t.Errorf("%s, %+v: counts %v, %v", role, f, counts, err)
				}
			}
		}
	})
}

// A street that got another code keeps what was placed under the old one.
func TestListsAfterARecoding(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		before := []*Ticket{w.report("resident", east), w.report("resident", "beside jia")}
		const coded = "320508009"
		csv := `level,code,name,parent_code,successor_code
street,320508009,甲街道,320508,
community,320508009001,甲一社区,320508009,
community,320508009002,甲二社区,320508009,
street,320508001,甲街道,320508,320508009
community,320508001001,甲一社区,320508001,320508009001
community,320508001002,甲二社区,320508001,320508009002
`
		must(w.areas.ImportAreas(t.Context(), program, noon.Add(time.Hour), strings.NewReader(csv), area.AreaImport{}))(t)
		after := w.report("resident", west)
		if !strings.HasPrefix(after.Number, coded+"-261123-") {
			t.Errorf("number: %s", after.Number)
		}
		today, _ := w.areas.Tree().ByCode(coded)
		manager := access.Actor{Account: "m"}
		for _, id := range w.areas.Tree().Formerly(today.ID) {
			manager.Grants = append(manager.Grants, access.Grant{Role: access.StreetManager, Level: access.Street, Area: id})
		}
		for name, f := range map[string]Filter{"all": {}, "by area": {Area: coded}, "by county": {Area: county}, "by text": {Area: coded, Text: "噪声"}, "by box": {Boxes: []orb.Bound{orb.Bound{Min: orb.Point{120, 31}, Max: orb.Point{121, 32}}}}} {
			if list, _, err := w.tickets.List(t.Context(), manager, f); err != nil || len(list) != len(before)+1 {
				t.Errorf("%s: %d, %v", name, len(list), err)
			}
		}
		// The lead's cells are what they were.
		if list, _, err := w.tickets.List(t.Context(), w.people["lead"], Filter{Area: coded}); err != nil || len(list) != 2 {
			t.Errorf("the lead: %d, %v", len(list), err)
		}
		w.move("lead", after.ID, ActionInput{Action: Accept})
		w.move("lead", after.ID, ActionInput{Action: Dispatch, Assignee: new(w.organisation(jia)), Helpers: []access.Assignee{w.person("worker")}})
	})
}

// A ticket has the key of the position it shows, not of the one before
// rounding, which may lie in another square of the curve than the box asks for.
func TestKeyOfARoundedPosition(t *testing.T) {
	const square = 360.0 / (1 << 24)
	for k := range 1000 {
		border := float64(14_000_000+k)*square - 180
		for _, d := range []float64{-4e-8, 4e-8} {
			ticket := &Ticket{}
			ticket.setPosition(area.Spot{}, place.Given(orb.Point{border + d, 31.3}, geo.WGS84, nil))
			p := ticket.Position.At()
			if r := geo.Ranges(orb.Bound{Min: p, Max: p}, boxRanges); ticket.Position.Key < r[0].From || ticket.Position.Key > r[len(r)-1].To {
				t.Fatalf("%v has key %d, looked for in %v", p, ticket.Position.Key, r)
			}
		}
	}
}

// In a street of many tickets every filter is answered, also one that none of them passes.
func TestNothingTooBroad(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		spot := w.spot(t, at[east])
		many := make([]*Ticket, 10_050)
		for i := range many {
			many[i] = &Ticket{Meta: store.Meta{ID: ids.New()}, Number: fmt.Sprint(i), State: Reported, Category: "noise", Involved: []string{w.orgs[jia]}, CreatedAt: noon, UpdatedAt: noon, Title: "漏水",
				Reporter: w.people["resident"].Account, ReportedBy: w.people["manager"].Account, SentBy: w.people["manager"].Account}
			many[i].setPosition(spot, place.Given(at[east], geo.WGS84, nil))
		}
		w.insert(many)
		none, around := []State{Closed}, []orb.Bound{{Min: orb.Point{120, 31}, Max: orb.Point{121, 32}}}
		for name, f := range map[string]Filter{
			"a state": {States: none}, "a category": {Categories: []string{"parking"}}, "triage": {Triage: true}, "overdue": {Overdue: noon}, "returned": {Returned: true},
			"a state of a cell": {Cell: east, States: none}, "a state of a community": {Area: jiaOne, States: none}, "a category of a cell": {Cell: east, Categories: []string{"parking"}},
			"another cell": {Cell: west}, "another community": {Area: jiaTwo}, "another street": {Area: yi}, "a state of a category": {Categories: []string{"noise"}, States: none},
			"a state of an organisation's": {Assignee: w.orgs[jia], States: none}, "another organisation's": {Assignee: w.orgs[yi]}, "a category of an organisation's": {Assignee: w.orgs[jia], Categories: []string{"parking"}},
			"a category by text": {Text: "漏水", Categories: []string{"parking"}}, "another text": {Text: "噪声"}, "later": {From: noon.Add(time.Second)}, "before": {To: noon},
			"a category in a box": {Boxes: around, Categories: []string{"parking"}}, "a state in a box": {Boxes: around, States: none}, "mine by state": {Mine: true, States: none},
		} {
			if list, _, err := w.tickets.List(t.Context(), w.people["manager"], f); err != nil || len(list) != 0 {
				t.Errorf("%s: %d, %v", name, len(list), err)
			}
			if n, err := w.tickets.Count(t.Context(), w.people["manager"], f, "state"); err != nil || len(n) != 0 {
				t.Errorf("%s: counts %v, %v", name, n, err)
			}
		}
	})
}
