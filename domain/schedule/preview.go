package schedule

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/household"
	"wangge/domain/plan"
	"wangge/domain/policy"
	"wangge/domain/visit"
	"wangge/store"
)

// Preview is what a plan asks of people in the weeks that visits are made for ahead.
type Preview struct {
	Households int // that it selects
	Visits     int
	Loads      []Load // by week, then account and cell
}

// Load of a worker in a week.
type Load struct {
	Week    civil.Date // its Monday
	Account string     // "" for a cell that nobody staffs
	Cell    string     // id, of an unstaffed cell
	Visits  int        // by this plan
	Other   int        // already planned by others
	Limit   int
	Over    bool // more than the limit, or nobody to do it
}

// Preview says how many visits a plan makes per worker and week, from its
// next day on, beside what is planned already. The visits of a cell are shared
// out evenly among those who staff it now, those of a team among its members.
// Errors: ErrNotFound.
func (s *Scheduler) Preview(ctx context.Context, actor access.Actor, now time.Time, id string) (*Preview, error) {
	p, err := s.plans.Get(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	usual := s.households.Policies.At(p.Partition, now).Limit(policy.WeekLimit)
	first := max(civil.DateOf(now), p.Versions[0].From)
	c, err := p.Calendar(first, first.Add(plan.Horizon))
	if err != nil {
		return nil, err
	}
	t := &tally{preview: &Preview{}, shares: map[share]int{}, limits: map[share]int{}, usual: usual}
	for _, v := range p.Versions {
		if v.Tag != "" && v.From > first.Add(plan.Horizon) {
			continue
		}
		if err := s.eachSelected(ctx, p, v, now, func(h *household.Household, ids []string) { t.count(c, h, ids, domain.Later(now, first.Start())) }); err != nil {
			return nil, err
		}
	}
	return s.shareOut(ctx, t, p, now, first)
}

// eachSelected visits the households that a version selects now, those of a list with their ids.
func (s *Scheduler) eachSelected(ctx context.Context, p *plan.Plan, v plan.Version, now time.Time, do func(h *household.Household, ids []string)) error {
	if v.Tag == "" {
		there, err := household.Current(ctx, s.store, v.Households)
		if err != nil {
			return err
		}
		for _, id := range slices.Sorted(maps.Keys(there)) {
			ids, err := there[id].IDs(ctx, s.store)
			if err != nil {
				return err
			}
			do(there[id], ids)
		}
		return nil
	}
	for cursor := ""; ; {
		list, next, err := s.tagged(ctx, p.Place, v.Tag, now, cursor)
		if err != nil {
			return err
		}
		for _, h := range list {
			do(h, nil)
		}
		if cursor = next; cursor == "" {
			return nil
		}
	}
}

// share of a week's visits: a team's of a version, or a cell's.
type share struct {
	week    civil.Date
	version int // of the team; -1 for cells
	cell    string
}

type tally struct {
	preview *Preview
	seen    map[string]bool
	shares  map[share]int
	limits  map[share]int
	usual   int // the street's limit
}

func (t *tally) count(c *plan.Calendar, h *household.Household, ids []string, now time.Time) {
	if t.seen == nil {
		t.seen = map[string]bool{}
	}
	if t.seen[h.ID] {
		return
	}
	t.seen[h.ID] = true
	days := c.Of(h, ids, now)
	if len(days) > 0 {
		t.preview.Households++
	}
	for _, o := range days {
		v := c.Plan.Versions[o.Version]
		k := share{o.Day.Monday(), -1, h.Place.Cell}
		if len(v.Team) > 0 {
			k.version, k.cell = o.Version, ""
		}
		t.preview.Visits++
		t.shares[k]++
		t.limits[k] = t.usual
		if v.WeekLimit > 0 {
			t.limits[k] = v.WeekLimit
		}
	}
}

// shareOut shares out what was counted, and adds what people have already.
func (s *Scheduler) shareOut(ctx context.Context, t *tally, p *plan.Plan, now time.Time, first civil.Date) (*Preview, error) {
	byWho := map[Load]*Load{} // by week, account and cell
	for k, n := range t.shares {
		who := p.Versions[max(k.version, 0)].Team
		if k.version < 0 {
			who = s.staff(k.cell, now)
		}
		if len(who) == 0 {
			byWho[Load{Week: k.week, Cell: k.cell}] = &Load{Week: k.week, Cell: k.cell, Visits: n, Limit: t.limits[k], Over: true}
			continue
		}
		for i, a := range who {
			l := byWho[Load{Week: k.week, Account: a}]
			if l == nil {
				l = &Load{Week: k.week, Account: a, Limit: t.limits[k]}
				byWho[Load{Week: k.week, Account: a}] = l
			}
			l.Visits += (n + len(who) - 1 - i) / len(who) // the first take one more
			l.Limit = min(l.Limit, t.limits[k])
		}
	}
	others, err := s.planned(ctx, p, now, first)
	if err != nil {
		return nil, err
	}
	for _, l := range byWho {
		if l.Account != "" {
			l.Other = others[turn{l.Week, l.Account}]
			l.Over = l.Visits+l.Other > l.Limit
		}
		t.preview.Loads = append(t.preview.Loads, *l)
	}
	slices.SortFunc(t.preview.Loads, func(a, b Load) int {
		return strings.Compare(string(a.Week)+a.Account+a.Cell, string(b.Week)+b.Account+b.Cell)
	})
	return t.preview, nil
}

// staff are the workers on duty in a cell, or its lead where there are none.
func (s *Scheduler) staff(cell string, now time.Time) []string {
	c, ok := s.areas.Map().ByID(cell)
	if !ok {
		return nil
	}
	var workers, leads []string
	for _, on := range c.StaffAt(now) {
		if on.Role == access.OutreachWorker {
			workers = append(workers, on.Account)
		} else {
			leads = append(leads, on.Account)
		}
	}
	if len(workers) == 0 {
		return leads
	}
	return workers
}

// turn is a worker's week.
type turn struct {
	week    civil.Date
	account string
}

// planned counts what people of the street have to do by other plans.
func (s *Scheduler) planned(ctx context.Context, p *plan.Plan, now time.Time, first civil.Date) (map[turn]int, error) {
	out := map[turn]int{}
	for week := first.Monday(); week <= first.Add(plan.Horizon); week = week.Add(7) {
		count := func(by string, of ...store.Cond) (map[string]int64, error) {
			return visit.CountPlanned(ctx, s.store, week, by, of...)
		}
		own, err := count("assignee", store.Eq("plan", p.ID))
		if err != nil {
			return nil, err
		}
		given, err := count("assignee", store.Eq("place.street", p.Partition))
		if err != nil {
			return nil, err
		}
		for a, n := range given {
			if a != "" {
				out[turn{week, a}] += int(n - own[a])
			}
		}
		cells, err := count("place.cell", store.Eq("place.street", p.Partition), store.Filter(store.Eq("assignee", "")))
		if err != nil {
			return nil, err
		}
		ownCells, err := count("place.cell", store.Eq("plan", p.ID), store.Filter(store.Eq("assignee", "")))
		if err != nil {
			return nil, err
		}
		for cell, n := range cells {
			who := s.staff(cell, now)
			for i, a := range who {
				out[turn{week, a}] += (int(n-ownCells[cell]) + len(who) - 1 - i) / len(who)
			}
		}
	}
	return out, nil
}
