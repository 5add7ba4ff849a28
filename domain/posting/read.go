package posting

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/place"
	"wangge/domain/station"
	"wangge/store"
)

// Of reads every post of a street of today, of all times, those that lie in
// what it took over from others too; by Key. A post of a retired cell counts no
// more; covers and absences are no posts.
func (s *Postings) Of(ctx context.Context, street string) ([]*Post, error) {
	tree := s.areas.Tree()
	var all []*Post
	for _, id := range everOf(tree, street) {
		for _, read := range []func(context.Context, string) ([]*Post, error){s.entered, s.cells, s.stations} {
			found, err := read(ctx, id)
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
		}
	}
	all = slices.DeleteFunc(all, func(p *Post) bool {
		p.Place = Today(tree, p.Place)
		return p.Place.Street != street
	})
	slices.SortFunc(all, func(a, b *Post) int { return strings.Compare(a.Key, b.Key) })
	return all, nil
}

// everOf are the streets of all times in which what lies in a street of today may have been placed.
func everOf(tree *area.Tree, street string) []string {
	out := tree.Formerly(street)
	for _, c := range tree.Children(street) {
		for _, id := range tree.Formerly(c.ID) {
			if a, ok := tree.ByID(id); ok && !slices.Contains(out, a.Place.Street) {
				out = append(out, a.Place.Street)
			}
		}
	}
	return out
}

// Today is where what was placed in a street or community lies by the areas of today.
func Today(tree *area.Tree, p access.Place) access.Place {
	p.Cell = ""
	level, id := place.Finest(p)
	heirs := tree.Heirs(id)
	if len(heirs) == 0 {
		return p
	}
	a, _ := tree.ByID(heirs[len(heirs)-1])
	if today := a.Place; today.At(level) != "" {
		return today
	}
	return p
}

// entered are the postings themselves.
func (s *Postings) entered(ctx context.Context, street string) (out []*Post, err error) {
	for cursor := ""; ; {
		page, next, err := postings.Find(ctx, s.store, store.Query{Where: []store.Cond{store.Eq("place.street", street)}, Order: []string{"who"}, Limit: 1000, After: cursor})
		if err != nil {
			return nil, err
		}
		for _, p := range page {
			out = append(out, p.post())
		}
		if cursor = next; cursor == "" {
			return out, nil
		}
	}
}

func (p *Posting) post() *Post {
	return &Post{Key: p.Who + " p " + p.ID, Who: p.Who, Account: p.Account, Posting: p, Kind: p.Kind, Place: p.Place, Unit: p.Unit, From: p.begins(), Until: p.ends()}
}

// cells are the posts of a street's cells.
func (s *Postings) cells(ctx context.Context, street string) (out []*Post, err error) {
	staffed, err := area.Staffed(ctx, s.store, street)
	for _, c := range staffed {
		for _, p := range c.Posts {
			out = append(out, &Post{Key: fmt.Sprintf("%s c %s %s %d", p.Account, c.Code, p.Role, p.From.UnixMilli()), Who: p.Account, Account: p.Account,
				Kind: Grid, Place: c.Place, Cell: c.ID, From: p.From, Until: p.Until})
		}
	}
	return out, err
}

// Stations are those that lie in a street of today.
func (s *Postings) Stations(ctx context.Context, street string) (out []*station.Station, err error) {
	for _, id := range everOf(s.areas.Tree(), street) {
		there, err := station.InStreet(ctx, s.store, id)
		if err != nil {
			return nil, err
		}
		for _, st := range there {
			if Today(s.areas.Tree(), s.At(st)).Street == street {
				out = append(out, st)
			}
		}
	}
	return out, nil
}

// stations are the posts of a street's stations. Of one that serves a single
// community of the street they lie in that; of others in the street.
func (s *Postings) stations(ctx context.Context, street string) (out []*Post, err error) {
	there, err := station.InStreet(ctx, s.store, street)
	for _, st := range there {
		for _, p := range st.Staff {
			out = append(out, &Post{Key: fmt.Sprintf("%s s %s %s %d", p.Account, st.ID, p.Part, p.From.UnixMilli()), Who: p.Account, Account: p.Account,
				Kind: Counter, Place: s.At(st), Station: st.ID, From: p.From, Until: p.Until})
		}
	}
	return out, err
}

// At is where the posts of a station lie: the community of its street that it serves, if it serves no other at any time; else the street.
func (s *Postings) At(st *station.Station) access.Place {
	if len(st.Serves) == 1 {
		if a, ok := s.areas.Tree().ByID(st.Serves[0]); ok && a.Place.Street == st.Place.Street {
			return a.Place
		}
	}
	return st.Place
}
