package area

import (
	"slices"
	"strings"
	"time"

	"wangge/domain/access"
)

// Tree is a snapshot of all areas, ended ones too. It never changes; neither
// may the areas it returns.
type Tree struct {
	sorted   []*Area // by code: an area comes before what lies in it
	byID     map[string]*Area
	byCode   map[string]*Area
	children map[string][]*Area // of valid areas, by parent id
	former   map[string][]string
	streets  []*Area // of all times, by code
	version  int64   // of the tree's coverage document
	edition  time.Time

	superseded chan struct{} // closed once Areas has a later one
}

func newTree(all []*Area, version int64, edition time.Time) *Tree {
	t := &Tree{
		sorted: slices.Clone(all), version: version, edition: edition,
		byID: map[string]*Area{}, byCode: map[string]*Area{}, children: map[string][]*Area{}, former: map[string][]string{},
		superseded: make(chan struct{}),
	}
	slices.SortFunc(t.sorted, func(a, b *Area) int { return strings.Compare(a.Code, b.Code) })
	for _, a := range t.sorted {
		t.byID[a.ID], t.byCode[a.Code] = a, a
		if a.Valid() {
			t.children[a.Parent] = append(t.children[a.Parent], a)
		}
		if a.Level == access.Street {
			t.streets = append(t.streets, a)
		}
		if a.Successor != "" {
			t.former[a.Successor] = append(t.former[a.Successor], a.ID)
		}
	}
	return t
}

// Superseded is closed as soon as there is a later tree.
func (t *Tree) Superseded() <-chan struct{} { return t.superseded }

// ByCode returns the area that has the code today.
func (t *Tree) ByCode(code string) (*Area, bool) {
	a, ok := t.byCode[code]
	if !ok || !a.Valid() {
		return nil, false
	}
	return a, true
}

// EverByCode returns the area that has the code, valid or ended.
func (t *Tree) EverByCode(code string) (*Area, bool) {
	a, ok := t.byCode[code]
	return a, ok
}

// ByID returns the area, valid or ended.
func (t *Tree) ByID(id string) (*Area, bool) {
	a, ok := t.byID[id]
	return a, ok
}

// Place says where the area lies: its own id and those of the areas around it.
func (t *Tree) Place(a *Area) access.Place { return a.Place }

// Roots returns the cities, by code.
func (t *Tree) Roots() []*Area { return t.children[""] }

// Children returns the valid areas just below, by code.
func (t *Tree) Children(id string) []*Area { return t.children[id] }

// Streets returns every street there ever was, by code: what was placed in one stays there.
func (t *Tree) Streets() []*Area { return t.streets }

// Heirs returns the id and, after it, what took over from it, each from the
// one before; the last is the area of today. Nothing for an unknown id.
func (t *Tree) Heirs(id string) []string {
	var out []string
	for a := t.byID[id]; a != nil && !slices.Contains(out, a.ID); a = t.byID[a.Successor] {
		out = append(out, a.ID)
	}
	return out
}

// Formerly returns the id and those of the ended areas that it took over from,
// directly or in turn: what lies in the area today may have been placed under any of them.
func (t *Tree) Formerly(id string) []string {
	out := []string{id}
	for i := 0; i < len(out); i++ {
		for _, f := range t.former[out[i]] {
			if !slices.Contains(out, f) {
				out = append(out, f)
			}
		}
	}
	return out
}
