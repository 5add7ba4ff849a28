package intake

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/domain/worldtest"
	"wangge/store"
)

// fill writes cases of every kind.
func (w *world) fill(n int) (all []*Case) {
	rng := rand.New(rand.NewPCG(3, 4))
	var items []Item
	for _, code := range slices.Sorted(maps.Keys(catalogue)) {
		items = append(items, itemOf(must(w.cases.items.At(w.t.Context(), w.st, code, noon))(w.t)))
	}
	for i := range n {
		at, _ := communityOf(w.areas.Tree(), []string{jiaOne, jiaTwo, yiOne}[rng.IntN(3)])
		c := &Case{Meta: store.Meta{ID: ids.New(), Partition: at.Street}, System: rnd, Number: fmt.Sprintf("SZ-%d", i), Place: at, Item: items[rng.IntN(len(items))],
			State: States[rng.IntN(len(States))], OpenedAt: noon.Add(-time.Duration(rng.IntN(5000)) * time.Minute), UpdatedAt: noon.Add(time.Duration(i) * time.Second), Station: []string{"", "s1", "s2"}[rng.IntN(3)]}
		if rng.IntN(3) > 0 {
			c.DueAt = noon.Add(time.Duration(rng.IntN(200)-100) * time.Hour)
		}
		if c.State == Other {
			c.SourceState = []string{"转办", "挂起"}[rng.IntN(2)]
		}
		if rng.IntN(4) == 0 {
			c.System, c.Local, c.OpenedBy, c.Number = "", fmt.Sprintf("320508001-j261123-%d", i), w.people["counter"].Account, ""
			c.Worker = w.people[[]string{"counter", "stand-in"}[rng.IntN(2)]].Account
		}
		c.settle()
		all = append(all, c)
	}
	worldtest.Insert(w.t, w.st, all, func(c *Case) string { return c.Partition }, func(tx *store.Tx, c *Case) error {
		return collection.Insert(tx, c, c.entry(program, noon, "receive", store.Facts{}))
	})
	return all
}

// Lists and counts show what passes the filter of what the reader is shown whole.
func TestList(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		all := w.fill(240)
		pass := map[string]struct {
			set  func(*Filter)
			pass func(*Case) bool
		}{
			"everything": {func(*Filter) {}, func(*Case) bool { return true }},
			"states":     {func(f *Filter) { f.States = []State{Done, Received} }, func(c *Case) bool { return c.State == Done || c.State == Received }},
			"item":       {func(f *Filter) { f.Items = []string{"advice"} }, func(c *Case) bool { return c.Item.Code == "advice" }},
			"category":   {func(f *Filter) { f.Categories = []string{"民政", "社保"} }, func(c *Case) bool { return c.Item.Category != "其他" }},
			"community":  {func(f *Filter) { f.Area = jiaOne }, func(c *Case) bool { return c.Place.Community == worldtest.ID(t, w.areas, jiaOne) }},
			"street":     {func(f *Filter) { f.Area = yi }, func(c *Case) bool { return c.Place.Street == worldtest.ID(t, w.areas, yi) }},
			"station":    {func(f *Filter) { f.Station = "s1" }, func(c *Case) bool { return c.Station == "s1" }},
			"system":     {func(f *Filter) { f.System = rnd }, func(c *Case) bool { return c.System == rnd }},
			"unmapped":   {func(f *Filter) { f.Unmapped = true }, func(c *Case) bool { return c.State == Other }},
			"overdue":    {func(f *Filter) { f.Overdue = noon }, func(c *Case) bool { return c.Overdue(noon) }},
			"opened": {func(f *Filter) { f.From, f.To = noon.Add(-2000*time.Minute), noon.Add(-100*time.Minute) }, func(c *Case) bool {
				return !c.OpenedAt.Before(noon.Add(-2000*time.Minute)) && c.OpenedAt.Before(noon.Add(-100*time.Minute))
			}},
			"changed":  {func(f *Filter) { f.Since = noon.Add(100 * time.Second) }, func(c *Case) bool { return c.UpdatedAt.After(noon.Add(100 * time.Second)) }},
			"mine":     {func(f *Filter) { f.Mine = true }, func(*Case) bool { return true }},
			"words":    {func(f *Filter) { f.Text = "生活保障" }, func(c *Case) bool { return c.Item.Code == "allowance" }},
			"a number": {func(f *Filter) { f.Text = "SZ-77" }, func(c *Case) bool { return c.Number == "SZ-77" }},
			"due":      {func(f *Filter) { f.Sort = "dueAt" }, func(c *Case) bool { return !c.DueAt.IsZero() }},
		}
		for _, who := range []string{"admin", "manager", "community", "counter", "stand-in", "other counter"} {
			actor := w.people[who]
			for a, one := range pass {
				for b, two := range pass {
					if a > b {
						continue
					}
					w.tryList(who, a+" and "+b, one.set, two.set, slices.DeleteFunc(slices.Clone(all), func(c *Case) bool {
						mine := slices.Contains(c.People, actor.Account)
						seen := access.CaseView(actor, c.Facts()) == access.CaseWhole
						if a != "mine" && b != "mine" {
							seen = seen && !(mine && access.CaseView(access.Actor{Grants: actor.Grants}, c.Facts()) != access.CaseWhole)
						} else {
							seen = seen && mine
						}
						return !seen || !one.pass(c) || !two.pass(c)
					}))
				}
			}
		}
		if _, _, err := w.cases.List(t.Context(), w.people["platform"], Filter{}); err == nil {
			t.Error("a machine account lists cases")
		}
	})
}

func (w *world) tryList(who, name string, one, two func(*Filter), want []*Case) {
	w.t.Helper()
	var f, g Filter
	one(&f)
	two(&f)
	two(&g)
	one(&g)
	if fmt.Sprint(f) != fmt.Sprint(g) || f.Text != "" && f.Sort != "" { // they set the same, or cannot go together
		return
	}
	f.Limit = 500
	got, _, err := w.cases.List(w.t.Context(), w.people[who], f)
	if err != nil {
		w.t.Fatalf("%s by %s: %v", who, name, err)
	}
	by := func(a, b *Case) int { return cmp.Compare(a.ID, b.ID) }
	if order := f.order(); !slices.IsSortedFunc(got, func(a, b *Case) int {
		at := func(c *Case) time.Time {
			return map[string]time.Time{"openedAt": c.OpenedAt, "dueAt": c.DueAt, "updatedAt": c.UpdatedAt}[order.Field()]
		}
		if order.Falls() {
			a, b = b, a
		}
		return at(a).Compare(at(b))
	}) {
		w.t.Errorf("%s by %s: not in order of %s", who, name, order)
	}
	slices.SortFunc(got, by)
	slices.SortFunc(want, by)
	if !slices.EqualFunc(got, want, func(a, b *Case) bool { return a.ID == b.ID }) {
		w.t.Errorf("%s by %s: %d, want %d", who, name, len(got), len(want))
	}
	counts, err := w.cases.Count(w.t.Context(), w.people[who], f, "word")
	total := int64(0)
	for _, n := range counts {
		total += n
	}
	if !strings.Contains(name, "mine") && (err != nil || total != int64(len(want))) {
		w.t.Errorf("%s counts by %s: %v, %d, want %d", who, name, err, total, len(want))
	}
}

// A counter's day: what is promised, what came, what waits.
func TestDay(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		all := w.fill(900)
		day := must(w.cases.Day(t.Context(), w.people["counter"], "s1", "2026-11-23"))(t)
		begin, end := noon.Add(-12*time.Hour), noon.Add(12*time.Hour)
		var promised, came, waiting int
		for _, c := range all {
			if c.Station != "s1" || c.Place.Community != worldtest.ID(t, w.areas, jiaOne) {
				continue
			}
			if slices.Contains(running, c.State) && !c.DueAt.IsZero() && !c.DueAt.After(end) {
				promised++
			}
			if !c.OpenedAt.Before(begin) && c.OpenedAt.Before(end) {
				came++
			}
			if c.State == Received || c.State == NeedsMaterial {
				waiting++
			}
		}
		if promised*came*waiting == 0 || len(day.Promised) != promised || len(day.Came) != came || len(day.Waiting) != waiting {
			t.Errorf("%d promised, %d came, %d wait; want %d, %d, %d", len(day.Promised), len(day.Came), len(day.Waiting), promised, came, waiting)
		}
	})
}
