package visit

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/civil"
	"wangge/domain/household"
	"wangge/geo/route"
	"wangge/store"
)

// Days are what somebody has to do day by day.
type Days struct {
	store    *store.Store
	areas    *area.Areas
	visits   *Visits
	promises *Promises
}

// Day is what somebody has to do on a day.
type Day struct {
	Visits   []*Visit   // due then or before, by when they opened
	Promises []*Promise // due then or before, the soonest first
}

// DayMost is how many visits, and promises, a day lists.
const DayMost = 500

// Of returns the visits and promises due on a day where the actor is
// posted or covers, and the visits assigned to them. ErrForbidden.
func (s *Days) Of(ctx context.Context, actor access.Actor, now time.Time, on civil.Date) (*Day, error) {
	due, _, err := s.visits.List(ctx, actor, now, Filter{States: []State{Planned}, Mine: true, To: on.Add(1).Start(), Limit: DayMost})
	if err != nil {
		return nil, err
	}
	promised, _, err := s.promises.List(ctx, actor, "", "", on, DayMost, "")
	if err != nil {
		return nil, err
	}
	return &Day{due, promised}, nil
}

// Round is the day of somebody who visits, in walking order.
type Round struct {
	On       civil.Date
	Start    *orb.Point // WGS-84; nil when it begins at the first call
	Calls    []Call
	Metres   float64    // as the crow flies, from the start to the last call
	Promises []*Promise // due by then at households with no visit that day, the soonest first
}

// Call is a household to knock at.
type Call struct {
	Household *household.Household
	Visits    []*Visit   // due that day or before
	Promises  []*Promise // open there and due by then
	Last      *Stop      // the last one that is over; nil for none
	Metres    float64    // from the call before, or from the start
}

// recentMost is how many stops at a household are looked at for the last that is over.
const recentMost = 5

// Round puts a day of Of in walking order: calls in one building follow
// each other by address, and the buildings are ordered so that the way from the
// start, or where the actor's cells lie, is short. The same day gives the same
// order. ErrForbidden.
func (s *Days) Round(ctx context.Context, actor access.Actor, now time.Time, on civil.Date, start *orb.Point) (*Round, error) {
	day, err := s.Of(ctx, actor, now, on)
	if err != nil {
		return nil, err
	}
	out := &Round{On: on, Start: start}
	calls, err := s.calls(ctx, actor, day, out)
	if err != nil || len(calls) == 0 {
		return out, err
	}
	if out.Start == nil {
		out.Start = s.middle(actor)
	}
	if out.Calls, err = inOrder(ctx, calls, out.Start); err != nil {
		return nil, err
	}
	for i := range out.Calls {
		c := &out.Calls[i]
		out.Metres += c.Metres
		if c.Last, err = s.lastAt(ctx, c.Household); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// calls are the households of a day, by address; what is promised elsewhere goes to the round itself.
func (s *Days) calls(ctx context.Context, actor access.Actor, day *Day, round *Round) ([]Call, error) {
	homes := map[string]bool{}
	for _, v := range day.Visits {
		homes[v.Household] = true
	}
	for _, p := range day.Promises {
		homes[p.Household] = true
	}
	there, err := s.visits.SeenHouseholds(ctx, actor, slices.Sorted(maps.Keys(homes)))
	if err != nil {
		return nil, err
	}
	byHome := map[string]*Call{}
	for _, v := range day.Visits {
		h := there[v.Household]
		if h == nil || h.ID != v.Household {
			continue // it is about to be taken back
		}
		if byHome[h.ID] == nil {
			byHome[h.ID] = &Call{Household: h}
		}
		byHome[h.ID].Visits = append(byHome[h.ID].Visits, v)
	}
	for _, p := range day.Promises {
		if h := there[p.Household]; h != nil && byHome[h.ID] != nil {
			byHome[h.ID].Promises = append(byHome[h.ID].Promises, p)
		} else {
			round.Promises = append(round.Promises, p)
		}
	}
	var out []Call
	for _, c := range byHome {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Call) int {
		return cmp.Or(cmp.Compare(a.Household.Sort, b.Household.Sort), cmp.Compare(a.Household.ID, b.Household.ID))
	})
	return out, nil
}

// middle is where the actor's cells lie; nil for who has none.
func (s *Days) middle(actor access.Actor) *orb.Point {
	var box orb.Bound
	found := false
	for _, g := range actor.Grants {
		c, ok := s.areas.Map().ByID(g.Area)
		if !ok || g.Level != access.Cell {
			continue
		}
		if !found {
			box, found = c.Bound(), true
		}
		box = box.Union(c.Bound())
	}
	if !found {
		return nil
	}
	p := box.Center()
	return &p
}

// inOrder orders calls that are sorted by address, building by building.
func inOrder(ctx context.Context, calls []Call, start *orb.Point) ([]Call, error) {
	var buildings [][]Call
	at := map[string]int{}
	for _, c := range calls {
		key := c.Household.Partition + "/" + c.Household.Building
		i, known := at[key]
		if !known {
			i, at[key] = len(buildings), len(buildings)
			buildings = append(buildings, nil)
		}
		buildings[i] = append(buildings[i], c)
	}
	places, first := []orb.Point{}, 0
	if start != nil {
		places, first = append(places, *start), 1
	}
	for _, b := range buildings {
		places = append(places, b[0].Household.Position.At())
	}
	metres, err := route.Metres(places)
	if err != nil {
		return nil, err
	}
	found, err := route.Find(ctx, route.Problem{Metres: metres, End: route.Anywhere})
	if err != nil {
		return nil, err
	}
	legs := found.Legs
	if first == 0 { // from the first by address
		legs = append([]route.Leg{{}}, legs...)
	}
	var out []Call
	for _, leg := range legs {
		for i, c := range buildings[leg.To-first] {
			if i == 0 {
				c.Metres = leg.Metres
			}
			out = append(out, c)
		}
	}
	return out, nil
}

// lastAt is the last stop at a household that is over; nil for none.
func (s *Days) lastAt(ctx context.Context, h *household.Household) (*Stop, error) {
	ids, err := h.IDs(ctx, s.store)
	if err != nil {
		return nil, err
	}
	found, _, err := stops.Find(ctx, s.store, atEach(ids, store.Query{Order: []string{"-at"}, Limit: recentMost})...)
	if err != nil {
		return nil, err
	}
	for _, o := range found {
		if o.State == Over {
			return o, nil
		}
	}
	return nil, nil
}
