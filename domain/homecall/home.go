package homecall

import (
	"context"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/household"
	"wangge/domain/place"
	"wangge/store"
)

var noHousehold = domain.T("没有这个住户", "no such household")

// locate finds the home. Whether somebody is on record at an address is neither looked at here nor told.
func (p *booking) locate(ctx context.Context) (err error) {
	if p.in.For == "" && p.in.Household == "" {
		if p.in.Position == nil {
			p.in.Text = p.in.Address.String()
		}
		p.found, err = p.calls.find(ctx, p.actor, p.now, p.in.Where)
		return err
	}
	if p.home, err = p.calls.household(ctx, p.actor, p.now, p.in.For, p.in.Household); err == nil {
		p.found = &place.Found{Street: p.home.Partition, Position: &p.home.Position}
	}
	return err
}

// household is the one that is named: by somebody at work, for whose members
// they may book, or else one's own, by the phone that was proved.
// Errors: ErrNotFound and ErrForbidden for the former, InvalidError at /household for the latter.
func (s *Calls) household(ctx context.Context, actor access.Actor, now time.Time, at, own string) (*household.Household, error) {
	if at != "" {
		h, err := s.Households.GetFound(ctx, actor, now, at)
		if err == nil && !access.MayBookHomeCallFor(actor, h.Place) {
			err = domain.ErrForbidden
		}
		return h, err
	}
	there, err := household.Current(ctx, s.Store, []string{own})
	if h := there[own]; err == nil && (h == nil || !h.HasPhone(actor.Phone)) {
		err = domain.Invalid("/household", noHousehold)
	}
	return there[own], err
}

var (
	unsure  = domain.T("地址无法准确定位，请在地图上选点", "the address is not sure: choose the position on the map")
	nowhere = domain.T("该位置不在任何社区内", "it lies in no community")
)

// find is where a position or an address lies, for sure and in a community.
// Errors: InvalidError at /position, /address or /area.
func (s *Calls) find(ctx context.Context, actor access.Actor, now time.Time, w Where) (*place.Found, error) {
	asked := place.Asked{Position: w.Position, Datum: w.Datum, Address: w.Text, Area: w.Area}
	if w.Position == nil && w.Text == "" {
		return nil, domain.Invalid("/address", domain.Missing)
	}
	found, err := s.Locate(ctx, actor, now, asked)
	if err != nil {
		return nil, err
	}
	pointer := "/address"
	if w.Position != nil {
		pointer = "/position"
	}
	if found.Position == nil {
		return nil, domain.Invalid(pointer, unsure)
	}
	if spot, ok := place.Spot(s.Areas.Map(), found.Position.At()); !ok || spot.Place.Community == "" {
		return nil, domain.Invalid(pointer, nowhere)
	}
	return found, nil
}

// atHome runs fn in an update of the home's street, with its spot where it is none of a household that was named.
func (p *booking) atHome(ctx context.Context, fn func(*store.Tx, area.Spot) error) error {
	streets := []string{p.found.Street}
	if p.of != nil {
		streets = append(streets, p.of.Partition)
	}
	if p.home != nil {
		return p.calls.Store.Update(ctx, streets, func(tx *store.Tx) error { return fn(tx, area.Spot{}) })
	}
	return place.RouteFound(ctx, p.calls.Areas, p.found, "/position", func(street string, spot func(*store.Tx) (area.Spot, error)) error {
		return p.calls.Store.Update(ctx, append(streets, street), func(tx *store.Tx) error {
			at, err := spot(tx)
			if err != nil {
				return err
			}
			return fn(tx, at)
		})
	})
}

// settle finds the household in the update, or makes it, and fills in where the
// request is. Who calls there is looked for around what was asked for: so an
// address is served alike whether somebody is on record there or not.
func (p *booking) settle(ctx context.Context, tx *store.Tx, r *Request, spot area.Spot, moved error) (*household.Household, error) {
	if p.home == nil {
		h, err := p.fresh.AtAddress(ctx, tx, p.actor, p.now, spot)
		if err != nil {
			return nil, err
		}
		r.Household, r.Dwelling, r.Place, r.Partition, r.Address = h.ID, h.ID, spot.Place, spot.Street, p.in.Address.String()
		return h, nil
	}
	there, err := household.Current(ctx, tx, []string{p.home.ID})
	if err != nil {
		return nil, err
	}
	h := there[p.home.ID]
	if h == nil || h.Partition != p.found.Street {
		return nil, moved
	}
	r.Household, r.Dwelling, r.Place, r.Partition, r.Address = h.ID, p.home.ID, h.Place, h.Partition, h.Address.String()
	return h, nil
}
