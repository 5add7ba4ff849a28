package household

import (
	"context"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/place"
	"wangge/store"
)

// Merge is what a household took over from another that turned out to be the
// same. The other one stays as a tombstone as it was, so that both can be restored.
type Merge struct {
	Household string    `store:"household"` // id of the other
	At        time.Time `store:"at"`
	By        string    `store:"by"`
	Keys      []string  `store:"keys"`     // its address key and those of what was merged into it: addresses of this household now
	Members   []string  `store:"members"`  // ids, that came along
	Contacts  []string  `store:"contacts"` // that this household had none of
	Tags      []Given   `store:"tags"`     // put on members that both had
	VisitedAt time.Time `store:"visitedAt"`
}

// Given is a tag that a member got from who they were in the other household.
type Given struct {
	Member string `store:"member"`
	Tag    Tag    `store:"tag"`
}

// Merge takes another household of the same street into this one: its members
// that this one lacks, the tags of those it has, the contacts it has none of,
// and its last visit. Unmerge restores both.
// Errors: ErrNotFound, ErrForbidden, ErrStale, InvalidError at /household.
func (s *Households) Merge(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, other string) (*Household, error) {
	var h *Household
	err := s.updateKeptPair(ctx, actor, id, version, other, "/household", func(tx *store.Tx, current, o *Household) error {
		h = current
		if !access.MayJoinHouseholds(actor, h.Place) || !access.MayJoinHouseholds(actor, o.Place) {
			return domain.ErrForbidden
		}
		if h.Partition != o.Partition {
			return domain.Invalid("/household", domain.T("不在同一街道", "it is in another street"))
		}
		m, err := s.absorb(h, o)
		if err != nil {
			return err
		}
		if len(h.Members) > membersMost {
			return domain.Invalid("/household", tooManyMembers)
		}
		m.At, m.By = now, actor.Account
		h.Merged = append(h.Merged, m)
		o.MergedInto = h.ID
		e := o.entry(actor, now, "merge_into", o.facts())
		e.Dims["household"] = h.ID
		if err := collection.Delete(tx, o, e); err != nil {
			return err
		}
		return h.save(tx, actor, now, "merge", h.facts())
	})
	return h, err
}

// absorb takes over from another household what this one lacks, and says what that was.
func (s *Households) absorb(h, o *Household) (Merge, error) {
	m := Merge{Household: o.ID, Keys: []string{o.AddressKey}, Members: []string{}, Contacts: []string{}, Tags: []Given{}, VisitedAt: o.LastVisitedAt}
	for _, earlier := range o.Merged {
		m.Keys = append(m.Keys, earlier.Keys...)
	}
	for _, theirs := range o.Members {
		who, err := s.identity(&theirs.Person)
		if err != nil {
			return m, err
		}
		i, err := s.find(h.Members, who)
		if err != nil {
			return m, err
		}
		if i < 0 {
			h.Members = append(h.Members, theirs)
			m.Members = append(m.Members, theirs.ID)
			continue
		}
		ours := &h.Members[i]
		for _, t := range theirs.Tags {
			if !slices.ContainsFunc(ours.Tags, func(x Tag) bool { return x.Code == t.Code }) {
				ours.Tags = append(ours.Tags, t)
				m.Tags = append(m.Tags, Given{ours.ID, t})
			}
		}
	}
	for _, as := range contacts {
		if ours, theirs := h.contact(as), o.contact(as); *ours == nil && *theirs != nil {
			*ours, m.Contacts = *theirs, append(m.Contacts, as)
		}
	}
	return m, nil
}

// Unmerge takes the household out again that was merged into this one last.
// What came with it goes back, as it is by now; who left meanwhile stays where
// they are. Nothing changed since, both are exactly as before.
// Errors: ErrNotFound, ErrForbidden, ErrStale, InvalidError at /household,
// ConflictError "merged_later" when others were merged after it (what those
// brought may hang on what this one did), "duplicate_address" when another has
// its address by now.
func (s *Households) Unmerge(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, other string) (h, restored *Household, err error) {
	none := domain.Invalid("/household", domain.T("该住户未并入本户", "it is not merged into this household"))
	gone, _, err := collection.Find(ctx, s.store, store.Query{Where: []store.Cond{store.Eq("mergedInto", id)}, Deleted: true, Limit: 1000})
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(gone, func(o *Household) bool { return o.ID == other })
	if i < 0 {
		if _, err := s.read(ctx, actor, id); err != nil {
			return nil, nil, err
		}
		return nil, nil, none
	}
	err = place.Route(ctx, s.areas, gone[i].Position.At(), "/household", func(street string, spot func(*store.Tx) (area.Spot, error)) error {
		prepare := func(*Household) ([]string, error) { return []string{street, gone[i].Partition}, nil }
		return s.updateKept(ctx, actor, id, version, prepare, func(tx *store.Tx, current *Household) error {
			h = current
			merged, err := mergedInto(ctx, tx, h.ID)
			if err != nil {
				return err
			}
			o := slices.IndexFunc(merged, func(o *Household) bool { return o.ID == other })
			m := slices.IndexFunc(h.Merged, func(m Merge) bool { return m.Household == other })
			if o < 0 || m < 0 {
				return none
			}
			if !access.MayJoinHouseholds(actor, h.Place) {
				return domain.ErrForbidden
			}
			if m < len(h.Merged)-1 {
				return &domain.ConflictError{Code: "merged_later", Detail: domain.T("请先拆出之后并入的住户", "take out first what was merged later")}
			}
			at, err := spot(tx)
			if err != nil {
				return err
			}
			restored = merged[o]
			h.giveBack(restored, h.Merged[m])
			h.Merged = h.Merged[:m]
			restored.Deleted, restored.MergedInto = false, ""
			restored.setPlace(at)
			if err := restored.checkAddressFree(ctx, tx, h.ID); err != nil {
				return err
			}
			if err := h.save(tx, actor, now, "unmerge", h.facts()); err != nil {
				return err
			}
			return restored.save(tx, actor, now, "restore", store.Facts{})
		})
	})
	return h, restored, err
}

// giveBack undoes a takeIn.
func (h *Household) giveBack(o *Household, m Merge) {
	var back []Member
	for _, theirs := range o.Members {
		if slices.Contains(m.Members, theirs.ID) {
			i := h.member(theirs.ID)
			if i < 0 {
				continue // left meanwhile
			}
			theirs = h.Members[i]
			h.Members = slices.Delete(h.Members, i, i+1)
		}
		back = append(back, theirs)
	}
	o.Members = append([]Member{}, back...)
	if !m.VisitedAt.Equal(o.LastVisitedAt) {
		o.VisitedAt = m.VisitedAt // met, or a visit taken back, while it was merged
	}
	for _, g := range m.Tags {
		if i := h.member(g.Member); i >= 0 {
			h.Members[i].Tags = slices.DeleteFunc(h.Members[i].Tags, func(t Tag) bool { return t == g.Tag })
		}
	}
	for _, as := range m.Contacts {
		ours, theirs := h.contact(as), o.contact(as)
		if *ours != nil && *theirs != nil && (*ours).ID == (*theirs).ID {
			*theirs, *ours = *ours, nil
		}
	}
}

// mergedInto reads the tombstones of what was merged into a household.
func mergedInto(ctx context.Context, r store.Reader, id string) ([]*Household, error) {
	found, _, err := collection.Find(ctx, r, store.Query{Where: []store.Cond{store.Eq("mergedInto", id)}, Deleted: true, Limit: 1000})
	return found, err
}

// allMerged is mergedInto, and what was merged into those before.
func allMerged(ctx context.Context, r store.Reader, id string) ([]*Household, error) {
	out, err := mergedInto(ctx, r, id)
	for i := 0; i < len(out) && err == nil; i++ {
		var more []*Household
		more, err = mergedInto(ctx, r, out[i].ID)
		out = append(out, more...)
	}
	return out, err
}
