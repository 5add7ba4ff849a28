package ticket

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/geo"
	"wangge/store"
)

// narrowing is one way to filter the list, and what passes it.
type narrowing struct {
	name string
	set  func(*Filter)
	pass func(*Ticket) bool
}

// listed is a city full of random tickets.
type listed struct {
	*world
	all        []*Ticket
	narrowings []narrowing
}

func fill(w *world, tickets int) *listed {
	l := &listed{world: w}
	rng := rand.New(rand.NewPCG(1, 2))
	who := []string{"resident", "neighbour", "worker", "lead", "community", "handler"}
	with := []access.Assignee{{}, w.person("worker"), w.person("lead"), w.organisation(jia), w.organisation(yi), w.person("handler")}
	for len(l.all) < tickets {
		// On a raster, so that some lie on the edges of a box.
		t := &Ticket{Meta: store.Meta{ID: newID()}, Kind: pick(rng, Kinds), Category: pick(rng, Categories).Code, Source: pick(rng, Sources), Urgency: pick(rng, Urgencies),
			Title:   pick(rng, []string{"楼上漏水", "漏油", "Parking LOT A12", "停车位12号", "夜间噪声"}),
			Address: pick(rng, []string{"大儒巷8号", "钮家巷12号", "１２栋", ""}), State: pick(rng, States),
			CreatedAt: noon.Add(time.Duration(rng.IntN(200)) * time.Minute), UpdatedAt: noon}
		at := orb.Point{120.59 + float64(rng.IntN(24))*0.005, 31.295 + float64(rng.IntN(6))*0.005}
		spot, err := w.tickets.spot(at)
		if err != nil {
			w.t.Fatal(err)
		}
		t.lay(spot, at, geo.WGS84, nil)
		t.Number = fmt.Sprintf("320508001-261123-%d", len(l.all)+1)
		t.Grams = grams(t.Number, t.Title, t.Address)
		t.ReportedBy = w.people[pick(rng, who)].Account
		if t.Reporter = t.ReportedBy; rng.IntN(3) == 0 {
			t.Reporter = w.people[pick(rng, who[:2])].Account
		}
		t.assign(pick(rng, with), []access.Assignee{pick(rng, with[1:])}[:rng.IntN(2)])
		l.all = append(l.all, t)
	}
	w.insert(l.all)
	l.narrow()
	return l
}

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

// insert writes tickets as they are.
func (w *world) insert(tickets []*Ticket) {
	w.t.Helper()
	for chunk := range slices.Chunk(tickets, 250) {
		var partitions []string
		for _, t := range chunk {
			partitions = append(partitions, t.Partition)
		}
		err := w.st.Update(w.t.Context(), partitions, func(tx *store.Tx) error {
			for _, t := range chunk {
				if err := collection.Insert(tx, t, t.entry(program, noon, Report, store.Facts{})); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

func (l *listed) narrow() {
	inside := func(level access.Level, code string) func(*Ticket) bool {
		a, _ := l.areas.Tree().ByCode(code)
		return func(t *Ticket) bool { return t.Place.At(level) == a.ID }
	}
	box := orb.Bound{Min: orb.Point{120.6, 31.3}, Max: orb.Point{120.645, 31.31}}
	inBox := func(t *Ticket) bool { return box.Contains(t.Position.At()) }
	text := func(words ...string) func(*Ticket) bool { // two neighbours in each
		return func(t *Ticket) bool {
			for _, w := range words {
				hay := strings.ToLower(strings.Join([]string{t.Number, t.Title, strings.ReplaceAll(t.Address, "１２", "12")}, "|"))
				if !strings.Contains(hay, w) {
					return false
				}
			}
			return true
		}
	}
	add := func(name string, set func(*Filter), pass func(*Ticket) bool) {
		l.narrowings = append(l.narrowings, narrowing{name, set, pass})
	}
	add("a state", func(f *Filter) { f.States = []State{Reported} }, func(t *Ticket) bool { return t.State == Reported })
	add("states", func(f *Filter) { f.States = []State{Closed, Accepted, Closed} }, func(t *Ticket) bool { return t.State == Closed || t.State == Accepted })
	add("a category", func(f *Filter) { f.Categories = []string{"noise"} }, func(t *Ticket) bool { return t.Category == "noise" })
	add("categories", func(f *Filter) { f.Categories = []string{"noise", "parking", "noise"} }, func(t *Ticket) bool { return t.Category == "noise" || t.Category == "parking" })
	add("a cell", func(f *Filter) { f.Cell = west }, func(t *Ticket) bool { return t.Place.Cell == l.cell(west).ID })
	add("a community", func(f *Filter) { f.Area = jiaOne }, inside(access.Community, jiaOne))
	add("a street", func(f *Filter) { f.Area = jia }, inside(access.Street, jia))
	add("a county", func(f *Filter) { f.Area = county }, inside(access.County, county))
	add("the city", func(f *Filter) { f.Area = "3205" }, inside(access.City, "3205"))
	add("triage", func(f *Filter) { f.Triage = true }, func(t *Ticket) bool { return t.Place.Cell == "" })
	for name, who := range map[string]string{"a person": l.people["worker"].Account, "an organisation": l.orgs[jia]} {
		add("with "+name, func(f *Filter) { f.Assignee = who }, func(t *Ticket) bool { return t.Assignee.ID == who || len(t.Helpers) > 0 && t.Helpers[0].ID == who })
	}
	add("a box", func(f *Filter) { f.Box = &box }, inBox)
	add("a character", func(f *Filter) { f.Text = "漏" }, text("漏"))
	add("two characters", func(f *Filter) { f.Text = "漏水" }, text("漏水"))
	add("words", func(f *Filter) { f.Text = "车位 巷8号！" }, text("车位", "巷8", "8号"))
	add("Latin words", func(f *Filter) { f.Text = "ＰＡＲＫing a1" }, text("pa", "ar", "rk", "ki", "in", "ng", "a1"))
	add("digits", func(f *Filter) { f.Text = "12" }, text("12"))
	add("a receipt number", func(f *Filter) { f.Text = " 320508001-261123-77 " }, func(t *Ticket) bool { return t.Number == "320508001-261123-77" })
	from, to := noon.Add(50*time.Minute), noon.Add(120*time.Minute)
	add("since", func(f *Filter) { f.From = from }, func(t *Ticket) bool { return !t.CreatedAt.Before(from) })
	add("until", func(f *Filter) { f.To = to }, func(t *Ticket) bool { return t.CreatedAt.Before(to) })
	add("mine", func(f *Filter) { f.Mine = true }, func(*Ticket) bool { return true })
}

// readers of the list, by what they may read there when they do not ask for their own.
var readers = []string{"admin", "county admin", "manager", "community", "counter", "lead", "worker", "other lead", "handler", "other handler", "resident", "neighbour"}

// covers is what the areas of an actor say, not how the ticket came to them.
func covers(a access.Actor, t *Ticket) bool {
	return slices.ContainsFunc(a.Grants, func(g access.Grant) bool {
		return g.Role != access.Handler && g.Role != access.Resident && (g.Area == "" || t.Place.At(g.Level) == g.Area)
	})
}

// areas reports whether somebody lists what lies in areas, and not only their own.
func areas(a access.Actor) bool {
	return a.Grants[0].Role != access.Handler && a.Grants[0].Role != access.Resident
}

// shows is what a reader's list has without filters.
func shows(a access.Actor, t *Ticket, mine bool) bool {
	if areas(a) && !mine {
		return covers(a, t)
	}
	if t.Reporter == a.Account {
		return true
	}
	staff := areas(a) || a.Organisation != ""
	return staff && (slices.Contains(t.Involved, a.Account) || a.Organisation != "" && slices.Contains(t.Involved, a.Organisation) || t.ReportedBy == a.Account && covers(a, t))
}

// Every filter and every pair of them, for every reach: the list is what a
// look at all tickets gives, an index serves it, and what is listed may be read.
func TestLists(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		l, every := fill(w, 500), 1
		if w.dir == "" {
			every = 5 // of the pairs: all of them are slow there
		}
		found := map[string]int{}
		for _, who := range readers {
			for i, a := range l.narrowings {
				found[a.name] += l.try(t, who, a)
				for j, b := range l.narrowings[i+1:] {
					if (i+j+len(who))%every == 0 {
						l.try(t, who, a, b)
					}
				}
			}
			l.try(t, who)
		}
		for name, n := range found {
			if n == 0 {
				t.Errorf("nothing was ever found by %s: it tries nothing", name)
			}
		}
	})
}

// wanted is the filter, and the tickets that pass it, newest first.
func (l *listed) wanted(who string, by ...narrowing) (Filter, []*Ticket) {
	var f Filter
	for _, n := range by {
		n.set(&f)
	}
	var want []*Ticket
	for _, t := range l.all {
		pass := shows(l.people[who], t, f.Mine)
		for _, n := range by {
			pass = pass && n.pass(t)
		}
		if pass {
			want = append(want, t)
		}
	}
	slices.SortFunc(want, func(a, b *Ticket) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
	})
	return f, want
}

func names(by []narrowing) string {
	var out []string
	for _, n := range by {
		out = append(out, n.name)
	}
	return strings.Join(out, " and ")
}

func (l *listed) try(t *testing.T, who string, by ...narrowing) int {
	t.Helper()
	if len(by) == 2 && overwrites(by[0], by[1]) {
		return 0
	}
	f, want := l.wanted(who, by...)
	f.Limit = 500
	got, next, err := l.tickets.List(t.Context(), l.people[who], f)
	if err != nil || next != "" {
		t.Errorf("%s by %s: %v, next %q", who, names(by), err, next)
		return 0
	}
	if f.Box != nil {
		byID := func(a, b *Ticket) int { return cmp.Compare(a.ID, b.ID) }
		slices.SortFunc(got, byID)
		slices.SortFunc(want, byID)
	}
	if !slices.EqualFunc(got, want, func(a, b *Ticket) bool { return a.ID == b.ID }) {
		t.Errorf("%s by %s: %d, want %d", who, names(by), len(got), len(want))
	}
	for _, ticket := range got {
		if access.TicketView(l.people[who], ticket.Facts()) == access.Hidden {
			t.Errorf("%s by %s: lists what is hidden", who, names(by))
		}
	}
	counts := slices.Sorted(maps.Keys(CountFields))
	if len(by) == 2 { // one of them in turn
		counts = counts[(len(by[0].name)+len(by[1].name))%len(counts):][:1]
	}
	for _, by2 := range counts {
		l.count(t, who, by2, f, want, names(by))
	}
	return len(got)
}

// overwrites: both set the same field.
func overwrites(a, b narrowing) bool {
	var one, both Filter
	a.set(&one)
	a.set(&both)
	b.set(&both)
	var two Filter
	b.set(&two)
	return one.States != nil && two.States != nil || one.Categories != nil && two.Categories != nil || one.Area != "" && two.Area != "" ||
		one.Text != "" && two.Text != "" || one.Assignee != "" && two.Assignee != ""
}

// count compares counts with the list they are of.
func (l *listed) count(t *testing.T, who, by string, f Filter, listed []*Ticket, names string) {
	t.Helper()
	want := map[string]int64{}
	for _, ticket := range listed {
		want[l.group(who, by, ticket)]++
	}
	f.Limit, f.Cursor = 3, "of no matter"
	got, err := l.tickets.Count(t.Context(), l.people[who], f, by)
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("%s by %s counts %s: %v, %v, want %v", who, names, by, got, err, want)
	}
}

func (l *listed) group(who, by string, t *Ticket) string {
	id := map[string]string{
		"state": string(t.State), "category": t.Category, "kind": string(t.Kind), "source": string(t.Source), "urgency": string(t.Urgency),
		"cell": t.Place.Cell, "community": t.Place.Community, "street": t.Place.Street, "assignee": t.Assignee.ID,
	}[by]
	switch {
	case by == "assignee" && t.Assignee.Kind == access.Person && (who == "resident" || who == "neighbour"):
		return "" // residents are not told who
	case by == "cell" && id != "":
		c, _ := l.areas.Map().ByID(id)
		return c.Code
	case (by == "community" || by == "street") && id != "":
		a, _ := l.areas.Tree().ByID(id)
		return a.Code
	}
	return id
}

// However large the pages are, they hold the whole list in order, each ticket once.
func TestPages(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		l := fill(w, 300)
		rng := rand.New(rand.NewPCG(4, 4))
		for _, who := range readers {
			for range 4 {
				var by []narrowing
				if n := pick(rng, l.narrowings); rng.IntN(3) > 0 {
					by = append(by, n)
				}
				f, want := l.wanted(who, by...)
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
					if f.Box != nil {
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
	eachEngine(t, func(t *testing.T, w *world) {
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
		for name, f := range map[string]Filter{"all": {}, "by area": {Area: coded}, "by county": {Area: county}, "by text": {Area: coded, Text: "噪声"}, "by box": {Box: &orb.Bound{Min: orb.Point{120, 31}, Max: orb.Point{121, 32}}}} {
			if list, _, err := w.tickets.List(t.Context(), manager, f); err != nil || len(list) != len(before)+1 {
				t.Errorf("%s: %d, %v", name, len(list), err)
			}
		}
		// The lead's cells are what they were.
		if list, _, err := w.tickets.List(t.Context(), w.people["lead"], Filter{Area: coded}); err != nil || len(list) != 2 {
			t.Errorf("the lead: %d, %v", len(list), err)
		}
		w.move("lead", after.ID, Move{Action: Accept})
		w.move("lead", after.ID, Move{Action: Dispatch, Assignee: new(w.organisation(jia)), Helpers: []access.Assignee{w.person("worker")}})
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
			ticket.lay(area.Spot{}, orb.Point{border + d, 31.3}, geo.WGS84, nil)
			p := ticket.Position.At()
			if r := geo.Ranges(orb.Bound{Min: p, Max: p}, boxRanges); ticket.Position.Key < r[0].From || ticket.Position.Key > r[len(r)-1].To {
				t.Fatalf("%v has key %d, looked for in %v", p, ticket.Position.Key, r)
			}
		}
	}
}

// A list that would look through too much says so.
func TestTooBroad(t *testing.T) {
	if testing.Short() {
		t.Skip("fills a store with ten thousand tickets")
	}
	eachEngine(t, func(t *testing.T, w *world) {
		if w.dir == "" {
			return // what the engines share: once is enough
		}
		spot := must(w.tickets.spot(at[east]))(t)
		many := make([]*Ticket, 10_050)
		for i := range many {
			many[i] = &Ticket{Meta: store.Meta{ID: newID()}, Number: fmt.Sprint(i), State: Reported, Category: "noise", Involved: []string{w.orgs[jia]}, CreatedAt: noon, UpdatedAt: noon, Grams: []string{"漏"}}
			many[i].lay(spot, at[east], geo.WGS84, nil)
		}
		w.insert(many)
		for name, f := range map[string]Filter{
			"state of an organisation's": {Assignee: w.orgs[jia], States: []State{Closed}}, "category by text": {Text: "漏", Categories: []string{"parking"}},
			"category in a box": {Box: &orb.Bound{Min: orb.Point{120, 31}, Max: orb.Point{121, 32}}, Categories: []string{"parking"}},
		} {
			if _, _, err := w.tickets.List(t.Context(), w.people["manager"], f); !errors.Is(err, store.ErrTooBroad) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for name, f := range map[string]Filter{"a state": {States: []State{Closed}}, "a category": {Categories: []string{"parking"}}, "a state of a cell": {Cell: east, States: []State{Closed}}, "triage": {Triage: true}} {
			if list, _, err := w.tickets.List(t.Context(), w.people["manager"], f); err != nil || len(list) != 0 {
				t.Errorf("%s: %d, %v", name, len(list), err)
			}
		}
	})
}
