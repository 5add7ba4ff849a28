package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"wangge"
	"wangge/domain/coordination"
	"wangge/domain/delivery"
	"wangge/domain/device"
	"wangge/domain/ids"
	"wangge/domain/journal"
	"wangge/domain/limit"
	"wangge/domain/link"
	"wangge/domain/live"
	"wangge/domain/notice"
	"wangge/domain/once"
	"wangge/domain/photo"
	"wangge/domain/receipt"
	"wangge/domain/secret"
	"wangge/domain/sms"
	"wangge/domain/webhook"
	"wangge/domain/wechat"
	"wangge/handlers"
	"wangge/handlers/auth"
	"wangge/handlers/ogc"
	"wangge/handlers/tiles"
	"wangge/store"
	"wangge/store/jobs"
	"wangge/web"
)

// serve answers requests until ctx ends, then lets running ones finish.
func serve(ctx context.Context, c *config, args []string, out io.Writer) error {
	if len(args) > 0 {
		return fmt.Errorf("serve takes no arguments, got %q", args)
	}
	log := c.logger()
	ground, err := c.buildings()
	if err != nil {
		return err
	}
	w, err := open(ctx, c, log)
	if err != nil {
		return err
	}
	defer func() {
		if err := w.close(context.Background()); err != nil {
			log.Error("closing the store failed", "error", err)
		}
	}()
	if err := w.first(ctx, c, out); err != nil {
		return err
	}
	if err := w.notices.Begin(ctx, time.Now().UTC()); err != nil { // after a filling, of which nobody is told
		return err
	}
	tokens, err := auth.LoadKeys(filepath.Join(c.data, tokenKeysFile), c.tokenKeys)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	if c.publicURL == "" {
		c.publicURL = "http://" + listener.Addr().String()
	}
	w.tickets.PerHour = c.reports
	w.households.Reveals.PerHour, w.households.Reveals.NamesPerHour = c.reveals, c.nameSearches
	events := live.New(w.store, w.accounts, w.keys, live.Options{Most: c.streams, PerAccount: c.streamsPerAccount, Beat: 15 * time.Second})
	maps := tiles.New(w.areas, w.figures, c.publicURL)
	maps.Stand(ground)
	server, err := handlers.New(handlers.Deps{
		Ping: w.store.Ping, Preparing: w.store.Preparing, Requests: once.New(w.store), Photos: photo.New(w.store),
		Accounts: w.accounts, Areas: w.areas, Policies: w.policies, Households: w.households, Addresses: w.addresses, Forms: w.forms, Plans: w.plans, UseCases: w.visits, HomeCalls: w.homeCalls, Scheduler: w.scheduler,
		Links: w.links, Counter: &coordination.Counter{Store: w.store, Tickets: w.tickets, Cases: w.cases}, Cases: w.cases, Webhooks: w.hooks, Deliveries: w.deliveries, Calendars: w.calendars, Items: w.items, Qualifications: w.qualifications,
		Doors: w.doors, Stations: w.stations, Postings: w.postings, Deployment: w.deployed, Tickets: w.tickets, Todos: w.todos, Journal: &journal.Journal{Store: w.store, Areas: w.areas, Sights: w.todos.Sights}, Notices: w.notices, Tiles: maps, OGC: ogc.New(w.areas, w.tickets, c.publicURL), Tokens: tokens, PublicURL: c.publicURL,
		Ratings: w.ratings, Devices: w.devices, WeChat: w.wechat, Delivering: w.outgoing, Robots: w.robots, TestRobot: w.outgoing.TestGroup,
		Texts:    w.texts,
		Live:     events,
		Contract: wangge.Contract, Docs: web.Docs, Console: web.Console, BaseMap: c.configuredBaseMap(), Log: log, Now: time.Now, TrustedProxies: c.proxies, Origins: c.origins,
		Limits: w.limits, CellNotices: w.cellNotices, WritesPerHour: c.writes,
	})
	if err != nil {
		return err
	}
	background, stop := context.WithCancel(context.Background())
	var working sync.WaitGroup
	for _, work := range append(w.background(log), func(ctx context.Context) { _ = maps.Follow(ctx, log) },
		func(ctx context.Context) { _ = events.Follow(ctx, jobs.Node{Store: w.store, Now: time.Now, Log: log}) }) {
		working.Add(1)
		go func() { defer working.Done(); work(background) }()
	}
	defer working.Wait()
	defer stop()

	fmt.Fprintf(out, "wangge answers on http://%s (console: /console, docs: /docs)\n", listener.Addr())
	log.Info("listening", "address", listener.Addr().String(), "store", storeName(c))
	sayWays(log, w.ways)
	served := make(chan error, 1)
	go func() { served <- server.App().Listener(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	log.Info("stopping; running requests may end", "within", c.drain)
	drain, cancel := context.WithTimeout(context.Background(), c.drain)
	defer cancel()
	return server.Shutdown(drain)
}

func storeName(c *config) string {
	if c.store == "" {
		return "sqlite"
	}
	return "mongodb"
}

// first prepares an empty store: the demonstration, or the first account.
func (w *world) first(ctx context.Context, c *config, out io.Writer) error {
	if c.demo {
		return w.fillDemo(ctx, c.demoSize, out)
	}
	if err := w.notDemo(ctx); err != nil {
		return err
	}
	password := c.adminPassword
	if password == "" {
		password = secret.New(rand.Reader)
	}
	made, err := w.accounts.EnsureAdmin(ctx, time.Now().UTC(), "admin", password)
	if err != nil || !made || c.adminPassword != "" {
		return err
	}
	path := filepath.Join(c.data, "admin-password")
	if err := os.WriteFile(path, []byte(password+"\n"), 0o600); err != nil {
		return err
	}
	fmt.Fprintf(out, "first account: admin, password in %s (change it, then delete the file)\n", path)
	return nil
}

// background is what runs beside the requests.
func (w *world) background(log *slog.Logger) []func(context.Context) {
	n := jobs.Node{Store: w.store, Name: ids.New(), Now: time.Now, Log: log, Alone: w.lock != nil}
	return []func(context.Context){
		func(ctx context.Context) { _ = w.areas.Follow(ctx) }, // which returns ctx's error, like the next three
		func(ctx context.Context) { _ = w.policies.Follow(ctx, n) },
		func(ctx context.Context) { _ = w.calendars.Follow(ctx, n) },
		func(ctx context.Context) { _ = w.qualifications.Run(ctx, n) },
		func(ctx context.Context) { _ = w.figures.Follow(ctx, n) },
		func(ctx context.Context) { _ = w.items.Follow(ctx, n) },
		func(ctx context.Context) { w.stations.Run(ctx, n) },
		func(ctx context.Context) { w.tickets.RunClock(ctx, n) },
		func(ctx context.Context) { w.households.RunTagClock(ctx, n) },
		func(ctx context.Context) { w.scheduler.Run(ctx, n) },
		func(ctx context.Context) {
			(&link.Follower{Store: w.store, Areas: w.areas, Accounts: w.accounts}).Run(ctx, n)
		},
		func(ctx context.Context) { w.cases.Run(ctx, n) },
		func(ctx context.Context) { w.homeCalls.Run(ctx, n) },
		func(ctx context.Context) { w.ratings.Run(ctx, n) },
		func(ctx context.Context) { w.visits.Visits.RunClock(ctx, n) },
		func(ctx context.Context) { _ = w.robots.Follow(ctx, n) },
		func(ctx context.Context) { _ = w.hooks.Follow(ctx, n) }, // which returns ctx's error
		func(ctx context.Context) { w.sendWebhooks(ctx, n) },
		func(ctx context.Context) { w.sendTexts(ctx, n) },
		func(ctx context.Context) { w.tell(ctx, n) },
		func(ctx context.Context) { _ = jobs.Lead(ctx, n, "sweep", w.sweep(log)) }, // which returns ctx's error
		func(ctx context.Context) { _ = jobs.Lead(ctx, n, "upgrade", w.upgrade(log)) },
	}
}

// sendWebhooks puts in line what other systems are told, and sends it, where any may be told.
func (w *world) sendWebhooks(ctx context.Context, n jobs.Node) {
	if w.sender != nil {
		_ = jobs.Lead(ctx, n, "webhooks", w.deliveries.Consumer(n.Now).Follow(n), w.sender.Run(n)) // which returns ctx's error
	}
}

const (
	upgradeEvery = time.Minute // between two looks at what other programs left to do
	upgradeAgain = time.Hour   // after documents that cannot be upgraded
)

// upgrade brings documents and indexes to what this program declares.
func (w *world) upgrade(log *slog.Logger) jobs.Work {
	return func(ctx context.Context, lease store.Lease) error {
		for ctx.Err() == nil {
			err := w.store.Upgrade(ctx, lease)
			switch {
			case errors.Is(err, store.ErrLeft):
				log.Error("documents cannot be upgraded", "error", err)
				pause(ctx, upgradeAgain)
			case err != nil:
				return err
			default:
				pause(ctx, upgradeEvery)
			}
		}
		return ctx.Err()
	}
}

const sweepEvery = time.Hour

// sweep forgets what has run out, every hour: sessions, codes, counters, keys of requests, notices, loose photos.
func (w *world) sweep(log *slog.Logger) jobs.Work {
	return func(ctx context.Context, _ store.Lease) error {
		for ctx.Err() == nil {
			now := time.Now().UTC()
			_, photos := photo.New(w.store).Sweep(ctx, now)
			err := errors.Join(w.accounts.Sweep(ctx, now), limit.Sweep(ctx, w.store, now), receipt.Sweep(ctx, w.store, now), once.New(w.store).Sweep(ctx, now), webhook.Sweep(ctx, w.store, now), live.Sweep(ctx, w.store, now), notice.Sweep(ctx, w.store, now), device.Sweep(ctx, w.store, now), wechat.Sweep(ctx, w.store, now), delivery.Sweep(ctx, w.store, now), sms.Sweep(ctx, w.store, now), photos)
			if err != nil && ctx.Err() == nil {
				log.Warn("sweeping failed; trying again in an hour", "error", err)
			}
			pause(ctx, sweepEvery)
		}
		return ctx.Err()
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
