package area

import (
	"cmp"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/domain/fold"
)

// rankOf says how well a code and name meet a folded text: the less, the
// better; false when they do not.
func rankOf(code, name, text string) (int, bool) {
	if code == text {
		return 0, true
	}
	switch name := fold.Text(name); {
	case name == text:
		return 1, true
	case strings.HasPrefix(code, text):
		return 2, true
	case strings.HasPrefix(name, text):
		return 3, true
	case strings.Contains(name, text):
		return 4, true
	}
	return 0, false
}

// found is what meets a text.
type found[T any] struct {
	rank int
	near bool // it is the reader's
	code string
	of   T
}

func bestOf[T any](all []found[T], most int) []T {
	slices.SortFunc(all, func(a, b found[T]) int {
		side := func(f found[T]) int {
			if f.near {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(side(a), side(b)), strings.Compare(a.code, b.code))
	})
	out := make([]T, 0, most)
	for _, f := range all[:min(most, len(all))] {
		out = append(out, f.of)
	}
	return out
}

// FindCells returns the cells of today, so many at most, whose code begins with
// a text or whose name has it in it: whole ones first, then those where the actor works.
func (s *Areas) FindCells(actor access.Actor, text string, most int) []*Cell {
	text = fold.Text(strings.TrimSpace(text))
	var all []found[*Cell]
	for _, c := range s.Map().Cells() {
		if rank, ok := rankOf(c.Code, c.Name, text); ok {
			all = append(all, found[*Cell]{rank, access.SeesFigures(actor, c.Place), c.Code, c.public(actor)})
		}
	}
	return bestOf(all, most)
}

// FindAreas is FindCells for the areas of today.
func (s *Areas) FindAreas(actor access.Actor, text string, most int) []*Area {
	text = fold.Text(strings.TrimSpace(text))
	var all []found[*Area]
	for _, a := range s.Tree().sorted {
		if !a.Valid() {
			continue
		}
		if rank, ok := rankOf(a.Code, a.Name, text); ok {
			all = append(all, found[*Area]{rank, access.SeesFigures(actor, a.Place), a.Code, a})
		}
	}
	return bestOf(all, most)
}

// Bound is the box around an area's cells; false where it has none.
func (s *Areas) Bound(a *Area) (box orb.Bound, ok bool) {
	ids := s.Tree().Formerly(a.ID)
	for _, c := range s.Map().Cells() {
		if !slices.Contains(ids, c.Place.At(a.Level)) {
			continue
		}
		if box = box.Union(c.Bound()); !ok {
			box, ok = c.Bound(), true
		}
	}
	return box, ok
}
