// Package place answers two questions that everything lying in the streets
// asks alike: where a position lies as of this update, and in which places a
// reader's list looks. It knows areas and rules of access, and no thing that lies there.
package place

import (
	"context"
	"errors"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/area"
	"wangge/geo"
	"wangge/store"
)

// FarOut is how far outside every cell a position still belongs to the nearest street, in metres.
const FarOut = 20_000

// Outside is said of a position outside the area served.
var Outside = domain.T("位置不在服务范围内", "the position is outside the area served")

// Position is where a thing lies, in WGS-84.
type Position struct {
	geo.GridPoint `store:",inline"`
	Key           int64     `store:"key"` // along the space-filling curve
	AccuracyM     *float64  `store:"accuracyM,omitempty"`
	Datum         geo.Datum `store:"datum"` // it was given in
}

// PositionAt is that of a WGS-84 point.
func PositionAt(at orb.Point, d geo.Datum, accuracyM *float64) Position {
	p := Position{GridPoint: geo.ToGrid(at), AccuracyM: accuracyM, Datum: d}
	p.Key = geo.Key(p.At())
	return p
}

// Route finds the street of a WGS-84 position and runs change for it; change
// calls its argument inside its update, which is then valid for the cells as
// they are at commit. When the map was behind, it is refreshed and change runs
// again. InvalidError at pointer outside the area served.
func Route(ctx context.Context, areas *area.Areas, at orb.Point, pointer string, change func(street string, spot func(*store.Tx) (area.Spot, error)) error) error {
	return store.RetryMoved(func(moved error) error {
		first, ok := Spot(areas.Map(), at)
		if !ok {
			return domain.Invalid(pointer, Outside)
		}
		err := change(first.Street, func(tx *store.Tx) (area.Spot, error) {
			spot, ok := Spot(areas.Map(), at)
			if !ok {
				return spot, domain.Invalid(pointer, Outside)
			}
			spot.Observe(tx)
			if spot.Street != first.Street {
				return spot, moved
			}
			return spot, nil
		})
		if !errors.Is(err, domain.ErrBusy) { // which moved is too
			return err
		}
		if err := areas.Refresh(ctx); err != nil {
			return err
		}
		return moved
	})
}

// Spot is the cell at a position, or the nearest street without a cell; false outside the area served.
func Spot(m *area.Map, at orb.Point) (area.Spot, bool) {
	if !geo.ValidPoint(at) {
		return area.Spot{}, false
	}
	if spot, ok := m.Locate(at); ok {
		return spot, true
	}
	spot, metres := m.Nearest(at)
	if spot.Street == "" || metres > FarOut {
		return area.Spot{}, false
	}
	spot.Cell, spot.Place.Community, spot.Place.Cell = nil, "", ""
	return spot, true
}
