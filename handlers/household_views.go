package handlers

import (
	"wangge/domain/household"
	"wangge/geo"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// householdOut is a household as one actor sees it: names, phones and ID numbers masked.
type householdOut struct {
	ID            string              `json:"id"`
	Address       addressOut          `json:"address"`
	Position      *web.PositionOut    `json:"position"`
	Place         placeOut            `json:"place"`
	Occupancy     household.Occupancy `json:"occupancy"`
	Since         wire.Time           `json:"since"`
	Tags          []tagOut            `json:"tags"` // of its members, in force now
	Owner         *householdPerson    `json:"owner"`
	Occupant      *householdPerson    `json:"occupant"`
	Emergency     *householdPerson    `json:"emergency"`
	Members       []memberOut         `json:"members"`
	MovedAway     *awayOut            `json:"movedAway"` // null while nobody found so
	LastVisitedAt *wire.Time          `json:"lastVisitedAt"`
	Merged        []mergedOut         `json:"merged"`
	CreatedAt     wire.Time           `json:"createdAt"`
	UpdatedAt     wire.Time           `json:"updatedAt"`
	Version       int64               `json:"version"`
	Warnings      []warningOut        `json:"warnings,omitempty"`
}

// awayOut is that somebody found the household to have moved away.
type awayOut struct {
	State     household.AwayState `json:"state"`
	At        wire.Time           `json:"at"`
	Stop      string              `json:"stop"`
	DecidedAt *wire.Time          `json:"decidedAt"`
}

// householdPerson is somebody of a household.
type householdPerson struct {
	ID       string  `json:"id"`
	Name     *string `json:"name"`
	Phone    *string `json:"phone"`
	IDNumber *string `json:"idNumber"`
	Relation *string `json:"relation"`
}

type memberOut struct {
	householdPerson
	Since wire.Time `json:"since"`
	Tags  []tagOut  `json:"tags"` // ended ones too
}

type tagOut struct {
	Code   string              `json:"code"`
	Level  *household.Level    `json:"level"`
	Since  wire.Time           `json:"since"`
	Until  *wire.Time          `json:"until"`
	Source household.TagSource `json:"source"`
}

type mergedOut struct {
	Household string    `json:"household"`
	At        wire.Time `json:"at"`
}

// warningOut says that something was done and may be a mistake.
type warningOut struct {
	Pointer    string   `json:"pointer"`
	Code       string   `json:"code"`
	Households []string `json:"households"`
}

func (r *apiRequest) householdOut(h *household.Household, d geo.Datum) householdOut {
	out := householdOut{
		ID: h.ID, Address: addressTo(h.Address), Position: web.PositionTo(h.Position.At(), d, nil), Place: r.placeOut(h.Place), Occupancy: h.Occupancy, Since: wire.Time(h.Since),
		Tags: tagsTo(h.Tags(r.Now)), Owner: householdPersonTo(h.Owner), Occupant: householdPersonTo(h.Occupant), Emergency: householdPersonTo(h.Emergency),
		Members: []memberOut{}, LastVisitedAt: (*wire.Time)(optional(h.LastVisitedAt)), Merged: []mergedOut{}, CreatedAt: wire.Time(h.CreatedAt), UpdatedAt: wire.Time(h.UpdatedAt), Version: h.Version,
	}
	if a := h.Away; a != nil {
		out.MovedAway = &awayOut{a.State, wire.Time(a.At), a.Stop, (*wire.Time)(optional(a.DecidedAt))}
	}
	for i := range h.Members {
		m := &h.Members[i]
		out.Members = append(out.Members, memberOut{*householdPersonTo(&m.Person), wire.Time(m.Since), tagsTo(m.Tags)})
	}
	for _, m := range h.Merged {
		out.Merged = append(out.Merged, mergedOut{m.Household, wire.Time(m.At)})
	}
	return out
}

func householdPersonTo(p *household.Person) *householdPerson {
	if p == nil {
		return nil
	}
	return &householdPerson{p.ID, optional(p.NameMasked), optional(p.PhoneMasked), optional(p.IDNumberMasked), optional(p.Relation)}
}

func tagsTo(tags []household.Tag) []tagOut {
	out := make([]tagOut, len(tags))
	for i, t := range tags {
		out[i] = tagOut{t.Code, optional(t.Level), wire.Time(t.Since), (*wire.Time)(optional(t.Until)), t.Source}
	}
	return out
}

func warningsTo(warnings []household.Warning) []warningOut {
	var out []warningOut
	for _, w := range warnings {
		out = append(out, warningOut{w.Pointer, w.Code, w.Households})
	}
	return out
}

// stayOut is where people lived until they left.
type stayOut struct {
	ID        string           `json:"id"`
	Household string           `json:"household"`
	Address   addressOut       `json:"address"`
	Place     placeOut         `json:"place"`
	To        wire.Time        `json:"to"`
	Reason    household.Reason `json:"reason"`
	Next      *string          `json:"next"`
	People    []stayedOut      `json:"people"`
}

type stayedOut struct {
	Member string    `json:"member"`
	Name   string    `json:"name"`
	From   wire.Time `json:"from"`
}

func (r *apiRequest) stayOut(s *household.Stay) stayOut {
	out := stayOut{s.ID, s.Household, addressTo(s.Address), r.placeOut(s.Place), wire.Time(s.To), s.Reason, optional(s.Next), []stayedOut{}}
	for _, p := range s.People {
		out.People = append(out.People, stayedOut{p.Member, p.NameMasked, wire.Time(p.From)})
	}
	return out
}
