package address

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/fold"
	"wangge/domain/household"
	"wangge/domain/place"
	"wangge/store"
)

// Query asks where an address may lie.
type Query struct {
	Text  string
	Area  string // code; "": everywhere
	Own   bool   // our own lists only: no geocoder is told what is looked for
	Limit int
}

// Match is a place that the address may mean: a door, a building or an estate.
type Match struct {
	place.Candidate
	Scheme, Code string            // of a standard address
	Address      household.Address // its parts, as far as the match goes
	Level        string            // one of LevelWords
	Doors        int               // addresses that it stands for, as far as they were counted
	Household    string            // id, where one lives at that door and the reader may know it
}

// Result is what an address may mean.
type Result struct {
	Matches []Match
	More    bool // it means too many: say more
}

// Levels of a match.
const (
	Door     = "door"
	Building = "building"
	Estate   = "estate"
)

// LevelWords are how far a match goes.
var LevelWords = domain.NewEnum("AddressLevel", domain.W(Door, "户室", "a door"), domain.W(Building, "楼幢", "a building"), domain.W(Estate, "小区", "an estate"))

const (
	fetched     = 100    // addresses of a reading that are looked at one by one
	counted     = 20_000 // that are counted by building where there are more
	Default     = 10     // matches of an answer
	Most        = 50
	TextLongest = 100 // runes
)

// Search ranks where an address may lie: the standard addresses, and to staff
// the households on record that they may read. An address that many doors have
// is answered by its buildings, or its estates. Where nothing is sure enough the
// geocoders are asked, without the number of a door.
// Errors: ErrForbidden, InvalidError at ?q and ?area.
func (s *Addresses) Search(ctx context.Context, actor access.Actor, now time.Time, q Query) (*Result, error) {
	if !access.FindsAddresses(actor) {
		return nil, domain.ErrForbidden
	}
	return s.search(ctx, actor, now, q)
}

// search is Search for whoever may have a thing lie somewhere.
func (s *Addresses) search(ctx context.Context, actor access.Actor, now time.Time, q Query) (*Result, error) {
	scope, ok := s.scope(q.Area)
	if !ok {
		return nil, domain.Invalid("?area", domain.T("没有这个区划", "no such area"))
	}
	q.Limit = min(cmp.Or(q.Limit, Default), Most)
	readings := parse(q.Text, s.names(s.areas.Tree()))
	if len(readings) == 0 {
		return nil, domain.Invalid("?q", domain.T("请输入地址", "no letter or digit to look for"))
	}
	out, err := s.own(ctx, actor, readings, scope, q)
	if err != nil {
		return nil, err
	}
	if !q.Own && (len(out.Matches) == 0 || out.Matches[0].Confidence < Sure) {
		out.add(s.geocoded(ctx, actor, now, readings[0], q.Area))
	}
	out.Matches = out.Matches[:min(len(out.Matches), q.Limit)]
	for i := range out.Matches {
		m := &out.Matches[i]
		if spot, ok := place.Spot(s.areas.Map(), m.Position.At()); ok { // as cells are drawn today
			m.Place = spot.Place
		}
	}
	return out, nil
}

// own is what our own lists have, of the reading that they answer best.
func (s *Addresses) own(ctx context.Context, actor access.Actor, readings []reading, scope store.Cond, q Query) (*Result, error) {
	best := &Result{}
	for _, r := range readings {
		found, err := s.inside(ctx, actor, r, scope, q)
		if err != nil {
			return nil, err
		}
		if len(best.Matches) == 0 || len(found.Matches) > 0 && found.Matches[0].Confidence > best.Matches[0].Confidence {
			best = found
		}
		if len(best.Matches) > 0 && best.Matches[0].Confidence >= Sure {
			break
		}
	}
	return best, nil
}

// inside looks in the area that the text begins with, before it looks in all that is asked for.
func (s *Addresses) inside(ctx context.Context, actor access.Actor, r reading, scope store.Cond, q Query) (*Result, error) {
	if narrow, ok := s.scope(r.area); r.area != "" && q.Area == "" && ok {
		found, err := s.read(ctx, actor, r, narrow, r.area, q.Limit)
		if err != nil || len(found.Matches) > 0 {
			return found, err
		}
	}
	return s.read(ctx, actor, r, scope, q.Area, q.Limit)
}

// read looks a reading up: by the estate's whole name, else by its letters; with
// fewer of its last parts as long as nothing has them all.
func (s *Addresses) read(ctx context.Context, actor access.Actor, r reading, scope store.Cond, code string, limit int) (*Result, error) {
	words, err := fold.Search(strings.ReplaceAll(r.Estate, "-", " ")) // a letter alone goes with what is beside it, as in 水·岸新村
	if err != nil && !errors.Is(err, fold.ErrTooShort) {
		return nil, err
	}
	letters, whole := slices.Concat(words...), r.Plain()
	look := lookup{s, r, whole, nil, scope, code, limit}
	for more := whole.Estate != ""; more && look.asked.Building != ""; more = look.less() {
		look.terms = wholeTerms(look.asked)
		if out, err := look.find(ctx, actor); err != nil || len(out.Matches) > 0 {
			return out, err
		}
	}
	look.asked = whole
	for more := true; more; more = look.less() {
		if look.terms = slices.Concat(letters, partTerms(look.asked)); len(look.terms) == 0 {
			break
		}
		if out, err := look.find(ctx, actor); err != nil || len(out.Matches) > 0 {
			return out, err
		}
	}
	return &Result{}, nil
}

// less asks for one part less; false where nothing would be left of what tells.
func (l *lookup) less() bool {
	switch {
	case l.asked.Room != "" || l.asked.Floor != "":
		l.asked.Room, l.asked.Floor = "", ""
	case l.asked.Unit != "":
		l.asked.Unit = ""
	case l.asked.Building != "" && l.asked.Estate != "":
		l.asked.Building = ""
	default:
		return false
	}
	return true
}

// lookup is a search for the addresses that have some parts.
type lookup struct {
	*Addresses
	reading
	asked household.Address // plain; fewer parts than were read where nothing has them all
	terms []string
	scope store.Cond
	code  string // of the area that the scope is
	limit int
}

// entry is an address that has the parts asked for.
type entry struct {
	place.Candidate
	scheme, code string
	address      household.Address
	plain        household.Address
	home         string // id of a household
	doors        int
}

func (l *lookup) find(ctx context.Context, actor access.Actor) (*Result, error) {
	where := []store.Cond{store.Terms("text", l.terms...), l.scope}
	found, _, err := standards.Find(ctx, l.store, store.Query{Where: where, Order: []string{"walk"}, Limit: fetched + 1})
	if err != nil {
		return nil, err
	}
	many := len(found) > fetched
	var entries []entry
	for _, a := range found[:min(len(found), fetched)] {
		entries = append(entries, standardEntry(a))
	}
	if many {
		if entries, err = l.buildings(ctx, where, entries); err != nil {
			return nil, err
		}
	}
	homes, err := l.households.ByAddress(ctx, actor, l.code, l.asked, fetched)
	if err != nil {
		return nil, err
	}
	for _, h := range homes {
		entries = append(entries, homeEntry(h))
	}
	return l.rank(entries), nil
}

// buildings are one address of each building that many have, with how many.
// Where even these are too many to count, those that are known stand for all.
func (l *lookup) buildings(ctx context.Context, where []store.Cond, known []entry) ([]entry, error) {
	counts, err := standards.Count(ctx, l.store, store.Query{Where: where, Cap: counted}, "building")
	if errors.Is(err, store.ErrTooBroad) {
		return known, nil
	}
	if err != nil {
		return nil, err
	}
	keys := make([]string, 0, len(counts))
	for key := range counts {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(walkOf(a)-walkOf(b), strings.Compare(a, b)) })
	var out []entry
	for _, key := range keys[:min(len(keys), l.limit)] {
		estate, rest, _ := strings.Cut(key, "|")
		building, street, _ := strings.Cut(rest, "|")
		one, _, err := standards.Find(ctx, l.store, store.Query{Order: []string{"walk"}, Limit: 1,
			Where: []store.Cond{store.Terms("text", buildingTerm(household.Address{Estate: estate, Building: building})), store.Eq("place.street", street)}})
		if err != nil {
			return nil, err
		}
		for _, a := range one {
			e := standardEntry(a)
			e.doors = int(counts[key])
			out = append(out, e)
		}
	}
	return out, nil
}

// walkOf orders the keys of buildings by the number of the building.
func walkOf(key string) int {
	_, building, _ := strings.Cut(key, "|")
	return int(firstNumber(building))
}

func standardEntry(a *Standard) entry {
	return entry{scheme: a.Scheme, code: a.Code, address: a.Address, plain: a.Address.Plain(), doors: 1,
		Candidate: place.Candidate{ID: a.Scheme + ":" + a.Code, Source: place.FromStandard, Position: a.Position, Place: a.Place}}
}

func homeEntry(h *household.Household) entry {
	return entry{address: h.Address, plain: h.Address.Plain(), home: h.ID, doors: 1,
		Candidate: place.Candidate{ID: h.ID, Source: place.FromHouseholds, Position: h.Position, Place: h.Place}}
}

// namesAt are the names of a tree's areas, made once for each tree.
type namesAt struct {
	tree  *area.Tree
	names []named
}

func (s *Addresses) names(tree *area.Tree) []named {
	if known := s.named.Load(); known != nil && known.tree == tree {
		return known.names
	}
	made := &namesAt{tree, namesOf(tree)}
	s.named.Store(made)
	return made.names
}
