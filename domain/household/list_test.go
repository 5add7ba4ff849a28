package household

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
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
	pass func(*model) bool
}

// model is a household with what is sealed in it.
type model struct {
	*Household
	names  []string
	phones []string
}

// listed is a city full of random households.
type listed struct {
	*world
	all        []*model
	narrowings []narrowing
}

func fill(w *world, households int) *listed {
	l := &listed{world: w}
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range households {
		h := &Household{Meta: store.Meta{ID: ids.New()}, Occupancy: pick(rng, Occupancies), Since: noon, CreatedAt: noon, Merged: []Merge{},
			Address: Address{Estate: pick(rng, []string{"大儒巷小区", "钮家巷", "平江新村"}), Building: fmt.Sprint(1 + rng.IntN(12)), Room: fmt.Sprint(100 + i)}}
		m := &model{Household: h}
		for range rng.IntN(3) {
			name, phone := pick(rng, []string{"王小明", "李红", "欧阳小红", "John Smith"}), fmt.Sprintf("1380000%04d", rng.IntN(60))
			in, err := w.households.prepare(ids.New(), PersonInput{Name: &name, Phone: &phone}, "", noon, &domain.InvalidError{})
			if err != nil {
				w.t.Fatal(err)
			}
			if err := h.add(w.keys, in, noon, "", &domain.InvalidError{}); err != nil {
				w.t.Fatal(err)
			}
			m.names, m.phones = append(m.names, strings.ToLower(name)), append(m.phones, phone)
			last := &h.Members[len(h.Members)-1]
			if rng.IntN(2) == 0 {
				last.Tags = []Tag{{Code: pick(rng, BuiltIn).Code, Since: noon, Source: "visit"}}
			}
		}
		if rng.IntN(3) > 0 {
			h.VisitedAt = noon.Add(-time.Duration(rng.IntN(20)) * 24 * time.Hour)
		}
		p := orb.Point{120.59 + float64(rng.IntN(24))*0.005, 31.295 + float64(rng.IntN(6))*0.005}
		spot, ok := place.Spot(w.areas.Map(), p)
		if !ok {
			w.t.Fatal("no spot")
		}
		h.setPosition(spot, p, geo.WGS84)
		h.settle(noon)
		l.all = append(l.all, m)
	}
	w.insert(l.all)
	l.narrow()
	return l
}

// insert writes households as they are.
func (w *world) insert(list []*model) {
	w.t.Helper()
	st := w.join(store.Options{}).st // no rehearsals: there are many
	worldtest.Insert(w.t, st, list, func(m *model) string { return m.Partition }, func(tx *store.Tx, m *model) error {
		return collection.Insert(tx, m.Household, m.entry(program, noon, "create", store.Facts{}))
	})
}

func (l *listed) narrow() {
	add := func(name string, set func(*Filter), pass func(*model) bool) {
		l.narrowings = append(l.narrowings, narrowing{name, set, pass})
	}
	inside := func(level access.Level, code string) func(*model) bool {
		return func(m *model) bool { return m.Place.At(level) == l.id(code) }
	}
	tagged := func(codes ...string) func(*model) bool {
		return func(m *model) bool {
			return !slices.ContainsFunc(codes, func(c string) bool { return !slices.Contains(m.Marks, tagMark(c)) })
		}
	}
	said := func(words ...string) func(*model) bool { // each in the address or in a name
		return func(m *model) bool {
			hay := append([]string{strings.ToLower(m.Address.String())}, m.names...)
			return !slices.ContainsFunc(words, func(w string) bool {
				return !slices.ContainsFunc(hay, func(h string) bool { return strings.Contains(h, w) })
			})
		}
	}
	add("a cell", func(f *Filter) { f.Cell = west }, inside(access.Cell, west))
	add("a community", func(f *Filter) { f.Area = jiaOne }, inside(access.Community, jiaOne))
	add("a street", func(f *Filter) { f.Area = jia }, inside(access.Street, jia))
	add("a county", func(f *Filter) { f.Area = county }, inside(access.County, county))
	add("the city", func(f *Filter) { f.Area = "3205" }, inside(access.City, "3205"))
	add("no cell", func(f *Filter) { f.Unplaced = true }, func(m *model) bool { return m.Place.Cell == "" })
	add("a tag", func(f *Filter) { f.Tags = []string{"party_member"} }, tagged("party_member"))
	add("a sensitive tag", func(f *Filter) { f.Tags = []string{"empty_nest_elder"} }, tagged("empty_nest_elder"))
	add("tags", func(f *Filter) { f.Tags = []string{"party_member", "property_owner"} }, tagged("party_member", "property_owner"))
	add("an occupancy", func(f *Filter) { f.Occupancy = Rent }, func(m *model) bool { return m.Occupancy == Rent })
	limit := noon.Add(-7 * 24 * time.Hour)
	add("not visited for a week", func(f *Filter) { f.VisitedBefore = limit }, func(m *model) bool { return m.LastVisitedAt.Before(limit) })
	add("an estate", func(f *Filter) { f.Text = "大儒巷" }, said("大儒巷"))
	add("a name", func(f *Filter) { f.Text = "小红" }, said("小红"))
	add("an estate and a name", func(f *Filter) { f.Text = "钮家 小明" }, said("钮家", "小明"))
	add("a Latin name", func(f *Filter) { f.Text = "ＳＭＩＴＨ" }, said("smith"))
	add("a phone", func(f *Filter) { f.Phone = "+86 138 0000 0007" }, func(m *model) bool { return slices.Contains(m.phones, "13800000007") })
}

// readers of the list.
var readers = []string{"admin", "county admin", "manager", "dispatcher", "community", "lead", "worker", "two cells", "two roles", "other lead"}

// needsKeeper: what it asks for is shown to who keeps the households.
func needsKeeper(f Filter) bool { return f.Phone != "" || slices.Contains(f.Tags, "empty_nest_elder") }

// wanted is the filter, and the households that pass it, in the order of the list.
func (l *listed) wanted(who string, by ...narrowing) (Filter, []*model) {
	var f Filter
	for _, n := range by {
		n.set(&f)
	}
	var want []*model
	for _, m := range l.all {
		pass := access.MayReadHousehold(l.people[who], m.Place)
		if needsKeeper(f) {
			pass = access.MayKeepHousehold(l.people[who], m.Place)
		}
		for _, n := range by {
			pass = pass && n.pass(m)
		}
		if pass {
			want = append(want, m)
		}
	}
	slices.SortFunc(want, func(a, b *model) int {
		if !f.VisitedBefore.IsZero() && !f.searches() {
			return cmp.Or(a.LastVisitedAt.Compare(b.LastVisitedAt), cmp.Compare(a.ID, b.ID))
		}
		return cmp.Or(cmp.Compare(a.Sort, b.Sort), cmp.Compare(a.ID, b.ID))
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

// overwrites: both set the same field.
func overwrites(a, b narrowing) bool {
	var one, two Filter
	a.set(&one)
	b.set(&two)
	return one.Area != "" && two.Area != "" || one.Text != "" && two.Text != "" || one.Tags != nil && two.Tags != nil
}

func (l *listed) try(t *testing.T, who string, size int, by ...narrowing) int {
	t.Helper()
	f, want := l.wanted(who, by...)
	f.Limit = size
	var got []*Household
	for {
		page, next, err := l.households.List(t.Context(), l.people[who], noon, f)
		if needsKeeper(f) && who == "dispatcher" {
			if !errors.Is(err, domain.ErrForbidden) {
				t.Errorf("%s by %s: %v", who, names(by), err)
			}
			return 0
		}
		if err != nil || len(page) > size {
			t.Errorf("%s by %s: %d, %v", who, names(by), len(page), err)
			return 0
		}
		got = append(got, page...)
		if f.Cursor = next; next == "" {
			break
		}
	}
	if !slices.EqualFunc(got, want, func(a *Household, b *model) bool { return a.ID == b.ID }) {
		t.Errorf("%s by %s in pages of %d: %d, want %d", who, names(by), size, len(got), len(want))
	}
	for _, h := range got {
		for _, tag := range h.Tags(noon) {
			if !access.MayKeepHousehold(l.people[who], h.Place) && tag.Code != "party_member" && tag.Code != "property_owner" {
				t.Errorf("%s sees %s", who, tag.Code)
			}
		}
	}
	return len(got)
}

// Every filter, alone and by pairs, for every reader, in pages: the list is
// what a look at all households gives, and an index serves it.
func TestLists(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		l, every := fill(w, 400), 1
		l.households.Reveals.PerHour, l.households.Reveals.NamesPerHour = 1e6, 1e6
		if w.place.Dir == "" {
			every = 3 // all of the pairs take long there
		}
		found := map[string]int{}
		for _, who := range readers {
			l.try(t, who, 500)
			l.try(t, who, 7)
			for i, a := range l.narrowings {
				found[a.name] += l.try(t, who, 500, a)
				l.try(t, who, 7, a)
				for j, b := range l.narrowings[i+1:] {
					if (i+j+len(who))%every == 0 && !overwrites(a, b) {
						l.try(t, who, 40, a, b)
					}
				}
			}
		}
		for name, n := range found {
			if n == 0 {
				t.Errorf("nothing was ever found by %s: it tries nothing", name)
			}
		}
	})
}

// In a street of many households of one estate, a search for those with a mark,
// or not visited for long, finds the few there are.
func TestSearchForFewOfMany(t *testing.T) {
	w := onSQLite(t)
	many := make([]*model, 10_050)
	for i := range many {
		h := &Household{Meta: store.Meta{ID: ids.New()}, Occupancy: Own, Since: noon, CreatedAt: noon, Merged: []Merge{}, Members: []Member{}, VisitedAt: noon,
			Address: Address{Estate: "平江新村", Building: fmt.Sprint(i), Room: "101"}}
		spot, _ := place.Spot(w.areas.Map(), at[east])
		h.setPosition(spot, at[east], geo.WGS84)
		many[i] = &model{Household: h}
	}
	few := many[len(many)-1]
	few.Occupancy, few.VisitedAt = Rent, noon.AddDate(-1, 0, 0)
	for _, m := range many {
		m.settle(noon)
	}
	w.insert(many)
	for name, f := range map[string]Filter{"an occupancy": {Occupancy: Rent}, "not visited": {VisitedBefore: noon}, "both": {Occupancy: Rent, VisitedBefore: noon}} {
		f.Text = "新村"
		if list, _, err := w.households.List(t.Context(), w.people["manager"], noon, f); err != nil || len(list) != 1 || list[0].ID != few.ID {
			t.Errorf("%s: %d, %v", name, len(list), err)
		}
	}
	for name, f := range map[string]Filter{"a tag": {Tags: []string{"empty_nest_elder"}}, "moved away": {Away: true}} {
		f.Text = "新村"
		if list, _, err := w.households.List(t.Context(), w.people["manager"], noon, f); err != nil || len(list) != 0 {
			t.Errorf("%s: %d, %v", name, len(list), err)
		}
	}
}

func TestListRefusals(t *testing.T) {
	w := onSQLite(t)
	for name, c := range map[string]struct {
		f    Filter
		want string
	}{
		"an area": {Filter{Area: "999999"}, "?area"}, "a cell": {Filter{Cell: "999"}, "?cell"}, "a tag": {Filter{Tags: []string{"rich"}}, "?tag"}, "many tags": {Filter{Tags: slices.Repeat([]string{"empty_nest_elder"}, tagsMost+1)}, "?tag"},
		"an occupancy": {Filter{Occupancy: "squat"}, "?occupancy"}, "nothing to look for": {Filter{Text: " ！"}, "?q"}, "four words": {Filter{Text: "大儒 巷小 小区 小明"}, "?q"},
		"a phone": {Filter{Phone: "12"}, "?phone"}, "an ID number": {Filter{IDNumber: "12"}, "?idNumber"}, "an endless word": {Filter{Text: strings.Repeat("长", 101)}, "?q"},
	} {
		if _, _, err := w.households.List(t.Context(), w.people["admin"], noon, c.f); pointers(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := w.households.List(t.Context(), w.people["admin"], noon, Filter{Cursor: "x"}); !errors.Is(err, store.ErrCursor) {
		t.Errorf("a cursor that is none: %v", err)
	}
	for _, who := range []string{"resident", "handler", "counter", "nobody"} {
		if _, _, err := w.households.List(t.Context(), w.people[who], noon, Filter{}); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("%s lists: %v", who, err)
		}
	}
	early := access.Actor{Account: "early", Grants: []access.Grant{{Role: access.GridLead, Level: access.Cell, Area: "new"}}}
	if list, _, err := w.households.List(t.Context(), early, noon, Filter{}); err != nil || len(list) != 0 {
		t.Errorf("over what is not on the map yet: %d, %v", len(list), err)
	}
	d := draft(east, "1")
	d.Members[0].IDNumber = str(citizen(1))
	h := w.create("worker", d)
	if list, _, err := w.households.List(t.Context(), w.people["lead"], noon, Filter{IDNumber: citizen(1)}); err != nil || len(list) != 1 || list[0].ID != h.ID {
		t.Errorf("by ID number: %d, %v", len(list), err)
	}
}

// TestSearchNotAnswered: what is refused before anything is looked for uses up no budget.
func TestSearchNotAnswered(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		w.households.Reveals.NamesPerHour = 1
		ask := func(cursor string) error {
			_, _, err := w.households.List(t.Context(), w.people["worker"], noon, Filter{Text: "王父", Cursor: cursor})
			return err
		}
		for range 2 {
			if err := ask("of another list"); !errors.Is(err, store.ErrCursor) {
				t.Errorf("with another list's cursor: %v", err)
			}
		}
		if err := ask(""); err != nil {
			t.Error(err)
		}
		if err, limited := ask(""), (*domain.LimitError)(nil); !errors.As(err, &limited) {
			t.Errorf("over the budget: %v", err)
		}
	})
}
