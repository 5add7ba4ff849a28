package webhooks

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/collections"
	"wangge/domain/ids"
	"wangge/domain/intake"
	"wangge/domain/link"
	"wangge/domain/personal"
	"wangge/domain/policy"
	"wangge/domain/service"
	"wangge/domain/ticket"
	"wangge/domain/webhook"
	"wangge/domain/worldtest"
	"wangge/notifications/outgoing"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/jobs"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

func must[T any](v T, err error) func(testing.TB) T { return worldtest.Must(v, err) }

// world is a small city, whose receivers are on loopback, on a store that nodes open and are killed on.
type world struct {
	t      testing.TB
	place  enginetest.Place
	keys   *personal.Keys
	clock  *clock
	hosts  []string
	people map[string]access.Actor
	mender access.Assignee
	names  int
}

// node is a process.
type node struct {
	w          *world
	engine     *enginetest.Mortal
	st         *store.Store
	areas      *area.Areas
	accounts   *account.Accounts
	items      *service.Items
	cases      *intake.Cases
	tickets    *ticket.Tickets
	links      *link.Links
	targets    *webhook.Targets
	deliveries *webhook.Deliveries
	sender     *Sender
	job        jobs.Node

	stop    context.CancelFunc
	working sync.WaitGroup
}

func worldOn(t testing.TB, place enginetest.Place) *world {
	return &world{t: t, place: place, keys: worldtest.Keys(t), clock: newClock(worldtest.Noon), people: map[string]access.Actor{}}
}

// join opens the store as one more node, which sends nothing yet.
func (w *world) join() *node {
	t := w.t
	t.Helper()
	w.names++
	n := &node{w: w, engine: &enginetest.Mortal{Engine: w.place.Open(t)}}
	quiet := slog.New(slog.DiscardHandler)
	n.st = must(store.Open(t.Context(), n.engine, store.Options{Rehearse: true, Now: w.clock.now, Log: quiet}, collections.All(w.keys)...))(t)
	n.areas = must(area.New(t.Context(), n.st))(t)
	policies := must(policy.New(t.Context(), n.st, n.areas))(t)
	n.accounts = account.New(n.st, n.areas, w.keys, account.Options{})
	n.items = must(service.NewItems(t.Context(), n.st, n.areas))(t)
	calendars := must(calendar.New(t.Context(), n.st))(t)
	n.tickets = ticket.New(n.st, n.areas, n.accounts, policies, calendars, w.keys)
	n.links = link.New(n.st)
	n.cases = intake.New(n.st, n.areas, n.accounts, n.items, calendars, w.keys)
	n.targets = webhook.NewTargets(n.st, n.accounts, w.keys)
	n.deliveries = webhook.NewDeliveries(n.st, n.targets, n.areas)
	guard := must(outgoing.NewGuard(w.hosts, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}))(t)
	n.targets.Allowed = guard.Allows
	n.sender = New(n.targets, n.deliveries, guard)
	n.sender.after = w.clock.after
	n.job = jobs.Node{Store: n.st, Name: fmt.Sprint("node ", w.names), Now: w.clock.now, Log: quiet}
	t.Cleanup(n.leave)
	return n
}

// serve has the node put messages in line and send them, while no other does.
func (n *node) serve() {
	ctx, stop := context.WithCancel(context.Background())
	n.stop = stop
	n.working.Go(func() {
		for ctx.Err() == nil {
			_ = jobs.Try(ctx, n.job, "webhooks", n.deliveries.Consumer(n.w.clock.now).Follow(n.job), n.sender.Run(n.job))
			time.Sleep(2 * time.Millisecond) // another has the lease
		}
	})
}

// leave ends the node in order, unless it was killed.
func (n *node) leave() {
	if n.st == nil {
		return
	}
	if n.stop != nil {
		n.stop()
	}
	n.working.Wait()
	if err := n.st.Close(context.Background()); err != nil {
		n.w.t.Error(err)
	}
	n.st = nil
}

// kill ends the node at one of the next calls of its store, wherever that finds it.
func (n *node) kill(calls int64, after bool) {
	n.engine.After = after
	n.engine.Left.Store(calls)
	for range 100 { // there may be nothing to do
		if n.engine.Dead.Load() {
			break
		}
		n.w.clock.pass(time.Second)
		time.Sleep(time.Millisecond)
	}
	n.engine.Dead.Store(true)
	n.leave()
}

// settle makes the city, with people and a platform.
func (w *world) settle() {
	t, n := w.t, w.join()
	defer n.leave()
	worldtest.Import(t, n.areas, worldtest.Noon, worldtest.Areas)
	worldtest.Draw(t, n.areas, worldtest.Noon, worldtest.Cells...)
	w.people["admin"] = worldtest.Actor(t, n.areas, "admin", access.Admin)
	w.people["resident"] = worldtest.Actor(t, n.areas, "resident", access.Resident)
	w.mender, w.people["handler"] = worldtest.Handlers(t, n.areas, worldtest.Noon, area.NewOrganisation{Name: "物业", Kind: "property_company", Street: worldtest.Jia})
	for who, code := range map[string]string{"platform": worldtest.City, "street platform": worldtest.Jia} {
		in := account.NewAccount{Username: strings.ReplaceAll(who, " ", "."), Name: "平台", Machine: true, Grants: []account.GrantInput{{Role: access.Integration, Area: code}}}
		a := must(n.accounts.Create(t.Context(), access.Program, worldtest.Noon, in))(t)
		actor := access.Actor{Account: a.ID, Session: "session"}
		for _, g := range a.Grants {
			actor.Grants = append(actor.Grants, access.Grant{Role: g.Role, Level: g.Level, Area: g.Area})
		}
		w.people[who] = actor
	}
	must(n.items.Put(t.Context(), w.people["admin"], worldtest.Noon, "insurance", 0, service.Decision{From: "2026-01-01", Content: service.Content{Category: "社保", Name: "灵活就业参保登记", Department: "人社局", WorkingDays: 5}}))(t)
	must(n.cases.PutSystem(t.Context(), w.people["admin"], worldtest.Noon, "rnd", 0, intake.SystemInput{Title: "平台", Accounts: []string{w.people["platform"].Account}}))(t)
}

// target makes a target of a machine account at a URL, and returns its secret.
func (w *world) target(n *node, who, url string, events ...string) (*webhook.Target, string) {
	w.t.Helper()
	secret := webhook.MakeSecret(rand.Reader)
	in := webhook.NewTarget{ID: ids.New(), Title: who, Account: w.people[who].Account, URL: url, Events: events, Secret: webhook.NewSecret{ID: ids.New(), Clear: secret}}
	return must(n.targets.Create(w.t.Context(), w.people["admin"], w.clock.now(), in))(w.t), secret
}

// eventually waits for something that other goroutines bring about; minutes are the bound of a hang.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for began := time.Now(); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Since(began) > 5*time.Minute {
			t.Fatalf("never: %s", what)
		}
	}
}
