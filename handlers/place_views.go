package handlers

import "wangge/domain/access"

// placeOut names the areas and the cell around a thing.
type placeOut struct {
	County    *namedOut `json:"county"`
	Street    *namedOut `json:"street"`
	Community *namedOut `json:"community"`
	Cell      *namedOut `json:"cell"`
}

type namedOut struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

func (s *Server) placeOut(p access.Place) placeOut {
	named := func(id string) *namedOut {
		a, ok := s.Areas.Tree().ByID(id)
		if !ok {
			return nil
		}
		return &namedOut{a.Code, a.Name}
	}
	out := placeOut{County: named(p.County), Street: named(p.Street), Community: named(p.Community)}
	out.Cell = s.cellNamed(p.Cell)
	return out
}

// cellNamed names a cell, also one that is retired.
func (s *Server) cellNamed(id string) *namedOut {
	c, ok := s.Areas.Map().EverByID(id)
	if !ok {
		return nil
	}
	return &namedOut{c.Code, c.Name}
}
