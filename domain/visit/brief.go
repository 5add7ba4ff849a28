package visit

import (
	"context"
	"time"

	"wangge/domain/access"
	"wangge/domain/place"
	"wangge/store"
)

// Brief is what figures need of a planned visit. Many readers share one; none changes it.
type Brief struct {
	ID     string
	Place  access.Place
	Opens  time.Time
	Closes time.Time // overdue from then on
}

func (v *Visit) brief() *Brief { return &Brief{v.ID, v.Place, v.Opens, v.Closes} }

// Journaled is the name under which the journal speaks of visits.
var Journaled = visits.Spec().Name

// Planned reads every planned visit, in no order, as it is while this runs:
// what changes meanwhile may be there as it was, as it is, or not.
func (s *Visits) Planned(ctx context.Context) ([]*Brief, error) {
	if err := s.areas.Refresh(ctx); err != nil { // for streets that came since
		return nil, err
	}
	var out []*Brief
	streets, err := place.Reach(s.areas, []access.Scope{{}}, "", "")
	if err != nil {
		return nil, err
	}
	err = eachVisit(ctx, s.store, func(v *Visit) { out = append(out, v.brief()) }, place.Among(streets), store.Eq("state", Planned))
	return out, err
}

// PlannedOf reads those of the visits that are planned.
func (s *Visits) PlannedOf(ctx context.Context, ids []string) (map[string]*Brief, error) {
	found, err := visits.GetMany(ctx, s.store, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]*Brief, len(found))
	for id, v := range found {
		if v.State == Planned {
			out[id] = v.brief()
		}
	}
	return out, nil
}

// StopsJournaled is the name under which the journal speaks of stops.
var StopsJournaled = stops.Spec().Name

// Alerting reads where every stop is that has an alert, by its id: see Planned.
func (s *Visits) Alerting(ctx context.Context) (map[string]*access.Place, error) {
	if err := s.areas.Refresh(ctx); err != nil {
		return nil, err
	}
	out := map[string]*access.Place{}
	for _, street := range s.areas.Tree().Streets() {
		for cursor := ""; ; {
			page, next, err := stops.Find(ctx, s.store, store.Query{Where: []store.Cond{store.Eq("place.street", street.ID), store.Eq("queue", InAlert)}, Order: []string{"at"}, Limit: 1000, After: cursor})
			if err != nil {
				return nil, err
			}
			for _, stop := range page {
				out[stop.ID] = &stop.Place
			}
			if cursor = next; cursor == "" {
				break
			}
		}
	}
	return out, nil
}

// AlertingOf reads where those of the stops are that have an alert.
func (s *Visits) AlertingOf(ctx context.Context, ids []string) (map[string]*access.Place, error) {
	found, err := stops.GetMany(ctx, s.store, ids)
	if err != nil {
		return nil, err
	}
	out := map[string]*access.Place{}
	for id, stop := range found {
		if stop.Alert == Raised {
			out[id] = &stop.Place
		}
	}
	return out, nil
}
