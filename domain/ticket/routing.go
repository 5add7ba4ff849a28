package ticket

import (
	"context"
	"time"

	"wangge/domain"
	"wangge/domain/area"
	"wangge/domain/place"
	"wangge/store"
)

// routed runs change for the street of what was found; change calls route inside its update.
func (s *Tickets) routed(ctx context.Context, found *place.Found, change func(street *area.Area, route func(*store.Tx) (area.Spot, error)) error) error {
	return place.RouteFound(ctx, s.areas, found, "/position", func(id string, spot func(*store.Tx) (area.Spot, error)) error {
		street, ok := s.areas.Tree().ByID(id)
		if !ok {
			return domain.Invalid("/position", place.Outside)
		}
		return change(street, spot)
	})
}

// today is the id of the area that an area has become.
func (s *Tickets) today(id string) string {
	heirs := s.areas.Tree().Heirs(id)
	if len(heirs) == 0 {
		return id
	}
	return heirs[len(heirs)-1]
}

// setPosition sets what was found of where the ticket lies, and the place of that.
func (t *Ticket) setPosition(spot area.Spot, found *place.Found) {
	t.Position, t.Candidates = found.Position, found.Candidates
	t.setPlace(spot)
}

// setPlace puts the ticket in the place found for its position.
func (t *Ticket) setPlace(spot area.Spot) {
	if t.Place.Street != "" && t.Place.Street != spot.Place.Street { // what the former street decided on its own
		t.Escalated, t.EscalatedAt = false, time.Time{}
		t.endConvened(t.UpdatedAt)
	}
	if t.Offer != nil && t.Offer.Place.Street == spot.Place.Street {
		t.Offer = nil
	}
	t.Place, t.Partition, t.Boundary = spot.Place, spot.Street, spot.Boundary()
}

// Categories are those that any street has or had: what lists may ask for.
func (s *Tickets) Categories(now time.Time) domain.Enum { return s.policies.CategoryWords(now) }

// InUse reports whether a ticket of one of the streets, given by their ids, has the category.
func (s *Tickets) InUse(ctx context.Context, r store.Reader, streets []string, category string) (bool, error) {
	found, _, err := collection.Find(ctx, r, store.Query{Where: []store.Cond{store.In("place.street", streets...), store.Eq("category", category), store.In("state", States...)},
		Order: []string{"-createdAt"}, Limit: 1})
	return len(found) > 0, err
}
