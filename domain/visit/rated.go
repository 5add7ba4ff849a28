package visit

import "wangge/store"

// AboutVisit reports whether an entry of the journal is about a visit.
func AboutVisit(e *store.Entry) bool { return e.Collection == visits.Spec().Name }

// RecordRated puts on the visit's journal that somebody who was met has said how it was.
func (v *Visit) RecordRated(tx *store.Tx, e store.Entry) error {
	e.Action, e.Before, e.After = "visit.rated", v.facts(), v.facts()
	return visits.Record(tx, v, e)
}
