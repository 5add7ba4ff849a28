package household

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/store"
)

// Change is a merge: nil leaves a field as it is. A contact without name and phone is removed.
type Change struct {
	Occupancy                  *Occupancy
	Owner, Occupant, Emergency *PersonInput
}

// Update changes what is said of a household. version, when not 0, is the one the caller read.
// Errors: ErrNotFound, ErrForbidden, ErrStale, InvalidError.
func (s *Households) Update(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in Change) (*Household, []Warning, error) {
	inputs := map[string]*PersonInput{"owner": in.Owner, "occupant": in.Occupant, "emergency": in.Emergency}
	var ready map[string]prepared
	prepare := func(was *Household) (others []string, err error) {
		bad := &domain.InvalidError{}
		ready, err = s.contactInputs(was, inputs, now, bad)
		if in.Occupancy != nil {
			checkOccupancy(bad, *in.Occupancy)
		}
		return nil, cmp.Or(err, bad.Err())
	}
	compare, err := s.mayCompare(ctx, actor, now, in.Owner, in.Occupant, in.Emergency)
	if err != nil {
		return nil, nil, err
	}
	var h *Household
	var warnings []Warning
	err = s.updateKept(ctx, actor, id, version, prepare, func(tx *store.Tx, current *Household) error {
		h = current
		before := h.facts()
		fields, touched := []string{}, map[string]string{}
		for as, p := range ready {
			changed, err := h.setContact(s.keys, as, p)
			if err != nil {
				return err
			}
			if changed {
				fields, touched[p.id] = append(fields, as), "/"+as
			}
		}
		if in.Occupancy != nil && *in.Occupancy != h.Occupancy {
			h.Occupancy, fields = *in.Occupancy, append(fields, "occupancy")
			if h.MovedAway() && h.Away.State == AwayConfirmed && h.Occupancy != Vacant {
				h.Away = nil // somebody lives there
			}
		}
		if len(fields) == 0 {
			return nil
		}
		if compare {
			var err error
			if warnings, err = s.warn(ctx, tx, actor, h, touched); err != nil {
				return err
			}
		}
		h.settle(now)
		e := h.entry(actor, now, "change", before)
		slices.Sort(fields)
		e.Dims["fields"] = strings.Join(fields, ",")
		return collection.Put(tx, h, e)
	})
	return h, warnings, err
}

// contactInputs prepares what is said of the contacts, each for the id that
// the contact has by now.
func (s *Households) contactInputs(h *Household, inputs map[string]*PersonInput, now time.Time, bad *domain.InvalidError) (map[string]prepared, error) {
	out := map[string]prepared{}
	for _, as := range slices.Sorted(maps.Keys(inputs)) {
		if inputs[as] == nil {
			continue
		}
		id := ids.New()
		if p := *h.contact(as); p != nil {
			id = p.ID
		}
		var err error
		if out[as], err = s.contactInput(id, *inputs[as], "/"+as, now, bad); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Delete takes a household off the lists and forgets its people, and those of
// the households merged into it: of them nothing personal stays.
// Errors: ErrNotFound, ErrForbidden, ErrStale.
func (s *Households) Delete(ctx context.Context, actor access.Actor, now time.Time, id string, version int64) error {
	return s.updateKept(ctx, actor, id, version, nil, func(tx *store.Tx, h *Household) error {
		if !access.MayJoinHouseholds(actor, h.Place) {
			return domain.ErrForbidden
		}
		merged, err := allMerged(ctx, tx, h.ID)
		if err != nil {
			return err
		}
		for _, x := range append(merged, h) {
			before := x.facts()
			x.Owner, x.Occupant, x.Emergency, x.Members, x.Merged, x.Sent = nil, nil, nil, []Member{}, []Merge{}, ""
			x.settle(now)
			if err := collection.Delete(tx, x, x.entry(actor, now, "delete", before)); err != nil {
				return err
			}
		}
		return nil
	})
}
