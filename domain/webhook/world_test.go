package webhook

import (
	"maps"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/ids"
	"wangge/domain/intake"
	"wangge/domain/limit"
	"wangge/domain/link"
	"wangge/domain/personal"
	"wangge/domain/photo"
	"wangge/domain/policy"
	"wangge/domain/rating"
	"wangge/domain/receipt"
	"wangge/domain/reveal"
	"wangge/domain/service"
	"wangge/domain/station"
	"wangge/domain/ticket"
	"wangge/domain/todo"
	"wangge/domain/visit"
	"wangge/domain/worldtest"
	"wangge/geo"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

var (
	noon     = worldtest.Noon
	program  = access.Program
	admin    = access.Actor{Account: "admin", Session: "s", Grants: []access.Grant{{Role: access.Admin}}}
	resident = access.Actor{Account: "resident", Session: "s", Grants: []access.Grant{{Role: access.Resident}}}
)

const (
	jia, yi       = worldtest.Jia, worldtest.Yi
	jiaOne, yiOne = worldtest.JiaOne, worldtest.YiOne
)

// world is the city with its people, on one store that several nodes may open.
type world struct {
	*node
	t      testing.TB
	open   func(testing.TB) store.Engine
	keys   *personal.Keys
	people map[string]access.Actor
	mender access.Assignee // an organisation
	at     time.Time       // the clock
}

// node is a process on the store.
type node struct {
	st         *store.Store
	areas      *area.Areas
	accounts   *account.Accounts
	items      *service.Items
	cases      *intake.Cases
	tickets    *ticket.Tickets
	links      *link.Links
	targets    *Targets
	deliveries *Deliveries
}

func eachEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.Each(t, worldOn, test) }

func oneEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.One(t, worldOn, test) }

func must[T any](v T, err error) func(testing.TB) T { return worldtest.Must(v, err) }

var founded worldtest.Founded[*world]

func worldOn(t testing.TB, place enginetest.Place) *world {
	w := *founded.Copy(t, place, settle)
	w.t, w.open, w.people = t, place.Open, maps.Clone(w.people)
	w.node = w.join(t, store.Options{Rehearse: true})
	return &w
}

func settle(t testing.TB, place enginetest.Place) *world {
	w := &world{t: t, open: place.Open, keys: worldtest.Keys(t), people: map[string]access.Actor{}, at: noon}
	w.node = w.join(t, store.Options{Rehearse: true})
	worldtest.Import(t, w.areas, noon, worldtest.Areas)
	worldtest.Draw(t, w.areas, noon, worldtest.Cells...)
	w.mender, w.people["handler"] = worldtest.Handlers(t, w.areas, noon, area.NewOrganisation{Name: "物业", Kind: "property_company", Street: jia})
	w.add("platform", access.Integration, worldtest.City)
	w.add("other platform", access.Integration, worldtest.City)
	w.add("street platform", access.Integration, jia)
	w.add("counter", access.CounterWorker, jiaOne)
	for name, who := range map[string]string{"rnd": "platform", "hotline": "other platform"} {
		must(w.cases.PutSystem(t.Context(), admin, noon, name, 0, intake.SystemInput{Title: "平台", Accounts: []string{w.people[who].Account}}))(t)
	}
	for code, content := range map[string]service.Content{
		"GS-01": {Category: "社保", Name: "居住证明", Department: "人社局", WorkingDays: 5}, "MZ-01": {Category: "民政", Name: "最低生活保障申请", Department: "民政局", WorkingDays: 20, Sensitive: true},
	} {
		must(w.items.Put(t.Context(), admin, noon, code, -1, service.Decision{From: "2026-01-01", Content: content}))(t)
	}
	return w
}

// join opens the store as one more node.
func (w *world) join(t testing.TB, opts store.Options) *node {
	t.Helper()
	n := &node{}
	var all []store.Declared
	for _, c := range [][]store.Declared{area.Collections(), limit.Collections(), reveal.Collections(), account.Collections(), policy.Collections(), calendar.Collections(), photo.Collections(), receipt.Collections(),
		service.Collections(), station.Collections(), intake.Collections(), ticket.Collections(), link.Collections(), todo.Collections(), visit.Collections(), rating.Collections(), Collections()} {
		all = append(all, c...)
	}
	n.st, n.areas = worldtest.Open(t, w.open(t), opts, all...)
	n.accounts = account.New(n.st, n.areas, w.keys, account.Options{})
	n.items = must(service.NewItems(t.Context(), n.st, n.areas))(t)
	calendars := must(calendar.New(t.Context(), n.st))(t)
	n.cases = intake.New(n.st, n.areas, n.accounts, n.items, calendars, w.keys)
	policies := must(policy.New(t.Context(), n.st, n.areas))(t)
	n.tickets = ticket.New(n.st, n.areas, n.accounts, policies, calendars, w.keys)
	n.links = link.New(n.st)
	n.targets = NewTargets(n.st, n.accounts, w.keys)
	n.targets.Allowed = func(u *url.URL) bool { return u.Scheme == "https" && strings.HasSuffix(u.Hostname(), ".example") }
	n.deliveries = NewDeliveries(n.st, n.targets, n.areas)
	return n
}

// add makes an account with one grant, and the actor it signs in as.
func (w *world) add(who string, role access.Role, code string) {
	w.t.Helper()
	in := account.NewAccount{Username: strings.ReplaceAll(who, " ", "."), Name: "某" + who, Machine: role == access.Integration, Grants: []account.GrantInput{{Role: role, Area: code}}}
	a := must(w.accounts.Create(w.t.Context(), program, noon, in))(w.t)
	actor := access.Actor{Account: a.ID, Session: "session"}
	for _, g := range a.Grants {
		actor.Grants = append(actor.Grants, access.Grant{Role: g.Role, Level: g.Level, Area: g.Area})
	}
	if role == access.CounterWorker {
		actor.Cities = []string{worldtest.ID(w.t, w.areas, worldtest.City)}
	}
	w.people[who] = actor
}

// target makes one of an account.
func (w *world) target(who, system string, events ...string) *Target {
	w.t.Helper()
	in := NewTarget{ID: ids.New(), Title: "接收方 " + who, Account: w.people[who].Account, System: system, URL: "https://hooks.example/in", Events: events, Secret: NewSecret{ids.New(), MakeSecret(constant('s'))}}
	return must(w.targets.Create(w.t.Context(), admin, w.at, in))(w.t)
}

// constant is a source of the same bytes.
type constant byte

func (c constant) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(c)
	}
	return len(p), nil
}

func (w *world) upsert(system, number, community, item, state string, version int64) *intake.Case {
	w.t.Helper()
	who := w.people[map[string]string{"rnd": "platform", "hotline": "other platform"}[system]]
	c, _, err := w.cases.Upsert(w.t.Context(), who, w.at, intake.Key{System: system, Number: number}, intake.Upsert{
		Item: item, State: state, Version: &version, ChangedAt: w.at, OpenedAt: noon.Add(-time.Hour), Community: community, Address: "大儒巷8号",
		Applicant: intake.ApplicantInput{Name: "王小明", Phone: "13812345678"},
	})
	return must(c, err)(w.t)
}

func (w *world) report(cell string) *ticket.Ticket {
	w.t.Helper()
	at := worldtest.At[cell]
	return must(w.tickets.Report(w.t.Context(), resident, w.at, ticket.Draft{ID: ids.New(), Category: "noise", Title: "深夜噪声", Position: &at, Datum: geo.WGS84}))(w.t)
}

// enqueue has a node read the journals to their end.
func (w *world) enqueue(n *node) error {
	lease := must(n.st.Acquire(w.t.Context(), "webhooks", ids.New(), time.Minute))(w.t)
	err := n.deliveries.Consumer(func() time.Time { return w.at }).CatchUp(w.t.Context(), n.st, lease)
	must(0, n.st.Release(w.t.Context(), lease))(w.t)
	return err
}

// line is what a target is told of a thing, in order.
func (w *world) line(t *Target, thing Thing, id string) []*Delivery {
	w.t.Helper()
	found, _, err := deliveries.Find(w.t.Context(), w.st, store.Query{Where: []store.Cond{store.Eq("stream", streamID(t.ID, thing, id))}, Order: []string{"sequence"}, Limit: 500})
	return must(found, err)(w.t)
}
