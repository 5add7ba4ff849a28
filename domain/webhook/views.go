package webhook

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/intake"
	"wangge/domain/link"
	"wangge/domain/rating"
	"wangge/domain/ticket"
)

// How much of a thing a message shows.
const (
	ShownWhole   = "whole"
	ShownLimited = "limited"
	ShownNone    = "none"
)

// Message is what a message tells, as of now and as far as the target's account
// may hear of it now. ErrNotFound when the target was deleted.
func (s *Deliveries) Message(ctx context.Context, d *Delivery, now time.Time) (*Message, error) {
	m := &Message{ID: d.ID, Type: string(d.Event), At: d.Step.At, Sequence: d.Sequence, Step: d.Step}
	if d.Thing == Ping {
		return &Message{ID: d.ID, Type: string(d.Event), At: d.At}, nil
	}
	t, err := targets.Get(ctx, s.store, d.Target)
	if err != nil {
		return nil, err
	}
	l, err := s.targets.listener(ctx, s.store, t, now)
	if err != nil {
		return nil, err
	}
	if d.Thing == Ticket {
		m.Ticket, err = s.ticketView(ctx, l, d.Of, t.System == "", false)
		return m, err
	}
	return m, s.tellCase(ctx, l, d, m)
}

// tellCase fills in the case of a message, and the ticket or the link that the step is about.
func (s *Deliveries) tellCase(ctx context.Context, l *listener, d *Delivery, m *Message) error {
	m.Case = &CaseView{ID: d.Of, Shown: ShownNone}
	c, err := intake.Load(ctx, s.store, d.Of)
	if err != nil && !errors.Is(err, domain.ErrNotFound) {
		return err
	}
	shown := access.CaseHidden
	if err == nil && l.of(c) {
		if err := l.know(ctx, s.store, map[string]*intake.Case{c.ID: c}); err != nil {
			return err
		}
		shown = l.hearsCase(c, c.Place)
	}
	if shown != access.CaseHidden {
		*m.Case = CaseView{ID: c.ID, Shown: ShownLimited, State: string(c.State), Since: c.Since, UpdatedAt: c.UpdatedAt}
	}
	if d.Event == CaseTicket {
		if m.Ticket, err = s.ticketView(ctx, l, cmp.Or(d.Step.Linked, d.Step.Doc), shown == access.CaseWhole, true); err != nil {
			return err
		}
	}
	if shown != access.CaseWhole {
		return nil
	}
	links, err := link.OfThing(ctx, s.store, link.End{Thing: link.Case, ID: c.ID})
	if err != nil {
		return err
	}
	s.wholeCase(m.Case, c, l.speaks[c.System])
	if m.Case.Rating, err = s.ratingView(ctx, rating.About{Kind: rating.Case, ID: c.ID}); err != nil {
		return err
	}
	if m.Case.Tickets, err = s.ticketsOf(ctx, l, c, links); err != nil {
		return err
	}
	if i := slices.IndexFunc(links, func(x *link.Link) bool { return x.ID == d.Step.Link }); i >= 0 && d.Step.Link != "" {
		other := links[i].Other(link.End{Thing: link.Case, ID: c.ID})
		m.Link = &LinkView{ID: links[i].ID, Kind: string(links[i].Kind), Thing: string(other.Thing), Other: other.ID}
	}
	return nil
}

// wholeCase fills in what is told to who hears all of a case. own says that it
// is decided by a platform for which they speak: its own words go back to it.
func (s *Deliveries) wholeCase(v *CaseView, c *intake.Case, own bool) {
	v.Shown, v.Local, v.Item = ShownWhole, c.Local, ItemView{c.Item.Code, c.Item.Name, c.Item.Category}
	v.Street, v.Community, v.Station = s.code(c.Place.Street), s.code(c.Place.Community), c.Station
	v.OpenedAt, v.AcceptedAt, v.ClosedAt, v.DueAt, v.Provisional = c.OpenedAt, c.AcceptedAt, c.ClosedAt, c.DueAt, c.Provisional
	v.Trips, v.Version = len(c.Trips), c.Version
	for _, t := range c.Trips {
		if t.InVain {
			v.InVain++
		}
	}
	if h := c.HomeCall; h != nil {
		v.HomeCall = &HomeCallView{On: h.On}
		if h.Call != nil {
			v.HomeCall = &HomeCallView{h.On, h.Call.Request, h.Call.State, h.Call.From, h.Call.To, h.Call.Result}
		}
	}
	for _, m := range c.Materials {
		seen := MaterialView{ID: m.ID, At: m.At}
		if own {
			seen.Name, seen.Photos = m.Name, m.Photos
		}
		v.Materials = append(v.Materials, seen)
	}
	if own {
		v.System, v.Number, v.Missing = c.System, c.Number, c.Missing
	}
}

// ticketsOf are the tickets linked to a case that is told whole.
func (s *Deliveries) ticketsOf(ctx context.Context, l *listener, c *intake.Case, links []*link.Link) ([]TicketRef, error) {
	var ids []string
	for _, at := range links {
		if other := at.Other(link.End{Thing: link.Case, ID: c.ID}); other.Thing == link.Ticket && at.Holds() && !slices.Contains(ids, other.ID) {
			ids = append(ids, other.ID)
		}
	}
	found, err := ticket.Load(ctx, s.store, ids)
	if err != nil {
		return nil, err
	}
	leads, err := ticket.Leading(ctx, s.store, slices.Collect(maps.Values(found))...)
	var out []TicketRef
	for _, id := range ids {
		if t := found[id]; t != nil && access.HearsTicket(l.actor, t.Facts(), true) {
			out = append(out, TicketRef{t.ID, t.Number, string(t.State), leadView(l, leads[t.ID])})
		}
	}
	return out, err
}

// ticketView is what is told of a ticket; linked to a case that is told whole,
// also of one that lies elsewhere.
func (s *Deliveries) ticketView(ctx context.Context, l *listener, id string, heard, linked bool) (*TicketView, error) {
	found, err := ticket.Load(ctx, s.store, []string{id})
	t := found[id]
	if err != nil || t == nil || !heard || !access.HearsTicket(l.actor, t.Facts(), linked) {
		return &TicketView{ID: id, Shown: ShownNone}, err
	}
	v := &TicketView{
		ID: t.ID, Shown: ShownWhole, Number: t.Number, State: string(t.State), Kind: string(t.Kind), Category: t.Category, Condition: t.Condition, Urgency: string(t.Urgency), Outcome: string(t.Outcome),
		Street: s.code(t.Place.Street), Community: s.code(t.Place.Community), Reopened: t.Reopened, CreatedAt: t.CreatedAt, DueAt: t.DueAt, ClosedAt: t.EndedAt(), Version: t.Version, UpdatedAt: t.UpdatedAt,
	}
	if c, ok := s.areas.Map().ByID(t.Place.Cell); ok {
		v.Cell = c.Code
	}
	if t.Assignee.Kind == access.Organisation {
		v.Organisation = t.Assignee.ID
	}
	if t.Joined != nil {
		above, err := ticket.Load(ctx, s.store, []string{t.Joined.Into})
		if err != nil {
			return nil, err
		}
		if into := above[t.Joined.Into]; into != nil && access.HearsTicket(l.actor, into.Facts(), false) {
			v.MergedInto = into.ID
		}
		leads, err := ticket.Leading(ctx, s.store, t)
		if err != nil {
			return nil, err
		}
		v.Lead = leadView(l, leads[t.ID])
	}
	v.Rating, err = s.ratingView(ctx, rating.About{Kind: rating.Ticket, ID: t.ID})
	return v, err
}

// leadView is what is told of the ticket that leads another; nil for none.
func leadView(l *listener, lead *ticket.Ticket) *LeadView {
	if lead == nil {
		return nil
	}
	v := &LeadView{State: string(lead.State), Outcome: string(lead.Outcome), ClosedAt: lead.EndedAt()}
	if access.HearsTicket(l.actor, lead.Facts(), false) {
		v.ID = lead.ID
	}
	return v
}

// ratingView is how something was rated; nil where it was not.
func (s *Deliveries) ratingView(ctx context.Context, about rating.About) (*RatingView, error) {
	r, err := rating.Latest(ctx, s.store, about)
	if err != nil || r == nil {
		return nil, err
	}
	return &RatingView{r.Grade, string(r.Rectification), r.After}, nil
}

// code is that of an area; "" for none.
func (s *Deliveries) code(id string) string {
	if a, ok := s.areas.Tree().ByID(id); ok {
		return a.Code
	}
	return ""
}
