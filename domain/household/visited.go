package household

import (
	"context"
	"slices"
	"time"

	"wangge/domain/access"
	"wangge/store"
)

// Load reads a household for a change that is not about what it is, or as it
// is at this moment, whoever asks: whoever calls it has authorised it. ErrNotFound.
func Load(ctx context.Context, r store.Reader, id string) (*Household, error) {
	return collection.Get(ctx, r, id)
}

// LoadMany is Load of several, by id: those that are deleted or merged are missing.
func LoadMany(ctx context.Context, r store.Reader, ids []string) (map[string]*Household, error) {
	return collection.GetMany(ctx, r, ids)
}

// Caller is whom to call back about the household, in clear: its occupant, or
// the first member who has a phone, or who is named. The caller of this has
// authorised it, and seals what it keeps.
func (s *Households) Caller(h *Household) (name, phone string, err error) {
	var who *Person
	for _, p := range append([]*Person{h.Occupant}, h.living()...) {
		if p != nil && (who == nil || who.PhoneIndex == "" && p.PhoneIndex != "") {
			who = p
		}
	}
	if who == nil {
		return "", "", nil
	}
	clear, err := s.open(who, []string{"name", "phone"})
	return clear.Name, clear.Phone, err
}

// living are the household's members.
func (h *Household) living() []*Person {
	out := make([]*Person, len(h.Members))
	for i := range h.Members {
		out[i] = &h.Members[i].Person
	}
	return out
}

// Visited says, in an update of the household's street, when somebody was last
// met there; zero when the only visit was taken back. as is the id under which
// it was visited: the household's, or that of one merged into it.
func (h *Household) Visited(tx *store.Tx, actor access.Actor, now time.Time, as string, last time.Time) error {
	visited := &h.VisitedAt
	if as != h.ID {
		m := h.mergeOf(as)
		if m == nil {
			return nil // of one merged in over another: that one knows when it was visited itself
		}
		visited = &m.VisitedAt
	}
	if last.Equal(*visited) {
		return nil
	}
	*visited = last
	return h.save(tx, actor, now, "visited", h.facts())
}

// InCell returns a page of the households of a cell, by address, and the cursor
// of the next, for who has authorised whoever asks.
func (s *Households) InCell(ctx context.Context, r store.Reader, cell access.Place, limit int, cursor string) ([]*Household, string, error) {
	return collection.Find(ctx, r, store.Query{Where: []store.Cond{store.Eq("place.street", cell.Street), store.Eq("place.cell", cell.Cell)}, Order: []string{"sort"}, Limit: limit, After: cursor})
}

// PhoneIndexes are the blind indexes of the phones of who lives there, each once.
func (h *Household) PhoneIndexes() (out []string) {
	people := h.living()
	if h.Occupant != nil {
		people = append(people, h.Occupant)
	}
	for _, p := range people {
		if p.PhoneIndex != "" && !slices.Contains(out, p.PhoneIndex) {
			out = append(out, p.PhoneIndex)
		}
	}
	return out
}
