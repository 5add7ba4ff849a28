package household

import (
	"context"
	"time"

	"wangge/domain/access"
	"wangge/store"
)

// pointersOf says where in a draft each of the household's people is.
func pointersOf(h *Household) map[string]string {
	out := map[string]string{}
	for _, as := range contacts {
		if p := *h.contact(as); p != nil {
			out[p.ID] = "/" + as
		}
	}
	for i, m := range h.Members {
		out[m.ID] = pointerTo("/members", i)
	}
	return out
}

// mayCompare reports whether the numbers that the actor writes are compared with
// those of other households: each counts, and over the hour's budget none is,
// so that nobody finds somebody's number by writing one after the other.
func (s *Households) mayCompare(ctx context.Context, actor access.Actor, now time.Time, people ...*PersonInput) (bool, error) {
	may := true
	for _, p := range people {
		if p == nil {
			continue
		}
		for _, number := range []*string{p.Phone, p.IDNumber} {
			if number == nil || *number == "" || !may || actor.System {
				continue
			}
			var err error
			if may, err = s.Reveals.Compare(ctx, actor, now); err != nil {
				return false, err
			}
		}
	}
	return may, nil
}

// warn tells of phones and ID numbers of these people, by id, that other
// households of the street have too, as far as the actor may have those
// revealed: a warning says whose number it is.
func (s *Households) warn(ctx context.Context, tx *store.Tx, actor access.Actor, h *Household, pointers map[string]string) ([]Warning, error) {
	var out []Warning
	for _, p := range h.people() {
		pointer, ok := pointers[p.ID]
		if !ok {
			continue
		}
		for _, x := range []struct{ field, code, gram string }{
			{"/phone", "phone_in_use", phoneGram(p.PhoneIndex)}, {"/idNumber", "id_number_in_use", idNumberGram(p.IDNumberIndex)},
		} {
			if x.gram == "" {
				continue
			}
			found, _, err := collection.Find(ctx, tx, store.Query{
				Where: []store.Cond{store.Eq("place.street", h.Place.Street), store.Terms("text", x.gram)}, Order: []string{"sort"}, Limit: 10,
			})
			if err != nil {
				return nil, err
			}
			w := Warning{Pointer: pointer + x.field, Code: x.code}
			for _, other := range found {
				if other.ID != h.ID && access.MayRevealPeople(actor, other.Place) {
					w.Households = append(w.Households, other.ID)
				}
			}
			if len(w.Households) > 0 {
				out = append(out, w)
			}
		}
	}
	return out, nil
}
