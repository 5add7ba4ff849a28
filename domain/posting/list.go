package posting

import (
	"context"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/place"
)

// Filter narrows the list of posts. Empty fields do not filter.
type Filter struct {
	Area    string    // code; "" where the actor's only street is meant
	At      time.Time // only what holds then; with Once and Then, now where it is zero
	Kinds   []Kind
	Account string
	Station string // id
	Once    bool   // only the principal post of each person
	Then    *Then
	Undated time.Time // since when posts of cells and stations without a first day count; zero: always
	Limit   int
	Cursor  string
}

// Then asks for people by their principal post in the same street at another time.
type Then struct {
	At    time.Time
	Kinds []Kind // one of these; None for who had no post
}

// Listed is a post as it is listed.
type Listed struct {
	*Post
	Then *Post // the principal post of the person at the time of Then; nil for none
}

// streetsMost is in how many streets one list looks.
const streetsMost = 40

// List returns a page of the posts in the actor's scope, by person, and the
// cursor of the next. Errors: ErrForbidden, InvalidError at ?area, store.ErrCursor.
func (s *Postings) List(ctx context.Context, actor access.Actor, now time.Time, f Filter) ([]Listed, string, error) {
	if !access.KeepsPostings(actor) {
		return nil, "", domain.ErrForbidden
	}
	if f.Area == "" {
		street, ok := place.OnlyStreet(s.areas, actor)
		if !ok {
			return nil, "", domain.Invalid("?area", domain.T("请指定街道或社区", "a street or a community is needed"))
		}
		a, _ := s.areas.Tree().ByID(street)
		f.Area = a.Code
	}
	within, err := place.Reach(s.areas, access.PostingScopes(actor), f.Area, "")
	if err != nil {
		return nil, "", err
	}
	all, err := s.Within(ctx, within)
	if err != nil {
		return nil, "", err
	}
	if f.At.IsZero() && (f.Once || f.Then != nil) {
		f.At = now
	}
	var found []Listed
	for _, posts := range all {
		found = append(found, Select(posts, f, func(p access.Place) bool { return holds(within, p) })...)
	}
	slices.SortFunc(found, func(a, b Listed) int { return strings.Compare(a.Key, b.Key) })
	return domain.Page(found, f.Limit, f.Cursor, func(l Listed) string { return l.Key }, func(Listed) bool { return true })
}

// Within reads the posts of every street that one of the places lies in, by
// street of today: those of the whole street, for who is counted by which post is a
// matter of the street. InvalidError at ?area for too many.
func (s *Postings) Within(ctx context.Context, places []access.Place) (map[string][]*Post, error) {
	out := map[string][]*Post{}
	for _, p := range places {
		street := Today(s.areas.Tree(), p).Street
		if _, read := out[street]; read {
			continue
		}
		if len(out) == streetsMost {
			return nil, domain.Invalid("?area", domain.Textf("范围过大，最多 %d 个街道", "too wide: %d streets at most", streetsMost))
		}
		posts, err := s.Of(ctx, street)
		if err != nil {
			return nil, err
		}
		out[street] = posts
	}
	return out, nil
}

// Select are those of a street's posts that pass the filter, in their order, in places that are wanted.
func Select(posts []*Post, f Filter, wanted func(access.Place) bool) (out []Listed) {
	var principal, then map[string]*Post
	if f.Once {
		principal = Principal(posts, f.At, f.Undated)
	}
	if f.Then != nil {
		then = Principal(posts, f.Then.At, f.Undated)
	}
	for _, p := range posts {
		switch {
		case !f.At.IsZero() && !p.Holds(f.At, f.Undated), f.Once && principal[p.Who] != p, !wanted(p.Place),
			len(f.Kinds) > 0 && !slices.Contains(f.Kinds, p.Kind), f.Account != "" && p.Account != f.Account, f.Station != "" && p.Station != f.Station,
			f.Then != nil && !slices.Contains(f.Then.Kinds, then[p.Who].kind()):
			continue
		}
		out = append(out, Listed{p, then[p.Who]})
	}
	return out
}

// kind is the post's; None without one.
func (p *Post) kind() Kind {
	if p == nil {
		return None
	}
	return p.Kind
}

// holds reports whether a place lies in one of those.
func holds(places []access.Place, p access.Place) bool {
	return slices.ContainsFunc(places, func(wider access.Place) bool {
		level, id := place.Finest(wider)
		return p.At(level) == id
	})
}

// Accounts are those of the people whose principal post at a moment is of a
// kind and lies in an area. Errors: ErrForbidden, InvalidError at ?postedIn.
func (s *Postings) Accounts(ctx context.Context, actor access.Actor, areaCode string, kind Kind, at time.Time) ([]string, error) {
	a, ok := s.areas.Tree().ByCode(areaCode)
	if !ok || !access.MayKeepPosting(actor, a.Place) {
		return nil, domain.Invalid("?postedIn", domain.T("没有这个区划，或不在您的范围内", "no such area of yours"))
	}
	all, err := s.Within(ctx, InArea(s.areas.Tree(), a))
	if err != nil {
		return nil, err
	}
	out := []string{}
	for _, posts := range all {
		for _, l := range Select(posts, Filter{At: at, Once: true, Kinds: []Kind{kind}}, func(p access.Place) bool { return p.At(a.Level) == a.ID }) {
			if l.Account != "" {
				out = append(out, l.Account)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// InArea are the streets of today in an area, or the community that it is.
func InArea(tree *area.Tree, a *area.Area) []access.Place {
	switch a.Level {
	case access.Street, access.Community:
		return []access.Place{a.Place}
	}
	var out []access.Place
	for _, c := range tree.Children(a.ID) {
		out = append(out, InArea(tree, c)...)
	}
	return out
}
