// Package demo fills an empty store with Suzhou: the real areas of 2023, cells
// over the Industrial Park and the centre of Gusu, staff of every role,
// tickets of every category in every state, and a year of what happened
// wherever somebody lives. Everything is made by the use
// cases that people use, at times of the past. Ids are derived, and the
// steps that are done are kept: one that was stopped goes on when it is started
// again, and comes to the same demonstration.
package demo

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/address"
	"wangge/domain/area"
	"wangge/domain/coordination"
	"wangge/domain/deployment"
	"wangge/domain/form"
	"wangge/domain/homecall"
	"wangge/domain/household"
	"wangge/domain/intake"
	"wangge/domain/link"
	"wangge/domain/plan"
	"wangge/domain/policy"
	"wangge/domain/posting"
	"wangge/domain/rating"
	"wangge/domain/schedule"
	"wangge/domain/service"
	"wangge/domain/station"
	"wangge/domain/table"
	"wangge/domain/ticket"
	"wangge/domain/visit"
	"wangge/domain/webhook"
	"wangge/geo"
	"wangge/store"
	"wangge/store/jobs"
)

const (
	// Code signs the demo residents in.
	Code = "000000"
	// Password is that of every demo sign-in by username.
	Password = "wangge-demo"
	// Home is the street of the demo sign-ins, 平江街道.
	Home = "320508018"
	// homeCommunity is that of the demo sign-ins that work in one.
	homeCommunity = "320508018014"
)

// Size is how much of Suzhou is filled in.
type Size int

const (
	// Whole is what people see.
	Whole Size = iota
	// Small is the community of the demo sign-ins alone, for tests: the same
	// things happen there, to fewer people.
	Small
)

//go:embed data/areas_2023.csv
var areasCSV []byte

// World is what the demonstration is filled into.
type World struct {
	Store      *store.Store
	Areas      *area.Areas
	Policies   *policy.Policies
	Accounts   *account.Accounts
	Households *household.Households
	Addresses  *address.Addresses
	Forms      *form.Forms
	Plans      *plan.Plans
	visit.UseCases
	HomeCalls      *homecall.Calls
	Scheduler      *schedule.Scheduler
	Doors          *coordination.Doors
	Tickets        *ticket.Tickets
	Items          *service.Items
	Qualifications *service.Qualifications
	Stations       *station.Stations
	Postings       *posting.Postings
	Deployment     *deployment.Figuring
	Cases          *intake.Cases
	Ratings        *rating.Ratings
	Links          *link.Links
	Webhooks       *webhook.Targets // to any address
	Deliveries     *webhook.Deliveries
}

// ErrNotDemo: the store holds something else.
var ErrNotDemo = errors.New("the store is in use and does not hold the demonstration: --demo is for an empty one")

var (
	edition   = time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC) // of the list of areas
	namespace = uuid.MustParse("3d9b1f6e-52a7-5c1e-9f10-64b0c6a4d2e7")
)

// id is the same every time for the same name.
func id(kind, name string) string { return uuid.NewSHA1(namespace, []byte(kind+"/"+name)).String() }

// Holds reports whether the store holds the demonstration, whole or begun.
func (w World) Holds(ctx context.Context) (bool, error) {
	if whole, err := w.whole(ctx); whole || err != nil {
		return whole, err
	}
	r, err := w.load(ctx)
	return r != nil, err
}

// whole: the account that is made last is there.
func (w World) whole(ctx context.Context) (bool, error) {
	admin, err := account.Load(ctx, w.Store, id("account", string(access.Admin)))
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil && !admin.Disabled, err
}

// empty reports whether the store holds nothing.
func (w World) empty(ctx context.Context) (bool, error) {
	none, err := w.Accounts.None(ctx)
	return none && len(w.Areas.Tree().Roots()) == 0, err
}

// filling is a World that is being filled.
type filling struct {
	World
	size   Size
	record *record
	now    time.Time // when the filling began: everything is dated by it
	began  time.Time // when people began to work
	told   *progress
	staff  *staff
	roll   func() (*roll, error) // who lives where
}

// Fill makes the demonstration in an empty store, or goes on where it was
// stopped, and says on out once a second how far it is. ErrNotDemo for a
// store in use.
func (w World) Fill(ctx context.Context, now time.Time, size Size, out io.Writer) error {
	if whole, err := w.whole(ctx); whole || err != nil {
		return err
	}
	r, err := w.begun(ctx, now)
	if err != nil {
		return err
	}
	start := time.Now()
	ticks := time.NewTicker(time.Second)
	defer ticks.Stop()
	told := tell(out, start, ticks.C)
	defer told.stop()
	f := &filling{World: w, size: size, record: r, now: r.Began, began: r.Began.Add(-(aYear + 30) * 24 * time.Hour), told: told}
	f.roll = sync.OnceValues(f.enroll)
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"areas", f.areas}, {"cells", f.cells}, {"organisations", f.organisations}, {"catalogue", f.catalogue}, {"people", f.people}, {"stations", f.stations}, {"postings", f.postings}, {"tickets and households", f.issuesAndHomes}, {"requests", f.requests}, {"cases", f.cases}, {"visit plans", f.plans}, {"visits", f.month}, {"later visits", f.later}, {"home calls", f.homeCalls}, {"webhooks", f.webhooks}, {"ratings", f.ratings}, {"clocks", f.clocks},
	} {
		if f.staff == nil && len(f.Areas.Map().Cells()) > 0 {
			f.staff = f.roster()
		}
		if err := f.once(ctx, step.name, step.do); err != nil {
			if ctx.Err() != nil {
				return fmt.Errorf("stopped while filling in %s: start again with --demo to go on", step.name)
			}
			return fmt.Errorf("filling in %s: %w", step.name, err)
		}
	}
	if err := f.role(ctx, f.now, access.Admin, "", ""); err != nil { // last: its account says that the demonstration is whole
		return err
	}
	told.stop()
	fmt.Fprintf(out, "filled with Suzhou in %.1f s\n", time.Since(start).Seconds())
	return nil
}

// clocks has what ran out before anybody listens run out, so that nobody is told of a past that is made up.
func (w *filling) clocks(ctx context.Context) error {
	return w.Tickets.CatchUp(ctx, jobs.Node{Store: w.Store, Name: "demo", Now: func() time.Time { return w.now }, Log: slog.Default()})
}

// areas brings in the areas of 2023.
func (w *filling) areas(ctx context.Context) error {
	_, err := w.Areas.ImportAreas(ctx, access.Program, w.now, bytes.NewReader(w.size.areas()), area.AreaImport{Edition: edition})
	return err
}

// cells brings in the cells, of a year later.
func (w *filling) cells(ctx context.Context) error {
	cut, err := w.size.drawn()
	if err != nil {
		return err
	}
	collections := [][]byte{cut}
	if w.size == Whole {
		squares, err := w.fengqiaoCells()
		if err != nil {
			return err
		}
		collections = append(collections, squares)
	}
	for _, c := range collections {
		_, err := w.Areas.ImportCells(ctx, access.Program, edition.AddDate(1, 0, 0), c, area.CellImport{
			Datum: geo.WGS84, Progress: func(_ table.Step, done, total int) { w.told.set(done, total) },
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// areas is the list that is imported: the published one begins below the city.
func (s Size) areas() []byte {
	header, rows, _ := bytes.Cut(areasCSV, []byte("\n"))
	out := append(bytes.Clone(header), "\ncity,3205,苏州市,\n"...)
	for row := range bytes.Lines(rows) {
		if s == Whole || bytes.Contains(row, []byte(","+town)) {
			out = append(out, row...)
		}
	}
	return out
}

// issuesAndHomes makes tickets and households, which know nothing of each other.
func (w *filling) issuesAndHomes(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return w.issues(ctx) })
	g.Go(func() error { return w.homes(ctx) })
	return g.Wait()
}

// atOnce is how many people work at the same time: what they commit together costs less.
const atOnce = 16

// inParallel runs do for every item, several at once.
func inParallel[T any](ctx context.Context, told *progress, items []T, do func(context.Context, int, T) error) error {
	told.expect(len(items))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for i, item := range items {
		g.Go(func() error { defer told.did(1); return do(ctx, i, item) })
	}
	return g.Wait()
}
