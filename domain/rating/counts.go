package rating

import (
	"context"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/place"
	"wangge/store"
)

// Figure is what is counted of ratings, each apart.
type Figure string

const (
	Rateable    Figure = "rateable" // could be rated, by somebody whom we know
	RatedFigure Figure = "rated"
	Unrated     Figure = "unrated"
	Good        Figure = "good" // 好评: 非常满意, 满意 and 基本满意, as the national rules count
	ToRectify   Figure = "to_rectify"
	Rectified   Figure = "rectified" // somebody said what was done
	Reached     Figure = "reached"   // called back
	Satisfied   Figure = "satisfied" // called back, and satisfied by then
)

// gradeFigure is how many have a grade.
func gradeFigure(grade int) Figure { return Figure("grade_" + gradeWord(grade)) }

// conds are which ratings the figure counts.
func (f Figure) conds() []store.Cond {
	switch f {
	case RatedFigure:
		return []store.Cond{store.In("grade", 1, 2, 3, 4, 5)}
	case Unrated:
		return []store.Cond{store.Eq("grade", 0)}
	case Good:
		return []store.Cond{store.In("grade", 3, 4, 5)}
	case ToRectify:
		return []store.Cond{store.In("rectification", States...)}
	case Rectified:
		return []store.Cond{store.In("rectification", Stated, CalledBack, Closed)}
	case Reached:
		return []store.Cond{store.In("after", 1, 2, 3, 4, 5)}
	case Satisfied:
		return []store.Cond{store.In("after", 3, 4, 5)}
	}
	for grade := 1; grade <= Best; grade++ {
		if f == gradeFigure(grade) {
			return []store.Cond{store.Eq("grade", grade)}
		}
	}
	return nil
}

// None is what a group is asked for by that has no station, item, category or community.
const None = "none"

// Filter narrows ratings. Empty fields do not filter.
type Filter struct {
	Area      string // code
	Kinds     []Kind
	Community string    // code, or None; so are the next three
	Station   string    // id; what is sensitive has none
	Item      string    // code of a service item; likewise
	Category  string    // code, of tickets
	Month     string    // in which it was over, such as 2026-03
	From, To  time.Time // the same in between
	Figure    Figure    // only what it counts
	Limit     int
	Cursor    string
}

// most is how many ratings a list or a count looks at.
const most = 200_000

// groupFields are the stored fields that counts are grouped by.
var groupFields = map[string]string{"": "", "kind": "about.kind", "community": "place.community", "station": "station", "item": "item", "category": "category", "month": "month"}

// Count is the figures of one group.
type Count struct {
	Group   string // an id, a code, a month, as the filter has it; None for what has none, "" where nothing is grouped
	Figures map[Figure]int64
}

// Counts counts, by a group or all in one, what List lists with each figure.
// Errors: those of List; InvalidError at ?by.
func (s *Ratings) Counts(ctx context.Context, actor access.Actor, f Filter, by string) ([]Count, error) {
	field, ok := groupFields[by]
	if !ok {
		return nil, domain.Invalid("?by", GroupWords.Fault())
	}
	groups := map[string]map[Figure]int64{}
	if by == "" {
		groups[""] = map[Figure]int64{}
	}
	f.Limit, f.Cursor = 0, ""
	for _, figure := range Figures {
		f.Figure = figure
		queries, err := s.queries(actor, f)
		if err != nil {
			return nil, err
		}
		for _, q := range queries {
			counts, err := ratings.Count(ctx, s.store, q, field)
			if err != nil {
				return nil, err
			}
			for group, n := range counts {
				if group = s.groupOf(by, group); groups[group] == nil {
					groups[group] = map[Figure]int64{}
				}
				groups[group][figure] += n
			}
		}
	}
	out := make([]Count, 0, len(groups))
	for group, figures := range groups {
		out = append(out, Count{group, figures})
	}
	slices.SortFunc(out, func(a, b Count) int {
		switch {
		case a.Group < b.Group:
			return -1
		case a.Group > b.Group:
			return 1
		}
		return 0
	})
	return out, nil
}

// groupOf names a group as the filter has it.
func (s *Ratings) groupOf(by, stored string) string {
	tree := s.areas.Tree()
	if heirs := tree.Heirs(stored); by == "community" && len(heirs) > 0 {
		if a, ok := tree.ByID(heirs[len(heirs)-1]); ok {
			return a.Code
		}
	}
	if by != "" && stored == "" {
		return None
	}
	return stored
}

// Line is a rating as who manages there sees it: never by whom.
type Line struct {
	*Rating
	Shown bool   // they see what it is of; of what is sensitive they learn that it is there
	Words string // of who sees all of it
}

// List returns a page of what could be rated in the actor's areas, what was
// over last first. Errors: ErrForbidden for who counts no ratings, InvalidError
// at ?area and ?figure, store.ErrCursor, store.ErrTooBroad.
func (s *Ratings) List(ctx context.Context, actor access.Actor, f Filter) ([]*Line, string, error) {
	queries, err := s.queries(actor, f)
	if err != nil {
		return nil, "", err
	}
	found, next, err := ratings.Find(ctx, s.store, queries...)
	if err != nil {
		return nil, "", err
	}
	things, err := thingsOf(ctx, s.store, found)
	if err != nil {
		return nil, "", err
	}
	out := make([]*Line, len(found))
	for i, r := range found {
		l := &Line{Rating: r}
		out[i] = l
		t := things[r.About]
		if t == nil {
			continue
		}
		facts := t.facts(actor, r)
		l.Shown = facts.Whole
		if access.SeesRatingWords(actor, facts) {
			if l.Words, err = opened(s.keys, r.Words, wordsAt(r.ID)); err != nil {
				return nil, "", err
			}
		}
	}
	return out, next, nil
}

// queries are those of a list, to be merged.
func (s *Ratings) queries(actor access.Actor, f Filter) ([]store.Query, error) {
	if !access.CountsRatings(actor) {
		return nil, domain.ErrForbidden
	}
	if f.Figure != "" && !has(Figures, f.Figure) {
		return nil, domain.Invalid("?figure", FigureWords.Fault())
	}
	places, err := place.Reach(s.areas, access.RatingScopes(actor), f.Area, "")
	if err != nil {
		return nil, err
	}
	more := f.Figure.conds()
	for field, value := range map[string]string{"station": f.Station, "item": f.Item, "category": f.Category, "month": f.Month} {
		switch value {
		case "":
		case None:
			more = append(more, store.Eq(field, ""))
		default:
			more = append(more, store.Eq(field, value))
		}
	}
	switch f.Community {
	case "":
	case None:
		more = append(more, store.Eq("place.community", ""))
	default:
		at, ok := s.areas.Tree().ByCode(f.Community)
		if !ok || at.Level != access.Community {
			return nil, domain.Invalid("?community", domain.T("没有这个社区", "no such community"))
		}
		more = append(more, store.In("place.community", s.areas.Tree().Formerly(at.ID)...))
	}
	if len(f.Kinds) > 0 {
		more = append(more, store.In("about.kind", f.Kinds...))
	}
	if !f.From.IsZero() || !f.To.IsZero() {
		more = append(more, store.Within("overAt", f.From, f.To))
	}
	var out []store.Query
	for _, l := range place.Levels(places) {
		out = append(out, store.Query{Where: store.Driven(append(l.Conds(), more...), "place.street", "overAt"), Order: []string{"-overAt"}, Limit: f.Limit, Cap: most, After: f.Cursor})
	}
	return out, nil
}
