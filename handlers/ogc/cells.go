package ogc

import (
	"encoding/base64"
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/geo"
	"wangge/handlers/wire"
)

// cellProperties are named as the import of cells names them, so that what is
// read here can be brought back in.
type cellProperties struct {
	Code          string    `json:"code"`
	Name          string    `json:"name"`
	Kind          area.Kind `json:"kind"`
	Parent        string    `json:"parent,omitempty"` // code of the basic cell that a micro one divides
	Community     string    `json:"community"`
	CommunityName string    `json:"communityName"`
	Street        string    `json:"street"`
	StreetName    string    `json:"streetName"`
	AreaM2        float64   `json:"areaM2"`
	ValidFrom     wire.Time `json:"validFrom"` // of the boundary: the feature's time
}

// cells are those of today, by code. Errors: domain.ErrCursor.
func (s *Features) cells(f filter) (found, error) {
	after, err := base64.RawURLEncoding.DecodeString(f.cursor)
	if err != nil || strings.Trim(string(after), "0123456789") != "" {
		return found{}, domain.ErrCursor
	}
	out, matched := found{}, int64(0)
	for _, c := range s.areas.Map().Cells() {
		if !s.passes(c, f) {
			continue
		}
		matched++
		switch {
		case c.Code <= string(after):
		case len(out.features) < f.limit:
			out.features = append(out.features, s.cellFeature(c))
		case out.next == "":
			out.next = base64.RawURLEncoding.EncodeToString([]byte(out.features[f.limit-1].ID))
		}
	}
	out.matched = &matched
	return out, nil
}

func (s *Features) cell(code string) (Feature, error) {
	c, ok := s.areas.Map().ByCode(code)
	if !ok {
		return Feature{}, domain.ErrNotFound
	}
	return s.cellFeature(c), nil
}

func (s *Features) passes(c *area.Cell, f filter) bool {
	if kind, asked := f.words["kind"]; asked && string(c.Kind) != kind {
		return false
	}
	if code, asked := f.words["community"]; asked {
		if community, _ := s.named(c.Place, access.Community); community != code {
			return false
		}
	}
	return f.time.holds(c.Since) && (f.boxes == nil || slices.ContainsFunc(f.boxes, func(b orb.Bound) bool {
		return geo.Intersects(c.Geometry, b)
	}))
}

func (s *Features) cellFeature(c *area.Cell) Feature {
	p := cellProperties{Code: c.Code, Name: c.Name, Kind: c.Kind, AreaM2: math.Round(c.AreaM2*10) / 10, ValidFrom: wire.Time(c.Since)}
	if parent, ok := s.areas.Map().ByID(c.Parent); ok {
		p.Parent = parent.Code
	}
	p.Community, p.CommunityName = s.named(c.Place, access.Community)
	p.Street, p.StreetName = s.named(c.Place, access.Street)
	return Feature{Type: "Feature", ID: c.Code, Geometry: &Geometry{"MultiPolygon", c.Geometry}, Properties: p}
}

func (s *Features) named(p access.Place, l access.Level) (code, name string) {
	if a, ok := s.areas.Tree().ByID(p.At(l)); ok {
		return a.Code, a.Name
	}
	return "", ""
}

// cellsExtent is the box around all cells and the times of the first and the
// latest boundary; nil while there are none.
func (s *Features) cellsExtent() *Extent {
	all := s.areas.Map().Cells()
	if len(all) == 0 {
		return nil
	}
	box, first, last := all[0].Bound(), all[0].Since, all[0].Since
	for _, c := range all[1:] {
		box = box.Union(c.Bound())
		if c.Since.Before(first) {
			first = c.Since
		}
		if c.Since.After(last) {
			last = c.Since
		}
	}
	out := within(box)
	out.Temporal = &Temporal{[][2]wire.Time{{wire.Time(first), wire.Time(last)}}, "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"}
	return out
}

func within(b orb.Bound) *Extent {
	return &Extent{Spatial: Spatial{[][4]float64{{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}}, crs84}}
}
