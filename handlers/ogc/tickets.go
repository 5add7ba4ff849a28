package ogc

import (
	"context"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain/ticket"
	"wangge/handlers/wire"
)

// ticketProperties are what who works reads in their scope: no names, no phones.
type ticketProperties struct {
	Number    string         `json:"number"`
	Title     string         `json:"title"`
	Category  string         `json:"category"`
	State     ticket.State   `json:"state"`
	Urgency   ticket.Urgency `json:"urgency"`
	Cell      *string        `json:"cell"` // code; null outside every cell
	CreatedAt wire.Time      `json:"createdAt"`
	UpdatedAt wire.Time      `json:"updatedAt"`
	DueAt     *wire.Time     `json:"dueAt"`
	Overdue   bool           `json:"overdue"`
}

// publicProperties are what anybody reads.
type publicProperties struct {
	Category   string       `json:"category"`
	State      ticket.State `json:"state"`
	ReportedOn string       `json:"reportedOn"` // day in China
}

// Neither list says how many there are in all: that would be a count of
// everything with every page.

func (s *Features) scopedTickets(ctx context.Context, r Request, f filter) (found, error) {
	asked := ticket.Filter{Map: true, Boxes: f.boxes, From: f.time.from, Limit: f.limit, Cursor: f.cursor}
	if !f.time.to.IsZero() {
		asked.To = f.time.to.Add(time.Millisecond) // the list's end is open
	}
	asked.Categories, asked.States = f.categoriesAndStates()
	list, next, err := s.tickets.List(ctx, r.Actor, asked)
	if err != nil {
		return found{}, err
	}
	out := found{next: next}
	for _, t := range list {
		out.features = append(out.features, s.ticketFeature(t, r.Now))
	}
	return out, nil
}

func (s *Features) publicTickets(ctx context.Context, f filter) (found, error) {
	asked := ticket.PublicFilter{Boxes: f.boxes, From: f.time.from, To: f.time.to, Limit: f.limit, Cursor: f.cursor}
	asked.Categories, asked.States = f.categoriesAndStates()
	list, next, err := s.tickets.Public(ctx, asked)
	if err != nil {
		return found{}, err
	}
	out := found{next: next}
	for _, t := range list {
		out.features = append(out.features, publicFeature(t))
	}
	return out, nil
}

func (f filter) categoriesAndStates() (categories []string, states []ticket.State) {
	if word, asked := f.words["category"]; asked {
		categories = []string{word}
	}
	if word, asked := f.words["state"]; asked {
		states = []ticket.State{ticket.State(word)}
	}
	return categories, states
}

// ticketsExtent is a box that holds every ticket; nil while there are no cells.
func (s *Features) ticketsExtent() *Extent {
	box, ok := s.tickets.Bound()
	if !ok {
		return nil
	}
	return within(box)
}

func (s *Features) ticket(ctx context.Context, r Request, id string) (Feature, error) {
	t, err := s.tickets.Mapped(ctx, r.Actor, id)
	if err != nil {
		return Feature{}, err
	}
	return s.ticketFeature(t, r.Now), nil
}

func (s *Features) publicTicket(ctx context.Context, id string) (Feature, error) {
	t, err := s.tickets.PublicByID(ctx, id)
	if err != nil {
		return Feature{}, err
	}
	return publicFeature(t), nil
}

func (s *Features) ticketFeature(t *ticket.Ticket, now time.Time) Feature {
	p := ticketProperties{Number: t.Number, Title: t.Title, Category: t.Category, State: t.State, Urgency: t.Urgency,
		CreatedAt: wire.Time(t.CreatedAt), UpdatedAt: wire.Time(t.UpdatedAt), Overdue: t.Overdue(now)}
	if c, ok := s.areas.Map().EverByID(t.Place.Cell); ok {
		p.Cell = &c.Code
	}
	if !t.DueAt.IsZero() {
		p.DueAt = (*wire.Time)(&t.DueAt)
	}
	if t.Position == nil {
		return Feature{Type: "Feature", ID: t.ID, Properties: p}
	}
	return point(t.ID, t.Position.At(), p)
}

func publicFeature(t *ticket.Public) Feature {
	return point(t.ID, t.At, publicProperties{t.Category, t.State, string(t.Day)})
}

func point(id string, at orb.Point, properties any) Feature {
	return Feature{Type: "Feature", ID: id, Geometry: &Geometry{"Point", at}, Properties: properties}
}
