package household

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/ids"
	"wangge/domain/once"
	"wangge/domain/personal"
	"wangge/domain/place"
	"wangge/geo"
	"wangge/store"
)

// Draft is a household to be made.
type Draft struct {
	ID                         string `once:"-"` // a UUID of the caller's, which makes a repetition harmless; "" for a new one
	Address                    Address
	Position                   orb.Point // WGS-84
	Datum                      geo.Datum // it came in
	Occupancy                  Occupancy // "" : own
	Owner, Occupant, Emergency *PersonInput
	Members                    []MemberInput
	Wrong                      domain.InvalidError `once:"-"` // what was found wrong before; told with the rest
}

// MemberInput is somebody who lives in the household.
type MemberInput struct {
	ID string // a UUID of the caller's, or "" for a new one
	PersonInput
	Tags []TagInput
}

// TagInput is a tag to put on somebody.
type TagInput struct {
	Code   string
	Level  Level
	Since  time.Time // zero: now
	Until  time.Time // zero: until further notice
	Source TagSource // "" : registry
}

// Warning says that something was done and may be a mistake.
type Warning struct {
	Pointer    string
	Code       string   // "phone_in_use", "id_number_in_use"
	Households []string // ids, of those that the actor may see
}

// Create makes a household in the cell that holds its position, or in its
// street when none does. The same draft sent again is the household made of
// it. A phone or ID number that other households of the street have too is a
// warning: families share phones, and people are registered anew where they move to.
// Errors: ErrForbidden, InvalidError (at /position too, outside the actor's
// place), ConflictError "duplicate", "duplicate_address".
func (s *Households) Create(ctx context.Context, actor access.Actor, now time.Time, d Draft) (*Household, []Warning, error) {
	if !access.ListsHouseholds(actor) {
		return nil, nil, domain.ErrForbidden
	}
	sent := once.Sent(s.keys, "household", []any{actor.Account, d})
	made, err := s.fromDraft(now, &d)
	if err != nil {
		return nil, nil, err
	}
	people := []*PersonInput{d.Owner, d.Occupant, d.Emergency}
	for i := range d.Members {
		people = append(people, &d.Members[i].PersonInput)
	}
	compare, err := s.mayCompare(ctx, actor, now, people...)
	if err != nil {
		return nil, nil, err
	}
	var h *Household
	var warnings []Warning
	err = place.Route(ctx, s.areas, d.Position, "/position", func(street string, spot func(*store.Tx) (area.Spot, error)) error {
		return s.store.Update(ctx, []string{street}, func(tx *store.Tx) error {
			h, err = collection.Get(ctx, tx, d.ID)
			if err == nil && h.Sent != sent {
				return domain.ErrIDInUse
			}
			if !errors.Is(err, store.ErrNotFound) {
				return err
			}
			at, err := spot(tx)
			if err != nil {
				return err
			}
			if !access.MayKeepHousehold(actor, at.Place) {
				return domain.Invalid("/position", domain.T("位置不在您的网格内", "the position is outside your cells"))
			}
			fresh := *made
			h = &fresh
			h.Sent = sent
			h.setPosition(at, d.Position, d.Datum)
			if err := h.checkAddressFree(ctx, tx, ""); err != nil {
				return err
			}
			if h.Members, err = s.tagged(ctx, tx, h, d.Members, now); err != nil {
				return err
			}
			h.settle(now)
			if compare {
				if warnings, err = s.warn(ctx, tx, actor, h, pointersOf(h)); err != nil {
					return err
				}
			}
			return collection.Insert(tx, h, h.entry(actor, now, "create", store.Facts{}))
		})
	})
	if err != nil {
		return nil, nil, domainError(err)
	}
	return h, warnings, nil
}

// fromDraft is the household that a draft describes, without its place and tags,
// with every wrong field told at once. Ids that the draft leaves out are filled in.
func (s *Households) fromDraft(now time.Time, d *Draft) (*Household, error) {
	bad := &domain.InvalidError{Fields: slices.Clone(d.Wrong.Fields)}
	d.Address = d.Address.trimmed()
	d.Address.check(bad, "/address")
	if d.Occupancy == "" {
		d.Occupancy = Own
	}
	checkOccupancy(bad, d.Occupancy)
	if len(d.Members) > membersMost {
		bad.Add("/members", domain.T("成员最多 30 人", "30 members at most"))
		return nil, bad
	}
	d.ID = ids.Given(d.ID, "/id", bad)
	h := &Household{Meta: store.Meta{ID: d.ID}, Address: d.Address, Occupancy: d.Occupancy, Since: now, Members: []Member{}, Merged: []Merge{}, CreatedAt: now}
	known, err := s.contactInputs(h, map[string]*PersonInput{"owner": d.Owner, "occupant": d.Occupant, "emergency": d.Emergency}, now, bad)
	if err != nil {
		return nil, err
	}
	for as, in := range known {
		if _, err := h.setContact(s.keys, as, in); err != nil {
			return nil, err
		}
	}
	for i := range d.Members {
		m, err := s.memberInput(&d.Members[i], pointerTo("/members", i), now, bad)
		if err != nil {
			return nil, err
		}
		if err := h.add(s.keys, m, now, pointerTo("/members", i), bad); err != nil {
			return nil, err
		}
	}
	return h, bad.Err()
}

func checkOccupancy(bad *domain.InvalidError, o Occupancy) {
	if !slices.Contains(Occupancies, o) {
		bad.Add("/occupancy", OccupancyWords.Fault())
	}
}

// contactInput prepares somebody who is not a member: no ID number is kept of them.
func (s *Households) contactInput(id string, in PersonInput, pointer string, now time.Time, bad *domain.InvalidError) (prepared, error) {
	if in.IDNumber != nil {
		bad.Add(pointer+"/idNumber", domain.T("只登记成员的身份证号码", "ID numbers are kept of members only"))
		in.IDNumber = nil
	}
	return s.prepare(id, in, pointer, now, bad)
}

// memberInput prepares a member, who needs a name.
func (s *Households) memberInput(in *MemberInput, pointer string, now time.Time, bad *domain.InvalidError) (prepared, error) {
	in.ID = ids.Given(in.ID, pointer+"/id", bad)
	if in.Name == nil || strings.TrimSpace(*in.Name) == "" {
		bad.Add(pointer+"/name", domain.T("请填写姓名", "a name is required"))
	}
	return s.prepare(in.ID, in.PersonInput, pointer, now, bad)
}

// add makes a member of somebody who was not one.
func (h *Household) add(keys *personal.Keys, in prepared, now time.Time, pointer string, bad *domain.InvalidError) error {
	if h.member(in.id) >= 0 {
		bad.Add(pointer+"/id", domain.T("成员重复", "named twice"))
		return nil
	}
	h.sameNumberTwice(in, pointer, bad)
	m := Member{Person: Person{ID: in.id}, Since: now, Tags: []Tag{}}
	_, err := m.apply(keys, in)
	h.Members = append(h.Members, m)
	return err
}

// tagged returns the household's members with the tags that the input puts on them.
func (s *Households) tagged(ctx context.Context, tx *store.Tx, h *Household, in []MemberInput, now time.Time) ([]Member, error) {
	known, err := s.definitionsIn(ctx, tx, h.Partition)
	if err != nil {
		return nil, err
	}
	bad := &domain.InvalidError{}
	out := slices.Clone(h.Members)
	for i := range out {
		out[i].Tags = []Tag{}
		for j, t := range in[i].Tags {
			out[i].put(t.tag(known, now, pointerTo(pointerTo("/members", i)+"/tags", j), bad))
		}
		if len(out[i].Tags) > tagsMost {
			bad.Add(pointerTo("/members", i)+"/tags", tooManyTags)
		}
	}
	return out, bad.Err()
}

func pointerTo(list string, i int) string { return fmt.Sprintf("%s/%d", list, i) }
