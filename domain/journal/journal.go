// Package journal is who did what when, for who manages a street: the entries
// that every change leaves in the store, newest first. It shows what they say,
// ids and enums, of things that the reader may see now; it changes nothing.
package journal

import (
	"context"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/reveal"
	"wangge/domain/todo"
	"wangge/store"
)

// Journal is what is read.
type Journal struct {
	Store  *store.Store
	Areas  *area.Areas
	Sights map[string]todo.Sight // who may see a thing, by its kind
}

// Filter says which entries are asked for; what is zero does not matter.
type Filter struct {
	Street   string // id
	From, To time.Time
	Actor    string
	Kind     Kind
	ID       string // of a thing of the kind
	Action   string
	Reveals  bool // only where somebody looked at personal data, or looked for somebody
}

// Line is an entry as it is shown.
type Line struct {
	*store.Entry
	Actor  string // who did it, as far as the reader is told
	Kind   Kind
	Thing  string // its id; "" for a search
	Name   string // its number, where it has one
	Street string // id; "" for the city's journal
	Cell   string // id; "" for none
	// Looked is what was looked at in clear, and why; nil where nothing was.
	Looked *reveal.Revealing
}

// Read returns one page of the lines that the actor may read, the latest first,
// and the next page's cursor. Errors: ErrForbidden for who reads no journal,
// ErrTooBroad when so much else happened that no page comes together.
func (j *Journal) Read(ctx context.Context, actor access.Actor, now time.Time, f Filter, limit int, cursor string) ([]Line, string, error) {
	if !access.ReadsJournal(actor) {
		return nil, "", domain.ErrForbidden
	}
	r := j.reader(actor, now)
	r.by = f.Actor
	partitions := r.partitions(f.Street)
	if f.Reveals {
		return r.reveals(ctx, partitions, f, limit, cursor)
	}
	keep := func(entries []*store.Entry) ([]*store.Entry, error) {
		return r.seen(ctx, slices.DeleteFunc(slices.Clone(entries), func(e *store.Entry) bool {
			return e.Collection == reveals && !searches(e) || !f.has(e) || !slices.Contains(partitions, e.Partition)
		}))
	}
	var entries []*store.Entry
	var next string
	var err error
	if f.ID != "" {
		entries, next, err = j.Store.LatestOf(ctx, collectionOf(f.Kind), f.ID, limit, cursor, keep)
	} else {
		entries, next, err = j.Store.Latest(ctx, partitions, f.From, f.To, limit, cursor, keep)
	}
	if err != nil {
		return nil, "", err
	}
	lines, err := r.lines(ctx, entries)
	return lines, next, err
}

// searches: a search has no entry but this.
func searches(e *store.Entry) bool {
	return e.Action == "household.search" || e.Action == "household.find"
}

// has reports whether an entry is asked for.
func (f Filter) has(e *store.Entry) bool {
	kind, shown := kinds[e.Collection]
	return shown && (f.Kind == "" || f.Kind == kind) && (f.Actor == "" || f.Actor == e.Actor) && (f.Action == "" || f.Action == e.Action) &&
		(f.ID == "" || f.ID == e.Doc) && (f.From.IsZero() || !e.At.Before(f.From)) && (f.To.IsZero() || e.At.Before(f.To))
}

// lines are the entries as they are shown.
func (r *reader) lines(ctx context.Context, entries []*store.Entry) ([]Line, error) {
	looked, err := reveal.Of(ctx, r.Store, store.IDsIn(entries, "record"))
	if err != nil {
		return nil, err
	}
	out := make([]Line, len(entries))
	for i, e := range entries {
		out[i] = r.line(e, looked[e.Dims["record"]])
	}
	return out, nil
}

func (r *reader) line(e *store.Entry, looked *reveal.Revealing) Line {
	l := Line{Entry: e, Actor: r.actorOf(e), Kind: kinds[e.Collection], Thing: e.Doc, Name: r.named[thing{e.Collection, e.Doc}], Street: e.Partition, Cell: e.After.Cell, Looked: looked}
	if l.Kind == Search {
		l.Thing = ""
	}
	if l.Street == area.CityPartition {
		l.Street = ""
	}
	if l.Cell == "" {
		l.Cell = e.Before.Cell
	}
	return l
}
