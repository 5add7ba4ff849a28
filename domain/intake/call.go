package intake

import (
	"context"
	"time"

	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/store"
)

// StateBooked is that of a home call that is to come.
const StateBooked = "booked"

// Booked reports whether a home call of the case is to come.
func (c *Case) Booked() bool {
	return c.HomeCall != nil && c.HomeCall.Call != nil && c.HomeCall.Call.State == StateBooked
}

// Over reports whether nothing can come of a home call any more.
func (c *Case) Over() bool { return !c.State.Open() }

// PutCall writes what became of a home call into the case, which the update has
// read, with the materials that were collected at it. What the journal says of
// it is case.home_call, with the request and its state. ConflictError
// "duplicate" where another material of the case has the id of one.
func (c *Case) PutCall(ctx context.Context, tx *store.Tx, actor access.Actor, now time.Time, call Call, given []Material) error {
	before := c.facts()
	if c.HomeCall == nil || c.HomeCall.Call == nil || c.HomeCall.Call.Request != call.Request {
		note := ""
		if c.HomeCall != nil {
			note = c.HomeCall.Note
		}
		c.HomeCall = &HomeCall{Note: note, By: actor.Name(), At: now}
	}
	c.HomeCall.On, c.HomeCall.Call = civil.DateOf(call.From), &call
	for _, m := range given {
		m.By, m.At = actor.Account, now
		if there, err := c.has(m); err != nil {
			return err
		} else if there {
			continue
		}
		if err := c.keep(ctx, tx, actor, m); err != nil {
			return err
		}
	}
	c.UpdatedAt = now
	e := c.entry(actor, now, "home_call", before)
	e.Dims["request"], e.Dims["call"], e.Dims["result"] = call.Request, call.State, call.Result
	if call.Result == "" {
		delete(e.Dims, "result")
	}
	return collection.Put(tx, c, e)
}
