package address

import (
	"context"
	"errors"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/place"
)

// Locate finds where a thing lies; see place.Locate. An address that is not sure
// leaves it in a street with its candidates: that of the best one, else of the
// area that is named, else the one street that the actor is granted.
func (s *Addresses) Locate(ctx context.Context, actor access.Actor, now time.Time, asked place.Asked) (*place.Found, error) {
	switch {
	case asked.Position != nil:
		spot, ok := place.Spot(s.areas.Map(), *asked.Position)
		if !ok {
			return nil, domain.Invalid("/position", place.Outside)
		}
		found := place.Given(*asked.Position, asked.Datum, asked.AccuracyM)
		found.Street = spot.Street
		return found, nil
	case asked.Household != "":
		h, err := s.households.GetFound(ctx, actor, now, asked.Household)
		if errors.Is(err, domain.ErrNotFound) {
			return nil, domain.Invalid("/household", domain.T("没有这个住户", "no such household"))
		}
		if err != nil {
			return nil, err
		}
		return &place.Found{Street: h.Partition, Position: &h.Position, Text: h.Address.String(), Confidence: 1}, nil
	}
	return s.locate(ctx, actor, now, asked)
}

// locate finds an address.
func (s *Addresses) locate(ctx context.Context, actor access.Actor, now time.Time, asked place.Asked) (*place.Found, error) {
	if _, ok := s.areas.Tree().ByCode(asked.Area); asked.Area != "" && !ok {
		return nil, domain.Invalid("/area", domain.T("没有这个区划", "no such area"))
	}
	result, err := s.search(ctx, actor, now, Query{Text: asked.Address, Area: asked.Area, Limit: Default})
	if bad := (*domain.InvalidError)(nil); errors.As(err, &bad) {
		return nil, domain.Invalid("/address", bad.Fields[0].Detail)
	}
	if err != nil {
		return nil, err
	}
	out := &place.Found{}
	for i, m := range result.Matches {
		spot, ok := place.Spot(s.areas.Map(), m.Position.At())
		if !ok {
			continue
		}
		if i == 0 && m.Confidence >= Sure {
			return &place.Found{Street: spot.Street, Position: &m.Position, Text: m.Text, Confidence: m.Confidence}, nil
		}
		if out.Street == "" {
			out.Street, out.Text, out.Confidence = spot.Street, m.Text, m.Confidence
		}
		out.Candidates = append(out.Candidates, m.Candidate)
	}
	if out.Street == "" {
		out.Street, err = s.street(actor, asked)
	}
	return out, err
}

// street is where an address lies that nothing is known of.
func (s *Addresses) street(actor access.Actor, asked place.Asked) (string, error) {
	tree := s.areas.Tree()
	codes := []string{asked.Area}
	if readings := parse(asked.Address, s.names(tree)); len(readings) > 0 {
		codes = append(codes, readings[0].area)
	}
	for _, code := range codes {
		if a, ok := tree.ByCode(code); ok && a.Place.Street != "" {
			return a.Place.Street, nil
		}
	}
	if street, ok := place.OnlyStreet(s.areas, actor); ok {
		return street, nil
	}
	return "", domain.Invalid("/area", domain.T("不能确定该地址所在的街道，请给出区划", "the street of the address is not known: name the area"))
}
