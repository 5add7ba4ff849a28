package handlers

import (
	"wangge/domain/access"
	"wangge/domain/policy"
	"wangge/domain/ticket"
	"wangge/geo"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// climbedOut says that nobody below is left to take the step that a ticket waits for.
type climbedOut struct {
	Level access.Level `json:"level"`
	At    wire.Time    `json:"at"`
}

// requestedOut is what who has a ticket asks for.
type requestedOut struct {
	Kind   ticket.RequestKind  `json:"kind"`
	State  ticket.RequestState `json:"state"`
	By     *personOut          `json:"by"`
	At     wire.Time           `json:"at"`
	Reason string              `json:"reason"`
	Facts  *string             `json:"facts"`
	Until  *wire.Time          `json:"until"`
	Level  policy.Recipient    `json:"level"`
	DueAt  *wire.Time          `json:"dueAt"`
	Closed *ticket.RequestEnd  `json:"closed"`
	Steps  []askStepOut        `json:"steps"`
}

type askStepOut struct {
	By       *personOut          `json:"by"`
	At       wire.Time           `json:"at"`
	Decision ticket.DecisionKind `json:"decision"`
	Reason   *string             `json:"reason"`
}

// convenedOut is a department that was called in.
type convenedOut struct {
	Organisation *assigneeOut         `json:"organisation"`
	State        ticket.ConvenedState `json:"state"`
	By           *personOut           `json:"by"`
	At           wire.Time            `json:"at"`
	Reason       string               `json:"reason"`
	DueAt        *wire.Time           `json:"dueAt"`
	Late         bool                 `json:"late"`
	AttendedAt   *wire.Time           `json:"attendedAt"`
	DeclinedAt   *wire.Time           `json:"declinedAt"`
	Why          *string              `json:"why"`
	RuledAt      *wire.Time           `json:"ruledAt"`
	EndedAt      *wire.Time           `json:"endedAt"`
}

// offerOut is a correction into another street that waits for it.
type offerOut struct {
	State    ticket.OfferState `json:"state"`
	Place    placeOut          `json:"place"`
	Position *web.PositionOut  `json:"position"`
	Category *string           `json:"category"`
	By       *personOut        `json:"by"`
	At       wire.Time         `json:"at"`
	Reason   *string           `json:"reason"`
	DueAt    *wire.Time        `json:"dueAt"`
	Late     bool              `json:"late"`
	Bounces  int               `json:"bounces"`
	Refused  *decidedOut       `json:"refused"`
}

type decidedOut struct {
	By     *personOut `json:"by"`
	At     wire.Time  `json:"at"`
	Reason string     `json:"reason"`
}

// noteMatters names the people and organisations that a ticket's requests, departments and offer speak of.
func noteMatters(t *ticket.Ticket, people, orgs map[string]bool) {
	for _, q := range t.Requests {
		people[q.By] = true
		for _, d := range q.Steps {
			people[d.By] = true
		}
	}
	for _, c := range t.Convened {
		people[c.By], orgs[c.Organisation] = true, true
	}
	if t.Offer != nil {
		people[t.Offer.By], people[t.Offer.RefusedBy] = true, true
	}
	if t.Returned != nil {
		people[t.Returned.By] = true
	}
}

// matters are added for who sees all of the ticket.
func (r *apiRequest) matters(out *ticketOut, t *ticket.Ticket, n names, d geo.Datum) {
	out.Escalated = t.Escalated
	if t.Climbed != nil {
		out.Climbed = &climbedOut{t.Climbed.Level, wire.Time(t.Climbed.At)}
	}
	for _, q := range t.Requests {
		o := requestedOut{Kind: q.Kind, State: q.State, By: n.person(q.By), At: wire.Time(q.At), Reason: q.Reason, Facts: optional(q.Facts), Until: (*wire.Time)(optional(q.Until)),
			Level: q.Level, DueAt: (*wire.Time)(optional(q.DueAt)), Closed: optional(q.Why), Steps: []askStepOut{}}
		for _, s := range q.Steps {
			o.Steps = append(o.Steps, askStepOut{n.person(s.By), wire.Time(s.At), s.Decision, optional(s.Reason)})
		}
		out.Requests = append(out.Requests, o)
	}
	for _, c := range t.Convened {
		out.Convened = append(out.Convened, convenedOut{Organisation: &assigneeOut{Kind: "organisation", ID: c.Organisation, Name: n.orgs[c.Organisation]}, State: c.State, By: n.person(c.By), At: wire.Time(c.At),
			Reason: c.Reason, DueAt: (*wire.Time)(optional(c.DueAt)), Late: c.Late, AttendedAt: (*wire.Time)(optional(c.AttendedAt)), DeclinedAt: (*wire.Time)(optional(c.DeclinedAt)), Why: optional(c.Why),
			RuledAt: (*wire.Time)(optional(c.RuledAt)), EndedAt: (*wire.Time)(optional(c.EndedAt))})
	}
	if f := t.Offer; f != nil {
		out.Offer = &offerOut{State: f.State, Place: r.placeOut(f.Place), Category: optional(f.Category), By: n.person(f.By), At: wire.Time(f.At), Reason: optional(f.Reason),
			DueAt: (*wire.Time)(optional(f.DueAt)), Late: f.Late, Bounces: t.Bounces}
		if f.Position != nil {
			out.Offer.Position = web.PositionTo(f.Position.At(), d, f.Position.AccuracyM)
		}
		if f.RefusedBy != "" {
			out.Offer.Refused = &decidedOut{n.person(f.RefusedBy), wire.Time(f.RefusedAt), f.Refusal}
		}
	}
}
