package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// ErrBuilding: an index that serves the query is still being built; ask again later.
var ErrBuilding = errors.New("store: an index for this query is being built")

// layout is what the store records of how a collection's documents lie in it.
type layout struct {
	Meta  `store:",inline"`
	Known int32     `store:"known"` // highest schema that a program wrote: those of a lower one only read
	Whole int32     `store:"whole"` // no document has a lower schema
	Parts []string  `store:"parts"` // fields and indexes that every document is in
	At    time.Time `store:"at"`    // when that changed last
	// How far the documents were rewritten, and toward what.
	After  string `store:"after,omitempty"`
	Toward string `store:"toward,omitempty"`
	Done   int64  `store:"done,omitempty"`
	Total  int64  `store:"total,omitempty"`
}

var layouts = Declare[layout](Declaration{Name: "layouts", Schema: 1, Unjournaled: true})

// collection is an opened collection on this node.
type collection struct {
	spec    *Spec
	indexes map[string]string    // parts that are indexes, by name
	wanted  []string             // parts, all of them
	kept    []string             // those among them that writing a document fills
	usable  atomic.Pointer[Spec] // spec with what is ready only: queries are planned on it
	newer   atomic.Bool          // a program with more parts or a higher schema has opened the store

	mu  sync.Mutex
	now layout // as last seen
}

func fieldPart(f Field) string { return fmt.Sprintf("field %s kind %d", f.Path, f.Kind) }

func indexPart(ix *Index) string {
	paths := make([]string, len(ix.Fields))
	for i, f := range ix.Fields {
		paths[i] = f.Path
	}
	unique := ""
	if ix.Unique {
		unique = " unique"
	}
	return "index " + ix.Name + ": " + strings.Join(paths, ", ") + unique
}

func textPart(t *Text) string {
	paths := make([]string, len(t.Scopes))
	for i, f := range t.Scopes {
		paths[i] = f.Path
	}
	order := ""
	if t.Order != nil {
		order = "; " + t.Order.Path
	}
	return "text " + t.Name + ": " + strings.Join(paths, ", ") + order
}

func newCollection(spec *Spec, parts []Part) *collection {
	c := &collection{spec: spec, indexes: map[string]string{}}
	for _, p := range parts {
		c.kept = append(c.kept, p.As)
	}
	c.wanted = slices.Clone(c.kept)
	for _, f := range spec.Fields() {
		c.wanted = append(c.wanted, fieldPart(f))
	}
	for i := range spec.Indexes {
		c.indexes[spec.Indexes[i].Name] = indexPart(&spec.Indexes[i])
	}
	for i := range spec.Texts {
		c.indexes[spec.Texts[i].Name] = textPart(&spec.Texts[i])
	}
	for _, part := range c.indexes {
		c.wanted = append(c.wanted, part)
	}
	slices.Sort(c.wanted)
	c.wanted = slices.Compact(c.wanted)
	return c
}

// begin is the layout with which this program starts to serve: old is the one
// recorded, nil for a collection that has none, which is new or was written
// before layouts were recorded, at schema 1. What other programs kept beyond
// this one's own is no longer kept from here on.
func (c *collection) begin(old *layout, found Found, now time.Time) *layout {
	l := &layout{Meta: Meta{ID: c.spec.Name}, Known: 1, Whole: 1, At: now}
	switch {
	case old != nil:
		l = new(layout)
		*l = *old
		l.Parts = slices.Clone(old.Parts)
	default:
		l.Parts = slices.Clone(found.Kept)
		for _, f := range c.spec.Fields() {
			l.Parts = append(l.Parts, fieldPart(f))
		}
	}
	if found.Empty {
		l.Whole, l.Parts, l.After, l.Toward = c.spec.Schema, slices.Clone(c.wanted), "", ""
	}
	l.Known = max(l.Known, c.spec.Schema)
	for name, part := range c.indexes {
		there := slices.Contains(found.Indexes, name)
		if there && old == nil {
			l.Parts = append(l.Parts, part)
		} else if !there {
			l.Parts = slices.DeleteFunc(l.Parts, func(p string) bool { return p == part })
		}
	}
	l.Parts = slices.DeleteFunc(l.Parts, func(p string) bool { return !slices.Contains(c.wanted, p) })
	slices.Sort(l.Parts)
	l.Parts = slices.Compact(l.Parts)
	if l.Toward != c.toward() {
		l.After, l.Toward, l.Done, l.Total = "", "", 0, 0
	}
	return l
}

// toward names what a rewriting brings about, so that its mark counts for no other.
func (c *collection) toward() string {
	return fmt.Sprintf("schema %d, %s", c.spec.Schema, strings.Join(c.kept, "; "))
}

// rewritten reports whether every document is as this program writes it.
func (c *collection) rewritten(l *layout) bool {
	return l.Whole >= c.spec.Schema && holds(l.Parts, c.kept)
}

// done reports whether there is nothing left to bring about.
func (c *collection) done(l *layout) bool {
	return l.Whole >= c.spec.Schema && holds(l.Parts, c.wanted)
}

func holds(all, some []string) bool {
	return !slices.ContainsFunc(some, func(p string) bool { return !slices.Contains(all, p) })
}

// missing are the declared indexes that are not ready.
func (c *collection) missing(l *layout) []string {
	var out []string
	for name, part := range c.indexes {
		if !slices.Contains(l.Parts, part) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// adopt makes a layout this node's view.
func (c *collection) adopt(l *layout, parts []Part) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = *l
	c.newer.Store(l.Known > c.spec.Schema || !holds(c.wanted, l.Parts))
	if c.done(l) {
		c.usable.Store(c.spec)
		return
	}
	unready := map[string]bool{} // fields and indexes
	for _, p := range parts {
		if !slices.Contains(l.Parts, p.As) {
			unready[p.Of] = true
		}
	}
	some := *c.spec
	some.fields, some.Indexes, some.Texts = map[string]Field{}, nil, nil
	for path, f := range c.spec.fields {
		if !unready[path] && slices.Contains(l.Parts, fieldPart(f)) {
			some.fields[path] = f
		}
	}
	ready := func(name string, fields []Field) bool {
		return !unready[name] && slices.Contains(l.Parts, c.indexes[name]) &&
			!slices.ContainsFunc(fields, func(f Field) bool { _, ok := some.fields[f.Path]; return !ok })
	}
	for _, ix := range c.spec.Indexes {
		if ready(ix.Name, ix.Fields) {
			some.Indexes = append(some.Indexes, ix)
		}
	}
	for _, t := range c.spec.Texts {
		if ready(t.Name, t.Scopes) {
			some.Texts = append(some.Texts, t)
		}
	}
	c.usable.Store(&some)
}

func (c *collection) layout() layout {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// plan is Spec.plan on what is ready; ErrBuilding when only more than that would serve.
func (s *Store) plan(spec *Spec, q Query) (*Plan, error) {
	usable := s.usable(spec)
	p, err := usable.plan(q)
	if errors.Is(err, ErrNoIndex) && usable != spec {
		if _, whole := spec.plan(q); whole == nil {
			return nil, fmt.Errorf("%w: %w", ErrBuilding, err)
		}
	}
	return p, err
}

func (s *Store) usable(spec *Spec) *Spec {
	if c := s.collections[spec.Name]; c != nil && c.spec == spec {
		return c.usable.Load()
	}
	return spec // refused where it is used: see knows
}
