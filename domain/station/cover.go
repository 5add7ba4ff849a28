package station

import (
	"context"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/civil"
	"wangge/domain/service"
	"wangge/store"
)

const (
	// CoverDays is how long a time Cover tells of.
	CoverDays = 62
	// CoverYears is how far ahead: the days of a calendar come to an end.
	CoverYears = 10
)

// Covered is one shift, for a time without a break: who is there, and what they may not take.
type Covered struct {
	Shifted
	There   []Presence
	Missing []Missing
}

// Missing is a time for which nobody is there who may take some items.
type Missing struct {
	Qualification string   // that these need; "": none, and nobody is there
	Items         []string // codes, sorted
	Span
}

// Cover tells of every shift between two moments who is there, staff less
// absences plus stand-ins, and exactly when which items nobody there may take.
// Open hours without a shift are there under the name "". ErrNotFound,
// ErrForbidden for who may read its public part only; InvalidError at ?from and ?to.
func (s *Stations) Cover(ctx context.Context, actor access.Actor, now time.Time, id string, t Span) ([]Covered, error) {
	st, err := stations.Get(ctx, s.st, id)
	if err != nil {
		return nil, err
	}
	if !access.MayReadStation(actor, st.facts(s.areas.Tree(), now)) {
		return nil, domain.ErrForbidden
	}
	if !t.From.Before(t.Until) {
		return nil, domain.Invalid("?to", backwards)
	}
	if t.Until.Sub(t.From) > CoverDays*24*time.Hour {
		return nil, domain.Invalid("?to", domain.Textf("最多 %d 天", "%d days at most", CoverDays))
	}
	if t.From.Before(now.Add(-keptFor)) {
		return nil, domain.Invalid("?from", domain.T("开始时间过早", "it is too long ago"))
	}
	if t.Until.After(now.AddDate(CoverYears, 0, 0)) {
		return nil, domain.Invalid("?to", domain.Textf("应在今后 %d 年之内", "must be within %d years from now", CoverYears))
	}
	k, err := s.know(ctx, s.st, st, t)
	if err != nil {
		return nil, err
	}
	return k.cover(), nil
}

// known is a station within a time, with all that its duty depends on.
type known struct {
	*Station // without who may no longer be on its staff
	duty
	held  Held
	needs []need
}

// need is that some items that a station takes need a qualification, for a time.
type need struct {
	qualification string
	items         []string // codes, sorted
	Span
}

// know reads what a station's cover within a time depends on.
func (s *Stations) know(ctx context.Context, r store.Reader, st *Station, t Span) (*known, error) {
	c, err := s.calendars.At(ctx, r)
	if err != nil {
		return nil, err
	}
	fit, held, err := s.staffed(ctx, r, st)
	if err != nil {
		return nil, err
	}
	needs, err := s.needs(ctx, r, st, t)
	return &known{fit[0], fit[0].dutyBetween(c, t), held, needs}, err
}

// staffed are stations without people who may no longer be on their staff, and
// what the others may take.
func (s *Stations) staffed(ctx context.Context, r store.Reader, all ...*Station) ([]*Station, Held, error) {
	var who []string
	for _, st := range all {
		who = append(who, st.People...)
	}
	slices.Sort(who)
	who = slices.Compact(who)
	people, err := account.LoadMany(ctx, r, who)
	if err != nil {
		return nil, nil, err
	}
	held, err := s.held.Held(ctx, r, who)
	fit := make([]*Station, len(all))
	for i, st := range all {
		fit[i] = st.only(func(account string) bool { return s.fits(people[account], st) })
	}
	return fit, held, err
}

// only is the station with those people alone that fit.
func (s *Station) only(fits func(account string) bool) *Station {
	out := *s
	out.Staff, out.Absences = slices.Clone(s.Staff), slices.Clone(s.Absences)
	check := func(account *string) {
		if *account != "" && !fits(*account) {
			*account = ""
		}
	}
	for i := range out.Staff {
		check(&out.Staff[i].StandIn)
		if !fits(out.Staff[i].Account) {
			out.Staff[i].Shifts = nil
		}
	}
	for i := range out.Absences {
		check(&out.Absences[i].StandIn)
	}
	return &out
}

// takes reports whether the station takes an item.
func (s *Station) takes(it *service.Item) bool {
	return !it.Retired && (len(s.Items) == 0 || slices.Contains(s.Items, it.Code))
}

// needs are what the items that a station takes need within a time, those of
// one qualification together. Items change when days begin.
func (s *Stations) needs(ctx context.Context, r store.Reader, st *Station, t Span) ([]need, error) {
	var out []need
	for day := civil.DateOf(t.From); day.Start().Before(t.Until); day = day.Add(1) {
		all, err := s.items.All(ctx, r, day.Start())
		if err != nil {
			return nil, err
		}
		of := map[string][]string{}
		for _, it := range all {
			if st.takes(it) {
				of[it.Qualification] = append(of[it.Qualification], it.Code)
			}
		}
		today := Span{day.Start(), day.Add(1).Start()}
		for q, items := range of {
			last := slices.IndexFunc(out, func(n need) bool {
				return n.qualification == q && n.Until.Equal(today.From) && slices.Equal(n.items, items)
			})
			if last >= 0 {
				out[last].Until = today.Until
			} else {
				out = append(out, need{q, items, today})
			}
		}
	}
	slices.SortFunc(out, func(a, b need) int { return strings.Compare(a.qualification, b.qualification) })
	return out, nil
}

// cover is what Cover tells of the whole time.
func (k *known) cover() []Covered {
	out := make([]Covered, len(k.shifts))
	has := map[string][]Span{}
	for i, shift := range k.shifts {
		out[i] = Covered{Shifted: shift, There: k.during(shift.Span)}
		for _, n := range k.needs {
			if has[n.qualification] == nil {
				has[n.qualification] = k.whoHas(n.qualification, k.held)
			}
			for _, gap := range without(n.within([]Span{shift.Span}), has[n.qualification]) {
				out[i].Missing = append(out[i].Missing, Missing{n.qualification, n.items, gap})
			}
		}
		slices.SortStableFunc(out[i].Missing, func(a, b Missing) int { return a.From.Compare(b.From) })
	}
	return out
}
