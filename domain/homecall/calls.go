package homecall

import (
	"context"
	"errors"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/household"
	"wangge/domain/intake"
	"wangge/domain/personal"
	"wangge/domain/place"
	"wangge/domain/policy"
	"wangge/domain/service"
	"wangge/domain/visit"
	"wangge/store"
)

// Calls are what people do with home calls.
type Calls struct {
	Store      *store.Store
	Areas      *area.Areas
	Accounts   *account.Accounts
	Policies   *policy.Policies
	Calendars  *calendar.Calendars
	Items      *service.Items
	Households *household.Households
	Cases      *intake.Cases
	Keys       *personal.Keys
	Locate     place.Locate
}

// Get returns the actor's own request; ErrNotFound.
func (s *Calls) Get(ctx context.Context, actor access.Actor, id string) (*Request, error) {
	r, err := requests.Get(ctx, s.Store, id)
	if err == nil && !access.OwnsHomeCall(actor, r.Facts()) {
		err = domain.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// List returns a page of the actor's own, the latest first, and the next page's cursor.
func (s *Calls) List(ctx context.Context, actor access.Actor, limit int, cursor string) ([]*Request, string, error) {
	queries := own(actor, store.Query{Order: []string{"-createdAt"}, Limit: limit, After: cursor})
	if len(queries) == 0 {
		return nil, "", nil
	}
	return requests.Find(ctx, s.Store, queries...)
}

// own makes a query for what is the actor's: of the phone that they proved, or booked by their account.
func own(actor access.Actor, q store.Query) (out []store.Query) {
	for _, x := range []struct {
		field, value string
		since        time.Time
	}{{"phone", actor.Phone, actor.PhoneSince}, {"account", actor.Account, actor.Since}} {
		if x.value == "" {
			continue
		}
		one := q
		one.Where = append([]store.Cond{store.Eq(x.field, x.value), store.Within("createdAt", x.since, time.Time{})}, q.Where...)
		out = append(out, one)
	}
	return out
}

// OfVisits returns the requests of those of the visits that were asked for, by
// the visit's id. Who may see them is for the caller to decide.
func (s *Calls) OfVisits(ctx context.Context, visits []*visit.Visit) (map[string]*Request, error) {
	var ids []string
	for _, v := range visits {
		if v.Asked() {
			ids = append(ids, v.Request)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := requests.GetMany(ctx, s.Store, ids)
	out := make(map[string]*Request, len(found))
	for _, r := range found {
		out[r.Visit] = r
	}
	return out, err
}

// Load returns a request whoever asks; ErrNotFound.
func Load(ctx context.Context, r store.Reader, id string) (*Request, error) {
	return requests.Get(ctx, r, id)
}

// LoadMany returns those of the requests that there are.
func LoadMany(ctx context.Context, r store.Reader, ids []string) (map[string]*Request, error) {
	return requests.GetMany(ctx, r, ids)
}

// callable is an item that a home call may be booked of. InvalidError at pointer.
func (s *Calls) callable(ctx context.Context, r store.Reader, pointer, code string, now time.Time) (*service.Item, error) {
	it, err := s.Items.At(ctx, r, code, now)
	switch {
	case errors.Is(err, domain.ErrNotFound) || err == nil && it.Retired:
		return nil, domain.Invalid(pointer, domain.T("没有这个事项", "no such item"))
	case err == nil && !it.HomeCall:
		return nil, domain.Invalid(pointer, domain.T("该事项不能上门办理", "the item is not done at home"))
	}
	return it, err
}

// applied notes an action, so that none is applied twice.
func (r *Request) applied(action string) {
	if action != "" {
		r.Applied = append(r.Applied, action)
		r.Applied = r.Applied[max(0, len(r.Applied)-appliedRecent):]
	}
}

func (r *Request) has(action string) bool { return action != "" && slices.Contains(r.Applied, action) }

// GetFor returns a request that the actor booked for somebody else; ErrNotFound.
func (s *Calls) GetFor(ctx context.Context, actor access.Actor, id string) (*Request, error) {
	r, err := requests.Get(ctx, s.Store, id)
	if err == nil && (actor.Account == "" || r.By != actor.Account || !access.MayBookHomeCallFor(actor, r.Place)) {
		err = domain.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// CasesOf returns the cases of requests, by id.
func (s *Calls) CasesOf(ctx context.Context, ids []string) (map[string]*intake.Case, error) {
	return intake.LoadMany(ctx, s.Store, ids)
}

// Materials are what the item wanted when the request's case was opened.
func (s *Calls) Materials(ctx context.Context, r *Request) ([]service.Material, error) {
	it, err := s.Items.Version(ctx, s.Store, r.Item.Code, r.Item.Version)
	if errors.Is(err, domain.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return it.Materials, nil
}
