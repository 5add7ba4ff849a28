package area

import (
	"context"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/store"
)

// DayDrawn is a day on which cells were drawn anew, and how many.
type DayDrawn struct {
	Day                              civil.Date
	Redraws, Added, Changed, Retired int
}

// redrawsMost is how many redraws are gathered into days.
const redrawsMost = 5000

// DaysDrawn returns the days on which cells of an area were drawn anew, the
// first first; of a community, those of its street.
// Errors: ErrForbidden, InvalidError at ?area, store.ErrTooBroad.
func (s *Areas) DaysDrawn(ctx context.Context, actor access.Actor, code string) ([]DayDrawn, error) {
	if !access.SeesStaff(actor) {
		return nil, domain.ErrForbidden
	}
	a, ok := s.Tree().ByCode(code)
	if !ok {
		return nil, domain.Invalid("?area", domain.T("没有这个区划", "no such area"))
	}
	if a.Level == access.Community {
		a, _ = s.Tree().ByID(a.Parent)
	}
	days, count := map[civil.Date]*DayDrawn{}, 0
	q := store.Query{Where: []store.Cond{store.In("place.street", s.streetsOf(a)...)}, Order: []string{"-at"}, Limit: 500}
	for {
		page, next, err := redraws.Find(ctx, s.st, q)
		if err != nil {
			return nil, err
		}
		if count += len(page); count > redrawsMost {
			return nil, store.ErrTooBroad
		}
		for _, r := range page {
			day := civil.DateOf(r.At)
			if days[day] == nil {
				days[day] = &DayDrawn{Day: day}
			}
			d := days[day]
			*d = DayDrawn{day, d.Redraws + 1, d.Added + r.Added, d.Changed + r.Changed, d.Retired + r.Retired}
		}
		if q.After = next; next == "" {
			break
		}
	}
	out := make([]DayDrawn, 0, len(days))
	for _, d := range days {
		out = append(out, *d)
	}
	slices.SortFunc(out, func(a, b DayDrawn) int { return strings.Compare(string(a.Day), string(b.Day)) })
	return out, nil
}

// streetsOf are the ids of the streets that lie in an area, or did.
func (s *Areas) streetsOf(a *Area) (out []string) {
	tree := s.Tree()
	former := tree.Formerly(a.ID)
	for _, street := range tree.Streets() {
		if slices.Contains(former, street.Place.At(a.Level)) {
			out = append(out, street.ID)
		}
	}
	return out
}

// LatestRedraw returns when the cells became what they were at a time, anywhere.
// The zero time before the first.
func (s *Areas) LatestRedraw(ctx context.Context, at time.Time) (time.Time, error) {
	var streets []string
	for _, street := range s.Tree().Streets() {
		streets = append(streets, street.ID)
	}
	if len(streets) == 0 {
		return time.Time{}, nil
	}
	found, _, err := redraws.Find(ctx, s.st, store.Query{Where: []store.Cond{store.In("place.street", streets...), store.Between("at", nil, at.Add(time.Millisecond))}, Order: []string{"-at"}, Limit: 1})
	if err != nil || len(found) == 0 {
		return time.Time{}, err
	}
	return found[0].At, nil
}

// AllAt returns all cells as they were at a time, by code, with the names,
// kinds and boundaries of then, and no staff. What was not drawn anew since is not read again.
func (s *Areas) AllAt(ctx context.Context, at time.Time) ([]*Cell, error) {
	if err := s.Refresh(ctx); err != nil {
		return nil, err
	}
	m := s.Map()
	covers := map[string]*Coverage{}
	for cursor := ""; ; {
		page, next, err := coverages.Find(ctx, s.st, store.Query{Order: []string{"partition"}, Limit: 500, After: cursor})
		if err != nil {
			return nil, err
		}
		for _, c := range page {
			covers[c.ID] = c
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	var out []*Cell
	for id, cover := range covers {
		if street := m.streets[id]; street != nil && street.version == cover.Version && !cover.Drawn.After(at) {
			out = append(out, street.cells...)
			continue
		}
		if id == CityPartition {
			continue
		}
		cells, err := s.streetAt(ctx, id, CellQuery{At: &at})
		if err != nil {
			return nil, err
		}
		out = append(out, cells...)
	}
	slices.SortFunc(out, func(a, b *Cell) int { return strings.Compare(a.Code, b.Code) })
	return out, nil
}
