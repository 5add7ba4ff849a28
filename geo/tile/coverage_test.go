package tile

import (
	"testing"

	"github.com/paulmach/orb"

	"wangge/geo"
)

// city is a coverage like that of a city: as many cells as columns × rows × 10
// in rectangles of some 1,000 by 1,100 m that touch, crooked, neighbours sharing
// their boundaries vertex by vertex.
func city(t testing.TB, columns, rows int) []Shape {
	t.Helper()
	const wide, high = 0.0105, 0.0099
	var shapes []Shape
	for i := range columns {
		for j := range rows {
			west, south := 120.6+float64(i)*wide, 31.2+float64(j)*high
			outline := orb.Bound{Min: geo.Snap(orb.Point{west, south}), Max: geo.Snap(orb.Point{west + wide, south + high})}.ToPolygon()
			groups, err := geo.Tessellate(outline, nil, 0, []int{10})
			if err != nil {
				t.Fatal(err)
			}
			for _, cell := range groups[0] {
				shapes = append(shapes, Shape{uint64(len(shapes) + 1), orb.MultiPolygon{cell}})
			}
		}
	}
	return shapes
}

func vertices(shapes []Shape) (n int) {
	for _, s := range shapes {
		for _, p := range s.Geometry {
			for _, r := range p {
				n += len(r) - 1
			}
		}
	}
	return n
}

// over is the tile of a zoom that a position lies in.
func over(p orb.Point, z uint32) ID {
	at := project(p)
	return ID{z, uint32(at.x >> (worldBits - z)), uint32(at.y >> (worldBits - z))}
}
