package household

import (
	"context"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/ids"
	"wangge/domain/place"
	"wangge/geo"
	"wangge/store"
)

// Relocation says where a household is.
type Relocation struct {
	Address   Address
	Position  orb.Point // WGS-84
	Datum     geo.Datum // it came in
	Corrected bool      // it always was there: nobody moved, and no stay is recorded
}

// Move moves a household to another address, perhaps in another cell or
// street, and keeps who lived where until now; or corrects where it is.
// Errors: ErrNotFound, ErrForbidden, ErrStale, InvalidError (at /position for
// a street that is not the actor's to move it to), ConflictError "duplicate_address".
func (s *Households) Move(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in Relocation) (*Household, error) {
	bad := &domain.InvalidError{}
	in.Address = in.Address.trimmed()
	if in.Address.check(bad, "/address"); bad.Err() != nil {
		return nil, bad
	}
	var h *Household
	stay := ids.New()
	err := place.Route(ctx, s.areas, in.Position, "/position", func(street string, spot func(*store.Tx) (area.Spot, error)) error {
		prepare := func(*Household) ([]string, error) { return []string{street}, nil }
		return s.updateKept(ctx, actor, id, version, prepare, func(tx *store.Tx, current *Household) error {
			h = current
			at, err := spot(tx)
			if err != nil {
				return err
			}
			if !access.MayMoveHousehold(actor, h.Place, at.Place) {
				return domain.Invalid("/position", domain.T("位置在其他街道，请由社区负责人移交", "the position is in another street: ask who leads the community to hand the household over"))
			}
			merged, err := allMerged(ctx, tx, h.ID)
			if err != nil {
				return err
			}
			before, was, action := h.facts(), *h, "correct"
			h.Address = in.Address
			h.setPosition(at, in.Position, in.Datum)
			if err := h.checkAddressFree(ctx, tx, ""); err != nil {
				return err
			}
			if !in.Corrected {
				if err := was.leave(tx, actor, now, stay, Moved, "", indexes(h.Members)...); err != nil {
					return err
				}
				h.Since, action, h.Away = now, "move", nil // it was found again
			}
			for _, m := range merged {
				if err := m.moveMergedTo(tx, actor, now, h.Partition); err != nil {
					return err
				}
			}
			return h.save(tx, actor, now, action, before)
		})
	})
	return h, err
}

// moveMergedTo keeps what was merged into a household in the street that it comes to.
func (h *Household) moveMergedTo(tx *store.Tx, actor access.Actor, now time.Time, street string) error {
	h.Partition = street
	return collection.Put(tx, h, h.entry(actor, now, "follow", h.facts()))
}

// indexes are the positions of a list's elements.
func indexes[T any](list []T) []int {
	out := make([]int, len(list))
	for i := range list {
		out[i] = i
	}
	return out
}

// RemoveMember takes somebody out of the household: they left, died, or never were here.
// Errors: ErrNotFound, ErrForbidden, ErrStale, InvalidError.
func (s *Households) RemoveMember(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, member string, why Reason) (*Household, error) {
	if why != Left && why != Deceased && why != Mistaken {
		return nil, domain.Invalid("/reason", LeavingWords.Fault())
	}
	stay := ids.New()
	return s.updateKeptMember(ctx, actor, id, version, member, func(tx *store.Tx, h *Household, _ *Member) error {
		i := h.member(member)
		if why != Mistaken {
			if err := h.leave(tx, actor, now, stay, why, "", i); err != nil {
				return err
			}
		}
		h.Members = slices.Delete(h.Members, i, i+1)
		return h.saveMember(tx, actor, now, "remove_member", member)
	})
}

// MoveMember moves somebody, with their tags, to another household that the
// actor keeps. version is of the household they leave.
// Errors: ErrNotFound, ErrForbidden, ErrStale, InvalidError at /to.
func (s *Households) MoveMember(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, member, to string) (from, into *Household, err error) {
	stay := ids.New()
	err = s.updateKeptPair(ctx, actor, id, version, to, "/to", func(tx *store.Tx, h, other *Household) error {
		from, into = h, other
		i := from.member(member)
		if i < 0 {
			return domain.ErrNotFound
		}
		if len(into.Members) >= membersMost {
			return domain.Invalid("/to", tooManyMembers)
		}
		m := from.Members[i]
		if m.IDNumberIndex != "" && slices.ContainsFunc(into.Members, func(o Member) bool { return o.IDNumberIndex == m.IDNumberIndex }) {
			return domain.Invalid("/to", sameNumber)
		}
		if err := from.leave(tx, actor, now, stay, Joined, into.ID, i); err != nil {
			return err
		}
		from.Members = slices.Delete(from.Members, i, i+1)
		m.Since = now
		into.Members = append(into.Members, m)
		if err := from.saveMember(tx, actor, now, "remove_member", member); err != nil {
			return err
		}
		return into.saveMember(tx, actor, now, "add_member", member)
	})
	return from, into, err
}
