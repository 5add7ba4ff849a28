package live

import (
	"fmt"
	"slices"
	"strings"

	"wangge/domain/access"
	"wangge/store"
)

// audience finds the listeners who may hear of a thing by what it names, and
// asks each rule once for all who are granted the same: what is said to ten
// thousand people of one street is decided once.
type audience struct {
	circles       map[string]*circle
	areas         map[string]map[*circle]bool // by an area or cell that they are granted something in
	everywhere    map[*circle]bool
	organisations map[string]map[*circle]bool
	accounts      map[string]map[*Listener]bool // and by whom they stand in for
	phones        map[string]map[*Listener]bool
}

// circle are listeners who are granted the same; actor is any of them, without what is theirs alone.
type circle struct {
	actor     access.Actor
	listeners map[*Listener]bool
}

func newAudience() *audience {
	return &audience{circles: map[string]*circle{}, areas: map[string]map[*circle]bool{}, everywhere: map[*circle]bool{}, organisations: map[string]map[*circle]bool{},
		accounts: map[string]map[*Listener]bool{}, phones: map[string]map[*Listener]bool{}}
}

// rights are what an actor is granted, whoever they are and for whom they stand in.
func rights(a access.Actor) (access.Actor, string) {
	plain := func(grants []access.Grant) (out []access.Grant) {
		for _, g := range grants {
			g.For = ""
			if !slices.Contains(out, g) {
				out = append(out, g)
			}
		}
		slices.SortFunc(out, func(a, b access.Grant) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		return out
	}
	all := access.Actor{Organisation: a.Organisation, Grants: plain(a.Grants), Posting: plain(a.Posting)}
	return all, fmt.Sprint(all.Organisation, all.Grants, all.Posting)
}

func (x *audience) add(l *Listener) {
	shared, name := rights(l.actor)
	c := x.circles[name]
	if c == nil {
		c = &circle{shared, map[*Listener]bool{}}
		x.circles[name] = c
		for _, g := range shared.Grants {
			switch {
			case g.Area != "":
				put(x.areas, g.Area, c)
			case g.Role == access.Admin:
				x.everywhere[c] = true
			}
		}
		put(x.organisations, shared.Organisation, c)
	}
	l.circle, c.listeners[l] = name, true
	for _, id := range l.actor.Persons() {
		put(x.accounts, id, l)
	}
	put(x.phones, l.actor.Phone, l)
}

func (x *audience) remove(l *Listener) {
	c := x.circles[l.circle]
	if delete(c.listeners, l); len(c.listeners) == 0 {
		delete(x.circles, l.circle)
		delete(x.everywhere, c)
		for _, g := range c.actor.Grants {
			drop(x.areas, g.Area, c)
		}
		drop(x.organisations, c.actor.Organisation, c)
	}
	for _, id := range l.actor.Persons() {
		drop(x.accounts, id, l)
	}
	drop(x.phones, l.actor.Phone, l)
}

func put[T comparable](at map[string]map[T]bool, key string, v T) {
	if key == "" {
		return
	}
	if at[key] == nil {
		at[key] = map[T]bool{}
	}
	at[key][v] = true
}

func drop[T comparable](at map[string]map[T]bool, key string, v T) {
	if delete(at[key], v); len(at[key]) == 0 {
		delete(at, key)
	}
}

// hear calls tell for each listener who hears of an entry about a thing, with
// what they hear. followers are those of a ticket who see it as the public does.
func (x *audience) hear(t *thing, e *store.Entry, followers []string, tell func(*Listener, Event)) {
	alone := map[*Listener]bool{} // who may hear by what is theirs alone: each is asked for
	for _, id := range t.accounts {
		for l := range x.accounts[id] {
			alone[l] = true
		}
	}
	for _, index := range t.phones {
		for l := range x.phones[index] {
			alone[l] = true
		}
	}
	following := map[*Listener]bool{}
	for _, id := range followers {
		for l := range x.accounts[id] {
			if l.account == id {
				following[l] = true
			}
		}
	}
	circles := map[*circle]bool{}
	for c := range x.everywhere {
		circles[c] = true
	}
	with := func(at map[string]map[*circle]bool, id string) {
		for c := range at[id] {
			circles[c] = true
		}
	}
	for _, p := range t.places {
		for _, id := range []string{p.City, p.County, p.Street, p.Community, p.Cell} {
			with(x.areas, id)
		}
	}
	for _, id := range t.communities {
		with(x.areas, id)
	}
	for _, id := range t.organisations {
		with(x.organisations, id)
	}
	for c := range circles {
		ev, ok := t.hears(c.actor, e)
		if !ok {
			continue
		}
		for l := range c.listeners {
			if !alone[l] {
				delete(following, l)
				tell(l, ev)
			}
		}
	}
	for l := range alone {
		if ev, ok := t.hears(l.actor, e); ok {
			delete(following, l)
			tell(l, ev)
		}
	}
	if len(following) > 0 {
		if ev, ok := t.inPublic(e); ok {
			for l := range following {
				tell(l, ev)
			}
		}
	}
}
