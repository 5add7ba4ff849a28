package intake

import (
	"context"
	"errors"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/place"
)

// homeOf is where a draft is at home: in the community that it names, else in
// that of its household or address. What is wrong with that is added to the
// draft's faults.
func (s *Cases) homeOf(ctx context.Context, actor access.Actor, now time.Time, d *Draft) (*Home, error) {
	home := &Home{Household: d.Household}
	pointer, known := "/community", true
	if d.Community != "" {
		if home.Place, known = communityOf(s.areas.Tree(), d.Community); !known {
			d.Wrong.Add(pointer, domain.T("没有这个社区", "no such community"))
		}
	}
	if err := s.locate(ctx, actor, now, d, home); err != nil || !known {
		return home, err
	}
	if home.Street = home.Place.Street; home.Place.Community == "" {
		if len(d.Wrong.Fields) == 0 {
			d.Wrong.Add(pointer, domain.T("不能确定所在社区，请指定", "where it belongs is not known: name the community"))
		}
		return home, nil
	}
	if d.Community == "" && d.Household != "" {
		pointer = "/household"
	}
	if !access.MayOpenCase(actor, home.Place) {
		d.Wrong.Add(pointer, domain.T("社区不在您的范围内", "the community is outside your scope"))
	}
	home.Place.Cell = "" // a case belongs to a community, whatever becomes of its cells
	return home, nil
}

// locate finds the position of a draft's household or address, and where no
// community is named its community. An address that is found elsewhere than in
// the one that is named is a text.
func (s *Cases) locate(ctx context.Context, actor access.Actor, now time.Time, d *Draft, home *Home) error {
	if s.Locate == nil || d.Household == "" && d.Address == "" || len(d.Address) > 4*addressLong {
		return nil
	}
	found, err := s.Locate(ctx, actor, now, place.Asked{Household: d.Household, Address: d.Address, Area: d.Community})
	if bad := (*domain.InvalidError)(nil); errors.As(err, &bad) {
		if d.Household != "" || d.Community == "" {
			d.Wrong.Fields = append(d.Wrong.Fields, bad.Fields...)
		}
		return nil
	}
	if err != nil || found.Position == nil {
		return err
	}
	spot, ok := place.Spot(s.areas.Map(), found.Position.At())
	if !ok || home.Place.Community != "" && home.Place.Community != spot.Place.Community {
		return nil
	}
	if home.Place.Community == "" {
		home.Place = spot.Place
	}
	home.Position = found.Position
	if home.Address == "" {
		home.Address = found.Text
	}
	return nil
}
