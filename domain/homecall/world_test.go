package homecall_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/address"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/civil"
	"wangge/domain/collections"
	"wangge/domain/homecall"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/intake"
	"wangge/domain/link"
	"wangge/domain/personal"
	"wangge/domain/policy"
	"wangge/domain/service"
	"wangge/domain/visit"
	"wangge/domain/worldtest"
	"wangge/geo"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/jobs"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

const (
	jia   = worldtest.Jia
	east  = worldtest.East // with two workers
	west  = worldtest.West // with nobody
	north = worldtest.North

	item      = "HC01" // done at home
	sensitive = "HC02" // likewise
	counter   = "HC03" // not done at home

	tuesday   = civil.Date("2026-11-24")
	wednesday = civil.Date("2026-11-25")
)

var noon = worldtest.Noon // a Monday

// node is a process on the store.
type node struct {
	st         *store.Store
	areas      *area.Areas
	accounts   *account.Accounts
	policies   *policy.Policies
	households *household.Households
	items      *service.Items
	cases      *intake.Cases
	visits     visit.UseCases
	links      *link.Links
	calls      *homecall.Calls
}

type world struct {
	*node
	t    testing.TB
	open func(testing.TB) store.Engine
	keys *personal.Keys
	ids  map[string]string // of accounts
}

func eachEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.Each(t, settled, test) }

func oneEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.One(t, settled, test) }

var founded worldtest.Founded[*world]

func settled(t testing.TB, place enginetest.Place) *world {
	w := *founded.Copy(t, place, settle)
	w.t, w.open, w.ids = t, place.Open, maps.Clone(w.ids)
	w.node = w.join()
	return &w
}

func settle(t testing.TB, place enginetest.Place) *world {
	w := &world{t: t, open: place.Open, keys: worldtest.Keys(t), ids: map[string]string{}}
	w.node = w.join()
	worldtest.Import(t, w.areas, noon, worldtest.Areas)
	worldtest.Draw(t, w.areas, noon, worldtest.Cells...)
	for who, g := range map[string]account.GrantInput{
		"lead": {Role: access.GridLead, Area: jia}, "first": {Role: access.OutreachWorker, Area: jia}, "second": {Role: access.OutreachWorker, Area: jia}, "third": {Role: access.OutreachWorker, Area: jia},
		"manager": {Role: access.StreetManager, Area: jia}, "counter": {Role: access.CounterWorker, Area: worldtest.JiaOne},
	} {
		w.ids[who] = must(w.accounts.Create(t.Context(), access.Program, noon, account.NewAccount{Username: who, Name: "某人", Grants: []account.GrantInput{g}}))(t).ID
	}
	w.staff(east, []string{"first", "second"})
	w.staff(north, []string{"third"})
	for code, c := range map[string]service.Content{item: {HomeCall: true}, sensitive: {HomeCall: true, Sensitive: true}, counter: {}} {
		c.Category, c.Name, c.Department, c.WorkingDays = "民政", "尊老金申请", "民政局", 5
		c.Materials = []service.Material{{Code: "id_card", Name: "居民身份证", Form: service.Both, Needed: true}}
		must(w.items.Put(t.Context(), admin, noon, code, -1, service.Decision{Content: c}))(t)
	}
	return w
}

var admin = access.Actor{Account: "admin", Session: "s", Grants: []access.Grant{{Role: access.Admin}}}

// join opens the store as one more node.
func (w *world) join() *node { w.t.Helper(); return w.joinOn(w.open(w.t)) }

func (w *world) joinOn(engine store.Engine) *node {
	t := w.t
	t.Helper()
	n := &node{}
	n.st, n.areas = worldtest.Open(t, engine, store.Options{Rehearse: true}, collections.All(w.keys)...)
	n.policies = must(policy.New(t.Context(), n.st, n.areas))(t)
	n.policies.InUse = func(context.Context, store.Reader, []string, string) (bool, error) { return false, nil }
	n.accounts = account.New(n.st, n.areas, w.keys, account.Options{})
	n.items = must(service.NewItems(t.Context(), n.st, n.areas))(t)
	calendars := must(calendar.New(t.Context(), n.st))(t)
	n.cases = intake.New(n.st, n.areas, n.accounts, n.items, calendars, w.keys)
	n.households = household.New(n.st, n.areas, n.policies, w.keys)
	n.visits = visit.New(n.st, n.areas, w.keys, n.households)
	n.links = link.New(n.st)
	n.calls = &homecall.Calls{Store: n.st, Areas: n.areas, Accounts: n.accounts, Policies: n.policies, Calendars: calendars, Items: n.items, Households: n.households, Cases: n.cases, Keys: w.keys,
		Locate: address.New(n.st, n.areas, n.households, w.keys).Locate}
	n.visits.Hear(n.calls.Hear)
	n.areas.PlanMoves = n.households.PlanMoves
	return n
}

func must[T any](v T, err error) func(testing.TB) T { return worldtest.Must(v, err) }

// staff posts workers in a cell, under one lead.
func (w *world) staff(cell string, who []string, covers ...area.Cover) {
	w.t.Helper()
	posts := []area.Post{{Account: w.ids["lead"], Role: access.GridLead}}
	for _, x := range who {
		posts = append(posts, area.Post{Account: w.ids[x], Role: access.OutreachWorker})
	}
	must(w.accounts.SetStaff(w.t.Context(), access.Program, noon, cell, posts, covers, 0))(w.t)
	if err := w.areas.Refresh(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// as is somebody who works.
func (w *world) as(who string) access.Actor {
	w.t.Helper()
	a := access.Actor{Account: w.ids[who], Session: "s"}
	switch who {
	case "lead":
		for _, c := range []string{east, west, north} {
			a.Grants = append(a.Grants, access.Grant{Role: access.GridLead, Level: access.Cell, Area: worldtest.ID(w.t, w.areas, c)})
		}
	case "manager":
		a.Grants = []access.Grant{{Role: access.StreetManager, Level: access.Street, Area: worldtest.ID(w.t, w.areas, jia)}}
	case "counter":
		a.Grants = []access.Grant{{Role: access.CounterWorker, Level: access.Community, Area: worldtest.ID(w.t, w.areas, worldtest.JiaOne)}}
	default:
		for _, p := range must(w.areas.Posts(w.t.Context(), a.Account, noon))(w.t) {
			a.Grants = append(a.Grants, access.Grant{Role: p.Role, Level: access.Cell, Area: p.Cell.ID})
		}
		a.Posting = []access.Grant{{Role: access.OutreachWorker, Level: access.Street, Area: worldtest.ID(w.t, w.areas, jia)}}
	}
	return a
}

// resident is one who has proved their phone: the n-th.
func (w *world) resident(n int) access.Actor {
	w.t.Helper()
	phone := fmt.Sprintf("1380000%04d", n)
	a, err := w.accounts.ByPhone(w.t.Context(), must(personal.NormalisePhone(phone))(w.t))
	if err != nil {
		a = must(w.accounts.Create(w.t.Context(), access.Program, noon, account.NewAccount{Username: fmt.Sprintf("resident.%d", n), Name: "王秀英", Phone: phone, Grants: []account.GrantInput{{Role: access.Resident}}}))(w.t)
	}
	return access.Actor{Account: a.ID, Session: "s", Phone: w.keys.Index("phone", must(personal.NormalisePhone(phone))(w.t)), Grants: []access.Grant{{Role: access.Resident}}}
}

// asked is a booking at a door of a cell.
func asked(cell, room string, date civil.Date, slot string) homecall.Booking {
	at := worldtest.At[cell]
	return homecall.Booking{ID: ids.New(), Item: item, Date: date, Slot: slot, Where: homecall.Where{Address: household.Address{Estate: "大儒巷", Building: "8", Room: room}, Position: &at, Datum: geo.WGS84}}
}

func (w *world) book(who access.Actor, b homecall.Booking) *homecall.Request {
	w.t.Helper()
	return must(w.calls.Book(w.t.Context(), who, noon, b))(w.t)
}

func (w *world) request(id string) *homecall.Request {
	w.t.Helper()
	return must(homecall.Load(w.t.Context(), w.st, id))(w.t)
}

func (w *world) visit(r *homecall.Request) *visit.Visit {
	w.t.Helper()
	return must(visit.LoadMany(w.t.Context(), w.st, []string{r.Visit}))(w.t)[r.Visit]
}

func (w *world) caseOf(r *homecall.Request) *intake.Case {
	w.t.Helper()
	return must(intake.Load(w.t.Context(), w.st, r.Case))(w.t)
}

// name is the name of an account, by its id.
func (w *world) name(id string) string {
	for who, is := range w.ids {
		if is == id {
			return who
		}
	}
	return id
}

// act takes a step with the visit of a request.
func (w *world) act(who string, r *homecall.Request, in visit.ActionInput) error {
	in.Reason = "有事"
	_, err := w.visits.Visits.TakeAction(w.t.Context(), w.as(who), noon, r.Visit, 0, in)
	return err
}

// follow does what the background would have done.
func (w *world) follow(now time.Time) {
	w.t.Helper()
	if err := w.calls.CatchUp(w.t.Context(), jobs.Node{Store: w.st, Name: "test", Now: func() time.Time { return now }, Log: slog.Default()}); err != nil {
		w.t.Fatal(err)
	}
}

// said is how a request and its visit stand.
func (w *world) said(r *homecall.Request) string {
	w.t.Helper()
	r = w.request(r.ID)
	v, c := w.visit(r), w.caseOf(r)
	out := []string{string(r.State), string(r.Cause), string(r.Slot.Date) + "/" + r.Slot.Code, w.name(r.Worker), string(v.State), w.name(v.Assignee), "case:" + c.HomeCall.Call.State}
	if r.Slot.Date != v.Period || !r.Slot.To.Equal(v.Closes) || r.Worker != v.Assignee || string(c.HomeCall.On) != string(r.Slot.Date) {
		out = append(out, "apart")
	}
	taken := must(homecall.TakenOf(w.t.Context(), w.st, r.Worker, r.Slot.Date))(w.t)
	n := 0
	for _, t := range taken {
		if t.Request == r.ID {
			n++
		}
	}
	if want := map[bool]int{true: 1}[r.State == homecall.Booked && r.Worker != ""]; n != want {
		out = append(out, fmt.Sprintf("taken %d times", n))
	}
	return strings.Join(out, " ")
}

// allowed are the slots that a refusal names.
func allowed(err error) []string {
	var conflict *domain.ConflictError
	if errors.As(err, &conflict) {
		return conflict.Allowed
	}
	return nil
}
