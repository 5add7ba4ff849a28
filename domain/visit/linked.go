package visit

import (
	"context"

	"wangge/store"
)

// LoadVisits returns the visits with these ids that there are. Who may see
// them is for the caller to decide, by their Facts.
func LoadVisits(ctx context.Context, r store.Reader, ids []string) (map[string]*Visit, error) {
	return visits.GetMany(ctx, r, ids)
}

// LoadStops is LoadVisits for stops.
func LoadStops(ctx context.Context, r store.Reader, ids []string) (map[string]*Stop, error) {
	return stops.GetMany(ctx, r, ids)
}

// RecordLinked puts on the visit's journal that something was linked to it, or is not any more.
func (v *Visit) RecordLinked(tx *store.Tx, e store.Entry) error {
	e.Action, e.Before, e.After = "visit."+e.Action, v.facts(), v.facts()
	return visits.Record(tx, v, e)
}

// RecordLinked is the same of a stop.
func (s *Stop) RecordLinked(tx *store.Tx, e store.Entry) error {
	e.Action, e.Before, e.After = "stop."+e.Action, s.facts(), s.facts()
	return stops.Record(tx, s, e)
}

// LoadPromises is LoadVisits for promises.
func LoadPromises(ctx context.Context, r store.Reader, ids []string) (map[string]*Promise, error) {
	return promises.GetMany(ctx, r, ids)
}
