// Package demo fills an empty store with Suzhou: the real areas of 2023, cells
// over the Industrial Park and the centre of Gusu, staff of every role, and
// tickets of every category in every state. Everything is made by the use
// cases that people use, at times of the past weeks; ids are derived, so a
// fill that was cut off is completed by the next.
package demo

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/coordination"
	"wangge/domain/form"
	"wangge/domain/household"
	"wangge/domain/ticket"
	"wangge/domain/visit"
	"wangge/geo"
	"wangge/store"
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
	Accounts   *account.Accounts
	Households *household.Households
	Forms      *form.Forms
	Visits     *visit.Visits
	Doors      *coordination.Doors
	Tickets    *ticket.Tickets
}

// ErrNotDemo: the store holds something else.
var ErrNotDemo = errors.New("the store is in use and does not hold the demonstration: --demo is for an empty one")

var (
	program   = access.Actor{System: true}
	namespace = uuid.MustParse("3d9b1f6e-52a7-5c1e-9f10-64b0c6a4d2e7")
)

// id is the same every time for the same name.
func id(kind, name string) string { return uuid.NewSHA1(namespace, []byte(kind+"/"+name)).String() }

// Holds reports whether the store holds the demonstration, whole, and whether it holds anything.
func (w World) Holds(ctx context.Context) (demo, anything bool, err error) {
	admin, err := account.All.Get(ctx, w.Store, id("account", "admin"))
	if err == nil && !admin.Disabled {
		return true, true, nil
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return false, false, err
	}
	people, _, err := account.All.Find(ctx, w.Store, store.Query{Order: []string{"sort"}, Limit: 1})
	if err != nil {
		return false, false, err
	}
	// A fill that was cut off has no admin yet, but the accounts it made are the demonstration's.
	if len(people) > 0 {
		return false, people[0].ID != id("account", people[0].Username), nil
	}
	return false, false, nil
}

// Fill makes the demonstration in an empty store, or completes it. ErrNotDemo for a store in use.
func (w World) Fill(ctx context.Context, now time.Time, size Size, progress io.Writer) error {
	demo, anything, err := w.Holds(ctx)
	if err != nil || demo {
		return err
	}
	if anything {
		return ErrNotDemo
	}
	start := time.Now()
	edition := time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)
	areas := size.areas()
	if _, err := w.Areas.ImportAreas(ctx, program, now, bytes.NewReader(areas), area.AreaImport{Edition: edition}); err != nil {
		return fmt.Errorf("demo areas: %w", err)
	}
	collection, err := w.cells(size)
	if err != nil {
		return fmt.Errorf("demo cells: %w", err)
	}
	if _, err := w.Areas.ImportCells(ctx, program, edition.AddDate(1, 0, 0), collection, area.CellImport{Datum: geo.WGS84}); err != nil {
		return fmt.Errorf("demo cells: %w", err)
	}
	began := now.Add(-monthAgo - 30*24*time.Hour)
	staff, err := w.people(ctx, began)
	if err != nil {
		return fmt.Errorf("demo people: %w", err)
	}
	if err := w.issues(ctx, now, size, staff); err != nil {
		return fmt.Errorf("demo tickets: %w", err)
	}
	households, err := w.homes(ctx, began.Add(24*time.Hour))
	if err != nil {
		return fmt.Errorf("demo households: %w", err)
	}
	if err := w.doors(ctx, now, staff); err != nil {
		return fmt.Errorf("demo visits: %w", err)
	}
	if err := w.role(ctx, now, access.Admin, "", ""); err != nil { // last: its account says that the fill is whole
		return err
	}
	fmt.Fprintf(progress, "filled with Suzhou in %.1f s: %d areas, %d cells, %d households\n", time.Since(start).Seconds(), bytes.Count(areas, []byte("\n"))-1, len(w.Areas.Map().Cells()), households)
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

// together runs do for every item, several at once.
func together[T any](ctx context.Context, items []T, do func(context.Context, int, T) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(16)
	for i, item := range items {
		g.Go(func() error { return do(ctx, i, item) })
	}
	return g.Wait()
}
