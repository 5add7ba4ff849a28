package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// Datum names the coordinate system that a position was stated in.
type Datum string

const (
	WGS84    Datum = "wgs84"    // raw GNSS
	CGCS2000 Datum = "cgcs2000" // national datum, within about 1 m of WGS-84 and treated as equal to it
	GCJ02    Datum = "gcj02"    // AMap, Tencent: WGS-84 shifted by hundreds of metres
	BD09     Datum = "bd09"     // Baidu: GCJ-02 shifted once more
)

// ParseDatum returns the datum of that exact name.
func ParseDatum(name string) (Datum, bool) {
	switch d := Datum(name); d {
	case WGS84, CGCS2000, GCJ02, BD09:
		return d, true
	}
	return "", false
}

// ToWGS84 converts a point stated in datum d. It inverts FromWGS84 to well
// under a centimetre: the published one-step formulas for the way back are up
// to metres off, so the forward shift is iterated instead.
func ToWGS84(p orb.Point, d Datum) orb.Point {
	switch d {
	case GCJ02:
		return invert(p, gcj02)
	case BD09:
		return invert(invert(p, bd09), gcj02)
	}
	return p
}

// FromWGS84 converts a WGS-84 point to datum d.
func FromWGS84(p orb.Point, d Datum) orb.Point {
	switch d {
	case GCJ02:
		return gcj02(p)
	case BD09:
		return bd09(gcj02(p))
	}
	return p
}

// ValidPoint reports whether p is a finite longitude and latitude.
func ValidPoint(p orb.Point) bool {
	return p[0] >= -180 && p[0] <= 180 && p[1] >= -90 && p[1] <= 90
}

// InService reports whether p lies in the box around China, 73–136° E and
// 3–54° N, outside of which a position is most likely a mistake.
func InService(p orb.Point) bool {
	return p[0] >= 73 && p[0] <= 136 && p[1] >= 3 && p[1] <= 54
}

// LooksSwapped reports whether p is out of service but would be in service
// with its two numbers exchanged: latitude was written first.
func LooksSwapped(p orb.Point) bool {
	return !InService(p) && InService(orb.Point{p[1], p[0]})
}

// invert finds the q with shift(q) = p. Both shifts are an offset that varies
// by a few per cent of the distance moved, so each step of the iteration
// gains more than a digit; it stops at about 10 µm.
func invert(p orb.Point, shift func(orb.Point) orb.Point) orb.Point {
	q := p
	for range 16 {
		r := shift(q)
		dx, dy := r[0]-p[0], r[1]-p[1]
		q[0] -= dx
		q[1] -= dy
		if math.Abs(dx) < 1e-10 && math.Abs(dy) < 1e-10 {
			break
		}
	}
	return q
}

// gcj02 shifts a WGS-84 point by the formula found in every open
// implementation, on the Krasovsky 1940 ellipsoid. The same implementations
// apply it inside the box 72.004–137.8347° E, 0.8293–55.8271° N and nowhere
// else; this one follows them, so neighbouring countries inside that box are
// shifted too and the shift is the identity beyond it.
func gcj02(p orb.Point) orb.Point {
	if !(p[0] >= 72.004 && p[0] <= 137.8347 && p[1] >= 0.8293 && p[1] <= 55.8271) {
		return p
	}
	const (
		a  = 6378245.0
		e2 = 0.00669342162296594323
	)
	x, y := p[0]-105, p[1]-35
	wave := 20*math.Sin(6*math.Pi*x) + 20*math.Sin(2*math.Pi*x)
	north := -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*math.Sqrt(math.Abs(x)) +
		(wave+20*math.Sin(math.Pi*y)+40*math.Sin(math.Pi/3*y)+
			160*math.Sin(math.Pi/12*y)+320*math.Sin(math.Pi/30*y))*2/3
	east := 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*math.Sqrt(math.Abs(x)) +
		(wave+20*math.Sin(math.Pi*x)+40*math.Sin(math.Pi/3*x)+
			150*math.Sin(math.Pi/12*x)+300*math.Sin(math.Pi/30*x))*2/3
	sin, cos := math.Sincos(p[1] * math.Pi / 180)
	w := 1 - e2*sin*sin
	perDegreeNorth := a * (1 - e2) / (w * math.Sqrt(w)) * math.Pi / 180
	perDegreeEast := a / math.Sqrt(w) * cos * math.Pi / 180
	return orb.Point{p[0] + east/perDegreeEast, p[1] + north/perDegreeNorth}
}

// bd09 shifts a GCJ-02 point. Unlike gcj02 it knows no border.
func bd09(p orb.Point) orb.Point {
	const k = math.Pi * 3000 / 180
	z := math.Hypot(p[0], p[1]) + 0.00002*math.Sin(p[1]*k)
	theta := math.Atan2(p[1], p[0]) + 0.000003*math.Cos(p[0]*k)
	sin, cos := math.Sincos(theta)
	return orb.Point{z*cos + 0.0065, z*sin + 0.006}
}
