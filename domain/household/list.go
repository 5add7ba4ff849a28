package household

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/domain/personal"
	"wangge/domain/place"
	"wangge/store"
)

// Filter narrows the household list. Empty fields do not filter.
type Filter struct {
	Area          string // code; that area and all below it
	Cell          string // code
	Unplaced      bool   // only what no cell holds
	Tags          []string
	Occupancy     Occupancy
	Away          bool      // found to have moved away, and no lead has looked into it yet
	VisitedBefore time.Time // nobody met since: never visited, or last before this time
	Text          string    // up to three words, each in the address or in a name, by its grams: see package fold
	Phone         string    // of anybody of the household
	IDNumber      string    // of a member
	Limit         int
	Cursor        string
}

// wordsMost is how many words a search text has at most: each of them doubles what is asked.
const wordsMost = 3

// List returns a page of the households that the actor may read, and the
// cursor of the next: by address or, with VisitedBefore and nothing to search
// for, those longest not visited first. Tags are those in force when the
// household was last written or rolled; see Roll. A search by phone or ID
// number is made where the actor may reveal, counts like a reveal and is on
// the journal; one by text, which may be a name, has a budget of its own.
// Errors: ErrForbidden (for a sensitive tag, a phone or an ID number also who
// keeps no households), LimitError, InvalidError at ?area, ?cell, ?tag, ?occupancy, ?q, ?phone,
// ?idNumber; fold.ErrTooShort, store.ErrCursor, store.ErrTooBroad.
func (s *Households) List(ctx context.Context, actor access.Actor, now time.Time, f Filter) ([]*Household, string, error) {
	if !access.ListsHouseholds(actor) {
		return nil, "", domain.ErrForbidden
	}
	sets, err := s.searched(f, now)
	if err != nil {
		return nil, "", err
	}
	scopes, err := s.scopes(ctx, actor, f)
	if err != nil {
		return nil, "", err
	}
	places, err := place.Reach(s.areas, scopes, f.Area, f.Cell)
	if err != nil {
		return nil, "", err
	}
	var queries []store.Query
	for _, p := range place.Sets(s.areas, places) {
		if f.Unplaced && p.Cells != nil {
			continue // what lies in a cell is placed
		}
		if f.Unplaced {
			p.Cells = []string{""}
		}
		for _, grams := range sets {
			queries = append(queries, f.query(p, grams))
		}
	}
	if err := collection.Answers(s.store, queries...); err != nil {
		return nil, "", err // and not counted
	}
	if err := s.countSearch(ctx, actor, now, f); err != nil {
		return nil, "", err
	}
	list, next, err := collection.Find(ctx, s.store, queries...)
	if err != nil {
		return nil, "", err
	}
	if !f.VisitedBefore.IsZero() && !f.searches() {
		// In the order of the last visit what is asked for is the beginning.
		if end := slices.IndexFunc(list, func(h *Household) bool { return !h.LastVisitedAt.Before(f.VisitedBefore) }); end >= 0 {
			list, next = list[:end], ""
		}
	}
	list, err = s.shown(ctx, actor, list)
	return list, next, err
}

func (f Filter) searches() bool { return f.Text != "" || f.Phone != "" || f.IDNumber != "" }

// countSearch counts what is searched for by text, phone or ID number.
func (s *Households) countSearch(ctx context.Context, actor access.Actor, now time.Time, f Filter) error {
	var exact []string
	if f.IDNumber != "" {
		exact = append(exact, "idNumber")
	}
	if f.Phone != "" {
		exact = append(exact, "phone")
	}
	switch {
	case len(exact) > 0:
		return s.Reveals.Search(ctx, actor, now, ids.New(), exact)
	case f.Text != "":
		return s.Reveals.SearchByName(ctx, actor, now)
	}
	return nil
}

// scopes are those of the actor in which what is asked for by phone, ID number and tags is shown to them.
func (s *Households) scopes(ctx context.Context, actor access.Actor, f Filter) ([]access.Scope, error) {
	if (f.Phone != "" || f.IDNumber != "") && !access.RevealsPeople(actor) {
		return nil, domain.ErrForbidden
	}
	for _, code := range f.Tags {
		sensitive, err := s.sensitive(code)
		if errors.Is(err, errUnknownTag) {
			return nil, domain.Invalid("?tag", domain.T("未知的标签", "unknown tag"))
		}
		if err != nil {
			return nil, err
		}
		if kept := access.KeptScopes(actor); sensitive {
			if len(kept) == 0 && !access.RevealsPeople(actor) {
				return nil, domain.ErrForbidden
			}
			return kept, nil
		}
	}
	if f.Phone != "" || f.IDNumber != "" {
		return access.KeptScopes(actor), nil
	}
	return access.HouseholdScopes(actor), nil
}

// searched are the sets of grams that the filter's text, phone and ID number
// ask for; one empty set when it searches for nothing.
func (s *Households) searched(f Filter, now time.Time) ([][]string, error) {
	bad := &domain.InvalidError{}
	sets, short := [][]string{nil}, error(nil)
	if f.Text != "" {
		if sets, short = searchGrams(s.keys, f.Text); errors.Is(short, errWords) {
			bad.Add("?q", domain.T("请输入一至三个词", "one to three words are looked for"))
		}
	}
	var more []string
	if f.Phone != "" {
		phone, err := personal.NormalisePhone(f.Phone)
		if err != nil {
			bad.Add("?phone", personal.ErrPhone.Detail)
		}
		more = append(more, phoneGram(s.keys.Index("phone", phone)))
	}
	if f.IDNumber != "" {
		number, err := personal.NormaliseIDNumber(f.IDNumber, now)
		if form := (*personal.FormatError)(nil); errors.As(err, &form) {
			bad.Add("?idNumber", form.Detail)
		}
		more = append(more, idNumberGram(s.keys.Index("idNumber", number)))
	}
	if len(f.Tags) > tagsMost {
		bad.Add("?tag", tooManyTags)
	}
	if f.Occupancy != "" && !slices.Contains(Occupancies, f.Occupancy) {
		bad.Add("?occupancy", OccupancyWords.Fault())
	}
	for i := range sets {
		sets[i] = append(sets[i], more...)
	}
	return sets, cmp.Or(bad.Err(), short)
}

const (
	cellsMost    = 20_000  // households of a reader's cells that are looked through for some with a mark
	searchedMost = 100_000 // households with a text that are looked through for those not visited
)

// query asks for the households of some places that have all of the grams.
func (f Filter) query(p place.Set, grams []string) store.Query {
	q := store.Query{Order: []string{"sort"}, Limit: f.Limit, After: f.Cursor, Where: p.Conds()}
	var marks []string
	for _, code := range f.Tags {
		marks = append(marks, tagMark(code))
	}
	if f.Occupancy != "" {
		marks = append(marks, occupancyMark(f.Occupancy))
	}
	if f.Away {
		marks = append(marks, awayMark)
	}
	if f.searches() {
		q.Where = append(q.Where, store.Terms("text", append(slices.Clone(grams), marks...)...))
		if !f.VisitedBefore.IsZero() {
			q.Where, q.Cap = append(q.Where, store.Between("lastVisitedAt", nil, f.VisitedBefore)), searchedMost
		}
		return q
	}
	if !f.VisitedBefore.IsZero() {
		q.Order = []string{"lastVisitedAt"}
	}
	switch {
	case len(marks) > 0 && p.Cells != nil:
		q.Where, q.Cap = append(q.Where, store.Filter(store.HasAll("marks", marks...))), cellsMost
	case len(marks) > 0:
		q.Where = append(q.Where, store.HasAll("marks", marks...))
	}
	return q
}
