// Package tile draws polygons and points as Mapbox vector tiles, version 2.1
// (https://github.com/mapbox/vector-tile-spec/tree/master/2.1). It knows
// geometry and the encoding: not what the shapes are, who may see them, nor
// how a tile travels.
//
// What all tiles share is worked out once: a Drawing holds polygons projected,
// simplified and encoded for every zoom, Pins hold points in an order in which
// those of any tile are one run. A Builder makes one tile of them.
package tile

import (
	"fmt"
	"math"
	"strconv"

	"github.com/paulmach/orb"
)

const (
	// MaxZoom is the deepest zoom there are tiles for.
	MaxZoom = 22
	// Extent is the width of a tile in its own coordinates, 8 to a pixel of
	// the usual 512 pixel tile.
	Extent = 4096
	// buffer is how far polygons reach beyond their tile, so that their
	// cut-off sides stay out of sight.
	buffer = 64
)

// ID is a tile of the web mercator pyramid: column X counted from the west,
// row Y from the north, both below 2^Z.
type ID struct{ Z, X, Y uint32 }

// RangeError says that a coordinate is not a whole number from 0 to Most.
type RangeError struct {
	Axis string // "z", "x" or "y"
	Most uint32
}

func (e *RangeError) Error() string {
	return fmt.Sprintf("%s is not a whole number from 0 to %d", e.Axis, e.Most)
}

// Parse reads the coordinates of a tile, in decimal. The error is a
// *RangeError about the first that is wrong, in the order z, x, y.
func Parse(z, x, y string) (ID, error) {
	var t ID
	most := uint32(MaxZoom)
	for _, c := range []struct {
		axis, text string
		to         *uint32
	}{{"z", z, &t.Z}, {"x", x, &t.X}, {"y", y, &t.Y}} {
		n, err := strconv.ParseUint(c.text, 10, 32)
		if err != nil || uint32(n) > most {
			return ID{}, &RangeError{c.axis, most}
		}
		*c.to = uint32(n)
		most = 1<<t.Z - 1
	}
	return t, nil
}

// Bound is the tile's box in WGS-84 degrees.
func (t ID) Bound() orb.Bound {
	north, south := latitude(t.Y, t.Z), latitude(t.Y+1, t.Z)
	west, east := longitude(t.X, t.Z), longitude(t.X+1, t.Z)
	return orb.Bound{Min: orb.Point{west, south}, Max: orb.Point{east, north}}
}

func longitude(x, z uint32) float64 {
	return math.Ldexp(float64(x), -int(z))*360 - 180
}

func latitude(y, z uint32) float64 {
	return math.Atan(math.Sinh(math.Pi*(1-math.Ldexp(float64(y), 1-int(z))))) * 180 / math.Pi
}

// worldBits is the number of bits of each coordinate in the world that points
// are projected to: the units of zoom 19, 1.9 cm wide at the equator, which is
// the most that leaves room for exact products of differences in 64 bits.
const worldBits = 31

// point is a position in units of some zoom, x to the east, y to the south.
type point struct{ x, y int64 }

// project gives the unit of the world that a WGS-84 position lies in. What web
// mercator does not show counts as its border.
func project(p orb.Point) point {
	sin := math.Sin(math.Max(-90, math.Min(p[1], 90)) * math.Pi / 180)
	return point{axis(p[0]/360 + 0.5), axis(0.5 - math.Atanh(sin)/(2*math.Pi))}
}

// axis scales a share of the world's width to units.
func axis(share float64) int64 {
	if !(share > 0) { // not-a-number too
		return 0
	}
	return int64(math.Min(share*(1<<worldBits), 1<<worldBits-1))
}
