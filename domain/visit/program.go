package visit

import (
	"context"
	"time"

	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/plan"
	"wangge/store"
)

// Change is a step that the program takes with a visit; begun with Take, or by itself for one that it makes.
type Change struct {
	Visit  *Visit
	Action Action
	before store.Facts
}

// Take takes a step of the program's: Cancel, Restore or Follow, of what was asked for also Reschedule. The visit may be changed further until it is written.
func (v *Visit) Take(action Action, now time.Time) Change {
	c := Change{v, action, v.facts()}
	v.apply(transitionOf(action), now)
	return c
}

// Write writes the visit and journals the change.
func (c Change) Write(tx *store.Tx, now time.Time) error { return c.WriteBy(tx, access.Program, now) }

// WriteBy is Write of a change that somebody else asked for.
func (c Change) WriteBy(tx *store.Tx, actor access.Actor, now time.Time) error {
	e := c.Visit.entry(actor, now, c.Action, c.before)
	if c.Action == Make || c.Action == Book {
		return visits.Insert(tx, c.Visit, e)
	}
	return visits.Put(tx, c.Visit, e)
}

// SetEscalateAt sets when the next rung of the ladder is due.
func (v *Visit) SetEscalateAt(ladder []plan.Rung) {
	v.EscalateAt = time.Time{}
	if v.State == Planned && v.Escalated < len(ladder) {
		v.EscalateAt = v.Closes.AddDate(0, 0, ladder[v.Escalated].Days)
	}
}

// LoadMany reads visits, by id; those that are not there are not in it.
func LoadMany(ctx context.Context, r store.Reader, ids []string) (map[string]*Visit, error) {
	return visits.GetMany(ctx, r, ids)
}

// EachPlanned visits what is planned by a plan, at a household or for an
// assignee: by is the field that has the id.
func EachPlanned(ctx context.Context, r store.Reader, by, id string, visit func(*Visit)) error {
	return eachVisit(ctx, r, visit, store.Eq(by, id), store.Eq("state", Planned))
}

// CountPlanned counts what is planned to open in the week of a Monday, by a field or, for "", in all.
func CountPlanned(ctx context.Context, st *store.Store, week civil.Date, by string, of ...store.Cond) (map[string]int64, error) {
	where := append(of, store.Eq("state", Planned), store.Between("opens", week.Start(), week.Add(7).Start()))
	return visits.Count(ctx, st, store.Query{Where: where}, by)
}
