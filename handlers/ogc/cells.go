package ogc

import (
	"slices"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
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
	ValidFrom     time.Time `json:"validFrom"` // of the boundary: the feature's time is from then on
}

// cells are those of today, by code.
func (s *Features) cells(f filter) (found, error) {
	out, matched := found{}, int64(0)
	for _, c := range s.areas.Map().Cells() {
		if !s.passes(c, f) {
			continue
		}
		matched++
		switch {
		case c.Code <= f.cursor:
		case len(out.features) < f.limit:
			out.features = append(out.features, s.cellFeature(c))
		case out.next == "":
			out.next = out.features[len(out.features)-1].ID
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
	if kind := f.words["kind"]; kind != "" && string(c.Kind) != kind {
		return false
	}
	if code := f.words["community"]; code != "" && s.codeOf(c.Place.Community) != code {
		return false
	}
	if !f.time.to.IsZero() && c.Since.After(f.time.to) {
		return false
	}
	return f.boxes == nil || slices.ContainsFunc(f.boxes, func(b orb.Bound) bool { return meets(c, b) })
}

// meets reports whether the cell and the box share a point, to about a centimetre.
func meets(c *area.Cell, b orb.Bound) bool {
	b = b.Pad(5e-8)
	return b.Intersects(c.Bound()) && len(clip.MultiPolygon(b, c.Geometry.Clone())) > 0
}

func (s *Features) cellFeature(c *area.Cell) Feature {
	p := cellProperties{Code: c.Code, Name: c.Name, Kind: c.Kind, AreaM2: c.AreaM2, ValidFrom: c.Since}
	if parent, ok := s.areas.Map().ByID(c.Parent); ok {
		p.Parent = parent.Code
	}
	p.Community, p.CommunityName = s.named(c.Place, access.Community)
	p.Street, p.StreetName = s.named(c.Place, access.Street)
	return Feature{Type: "Feature", ID: c.Code, Geometry: Geometry{"MultiPolygon", c.Geometry}, Properties: p}
}

func (s *Features) named(p access.Place, l access.Level) (code, name string) {
	if a, ok := s.areas.Tree().ByID(p.At(l)); ok {
		return a.Code, a.Name
	}
	return "", ""
}

func (s *Features) codeOf(id string) string {
	if a, ok := s.areas.Tree().ByID(id); ok {
		return a.Code
	}
	return ""
}

// extent is the box around all cells and, if it is asked for, the time since
// when there are such; nil while there are none.
func (s *Features) extent(temporal bool) *Extent {
	all := s.areas.Map().Cells()
	if len(all) == 0 {
		return nil
	}
	box, since := all[0].Bound(), all[0].Since
	latest := since
	for _, c := range all[1:] {
		box = box.Union(c.Bound())
		if c.Since.Before(since) {
			since = c.Since
		}
		if c.Since.After(latest) {
			latest = c.Since
		}
	}
	out := &Extent{Spatial: Spatial{[][4]float64{{box.Min[0], box.Min[1], box.Max[0], box.Max[1]}}, crs84}}
	if temporal {
		stamp := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
		out.Temporal = &Temporal{[][2]string{{stamp(since), stamp(latest)}}, "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"}
	}
	return out
}
