package handlers

import (
	"wangge/domain/household"
	"wangge/geo"
	"wangge/handlers/web"
)

// addressOut is an address in parts, and in one line as it is written.
type addressOut struct {
	Estate   string `json:"estate"`
	Building string `json:"building"`
	Unit     string `json:"unit"`
	Floor    string `json:"floor"`
	Room     string `json:"room"`
	Text     string `json:"text"`
}

func addressTo(a household.Address) addressOut {
	return addressOut{a.Estate, a.Building, a.Unit, a.Floor, a.Room, a.String()}
}

// householdBrief is what a visit, a stop or a promise says of its household.
type householdBrief struct {
	ID       string           `json:"id"`
	Address  addressOut       `json:"address"`
	Position *web.PositionOut `json:"position"`
	Occupant *string          `json:"occupant"` // masked: whom to ask for at the door
}

func briefOf(h *household.Household, d geo.Datum) *householdBrief {
	out := &householdBrief{ID: h.ID, Address: addressTo(h.Address), Position: web.PositionTo(h.Position.At(), d, nil)}
	switch {
	case h.Occupant != nil && h.Occupant.NameMasked != "":
		out.Occupant = &h.Occupant.NameMasked
	case len(h.Members) > 0:
		out.Occupant = &h.Members[0].NameMasked
	}
	return out
}
