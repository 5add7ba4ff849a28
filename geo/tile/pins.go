package tile

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"
)

const (
	// ClusterZoom is the deepest zoom at which pins close to each other are
	// shown as one.
	ClusterZoom = 15
	// clusterBits says that a tile is divided into 2^clusterBits squares each
	// way, of 64 pixels in a tile of 512.
	clusterBits = 3
)

// Pins are points on the map, sorted so that those of a tile, and of any
// square of it, are one run. They never change.
type Pins struct {
	codes   []uint64 // ascending
	indexes []int    // of the points that NewPins was given
}

// NewPins takes WGS-84 points. What web mercator does not show, beyond 85.05°
// north and south, counts as its border, and so does what is not a number.
func NewPins(points []orb.Point) *Pins {
	p := &Pins{make([]uint64, len(points)), make([]int, len(points))}
	codes := make([]uint64, len(points))
	for i, at := range points {
		codes[i], p.indexes[i] = morton(project(at)), i
	}
	slices.SortFunc(p.indexes, func(i, j int) int { return cmp.Or(cmp.Compare(codes[i], codes[j]), cmp.Compare(i, j)) })
	for k, i := range p.indexes {
		p.codes[k] = codes[i]
	}
	return p
}

// In returns the indexes of the points of a tile, which belong to no other
// tile of its zoom. They are not to be changed.
func (p *Pins) In(t ID) []int {
	from, to := p.run(t)
	return p.indexes[from:to:to]
}

func (p *Pins) run(t ID) (from, to int) {
	up := 2 * (worldBits - t.Z)
	square := morton(point{int64(t.X), int64(t.Y)})
	from, _ = slices.BinarySearch(p.codes, square<<up)
	n, _ := slices.BinarySearch(p.codes[from:], (square+1)<<up)
	return from, from + n
}

// Cluster is what is shown as one point of a tile.
type Cluster struct {
	Members []int  // indexes of the points, at least one
	Square  uint64 // names the square that the members share, unlike any other of any zoom; below 2^53
	at      point  // the mean of the members, in the tile
}

// Clusters gathers the pins of a tile that keep wants, by the index of their
// point. Up to ClusterZoom those in the same 64th of the tile are one cluster,
// at the mean of its members; at deeper zooms every pin stands alone. Over the
// tiles of a zoom every pin wanted is in exactly one cluster.
func (p *Pins) Clusters(t ID, keep func(i int) bool) []Cluster {
	from, to := p.run(t)
	kept, codes := make([]int, 0, to-from), make([]uint64, 0, to-from)
	for k := from; k < to; k++ {
		if keep(p.indexes[k]) {
			kept, codes = append(kept, p.indexes[k]), append(codes, p.codes[k])
		}
	}
	depth := t.Z + clusterBits
	up := 2 * (worldBits - depth)
	var out []Cluster
	for start := 0; start < len(kept); {
		end := start + 1
		for t.Z <= ClusterZoom && end < len(kept) && codes[end]>>up == codes[start]>>up {
			end++
		}
		out = append(out, Cluster{kept[start:end:end], codes[start]>>up | 1<<(2*depth), mean(t, codes[start:end])})
		start = end
	}
	return out
}

// mean is the middle of positions in the coordinates of the tile they are in.
func mean(t ID, codes []uint64) point {
	var x, y int64
	for _, code := range codes {
		at := place(code)
		x, y = x+at.x, y+at.y
	}
	n := int64(len(codes))
	return toTile(t, point{x / n, y / n})
}

// toTile gives a position of the world in the coordinates of the tile it is in.
func toTile(t ID, at point) point {
	up := worldBits - t.Z
	unit := func(world int64, tile uint32) int64 { return (world - int64(tile)<<up) * Extent >> up }
	return point{unit(at.x, t.X), unit(at.y, t.Y)}
}
