package tile

import (
	"math"
	"math/rand/v2"
	"slices"
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

// narrow makes strips one above the other, from half a metre to a hundred high,
// that share crooked lines with vertices in other places than the next line's.
func narrow(strips, bends int) []Shape {
	rng := rand.New(rand.NewPCG(5, 5))
	const wide = 0.02
	line := func(south, wobble float64) (points []orb.Point) {
		points = append(points, orb.Point{120.6, south})
		for k := 1; k < bends; k++ {
			east := (float64(k) + rng.Float64()*0.9) / float64(bends+1)
			points = append(points, orb.Point{120.6 + wide*east, south + wobble*rng.Float64()})
		}
		return append(points, orb.Point{120.6 + wide, south})
	}
	south := 31.3
	below := line(south, 0)
	var shapes []Shape
	for i := range strips {
		height := 5e-6 * math.Pow(200, rng.Float64())
		south += height
		above := line(south, height*0.9)
		south += height * 0.9
		ring := append(orb.Ring{}, below...)
		for _, p := range slices.Backward(above) {
			ring = append(ring, p)
		}
		for k, p := range ring {
			ring[k] = geo.Snap(p)
		}
		shapes = append(shapes, Shape{uint64(i + 1), orb.MultiPolygon{{append(ring, ring[0])}}})
		below = above
	}
	return shapes
}
