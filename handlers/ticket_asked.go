package handlers

import (
	"wangge/domain/ticket"
	"wangge/handlers/wire"
)

// ticketAskedOut is what goes on between a ticket's reporter and those who see to it.
type ticketAskedOut struct {
	Question   *openQuestionOut  `json:"question"` // while it waits for the reporter
	Asked      int               `json:"asked"`
	Unanswered bool              `json:"unanswered"`
	Said       *reportersWordOut `json:"said"`
	Urged      []wire.Time       `json:"urged"`
	Supervised []supervisionOut  `json:"supervised"`
	Backlog    *shelvedOut       `json:"backlog"` // while it is shelved
}

type openQuestionOut struct {
	Text     string     `json:"text"`
	At       wire.Time  `json:"at"`
	RemindAt *wire.Time `json:"remindAt"`
	LapsesAt *wire.Time `json:"lapsesAt"`
}

type reportersWordOut struct {
	Solved bool      `json:"solved"`
	Words  *string   `json:"words"`
	At     wire.Time `json:"at"`
}

type supervisionOut struct {
	At     wire.Time `json:"at"`
	Reason *string   `json:"reason"` // to those who work on it
}

type shelvedOut struct {
	Measures string     `json:"measures"`
	Since    wire.Time  `json:"since"`
	At       wire.Time  `json:"at"`
	ReviewAt wire.Time  `json:"reviewAt"`
	Due      bool       `json:"due"`
	LapsesAt *wire.Time `json:"lapsesAt"`
}

func askedOut(t *ticket.Ticket, whole bool) ticketAskedOut {
	out := ticketAskedOut{Asked: t.Asked, Unanswered: t.Unanswered, Urged: []wire.Time{}, Supervised: []supervisionOut{}}
	if q := t.Question; q != nil && t.State == ticket.AwaitingReporter {
		out.Question = &openQuestionOut{q.Text, wire.Time(q.At), (*wire.Time)(optional(q.RemindAt)), (*wire.Time)(optional(q.LapsesAt))}
	}
	if t.Said != nil {
		out.Said = &reportersWordOut{t.Said.Solved, optional(t.Said.Words), wire.Time(t.Said.At)}
	}
	for _, at := range t.Urged {
		out.Urged = append(out.Urged, wire.Time(at))
	}
	for _, s := range t.Supervised {
		line := supervisionOut{At: wire.Time(s.At)}
		if whole {
			line.Reason = optional(s.Reason)
		}
		out.Supervised = append(out.Supervised, line)
	}
	if b := t.Backlog; b != nil && t.State == ticket.Suspended {
		out.Backlog = &shelvedOut{b.Measures, wire.Time(b.Since), wire.Time(b.At), wire.Time(b.ReviewAt), b.Due, (*wire.Time)(optional(b.LapsesAt))}
	}
	return out
}
