package account

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/civil"
	"wangge/domain/ids"
	"wangge/store"
)

// Roster 值班表 is who is on duty in a street in a month: the shifts of nights
// and holidays that begin in it. Who is on duty acts as the street's dispatcher
// for as long as the shift lasts, which is what is entered and nothing else, so
// that nobody has to know the office's hours to know who may act.
type Roster struct {
	store.Meta `store:",inline"`
	Street     string      `store:"street"` // id
	Month      string      `store:"month"`  // as 2026-12, of local days
	Shifts     []DutyShift `store:"shifts"` // in the order of time

	People []string  `store:"people"` // accounts, each once
	Ends   time.Time `store:"ends"`   // when the last shift is over
}

// DutyShift is a time that somebody is on duty, up to, not including, Until.
type DutyShift struct {
	Account string    `store:"account"`
	From    time.Time `store:"from"`
	Until   time.Time `store:"until"`
}

// Holds reports whether the shift lasts at a moment.
func (s DutyShift) Holds(at time.Time) bool { return !at.Before(s.From) && at.Before(s.Until) }

var rosters = store.Declare[Roster](store.Declaration{Name: "dutyRosters", Schema: 1, Indexes: []string{"people: people, ends"}})

// AboutDuty reports whether an entry is about a roster.
func AboutDuty(e *store.Entry) bool { return e.Collection == rosters.Spec().Name }

const (
	rosterSpace  ids.Space = "0f6a0f6e-9a34-4f7e-8c5f-6b1a5f0f7c21"
	shiftLongest           = 48 * time.Hour
	shiftsMost             = 400 // in a month
)

// monthOf is the month of a moment; "" of none.
func monthOf(at time.Time) string { return string(civil.DateOf(at))[:len("2026-12")] }

func validMonth(month string) bool {
	_, ok := civil.ParseDate(month + "-01")
	return ok && len(month) == len("2026-12")
}

func rosterID(street, month string) string { return rosterSpace.Of(street, month) }

// check notes what is wrong with the shifts beside who takes them.
func (r *Roster) check(bad *domain.InvalidError) {
	if len(r.Shifts) > shiftsMost {
		bad.Add("/shifts", domain.Textf("最多 %d 班", "%d shifts at most", shiftsMost))
		return
	}
	for i, s := range r.Shifts {
		at := fmt.Sprintf("/shifts/%d", i)
		switch {
		case monthOf(s.From) != r.Month:
			bad.Add(at+"/from", domain.T("应在该月内开始", "it begins in another month"))
		case !s.Until.After(s.From):
			bad.Add(at+"/until", domain.T("结束时间应晚于开始时间", "it ends before it begins"))
		case s.Until.Sub(s.From) > shiftLongest:
			bad.Add(at+"/until", domain.T("一班最长 48 小时", "48 hours at most"))
		}
		if slices.ContainsFunc(r.Shifts[:i], func(o DutyShift) bool {
			return o.Account == s.Account && o.From.Before(s.Until) && s.From.Before(o.Until)
		}) {
			bad.Add(at, domain.T("同一人此时已在值班", "they are on duty then anyway"))
		}
	}
}

// settle brings what is derived up to date.
func (r *Roster) settle() {
	slices.SortStableFunc(r.Shifts, func(a, b DutyShift) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Account, b.Account)) })
	r.People, r.Ends = nil, time.Time{}
	for _, s := range r.Shifts {
		r.People = append(r.People, s.Account)
		if s.Until.After(r.Ends) {
			r.Ends = s.Until
		}
	}
	slices.Sort(r.People)
	r.People = slices.Compact(r.People)
}

// SetDuty replaces the shifts of a month in a street, by its code. version
// states the roster the actor knows; 0 states none, less that there is none yet.
// ErrNotFound for a street that is not the actor's to keep, or no month;
// ErrStale; InvalidError for times that do not fit and people who do not lead there.
func (s *Accounts) SetDuty(ctx context.Context, actor access.Actor, now time.Time, code, month string, version int64, shifts []DutyShift) (*Roster, error) {
	street, ok := s.areas.Tree().ByCode(code)
	if !ok || street.Level != access.Street || !validMonth(month) || !access.MayKeepDuty(actor, street.Place) {
		return nil, domain.ErrNotFound
	}
	var made *Roster
	// The city's partition too: an account disabled meanwhile must not be on duty.
	err := s.st.Update(ctx, []string{area.CityPartition, street.ID}, func(tx *store.Tx) error {
		was, err := rosters.Get(ctx, tx, rosterID(street.ID, month))
		if errors.Is(err, store.ErrNotFound) {
			was, err = &Roster{Meta: store.Meta{ID: rosterID(street.ID, month), Partition: street.ID}, Street: street.ID, Month: month}, nil
		}
		if err != nil {
			return err
		}
		if version > 0 && version != was.Version || version < 0 && was.Version > 0 {
			return domain.ErrStale
		}
		made = was
		before := slices.Clone(made.Shifts)
		made.Shifts = slices.Clone(shifts)
		bad := &domain.InvalidError{}
		if made.check(bad); bad.Err() != nil {
			return bad
		}
		if err := s.checkDuty(ctx, tx, made, street.Place); err != nil {
			return err
		}
		if made.settle(); made.Version > 0 && slices.EqualFunc(before, made.Shifts, func(a, b DutyShift) bool {
			return a.Account == b.Account && a.From.Equal(b.From) && a.Until.Equal(b.Until)
		}) {
			return nil
		}
		e := entry(actor, now, "duty.set")
		e.Dims = map[string]string{"month": month}
		if made.Version == 0 {
			return rosters.Insert(tx, made, e)
		}
		return rosters.Put(tx, made, e)
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

// checkDuty: who is on duty leads in the street.
func (s *Accounts) checkDuty(ctx context.Context, tx *store.Tx, r *Roster, street access.Place) error {
	var who []string
	for _, shift := range r.Shifts {
		who = append(who, shift.Account)
	}
	slices.Sort(who)
	people, err := collection.GetMany(ctx, tx, slices.Compact(who))
	if err != nil {
		return err
	}
	var bad domain.InvalidError
	for i, shift := range r.Shifts {
		if !people[shift.Account].WorksWithin(s.areas.Tree(), street, access.Leads...) {
			bad.Add(fmt.Sprintf("/shifts/%d/account", i), domain.T("没有此人，或其在该街道没有负责岗位", "no such person, or none who leads in this street"))
		}
	}
	return bad.Err()
}

// Duty returns the roster of a month in a street, an empty one of version 0
// where there is none. ErrForbidden; ErrNotFound for no street, or no month.
func (s *Accounts) Duty(ctx context.Context, actor access.Actor, code, month string) (*Roster, error) {
	if !access.SeesStaff(actor) {
		return nil, domain.ErrForbidden
	}
	street, ok := s.areas.Tree().ByCode(code)
	if !ok || street.Level != access.Street || !validMonth(month) {
		return nil, domain.ErrNotFound
	}
	r, err := rosters.Get(ctx, s.st, rosterID(street.ID, month))
	if errors.Is(err, store.ErrNotFound) {
		return &Roster{Street: street.ID, Month: month}, nil
	}
	return r, err
}

// LoadRosters are those of the rosters that there are, by id.
func LoadRosters(ctx context.Context, r store.Reader, ids []string) (map[string]*Roster, error) {
	return rosters.GetMany(ctx, r, ids)
}

// OnDuty are the accounts on duty in a street, by its id, at a moment: those who
// lead there still, in the order of their shifts. None where nobody is.
func (s *Accounts) OnDuty(ctx context.Context, street string, at time.Time) (out []string, err error) {
	tree := s.areas.Tree()
	now, ok := tree.ByID(street)
	if !ok {
		return nil, nil
	}
	var names []string
	for _, id := range tree.Formerly(now.ID) {
		names = append(names, rosterID(id, monthOf(at)), rosterID(id, monthOf(at.Add(-shiftLongest))))
	}
	found, err := rosters.GetMany(ctx, s.st, names)
	if err != nil {
		return nil, err
	}
	var on []DutyShift
	for _, r := range found {
		for _, shift := range r.Shifts {
			if shift.Holds(at) {
				on = append(on, shift)
			}
		}
	}
	slices.SortFunc(on, func(a, b DutyShift) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Account, b.Account)) })
	for _, shift := range on {
		a, err := collection.Get(ctx, s.st, shift.Account)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		if err == nil && a.WorksWithin(tree, now.Place, access.Leads...) && !slices.Contains(out, a.ID) {
			out = append(out, a.ID)
		}
	}
	return out, nil
}

// duties are what an account is granted by being on duty now.
func (s *Accounts) duties(ctx context.Context, a *Account, now time.Time) (out []access.Grant, err error) {
	if !a.Holds(access.Leads...) {
		return nil, nil
	}
	found, _, err := rosters.Find(ctx, s.st, store.Query{Where: []store.Cond{store.Eq("people", a.ID), store.Between("ends", now.Add(time.Millisecond), nil)}, Order: []string{"ends"}, Limit: 100})
	if err != nil {
		return nil, err
	}
	tree := s.areas.Tree()
	for _, r := range found {
		here := func(shift DutyShift) bool { return shift.Account == a.ID && shift.Holds(now) }
		grant := Grant{Role: access.Dispatcher, Level: access.Street, Area: r.Street}
		if at, ok := grant.Today(tree); ok && slices.ContainsFunc(r.Shifts, here) && a.WorksWithin(tree, at.Place, access.Leads...) {
			out = append(out, grant.resolve(tree)...)
		}
	}
	return out, nil
}
