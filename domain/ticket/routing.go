package ticket

import (
	"context"
	"errors"
	"math"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/area"
	"wangge/geo"
	"wangge/store"
)

// farOut is how far outside every cell a position still belongs to the nearest street, in metres.
const farOut = 20_000

var outside = domain.T("位置不在服务范围内", "the position is outside the area served")

// errRerouted: the position is in another street since it was looked up.
var errRerouted = errors.New("ticket: the position is in another street now")

// routed finds the street of a position and runs change for it; change calls
// route inside its update. When the map was behind, it is refreshed and change runs again.
func (s *Tickets) routed(ctx context.Context, at orb.Point, change func(street *area.Area, route func(*store.Tx) (area.Spot, error)) error) error {
	for try := 0; ; try++ {
		first, err := s.spot(at)
		if err != nil {
			return err
		}
		street, ok := s.areas.Tree().ByID(first.Street)
		if !ok {
			return domain.Invalid("/position", outside)
		}
		err = change(street, func(tx *store.Tx) (area.Spot, error) {
			spot, err := s.spot(at)
			if err != nil {
				return spot, err
			}
			spot.Observe(tx)
			if spot.Street != first.Street {
				return spot, errRerouted
			}
			return spot, nil
		})
		if !errors.Is(err, errRerouted) && !errors.Is(err, domain.ErrBusy) {
			return err
		}
		if try == 3 {
			return domain.ErrBusy
		}
		if err := s.areas.Refresh(ctx); err != nil {
			return err
		}
	}
}

// spot is the cell at a position, or the nearest street without a cell.
func (s *Tickets) spot(at orb.Point) (area.Spot, error) {
	m := s.areas.Map()
	if !geo.ValidPoint(at) {
		return area.Spot{}, domain.Invalid("/position", outside)
	}
	if spot, ok := m.Locate(at); ok {
		return spot, nil
	}
	spot, metres := m.Nearest(at)
	if spot.Street == "" || metres > farOut {
		return spot, domain.Invalid("/position", outside)
	}
	spot.Cell, spot.Place.Community, spot.Place.Cell = nil, "", ""
	return spot, nil
}

// today is the id of the area that an area has become.
func (s *Tickets) today(id string) string {
	heirs := s.areas.Tree().Heirs(id)
	if len(heirs) == 0 {
		return id
	}
	return heirs[len(heirs)-1]
}

// lay puts the ticket at a position and the place found for it.
func (t *Ticket) lay(spot area.Spot, at orb.Point, d geo.Datum, accuracy *float64) {
	p := e7(at)
	t.Position = Position{Lon: p[0], Lat: p[1], AccuracyM: accuracy, Datum: d}
	t.Position.Key = geo.Key(t.Position.At())
	t.place(spot)
}

// place puts the ticket in the place found for its position.
func (t *Ticket) place(spot area.Spot) {
	t.Place, t.Partition, t.Boundary = spot.Place, spot.Street, ""
	if spot.Cell != nil {
		t.Boundary = spot.Cell.Boundary
	}
}

// e7 is a point in 1e-7 degrees.
func e7(p orb.Point) [2]int64 {
	return [2]int64{int64(math.Round(p[0] * 1e7)), int64(math.Round(p[1] * 1e7))}
}

// At is the position in WGS-84 degrees.
func (p Position) At() orb.Point { return orb.Point{float64(p.Lon) / 1e7, float64(p.Lat) / 1e7} }
