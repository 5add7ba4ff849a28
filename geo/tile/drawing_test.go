package tile

import (
	"bytes"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/paulmach/orb"
)

// polygons decodes the one layer of a tile that shows all shapes of a drawing.
func polygons(t testing.TB, d *Drawing, id ID) []decodedFeature {
	t.Helper()
	b := NewBuilder(id)
	b.Polygons("cells", d, func(int) ([]Property, bool) { return nil, true })
	layers, err := decode(b.Bytes())
	if err != nil {
		t.Fatal(id, err)
	}
	if layers == nil {
		return nil
	}
	return layers[0].features
}

func area2(rings [][]point) (sum int64) {
	for _, ring := range rings {
		a := ring[len(ring)-1]
		for _, b := range ring {
			sum += a.x*b.y - b.x*a.y
			a = b
		}
	}
	return sum
}

// holds is the crossing test for all rings at once.
func holds(rings [][]point, x, y float64) (inside bool) {
	for _, ring := range rings {
		a := ring[len(ring)-1]
		for _, b := range ring {
			if (float64(a.y) <= y) != (float64(b.y) <= y) &&
				x < float64(a.x)+(y-float64(a.y))/float64(b.y-a.y)*float64(b.x-a.x) {
				inside = !inside
			}
			a = b
		}
	}
	return inside
}

// In every tile the cells of a coverage show every point of it once and none
// outside; together they are as large as the part of the coverage in the tile.
func TestTilesShowTheCoverage(t *testing.T) { showTheCoverage(t, city(t, 13, 13)) }

// The lines inside a shape vanish: cells drawn as one are what they cover together.
func TestLinesWithinAShapeVanish(t *testing.T) {
	cells := city(t, 13, 13)
	of := func(most int) (joined []Shape) {
		for i, s := range cells {
			if i%most == 0 {
				joined = append(joined, Shape{ID: uint64(len(joined) + 1)})
			}
			last := &joined[len(joined)-1]
			last.Geometry = append(last.Geometry, s.Geometry...)
		}
		return joined
	}
	showTheCoverage(t, of(37)) // parts of blocks, and in several pieces
	one := of(len(cells))
	showTheCoverage(t, one)
	d, err := Draw(one)
	if err != nil {
		t.Fatal(err)
	}
	if f := polygons(t, d, over(cells[0].Geometry[0][0][0], 8)); len(f) != 1 || len(f[0].rings) != 1 || len(f[0].rings[0]) != 4 {
		t.Errorf("a rectangle of %d cells is drawn as %v", len(cells), f)
	}
}

func showTheCoverage(t *testing.T, shapes []Shape) {
	t.Helper()
	d, err := Draw(shapes)
	if err != nil {
		t.Fatal(err)
	}
	outline := shapes[0].Geometry.Bound()
	for _, s := range shapes {
		outline = outline.Union(s.Geometry.Bound())
	}
	northWest, southEast := orb.Point{outline.Min[0], outline.Max[1]}, orb.Point{outline.Max[0], outline.Min[1]}
	rng := rand.New(rand.NewPCG(1, 1))
	for z := uint32(0); z <= MaxZoom; z++ {
		first, last := over(northWest, z), over(southEast, z)
		for id := first; id.X <= last.X; id.X++ {
			for id.Y = first.Y; id.Y <= last.Y; id.Y++ {
				if z > 14 && rng.IntN(1<<(2*(z-14))) > 3 {
					continue // so many are enough
				}
				features := polygons(t, d, id)
				sum := int64(0)
				for _, f := range features {
					if err := simple(f.rings); err != nil {
						t.Fatalf("%v: cell %d: %v", id, f.id, err)
					}
					sum += area2(f.rings)
				}
				want := 2 * shown(northWest, southEast, id)
				if z >= 10 && sum != want { // before, corners of the city are cut
					t.Fatalf("%v: cells have the area %d/2, the city %d/2", id, sum, want)
				}
				for range 30 {
					x, y := rng.Float64()*Extent, rng.Float64()*Extent
					hits := 0
					for _, f := range features {
						if holds(f.rings, x, y) {
							hits++
						}
					}
					if hits > 1 || hits == 0 && want == 2*(Extent+2*buffer)*(Extent+2*buffer) {
						t.Fatalf("%v: %g,%g is in %d cells", id, x, y, hits)
					}
				}
			}
		}
	}
}

// shown is the area of a box as far as a tile with its buffer shows it.
func shown(northWest, southEast orb.Point, id ID) int64 {
	part := func(from, to int64, tile uint32) int64 {
		// Rounded zoom by zoom to the unit, from the deepest that is kept.
		unit := func(world int64) int64 {
			if id.Z <= deepest {
				return world >> (worldBits - 12 - id.Z)
			}
			return world >> (worldBits - 12 - deepest) << (id.Z - deepest)
		}
		origin := int64(tile) * Extent
		return max(0, min(unit(to), origin+Extent+buffer)-max(unit(from), origin-buffer))
	}
	a, b := project(northWest), project(southEast)
	return part(a.x, b.x, id.X) * part(a.y, b.y, id.Y)
}

// Tiles are made side by side from one drawing.
func TestTilesSideBySide(t *testing.T) {
	d, err := Draw(city(t, 3, 3))
	if err != nil {
		t.Fatal(err)
	}
	show := func(z uint32) []byte {
		b := NewBuilder(over(orb.Point{120.61, 31.21}, z))
		b.Polygons("cells", d, func(int) ([]Property, bool) { return nil, true })
		return b.Bytes()
	}
	var alone [MaxZoom + 1][]byte
	for z := range alone {
		alone[z] = show(uint32(z))
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for z := range alone {
				if !bytes.Equal(show(uint32(z)), alone[z]) {
					t.Errorf("another tile at zoom %d", z)
				}
			}
		})
	}
	group.Wait()
}
