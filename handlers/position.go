package handlers

import (
	"math"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/geo"
)

// positionIn is a position as clients send it: the datum must be said.
type positionIn struct {
	Lon       float64           `json:"lon" need:"true"`
	Lat       float64           `json:"lat" need:"true"`
	Datum     datum             `json:"datum" need:"true"`
	AccuracyM nullable[float64] `json:"accuracyM"`
}

// positionOut is a position in the datum the client asked for.
type positionOut struct {
	Lon       float64   `json:"lon"`
	Lat       float64   `json:"lat"`
	Datum     geo.Datum `json:"datum"`
	AccuracyM *float64  `json:"accuracyM,omitempty"`
}

// read checks the position and returns it in WGS-84; what is wrong is added to bad under pointer.
func (p *positionIn) read(pointer string, bad *domain.InvalidError) (at orb.Point) {
	d, known := geo.ParseDatum(string(p.Datum))
	if !known {
		bad.Add(pointer+"/datum", datumWords.Fault())
	}
	if m := p.AccuracyM.value; m != nil && (*m < 0 || *m > 100_000) {
		bad.Add(pointer+"/accuracyM", domain.T("精度应为 0 到 100000 米", "must be 0 to 100000 metres"))
	}
	at = orb.Point{p.Lon, p.Lat}
	switch {
	case geo.LooksSwapped(at):
		bad.Add(pointer, domain.T("经纬度疑似颠倒", "longitude and latitude look swapped"))
	case !geo.ValidPoint(at):
		bad.Add(pointer, domain.T("坐标超出范围", "the coordinates are out of range"))
	}
	return geo.ToWGS84(at, d)
}

// positionTo renders a WGS-84 position in a datum, to about a centimetre.
func positionTo(at orb.Point, d geo.Datum, accuracy *float64) *positionOut {
	q := geo.FromWGS84(at, d)
	round := func(x float64) float64 { return math.Round(x*1e7) / 1e7 }
	return &positionOut{round(q[0]), round(q[1]), d, accuracy}
}
