package station

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/civil"
	"wangge/domain/limit"
	"wangge/domain/place"
	"wangge/domain/service"
	"wangge/domain/todo"
	"wangge/domain/worldtest"
	"wangge/geo"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

const day = 24 * time.Hour

// morning is a Monday, 8:00 in Suzhou.
var morning = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// world is a city of two streets, whose counter workers are called ann, bea, cai (of jia) and dan (of yi).
type world struct {
	t        testing.TB
	st       *store.Store
	areas    *area.Areas
	accounts *account.Accounts
	items    *service.Items
	held     *service.Qualifications
	stations *Stations
	todos    *todo.Todos
	people   map[string]access.Actor
	given    map[string]*service.Qualification // to those of staffed
}

func eachEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.Each(t, newWorld, test) }

func oneEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.One(t, newWorld, test) }

func newWorld(t testing.TB, p enginetest.Place) *world {
	t.Helper()
	w, keys := &world{t: t, given: map[string]*service.Qualification{}}, worldtest.Keys(t)
	w.st, w.areas = worldtest.Open(t, p.Open(t), store.Options{Rehearse: true},
		slices.Concat(area.Collections(), limit.Collections(), account.Collections(), calendar.Collections(), service.Collections(), todo.Collections(), Collections())...)
	worldtest.Import(t, w.areas, morning, worldtest.Areas)
	worldtest.Draw(t, w.areas, morning, worldtest.Cells...)
	w.accounts, w.todos = account.New(w.st, w.areas, keys, account.Options{}), todo.New(w.st)
	w.items = must(service.NewItems(t.Context(), w.st, w.areas))(t)
	calendars := must(calendar.New(t.Context(), w.st))(t)
	w.held = service.NewQualifications(w.st, w.accounts, w.items)
	w.stations = New(w.st, w.areas, keys, calendars, w.items, w.held)
	w.people = worldtest.People(t, w.areas)
	for who, at := range map[string]string{"ann": worldtest.Jia, "bea": worldtest.JiaOne, "cai": worldtest.JiaTwo, "dan": worldtest.Yi} {
		a := must(w.accounts.Create(t.Context(), access.Program, morning, account.NewAccount{Username: who, Name: who, Grants: []account.GrantInput{{Role: access.CounterWorker, Area: at}}}))(t)
		in, _ := w.areas.Tree().ByCode(at)
		w.people[who] = access.Actor{Account: a.ID, Session: "session", Posting: []access.Grant{{Role: access.CounterWorker, Level: in.Level, Area: in.ID}}}
	}
	return w
}

func must[T any](v T, err error) func(testing.TB) T { return worldtest.Must(v, err) }

func calendarOf(t *testing.T) (*calendar.Calendar, error) {
	return must(calendar.New(context.Background(), enginetest.Store(t, enginetest.SQLite(t).Open(t), store.Options{}, calendar.Collections()...)))(t).At(t.Context(), nil)
}

var allWeek = []calendar.Weekday{1, 2, 3, 4, 5, 6, 7}

func week(spans ...calendar.Span) []calendar.Weekly {
	return []calendar.Weekly{{Days: allWeek, Spans: spans}}
}

func draft() Draft {
	return Draft{
		Street: worldtest.Jia, Name: "景城民众联络所", Address: "景城路 1 号", Phone: "0512-62880000",
		Position: place.PositionAt(worldtest.At[worldtest.East], geo.WGS84, nil), Models: []ModelSpan{{Model: OneForMany, Counter: true}},
		Communities: []ServedIn{{Code: worldtest.JiaOne}, {Code: worldtest.JiaTwo, Span: Span{Until: morning.Add(30 * day)}}},
		Hours:       calendar.Hours{Weekly: week(calendar.Span{From: "09:00", Until: "21:00"}), OpenOnHolidays: true},
	}
}

var (
	early = Shift{Name: "早班", Weekly: week(calendar.Span{From: "09:00", Until: "15:00"})}
	late  = Shift{Name: "晚班", Weekly: week(calendar.Span{From: "15:00", Until: "21:00"})}
)

func (w *world) id(who string) string { return w.people[who].Account }

// The qualifications of the tests.
const general, welfare = "general_practice", "civil_affairs"

// qualify gives somebody the general qualification, from one day to another.
func (w *world) qualify(who string, from, until civil.Date) *service.Qualification {
	w.t.Helper()
	return must(w.held.Give(w.t.Context(), access.Program, morning, service.NewQualification{Account: w.id(who), Kind: general, From: from, Until: until}))(w.t)
}

// staffed is a station where ann directs and works early, for whom bea stands
// in, and cai works late. It takes what needs the general qualification, which all three have.
func (w *world) staffed() *Station {
	w.t.Helper()
	ctx, manager := w.t.Context(), w.people["manager"]
	d := draft()
	for _, it := range must(w.items.All(ctx, w.st, morning))(w.t) {
		if it.Qualification == general {
			d.Items = append(d.Items, it.Code)
		}
	}
	for _, who := range []string{"ann", "bea", "cai"} {
		w.given[who] = w.qualify(who, "2026-01-01", "")
	}
	st := must(w.stations.Create(ctx, manager, morning, d))(w.t)
	st = must(w.stations.SetShifts(ctx, manager, morning, st.ID, st.Version, []Shift{early, late}))(w.t)
	return must(w.stations.SetStaff(ctx, manager, morning, st.ID, st.Version, []Post{
		{Account: w.id("ann"), Part: Director, Shifts: []string{early.Name}, StandIn: w.id("bea")},
		{Account: w.id("cai"), Part: Worker, Shifts: []string{late.Name}},
	}))(w.t)
}

// pointers are the fields that an error names.
func pointers(err error) (out []string) {
	var bad *domain.InvalidError
	if errors.As(err, &bad) {
		for _, f := range bad.Fields {
			out = append(out, f.Pointer)
		}
	}
	return out
}

func todoOpen(open *bool) todo.Filter { return todo.Filter{Open: open} }

func ptr[T any](v T) *T { return &v }
