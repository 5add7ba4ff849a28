package handlers

import (
	"bytes"
	"context"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"wangge"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/address"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/cellnotice"
	"wangge/domain/collections"
	"wangge/domain/coordination"
	"wangge/domain/delivery"
	"wangge/domain/deployment"
	"wangge/domain/device"
	"wangge/domain/form"
	"wangge/domain/homecall"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/intake"
	"wangge/domain/journal"
	"wangge/domain/limit"
	"wangge/domain/link"
	"wangge/domain/live"
	"wangge/domain/notice"
	"wangge/domain/once"
	"wangge/domain/personal"
	"wangge/domain/photo"
	"wangge/domain/plan"
	"wangge/domain/policy"
	"wangge/domain/posting"
	"wangge/domain/rating"
	"wangge/domain/robot"
	"wangge/domain/schedule"
	"wangge/domain/service"
	"wangge/domain/sight"
	"wangge/domain/sms"
	"wangge/domain/station"
	"wangge/domain/stats"
	"wangge/domain/ticket"
	"wangge/domain/todo"
	"wangge/domain/visit"
	"wangge/domain/webhook"
	"wangge/domain/wechat"
	"wangge/domain/worldtest"
	"wangge/handlers/auth"
	"wangge/handlers/ogc"
	"wangge/handlers/tiles"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/jobs"
	"wangge/store/mongodb/mongotest"
	"wangge/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

// eachEngine runs a test in a fresh city on each engine, oneEngine on SQLite: see enginetest.
// Nothing that a test changes is another's, so tests run beside one another.
func eachEngine(t *testing.T, test func(*testing.T, *harness)) {
	t.Parallel()
	enginetest.Each(t, func(t *testing.T, p enginetest.Place) { test(t, copyHarness(t, p)) })
}

func oneEngine(t *testing.T, test func(*testing.T, *harness)) {
	t.Parallel()
	enginetest.One(t, func(t *testing.T, p enginetest.Place) { test(t, copyHarness(t, p)) })
}

// harness is a server on a small city, with a clock that the test moves.
type harness struct {
	*Server
	*city
	Store   *store.Store
	clock   *clock
	figures *stats.Live
	codes   *outbox
	logs    *bytes.Buffer
	keys    *personal.Keys

	onMongoDB bool // in eachEngine
}

// clock stands still unless moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// outbox keeps the codes sent, by phone.
type outbox struct{ sent map[string]string }

func (o *outbox) SendCode(_ context.Context, phone, code string) error {
	o.sent[phone] = code
	return nil
}

// publicURL is where clients are told to look.
const publicURL = "https://grid.example.org"

var morning = time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC) // 9:00 in Suzhou

// newHarness builds the city on an engine.
func newHarness(t testing.TB, engine store.Engine) *harness {
	t.Helper()
	h := startHarness(t, engine, t.TempDir())
	h.closed(t)
	h.city = buildCity(t, h.Store, h.Server, h.codes)
	return h
}

// startHarness starts the server on what the engine has, with the keys of a folder.
func startHarness(t testing.TB, engine store.Engine, dir string) *harness {
	t.Helper()
	ctx := t.Context()
	keys := must(personal.LoadKeys(filepath.Join(dir, keyring), ""))(t)
	h := &harness{clock: &clock{now: morning}, codes: &outbox{map[string]string{}}, logs: &bytes.Buffer{}, keys: keys}
	st := must(store.Open(ctx, engine, store.Options{Now: h.clock.read, Rehearse: true}, collections.All(keys)...))(t)
	h.Store = st
	tokens := must(auth.LoadKeys(filepath.Join(dir, "tokens"), ""))(t)
	areas := must(area.New(ctx, st))(t)
	accounts := account.New(st, areas, keys, account.Options{Sender: h.codes})
	policies := must(policy.New(ctx, st, areas))(t)
	calendars := must(calendar.New(ctx, st))(t)
	tickets := ticket.New(st, areas, accounts, policies, calendars, keys)
	policies.InUse, policies.People = tickets.InUse, accounts.Leading
	links := link.New(st)
	tickets.LinksSeen = links.SeenAt(link.Ticket)
	households := household.New(st, areas, policies, keys)
	tickets.Reveals = households.Reveals
	addresses := address.New(st, areas, households, keys)
	tickets.Locate = addresses.Locate
	items := must(service.NewItems(ctx, st, areas))(t)
	cases := intake.New(st, areas, accounts, items, calendars, keys)
	cases.Reveals = households.Reveals
	cases.Locate = addresses.Locate
	cases.LinksSeen = links.SeenAt(link.Case)
	areas.PlanMoves = coordination.PlanMoves(tickets, households)
	visits, plans := visit.New(st, areas, keys, households), plan.New(st, areas, households)
	calls := &homecall.Calls{Store: st, Areas: areas, Accounts: accounts, Policies: policies, Calendars: calendars, Items: items, Households: households, Cases: cases, Keys: keys, Locate: addresses.Locate}
	visits.Hear(calls.Hear)
	qualifications := service.NewQualifications(st, accounts, items)
	h.figures = stats.New(stats.Sources{Areas: areas, Tickets: tickets, Visits: visits.Visits, Households: households})
	stations := station.New(st, areas, keys, calendars, items, qualifications)
	accounts.Serving = stations.Serving
	postings := posting.New(st, areas, accounts, keys)
	stations.Locate = addresses.Locate
	hooks := webhook.NewTargets(st, accounts, keys)
	hooks.Allowed = func(u *url.URL) bool { return u.Scheme == "https" && strings.HasSuffix(u.Hostname(), ".example") }
	robots := robot.New(st, areas, keys)
	robots.On = true
	devices := device.New(st, accounts, keys)
	devices.On = []delivery.Way{delivery.FCM, delivery.JPush}
	byWeChat := wechat.New(st, accounts, devices, keys)
	todos, notices := todo.New(st), notice.New(st, areas, accounts, tickets)
	ratings := rating.New(st, areas, accounts, policies, calendars, keys)
	todos.Sights = sight.All(sight.Of{Accounts: accounts, Areas: areas, Promises: visits.Promises, Plans: plans, Households: households, Webhooks: hooks, Robots: robots, Stations: stations, Cases: cases, Ratings: ratings, Tickets: tickets, Visits: visits.Visits, Stops: visits.Stops, HomeCalls: calls, Qualifications: qualifications})
	notices.Sights, notices.Keys = todos.Sights, keys
	limits := limit.New(st, keys)
	cellNotices := cellnotice.New(st, keys, areas, households, notices, limits)
	todos.Sights[cellnotice.About], notices.Messages = cellNotices.Seen, cellNotices.Texts
	h.Server = must(New(Deps{
		Webhooks: hooks, Deliveries: webhook.NewDeliveries(st, hooks, areas),
		Ping: st.Ping, Preparing: st.Preparing, Requests: once.New(st), Photos: photo.New(st),
		Links: links, Counter: &coordination.Counter{Store: st, Tickets: tickets, Cases: cases}, Cases: cases, Calendars: calendars, Items: items, Qualifications: qualifications,
		Accounts: accounts, Areas: areas, Policies: policies, Households: households, Addresses: addresses, Forms: form.New(st, areas), Plans: plans, UseCases: visits, HomeCalls: calls, Scheduler: schedule.New(st, areas, households, plans, visits.Promises), Doors: &coordination.Doors{Store: st, Households: households, Stops: visits.Stops, Tickets: tickets, Cases: cases}, Stations: stations, Postings: postings, Deployment: deployment.New(st, areas, postings, cases, visits.Visits, tickets), Tickets: tickets, Todos: todos, Journal: &journal.Journal{Store: st, Areas: areas, Sights: todos.Sights}, Notices: notices, Tiles: tiles.New(areas, h.figures, publicURL), OGC: ogc.New(areas, tickets, publicURL), Tokens: tokens, PublicURL: publicURL,
		Delivering: delivery.New(st, []delivery.Way{delivery.FCM, delivery.JPush}, 10*time.Minute, delivery.Ports{Seen: notices.Seen, Groups: func(string) bool { return false }}),
		Ratings:    ratings, Devices: devices, WeChat: byWeChat, Robots: robots, TestRobot: func(context.Context, time.Time, string, string) error { return nil },
		Texts:    sms.New(st, keys, 100, h.clock.read),
		Live:     live.New(st, accounts, keys, live.Options{Most: 500, PerAccount: 5, Beat: 15 * time.Second}),
		Contract: wangge.Contract, Docs: fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}, "docs.css": {Data: []byte("body{}")}}, Console: aBuild(),
		Log: slog.New(slog.NewJSONHandler(h.logs, nil)), Now: h.clock.read, Limits: limits, CellNotices: cellNotices, WritesPerHour: 300,
	}))(t)
	return h
}

// with starts the server anew with other things to work with.
func (h *harness) with(t testing.TB, change func(*Deps)) {
	t.Helper()
	d := h.Deps
	change(&d)
	h.Server = must(New(d))(t)
}

// follow runs what keeps areas, figures and tiles fresh until the test ends.
func (h *harness) follow(t *testing.T) {
	t.Helper()
	must(0, h.Policies.Begin(t.Context(), h.Now()))(t) // or else the journal grows meanwhile
	must(0, h.Calendars.Begin(t.Context(), h.Now()))(t)
	ctx, stop := context.WithCancel(t.Context())
	var working sync.WaitGroup
	for _, work := range []func(){
		func() { _ = h.Areas.Follow(ctx) }, func() { _ = h.Policies.Follow(ctx, jobs.Node{Store: h.Store, Now: h.Now, Log: h.Log}) }, func() { _ = h.Calendars.Follow(ctx, jobs.Node{Store: h.Store, Now: h.Now, Log: h.Log}) }, func() { _ = h.Items.Follow(ctx, jobs.Node{Store: h.Store, Now: h.Now, Log: h.Log}) }, func() { _ = h.figures.Follow(ctx, jobs.Node{Store: h.Store, Now: h.Now, Log: h.Log}) }, func() { _ = h.Tiles.Follow(ctx, h.Log) },
		func() { _ = h.Live.Follow(ctx, jobs.Node{Store: h.Store, Now: h.Now, Log: h.Log}) },
	} {
		working.Go(work)
	}
	t.Cleanup(func() { stop(); working.Wait() })
}

func must[T any](v T, err error) func(testing.TB) T { return worldtest.Must(v, err) }

// token is an access token of a session of this person, begun behind the sign-in's back.
func (h *harness) token(t testing.TB, who string) string {
	t.Helper()
	p := h.people[who]
	if p == nil {
		t.Fatalf("there is no %s in the city", who)
	}
	if p.session == "" {
		p.session = ids.New()
		s := &account.Session{Account: p.id, Epoch: p.epoch, Started: h.clock.read(), Used: h.clock.read(), Expires: h.clock.read().Add(30 * 24 * time.Hour)}
		s.ID, s.Partition = p.session, area.CityPartition
		if p.phone != "" { // of a resident, who gave its code
			s.Phone = h.keys.Index("phone", p.phone)
		}
		err := h.Store.Update(t.Context(), nil, func(tx *store.Tx) error { return storetest.Of[account.Session](account.Collections()).Insert(tx, s) })
		if err != nil {
			t.Fatal(err)
		}
	}
	token, _, err := h.Tokens.Issue(auth.Claims{Account: p.id, Session: p.session}, h.clock.read())
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// actor is who stands behind a person's session now.
func (h *harness) actor(t testing.TB, who string) access.Actor {
	t.Helper()
	h.token(t, who)
	p := h.people[who]
	return must(h.Accounts.Actor(t.Context(), p.id, p.session, h.clock.read()))(t)
}
