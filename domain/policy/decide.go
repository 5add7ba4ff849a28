package policy

import (
	"context"
	"errors"
	"slices"
	"time"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/store"
)

// Amend changes some entries of what a street has decided, at once: in what is
// in force, and in what is to come, where they are then changed since the same
// version. check gets what is in force, change what holds and the street's
// content to change. Whoever calls has authorised the actor.
func (s *Policies) Amend(ctx context.Context, actor access.Actor, now time.Time, street *area.Area, why string, check func(*Policy) error, change func(*Policy, *Content)) (*Version, error) {
	var made *Version
	err := s.st.Update(ctx, []string{street.ID}, func(tx *store.Tx) error {
		own, err := s.decisions(ctx, tx, street)
		if err != nil {
			return err
		}
		city, err := s.history(ctx, tx, street.Place.City)
		if err != nil {
			return err
		}
		var all []*Version
		since := last(own) + 1
		for i, was := range append([]*Version{inForce(own, now)}, ahead(own, now)...) {
			content, from := Content{}, now
			if was != nil {
				content = was.Content.clone()
			}
			if i > 0 {
				from = was.From
			}
			p := merge(basis(), inForce(city, from).part(FromCity, ""), part{FromStreet, street.Code, last(own), content})
			if i == 0 {
				if err := check(p); err != nil {
					return err
				}
			}
			change(p, &content)
			v := following(street, own, was, content, since)
			v.From, v.By, v.At, v.Why = from, actor.Name(), now, why
			own, all = append(slices.Clone(own), v), append(all, v)
		}
		made = all[0]
		return s.save(ctx, tx, street, nil, entry(actor, now, "amend"), all...)
	})
	if err != nil {
		return nil, err
	}
	return made, s.refresh(ctx, street.ID)
}

// following is the next version of an area, of a content that was that of was;
// what differs is changed since a version.
func following(a *area.Area, own []*Version, was *Version, c Content, since int64) *Version {
	n := last(own) + 1
	v := &Version{Meta: store.Meta{ID: versionID(a.ID, n), Partition: partition(a)}, Area: a.ID, Number: n, Content: c.clone()}
	before := Content{}
	if was != nil {
		before = was.Content
	}
	v.Content.stamp(before, since)
	return v
}

// save writes versions of an area, and tells the heads of all whom they concern.
func (s *Policies) save(ctx context.Context, tx *store.Tx, a *area.Area, streets []string, e store.Entry, all ...*Version) error {
	for _, v := range all {
		if err := versions.Insert(tx, v, e); err != nil {
			return err
		}
	}
	number := all[len(all)-1].Number
	for _, id := range append([]string{a.ID}, streets...) {
		of, ok := s.areas.Tree().ByID(id)
		if !ok {
			continue
		}
		h, err := head(ctx, tx, of)
		if err != nil {
			return err
		}
		if id == a.ID {
			h.Own = number
		} else {
			h.City = number
		}
		if err := saveHead(tx, h, entry(access.Program, e.At, "head")); err != nil {
			return err
		}
	}
	return nil
}

func head(ctx context.Context, tx *store.Tx, a *area.Area) (*Head, error) {
	h, err := heads.Get(ctx, tx, a.ID)
	if errors.Is(err, store.ErrNotFound) {
		return newHead(a), nil
	}
	return h, err
}

func newHead(a *area.Area) *Head {
	return &Head{Meta: store.Meta{ID: a.ID, Partition: partition(a)}}
}

func saveHead(tx *store.Tx, h *Head, e store.Entry) error {
	if h.Version == 0 {
		return heads.Insert(tx, h, e)
	}
	return heads.Put(tx, h, e)
}

// decisions are the versions that count in an area; of a street that took over
// from another those of the other come before its own.
func (s *Policies) decisions(ctx context.Context, r store.Reader, a *area.Area) (all []*Version, err error) {
	for _, id := range s.areas.Tree().Formerly(a.ID) {
		of, err := s.history(ctx, r, id)
		if err != nil {
			return nil, err
		}
		all = continued(of, all)
	}
	return all, nil
}

func latest(own []*Version) *Version {
	if len(own) == 0 {
		return nil
	}
	return own[len(own)-1]
}

func last(own []*Version) int64 {
	if v := latest(own); v != nil {
		return v.Number
	}
	return 0
}

// streetsOf are the ids of a city's streets; none of a street.
func (s *Policies) streetsOf(a *area.Area) []string {
	var out []string
	for _, street := range s.areas.Tree().Streets() {
		if a.Level == access.City && street.Valid() && street.Place.City == a.ID {
			out = append(out, street.ID)
		}
	}
	return out
}

// partition is where what an area decides lies.
func partition(a *area.Area) string {
	if a.Level == access.City {
		return area.CityPartition
	}
	return a.ID
}
