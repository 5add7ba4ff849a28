package handlers

import (
	"wangge/domain"
	"wangge/domain/area"
	"wangge/domain/station"
	"wangge/handlers/web"
)

// What one network may ask of a node in a minute without signing in: many
// phones share one, and a map takes a dozen tiles a look.
const (
	tilesPerMinute  = 3000
	placesPerMinute = 600
)

// myCellOut is what anybody may know of a place: its cell, and how they who
// work there are reached, as far as that is published.
type myCellOut struct {
	Cell      publicCellOut      `json:"cell"`
	Community *namedOut          `json:"community"`
	Street    *namedOut          `json:"street"`
	Workers   []noticeBoardOut   `json:"workers"`
	Stations  []publicStationOut `json:"stations"`
}

type publicCellOut struct {
	Code string    `json:"code"`
	Name string    `json:"name"`
	Kind area.Kind `json:"kind"`
}

// noticeBoardOut is a post as it is published; while somebody stands in, without the name.
type noticeBoardOut struct {
	Role    postRole `json:"role"`
	Covered bool     `json:"covered"`
	contactOut
}

type publicStationOut struct {
	ID       string           `json:"id"`
	Name     string           `json:"name"`
	Address  *string          `json:"address"`
	Phone    *string          `json:"phone"`
	Position *web.PositionOut `json:"position"`
	Hours    hoursBody        `json:"hours"`
	Open     bool             `json:"open"`
	Opening  *betweenOut      `json:"opening"`
}

// myCell finds the cell of a position, as cellAt does, and tells what is published of it.
func myCell(r *apiRequest) (*web.Reply, error) {
	at, d, err := r.positionAsked()
	if err != nil {
		return nil, err
	}
	spot, found := r.Areas.Map().Locate(at)
	if !found {
		return nil, domain.ErrNotFound
	}
	notices, err := r.Accounts.Notices(r.Ctx, r.Now, spot.Cell)
	if err != nil {
		return nil, err
	}
	var stations []station.Counter
	if community, ok := r.Areas.Tree().ByID(spot.Place.Community); ok {
		if stations, err = r.Stations.Near(r.Ctx, community, at, r.Now); err != nil {
			return nil, err
		}
	}
	place := r.placeOut(spot.Place)
	return web.OK(myCellOut{
		Cell: publicCellOut{spot.Cell.Code, spot.Cell.Name, spot.Cell.Kind}, Community: place.Community, Street: place.Street,
		Workers: each(notices, func(n area.Notice) noticeBoardOut {
			return noticeBoardOut{postWords[n.Role], n.Covered, *contactTo(n.Contact)}
		}),
		Stations: each(stations, func(c station.Counter) publicStationOut {
			out := publicStationOut{c.ID, c.Name, optional(c.Address), optional(c.Phone), web.PositionTo(c.Position.At(), d, nil), hoursTo(c.Hours), c.Open != nil, nil}
			if c.Opens != nil {
				out.Opening = new(betweenTo(*c.Opens))
			}
			return out
		}),
	}), nil
}
