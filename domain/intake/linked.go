package intake

import "wangge/store"

// RecordLinked puts on the case's journal that something was linked to it, or is not any more.
func (c *Case) RecordLinked(tx *store.Tx, e store.Entry) error {
	e.Action, e.Before, e.After = "case."+e.Action, c.facts(), c.facts()
	return collection.Record(tx, c, e)
}
