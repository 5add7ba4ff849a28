package area

import (
	"slices"
	"time"

	"github.com/paulmach/orb"

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
var Kinds = []Kind{Basic, Dedicated, Micro}

// Cell is the smallest unit of management: a polygon inside one community,
// with the people who staff it. Its id never changes and comes from its code.
type Cell struct {
	store.Meta `store:",inline"`
	Code       string       `store:"code"`
	Place      access.Place `store:"place"` // its own id included
	Outline    `store:",inline"`

	// Staged is the outline that a large import prepared. It is in force once
	// the street's coverage lists its set, which happens for all cells at once;
	// the next write of the cell puts it in the Outline's place.
	Staged *Staged `store:"staged,omitempty"`

	Posts  []Post  `store:"posts,omitempty"`
	Covers []Cover `store:"covers,omitempty"`

	// Geometry of the boundary and when it began, filled in by reads.
	Geometry orb.MultiPolygon `store:"-"`
	Since    time.Time        `store:"-"`
}

// Outline is what an import says of a cell.
type Outline struct {
	Name     string     `store:"name"`
	Kind     Kind       `store:"kind"`
	Parent   string     `store:"parent"`   // id of the basic cell that a micro one divides
	Boundary string     `store:"boundary"` // id of the boundary version in force; "" for a cell not there yet
	Centre   orb.Point  `store:"centre"`   // centroid, WGS-84
	BBox     [4]float64 `store:"bbox"`     // west, south, east, north
	AreaM2   float64    `store:"areaM2"`
}

// Staged is an outline and the import that it belongs to.
type Staged struct {
	Set     string `store:"set"`
	Outline `store:",inline"`
}

// Cells is every cell. Whoever changes one goes through LoadCell and PutCell.
var Cells = store.Declare[Cell](store.Declaration{
	Name: "cells", Schema: 1,
	Indexes: []string{"code!: code", "street: partition, code", "posts: posts.account", "covers: covers.account"},
})

// Bound is the box around the cell.
func (o Outline) Bound() orb.Bound {
	return orb.Bound{Min: orb.Point{o.BBox[0], o.BBox[1]}, Max: orb.Point{o.BBox[2], o.BBox[3]}}
}

// settle puts the staged outline in force if its set is. It reports whether the cell is there at all.
func (c *Cell) settle(flipped []string) bool {
	if c.Staged != nil && slices.Contains(flipped, c.Staged.Set) {
		c.Outline, c.Staged = c.Staged.Outline, nil
	}
	return c.Boundary != ""
}

func (c *Cell) facts() store.Facts { return store.Facts{State: string(c.Kind), Cell: c.ID} }

// Boundary is one version of a cell's polygon. It is written once and never
// changed: a redraw makes another, and what was recorded under this one stays.
type Boundary struct {
	store.Meta `store:",inline"`
	Cell       string     `store:"cell"` // id
	ValidFrom  time.Time  `store:"validFrom"`
	WKB        []byte     `store:"wkb"` // the multipolygon, WGS-84
	AreaM2     float64    `store:"areaM2"`
	BBox       [4]float64 `store:"bbox"`          // west, south, east, north
	Set        string     `store:"set,omitempty"` // of a staged import: counts once the street's coverage lists it

	// ValidTo is when the next version began, zero for the current one; filled in by reads, with Geometry.
	ValidTo  time.Time        `store:"-"`
	Geometry orb.MultiPolygon `store:"-"`
}

var boundaries = store.Declare[Boundary](store.Declaration{
	Name: "boundaries", Schema: 1,
	Indexes: []string{"cell: cell, validFrom"},
})
