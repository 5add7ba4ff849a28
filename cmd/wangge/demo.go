package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"runtime/debug"
	"time"

	"wangge/cmd/wangge/demo"
	"wangge/domain/webhook"
	"wangge/store/sqlite"
)

const demoCode = demo.Code

var errIsDemo = errors.New("the store holds the demonstration, whose passwords everybody knows: serve it with --demo, or use another data folder")

func (w *world) demo() demo.World {
	hooks := webhook.NewTargets(w.store, w.accounts, w.keys)
	hooks.Allowed = func(*url.URL) bool { return true } // nothing goes there: they are not active
	return demo.World{Webhooks: hooks, Deliveries: webhook.NewDeliveries(w.store, hooks, w.areas), Store: w.store, Areas: w.areas, Policies: w.policies, Accounts: w.accounts, Households: w.households, Forms: w.forms, Plans: w.plans, UseCases: w.visits, HomeCalls: w.homeCalls, Scheduler: w.scheduler, Doors: w.doors, Tickets: w.tickets,
		Addresses: w.addresses, Items: w.items, Qualifications: w.qualifications, Stations: w.stations, Postings: w.postings, Deployment: w.deployed, Cases: w.cases, Ratings: w.ratings, Links: w.links}
}

// fillDemo makes the demonstration in an empty store and prints how to sign in.
func (w *world) fillDemo(ctx context.Context, size demo.Size, out io.Writer) error {
	defer debug.SetGCPercent(debug.SetGCPercent(300)) // a tenth of the time went into collecting garbage
	if err := w.bulk(ctx, func() error { return w.demo().Fill(ctx, time.Now().UTC(), size, out) }); err != nil {
		return err
	}
	fmt.Fprintln(out, "demo sign-ins (POST /v1/sessions):")
	for _, s := range demo.SignIns {
		fmt.Fprintf(out, "  %-18s %-18s %-12s %s %s\n", s.Role, s.User, s.Secret, s.ZH, s.Description)
	}
	return nil
}

// bulk runs what fills the store with much at once, and can be run again if the machine stops.
func (w *world) bulk(ctx context.Context, fill func() error) error {
	if file, ok := w.engine.(*sqlite.Engine); ok {
		return file.Bulk(ctx, fill)
	}
	return fill()
}

// notDemo refuses to serve a demonstration to people.
func (w *world) notDemo(ctx context.Context) error {
	is, err := w.demo().Holds(ctx)
	if err == nil && is {
		return errIsDemo
	}
	return err
}
