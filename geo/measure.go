package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// Distance is the great-circle distance in metres on the mean sphere, within
// 0.3 % of the ellipsoid's.
func Distance(a, b orb.Point) float64 {
	const rad = math.Pi / 180
	h := math.Pow(math.Sin((b[1]-a[1])*rad/2), 2) +
		math.Cos(a[1]*rad)*math.Cos(b[1]*rad)*math.Pow(math.Sin((b[0]-a[0])*rad/2), 2)
	return 2 * 6371008.8 * math.Asin(math.Min(1, math.Sqrt(h)))
}

// AreaM2 is the area in square metres on the WGS-84 ellipsoid, holes taken
// off, whatever the winding. Edges are straight in longitude and latitude, as
// GeoJSON has them, so a vertex added on an edge changes nothing and the areas
// of a partition add up to the area of the whole.
func AreaM2(m orb.MultiPolygon) float64 {
	sum := 0.0
	for _, polygon := range m {
		for i, ring := range polygon {
			if area := math.Abs(ringAreaM2(ring)); i == 0 {
				sum += area
			} else {
				sum -= area
			}
		}
	}
	return sum
}

// ringAreaM2 is positive for a counter-clockwise ring. It integrates the area
// between each edge and the first vertex's parallel, so that small rings keep
// their digits, by Simpson's rule.
func ringAreaM2(ring orb.Ring) float64 {
	if len(ring) == 0 {
		return 0
	}
	const a = 6378137.0
	sum, base := 0.0, authalic(ring[0][1])
	before := 0.0
	for i := 1; i < len(ring); i++ {
		here := authalic(ring[i][1]) - base
		middle := authalic((ring[i-1][1]+ring[i][1])/2) - base
		sum -= (ring[i][0] - ring[i-1][0]) * math.Pi / 180 * (before + 4*middle + here) / 6
		before = here
	}
	return sum * a * a / 2
}

// authalic is Snyder's q (Map Projections, 3-12): the area between the equator
// and a latitude, per radian of longitude, in units of half the equatorial
// radius squared.
func authalic(lat float64) float64 {
	const (
		e2 = 0.0066943799901413165
		e  = 0.0818191908426215
	)
	s := math.Sin(lat * math.Pi / 180)
	return (1 - e2) * (s/(1-e2*s*s) + math.Atanh(e*s)/e)
}

// metresPerDegree gives the length of a degree of longitude and of latitude
// at a latitude of the WGS-84 ellipsoid.
func metresPerDegree(lat float64) (east, north float64) {
	phi := lat * math.Pi / 180
	return 111412.84*math.Cos(phi) - 93.5*math.Cos(3*phi) + 0.118*math.Cos(5*phi),
		111132.954 - 559.822*math.Cos(2*phi) + 1.175*math.Cos(4*phi)
}
