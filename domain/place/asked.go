package place

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/geo"
	"wangge/store"
)

// Asked is where somebody says that a thing lies. Of several ways to say it a
// position goes first, then a household, then an address.
type Asked struct {
	Position  *orb.Point // WGS-84
	Datum     geo.Datum  // the position came in
	AccuracyM *float64
	Household string // id
	Address   string // a text that has to be found
	Area      string // code of an area that it lies in, as the sender says; "": not said
}

// Found is what became of it.
type Found struct {
	Street     string      // id of the street that it lies in
	Position   *Position   // nil while no more than the street is known
	Text       string      // the address as the list has it that it was found in; "" of a position
	Confidence float64     // that it lies there, 0 to 1; 1 for a position that was given
	Candidates []Candidate // while there is no position: where it may lie, the best first
}

// Given is what is found of a position that was given.
func Given(at orb.Point, d geo.Datum, accuracyM *float64) *Found {
	return &Found{Position: new(PositionAt(at, d, accuracyM)), Confidence: 1}
}

// Where a candidate comes from.
const (
	FromStandard   = "standard"  // an imported list
	FromHouseholds = "household" // those on record
	FromAMap       = "amap"      // a geocoder
	FromTianditu   = "tianditu"  // likewise
)

// SourceWords are where candidates come from.
var SourceWords = domain.NewEnum("AddressSource", domain.W(FromStandard, "标准地址", "standard addresses"), domain.W(FromHouseholds, "在册住户", "households on record"),
	domain.W(FromAMap, "高德地图", "AMap"), domain.W(FromTianditu, "天地图", "Tianditu"))

// Candidate is a place that an address may mean.
type Candidate struct {
	ID         string       `store:"id"`     // names it to who chooses it
	Source     string       `store:"source"` // one of SourceWords
	Text       string       `store:"text"`
	Position   Position     `store:"position"`
	Place      access.Place `store:"place"` // that the position lay in
	Confidence float64      `store:"confidence"`
}

// Is reports whether a text names the candidate: its id, or the code of a standard address.
func (c Candidate) Is(name string) bool {
	_, code, _ := strings.Cut(c.ID, ":")
	return c.ID == name || c.Source == FromStandard && code == name
}

// Locate finds where a thing lies, as far as the actor may know of what lies there.
// Errors: InvalidError at /position, /household, /address or /area.
type Locate func(ctx context.Context, actor access.Actor, now time.Time, asked Asked) (*Found, error)

// RouteFound is Route for what was found: without a position the spot is the
// street, without community and cell.
func RouteFound(ctx context.Context, areas *area.Areas, found *Found, pointer string, change func(street string, spot func(*store.Tx) (area.Spot, error)) error) error {
	if found.Position != nil {
		return Route(ctx, areas, found.Position.At(), pointer, change)
	}
	spot, ok := StreetOf(areas, found.Street)
	if !ok {
		return domain.Invalid(pointer, Outside)
	}
	return change(spot.Street, func(*store.Tx) (area.Spot, error) { return spot, nil })
}

// OnlyStreet is the street that all grants of the actor lie in; false where these
// are of several, of something wider, or none.
func OnlyStreet(areas *area.Areas, actor access.Actor) (id string, ok bool) {
	for _, g := range slices.Concat(actor.Grants, actor.Posting) {
		if g.Area == "" && g.Role != access.Admin {
			continue // of no place
		}
		p, known := placeOf(areas, access.Scope{Level: g.Level, ID: g.Area})
		if g.Area == "" || !known || p.Street == "" || id != "" && p.Street != id {
			return "", false
		}
		id = p.Street
	}
	return id, id != ""
}

// StreetOf is the spot of what lies somewhere in a street, or in the one that it became.
func StreetOf(areas *area.Areas, id string) (area.Spot, bool) {
	if heirs := areas.Tree().Heirs(id); len(heirs) > 0 {
		id = heirs[len(heirs)-1]
	}
	a, ok := areas.Tree().ByID(id)
	if !ok || a.Place.Street != a.ID {
		return area.Spot{}, false
	}
	return area.Spot{Place: a.Place, Street: a.ID}, true
}
