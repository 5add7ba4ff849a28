package web

import (
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/geo"
)

const (
	AcceptDatum  = "Accept-Datum"
	contentDatum = "Content-Datum"
)

// readDatum lets a header say, for a whole app, which datum positions are
// asked for in, where the query does not. It does not speak of files: what
// they are in, the query says.
func (r *Request) readDatum() error {
	if !r.route.AnswersDatum() {
		return nil
	}
	r.datumAsked = true
	if r.Query.Get("datum") != "" {
		return nil
	}
	named := r.Header(AcceptDatum)
	if named == "" {
		return nil
	}
	d, known := geo.ParseDatum(named)
	if !known {
		e := &domain.InvalidError{}
		e.Add(AcceptDatum, domain.T("应为 wgs84、cgcs2000、gcj02 或 bd09", "must be wgs84, cgcs2000, gcj02 or bd09"))
		return &queryError{e}
	}
	r.Query.set("datum", string(d))
	if d != geo.WGS84 {
		r.datumNamed = string(d)
	}
	return nil
}

// Datum reads the datum positions are asked for in; WGS-84 when absent.
func (r *Request) Datum() (geo.Datum, error) {
	text, ok := r.Query.Find("datum")
	if !ok {
		return geo.WGS84, nil
	}
	d, known := geo.ParseDatum(text)
	if !known {
		return d, BadWord("datum", DatumWords)
	}
	return d, nil
}

// BBox reads west,south,east,north in the datum asked for; ok is false when absent.
func (r *Request) BBox(d geo.Datum) (b orb.Bound, ok bool, err error) {
	text, given := r.Query.Find("bbox")
	if !given {
		return b, false, nil
	}
	wrong := BadQuery("bbox", "应为 西,南,东,北（经度在前）", "must be west,south,east,north (longitude first)")
	parts := strings.Split(text, ",")
	if len(parts) != 4 {
		return b, false, wrong
	}
	var v [4]float64
	for i, p := range parts {
		if v[i], err = strconv.ParseFloat(strings.TrimSpace(p), 64); err != nil {
			return b, false, wrong
		}
	}
	low, high := orb.Point{v[0], v[1]}, orb.Point{v[2], v[3]}
	if !geo.ValidPoint(low) || !geo.ValidPoint(high) || v[0] > v[2] || v[1] > v[3] {
		return b, false, wrong
	}
	low, high = geo.ToWGS84(low, d), geo.ToWGS84(high, d)
	return orb.Bound{Min: low, Max: high}, true, nil
}

// Datum is the word for a datum in bodies.
type Datum string

// Enum is the words there are.
func (Datum) Enum() domain.Enum { return DatumWords }

// DatumWords are the datums that positions may be in.
var DatumWords = domain.NewEnum("Datum", domain.W(geo.WGS84, "WGS-84", "WGS-84"), domain.W(geo.CGCS2000, "国家大地坐标系 CGCS2000", "CGCS2000"),
	domain.W(geo.GCJ02, "火星坐标 GCJ-02", "GCJ-02"), domain.W(geo.BD09, "百度坐标 BD-09", "BD-09"))

// PositionIn is a position as clients send it: the datum must be said.
type PositionIn struct {
	Lon       float64           `json:"lon" need:"true"`
	Lat       float64           `json:"lat" need:"true"`
	Datum     Datum             `json:"datum" need:"true"`
	AccuracyM Nullable[float64] `json:"accuracyM"`
}

// PositionOut is a position in the datum the client asked for.
type PositionOut struct {
	Lon       float64   `json:"lon"`
	Lat       float64   `json:"lat"`
	Datum     geo.Datum `json:"datum"`
	AccuracyM *float64  `json:"accuracyM,omitempty"`
}

// Read checks the position and returns it in WGS-84; what is wrong is added to bad under pointer.
func (p *PositionIn) Read(pointer string, bad *domain.InvalidError) (at orb.Point) {
	d, known := geo.ParseDatum(string(p.Datum))
	if !known {
		bad.Add(pointer+"/datum", DatumWords.Fault())
	}
	if m := p.AccuracyM.Value; m != nil && (*m < 0 || *m > 100_000) {
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

// PositionTo renders a WGS-84 position in a datum, to about a centimetre.
func PositionTo(at orb.Point, d geo.Datum, accuracy *float64) *PositionOut {
	q := geo.Snap(geo.FromWGS84(at, d))
	return &PositionOut{q[0], q[1], d, accuracy}
}
