package tile

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
)

// scattered are points in and around a city, some of them in the same place.
func scattered(n int) []orb.Point {
	rng := rand.New(rand.NewPCG(3, 3))
	points := make([]orb.Point, n)
	for i := range points {
		points[i] = orb.Point{120.6 + 0.03*rng.NormFloat64(), 31.3 + 0.03*rng.NormFloat64()}
		if i%10 == 9 {
			points[i] = points[i-9]
		}
	}
	return points
}

// tilesOf are the tiles of a zoom that points lie in.
func tilesOf(points []orb.Point, z uint32) map[ID][]int {
	tiles := map[ID][]int{}
	for i, p := range points {
		tiles[over(p, z)] = append(tiles[over(p, z)], i)
	}
	return tiles
}

func TestMortonGoesBothWays(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for range 10_000 {
		p := point{rng.Int64N(1 << 31), rng.Int64N(1 << 31)}
		code := morton(p)
		if place(code) != p || place(code>>2) != (point{p.x >> 1, p.y >> 1}) {
			t.Fatal(p)
		}
	}
	if morton(point{2, 1}) != 0b0110 || morton(point{1, 2}) != 0b1001 {
		t.Error(morton(point{2, 1}), morton(point{1, 2}))
	}
}

func TestPinsOfATile(t *testing.T) {
	points := append(scattered(3000), orb.Point{-180, 85.1}, orb.Point{180, -90}, orb.Point{0, 0}, orb.Point{math.NaN(), math.NaN()}, orb.Point{math.Inf(1), 400})
	pins := NewPins(points)
	for z := uint32(0); z <= MaxZoom; z++ {
		for id, want := range tilesOf(points, z) {
			got := slices.Sorted(slices.Values(pins.In(id)))
			if !slices.Equal(got, want) {
				t.Fatalf("%v: %v, want %v", id, got, want)
			}
		}
		if got := pins.In(ID{z, 0, 1<<z - 1}); z > 1 && len(got) != 0 {
			t.Fatalf("zoom %d: %v in the south-west of the world", z, got)
		}
	}
}

// Over the tiles of a zoom every pin that is kept is in one cluster; clusters
// lie where their members do.
func TestClusters(t *testing.T) {
	points := scattered(3000)
	pins := NewPins(points)
	keep := func(i int) bool { return i%3 > 0 }
	for z := uint32(0); z <= MaxZoom; z++ {
		count, squares := make([]int, len(points)), map[uint64]bool{}
		side := int64(Extent) >> clusterBits
		for id := range tilesOf(points, z) {
			if len(pins.Clusters(id, func(int) bool { return false })) != 0 {
				t.Fatal("clusters of nothing")
			}
			inTile := map[point]bool{}
			for _, c := range pins.Clusters(id, keep) {
				box := orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}
				for _, i := range c.Members {
					count[i]++
					at := toTile(id, project(points[i]))
					box = box.Extend(orb.Point{float64(at.x), float64(at.y)})
				}
				if !box.Contains(orb.Point{float64(c.at.x), float64(c.at.y)}) || min(c.at.x, c.at.y) < 0 || max(c.at.x, c.at.y) >= Extent {
					t.Fatalf("%v: a cluster at %v of members in %v", id, c.at, box)
				}
				in := point{c.at.x / side, c.at.y / side}
				if z <= ClusterZoom && (inTile[in] || squares[c.Square]) || c.Square >= 1<<53 {
					t.Fatalf("%v: two clusters in one square, %d", id, c.Square)
				}
				if z > ClusterZoom && len(c.Members) != 1 {
					t.Fatalf("%v: %d pins do not stand alone", id, len(c.Members))
				}
				inTile[in], squares[c.Square] = true, true
			}
		}
		for i, n := range count {
			if n == 1 != keep(i) {
				t.Fatalf("zoom %d: pin %d is in %d clusters", z, i, n)
			}
		}
	}
}

// A cluster at one zoom has another number than one in the same place at another.
func TestSquaresOfZoomsDiffer(t *testing.T) {
	pins := NewPins([]orb.Point{{-180, 85.06}})
	seen := map[uint64]bool{}
	for z := uint32(0); z <= MaxZoom; z++ {
		c := pins.Clusters(ID{Z: z}, func(int) bool { return true })
		if len(c) != 1 || seen[c[0].Square] {
			t.Fatal(z, c)
		}
		seen[c[0].Square] = true
	}
}

func TestPinsOfNothing(t *testing.T) {
	pins := NewPins(nil)
	if pins.In(ID{}) == nil || len(pins.In(ID{})) != 0 || pins.Clusters(ID{}, nil) != nil {
		t.Error(pins.In(ID{}))
	}
}
