package link

import (
	"context"
	"time"

	"wangge/domain/access"
	"wangge/domain/intake"
	"wangge/domain/ticket"
	"wangge/domain/visit"
	"wangge/store"
)

// thing is what lies at an end; one of the four is not nil.
type thing struct {
	ticket *ticket.Ticket
	kase   *intake.Case
	visit  *visit.Visit
	stop   *visit.Stop
}

// load returns what there is at these ends.
func load(ctx context.Context, r store.Reader, ends ...End) (map[End]thing, error) {
	by := map[Thing][]string{}
	for _, e := range ends {
		by[e.Thing] = append(by[e.Thing], e.ID)
	}
	out := map[End]thing{}
	if ids := by[Ticket]; len(ids) > 0 {
		found, err := ticket.Load(ctx, r, ids)
		if err != nil {
			return nil, err
		}
		for id, t := range found {
			out[End{Ticket, id}] = thing{ticket: t}
		}
	}
	if ids := by[Case]; len(ids) > 0 {
		found, err := intake.LoadMany(ctx, r, ids)
		if err != nil {
			return nil, err
		}
		for id, c := range found {
			out[End{Case, id}] = thing{kase: c}
		}
	}
	if ids := by[Visit]; len(ids) > 0 {
		found, err := visit.LoadVisits(ctx, r, ids)
		if err != nil {
			return nil, err
		}
		for id, v := range found {
			out[End{Visit, id}] = thing{visit: v}
		}
	}
	if ids := by[Stop]; len(ids) > 0 {
		found, err := visit.LoadStops(ctx, r, ids)
		if err != nil {
			return nil, err
		}
		for id, s := range found {
			out[End{Stop, id}] = thing{stop: s}
		}
	}
	return out, nil
}

// partition is where it lies; "" for nothing.
func (t thing) partition() string {
	switch {
	case t.ticket != nil:
		return t.ticket.Partition
	case t.kase != nil:
		return t.kase.Partition
	case t.visit != nil:
		return t.visit.Partition
	case t.stop != nil:
		return t.stop.Partition
	}
	return ""
}

// sight is how much of a thing an actor sees.
type sight int

const (
	nothing sight = iota
	there         // that it is there, its state and last change
	named         // also its number and what it is about
	whole
)

// seen is how much of it the actor sees on its own.
func (t thing) seen(a access.Actor) sight {
	switch {
	case t.ticket != nil:
		switch access.TicketView(a, t.ticket.Facts()) {
		case access.Whole:
			return whole
		case access.Own:
			return named
		}
	case t.kase != nil:
		return t.caseSight(access.CaseView(a, t.kase.Facts()))
	case t.visit != nil && access.MaySeeVisit(a, t.visit.Facts()), t.stop != nil && access.MaySeeStop(a, t.stop.Facts()):
		return whole
	}
	return nothing
}

// seenFrom is the same as the other end of something that the actor sees as far as from.
func (t thing) seenFrom(a access.Actor, from sight) sight {
	if t.kase != nil {
		return t.caseSight(linkedCaseView(a, t.kase, from))
	}
	return t.seen(a)
}

// linkedCaseView is how much the actor is shown of a case linked to what they see as far as from.
func linkedCaseView(a access.Actor, c *intake.Case, from sight) access.CaseShown {
	if from == whole {
		return access.LinkedCaseView(a, c.Facts())
	}
	return access.CaseView(a, c.Facts())
}

func (t thing) caseSight(v access.CaseShown) sight {
	switch {
	case v == access.CaseWhole:
		return whole
	case v == access.CaseLinked && t.kase.Item.Sensitive:
		return there
	case v == access.CaseLinked:
		return named
	}
	return nothing
}

// mayLink reports whether the actor may make and remove its links.
func (t thing) mayLink(a access.Actor) bool {
	switch {
	case t.ticket != nil:
		return access.MayLinkTicket(a, t.ticket.Facts())
	case t.kase != nil:
		return access.MayLinkCase(a, t.kase.Facts())
	case t.visit != nil:
		return access.MayLinkVisit(a, t.visit.Facts())
	case t.stop != nil:
		return access.MayLinkVisit(a, t.stop.Facts())
	}
	return false
}

// record puts on its journal that a link was made or removed.
func (t thing) record(tx *store.Tx, e store.Entry) error {
	switch {
	case t.ticket != nil:
		return t.ticket.RecordLinked(tx, e)
	case t.visit != nil:
		return t.visit.RecordLinked(tx, e)
	case t.stop != nil:
		return t.stop.RecordLinked(tx, e)
	}
	return t.kase.RecordLinked(tx, e)
}

// Shown is the other end of a link as far as its reader sees it.
type Shown struct {
	Thing       Thing
	ID          string // "" where no more is told than that it is there
	Number      string
	About       string // a ticket's title, a case's item
	State       string
	ChangedAt   time.Time
	DueAt       time.Time
	Provisional bool // the promise waits for holidays that are not known yet
}

func (t thing) shown(e End, as sight) Shown {
	out := Shown{Thing: e.Thing, ID: e.ID}
	switch {
	case t.ticket != nil:
		x := t.ticket
		out.State, out.ChangedAt, out.Number, out.About, out.DueAt = string(x.State), x.UpdatedAt, x.Number, x.Title, x.DueAt
	case t.kase != nil:
		c := t.kase
		out.State, out.ChangedAt = string(c.State), c.UpdatedAt
		if as < named {
			out.ID = "" // of a platform's case it follows from the number
			return out
		}
		out.Number, out.About, out.DueAt, out.Provisional = c.Key().Number, c.Item.Name, c.DueAt, c.Provisional
	case t.visit != nil:
		out.State, out.ChangedAt = string(t.visit.State), t.visit.UpdatedAt
	case t.stop != nil:
		out.State, out.ChangedAt = string(t.stop.State), t.stop.At
		if !t.stop.LeftAt.IsZero() {
			out.ChangedAt = t.stop.LeftAt
		}
	}
	return out
}
