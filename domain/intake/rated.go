package intake

import "wangge/store"

// rated is on a case's journal when whose it is has said how it was seen to.
const rated = "case.rated"

// RecordRated puts that on its journal; who it was is not told on the timeline.
func (c *Case) RecordRated(tx *store.Tx, e store.Entry) error {
	e.Action, e.Before, e.After = rated, c.facts(), c.facts()
	return collection.Record(tx, c, e)
}
