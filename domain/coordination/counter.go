package coordination

import (
	"context"
	"errors"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/intake"
	"wangge/domain/link"
	"wangge/domain/ticket"
	"wangge/store"
)

// Counter is what passes between the counters and the grid: a ticket made of an
// intake case and a case made of a ticket, each linked with what it was made of
// in the same transaction.
type Counter struct {
	Store   *store.Store
	Tickets *ticket.Tickets
	Cases   *intake.Cases
}

// OpenTicket is ticket.Report for what is heard at a case. What the draft leaves
// out the case proposes: where it lies, whose it is and, unless its item is
// sensitive, a title and a category. The same again is the ticket made of it.
// Errors: those of ticket.Report; ErrNotFound, ErrForbidden for who may not link the case.
func (c *Counter) OpenTicket(ctx context.Context, actor access.Actor, now time.Time, id string, d ticket.Draft) (made *ticket.Ticket, err error) {
	this := link.End{Thing: link.Case, ID: id}
	err = store.RetryMoved(func(moved error) error {
		of, _, err := c.Cases.Get(ctx, actor, id)
		if err != nil {
			return err
		}
		if !access.MayLinkCase(actor, of.Facts()) {
			return domain.ErrForbidden
		}
		d := d
		d.Of = string(link.Case) + "/" + id
		if d.Source == "" {
			d.Source = ticket.FromCounter
		}
		d.Said = c.Tickets.Said(actor, d)
		if made, err = c.Tickets.Again(ctx, actor, d); !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err := c.propose(actor, now, of, &d); err != nil {
			return err
		}
		d.Also = &ticket.Also{Streets: []string{of.Partition}, Do: func(tx *store.Tx, t *ticket.Ticket) error {
			of, err := intake.Load(ctx, tx, id)
			if err != nil {
				return err
			}
			if !tx.Covers(of.Partition) {
				return moved
			}
			return link.Make(ctx, tx, actor, now, link.NewLink{Kind: link.OriginatedFrom, From: link.End{Thing: link.Ticket, ID: t.ID}, To: this})
		}}
		made, err = c.Tickets.Report(ctx, actor, now, d)
		return err
	})
	return made, err
}

// propose fills in what a draft leaves out.
func (c *Counter) propose(actor access.Actor, now time.Time, of *intake.Case, d *ticket.Draft) error {
	if d.Position == nil && d.Household == "" && d.Address == "" {
		switch {
		case of.Position != nil:
			at := of.Position.At()
			d.Position, d.Datum, d.AccuracyM, d.Address = &at, of.Position.Datum, of.Position.AccuracyM, of.Address
		case of.Household != "":
			d.Household = of.Household
		default:
			d.Address = of.Address
		}
		if d.Area == "" {
			d.Area = c.Cases.Code(of.Place)
		}
	}
	if of.Item.Sensitive {
		return nil
	}
	if d.Title == "" {
		d.Title = of.Item.Name
	}
	if d.Category == "" {
		d.Category = c.Tickets.Proposed(of.Place.Street, now, d.Title, d.Description, of.Item.Name, of.Item.Category)
	}
	if d.For != nil || d.Anonymous || !access.MayReportFor(actor, of.Place) {
		return nil
	}
	who, err := c.Cases.Caller(of)
	if err == nil && who.Phone != "" {
		d.For = &ticket.Resident{Name: who.Name, Phone: who.Phone}
	}
	return err
}

// OpenCase opens a case of what a ticket turns out to be, in the ticket's
// community or another; the applicant is whom the ticket belongs to, where the
// draft says nobody and the actor may reveal it. The same again is the case made of it.
// Errors: those of intake.Open; ErrNotFound, ErrForbidden for who may not link the ticket.
func (c *Counter) OpenCase(ctx context.Context, actor access.Actor, now time.Time, id string, d intake.Draft) (made *intake.Case, err error) {
	this := link.End{Thing: link.Ticket, ID: id}
	err = store.RetryMoved(func(moved error) error {
		of, _, err := c.Tickets.Get(ctx, actor, id)
		if err != nil {
			return err
		}
		if !access.MayLinkTicket(actor, of.Facts()) || !access.OpensCases(actor) {
			return domain.ErrForbidden
		}
		d := d
		d.Of = string(link.Ticket) + "/" + id
		d.Said = c.Cases.Said(d)
		if made, err = c.Cases.Again(ctx, c.Store, actor, d); !errors.Is(err, store.ErrNotFound) {
			return err
		}
		home, err := c.homeOf(actor, of, &d)
		if err != nil {
			return err
		}
		if d.Applicant == (intake.ApplicantInput{}) && access.MayReveal(actor, of.Facts()) { // at a case they could reveal it
			who, err := c.Tickets.Caller(ctx, of)
			if err != nil {
				return err
			}
			d.Applicant = intake.ApplicantInput{Name: who.Name, Phone: who.Phone}
		}
		ready, err := c.Cases.Prepare(ctx, actor, now, home.Street, "", d)
		if err != nil {
			return err
		}
		opened := false
		err = c.Store.Update(ctx, []string{home.Street, of.Partition}, func(tx *store.Tx) error {
			opened = false
			made, err = c.Cases.Again(ctx, tx, actor, d)
			if !errors.Is(err, store.ErrNotFound) {
				return err
			}
			there, err := ticket.Load(ctx, tx, []string{id})
			if err != nil {
				return err
			}
			if there[id] == nil {
				return domain.ErrNotFound
			}
			if !tx.Covers(there[id].Partition) {
				return moved
			}
			if made, err = ready.Open(ctx, tx, actor, now, home); err != nil {
				return err
			}
			opened = true
			return link.Make(ctx, tx, actor, now, link.NewLink{Kind: link.OriginatedFrom, From: link.End{Thing: link.Case, ID: d.ID}, To: this})
		})
		if !opened || errors.Is(err, moved) {
			ready.GiveBack()
		}
		if intake.NumberTaken(err) { // it is passed over
			return moved
		}
		return err
	})
	return made, domain.TakenID(err)
}

// homeOf is where the case of a ticket is at home.
func (c *Counter) homeOf(actor access.Actor, of *ticket.Ticket, d *intake.Draft) (intake.Home, error) {
	at, known := of.Place, of.Place.Community != ""
	if d.Community != "" {
		at, known = c.Cases.Community(d.Community)
	}
	switch {
	case !known && d.Community == "":
		return intake.Home{}, domain.Invalid("/community", domain.T("工单没有社区，请给出社区", "the ticket lies in no community: name one"))
	case !known:
		return intake.Home{}, domain.Invalid("/community", domain.T("没有这个社区", "no such community"))
	case !access.MayOpenCase(actor, at):
		return intake.Home{}, domain.Invalid("/community", domain.T("社区不在您的范围内", "the community is outside your scope"))
	}
	home := intake.Home{Street: at.Street, Place: at, Address: of.Address}
	if at.Community == of.Place.Community {
		home.Position = of.Position
	}
	if i := slices.IndexFunc(of.Links, func(l ticket.Link) bool { return l.Kind == "household" }); i >= 0 {
		home.Household = of.Links[i].ID
	}
	return home, nil
}
