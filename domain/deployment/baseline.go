// Package deployment says what became of the people who worked at counters
// before these were joined: how many are free of it, where they work since and
// what they do there, and how the counters of today fare. Every figure follows
// from a list that can be read. It stands on postings, cases, visits and tickets.
package deployment

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/ids"
	"wangge/domain/place"
	"wangge/domain/posting"
	"wangge/domain/station"
	"wangge/store"
)

// Baseline is how a street, community or station was staffed on a day before
// its counters were joined, as it was entered, with what was entered earlier.
type Baseline struct {
	store.Meta `store:",inline"`
	Place      access.Place `store:"place"`             // of the street or community
	Station    string       `store:"station,omitempty"` // id, of a station's
	Said       `store:",inline"`
	Earlier    []Said `store:"earlier,omitempty"` // by version, from the first
}

// Said is what somebody entered.
type Said struct {
	Day     civil.Date `store:"day"`
	Counter int        `store:"counter"`           // people at counters
	Staff   int        `store:"staff"`             // people in all
	Matters float64    `store:"matters,omitempty"` // that one at a counter handled in a month; 0: not known
	Source  string     `store:"source"`            // where it is from
	By      string     `store:"by"`                // account
	At      time.Time  `store:"at"`
}

var baselines = store.Declare[Baseline](store.Declaration{Name: "deploymentBaselines", Schema: 1})

// Collections lists what the package stores.
func Collections() []store.Declared { return []store.Declared{baselines} }

const (
	sourceLongest = 200 // runes
	peopleMost    = 100_000
	mattersMost   = 100_000
	versionsMost  = 200
	earliest      = civil.Date("1980-01-01")
)

// derived makes the id of a baseline from that of what it is about.
const derived ids.Space = "0b6f1f0e-6d0f-5c0b-9d4e-2a6b8f3c7d15"

// of is what a baseline is about.
type of struct {
	place   access.Place
	station string
}

func (o of) id() string {
	if o.station != "" {
		return derived.Of("station", o.station)
	}
	_, id := place.Finest(o.place)
	return derived.Of("area", id)
}

// about finds the street or community by its code, or the station by its id,
// if the actor keeps the postings there; ErrNotFound.
func (s *Figuring) about(ctx context.Context, actor access.Actor, name string) (of, error) {
	var o of
	if ids.Is(name) {
		st, err := station.Load(ctx, s.store, name)
		if err != nil {
			return o, err
		}
		o = of{st.Place, st.ID}
	} else if a, ok := s.areas.Tree().ByCode(name); ok && (a.Level == access.Street || a.Level == access.Community) {
		o = of{place: a.Place}
	}
	if o.place.Street == "" || !access.MayKeepPosting(actor, posting.Today(s.areas.Tree(), o.place)) {
		return o, domain.ErrNotFound
	}
	return o, nil
}

// Baseline returns what was entered of a street, community or station; ErrNotFound.
func (s *Figuring) Baseline(ctx context.Context, actor access.Actor, name string) (*Baseline, error) {
	o, err := s.about(ctx, actor, name)
	if err != nil {
		return nil, err
	}
	b, err := s.entered(ctx, o)
	if err == nil && b == nil {
		err = domain.ErrNotFound
	}
	return b, err
}

// SetBaseline enters how it was; what was entered before stays readable.
// version, when not 0, is the one the caller read, below 0 where there was none
// yet. The same again changes nothing. ErrNotFound, ErrStale, InvalidError.
func (s *Figuring) SetBaseline(ctx context.Context, actor access.Actor, now time.Time, name string, version int64, in Said) (*Baseline, error) {
	o, err := s.about(ctx, actor, name)
	if err != nil {
		return nil, err
	}
	in.Source, in.By, in.At = strings.TrimSpace(in.Source), actor.Name(), now
	if err := in.check(now); err != nil {
		return nil, err
	}
	var b *Baseline
	err = s.store.Update(ctx, []string{o.place.Street}, func(tx *store.Tx) error {
		if b, err = baselines.Get(ctx, tx, o.id()); errors.Is(err, store.ErrNotFound) {
			if version > 0 {
				return domain.ErrStale
			}
			b = &Baseline{Meta: store.Meta{ID: o.id(), Partition: o.place.Street}, Place: o.place, Station: o.station, Said: in}
			return baselines.Insert(tx, b, b.entry(actor, now))
		}
		if err != nil {
			return err
		}
		if b.same(in) {
			return nil // sent again; the version stated is the one before it
		}
		if version < 0 {
			return domain.ErrStale
		}
		if b, err = baselines.GetAt(ctx, tx, o.id(), version); err != nil {
			return err
		}
		if len(b.Earlier) >= versionsMost {
			return domain.Invalid("", domain.Textf("最多修改 %d 次", "%d changes at most", versionsMost))
		}
		b.Earlier, b.Said = append(slices.Clone(b.Earlier), b.Said), in
		return baselines.Put(tx, b, b.entry(actor, now))
	})
	if err != nil {
		return nil, err
	}
	return b, nil
}

// same reports whether it says so already.
func (b *Baseline) same(in Said) bool {
	return b.Day == in.Day && b.Counter == in.Counter && b.Staff == in.Staff && b.Matters == in.Matters && b.Source == in.Source
}

func (in Said) check(now time.Time) error {
	bad := &domain.InvalidError{}
	if _, ok := civil.ParseDate(string(in.Day)); !ok || in.Day < earliest || in.Day > civil.DateOf(now) {
		bad.Add("/day", domain.T("应为过去的日期，如 2019-03-31", "must be a past date such as 2019-03-31"))
	}
	for pointer, n := range map[string]int{"/counterStaff": in.Counter, "/staff": in.Staff} {
		if n < 0 || n > peopleMost {
			bad.Add(pointer, domain.T("人数有误", "not a number of people"))
		}
	}
	if in.Counter > in.Staff && len(bad.Fields) == 0 {
		bad.Add("/counterStaff", domain.T("不能多于全部人员", "more than there were in all"))
	}
	if !(in.Matters >= 0 && in.Matters <= mattersMost) {
		bad.Add("/mattersPerWorker", domain.T("应为不小于 0 的数", "must be 0 or more"))
	}
	domain.CheckText(bad, "/source", in.Source, sourceLongest, true)
	return bad.Err()
}

func (b *Baseline) entry(actor access.Actor, now time.Time) store.Entry {
	return store.Entry{At: now, Actor: actor.Name(), From: actor.Session, Action: "deployment.baseline", Dims: map[string]string{"community": b.Place.Community, "station": b.Station}}
}

// entered is the baseline of something; nil. Of an area of today for which
// nothing was entered it is that of the one area that it took over from; where
// several were joined, what they were together has to be entered.
func (s *Figuring) entered(ctx context.Context, o of) (*Baseline, error) {
	if o.station != "" {
		found, err := baselines.GetMany(ctx, s.store, []string{o.id()})
		return found[o.id()], err
	}
	var names []string
	_, today := place.Finest(o.place)
	for _, id := range s.areas.Tree().Formerly(today) {
		names = append(names, derived.Of("area", id))
	}
	found, err := baselines.GetMany(ctx, s.store, names)
	if own := found[o.id()]; own != nil || len(found) != 1 {
		return own, err
	}
	for _, b := range found {
		return b, err
	}
	return nil, err
}
