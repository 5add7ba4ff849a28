package station

import (
	"context"
	"fmt"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/ids"
	"wangge/store"
)

// SetShifts replaces the shifts. version is the one the caller knows, 0 for
// any. ErrNotFound, ErrForbidden, ErrStale; InvalidError with pointers into
// {"shifts":[…]}: outside the hours, taken away from somebody who works it, two
// at once for somebody.
func (s *Stations) SetShifts(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, shifts []Shift) (*Station, error) {
	return s.change(ctx, actor, now, id, version, access.MayKeepStation, func(_ *store.Tx, st *Station) (string, error) {
		bad := &domain.InvalidError{}
		st.Shifts = shifts
		if st.checkShifts(bad); len(bad.Fields) == 0 {
			for i, p := range st.Staff {
				if fault := st.shiftFault(p, shifts); fault != (domain.Text{}) {
					bad.Add("/shifts", domain.T(fmt.Sprintf("第 %d 名工作人员：%s", i+1, fault.ZH), fmt.Sprintf("of the staff, number %d: %s", i+1, fault.EN)))
				}
			}
		}
		return "shifts", bad.Err()
	})
}

// SetStaff replaces the staff. Whoever is on it or stands in from now on has to
// be a counter worker where the station is. Errors as of SetShifts, with
// pointers into {"staff":[…]}.
func (s *Stations) SetStaff(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, staff []Post) (*Station, error) {
	// The city's partition too: an account disabled meanwhile must not be posted.
	return s.change(ctx, actor, now, id, version, access.MayKeepStation, func(tx *store.Tx, st *Station) (string, error) {
		bad := &domain.InvalidError{}
		before := st.Staff
		st.Staff = staff
		if st.checkStaff(bad); len(bad.Fields) == 0 {
			people, err := s.checkPeople(ctx, tx, now, st, bad)
			if err != nil {
				return "", err
			}
			if err := s.checkElsewhere(ctx, tx, st, people, bad); err != nil {
				return "", err
			}
		}
		if len(bad.Fields) == 0 && !access.MayRunStation(actor, st.facts(s.areas.Tree(), now)) && !slices.Equal(directors(before), directors(staff)) {
			return "", domain.ErrForbidden // who directs is the street's to say
		}
		return "staff", bad.Err()
	}, area.CityPartition)
}

// directors are the posts of directors, as far as they say who and when.
func directors(staff []Post) (out []string) {
	for _, p := range staff {
		if p.Part == Director {
			out = append(out, fmt.Sprint(p.Account, p.From.UnixMilli(), p.Until.UnixMilli()))
		}
	}
	return out
}

// AbsenceIn is an absence as it is entered.
type AbsenceIn struct {
	ID      string // a UUID of the caller's, which makes a repetition harmless; "" for a new one
	Account string
	Reason  AbsenceReason
	StandIn string
	Span
}

// keptFor is how long absences are kept after they ended.
const keptFor = 400 * 24 * time.Hour

// AddAbsence enters an absence. The same again is not entered twice, also once
// it was taken back. ErrNotFound, ErrForbidden, InvalidError, ConflictError
// "duplicate" for an id in use.
func (s *Stations) AddAbsence(ctx context.Context, actor access.Actor, now time.Time, id string, in AbsenceIn) (*Station, error) {
	bad := &domain.InvalidError{}
	a := Absence{ids.Given(in.ID, "/id", bad), in.Account, in.Reason, in.StandIn, in.Span, false}
	may := func(actor access.Actor, st access.Station) bool { return access.MayEnterAbsence(actor, st, a.Account) }
	if err := bad.Err(); err != nil {
		return nil, err
	}
	return s.change(ctx, actor, now, id, 0, may, func(tx *store.Tx, st *Station) (string, error) {
		if i := slices.IndexFunc(st.Absences, func(o Absence) bool { return o.ID == a.ID }); i >= 0 {
			was := st.Absences[i]
			if was.Ended = false; was != a {
				return "", domain.ErrIDInUse
			}
			return "", nil
		}
		bad := &domain.InvalidError{}
		if st.checkAbsence(a, now, bad); len(bad.Fields) == 0 && a.StandIn != "" {
			people, err := account.LoadMany(ctx, tx, []string{a.StandIn})
			if err != nil {
				return "", err
			}
			f := st.facts(s.areas.Tree(), now)
			switch {
			case !s.fits(people[a.StandIn], st):
				bad.Add("/standIn", unfit)
			case !access.MayChooseStandIn(actor, f, a.StandIn):
				bad.Add("/standIn", domain.T("只能由本站的人顶岗；另请他人须由站长或街道登记", "only somebody of the station: others are named by its director or the street"))
			}
		}
		if err := bad.Err(); err != nil {
			return "", err
		}
		st.Absences = slices.DeleteFunc(slices.Clone(st.Absences), func(o Absence) bool { return !o.Until.IsZero() && o.Until.Before(now.Add(-keptFor)) })
		if len(st.Absences) >= absencesMost {
			return "", domain.Invalid("", domain.Textf("最多登记 %d 次缺勤", "%d absences at most", absencesMost))
		}
		st.Absences = append(st.Absences, a)
		slices.SortStableFunc(st.Absences, func(a, b Absence) int { return a.From.Compare(b.From) })
		return "absence", nil
	})
}

// EndAbsence takes an absence back. ErrNotFound, ErrForbidden.
func (s *Stations) EndAbsence(ctx context.Context, actor access.Actor, now time.Time, id, absence string) (*Station, error) {
	return s.change(ctx, actor, now, id, 0, access.MayReadStation, func(_ *store.Tx, st *Station) (string, error) {
		i := slices.IndexFunc(st.Absences, func(a Absence) bool { return a.ID == absence })
		if i < 0 {
			return "", domain.ErrNotFound
		}
		if !access.MayEnterAbsence(actor, st.facts(s.areas.Tree(), now), st.Absences[i].Account) {
			return "", domain.ErrForbidden
		}
		st.Absences = slices.Clone(st.Absences)
		st.Absences[i].Ended = true
		return "absence_ended", nil
	})
}

var unfit = domain.T("没有此人，或其不是该站所在街道或所服务社区的全科社工", "no such person, or no counter worker where the station is")

// fits reports whether an account may be on the staff of a station; nobody, who is nil, may not.
func (s *Stations) fits(a *account.Account, st *Station) bool {
	tree := s.areas.Tree()
	return a.WorksWithin(tree, st.Place, access.CounterWorker) || slices.ContainsFunc(st.Communities, func(c Served) bool {
		at, ok := tree.ByID(c.Community)
		return ok && a.WorksAt(tree, at.Place, access.CounterWorker)
	})
}

// checkPeople notes people who may not be on the staff from now on, and returns all that are named.
func (s *Stations) checkPeople(ctx context.Context, tx *store.Tx, now time.Time, st *Station, bad *domain.InvalidError) (map[string]*account.Account, error) {
	var who []string
	for _, p := range st.Staff {
		who = append(who, p.Account, p.StandIn)
	}
	people, err := account.LoadMany(ctx, tx, who)
	if err != nil {
		return nil, err
	}
	for i, p := range st.Staff {
		if !p.Until.IsZero() && !p.Until.After(now) {
			continue
		}
		if !s.fits(people[p.Account], st) {
			bad.Add(fmt.Sprintf("/staff/%d/account", i), unfit)
		}
		if p.StandIn != "" && !s.fits(people[p.StandIn], st) {
			bad.Add(fmt.Sprintf("/staff/%d/standIn", i), unfit)
		}
	}
	return people, nil
}

// checkElsewhere notes who would be on a shift of another station at the same
// time; of people who may not be on this staff nothing is told.
func (s *Stations) checkElsewhere(ctx context.Context, tx *store.Tx, st *Station, people map[string]*account.Account, bad *domain.InvalidError) error {
	others, _, err := stations.Find(ctx, tx, store.Query{Where: []store.Cond{store.In("people", st.accounts()...)}, Order: []string{"name"}, Limit: stationsMost})
	if err != nil {
		return err
	}
	for i, p := range st.Staff {
		if !s.fits(people[p.Account], st) {
			continue
		}
		for _, o := range others {
			if o.ID != st.ID && slices.ContainsFunc(o.Staff, func(q Post) bool { return q.Account == p.Account && clash(st.workedBy(p), o.workedBy(q)) }) {
				bad.Add(fmt.Sprintf("/staff/%d/shifts", i), domain.Textf("此人同一时间在“%s”当班", "on a shift of %s at the same time", o.Name))
			}
		}
	}
	return nil
}
