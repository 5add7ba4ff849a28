package coordination

import (
	"context"
	"fmt"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/household"
	"wangge/domain/intake"
	"wangge/domain/link"
	"wangge/domain/ticket"
	"wangge/domain/visit"
	"wangge/store"
)

// Doors is what happens at doors and beyond them: what a household asks for at
// a visit becomes tickets and intake cases.
type Doors struct {
	Store      *store.Store
	Households *household.Households
	Stops      *visit.Stops
	Tickets    *ticket.Tickets
	Cases      *intake.Cases
}

// openNeed opens what a need was prepared to become.
type openNeed func(tx *store.Tx, h *household.Household) error

// Complete is visit.Complete; each need becomes a ticket or a case on the
// household's behalf in the same transaction, linked with the stop. Its errors,
// and InvalidError at /needs/…/category and /needs/…/item; ConflictError
// "duplicate" when the id of a need is in use.
func (d *Doors) Complete(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in visit.Completion) (*visit.Stop, error) {
	ready, err := d.prepare(ctx, actor, now, id, &in)
	if err != nil {
		return nil, err
	}
	return d.Stops.Complete(ctx, actor, now, id, version, in, func(tx *store.Tx, h *household.Household, need visit.Need) (visit.Link, error) {
		if ready[need.ID] == nil { // the household was not there a moment ago
			return visit.Link{}, domain.ErrBusy
		}
		if err := ready[need.ID](tx, h); err != nil {
			return visit.Link{}, err
		}
		opened, made := visit.Link{Kind: "ticket", ID: need.ID}, link.End{Thing: link.Ticket, ID: need.ID}
		if need.Kind == "case" {
			opened.Kind, made.Thing = "case", link.Case
		}
		return opened, link.Make(ctx, tx, actor, now, link.NewLink{Kind: link.OriginatedFrom, From: made, To: link.End{Thing: link.Stop, ID: id}})
	})
}

// prepare prepares what a stop's needs are to become, by id; nothing for who
// cannot complete it, or when it is over: visit.Complete says so.
func (d *Doors) prepare(ctx context.Context, actor access.Actor, now time.Time, id string, in *visit.Completion) (map[string]openNeed, error) {
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
	out := map[string]openNeed{}
	for i, n := range in.Needs {
		at := fmt.Sprintf("/needs/%d", i)
		if n.Kind == "case" {
			if out[n.ID], err = d.prepareCase(ctx, actor, now, h, at, n, intake.ApplicantInput{Name: name, Phone: phone}); err != nil {
				return nil, err
			}
			continue
		}
		ready, err := d.Tickets.PrepareOnBehalf(ctx, actor, now, homeOf(h), at, ticket.OnBehalf{
			ID: n.ID, Category: n.Category, Title: n.Title, Description: n.Note, For: ticket.Resident{Name: name, Phone: phone},
			Links: []ticket.Link{{Kind: "stop", ID: stop.ID}, {Kind: "household", ID: h.ID}}, Clock: in.Clock,
		})
		if err != nil {
			return nil, err
		}
		out[n.ID] = func(tx *store.Tx, h *household.Household) error { return ready.Open(ctx, tx, actor, now, homeOf(h)) }
	}
	return out, nil
}

// prepareCase prepares the case that a need is to become, where the household lives.
func (d *Doors) prepareCase(ctx context.Context, actor access.Actor, now time.Time, h *household.Household, pointer string, n visit.Need, who intake.ApplicantInput) (openNeed, error) {
	if !access.MayOpenCase(actor, h.Place) {
		return nil, domain.Invalid(pointer+"/kind", domain.T("您不能在此开立受理件", "you cannot open a case here"))
	}
	note := n.Title
	if n.Note != "" {
		note += "\n" + n.Note
	}
	ready, err := d.Cases.Prepare(ctx, actor, now, h.Partition, pointer, intake.Draft{ID: n.ID, Item: n.Item, Applicant: who, Note: note})
	if err != nil {
		return nil, err
	}
	return func(tx *store.Tx, h *household.Household) error {
		_, err := ready.Open(ctx, tx, actor, now, intake.Home{Street: h.Partition, Place: h.Place, Position: &h.Position, Address: h.Address.String(), Household: h.ID})
		return err
	}, nil
}

func homeOf(h *household.Household) ticket.Home {
	return ticket.Home{Street: h.Partition, Place: h.Place, Boundary: h.Boundary, At: h.Position.At(), Datum: h.Position.Datum, Address: h.Address.String()}
}
