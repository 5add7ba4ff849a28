package area

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/geo"
	"wangge/store"
)

// Ground is what a redraw tells those who keep things that lie in cells: where
// it may have changed which cell holds a position, and which one does from now on.
type Ground struct {
	Boxes   []orb.Bound // WGS-84, one or two a community: every position whose cell may be another lies in one
	Streets []string    // ids of those in whose partitions the redraw writes by itself

	after   []*Cell // what locator's indexes mean: all that meet the boxes
	locator *geo.Locator
}

// MovePlanner plans what a redraw moves with the cells; Moves.Move then is part
// of the redraw's own transaction.
type MovePlanner func(ctx context.Context, actor access.Actor, ground *Ground) (Moves, error)

// Moves is what lies on a redraw's ground and comes to another cell.
type Moves struct {
	Streets []string // ids of those in whose partitions it is and will be
	Count   Moved    // as far as is known before the transaction

	// Move moves it, inside the update, at the time that the redraw counts
	// from. Like every fn of an update it may run several times. It finds
	// again what there is to move, and remembers what it saw there, so that
	// the update reruns when anything came, went or was moved meanwhile.
	// ErrOvertaken when this asks for another street's partition.
	Move func(ctx context.Context, tx *store.Tx, now time.Time) (Moved, error)
}

// Moved counts by kind of thing ("tickets").
type Moved map[string]int

// Locate returns the cell that a WGS-84 position inside the boxes belongs to
// after the redraw: the dedicated one, else the basic one.
func (g *Ground) Locate(p orb.Point) (Spot, bool) {
	i, ok := g.locator.Locate(p)
	if !ok {
		return Spot{}, false
	}
	c := g.after[i]
	return Spot{Place: c.Place, Cell: c, Street: c.Partition}, true
}

// keyRanges is into how many key ranges a box is cut.
const keyRanges = 4

// Keys are the space-filling keys of the positions in the boxes, in ranges
// that do not meet.
func (g *Ground) Keys() []geo.KeyRange {
	var all []geo.KeyRange
	for _, box := range g.Boxes {
		all = append(all, geo.Ranges(box, keyRanges)...)
	}
	slices.SortFunc(all, func(a, b geo.KeyRange) int { return cmp.Compare(a.From, b.From) })
	var out []geo.KeyRange
	for _, r := range all {
		if last := len(out) - 1; last >= 0 && r.From <= out[last].To+1 {
			out[last].To = max(out[last].To, r.To)
		} else {
			out = append(out, r)
		}
	}
	return out
}

// Elsewhere says where a WGS-84 position lies after the redraw, if that is not
// the cell that it was in: in no cell, in the street that it was in.
func (g *Ground) Elsewhere(at orb.Point, was access.Place) (Spot, bool) {
	if !slices.ContainsFunc(g.Boxes, func(b orb.Bound) bool { return b.Contains(at) }) {
		return Spot{}, false
	}
	spot, ok := g.Locate(at)
	if !ok {
		spot = Spot{Place: was, Street: was.Street}
		spot.Place.Community, spot.Place.Cell = "", ""
	}
	return spot, spot.Place.Cell != was.Cell
}

// newGround compares the located cells before and after a plan. It is nil when
// every position stays where it is. The cells of other streets that meet the
// boxes count as looked at, and their coverage will grow: a report that was
// located in one of them meanwhile is located again.
func (p *cellPlan) newGround() (*Ground, error) {
	boxes := map[string]orb.Bound{}
	changed := make(map[string]bool, len(p.changes))
	widen := func(community string, m orb.MultiPolygon) {
		box, there := boxes[community]
		if !there {
			box = m.Bound()
		}
		boxes[community] = box.Union(m.Bound())
	}
	g := &Ground{}
	for i := range p.changes {
		c := &p.changes[i]
		changed[c.code] = true
		was, there := p.m.ByCode(c.code)
		if there && c.outline.Ended == "" && was.Kind == c.outline.Kind && was.Geometry.Equal(c.geometry) {
			if _, located := ranks[was.Kind]; located {
				g.after = append(g.after, c.cell())
			}
			continue
		}
		if there {
			if _, located := ranks[was.Kind]; located {
				widen(c.place.Community, was.Geometry)
			}
		}
		if _, located := ranks[c.outline.Kind]; located && c.outline.Ended == "" {
			widen(c.place.Community, c.geometry)
			g.after = append(g.after, c.cell())
		}
	}
	if len(boxes) == 0 {
		return nil, nil
	}
	for _, community := range sortedKeys(boxes) {
		g.Boxes = append(g.Boxes, boxes[community])
	}
	for _, c := range p.m.located {
		if !changed[c.Code] && g.intersects(c.Bound()) {
			g.after = append(g.after, c)
			p.observe(c.Partition)
			p.touched[c.Partition] = true
		}
	}
	shapes := make([]geo.Shape, len(g.after))
	for i, c := range g.after {
		shapes[i] = geo.Shape{Code: c.Code, Rank: ranks[c.Kind], Geometry: c.Geometry}
	}
	var err error
	g.locator, err = geo.NewLocator(shapes)
	return g, err
}

func (g *Ground) intersects(b orb.Bound) bool {
	for _, box := range g.Boxes {
		if box.Intersects(b) {
			return true
		}
	}
	return false
}

// cell is the cell as the change leaves it, as far as positions are concerned.
func (c *cellChange) cell() *Cell {
	out := &Cell{Code: c.code, Place: c.place, Outline: c.outline, Geometry: c.geometry}
	out.ID, out.Partition = c.place.Cell, c.place.Street
	return out
}
