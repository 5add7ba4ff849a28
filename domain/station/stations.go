package station

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/ids"
	"wangge/domain/once"
	"wangge/domain/personal"
	"wangge/domain/place"
	"wangge/domain/service"
	"wangge/store"
)

// Stations is what people do with stations.
type Stations struct {
	// Locate finds where an address or a household lies. To be set before use, and not changed then.
	Locate place.Locate

	st        *store.Store
	areas     *area.Areas
	keys      *personal.Keys
	calendars *calendar.Calendars
	items     *service.Items
	held      *service.Qualifications
}

// New makes the use cases on a store that has Collections.
func New(st *store.Store, areas *area.Areas, keys *personal.Keys, calendars *calendar.Calendars, items *service.Items, held *service.Qualifications) *Stations {
	return &Stations{st: st, areas: areas, keys: keys, calendars: calendars, items: items, held: held}
}

// stationsMost that somebody works at, or that serve one community.
const stationsMost = 100

// Serving returns the communities served now by the stations on whose staff
// the account is now or where it stands in, also under the ids of what they
// took over from.
func (s *Stations) Serving(ctx context.Context, r store.Reader, account string, now time.Time) ([]access.Place, error) {
	found, _, err := stations.Find(ctx, r, store.Query{Where: []store.Cond{store.Eq("people", account)}, Order: []string{"name"}, Limit: stationsMost})
	if err != nil {
		return nil, err
	}
	var out []access.Place
	for _, st := range found {
		if _, works := st.partOf(account, now); works {
			out = append(out, st.Served(s.areas.Tree(), now)...)
		}
	}
	return out, nil
}

// Load returns a station, for other parts of the domain; ErrNotFound.
func Load(ctx context.Context, r store.Reader, id string) (*Station, error) {
	return stations.Get(ctx, r, id)
}

// LoadMany returns stations by id; missing ones are left out.
func LoadMany(ctx context.Context, r store.Reader, ids []string) (map[string]*Station, error) {
	return stations.GetMany(ctx, r, ids)
}

// DirectorsOf are the accounts that direct a station at now; none where there is no such station.
func DirectorsOf(ctx context.Context, r store.Reader, id string, now time.Time) ([]string, error) {
	if id == "" {
		return nil, nil
	}
	s, err := Load(ctx, r, id)
	if errors.Is(err, domain.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return s.Directors(now), nil
}

// InStreet returns the stations that lie in a street, by name.
func InStreet(ctx context.Context, r store.Reader, street string) ([]*Station, error) {
	var out []*Station
	for cursor := ""; ; {
		page, next, err := stations.Find(ctx, r, store.Query{Where: []store.Cond{store.Eq("place.street", street)}, Order: []string{"name"}, Limit: 100, After: cursor})
		if err != nil {
			return nil, err
		}
		if out, cursor = append(out, page...), next; cursor == "" {
			return out, nil
		}
	}
}

// DirectorsIn are the accounts that direct the stations which serve a community, by id, at now.
func DirectorsIn(ctx context.Context, r store.Reader, community string, now time.Time) (out []string, err error) {
	found, _, err := stations.Find(ctx, r, store.Query{Where: []store.Cond{store.Eq("serves", community)}, Order: []string{"name"}, Limit: stationsMost})
	for _, st := range found {
		if slices.ContainsFunc(st.Communities, func(c Served) bool { return c.Community == community && c.Holds(now) }) {
			out = append(out, st.Directors(now)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), err
}

// ServedIn is a community by its code, as it is asked for.
type ServedIn struct {
	Code string
	Span
}

// Draft is what Create needs.
type Draft struct {
	Wrong       domain.InvalidError // what is wrong with it beforehand
	ID          string              // a UUID of the caller's, which makes a repetition harmless; "" for a new one
	Street      string              // code
	Name        string
	Address     string
	Phone       string
	Position    place.Position
	Models      []ModelSpan
	Communities []ServedIn
	Hours       calendar.Hours
	Items       []string
}

// Create makes a station without shifts and staff. The same draft again
// returns what became of it. ErrForbidden outside the actor's streets,
// InvalidError, ConflictError "duplicate" for an id in use.
func (s *Stations) Create(ctx context.Context, actor access.Actor, now time.Time, d Draft) (*Station, error) {
	bad := &domain.InvalidError{Fields: slices.Clone(d.Wrong.Fields)}
	street, ok := s.areas.Tree().ByCode(d.Street)
	if !ok || street.Level != access.Street {
		return nil, domain.Invalid("/street", domain.T("没有这个街道", "no such street"))
	}
	made := &Station{Meta: store.Meta{ID: ids.Given(d.ID, "/id", bad), Partition: street.ID}, Place: street.Place, Sent: once.Sent(s.keys, "station", []any{actor.Account, d})}
	if !access.MayRunStation(actor, made.facts(s.areas.Tree(), now)) {
		return nil, domain.ErrForbidden
	}
	made.Name, made.Address, made.Phone, made.Position, made.Models, made.Hours, made.Items = d.Name, d.Address, d.Phone, d.Position, d.Models, d.Hours, d.Items
	made.Communities = s.communities(d.Communities, bad)
	made.trim()
	made.index()
	if made.check(bad); bad.Err() != nil {
		return nil, bad
	}
	err := s.st.Update(ctx, []string{street.ID}, func(tx *store.Tx) error {
		was, err := stations.Get(ctx, tx, made.ID)
		if err == nil {
			if !once.Same(was.Sent, made.Sent) {
				return domain.ErrIDInUse
			}
			made = was
			return nil
		}
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err := s.checkItems(ctx, tx, made, now); err != nil {
			return err
		}
		fresh := *made
		if err := stations.Insert(tx, &fresh, fresh.entry(actor, now, "create")); err != nil {
			return err
		}
		made = &fresh
		return s.settle(ctx, tx, made, actor, now)
	})
	if err != nil {
		return nil, domain.TakenID(err)
	}
	return made, nil
}

// Change is a merge: nil leaves a field as it is.
type Change struct {
	Wrong                domain.InvalidError // what is wrong with it beforehand
	Name, Address, Phone *string
	Position             *place.Position
	Models               *[]ModelSpan
	Communities          *[]ServedIn
	Hours                HoursChange
	Items                *[]string
}

// HoursChange is a merge too.
type HoursChange struct {
	Weekly                     *[]calendar.Weekly
	Seasons                    *[]calendar.Season
	Exceptions                 *[]calendar.Exception
	OpenOnHolidays, MakeUpDays *bool
}

// Update changes a station. version is the one the caller knows, 0 for any.
// ErrNotFound, ErrForbidden, ErrStale, InvalidError, also for hours that a shift lies outside.
func (s *Stations) Update(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in Change) (*Station, error) {
	return s.change(ctx, actor, now, id, version, access.MayRunStation, func(tx *store.Tx, st *Station) (string, error) {
		bad := &domain.InvalidError{Fields: slices.Clone(in.Wrong.Fields)}
		set(&st.Name, in.Name)
		set(&st.Address, in.Address)
		set(&st.Phone, in.Phone)
		set(&st.Position, in.Position)
		set(&st.Models, in.Models)
		set(&st.Hours.Weekly, in.Hours.Weekly)
		set(&st.Hours.Seasons, in.Hours.Seasons)
		set(&st.Hours.Exceptions, in.Hours.Exceptions)
		set(&st.Hours.OpenOnHolidays, in.Hours.OpenOnHolidays)
		set(&st.Hours.MakeUpDays, in.Hours.MakeUpDays)
		set(&st.Items, in.Items)
		if in.Communities != nil {
			st.Communities = s.communities(*in.Communities, bad)
		}
		st.trim()
		st.check(bad)
		if len(bad.Fields) == 0 && slices.ContainsFunc(st.Shifts, func(shift Shift) bool { return !st.opensFor(shift) }) {
			bad.Add("/hours", domain.T("有班次超出开放时间", "a shift lies outside these hours"))
		}
		if err := bad.Err(); err != nil {
			return "", err
		}
		if in.Items != nil {
			return "update", s.checkItems(ctx, tx, st, now)
		}
		return "update", nil
	})
}

func set[T any](field *T, to *T) {
	if to != nil {
		*field = *to
	}
}

// change changes a station by what may says, and what of its holes follows.
// alter names what was done; "" for nothing.
func (s *Stations) change(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, may func(access.Actor, access.Station) bool,
	alter func(*store.Tx, *Station) (string, error), also ...string) (*Station, error) {
	first, err := stations.Get(ctx, s.st, id)
	if err != nil {
		return nil, err
	}
	var st *Station
	err = s.st.Update(ctx, append(also, first.Partition), func(tx *store.Tx) error {
		if st, err = stations.Get(ctx, tx, id); err != nil {
			return err
		}
		if !may(actor, st.facts(s.areas.Tree(), now)) {
			return domain.ErrForbidden
		}
		if st, err = stations.GetAt(ctx, tx, id, version); err != nil {
			return err
		}
		before := *st
		action, err := alter(tx, st)
		if err != nil {
			return err
		}
		if st.index(); action == "" || once.Alike(st, &before) {
			return nil
		}
		if err := stations.Put(tx, st, st.entry(actor, now, action)); err != nil {
			return err
		}
		return s.settle(ctx, tx, st, actor, now)
	})
	if err != nil {
		return nil, err
	}
	return st, nil
}

// entry is the journal's line for what an actor did with the station.
func (s *Station) entry(actor access.Actor, now time.Time, what string) store.Entry {
	return store.Entry{At: now, Actor: actor.Name(), From: actor.Session, Action: "station." + what}
}

// communities resolves codes of communities. Ids stay: one that was recoded is found under its code of today.
func (s *Stations) communities(in []ServedIn, bad *domain.InvalidError) []Served {
	out := make([]Served, len(in))
	for i, c := range in {
		a, ok := s.areas.Tree().ByCode(c.Code)
		if !ok || a.Level != access.Community {
			bad.Add(fmt.Sprintf("/communities/%d/code", i), domain.T("没有这个社区", "no such community"))
			continue
		}
		out[i] = Served{a.ID, c.Span}
	}
	return out
}

// checkItems notes items that are in no catalogue.
func (s *Stations) checkItems(ctx context.Context, r store.Reader, st *Station, now time.Time) error {
	if len(st.Items) == 0 {
		return nil
	}
	all, err := s.items.All(ctx, r, now)
	if err != nil {
		return err
	}
	bad := &domain.InvalidError{}
	for i, code := range st.Items {
		if !slices.ContainsFunc(all, func(it *service.Item) bool { return it.Code == code }) {
			bad.Add(fmt.Sprintf("/serviceItems/%d", i), domain.T("没有这个服务事项", "no such service item"))
		}
	}
	return bad.Err()
}

// View is a station as far as its reader may see it.
type View struct {
	*Station
	Whole bool // with its staff, shifts and absences
	Keeps bool // may change these; sees why people are absent
}

// Get returns a station: its public part to everybody who signs in. ErrNotFound.
func (s *Stations) Get(ctx context.Context, actor access.Actor, now time.Time, id string) (*View, error) {
	st, err := stations.Get(ctx, s.st, id)
	if err != nil {
		return nil, err
	}
	return s.View(actor, now, st), nil
}

// View is a station as the actor sees it.
func (s *Stations) View(actor access.Actor, now time.Time, st *Station) *View {
	f := st.facts(s.areas.Tree(), now)
	return &View{st, access.MayReadStation(actor, f), access.MayKeepStation(actor, f)}
}

// Query asks for stations, by name.
type Query struct {
	Area   string // code: those that lie there, or serve it where it is a community; "" for everywhere
	Model  Model  // that they have now; "" for any
	Limit  int
	Cursor string
}

// List returns a page and the cursor of the next. One of a model may be short,
// for who has another by now. InvalidError at ?area.
func (s *Stations) List(ctx context.Context, now time.Time, q Query) ([]*Station, string, error) {
	var where []store.Cond
	tree := s.areas.Tree()
	if a, ok := tree.ByCode(q.Area); ok && a.Level == access.Community {
		where = append(where, store.In("serves", tree.Formerly(a.ID)...))
	} else if q.Area != "" {
		within, err := place.Within(s.areas, q.Area, "")
		if err != nil {
			return nil, "", err
		}
		where = append(where, within...)
	}
	if q.Model != "" {
		where = append(where, store.Filter(store.Eq("models.model", q.Model)))
	}
	page, next, err := stations.Find(ctx, s.st, store.Query{Where: where, Order: []string{"name"}, Limit: q.Limit, After: q.Cursor})
	return slices.DeleteFunc(page, func(st *Station) bool {
		m, _ := st.ModelAt(now)
		return q.Model != "" && m.Model != q.Model
	}), next, err
}

// trim takes away what nobody sees.
func (s *Station) trim() {
	s.Name, s.Address, s.Phone = strings.TrimSpace(s.Name), strings.TrimSpace(s.Address), strings.TrimSpace(s.Phone)
}
