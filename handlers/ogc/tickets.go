package ogc

import (
	"context"
	"errors"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain/ticket"
	"wangge/store"
)

// ticketProperties are what who works reads in their scope: no names, no phones.
type ticketProperties struct {
	Number    string         `json:"number"`
	Title     string         `json:"title"`
	Category  string         `json:"category"`
	State     ticket.State   `json:"state"`
	Urgency   ticket.Urgency `json:"urgency"`
	Cell      *string        `json:"cell"` // code; null outside every cell
	CreatedAt time.Time      `json:"createdAt"`
	UpdatedAt time.Time      `json:"updatedAt"`
	DueAt     *time.Time     `json:"dueAt"`
	Overdue   bool           `json:"overdue"`
}

// publicProperties are what anybody reads.
type publicProperties struct {
	Category   string       `json:"category"`
	State      ticket.State `json:"state"`
	ReportedOn string       `json:"reportedOn"` // day in China
}

func (s *Features) scopedTickets(ctx context.Context, r Request, f filter) (found, error) {
	asked := ticket.Filter{Map: true, Boxes: f.boxes, From: f.time.from, Limit: f.limit, Cursor: f.cursor}
	if !f.time.to.IsZero() {
		asked.To = f.time.to.Add(time.Millisecond) // the list's end is open
	}
	if word := f.words["category"]; word != "" {
		asked.Categories = []string{word}
	}
	if word := f.words["state"]; word != "" {
		asked.States = []ticket.State{ticket.State(word)}
	}
	list, next, err := s.tickets.List(ctx, r.Actor, asked)
	if err != nil {
		return found{}, err
	}
	out := found{next: next}
	for _, t := range list {
		out.features = append(out.features, s.ticketFeature(t, r.Now))
	}
	if f.cursor == "" {
		counts, err := s.tickets.Count(ctx, r.Actor, asked, "state")
		total := int64(0)
		for _, n := range counts {
			total += n
		}
		if out.matched, err = counted(total, err); err != nil {
			return found{}, err
		}
	}
	return out, nil
}

func (s *Features) publicTickets(ctx context.Context, f filter) (found, error) {
	asked := ticket.PublicFilter{Boxes: f.boxes, From: f.time.from, To: f.time.to, Limit: f.limit, Cursor: f.cursor}
	if word := f.words["category"]; word != "" {
		asked.Categories = []string{word}
	}
	if word := f.words["state"]; word != "" {
		asked.States = []ticket.State{ticket.State(word)}
	}
	list, next, err := s.tickets.Public(ctx, asked)
	if err != nil {
		return found{}, err
	}
	out := found{next: next}
	for _, t := range list {
		out.features = append(out.features, publicFeature(t))
	}
	if f.cursor == "" {
		if out.matched, err = counted(s.tickets.CountPublic(ctx, asked)); err != nil {
			return found{}, err
		}
	}
	return out, nil
}

// counted is how many there are in all, said on the first page only, and not
// where counting would be too much: the standard has it exact or absent.
func counted(n int64, err error) (*int64, error) {
	if errors.Is(err, store.ErrTooBroad) {
		return nil, nil
	}
	return &n, err
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
		CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt, Overdue: t.Overdue(now)}
	if c, ok := s.areas.Map().ByID(t.Place.Cell); ok {
		p.Cell = &c.Code
	}
	if !t.DueAt.IsZero() {
		p.DueAt = &t.DueAt
	}
	return point(t.ID, t.Position.At(), p)
}

func publicFeature(t *ticket.Public) Feature {
	return point(t.ID, t.At, publicProperties{t.Category, t.State, t.Day.In(ticket.China).Format(time.DateOnly)})
}

func point(id string, at orb.Point, properties any) Feature {
	return Feature{Type: "Feature", ID: id, Geometry: Geometry{"Point", at}, Properties: properties}
}
