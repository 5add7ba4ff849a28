package tile

import (
	"fmt"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"
	mercator "github.com/paulmach/orb/project"
	"github.com/paulmach/orb/simplify"
)

// The middle of what city(t, 13, 13) covers, and tiles there that it fills
// less and less of.
var middle = orb.Point{120.668, 31.264}

// attributes are what a map of cells shows of each.
func attributes(shapes []Shape) [][]Property {
	var out [][]Property
	for i := range shapes {
		code := fmt.Sprintf("320571006%03d%03d", i/30, i%30)
		out = append(out, []Property{{"code", code}, {"name", "第" + code[9:] + "网格"}, {"kind", "basic"},
			{"community", code[:12]}, {"open", int64(i % 23)}, {"overdue", int64(i % 4)}})
	}
	return out
}

func BenchmarkDraw(b *testing.B) {
	for _, columns := range []int{1, 13, 55} {
		shapes := city(b, columns, columns)
		b.Run(fmt.Sprintf("%d cells", len(shapes)), func(b *testing.B) {
			size := 0
			for b.Loop() {
				d, err := Draw(shapes)
				if err != nil {
					b.Fatal(err)
				}
				size = d.size()
			}
			b.ReportMetric(float64(vertices(shapes))/float64(len(shapes)), "vertices/cell")
			b.ReportMetric(float64(size)/float64(len(shapes)), "kept-B/cell")
		})
	}
}

// size is how many bytes a drawing keeps.
func (d *Drawing) size() int {
	n := len(d.ids)*8 + len(d.boxes)*16
	for _, l := range d.levels {
		n += len(l.starts)*4 + len(l.data)
	}
	return n
}

func BenchmarkTile(b *testing.B) {
	shapes := city(b, 13, 13)
	properties := attributes(shapes)
	d, err := Draw(shapes)
	if err != nil {
		b.Fatal(err)
	}
	for _, z := range []uint32{8, 10, 11, 12, 14, 16, 20} {
		t := over(middle, z)
		b.Run(fmt.Sprintf("z%d", z), func(b *testing.B) {
			b.ReportAllocs()
			var bytes []byte
			for b.Loop() {
				builder := NewBuilder(t)
				builder.Polygons("cells", d, func(i int) ([]Property, bool) { return properties[i], true })
				bytes = builder.Bytes()
			}
			b.ReportMetric(float64(len(bytes)), "B/tile")
			b.ReportMetric(float64(len(d.Intersecting(t))), "cells")
		})
		b.Run(fmt.Sprintf("z%d peer=orb", z), func(b *testing.B) {
			var bytes []byte
			for b.Loop() {
				bytes = peer(t, shapes, properties)
			}
			b.ReportMetric(float64(len(bytes)), "B/tile")
		})
	}
}

// peer makes the tile the ordinary way: every cell is projected, simplified
// and cut for the tile by orb. Only the encoding is ours.
func peer(t ID, shapes []Shape, properties [][]Property) []byte {
	b := NewBuilder(t)
	l := b.layer("cells")
	bound := t.Bound()
	box := orb.Bound{Min: orb.Point{-buffer, -buffer}, Max: orb.Point{Extent + buffer, Extent + buffer}}
	low, high := mercator.WGS84.ToMercator(bound.Min), mercator.WGS84.ToMercator(bound.Max)
	scale := Extent / (high[0] - low[0])
	toTile := func(p orb.Point) orb.Point {
		m := mercator.WGS84.ToMercator(p)
		return orb.Point{(m[0] - low[0]) * scale, (high[1] - m[1]) * scale}
	}
	for i, s := range shapes {
		if !s.Geometry.Bound().Intersects(bound) {
			continue
		}
		m := mercator.MultiPolygon(s.Geometry.Clone(), toTile)
		m = simplify.DouglasPeucker(2).MultiPolygon(m)
		m = clip.MultiPolygon(box, m)
		var rings [][]point
		for _, polygon := range m {
			for _, r := range polygon {
				var ring []point
				for _, p := range r[1:] {
					if q := (point{int64(p[0]), int64(p[1])}); len(ring) == 0 || ring[len(ring)-1] != q {
						ring = append(ring, q)
					}
				}
				if len(ring) > 2 {
					rings = append(rings, ring)
				}
			}
		}
		if len(rings) > 0 {
			l.add(s.ID, properties[i], typePolygon, appendRings(nil, rings, point{}))
		}
	}
	return b.Bytes()
}
