package station

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/place"
	"wangge/domain/service"
	"wangge/store"
)

// WhereDays is how far Where looks for a time when a resident is not sent for nothing.
const WhereDays = 62

// Asked is where somebody asks from, in one way of several.
type Asked struct {
	Item      string // code
	At        time.Time
	Community string      // code
	Place     place.Asked // where no community is named
}

// Where is what a resident is told of an item.
type Where struct {
	Item      *service.Item
	Community *area.Area
	At        time.Time
	Counters  []Counter // that serve the community and take the item, the soonest first
}

// Counter is a station as a resident finds it.
type Counter struct {
	*Station
	Open  *Span // while it is open at the moment asked for: how long still, from then on
	Opens *Span // when it is open next, then or after
	Now   bool  // whether somebody is there then who may take the item
	Next  *Span // when both is so next, then or after
}

// Where tells which stations serve the community and take an item, and when it
// is no use to go there. ErrNotFound for an item that is not taken any more;
// InvalidError at /at, /area, /position, /household and /address, also for an
// address that may lie in several communities.
func (s *Stations) Where(ctx context.Context, actor access.Actor, now time.Time, q Asked) (*Where, error) {
	community, err := s.communityOf(ctx, actor, now, q)
	if err != nil {
		return nil, err
	}
	if q.At.Before(now.AddDate(0, 0, -1)) || q.At.After(now.AddDate(1, 0, 0)) {
		return nil, domain.Invalid("/at", domain.T("时间应在今后一年之内", "the time is to be within a year from now"))
	}
	it, err := s.items.At(ctx, s.st, q.Item, q.At)
	if err == nil && it.Retired {
		err = domain.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	counters, err := s.countersOf(ctx, community, it, q.At)
	return &Where{it, community, q.At, counters}, err
}

// countersOf are the stations that serve a community and take an item, as they are found at a moment.
func (s *Stations) countersOf(ctx context.Context, community *area.Area, it *service.Item, at time.Time) ([]Counter, error) {
	c, err := s.calendars.At(ctx, s.st)
	if err != nil {
		return nil, err
	}
	found, err := s.servingAt(ctx, community, at)
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(st *Station) bool { return !st.takes(it) })
	fit, held, err := s.staffed(ctx, s.st, found...)
	if err != nil {
		return nil, err
	}
	out := make([]Counter, len(fit))
	for i, st := range fit {
		out[i] = st.counter(c, held, it.Qualification, at)
	}
	slices.SortStableFunc(out, func(a, b Counter) int { return compareSpans(a.Next, b.Next) })
	return out, nil
}

// Near are the stations that serve a community at a moment, as anybody finds
// them, the nearest to a place first.
func (s *Stations) Near(ctx context.Context, community *area.Area, from orb.Point, at time.Time) ([]Counter, error) {
	c, err := s.calendars.At(ctx, s.st)
	if err != nil {
		return nil, err
	}
	found, err := s.servingAt(ctx, community, at)
	if err != nil {
		return nil, err
	}
	out := make([]Counter, len(found))
	for i, st := range found {
		out[i] = st.counter(c, nil, "", at)
	}
	slices.SortStableFunc(out, func(a, b Counter) int {
		return cmp.Compare(orbgeo.Distance(from, a.Position.At()), orbgeo.Distance(from, b.Position.At()))
	})
	return out, nil
}

// compareSpans orders what comes sooner first, and nothing last.
func compareSpans(a, b *Span) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return a.From.Compare(b.From)
}

var unknownAddress = domain.T("没有找到该地址所在的社区", "the community of the address is not found")

// communityOf is the community, of today, that is asked for.
func (s *Stations) communityOf(ctx context.Context, actor access.Actor, now time.Time, q Asked) (*area.Area, error) {
	tree := s.areas.Tree()
	if q.Community != "" {
		a, ok := tree.ByCode(q.Community)
		if !ok || a.Level != access.Community {
			return nil, domain.Invalid("/area", domain.T("没有这个社区", "no such community"))
		}
		return a, nil
	}
	found, err := s.Locate(ctx, actor, now, q.Place)
	if bad := (*domain.InvalidError)(nil); errors.As(err, &bad) && bad.Fields[0].Pointer == "/area" { // not even a street is known
		return nil, domain.Invalid("/address", unknownAddress)
	}
	if err != nil {
		return nil, err
	}
	var maybe []string // today's communities
	add := func(id string) {
		if heirs := tree.Heirs(id); len(heirs) > 0 && !slices.Contains(maybe, heirs[len(heirs)-1]) {
			maybe = append(maybe, heirs[len(heirs)-1])
		}
	}
	if found.Position != nil {
		spot, _ := place.Spot(s.areas.Map(), found.Position.At())
		add(spot.Place.Community)
	}
	for _, c := range found.Candidates {
		add(c.Place.Community)
	}
	switch {
	case len(maybe) > 1:
		return nil, domain.Invalid("/address", domain.T("该地址可能在不同的社区，请写得更详细", "the address may lie in several communities: say more of it"))
	case len(maybe) == 0 && q.Place.Position != nil:
		return nil, domain.Invalid("/position", domain.T("该位置不在任何社区内", "the position lies in no community"))
	case len(maybe) == 0:
		return nil, domain.Invalid("/address", unknownAddress)
	}
	a, _ := tree.ByID(maybe[0])
	return a, nil
}

// servingAt are the stations that serve a community of today at a moment, by name.
func (s *Stations) servingAt(ctx context.Context, community *area.Area, at time.Time) ([]*Station, error) {
	found, _, err := stations.Find(ctx, s.st, store.Query{Where: []store.Cond{store.In("serves", s.areas.Tree().Formerly(community.ID)...)}, Order: []string{"name"}, Limit: stationsMost})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(found, func(st *Station) bool {
		return !slices.ContainsFunc(st.Served(s.areas.Tree(), at), func(p access.Place) bool { return p.Community == community.ID })
	}), nil
}

// counter is the station, without who may no longer be on its staff, as
// somebody finds it who needs a qualification there.
func (s *Station) counter(c *calendar.Calendar, held Held, qualification string, at time.Time) Counter {
	out := Counter{Station: s}
	ever := slices.ContainsFunc(s.People, func(account string) bool {
		return qualification == "" || slices.ContainsFunc(held[account], func(h service.Held) bool {
			return h.Code == qualification && (h.Until.IsZero() || h.Until.After(at))
		})
	})
	for _, days := range []int{2, 15, WhereDays} { // most are told by the first
		ahead := Span{at, at.AddDate(0, 0, days)}
		d := s.dutyBetween(c, ahead)
		has := d.whoHas(qualification, held)
		out.Opens, out.Next = firstOf(d.open), firstOf(has)
		if whole(out.Opens, ahead) && (!ever || whole(out.Next, ahead)) {
			break
		}
	}
	if out.Opens != nil && out.Opens.From.Equal(at) {
		out.Open = out.Opens
	}
	out.Now = out.Next != nil && out.Next.From.Equal(at)
	return out
}

// whole reports whether a span is known to its end.
func whole(s *Span, ahead Span) bool { return s != nil && s.Until.Before(ahead.Until) }

// firstOf is the first of joined spans; nil of none.
func firstOf(all []Span) *Span {
	if len(all) == 0 {
		return nil
	}
	return &all[0]
}
