package handlers

import (
	"maps"
	"slices"

	"wangge/domain/access"
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
	Position     *web.PositionOut `json:"position"`   // null while no more than the street is known
	Candidates   []candidateOut   `json:"candidates"` // where it may lie, to those who place it
	Place        placeOut         `json:"place"`
	Triage       bool             `json:"triage"`
	State        ticket.State     `json:"state"`
	Allowed      []string         `json:"allowed"`
	Assignee     *assigneeOut     `json:"assignee"`
	Returned     *returnedOut     `json:"returned"` // to those who work on it
	Helpers      []helperOut      `json:"helpers"`
	Climbed      *climbedOut      `json:"climbed"` // these five to those who work on it
	Escalated    bool             `json:"escalated"`
	Requests     []requestedOut   `json:"requests"`
	Convened     []convenedOut    `json:"convened"`
	Offer        *offerOut        `json:"offer"`
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
	MergedInto   *joinedOut       `json:"mergedInto"`  // what it joined, while merged
	MergedLead   *joinedOut       `json:"mergedLead"`  // what leads it then: the same, or what that joined
	MergedCount  *int             `json:"mergedCount"` // how many joined it, to those who work on it
	Parent       *parentOut       `json:"parent"`      // what it was split off, for who sees that
	Children     []childOut       `json:"children"`    // what was split off it; null for the reporter
	NotFixed     int              `json:"childrenNotFixed"`
	CreatedAt    wire.Time        `json:"createdAt"`
	Happened     *web.HappenedOut `json:"happened"` // when it was reported, of one sent later
	UpdatedAt    wire.Time        `json:"updatedAt"`
	DueAt        *wire.Time       `json:"dueAt"`
	Overdue      bool             `json:"overdue"`
	Clocks       []clockOut       `json:"clocks"`    // null in lists
	Judgement    *string          `json:"judgement"` // in time or not, to those who work on it
	JudgedBare   *string          `json:"judgementWithoutExtensions"`
	ResumeAt     *wire.Time       `json:"resumeAt"`
	ClosedAt     *wire.Time       `json:"closedAt"`
	ticketAskedOut
	Version int64 `json:"version"`
}

// helperOut is who helps, and how far their part is.
type helperOut struct {
	assigneeOut
	Part  ticket.PartState `json:"part"`
	Since *wire.Time       `json:"since"` // null for who helps since before parts were kept
}

// returnedOut says why a ticket waits to be dispatched anew.
type returnedOut struct {
	At     wire.Time           `json:"at"`
	Why    ticket.ReturnReason `json:"why"`
	From   *assigneeOut        `json:"from"`
	By     *personOut          `json:"by"`     // who asked for it
	Reason *string             `json:"reason"` // that they gave
}

type ticketPhotoOut struct {
	ID   string    `json:"id"`
	When string    `json:"when"`
	At   wire.Time `json:"at"`
}

func (r *apiRequest) namesOf(tickets []*ticket.Ticket) (names, error) {
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
		noteMatters(t, people, orgs)
		people[t.Reporter], people[t.ReportedBy] = true, true
	}
	n, err := r.peopleOf(people)
	if err != nil {
		return n, err
	}
	n.orgs, err = r.Areas.OrganisationNames(r.Ctx, keys(orgs))
	return n, err
}

// ticketsOut renders tickets that the actor may read, each in the view the actor has of it.
func (r *apiRequest) ticketsOut(tickets []*ticket.Ticket, d geo.Datum) ([]ticketOut, error) {
	parents, err := r.Tickets.Parents(r.Ctx, tickets)
	if err != nil {
		return nil, err
	}
	n, err := r.namesOf(slices.Concat(tickets, slices.Collect(maps.Values(parents))))
	if err != nil {
		return nil, err
	}
	led, err := r.linksOf(tickets)
	if err != nil {
		return nil, err
	}
	joined, err := r.mergesOf(tickets)
	if err != nil {
		return nil, err
	}
	out := make([]ticketOut, len(tickets))
	for i, t := range tickets {
		out[i] = r.ticketOut(t, n, d)
		out[i].ofSplit(r.Actor, t, parents[t.Parent], n)
		out[i].Links, out[i].MergedInto, out[i].MergedLead = led[i], joined[i].into, joined[i].lead
	}
	return out, nil
}

func (r *apiRequest) ticketOut(t *ticket.Ticket, n names, d geo.Datum) ticketOut {
	whole := access.TicketView(r.Actor, t.Facts()) == access.Whole
	out := ticketOut{
		ID: t.ID, Number: t.Number, Kind: t.Kind, Category: t.Category, Condition: optional(t.Condition), Source: t.Source,
		Urgency: t.Urgency, Title: t.Title, Description: t.Description, Address: t.Address,
		Place: r.placeOut(t.Place), Triage: t.Triage(),
		State: t.State, Allowed: r.Tickets.Allowed(r.Actor, t, r.Now), Assignee: n.assignee(t.Assignee, whole), Helpers: []helperOut{}, Requests: []requestedOut{}, Convened: []convenedOut{},
		Outcome: optional(string(t.Outcome)), Verification: optional(string(t.Verified)), Reopened: t.Reopened,
		Anonymous: t.Anonymous, Mine: t.Reporter == r.Actor.Account, Candidates: []candidateOut{}, Photos: []ticketPhotoOut{}, Comments: t.Comments,
		CreatedAt: wire.Time(t.CreatedAt), UpdatedAt: wire.Time(t.ChangedAt(r.Actor)), DueAt: (*wire.Time)(optional(t.DueAt)), Overdue: t.Overdue(r.Now), ResumeAt: (*wire.Time)(optional(t.ResumeAt)), ClosedAt: (*wire.Time)(optional(t.ClosedAt)), Version: t.VersionFor(r.Actor),
	}
	if t.Position != nil {
		out.Position = web.PositionTo(t.Position.At(), d, t.Position.AccuracyM)
	}
	for _, c := range t.SeenCandidates(r.Actor) {
		out.Candidates = append(out.Candidates, r.candidateOut(c, d))
	}
	if whole && t.Returned != nil {
		out.Returned = &returnedOut{wire.Time(t.Returned.At), t.Returned.Why, n.assignee(t.Returned.From, whole), n.person(t.Returned.By), optional(t.Returned.Reason)}
	}
	if whole {
		r.matters(&out, t, n, d)
	}
	for _, h := range t.Helpers {
		p := t.PartOf(h)
		out.Helpers = append(out.Helpers, helperOut{*n.assignee(h, whole), p.State, (*wire.Time)(optional(p.At))})
	}
	for _, p := range t.Photos {
		out.Photos = append(out.Photos, ticketPhotoOut{p.ID, p.When, wire.Time(p.At)})
	}
	out.ticketAskedOut = askedOut(t, whole)
	happened := t.Happened
	if out.Mine || (whole && !t.Anonymous) || t.ReportedBy == r.Actor.Account {
		out.Reporter = n.reporter(t)
	} else {
		happened = happened.Nameless()
	}
	out.Happened = web.HappenedTo(happened)
	if access.SeesClocks(access.TicketView(r.Actor, t.Facts())) {
		out.Judgement, out.JudgedBare = optional(string(t.Judge(r.Now, false))), optional(string(t.Judge(r.Now, true)))
	}
	if !whole {
		out.Comments -= t.Internal
	} else {
		out.MergedCount = &t.Merges
	}
	if whole && t.ReportedBy != t.Reporter {
		out.ReportedBy = n.person(t.ReportedBy)
	}
	return out
}

// reporter is who the ticket belongs to: an account, or the resident a worker
// named, of whom it is not told whether their phone has one.
func (n names) reporter(t *ticket.Ticket) *personOut {
	if t.Contact != nil {
		return &personOut{Name: t.Contact.NameMasked, Phone: t.Contact.PhoneMasked}
	}
	return n.person(t.Reporter)
}

// linkOut leads to a "stop" or a "household".
type linkOut struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

// linksOf are what tickets came from, each for who may see the stop it came
// from, and the household for who sees that too.
func (r *apiRequest) linksOf(tickets []*ticket.Ticket) ([][]linkOut, error) {
	stops, homes := map[string]bool{}, map[string]bool{}
	for _, t := range tickets {
		stops[t.Stop()] = true
		for _, l := range t.Links {
			if l.Kind == "household" {
				homes[l.ID] = true
			}
		}
	}
	delete(stops, "")
	seen, err := r.Stops.Seen(r.Ctx, r.Actor, keys(stops))
	if err != nil {
		return nil, err
	}
	there, err := r.Visits.SeenHouseholds(r.Ctx, r.Actor, keys(homes))
	if err != nil {
		return nil, err
	}
	out := make([][]linkOut, len(tickets))
	for i, t := range tickets {
		out[i] = []linkOut{}
		for _, l := range t.Links {
			if l.Kind == "household" && there[l.ID] != nil {
				l.ID = there[l.ID].ID // it may be merged into another by now
			} else if l.Kind == "household" {
				continue
			}
			if seen[t.Stop()] {
				out[i] = append(out[i], linkOut(l))
			}
		}
	}
	return out, nil
}
