package handlers

import (
	"wangge/domain"
	"wangge/domain/access"
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
	For      *personOut       `json:"for,omitempty"` // whose stand-in they were in this
	Assignee *string          `json:"assignee"`
	Note     string           `json:"note,omitempty"`
	Reason   string           `json:"reason,omitempty"`
	Question string           `json:"question,omitempty"`
	Answer   string           `json:"answer,omitempty"`
	Measures string           `json:"measures,omitempty"`
	Comment  *string          `json:"comment"`
	Link     *string          `json:"link,omitempty"`
	Ticket   *ticketNamed     `json:"ticket,omitempty"` // the other one, of a merge
	Helper   *assigneeOut     `json:"helper,omitempty"` // whose part in the work it was about
	Version  int64            `json:"version"`
	Text     string           `json:"text"`            // what was done, in the reader's language
	Cells    *cellsOf         `json:"cells,omitempty"` // where it came to another cell
}

type ticketNamed struct {
	ID     string `json:"id"`
	Number string `json:"number"`
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
	who, orgs := map[string]bool{}, map[string]bool{}
	for _, e := range events {
		who[e.Actor], who[e.For] = true, true
		if h := given(e.Helper); h.Kind == access.Organisation {
			orgs[h.ID] = true
		} else {
			who[h.ID] = true
		}
	}
	n, err := r.peopleOf(who)
	if err != nil {
		return nil, err
	}
	if n.orgs, err = r.Areas.OrganisationNames(r.Ctx, keys(orgs)); err != nil {
		return nil, err
	}
	items := make([]eventOut, len(events))
	for i, e := range events {
		items[i] = eventOut{
			Number: e.Number, At: wire.Time(e.At), Happened: web.HappenedTo(e.Happened), Action: string(e.Action), From: optional(string(e.From)), To: optional(string(e.To)), By: e.Role,
			Actor: n.person(e.Actor), For: n.person(e.For), Assignee: optional(e.After.Assignee), Note: e.Note, Reason: e.Reason, Question: e.Question, Answer: e.Answer, Measures: e.Measures, Comment: optional(e.Comment), Link: optional(e.Link), Version: e.Version,
			Text: r.Text(e.Action.Text()), Helper: n.assignee(given(e.Helper), true),
		}
		if f := items[i].For; f != nil {
			items[i].Text = r.Text(domain.Textf("代%s：%s", "for %s: %s", f.Name, items[i].Text))
		}
		if e.Ticket != nil {
			items[i].Ticket = &ticketNamed{e.Ticket.ID, e.Ticket.Number}
		}
		if e.From != "" && e.Before.Cell != e.After.Cell {
			items[i].Cells = &cellsOf{r.cellNamed(e.Before.Cell), r.cellNamed(e.After.Cell)}
		}
	}
	return web.Listed(items, next), nil
}
