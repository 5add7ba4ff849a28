package policy

import (
	"context"
	"errors"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/store"
)

// Held is what holds in an area at a moment.
type Held struct {
	Area   *area.Area
	Policy *Policy
	City   *Version   // nil: the city has decided nothing
	Own    *Version   // of a street; nil: it has decided nothing
	Ahead  []*Version // of the area's own, what comes into force later
}

// Read returns what holds in a street or a city, by its code, at a moment.
// ErrNotFound for who is no staff of it.
func (s *Policies) Read(ctx context.Context, actor access.Actor, code string, at time.Time) (*Held, error) {
	a, err := s.readable(ctx, actor, code)
	if err != nil {
		return nil, err
	}
	known := s.now()
	if a.Level == access.City {
		all := known.history(a.ID)
		city := inForce(all, at)
		return &Held{Area: a, Policy: merge(basis(), city.part(FromCity, a.Code)), City: city, Ahead: ahead(all, at)}, nil
	}
	l := known.streets[a.ID]
	return &Held{Area: a, Policy: l.at(at), City: inForce(l.city, at), Own: inForce(l.own, at), Ahead: ahead(l.own, at)}, nil
}

// Catalogue returns the policy of the street that an area lies in, or of a
// city, for anybody: of it the categories are nobody's secret. ErrNotFound.
func (s *Policies) Catalogue(code string, at time.Time) (*Policy, error) {
	a, ok := s.areas.Tree().ByCode(code)
	if !ok {
		return nil, domain.ErrNotFound
	}
	if a.Place.Street != "" {
		return s.At(a.Place.Street, at), nil
	}
	all := s.now()
	city := inForce(all.history(a.Place.City), at)
	return merge(basis(), city.part(FromCity, a.Place.City)), nil
}

// Versions returns a page of what an area has decided, the latest first. Errors: those of Read, store.ErrCursor.
func (s *Policies) Versions(ctx context.Context, actor access.Actor, code string, limit int, cursor string) ([]*Version, string, error) {
	a, err := s.readable(ctx, actor, code)
	if err != nil {
		return nil, "", err
	}
	of := []string{a.ID}
	for _, v := range s.now().history(a.ID) {
		if !slices.Contains(of, v.Area) {
			of = append(of, v.Area)
		}
	}
	return versions.Find(ctx, s.st, store.Query{Where: []store.Cond{store.In("area", of...)}, Order: []string{"-number"}, Limit: limit, After: cursor})
}

// VersionByID returns one version with its area; ErrNotFound also for who is no staff of it.
func (s *Policies) VersionByID(ctx context.Context, actor access.Actor, id string) (*Version, *area.Area, error) {
	v, err := versions.Get(ctx, s.st, id)
	if err != nil {
		return nil, nil, err
	}
	a, ok := s.areas.Tree().ByID(v.Area)
	if !ok {
		return nil, nil, domain.ErrNotFound
	}
	heirs := s.areas.Tree().Heirs(a.ID)
	today, _ := s.areas.Tree().ByID(heirs[len(heirs)-1])
	if _, err := s.readable(ctx, actor, today.Code); err != nil {
		return nil, nil, err
	}
	return v, a, nil
}

// readable is a street or a city whose staff the actor is.
func (s *Policies) readable(ctx context.Context, actor access.Actor, code string) (*area.Area, error) {
	a, ok := s.areas.Tree().ByCode(code)
	if !ok || a.Level != access.Street && a.Level != access.City {
		return nil, domain.ErrNotFound
	}
	works, err := s.works(ctx, actor)
	if err != nil {
		return nil, err
	}
	if !access.MayReadPolicy(actor, a.Place, works) {
		return nil, domain.ErrNotFound
	}
	return a, nil
}

// decided is a street or a city for which the actor decides.
func (s *Policies) decided(ctx context.Context, actor access.Actor, code string) (*area.Area, error) {
	a, err := s.readable(ctx, actor, code)
	if err == nil && !access.MaySetPolicy(actor, a.Place) {
		err = domain.ErrForbidden
	}
	return a, err
}

// works are the places that the actor works in, as areas are today.
func (s *Policies) works(ctx context.Context, actor access.Actor) ([]access.Place, error) {
	var out []access.Place
	tree := s.areas.Tree()
	for _, g := range slices.Concat(actor.Grants, actor.Posting) {
		if c, ok := s.areas.Map().EverByID(g.Area); ok {
			g.Area = c.Place.Street
		}
		if heirs := tree.Heirs(g.Area); len(heirs) > 0 {
			today, _ := tree.ByID(heirs[len(heirs)-1])
			out = append(out, today.Place)
		}
	}
	if actor.Organisation == "" {
		return out, nil
	}
	o, err := s.areas.Organisation(ctx, actor, actor.Organisation)
	if errors.Is(err, store.ErrNotFound) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	return append(out, o.Place), nil
}
