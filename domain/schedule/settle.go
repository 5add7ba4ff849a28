package schedule

import (
	"context"
	"maps"
	"slices"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/civil"
	"wangge/domain/household"
	"wangge/domain/plan"
	"wangge/domain/visit"
	"wangge/store"
)

// settleAtOnce is how many households are settled in one transaction: as few
// as cost little more, so that nobody waits long for the street meanwhile.
const settleAtOnce = 100

// settleAll brings every visit of a plan in line, chunk by chunk: at the
// households that it selects, and at those where it has visits planned. It
// may be cut short anywhere and begun again. Errors: store.ErrFenced, plan.ErrChanged.
func (s *Scheduler) settleAll(ctx context.Context, lease store.Lease, p *plan.Plan, now time.Time) error {
	run, err := s.settling(ctx, p, now)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	if p.State == plan.Active {
		if err := s.settleSelected(ctx, lease, run, seen); err != nil {
			return err
		}
	}
	var rest []string
	err = visit.EachPlanned(ctx, s.store, "plan", p.ID, func(v *visit.Visit) {
		if !seen[v.Household] {
			seen[v.Household] = true
			rest = append(rest, v.Household)
		}
	})
	if err != nil {
		return err
	}
	return s.settleChunks(ctx, lease, run, rest)
}

// settleSelected settles the households that the versions select whose periods
// can be open between now and the horizon.
func (s *Scheduler) settleSelected(ctx context.Context, lease store.Lease, run *settling, seen map[string]bool) error {
	today := civil.DateOf(run.now)
	for i := max(0, run.Plan.InForce(today.Add(-plan.WindowMost))); i < len(run.Plan.Versions); i++ {
		v := run.Plan.Versions[i]
		if v.From > today.Add(plan.Horizon) {
			break
		}
		fresh := func(ids []string) []string {
			return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { was := seen[id]; seen[id] = true; return was })
		}
		if v.Tag == "" {
			there, err := household.Current(ctx, s.store, v.Households)
			if err != nil {
				return err
			}
			ids := slices.Clone(v.Households)
			for _, id := range slices.Sorted(maps.Keys(there)) {
				ids = append(ids, there[id].ID) // also what one of them was merged into
			}
			if err := s.settleChunks(ctx, lease, run, fresh(ids)); err != nil {
				return err
			}
			continue
		}
		for cursor := ""; ; {
			list, next, err := s.tagged(ctx, run.Plan.Place, v.Tag, run.now, cursor)
			if err != nil {
				return err
			}
			var ids []string
			for _, h := range list {
				ids = append(ids, h.ID)
			}
			if err := s.settleChunks(ctx, lease, run, fresh(ids)); err != nil {
				return err
			}
			if cursor = next; cursor == "" {
				break
			}
		}
	}
	return nil
}

func (s *Scheduler) settleChunks(ctx context.Context, lease store.Lease, run *settling, ids []string) error {
	for chunk := range slices.Chunk(ids, settleAtOnce) {
		if err := s.settleChunk(ctx, lease, run, chunk); err != nil {
			return err
		}
	}
	return nil
}

// settleChunk settles the plan's visits at some households in one transaction, under the lease.
func (s *Scheduler) settleChunk(ctx context.Context, lease store.Lease, run *settling, ids []string) error {
	var after loads
	err := s.store.Update(ctx, []string{run.Plan.Partition}, func(tx *store.Tx) error {
		p, err := plan.Load(ctx, tx, run.Plan.ID)
		if err != nil {
			return err
		}
		if p.Version != run.Plan.Version {
			return plan.ErrChanged
		}
		there, err := household.LoadMany(ctx, tx, ids)
		if err != nil {
			return err
		}
		known, err := s.known(ctx, tx, run, there, ids)
		if err != nil {
			return err
		}
		now := *run // what this attempt assigns does not count for the next
		now.loads = run.loads.clone()
		if now.working, err = s.working(ctx, tx, run.Plan, known); err != nil {
			return err
		}
		wrote := false
		for _, id := range ids {
			for _, c := range now.settle(there[id], known[id]) {
				if err := c.Write(tx, run.now); err != nil {
					return err
				}
				wrote = true
			}
		}
		after = now.loads
		if !wrote {
			return nil
		}
		return tx.Hold(ctx, lease)
	})
	if err == nil {
		run.loads = after
	}
	return err
}

// known reads the plan's visits at some households.
func (s *Scheduler) known(ctx context.Context, tx *store.Tx, run *settling, there map[string]*household.Household, ids []string) (map[string]*atHome, error) {
	out, own, merged := map[string]*atHome{}, map[string]*atHome{}, map[string]*atHome{} // by household; by ids of visits
	for _, id := range ids {
		at := &atHome{ids: []string{id}, visits: map[string]*visit.Visit{}, done: map[civil.Date]*visit.Visit{}}
		out[id] = at
		periods := map[civil.Date]bool{}
		err := visit.EachPlanned(ctx, tx, "household", id, func(v *visit.Visit) {
			if v.Plan == run.Plan.ID {
				at.visits[v.ID], periods[v.Period] = v, true
			}
		})
		if err == nil && there[id] != nil {
			at.ids, err = there[id].IDs(ctx, tx)
		}
		if err != nil {
			return nil, err
		}
		for _, o := range run.Of(there[id], at.ids, run.now) {
			periods[o.Day] = true
			if v := visit.ID(run.Plan.ID, id, o.Day); at.visits[v] == nil {
				own[v] = at
			}
		}
		for _, other := range at.ids[1:] {
			for day := range periods {
				merged[visit.ID(run.Plan.ID, other, day)] = at
			}
		}
	}
	found, err := visit.LoadMany(ctx, tx, append(slices.Sorted(maps.Keys(own)), slices.Sorted(maps.Keys(merged))...))
	if err != nil {
		return nil, err
	}
	for _, id := range slices.Sorted(maps.Keys(found)) {
		if v := found[id]; own[id] != nil {
			own[id].visits[id] = v
		} else if at := merged[id]; over(v) && (at.done[v.Period] == nil || v.Covered) {
			at.done[v.Period] = v
		}
	}
	return out, nil
}

// working says who of the plan's teams and of those with its visits may have visits.
func (s *Scheduler) working(ctx context.Context, tx *store.Tx, p *plan.Plan, known map[string]*atHome) (map[string]bool, error) {
	var ids []string
	for _, v := range p.Versions {
		ids = append(ids, v.Team...)
	}
	for _, at := range known {
		for _, v := range at.visits {
			if v.Assignee != "" {
				ids = append(ids, v.Assignee)
			}
		}
	}
	slices.Sort(ids)
	people, err := account.LoadMany(ctx, tx, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for id, a := range people {
		out[id] = p.MayBeWith(s.areas.Tree(), a)
	}
	return out, nil
}

// settling prepares to settle a plan: its calendar, and what its teams have to do already.
func (s *Scheduler) settling(ctx context.Context, p *plan.Plan, now time.Time) (*settling, error) {
	c, err := p.CalendarAt(now)
	if err != nil {
		return nil, err
	}
	out := &settling{Calendar: c, now: now, loads: loads{}}
	for _, v := range p.Versions {
		for _, a := range v.Team {
			if out.loads[a] != nil {
				continue
			}
			for week := civil.DateOf(now).Monday(); week <= civil.DateOf(now).Add(plan.Horizon); week = week.Add(7) {
				n, err := visit.CountPlanned(ctx, s.store, week, "", store.Eq("assignee", a))
				if err != nil {
					return nil, err
				}
				out.loads.add(a, week, int(n[""]))
			}
		}
	}
	return out, nil
}

// tagged pages through the households of a place that have a tag now.
func (s *Scheduler) tagged(ctx context.Context, at access.Place, tag string, now time.Time, cursor string) ([]*household.Household, string, error) {
	f := household.Filter{Tags: []string{tag}, Limit: 500, Cursor: cursor}
	if c, ok := s.areas.Map().ByID(at.Cell); ok {
		f.Cell = c.Code
	} else if a, ok := s.areas.Tree().ByID(at.Community); ok {
		f.Area = a.Code
	} else if a, ok := s.areas.Tree().ByID(at.Street); ok {
		f.Area = a.Code
	}
	return s.households.List(ctx, access.Program, now, f)
}
