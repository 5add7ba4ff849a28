package tile

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
)

// FuzzDraw draws shapes that need not be sound in any way: tiles are valid
// nevertheless.
func FuzzDraw(f *testing.F) {
	f.Add([]byte("\x10\x10\x11\x10\x11\x11\x01\x20\x10\x11\x10\x12\x11"))
	f.Add([]byte("\x10\x10\x20\x20\x20\x10\x10\x20\x00\x12\x12\x13\x13\x13\x12\x03\x08\x09"))
	f.Add([]byte("\x00\x05\x05\x06\x02\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7"))
	f.Fuzz(func(t *testing.T, data []byte) {
		shapes := shapesOf(data)
		d, err := Draw(shapes)
		if err != nil {
			return // not a number
		}
		for z := uint32(0); z <= MaxZoom; z++ {
			for _, p := range []orb.Point{{120.6, 31.3}, {120.6001, 31.2999}, {-180, 90}} {
				polygons(t, d, over(p, z))
			}
		}
	})
}

// shapesOf reads bytes as steps of a pen: a few end a ring, a polygon, a shape
// or jump far away, the rest are places on a small grid, fine or coarse.
func shapesOf(data []byte) []Shape {
	far := []float64{0, 180, -180, 90, -90, 85.06, 1e300, math.Inf(1), math.Inf(-1), math.NaN()}
	var shapes []Shape
	var polygons orb.MultiPolygon
	var polygon orb.Polygon
	var ring orb.Ring
	scale := 1e-3
	for i, b := range data {
		switch b {
		case 0:
			polygon, ring = append(polygon, ring), nil
		case 1:
			polygons, polygon, ring = append(polygons, append(polygon, ring)), nil, nil
		case 2:
			shapes = append(shapes, Shape{uint64(i), append(polygons, append(polygon, ring))})
			polygons, polygon, ring = nil, nil, nil
		case 3:
			ring = append(ring, orb.Point{far[i%len(far)], far[(i/2)%len(far)]})
		case 4, 5, 6, 7:
			scale = []float64{1e-7, 1e-5, 1e-3, 10}[b-4]
		default:
			ring = append(ring, orb.Point{120.6 + float64(b>>4)*scale, 31.3 - float64(b&15)*scale})
		}
	}
	return append(shapes, Shape{uint64(len(data)), append(polygons, append(polygon, ring))})
}
