package tiles

import (
	"cmp"
	"context"
	"crypto/sha256"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/stats"
	"wangge/geo/tile"
)

// drawing is the cells of a map, drawn. It never changes.
type drawing struct {
	cells  []*area.Cell // as they lie over each other, the lowest first
	facts  [][sha256.Size]byte
	shapes *tile.Drawing
}

// latest is what Follow made last.
type latest[T any] struct {
	made  atomic.Pointer[T]
	first chan struct{} // closed once there is one
}

func newLatest[T any]() latest[T] { return latest[T]{first: make(chan struct{})} }

// get waits, as long as ctx lasts, for the first.
func (l *latest[T]) get(ctx context.Context) (*T, error) {
	select {
	case <-l.first:
		return l.made.Load(), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *latest[T]) set(made *T) {
	if l.made.Swap(made) == nil {
		close(l.first)
	}
}

// Follow draws the cells and areas, and draws them again whenever the map or
// the tree has changed, until ctx ends; it returns ctx's error. Meanwhile
// requests see the drawing before. It runs once at a time.
func (s *Tiles) Follow(ctx context.Context, log *slog.Logger) error {
	for {
		m, tree := s.areas.Map(), s.areas.Tree()
		began := time.Now()
		if d, err := draw(m.Cells(), s.cells.made.Load()); err != nil { // which no later map need repeat
			log.Error("the cells cannot be drawn", "error", err)
		} else {
			log.Debug("cells drawn", "cells", len(d.cells), "took", time.Since(began))
			s.cells.set(d)
		}
		began = time.Now()
		var before map[string]*areasDrawing
		if made := s.areaDrawings.made.Load(); made != nil {
			before = *made
		}
		if all, err := drawAreas(m, tree, before); err != nil {
			log.Error("the areas cannot be drawn", "error", err)
		} else {
			log.Debug("areas drawn", "took", time.Since(began))
			s.areaDrawings.set(&all)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-m.Superseded():
		case <-tree.Superseded():
		}
	}
}

// ranks of the kinds in a drawing: what divides or overrules another lies over it.
var ranks = map[area.Kind]int{area.Basic: 0, area.Dedicated: 1, area.Micro: 2}

// draw takes the shapes over from the drawing before when no polygon changed,
// as when somebody is posted to a cell, or one gets another name.
func draw(cells []*area.Cell, before *drawing) (*drawing, error) {
	d := &drawing{cells: slices.Clone(cells)}
	slices.SortStableFunc(d.cells, func(a, b *area.Cell) int { return cmp.Compare(ranks[a.Kind], ranks[b.Kind]) })
	d.facts = make([][sha256.Size]byte, len(d.cells))
	shapes := make([]tile.Shape, len(d.cells))
	for i, c := range d.cells {
		d.facts[i] = sha256.Sum256(text(nil, c.Code, c.Name, string(c.Kind), c.Boundary))
		shapes[i] = tile.Shape{ID: featureID(c.Code), Geometry: c.Geometry}
	}
	if before != nil && slices.EqualFunc(d.cells, before.cells, sameGround) {
		d.shapes = before.shapes
		return d, nil
	}
	var err error
	d.shapes, err = tile.Draw(shapes)
	return d, err
}

// shown is what a tile says of a cell beside what the drawing has.
type shown struct {
	community, street string // codes
	said
}

// pictureCells: everybody sees the cells; how much is open or due in one, who
// may read it. Of the past, there are no figures.
func (s *Tiles) pictureCells(ctx context.Context, q Request, id tile.ID) (picture, error) {
	d, err := s.drawingAt(ctx, q)
	if err != nil {
		return picture{}, err
	}
	now, err := s.figures.Snapshot(ctx)
	if err != nil {
		return picture{}, err
	}
	intersecting, moment, around := d.shapes.Intersecting(id), stats.At(q.Now), around{tree: s.areas.Tree(), now: now}
	all := make([]shown, len(intersecting))
	content := stamp(make([]byte, 0, 64*(len(intersecting)+1)), q.Layer, id)
	for k, i := range intersecting {
		c := d.cells[i]
		around.to(c.Place)
		all[k].community, all[k].street = around.community, around.street
		content = text(append(content, d.facts[i][:]...), all[k].community, all[k].street)
		if c.Kind != area.Micro && q.At.IsZero() { // things lie in basic and dedicated cells
			if all[k].said = saidTo(q.Actor, c.Place); all[k].any() {
				all[k].figures = around.figures.Figures(c.ID, moment)
			}
		}
		content = all[k].stamp(content)
	}
	return picture{sha256.Sum256(content), func(b *tile.Builder) { d.add(b, intersecting, all) }}, nil
}

// around is what lies around a cell; the next one is often of the same community.
type around struct {
	tree              *area.Tree
	now               *stats.Snapshot
	of                access.Place
	community, street string // codes
	figures           *stats.Street
}

func (a *around) to(p access.Place) {
	if a.figures == nil || a.of.Street != p.Street {
		a.street, a.figures = code(a.tree, p.Street), a.now.Street(p.Street)
	}
	if a.of.Community != p.Community || a.of.Street != p.Street {
		a.community = code(a.tree, p.Community)
	}
	a.of = p
}

// code of an area by its id, "" for none.
func code(tree *area.Tree, id string) string {
	if a, ok := tree.ByID(id); ok {
		return a.Code
	}
	return ""
}

// add puts the cells of a tile into it, with what is shown of those meeting it.
func (d *drawing) add(b *tile.Builder, intersecting []int, all []shown) {
	next := 0 // both go through the shapes in their order
	var properties []tile.Property
	b.Polygons("cells", d.shapes, func(i int) ([]tile.Property, bool) {
		for intersecting[next] != i {
			next++
		}
		c := d.cells[i]
		properties = append(properties[:0], tile.Property{Key: "code", Value: c.Code}, tile.Property{Key: "name", Value: c.Name},
			tile.Property{Key: "kind", Value: string(c.Kind)}, tile.Property{Key: "community", Value: all[next].community}, tile.Property{Key: "street", Value: all[next].street})
		properties = all[next].append(properties)
		return properties, true
	})
}
