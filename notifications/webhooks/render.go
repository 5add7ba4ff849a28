package webhooks

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"

	"wangge/domain/webhook"
)

// bodyMost is how many bytes a message has at most.
const bodyMost = 20_000

// How much of a thing is shown: all, how it stands, or that it is there.
const (
	whole = "whole"
	none  = "none"
)

var errTooLong = errors.New("webhooks: a message that cannot be cut to its length")

// Render is the body of a message, of bodyMost bytes at most. What is too long
// loses of its case the photos of materials first, and then the older half of
// its longest list, until it fits; cut names the lists that are not whole.
func Render(m webhook.Message) ([]byte, error) {
	out := messageOut{m.Type, timestamp(m.At), dataOut{Sequence: m.Sequence, Test: m.Case == nil && m.Ticket == nil}}
	if !out.Data.Test {
		s := m.Step
		out.Data.Step = &stepOut{s.Action, optional(s.From), optional(s.To), timestamp(s.At), s.Linked != ""}
	}
	if c, t := m.Case, m.Ticket; c != nil && c.Shown == none || t != nil && t.Shown == none { // its states are not told either
		out.Data.Step.From, out.Data.Step.To = nil, nil
	}
	if m.Case != nil {
		out.Data.Case = caseOf(m.Case)
	}
	if m.Ticket != nil {
		out.Data.Ticket = ticketOf(m.Ticket)
	}
	if l := m.Link; l != nil {
		out.Data.Link = &linkOut{l.ID, l.Kind, l.Thing, l.Other}
	}
	for {
		body, err := encode(out)
		if err != nil || len(body) <= bodyMost {
			return body, err
		}
		if out.Data.Case == nil || out.Data.Case.Whole == nil || !out.Data.Case.Whole.shorten() {
			return nil, errTooLong
		}
	}
}

func encode(out messageOut) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(out)
	return bytes.TrimRight(b.Bytes(), "\n"), err
}

func caseOf(c *webhook.CaseView) *caseOut {
	out := &caseOut{ID: c.ID, Shown: c.Shown}
	if c.Shown == none {
		return out
	}
	out.State, out.Since, out.UpdatedAt = &c.State, instant(c.Since), instant(c.UpdatedAt)
	if c.Shown != whole {
		return out
	}
	w := &caseWholeOut{
		Version: c.Version, System: optional(c.System), Number: optional(c.Number), LocalNumber: optional(c.Local), Item: itemOut(c.Item),
		Street: c.Street, Community: optional(c.Community), Station: optional(c.Station),
		OpenedAt: timestamp(c.OpenedAt), AcceptedAt: instant(c.AcceptedAt), ClosedAt: instant(c.ClosedAt), DueAt: instant(c.DueAt), Provisional: c.Provisional,
		Missing: texts(c.Missing), Materials: []materialOut{}, Trips: c.Trips, InVain: c.InVain, Tickets: []ticketRef{}, Cut: []string{},
	}
	for _, m := range c.Materials {
		w.Materials = append(w.Materials, materialOut{m.ID, m.Name, texts(m.Photos), timestamp(m.At)})
	}
	for _, t := range c.Tickets {
		w.Tickets = append(w.Tickets, ticketRef{t.ID, t.Number, t.State, leadOf(t.Lead)})
	}
	if c.HomeCall != nil {
		h := c.HomeCall
		w.HomeCall = &homeCallOut{optional(h.On), optional(h.Request), optional(h.State), instant(h.From), instant(h.To), optional(h.Result)}
	}
	w.Rating = ratingOf(c.Rating)
	out.Whole = w
	return out
}

func ticketOf(t *webhook.TicketView) *ticketOut {
	out := &ticketOut{ID: t.ID, Shown: t.Shown}
	if t.Shown != whole {
		return out
	}
	out.Whole = &ticketWholeOut{
		Version: t.Version, Number: t.Number, State: t.State, Kind: optional(t.Kind), Category: optional(t.Category), Condition: optional(t.Condition), Urgency: optional(t.Urgency), Outcome: optional(t.Outcome),
		Street: t.Street, Community: optional(t.Community), Cell: optional(t.Cell), Organisation: optional(t.Organisation), Reopened: t.Reopened, MergedInto: optional(t.MergedInto), MergedLead: leadOf(t.Lead), Rating: ratingOf(t.Rating),
		CreatedAt: timestamp(t.CreatedAt), DueAt: instant(t.DueAt), ClosedAt: instant(t.ClosedAt), UpdatedAt: timestamp(t.UpdatedAt),
	}
	return out
}

func leadOf(l *webhook.LeadView) *leadOut {
	if l == nil {
		return nil
	}
	return &leadOut{optional(l.ID), l.State, optional(l.Outcome), instant(l.ClosedAt)}
}

func ratingOf(r *webhook.RatingView) *ratingOut {
	if r == nil {
		return nil
	}
	return &ratingOut{r.Grade, optional(r.Rectification), optional(r.After)}
}

// texts is a list that is never null.
func texts(list []string) []string { return append([]string{}, list...) }

// list is one that can be shortened.
type list struct {
	name  string
	size  int
	halve func()
}

// shorten takes something out of the lists, and reports whether there was something.
func (w *caseWholeOut) shorten() bool {
	photos := false
	for i := range w.Materials {
		photos = photos || len(w.Materials[i].Photos) > 0
		w.Materials[i].Photos = []string{}
	}
	lists := []list{
		{"materials", size(w.Materials), func() { w.Materials = newer(w.Materials) }},
		{"missing", size(w.Missing), func() { w.Missing = newer(w.Missing) }},
		{"tickets", size(w.Tickets), func() { w.Tickets = newer(w.Tickets) }},
	}
	longest := slices.MaxFunc(lists, func(a, b list) int { return a.size - b.size })
	what := longest.name
	switch {
	case photos:
		what = "photos"
	case longest.size <= len("[]"):
		return false
	default:
		longest.halve()
	}
	if !slices.Contains(w.Cut, what) {
		w.Cut = append(w.Cut, what)
	}
	return true
}

// size is how many bytes a list takes.
func size(list any) int {
	b, _ := json.Marshal(list) // of texts and times
	return len(b)
}

// newer is the second half of a list.
func newer[T any](list []T) []T { return list[(len(list)+1)/2:] }
