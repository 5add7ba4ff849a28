package ticket

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/domain/place"
	"wangge/domain/worldtest"
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
	who := []string{"resident", "neighbour", "worker", "lead", "community", "handler", "counter", "former counter", "worker at counter"}
	var served [][]string // by one counter, by another, by both, twice by one
	for _, codes := range [][]string{nil, {jiaTwo}, {bingOne}, {bingOne, jiaTwo}, {jiaTwo, yiOne}, {jiaOne}} {
		var ids []string
		for _, code := range codes {
			ids = append(ids, worldtest.ID(w.t, w.areas, code))
		}
		served = append(served, ids)
	}
	with := []access.Assignee{{}, w.person("worker"), w.person("lead"), w.person("counter"), w.organisation(jia), w.organisation(yi), w.person("handler")}
	for len(l.all) < tickets {
		// On a raster, so that some lie on the edges of a box.
		t := &Ticket{Meta: store.Meta{ID: ids.New()}, Kind: pick(rng, Kinds), Category: pick(rng, usual.Categories).Code, Source: pick(rng, Sources), Urgency: pick(rng, Urgencies),
			Title:   pick(rng, []string{"楼上漏水", "漏油", "Parking LOT A12", "停车位12号", "夜间噪声"}),
			Address: pick(rng, []string{"大儒巷8号", "钮家巷12号", "１２栋", ""}), State: pick(rng, States),
			CreatedAt: noon.Add(time.Duration(rng.IntN(200)) * time.Minute), UpdatedAt: noon.Add(time.Duration(200+rng.IntN(100)) * time.Minute)}
		if rng.IntN(5) > 0 { // those of early versions have no deadline
			t.DueAt = noon.Add(time.Duration(rng.IntN(100)) * time.Hour)
		}
		at := orb.Point{120.59 + float64(rng.IntN(24))*0.005, 31.295 + float64(rng.IntN(6))*0.005}
		t.setPosition(w.spot(w.t, at), place.Given(at, geo.WGS84, nil))
		t.Number = fmt.Sprintf("320508001-261123-%d", len(l.all)+1)
		t.ReportedBy = w.people[pick(rng, who)].Account
		if t.Reporter = t.ReportedBy; rng.IntN(3) == 0 {
			t.Reporter = w.people[pick(rng, who[:2])].Account
		}
		t.SentBy, t.Served = t.sentBy(), pick(rng, served)
		t.ShownAt = t.UpdatedAt.Add(-time.Duration(rng.IntN(2)*rng.IntN(100)) * time.Minute) // half of them changed later, inside
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
	st := w.joinAs(store.Options{}).st // no rehearsals: there are many
	worldtest.Insert(w.t, st, tickets, func(t *Ticket) string { return t.Partition }, func(tx *store.Tx, t *Ticket) error {
		return collection.Insert(tx, t, t.entry(program, noon, Report, store.Facts{}))
	})
}

func (l *listed) narrow() {
	inside := func(level access.Level, code string) func(*Ticket) bool {
		a, _ := l.areas.Tree().ByCode(code)
		return func(t *Ticket) bool { return t.Place.At(level) == a.ID }
	}
	box := orb.Bound{Min: orb.Point{120.6, 31.3}, Max: orb.Point{120.645, 31.31}}
	inBox := func(t *Ticket) bool { return box.Contains(t.Position.At()) }
	text := func(words ...string) func(*Ticket) bool { // two neighbours in each, or a number
		return func(t *Ticket) bool {
			for _, w := range words {
				hay := strings.ToLower(strings.Join([]string{t.Number, t.Title, strings.ReplaceAll(t.Address, "１２", "12")}, "|"))
				if n := regexp.MustCompile(`[0-9]+`).FindString(w); !strings.Contains(hay, w) || n != "" && !slices.Contains(regexp.MustCompile(`[0-9]+`).FindAllString(hay, -1), n) {
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
	add("an urgency", func(f *Filter) { f.Urgencies = []Urgency{Urgent} }, func(t *Ticket) bool { return t.Urgency == Urgent })
	add("sources", func(f *Filter) { f.Sources = []Source{FromApp, FromPatrol} }, func(t *Ticket) bool { return t.Source == FromApp || t.Source == FromPatrol })
	add("a cell", func(f *Filter) { f.Cell = west }, func(t *Ticket) bool { return t.Place.Cell == l.cell(west).ID })
	add("a community", func(f *Filter) { f.Area = jiaOne }, inside(access.Community, jiaOne))
	add("a street", func(f *Filter) { f.Area = jia }, inside(access.Street, jia))
	add("a county", func(f *Filter) { f.Area = county }, inside(access.County, county))
	add("the city", func(f *Filter) { f.Area = "3205" }, inside(access.City, "3205"))
	add("triage", func(f *Filter) { f.Triage = true }, func(t *Ticket) bool { return t.Place.Cell == "" })
	for name, who := range map[string]string{"a person": l.people["worker"].Account, "an organisation": l.orgs[jia]} {
		add("with "+name, func(f *Filter) { f.Assignee = who }, func(t *Ticket) bool { return t.Assignee.ID == who || len(t.Helpers) > 0 && t.Helpers[0].ID == who })
	}
	add("a box", func(f *Filter) { f.Boxes = []orb.Bound{box} }, inBox)
	add("two characters", func(f *Filter) { f.Text = "漏水" }, text("漏水"))
	add("other characters", func(f *Filter) { f.Text = "樓　上\u200b漏·水" }, text("楼上漏水"))
	add("words", func(f *Filter) { f.Text = "车位 巷8号！" }, text("车位", "巷8号"))
	add("Latin words", func(f *Filter) { f.Text = "ＰＡＲＫing a12" }, text("pa", "ar", "rk", "ki", "in", "ng", "a12"))
	add("digits", func(f *Filter) { f.Text = "12" }, text("12"))
	add("a receipt number", func(f *Filter) { f.Text = " 320508001-261123-77 " }, func(t *Ticket) bool { return t.Number == "320508001-261123-77" })
	add("a day's numbers", func(f *Filter) { f.Text = "320508001-261123-7" }, func(t *Ticket) bool { return strings.HasPrefix(t.Number, "320508001-261123-7") })
	from, to := noon.Add(50*time.Minute), noon.Add(120*time.Minute)
	add("since", func(f *Filter) { f.From = from }, func(t *Ticket) bool { return !t.CreatedAt.Before(from) })
	add("until", func(f *Filter) { f.To = to }, func(t *Ticket) bool { return t.CreatedAt.Before(to) })
	changed := noon.Add(250 * time.Minute)
	add("changed since", func(f *Filter) { f.Since = changed }, func(t *Ticket) bool { return t.UpdatedAt.After(changed) })
	for _, by := range []domain.Sort{"createdAt", "-dueAt", "-updatedAt"} {
		add("sorted by "+string(by), func(f *Filter) { f.Sort = by }, func(t *Ticket) bool { return by.Field() != "dueAt" || !t.DueAt.IsZero() })
	}
	late := noon.Add(50 * time.Hour)
	add("overdue", func(f *Filter) { f.Overdue = late }, func(t *Ticket) bool {
		return slices.Contains([]State{Reported, Accepted, Divided, Dispatched, InProgress}, t.State) && !t.DueAt.IsZero() && t.DueAt.Before(late)
	})
	add("mine", func(f *Filter) { f.Mine = true }, func(*Ticket) bool { return true })
}

// readers of the list, by what they may read there when they do not ask for their own.
var readers = []string{"admin", "county admin", "manager", "community", "counter", "other counter", "former counter", "worker at counter", "lead", "worker", "other lead", "handler", "other handler", "resident", "neighbour"}

// covers is what the areas of an actor say, not how the ticket came to them.
func covers(a access.Actor, t *Ticket) bool {
	return slices.ContainsFunc(a.Grants, func(g access.Grant) bool {
		return !ownOnly(g) && (g.Area == "" || t.Place.At(g.Level) == g.Area)
	})
}

// ownOnly: the grant lets nobody see what lies somewhere because it lies there.
func ownOnly(g access.Grant) bool {
	return g.Role == access.Handler || g.Role == access.Resident || g.Role == access.CounterWorker
}

// areas reports whether somebody lists what lies in areas, and not only their own.
func areas(a access.Actor) bool {
	return slices.ContainsFunc(a.Grants, func(g access.Grant) bool { return !ownOnly(g) })
}

// counters reports whether somebody is at a counter, or was.
func counters(a access.Actor) bool {
	is := func(g access.Grant) bool { return g.Role == access.CounterWorker }
	return slices.ContainsFunc(a.Posting, is)
}

// shows is what a reader's list has without filters.
func shows(a access.Actor, t *Ticket, mine bool) bool {
	if areas(a) && !mine {
		return covers(a, t)
	}
	if t.Reporter == a.Account {
		return true
	}
	served := slices.ContainsFunc(a.Grants, func(g access.Grant) bool {
		return g.Role == access.CounterWorker && slices.Contains(t.Served, g.Area)
	})
	if served || counters(a) && t.ReportedBy == a.Account {
		return true
	}
	staff := areas(a) || a.Organisation != "" || counters(a)
	return staff && (slices.Contains(t.Involved, a.Account) || a.Organisation != "" && slices.Contains(t.Involved, a.Organisation) || t.ReportedBy == a.Account && covers(a, t))
}

// whole is what a reader sees all of, and so is told whom it is with.
func whole(a access.Actor, t *Ticket) bool {
	return covers(a, t) || slices.Contains(t.Involved, a.Account) || a.Organisation != "" && slices.Contains(t.Involved, a.Organisation)
}

// changedFor is when a reader is told that the ticket was changed: residents as they are shown it.
func changedFor(a access.Actor, t *Ticket) time.Time {
	if areas(a) || counters(a) || a.Organisation != "" {
		return t.UpdatedAt
	}
	return t.ShownAt
}

// wanted is the filter, and the tickets that pass it, newest first.
func (l *listed) wanted(who string, by ...narrowing) (Filter, []*Ticket) {
	var f Filter
	for _, n := range by {
		n.set(&f)
	}
	var want []*Ticket
	for _, t := range l.all {
		pass := shows(l.people[who], t, f.Mine) && (f.Assignee == "" || whole(l.people[who], t))
		told := *t
		told.UpdatedAt = changedFor(l.people[who], t)
		for _, n := range by {
			pass = pass && n.pass(&told)
		}
		if pass {
			want = append(want, t)
		}
	}
	order := f.order(!areas(l.people[who]) || f.Mine)
	at := map[string]func(*Ticket) time.Time{"createdAt": func(t *Ticket) time.Time { return t.CreatedAt }, "dueAt": func(t *Ticket) time.Time { return t.DueAt }, "updatedAt": func(t *Ticket) time.Time { return changedFor(l.people[who], t) }}[order.Field()]
	slices.SortFunc(want, func(a, b *Ticket) int {
		if order.Falls() {
			a, b = b, a
		}
		return cmp.Or(at(a).Compare(at(b)), cmp.Compare(a.ID, b.ID))
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

// refuses: residents may not ask by assignee.
func (l *listed) refuses(who string, f Filter) bool {
	return f.Assignee != "" && !l.people[who].IsStaff()
}

func (l *listed) try(t *testing.T, who string, by ...narrowing) int {
	t.Helper()
	if len(by) == 2 && overwrites(by[0], by[1]) {
		return 0
	}
	f, want := l.wanted(who, by...)
	f.Limit = 500
	got, next, err := l.tickets.List(t.Context(), l.people[who], f)
	if l.refuses(who, f) {
		if strings.Join(pointers(err), " ") != "?assignee" {
			t.Errorf("%s by %s: %v", who, names(by), err)
		}
		return 0
	}
	if f.Sort != "" && (f.Boxes != nil || f.Text != "") {
		if !errors.Is(err, domain.ErrNotSortable) {
			t.Errorf("%s by %s: %v", who, names(by), err)
		}
		return 0
	}
	if err != nil || next != "" {
		t.Errorf("%s by %s: %v, next %q", who, names(by), err, next)
		return 0
	}
	if f.Boxes != nil {
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
	groups := slices.Sorted(maps.Keys(CountFields))
	if len(by) > 0 { // one of them in turn
		groups = groups[(len(who)+len(names(by)))%len(groups):][:1]
	}
	for _, group := range groups {
		l.count(t, who, group, f, want, names(by))
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
		one.Text != "" && two.Text != "" || one.Sort != "" && two.Sort != "" || one.Assignee != "" && two.Assignee != ""
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
	if l.refuses(who, f) {
		if strings.Join(pointers(err), " ") != "?assignee" {
			t.Errorf("%s counts %s: %v", who, by, err)
		}
		return
	}
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
	case by == "assignee" && t.Assignee.Kind == access.Person && !whole(l.people[who], t):
		return "" // reporters are not told who
	case by == "cell" && id != "":
		c, _ := l.areas.Map().ByID(id)
		return c.Code
	case (by == "community" || by == "street") && id != "":
		a, _ := l.areas.Tree().ByID(id)
		return a.Code
	}
	return id
}
