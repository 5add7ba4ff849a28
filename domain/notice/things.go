package notice

import (
	"cmp"
	"context"
	"maps"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/homecall"
	"wangge/domain/intake"
	"wangge/domain/ticket"
	"wangge/domain/todo"
	"wangge/domain/visit"
	"wangge/store"
)

// The kinds of things that notices lead to, beside those of todo.
const (
	aboutTicket  = "ticket"
	aboutCase    = "intake-case"
	aboutVisit   = "visit"
	aboutStop    = "stop"
	aboutCell    = "cell"
	aboutCover   = "cover"
	aboutDuty    = "duty"
	aboutWebhook = "webhook"
	aboutRobot   = "robot"
)

// collections are the kinds of things by the collection of the entries about them.
var collections = map[string]string{
	"tickets": aboutTicket, "intakeCases": aboutCase, "homeCalls": homecall.AboutRequest, "visits": aboutVisit, "stops": aboutStop,
	"cells": aboutCell, "covers": aboutCover, "dutyRosters": aboutDuty, "webhookTargets": aboutWebhook, "robots": aboutRobot,
}

// aboutOf is the thing that an entry is about, as its kind has it.
func aboutOf(e *store.Entry) About {
	if e.Action == "todo.ask" {
		return About{e.Dims["about"], e.Dims["id"]}
	}
	return About{collections[e.Collection], e.Doc}
}

// thing is something that people are told of, as it is now: one of the last few, or none of them.
type thing struct {
	about  About
	place  access.Place
	fields map[string]string // beside what the entry says
	sees   func(access.Actor) bool

	ticket *ticket.Ticket
	kase   *intake.Case
	call   *homecall.Request
	worker string // of a visit or stop
	roster *account.Roster
}

// loaders read the things of a kind.
var loaders = map[string]func(ctx context.Context, r store.Reader, ids []string) (map[string]*thing, error){
	aboutTicket: loading(ticket.Load, func(t *ticket.Ticket) *thing {
		return &thing{place: t.Place, fields: map[string]string{"number": t.Number}, ticket: t, sees: func(a access.Actor) bool { return access.TicketView(a, t.Facts()) != access.Hidden }}
	}),
	aboutCase: loading(intake.LoadMany, func(c *intake.Case) *thing {
		return &thing{place: c.Place, kase: c, sees: func(a access.Actor) bool { return access.CaseView(a, c.Facts()) != access.CaseHidden }}
	}),
	homecall.AboutRequest: loading(homecall.LoadMany, func(r *homecall.Request) *thing {
		return &thing{place: r.Place, call: r, fields: map[string]string{"date": string(r.Slot.Date)}, sees: func(a access.Actor) bool { return access.OwnsHomeCall(a, r.Facts()) }}
	}),
	aboutVisit: loading(visit.LoadVisits, func(v *visit.Visit) *thing {
		return &thing{place: v.Place, worker: v.Assignee, sees: func(a access.Actor) bool { return access.MaySeeVisit(a, v.Facts()) }}
	}),
	aboutStop: loading(visit.LoadStops, func(s *visit.Stop) *thing {
		return &thing{place: s.Place, worker: s.Account, fields: map[string]string{"state": string(s.Proof.State)}, sees: func(a access.Actor) bool { return access.MaySeeStop(a, s.Facts()) }}
	}),
	aboutCell: loading(area.LoadCells, func(c *area.Cell) *thing {
		place := c.Place
		place.Cell = c.ID
		return &thing{place: place, fields: map[string]string{"cell": c.ID}, sees: func(a access.Actor) bool { return access.HearsCell(a, place) }}
	}),
	aboutDuty: loading(account.LoadRosters, func(r *account.Roster) *thing { return &thing{roster: r} }),
}

func loading[T any](load func(context.Context, store.Reader, []string) (map[string]T, error), of func(T) *thing) func(context.Context, store.Reader, []string) (map[string]*thing, error) {
	return func(ctx context.Context, r store.Reader, ids []string) (map[string]*thing, error) {
		found, err := load(ctx, r, ids)
		out := make(map[string]*thing, len(found))
		for id, v := range found {
			out[id] = of(v)
		}
		return out, err
	}
}

// fieldsFor are what a notice of the entry keeps: ids and words of the program only.
func (t *thing) fieldsFor(e *store.Entry, about About) map[string]string {
	out := map[string]string{"action": e.Action}
	if state := cmp.Or(e.After.State, t.state()); state != "" {
		out["state"] = state
	}
	if clock := e.Dims[todo.ClockDim]; clock != "" && e.Action == "todo.ask" {
		out["clock"] = clock
	}
	if about.Kind == ticket.FollowedTicket { // of whom no more is told than that it goes on
		return out
	}
	maps.Copy(out, t.fields)
	return out
}

// state is the thing's, where the entry has none.
func (t *thing) state() string {
	switch {
	case t.ticket != nil:
		return string(t.ticket.State)
	case t.kase != nil:
		return string(t.kase.State)
	case t.call != nil:
		return string(t.call.State)
	}
	return ""
}
