package geo

import "github.com/paulmach/orb"

// GridPoint is a point on the grid of 1e-7 degrees (about a centimetre), as things keep it.
type GridPoint struct {
	Lon int64 `store:"lonE7"`
	Lat int64 `store:"latE7"`
}

// ToGrid is the point of the grid that is nearest.
func ToGrid(p orb.Point) GridPoint {
	x, y := snap(p)
	return GridPoint{int64(x), int64(y)}
}

// At is the point in degrees.
func (g GridPoint) At() orb.Point {
	return orb.Point{float64(g.Lon) / gridPerDegree, float64(g.Lat) / gridPerDegree}
}
