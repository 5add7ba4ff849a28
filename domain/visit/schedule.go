package visit

import (
	"context"
	"errors"
	"slices"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/household"
	"wangge/domain/personal"
	"wangge/domain/visit/recurrence"
	"wangge/store"
)

// Visits are the use cases on plans, visits, stops and promises.
type Visits struct {
	store      *store.Store
	areas      *area.Areas
	keys       *personal.Keys
	households *household.Households
}

// New returns the use cases on a store that has Collections, and those of accounts, photos and forms.
func New(st *store.Store, areas *area.Areas, keys *personal.Keys, households *household.Households) *Visits {
	return &Visits{store: st, areas: areas, keys: keys, households: households}
}

// settleAtOnce is how many households are settled in one transaction: as few
// as cost little more, so that nobody waits long for the street meanwhile.
const settleAtOnce = 100

// errPlanChanged: the plan is another since its calendar was made.
var errPlanChanged = errors.New("visit: the plan changed meanwhile")

var theProgram = access.Actor{System: true}

// calendarNow is the plan's calendar of the days that its visits may be made for.
func (p *Plan) calendarNow(now time.Time) (*calendar, error) {
	today, window := recurrence.DateOf(now), 1
	for _, v := range p.Versions {
		window = max(window, v.WindowDays)
	}
	return p.calendar(today.Add(1-window), today.Add(Horizon))
}

// settleAll brings every visit of a plan in line, chunk by chunk: at the
// households that it selects, and at those where it has visits planned. It
// may be cut short anywhere and begun again. Errors: store.ErrFenced, errPlanChanged.
func (s *Visits) settleAll(ctx context.Context, lease store.Lease, p *Plan, now time.Time) error {
	run, err := s.settling(ctx, p, now)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	if p.State == Active {
		if err := s.settleSelected(ctx, lease, run, seen); err != nil {
			return err
		}
	}
	var rest []string
	err = eachVisit(ctx, s.store, func(v *Visit) {
		if !seen[v.Household] {
			seen[v.Household] = true
			rest = append(rest, v.Household)
		}
	}, store.Eq("plan", p.ID), store.Eq("state", Planned))
	if err != nil {
		return err
	}
	return s.settleChunks(ctx, lease, run, rest)
}

// settleSelected settles the households that the versions select whose periods
// can be open between now and the horizon.
func (s *Visits) settleSelected(ctx context.Context, lease store.Lease, run *settling, seen map[string]bool) error {
	today := recurrence.DateOf(run.now)
	for i := max(0, run.plan.version(today.Add(-windowMost))); i < len(run.plan.Versions); i++ {
		v := run.plan.Versions[i]
		if v.From > today.Add(Horizon) {
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
			for _, id := range sortedKeys(there) {
				ids = append(ids, there[id].ID) // also what one of them was merged into
			}
			if err := s.settleChunks(ctx, lease, run, fresh(ids)); err != nil {
				return err
			}
			continue
		}
		for cursor := ""; ; {
			list, next, err := s.tagged(ctx, run.plan.Place, v.Tag, run.now, cursor)
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

func (s *Visits) settleChunks(ctx context.Context, lease store.Lease, run *settling, ids []string) error {
	for chunk := range slices.Chunk(ids, settleAtOnce) {
		if err := s.settleChunk(ctx, lease, run, chunk); err != nil {
			return err
		}
	}
	return nil
}

// settleChunk settles the plan's visits at some households in one transaction, under the lease.
func (s *Visits) settleChunk(ctx context.Context, lease store.Lease, run *settling, ids []string) error {
	var after loads
	err := s.store.Update(ctx, []string{run.plan.Partition}, func(tx *store.Tx) error {
		p, err := plans.Get(ctx, tx, run.plan.ID)
		if err != nil {
			return err
		}
		if p.Version != run.plan.Version {
			return errPlanChanged
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
		if now.working, err = s.working(ctx, tx, run.plan, known); err != nil {
			return err
		}
		wrote := false
		for _, id := range ids {
			for _, c := range now.settle(there[id], known[id]) {
				e := c.visit.entry(theProgram, run.now, c.action, c.before)
				if c.action == Make {
					err = visits.Insert(tx, c.visit, e)
				} else {
					err = visits.Put(tx, c.visit, e)
				}
				if err != nil {
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
func (s *Visits) known(ctx context.Context, tx *store.Tx, run *settling, there map[string]*household.Household, ids []string) (map[string]*atHome, error) {
	out, own, merged := map[string]*atHome{}, map[string]*atHome{}, map[string]*atHome{} // by household; by ids of visits
	for _, id := range ids {
		at := &atHome{ids: []string{id}, visits: map[string]*Visit{}, done: map[recurrence.Date]*Visit{}}
		out[id] = at
		periods := map[recurrence.Date]bool{}
		err := eachVisit(ctx, tx, func(v *Visit) {
			if v.Plan == run.plan.ID {
				at.visits[v.ID], periods[v.Period] = v, true
			}
		}, store.Eq("household", id), store.Eq("state", Planned))
		if err == nil && there[id] != nil {
			at.ids, err = there[id].Ids(ctx, tx)
		}
		if err != nil {
			return nil, err
		}
		for _, o := range run.of(there[id], at.ids, run.now) {
			periods[o.day] = true
			if v := visitID(run.plan.ID, id, o.day); at.visits[v] == nil {
				own[v] = at
			}
		}
		for _, other := range at.ids[1:] {
			for day := range periods {
				merged[visitID(run.plan.ID, other, day)] = at
			}
		}
	}
	found, err := visits.GetMany(ctx, tx, append(sortedKeys(own), sortedKeys(merged)...))
	if err != nil {
		return nil, err
	}
	for _, id := range sortedKeys(found) {
		if v := found[id]; own[id] != nil {
			own[id].visits[id] = v
		} else if at := merged[id]; v.over() && (at.done[v.Period] == nil || v.Covered) {
			at.done[v.Period] = v
		}
	}
	return out, nil
}

// over reports whether people have done with the visit; the program may restore what it took back.
func (v *Visit) over() bool {
	return v.State == Completed || v.State == Missed || v.State == Cancelled && !slices.Contains(takenBack, v.Cause)
}

// eachVisit visits what an index in the order of opening serves.
func eachVisit(ctx context.Context, r store.Reader, visit func(*Visit), where ...store.Cond) error {
	for cursor := ""; ; {
		page, next, err := visits.Find(ctx, r, store.Query{Where: where, Order: []string{"opens"}, Limit: 500, After: cursor})
		if err != nil {
			return err
		}
		for _, v := range page {
			visit(v)
		}
		if cursor = next; cursor == "" {
			return nil
		}
	}
}

// visiting are the roles that visits can be given to.
var visiting = []access.Role{access.OutreachWorker, access.GridLead, access.CommunityManager}

// mayHave reports whether visits of a plan can be with the account: who works in its area, or in a part of it.
func (s *Visits) mayHave(a *account.Account, p *Plan) bool {
	return a.WorksWithin(s.areas.Tree(), p.Place, visiting...)
}

// working says who of the plan's teams and of those with its visits may have visits.
func (s *Visits) working(ctx context.Context, tx *store.Tx, p *Plan, known map[string]*atHome) (map[string]bool, error) {
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
	people, err := account.All.GetMany(ctx, tx, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for id, a := range people {
		out[id] = s.mayHave(a, p)
	}
	return out, nil
}

// settling prepares to settle a plan: its calendar, and what its teams have to do already.
func (s *Visits) settling(ctx context.Context, p *Plan, now time.Time) (*settling, error) {
	c, err := p.calendarNow(now)
	if err != nil {
		return nil, err
	}
	out := &settling{calendar: c, now: now, loads: loads{}}
	for _, v := range p.Versions {
		for _, a := range v.Team {
			if out.loads[a] != nil {
				continue
			}
			for week := recurrence.DateOf(now).Monday(); week <= recurrence.DateOf(now).Add(Horizon); week = week.Add(7) {
				n, err := visits.Count(ctx, s.store, store.Query{Where: []store.Cond{
					store.Eq("assignee", a), store.Eq("state", Planned), store.Between("opens", week.Start(), week.Add(7).Start())}}, "")
				if err != nil {
					return nil, err
				}
				out.loads.add(a, week, int(n[""]))
			}
		}
	}
	return out, nil
}
