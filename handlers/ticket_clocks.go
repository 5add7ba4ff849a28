package handlers

import (
	"wangge/domain/clocks"
	"wangge/domain/ticket"
	"wangge/handlers/wire"
)

// clockOut is a clock of a ticket, as of the moment of the answer.
type clockOut struct {
	Kind             clocks.Kind   `json:"kind"`
	Round            int           `json:"round"`
	StartedAt        wire.Time     `json:"startedAt"`
	DueAt            *wire.Time    `json:"dueAt"` // null while it stands still, and where it has no deadline
	Provisional      bool          `json:"provisional"`
	Remaining        *remainingOut `json:"remaining"`
	StandsStillSince *wire.Time    `json:"standsStillSince"`
	Segments         []segmentOut  `json:"segments"`
	MetAt            *wire.Time    `json:"metAt"`
	EndedAs          *string       `json:"endedAs"`
	ExtendedBy       []extendedOut `json:"extendedBy"`
	PolicyVersion    *string       `json:"policyVersion"`
}

// remainingOut is in one of the two.
type remainingOut struct {
	Seconds     *int64 `json:"seconds"`
	WorkingDays *int   `json:"workingDays"`
}

// segmentOut is a stretch in which it ran, or stood still for a state of the ticket.
type segmentOut struct {
	From      wire.Time  `json:"from"`
	Until     *wire.Time `json:"until"`
	StandsFor *string    `json:"standsFor"`
}

type extendedOut struct {
	At    wire.Time  `json:"at"`
	Until wire.Time  `json:"until"`
	By    *personOut `json:"by"`
}

// clocksOut are the clocks of a ticket that the actor sees.
func (r *apiRequest) clocksOut(t *ticket.Ticket) ([]clockOut, error) {
	seen, people := r.Tickets.Clocks(r.Actor, t, r.Now), map[string]bool{}
	for i := range seen {
		for _, x := range seen[i].Extensions() {
			people[x.By] = true
		}
	}
	n, err := r.peopleOf(people)
	if err != nil {
		return nil, err
	}
	out := make([]clockOut, len(seen))
	for i := range seen {
		c, x := &seen[i], &out[i]
		*x = clockOut{
			Kind: c.Kind, Round: c.Round, StartedAt: wire.Time(c.StartedAt), DueAt: (*wire.Time)(optional(c.Due())), Provisional: c.Provisional,
			Segments: []segmentOut{}, MetAt: (*wire.Time)(optional(c.MetAt)), EndedAs: optional(string(c.EndedAs)), ExtendedBy: []extendedOut{}, PolicyVersion: optional(c.Policy),
		}
		if !c.Over() {
			x.StandsStillSince = (*wire.Time)(optional(c.StillSince()))
		}
		if c.Left != nil {
			x.Remaining = remainingTo(*c.Left)
		}
		for _, s := range c.Segments() {
			x.Segments = append(x.Segments, segmentOut{wire.Time(s.From), (*wire.Time)(optional(s.Until)), optional(s.Why)})
		}
		for _, e := range c.Extensions() {
			x.ExtendedBy = append(x.ExtendedBy, extendedOut{wire.Time(e.At), wire.Time(e.Until), n.person(e.By)})
		}
	}
	return out, nil
}

func remainingTo(left clocks.Left) *remainingOut {
	if left.InWorkingDays {
		return &remainingOut{WorkingDays: &left.WorkingDays}
	}
	return &remainingOut{Seconds: &left.Seconds}
}
