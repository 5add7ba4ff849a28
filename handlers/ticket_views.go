package handlers

import (
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/ticket"
	"wangge/geo"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// ticketOut is a ticket as one actor sees it.
type ticketOut struct {
	ID           string           `json:"id"`
	Number       string           `json:"number"`
	Kind         ticket.Kind      `json:"kind"`
	Category     string           `json:"category"`
	Condition    *string          `json:"condition"`
	Source       ticket.Source    `json:"source"`
	Urgency      ticket.Urgency   `json:"urgency"`
	Title        string           `json:"title"`
	Description  string           `json:"description"`
	Address      string           `json:"address"`
	Position     *web.PositionOut `json:"position"`
	Place        placeOut         `json:"place"`
	Triage       bool             `json:"triage"`
	State        ticket.State     `json:"state"`
	Allowed      []string         `json:"allowed"`
	Assignee     *assigneeOut     `json:"assignee"`
	Returned     *returnedOut     `json:"returned"` // to those who work on it
	Helpers      []assigneeOut    `json:"helpers"`
	Outcome      *string          `json:"outcome"`
	Verification *string          `json:"verification"`
	Reopened     int              `json:"reopened"`
	Anonymous    bool             `json:"anonymous"`
	Mine         bool             `json:"mine"`
	Reporter     *personOut       `json:"reporter"`
	ReportedBy   *personOut       `json:"reportedBy"`
	Links        []linkOut        `json:"links"` // what it came from, for who may see the stop
	Photos       []ticketPhotoOut `json:"photos"`
	Comments     int              `json:"comments"`
	CreatedAt    wire.Time        `json:"createdAt"`
	Happened     *web.HappenedOut `json:"happened"` // when it was reported, of one sent later
	UpdatedAt    wire.Time        `json:"updatedAt"`
	DueAt        *wire.Time       `json:"dueAt"`
	Overdue      bool             `json:"overdue"`
	ResumeAt     *wire.Time       `json:"resumeAt"`
	ClosedAt     *wire.Time       `json:"closedAt"`
	Version      int64            `json:"version"`
}

// returnedOut says why a ticket waits to be dispatched anew.
type returnedOut struct {
	At   wire.Time    `json:"at"`
	Why  ticket.Why   `json:"why"`
	From *assigneeOut `json:"from"`
}

// assigneeOut is who has a ticket; only its kind, where the reader is not shown the person.
type assigneeOut struct {
	Kind string `json:"kind"`
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// personOut is a person with what of them is shown: staff by name, residents masked.
type personOut struct {
	ID    string `json:"id,omitempty"`
	Name  string `json:"name"`
	Phone string `json:"phone,omitempty"` // masked
}

type ticketPhotoOut struct {
	ID   string    `json:"id"`
	When string    `json:"when"`
	At   wire.Time `json:"at"`
}

// placeOut names the areas and the cell around a thing.
type placeOut struct {
	County    *namedOut `json:"county"`
	Street    *namedOut `json:"street"`
	Community *namedOut `json:"community"`
	Cell      *namedOut `json:"cell"`
}

type namedOut struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

func (s *Server) placeOut(p access.Place) placeOut {
	named := func(id string) *namedOut {
		a, ok := s.Areas.Tree().ByID(id)
		if !ok {
			return nil
		}
		return &namedOut{a.Code, a.Name}
	}
	out := placeOut{County: named(p.County), Street: named(p.Street), Community: named(p.Community)}
	out.Cell = s.cellNamed(p.Cell)
	return out
}

// cellNamed names a cell, also one that is retired.
func (s *Server) cellNamed(id string) *namedOut {
	c, ok := s.Areas.Map().EverByID(id)
	if !ok {
		return nil
	}
	return &namedOut{c.Code, c.Name}
}

// names are the people and organisations that a list of tickets speaks of.
type names struct {
	people map[string]*account.Account
	orgs   map[string]*area.Organisation
}

func (r *request) namesOf(tickets []*ticket.Ticket) (names, error) {
	people, orgs := map[string]bool{}, map[string]bool{}
	note := func(a access.Assignee) {
		switch a.Kind {
		case access.Person:
			people[a.ID] = true
		case access.Organisation:
			orgs[a.ID] = true
		}
	}
	for _, t := range tickets {
		note(t.Assignee)
		if t.Returned != nil {
			note(t.Returned.From)
		}
		for _, h := range t.Helpers {
			note(h)
		}
		people[t.Reporter], people[t.ReportedBy] = true, true
	}
	delete(people, "")
	var n names
	var err error
	if n.people, err = account.All.GetMany(r.Ctx, r.Store, keys(people)); err != nil {
		return n, err
	}
	n.orgs, err = area.Organisations.GetMany(r.Ctx, r.Store, keys(orgs))
	return n, err
}

func keys(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for k := range set {
		out = append(out, k)
	}
	return out
}

// ticketsOut renders tickets that the actor may read, each in the view the actor has of it.
func (r *request) ticketsOut(tickets []*ticket.Ticket, d geo.Datum) ([]ticketOut, error) {
	n, err := r.namesOf(tickets)
	if err != nil {
		return nil, err
	}
	led, err := r.linksOf(tickets)
	if err != nil {
		return nil, err
	}
	out := make([]ticketOut, len(tickets))
	for i, t := range tickets {
		out[i] = r.ticketOut(t, n, d)
		out[i].Links = led[i]
	}
	return out, nil
}

func (r *request) ticketOut(t *ticket.Ticket, n names, d geo.Datum) ticketOut {
	whole := access.TicketView(r.Actor, t.Facts()) == access.Whole
	out := ticketOut{
		ID: t.ID, Number: t.Number, Kind: t.Kind, Category: t.Category, Condition: optional(t.Condition), Source: t.Source,
		Urgency: t.Urgency, Title: t.Title, Description: t.Description, Address: t.Address,
		Position: web.PositionTo(t.Position.At(), d, t.Position.AccuracyM), Place: r.placeOut(t.Place), Triage: t.Triage(),
		State: t.State, Allowed: t.Allowed(r.Actor, r.Now), Assignee: n.assignee(t.Assignee, whole), Helpers: []assigneeOut{},
		Outcome: optional(string(t.Outcome)), Verification: optional(string(t.Verified)), Reopened: t.Reopened,
		Anonymous: t.Anonymous, Mine: t.Reporter == r.Actor.Account, Photos: []ticketPhotoOut{}, Comments: t.Comments,
		CreatedAt: wire.Time(t.CreatedAt), UpdatedAt: wire.Time(t.UpdatedAt), DueAt: (*wire.Time)(optional(t.DueAt)), Overdue: t.Overdue(r.Now), ResumeAt: (*wire.Time)(optional(t.ResumeAt)), ClosedAt: (*wire.Time)(optional(t.ClosedAt)), Version: t.Version,
	}
	if whole && t.Returned != nil {
		out.Returned = &returnedOut{wire.Time(t.Returned.At), t.Returned.Why, n.assignee(t.Returned.From, whole)}
	}
	for _, h := range t.Helpers {
		out.Helpers = append(out.Helpers, *n.assignee(h, whole))
	}
	for _, p := range t.Photos {
		out.Photos = append(out.Photos, ticketPhotoOut{p.ID, p.When, wire.Time(p.At)})
	}
	happened := t.Happened
	if out.Mine || (whole && !t.Anonymous) {
		out.Reporter = n.reporter(t)
	} else {
		happened = happened.Nameless()
	}
	out.Happened = web.HappenedTo(happened)
	if !whole {
		out.Comments -= t.Internal
	}
	if whole && t.ReportedBy != t.Reporter {
		out.ReportedBy = n.person(t.ReportedBy)
	}
	return out
}

// assignee names who has the ticket. A resident reads the organisation's name, but not that of a person.
func (n names) assignee(a access.Assignee, whole bool) *assigneeOut {
	switch a.Kind {
	case access.Organisation:
		out := &assigneeOut{Kind: a.Kind, ID: a.ID}
		if o := n.orgs[a.ID]; o != nil {
			out.Name = o.Name
		}
		return out
	case access.Person:
		out := &assigneeOut{Kind: a.Kind}
		if p := n.people[a.ID]; p != nil && whole {
			out.ID, out.Name = a.ID, p.DisplayName()
		}
		return out
	}
	return nil
}

func (n names) person(id string) *personOut {
	a := n.people[id]
	if a == nil {
		return nil
	}
	return &personOut{ID: id, Name: a.DisplayName(), Phone: a.PhoneMasked}
}

// reporter is who the ticket belongs to: an account, or the resident a worker
// named, of whom it is not told whether their phone has one.
func (n names) reporter(t *ticket.Ticket) *personOut {
	if t.Contact != nil {
		return &personOut{Name: t.Contact.NameMasked, Phone: t.Contact.PhoneMasked}
	}
	return n.person(t.Reporter)
}

func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

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
	Version  int64            `json:"version"`
	Text     string           `json:"text"`            // what was done, in the reader's language
	Cells    *cellsOf         `json:"cells,omitempty"` // where it came to another cell
}

// cellsOf are the cells before and after; null for none.
type cellsOf struct {
	From *namedOut `json:"from"`
	To   *namedOut `json:"to"`
}

func timeline(r *request) (*web.Reply, error) {
	limit, cursor, err := r.Page()
	if err != nil {
		return nil, err
	}
	events, next, err := r.Tickets.Timeline(r.Ctx, r.Actor, r.Param("id"), limit, cursor)
	if err != nil {
		return nil, err
	}
	people := map[string]bool{}
	for _, e := range events {
		people[e.Actor] = true
	}
	n := names{}
	if n.people, err = account.All.GetMany(r.Ctx, r.Store, keys(people)); err != nil {
		return nil, err
	}
	items := make([]eventOut, len(events))
	for i, e := range events {
		items[i] = eventOut{
			Number: e.Number, At: wire.Time(e.At), Happened: web.HappenedTo(e.Happened), Action: string(e.Action), From: optional(string(e.From)), To: optional(string(e.To)), By: e.Role,
			Actor: n.person(e.Actor), Assignee: optional(e.After.Assignee), Note: e.Note, Reason: e.Reason, Comment: optional(e.Comment), Version: e.Version,
			Text: r.Text(e.Action.Text()),
		}
		if e.From != "" && e.Before.Cell != e.After.Cell {
			items[i].Cells = &cellsOf{r.cellNamed(e.Before.Cell), r.cellNamed(e.After.Cell)}
		}
	}
	return web.Listed(items, next), nil
}
