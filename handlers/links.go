package handlers

import (
	"slices"

	"wangge/domain"
	"wangge/domain/link"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// tieOut is a link as one of its ends shows it.
type tieOut struct {
	ID        string         `json:"id"`
	Kind      link.Kind      `json:"kind"`
	Direction link.Direction `json:"direction"`
	Other     linkedOut      `json:"other"`
	Holds     bool           `json:"holds"`
	Removable bool           `json:"removable"` // by the reader
	MadeAt    wire.Time      `json:"madeAt"`
	History   []spellOut     `json:"history"` // who made and removed it, and why, the oldest first; for who may link both
}

// linkedOut is the other end as far as its reader sees it.
type linkedOut struct {
	Thing       link.Thing `json:"thing"`
	ID          *string    `json:"id"`
	Number      *string    `json:"number"`
	About       *string    `json:"about"` // a ticket's title, a case's service item
	State       string     `json:"state"`
	ChangedAt   wire.Time  `json:"changedAt"`
	DueAt       *wire.Time `json:"dueAt"`
	Provisional bool       `json:"provisional"`
}

type spellOut struct {
	Made    saidOut  `json:"made"`
	Removed *saidOut `json:"removed"`
}

type saidOut struct {
	By     *personOut `json:"by"`
	At     wire.Time  `json:"at"`
	Reason string     `json:"reason"`
}

// tieIn is the body of POST …/links.
type tieIn struct {
	Kind      link.Kind      `json:"kind" need:"true"`
	Direction link.Direction `json:"direction"`
	Other     struct {
		Thing link.Thing `json:"thing" need:"true"`
		ID    string     `json:"id" need:"true"`
	} `json:"other" need:"true"`
	Reason string `json:"reason" need:"true" lines:"true"`
}

// end is the thing that the request's address names.
func (r *apiRequest) end(thing link.Thing) link.End { return link.End{Thing: thing, ID: r.Param("id")} }

func listLinks(thing link.Thing) func(*apiRequest) (*web.Reply, error) {
	return func(r *apiRequest) (*web.Reply, error) {
		removed, err := r.Flag("removed")
		if err != nil {
			return nil, err
		}
		found, err := r.Links.Of(r.Ctx, r.Actor, r.end(thing), removed)
		if err != nil {
			return nil, err
		}
		items, err := r.tiesOut(found)
		if err != nil {
			return nil, err
		}
		return web.Listed(items, ""), nil
	}
}

func makeLink(thing link.Thing) func(*apiRequest) (*web.Reply, error) {
	return func(r *apiRequest) (*web.Reply, error) {
		var in tieIn
		if err := r.Decode(&in); err != nil {
			return nil, err
		}
		made, err := r.Links.Make(r.Ctx, r.Actor, r.Now, r.end(thing), link.Making{
			Kind: in.Kind, Direction: in.Direction, Other: link.End{Thing: in.Other.Thing, ID: in.Other.ID}, Reason: in.Reason,
		})
		if err != nil {
			return nil, err
		}
		out, err := linkAt(thing)(r, made.ID)
		if err != nil {
			return nil, err
		}
		out.Status = 201
		return out, nil
	}
}

func removeLink(thing link.Thing) func(*apiRequest) (*web.Reply, error) {
	return func(r *apiRequest) (*web.Reply, error) {
		if err := r.Links.Remove(r.Ctx, r.Actor, r.Now, r.end(thing), r.Param("link"), r.Query.Get("reason")); err != nil {
			return nil, err
		}
		return web.Empty(), nil
	}
}

func revealLinked(thing link.Thing) func(*apiRequest) (*web.Reply, error) {
	return func(r *apiRequest) (*web.Reply, error) {
		return r.matterRevealed(r.Links.CaseAt(r.Actor, r.end(thing), r.Param("link")))
	}
}

// linkAt answers with a link as the thing that the request's address names shows it.
func linkAt(thing link.Thing) func(*apiRequest, string) (*web.Reply, error) {
	return func(r *apiRequest, id string) (*web.Reply, error) {
		found, err := r.Links.Of(r.Ctx, r.Actor, r.end(thing), true)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(found, func(l link.Seen) bool { return l.ID == id })
		if i < 0 {
			return nil, domain.ErrNotFound
		}
		out, err := r.tiesOut(found[i : i+1])
		if err != nil {
			return nil, err
		}
		answer := web.OK(out[0])
		answer.Made = web.Resource{Kind: string(thing) + "-link", ID: id}
		return answer, nil
	}
}

func (r *apiRequest) tiesOut(found []link.Seen) ([]tieOut, error) {
	people := map[string]bool{}
	for _, l := range found {
		for _, s := range l.Spells {
			people[s.Made.By] = true
			if s.Removed != nil {
				people[s.Removed.By] = true
			}
		}
	}
	n, err := r.peopleOf(people)
	if err != nil {
		return nil, err
	}
	out := make([]tieOut, len(found))
	for i, l := range found {
		o := l.Other
		out[i] = tieOut{
			ID: l.ID, Kind: l.Kind, Direction: l.Direction, Holds: l.Holds(), Removable: l.May && l.Holds(), MadeAt: wire.Time(l.Made()), History: []spellOut{},
			Other: linkedOut{o.Thing, optional(o.ID), optional(o.Number), optional(o.About), o.State, wire.Time(o.ChangedAt), (*wire.Time)(optional(o.DueAt)), o.Provisional},
		}
		if !l.May {
			continue
		}
		for _, s := range l.Spells {
			spell := spellOut{Made: n.said(s.Made)}
			if s.Removed != nil {
				removed := n.said(*s.Removed)
				spell.Removed = &removed
			}
			out[i].History = append(out[i].History, spell)
		}
	}
	return out, nil
}

func (n names) said(s link.Said) saidOut {
	return saidOut{n.person(s.By), wire.Time(s.At), s.Reason}
}
