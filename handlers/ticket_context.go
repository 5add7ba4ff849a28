package handlers

import (
	"math"

	"wangge/domain/ticket"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// contextOut is what was reported before and bears upon a ticket.
type contextOut struct {
	Caller    *complainantOut `json:"caller"`
	Household *complainantOut `json:"household"`
	Near      nearOut         `json:"near"`
	Group     *groupOut       `json:"group"`
}

type complainantOut struct {
	Tickets  int                    `json:"tickets"`
	States   map[ticket.State]int   `json:"states"`
	Outcomes map[ticket.Outcome]int `json:"outcomes"`
	Repeats  int                    `json:"repeats"`
	Last     []earlierOut           `json:"last"`
}

type nearOut struct {
	RadiusM int          `json:"radiusM"`
	Items   []earlierOut `json:"items"`
	More    bool         `json:"more"`
}

type groupOut struct {
	Tickets   int `json:"tickets"`
	Reporters int `json:"reporters"`
}

type earlierOut struct {
	ID         string       `json:"id"`
	Number     string       `json:"number"`
	Title      string       `json:"title"`
	Category   string       `json:"category"`
	State      ticket.State `json:"state"`
	Outcome    *string      `json:"outcome"`
	CreatedAt  wire.Time    `json:"createdAt"`
	Metres     *int         `json:"metres"`
	Alike      bool         `json:"alike"`
	Repeat     bool         `json:"repeat"`
	MergedInto *joinedOut   `json:"mergedInto"`
}

func getTicketContext(r *apiRequest) (*web.Reply, error) {
	t, _, err := r.Tickets.Get(r.Ctx, r.Actor, r.Param("id"))
	if err != nil {
		return nil, err
	}
	homes := map[string]bool{}
	if t.Household != "" {
		there, err := r.Visits.SeenHouseholds(r.Ctx, r.Actor, []string{t.Household})
		if err != nil {
			return nil, err
		}
		if h := there[t.Household]; h != nil { // it may be merged into another by now
			homes[t.Household], homes[h.ID] = true, true
		}
	}
	found, err := r.Tickets.Context(r.Ctx, r.Actor, r.Now, t.ID, keys(homes))
	if err != nil {
		return nil, err
	}
	out := contextOut{Near: nearOut{RadiusM: ticket.NearM, More: found.NearMore}}
	if out.Caller, err = r.complainantOut(found.Caller); err != nil {
		return nil, err
	}
	if out.Household, err = r.complainantOut(found.Household); err != nil {
		return nil, err
	}
	if out.Near.Items, err = r.earlierOut(found.Near); err != nil {
		return nil, err
	}
	if found.Group != nil {
		out.Group = (*groupOut)(found.Group)
	}
	return web.OK(out), nil
}

func (r *apiRequest) complainantOut(c *ticket.Complainant) (*complainantOut, error) {
	if c == nil {
		return nil, nil
	}
	last, err := r.earlierOut(c.Last)
	return &complainantOut{c.Tickets, c.States, c.Outcomes, c.Repeats, last}, err
}

func (r *apiRequest) earlierOut(all []ticket.Earlier) ([]earlierOut, error) {
	tickets := make([]*ticket.Ticket, len(all))
	for i, e := range all {
		tickets[i] = e.Ticket
	}
	joined, err := r.mergesOf(tickets)
	if err != nil {
		return nil, err
	}
	out := make([]earlierOut, len(all))
	for i, e := range all {
		out[i] = earlierOut{ID: e.ID, Number: e.Number, Title: e.Title, Category: e.Category, State: e.State, Outcome: optional(string(e.Outcome)), CreatedAt: wire.Time(e.CreatedAt),
			Alike: e.Alike, Repeat: e.Repeat, MergedInto: joined[i].into}
		if e.Metres != nil {
			out[i].Metres = new(int(math.Round(*e.Metres)))
		}
	}
	return out, nil
}
