package area

import (
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

// Kind of a cell.
type Kind string

const (
	Basic     Kind = "basic"     // 基础网格: these tile the street
	Dedicated Kind = "dedicated" // 专属网格: a park, market, school; lies over basic ones and goes first
	Micro     Kind = "micro"     // 微网格: divides a basic one
)

// Kinds of cells.
var Kinds = domain.CodesOf[Kind](KindWords)

// Cell is the smallest unit of management: a polygon inside one community,
// with the people who staff it. Its id never changes and comes from its code,
// which is never given to another cell, not even once this one is retired.
type Cell struct {
	store.Meta `store:",inline"`
	Code       string       `store:"code"`
	Place      access.Place `store:"place"` // its own id included
	Outline    `store:",inline"`

	// Staged is the outline that a large redraw prepared. It is in force once
	// the street's coverage lists the redraw, which happens for all cells at
	// once; the next write of the cell puts it in the Outline's place.
	Staged *Staged `store:"staged,omitempty"`

	Posts  []Post  `store:"posts,omitempty"` // of a retired cell: those it had, which count no more
	Covers []Cover `store:"covers,omitempty"`

	// Geometry of the boundary and when it began, filled in by reads. A
	// retired cell has none, and began to be retired then.
	Geometry orb.MultiPolygon `store:"-"`
	Since    time.Time        `store:"-"`
}

// Outline is what redraws change of a cell. That of a retired cell is the last it had.
type Outline struct {
	Name      string     `store:"name"`
	Kind      Kind       `store:"kind"`
	Parent    string     `store:"parent"`   // id of the basic cell that a micro one divides
	Boundary  string     `store:"boundary"` // id of the boundary version in force; "" for a cell not there yet
	Centre    orb.Point  `store:"centre"`   // centroid, WGS-84
	BBox      [4]float64 `store:"bbox"`     // west, south, east, north
	AreaM2    float64    `store:"areaM2"`
	Ended     Ending     `store:"ended,omitempty"`
	Successor string     `store:"successor,omitempty"` // of a retired cell: id of the one that took over
}

// Ending is why a cell is no more; "" while it is.
type Ending string

const (
	Retired Ending = "retired"
	Undone  Ending = "undone" // it was made by a redraw that was undone, and may be made again
)

// Staged is an outline and the redraw that it belongs to.
type Staged struct {
	Redraw  string `store:"redraw"`
	Outline `store:",inline"`
}

// cells is every cell. Whoever changes one goes through LoadCell and PutCell.
var cells = store.Declare[Cell](store.Declaration{
	Name: "cells", Schema: 1,
	Indexes: []string{"code!: code", "street: partition, code", "posts: posts.account", "covers: covers.account"},
})

// Bound is the box around the cell.
func (o Outline) Bound() orb.Bound {
	return orb.Bound{Min: orb.Point{o.BBox[0], o.BBox[1]}, Max: orb.Point{o.BBox[2], o.BBox[3]}}
}

// settle puts the staged outline in force if its redraw is. It reports whether the cell ever was there.
func (c *Cell) settle(cover *Coverage) bool {
	if c.Staged != nil {
		if _, flipped := cover.flipped(c.Staged.Redraw); flipped {
			c.Outline, c.Staged = c.Staged.Outline, nil
		}
	}
	return c.Boundary != ""
}

func (c *Cell) facts() store.Facts { return c.Outline.facts(c.ID) }

// facts are what the journal keeps of the cell with this id.
func (o Outline) facts(id string) store.Facts {
	if o.Ended != "" {
		return store.Facts{State: string(o.Ended), Cell: id}
	}
	return store.Facts{State: string(o.Kind), Cell: id}
}
