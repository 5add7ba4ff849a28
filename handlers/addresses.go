package handlers

import (
	"wangge/domain/place"
	"wangge/geo"
	"wangge/handlers/web"
)

// candidateOut is a place that an address may mean.
type candidateOut struct {
	ID         string           `json:"id"`
	Source     string           `json:"source"`
	Text       string           `json:"text"`
	Position   *web.PositionOut `json:"position"`
	Place      placeOut         `json:"place"`
	Confidence float64          `json:"confidence"`
}

func (r *apiRequest) candidateOut(c place.Candidate, d geo.Datum) candidateOut {
	return candidateOut{c.ID, c.Source, c.Text, web.PositionTo(c.Position.At(), d, nil), r.placeOut(c.Place), c.Confidence}
}
