package calendar

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/store"
	"wangge/store/jobs"
)

// Calendars is the calendar of the city, which every node has in memory.
type Calendars struct {
	st    *store.Store
	known *jobs.Kept[decided, *decided, *snapshot]
}

// snapshot is what the city has decided, with what comes of it. It never changes.
type snapshot struct {
	years    map[int]Year
	calendar *Calendar
}

// decided is what the city has decided of years. There is one, of the id "holidays".
type decided struct {
	store.Meta `store:",inline"`
	Years      []Year `store:"years,omitempty"` // in order
}

const theOne = "holidays"

var holidays = store.Declare[decided](store.Declaration{Name: "holidays", Schema: 1})

// Collections are what this package keeps in the store.
func Collections() []store.Declared { return []store.Declared{holidays} }

// ActionYear is the journal's action, in the city's partition, for a year that
// came or changed; its dimension "year" says which. What was reckoned with days
// of that year, or the last before it, is to be reckoned anew.
const ActionYear = "calendar.year"

// New reads the calendar from a store that has Collections.
func New(ctx context.Context, st *store.Store) (*Calendars, error) {
	s := &Calendars{st: st}
	s.known = jobs.Keep(st, holidays, theOne, newSnapshot(&decided{}), func(_ context.Context, d *decided) (*snapshot, error) { return newSnapshot(d), nil })
	return s, s.Refresh(ctx)
}

func newSnapshot(d *decided) *snapshot {
	s := &snapshot{years: map[int]Year{}}
	var all []Year
	for _, y := range slices.Concat(builtIn, d.Years) { // the city's after those that are built in
		s.years[y.Year] = y
	}
	for _, y := range s.years {
		all = append(all, y)
	}
	s.calendar = newCalendar(all)
	return s
}

// Now is the calendar as this node knows it.
func (s *Calendars) Now() *Calendar { return s.known.Now().calendar }

// At is the calendar as this node knows it. Read through an update it counts
// as read by it: the update runs again when the calendar has changed since.
func (s *Calendars) At(ctx context.Context, r store.Reader) (*Calendar, error) {
	known, err := s.known.In(ctx, r)
	if err != nil {
		return nil, err
	}
	return known.calendar, nil
}

// Year is what is known of a year; one of which nothing is known has no days.
// ErrNotFound for one that nothing can be decided of.
func (s *Calendars) Year(year int) (Year, error) {
	if !(Year{Year: year}).valid() {
		return Year{}, domain.ErrNotFound
	}
	y := s.known.Now().years[year]
	y.Year = year
	return y, nil
}

// SetYear decides the days of a year, at the version that the caller read:
// below 0 where the city had decided nothing, 0 for any. The same days and
// source again change nothing. What it is not said which weekday it makes up
// for gets one. Errors: ErrForbidden, ErrNotFound for a year that nothing can be decided of, InvalidError, ErrStale.
func (s *Calendars) SetYear(ctx context.Context, actor access.Actor, now time.Time, version int64, y Year) (Year, error) {
	if !access.MaySetHolidays(actor) {
		return Year{}, domain.ErrForbidden
	}
	if !y.valid() {
		return Year{}, domain.ErrNotFound
	}
	bad := &domain.InvalidError{}
	domain.CheckText(bad, "/source", y.Source, sourceLongest, true)
	y = y.paired()
	switch {
	case len(y.Days) == 0:
		bad.Add("/days", domain.T("至少应有一天", "at least one day is needed"))
	case len(y.Days) > daysMost:
		bad.Add("/days", tooMany)
	default:
		y.check(func(day int, field string, detail domain.Text) {
			bad.Add(fmt.Sprintf("/days/%d/%s", day, field), detail)
		})
	}
	if err := bad.Err(); err != nil {
		return Year{}, err
	}
	var made Year
	err := s.update(ctx, actor, now, func(d *decided) ([]Year, error) {
		was := d.year(y.Year)
		if version > 0 && version != was.Version || version < 0 && was.Version > 0 {
			return nil, domain.ErrStale
		}
		if made = was; made.same(y.settled()) {
			return nil, nil
		}
		made = y.settled()
		made.Version = was.Version + 1
		return []Year{made}, nil
	})
	return made, err
}

// update writes the years that fn decides, with an entry for each.
func (s *Calendars) update(ctx context.Context, actor access.Actor, now time.Time, fn func(*decided) ([]Year, error)) error {
	err := s.st.Update(ctx, []string{area.CityPartition}, func(tx *store.Tx) error {
		d, err := holidays.Get(ctx, tx, theOne)
		if errors.Is(err, store.ErrNotFound) {
			d, err = newDecided(), nil
		}
		if err != nil {
			return err
		}
		years, err := fn(d)
		if err != nil || len(years) == 0 {
			return err
		}
		var entries []store.Entry
		for _, y := range years {
			d.put(y)
			entries = append(entries, store.Entry{At: now, Actor: actor.Name(), From: actor.Session, Action: ActionYear, Dims: map[string]string{"year": strconv.Itoa(y.Year)}})
		}
		if d.Version == 0 {
			return holidays.Insert(tx, d, entries...)
		}
		return holidays.Put(tx, d, entries...)
	})
	if err != nil {
		return err
	}
	return s.Refresh(ctx)
}

func newDecided() *decided {
	return &decided{Meta: store.Meta{ID: theOne, Partition: area.CityPartition}}
}

// Begin makes the document that stands for the calendar, where there is none:
// one that is there costs the commit of who read it no look-up, one that is not does.
func (s *Calendars) Begin(ctx context.Context, now time.Time) error {
	return s.known.Begin(ctx, []string{area.CityPartition}, func(tx *store.Tx) error {
		return holidays.Insert(tx, newDecided(), store.Entry{At: now, Actor: access.Program.Name(), Action: "calendar.begin"})
	})
}

// year is what holds of a year: what the city decided, or else what is built in.
func (d *decided) year(year int) Year {
	for _, y := range slices.Concat(d.Years, builtIn) {
		if y.Year == year {
			return y
		}
	}
	return Year{Year: year}
}

func (d *decided) put(y Year) {
	d.Years = slices.DeleteFunc(slices.Clone(d.Years), func(was Year) bool { return was.Year == y.Year })
	d.Years = append(d.Years, y)
	slices.SortFunc(d.Years, func(a, b Year) int { return a.Year - b.Year })
}

// Refresh brings what this node knows up to what is committed.
func (s *Calendars) Refresh(ctx context.Context) error { return s.known.Refresh(ctx) }

// Follow keeps what this node knows fresh, whoever changed it, until ctx ends;
// it returns ctx's error.
func (s *Calendars) Follow(ctx context.Context, n jobs.Node) error {
	return s.known.Follow(ctx, n, "calendar", area.CityPartition, s.Begin)
}
