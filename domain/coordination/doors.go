package coordination

import (
	"context"
	"fmt"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/household"
	"wangge/domain/link"
	"wangge/domain/ticket"
	"wangge/domain/visit"
	"wangge/store"
)

// Doors is what happens at doors and beyond them: what a household asks for at
// a visit becomes tickets.
type Doors struct {
	Store      *store.Store
	Households *household.Households
	Stops      *visit.Stops
	Tickets    *ticket.Tickets
}

// Complete is visit.Complete; each need becomes a ticket on the household's
// behalf in the same transaction, linked both ways. Its errors, and
// InvalidError at /needs/…/category; ConflictError "duplicate" when the id of
// a need is in use.
func (d *Doors) Complete(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in visit.Completion) (*visit.Stop, error) {
	ready, err := d.prepare(ctx, actor, now, id, &in)
	if err != nil {
		return nil, err
	}
	return d.Stops.Complete(ctx, actor, now, id, version, in, func(tx *store.Tx, h *household.Household, need visit.Need) (visit.Link, error) {
		if ready[need.ID] == nil { // the household was not there a moment ago
			return visit.Link{}, domain.ErrBusy
		}
		if err := ready[need.ID].Open(ctx, tx, actor, now, homeOf(h)); err != nil {
			return visit.Link{}, err
		}
		return visit.Link{Kind: "ticket", ID: need.ID}, link.Make(ctx, tx, actor, now, link.NewLink{Kind: link.OriginatedFrom, From: link.End{Thing: link.Ticket, ID: need.ID}, To: link.End{Thing: link.Stop, ID: id}})
	})
}

// prepare prepares the tickets of a stop's needs, by id; nothing for who
// cannot complete it, or when it is over: visit.Complete says so.
func (d *Doors) prepare(ctx context.Context, actor access.Actor, now time.Time, id string, in *visit.Completion) (map[string]*ticket.Prepared, error) {
	if len(in.Needs) == 0 {
		return nil, nil
	}
	stop, err := d.Stops.Get(ctx, actor, id)
	if err != nil || stop.State != visit.AtTheDoor || !actor.HasVisitRelation(access.VisitAtDoor, stop.Facts()) {
		return nil, err
	}
	there, err := household.Current(ctx, d.Store, []string{stop.Household})
	if err != nil || there[stop.Household] == nil {
		return nil, err
	}
	h := there[stop.Household]
	name, phone, err := d.Households.Caller(h)
	if err != nil {
		return nil, err
	}
	out := map[string]*ticket.Prepared{}
	for i, n := range in.Needs {
		out[n.ID], err = d.Tickets.PrepareOnBehalf(ctx, actor, now, homeOf(h), fmt.Sprintf("/needs/%d", i), ticket.OnBehalf{
			ID: n.ID, Category: n.Category, Title: n.Title, Description: n.Note, For: ticket.Resident{Name: name, Phone: phone},
			Links: []ticket.Link{{Kind: "stop", ID: stop.ID}, {Kind: "household", ID: h.ID}}, Clock: in.Clock,
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func homeOf(h *household.Household) ticket.Home {
	return ticket.Home{Street: h.Partition, Place: h.Place, Boundary: h.Boundary, At: h.Position.At(), Datum: h.Position.Datum, Address: h.Address.String()}
}
