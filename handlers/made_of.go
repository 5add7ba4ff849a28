package handlers

import (
	"wangge/domain/ticket"
	"wangge/handlers/web"
)

// ticketOfCaseIn is the body of POST /v1/intake-cases/{id}/tickets: a draft of
// which the case proposes what is left out.
type ticketOfCaseIn struct {
	ID          string                    `json:"id"`
	Kind        ticket.Kind               `json:"kind"`
	Category    string                    `json:"category"`
	Source      ticket.Source             `json:"source"`
	Urgency     ticket.Urgency            `json:"urgency"`
	Title       string                    `json:"title"`
	Description string                    `json:"description" lines:"true"`
	Address     string                    `json:"address"`
	Position    *web.PositionIn           `json:"position"`
	Household   string                    `json:"household"`
	Area        string                    `json:"area"`
	Photos      []string                  `json:"photos"`
	Anonymous   bool                      `json:"anonymous"`
	OnBehalfOf  web.Nullable[residentIn]  `json:"onBehalfOf"`
	Clock       web.Nullable[web.ClockIn] `json:"clock"`
}

// caseOfTicketIn is the body of POST /v1/tickets/{id}/cases: the ticket
// proposes the community and the applicant.
type caseOfTicketIn struct {
	ID        string                    `json:"id"`
	Item      string                    `json:"item" need:"true"`
	Community string                    `json:"community"`
	Station   web.Nullable[string]      `json:"station"`
	Address   string                    `json:"address"`
	Applicant web.Nullable[applicantIn] `json:"applicant"`
	Worker    web.Nullable[string]      `json:"worker"`
	StandIn   web.Nullable[string]      `json:"standIn"`
}

func openTicketOfCase(r *apiRequest) (*web.Reply, error) {
	var in ticketOfCaseIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	draft := draftIn{
		ID: in.ID, Kind: in.Kind, Category: in.Category, Source: in.Source, Urgency: in.Urgency, Title: in.Title, Description: in.Description, Address: in.Address,
		Position: in.Position, Household: in.Household, Area: in.Area, Photos: in.Photos, Anonymous: in.Anonymous, OnBehalfOf: in.OnBehalfOf, Clock: in.Clock,
	}
	t, err := r.Counter.OpenTicket(r.Ctx, r.Actor, r.Now, r.Param("id"), draft.draft(r))
	if err != nil {
		return nil, err
	}
	return r.ticketMade(t, 201)
}

func openCaseOfTicket(r *apiRequest) (*web.Reply, error) {
	var in caseOfTicketIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	draft := caseIn{ID: in.ID, Item: in.Item, Community: in.Community, Station: in.Station, Address: in.Address, Applicant: in.Applicant, Worker: in.Worker, StandIn: in.StandIn}
	c, err := r.Counter.OpenCase(r.Ctx, r.Actor, r.Now, r.Param("id"), draft.draft())
	if err != nil {
		return nil, err
	}
	return r.caseChanged(c, 201)
}
