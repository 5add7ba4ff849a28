package handlers

import (
	"wangge/domain/ticket"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// eventOut is a line of the timeline.
type eventOut struct {
	Number   int64            `json:"number"`
	At       wire.Time        `json:"at"`
	Happened *web.HappenedOut `json:"happened"`
	Action   string           `json:"action"`
	From     *string          `json:"from"`
	To       *string          `json:"to"`
	By       string           `json:"by"` // reporter, staff or system
	Actor    *personOut       `json:"actor"`
	Assignee *string          `json:"assignee"`
	Note     string           `json:"note,omitempty"`
	Reason   string           `json:"reason,omitempty"`
	Comment  *string          `json:"comment"`
	Link     *string          `json:"link,omitempty"`
	Version  int64            `json:"version"`
	Text     string           `json:"text"`            // what was done, in the reader's language
	Cells    *cellsOf         `json:"cells,omitempty"` // where it came to another cell
}

// cellsOf are the cells before and after; null for none.
type cellsOf struct {
	From *namedOut `json:"from"`
	To   *namedOut `json:"to"`
}

func timeline(r *apiRequest) (*web.Reply, error) {
	limit, cursor, err := r.Page()
	if err != nil {
		return nil, err
	}
	events, next, err := r.Tickets.Timeline(r.Ctx, r.Actor, r.Param("id"), limit, cursor)
	if err != nil {
		return nil, err
	}
	n, err := namesOf(r, events, func(e ticket.Event) string { return e.Actor })
	if err != nil {
		return nil, err
	}
	items := make([]eventOut, len(events))
	for i, e := range events {
		items[i] = eventOut{
			Number: e.Number, At: wire.Time(e.At), Happened: web.HappenedTo(e.Happened), Action: string(e.Action), From: optional(string(e.From)), To: optional(string(e.To)), By: e.Role,
			Actor: n.person(e.Actor), Assignee: optional(e.After.Assignee), Note: e.Note, Reason: e.Reason, Comment: optional(e.Comment), Link: optional(e.Link), Version: e.Version,
			Text: r.Text(e.Action.Text()),
		}
		if e.From != "" && e.Before.Cell != e.After.Cell {
			items[i].Cells = &cellsOf{r.cellNamed(e.Before.Cell), r.cellNamed(e.After.Cell)}
		}
	}
	return web.Listed(items, next), nil
}
