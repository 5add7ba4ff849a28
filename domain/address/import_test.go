package address

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/household"
	"wangge/domain/place"
	"wangge/domain/table"
	"wangge/domain/worldtest"
	"wangge/geo"
	"wangge/store"
	"wangge/store/storetest"
)

// A code is an address: the same file again changes nothing, another row changes it.
func TestImportIsByCode(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		rows := []string{line("1", "大儒巷", "8号", "", "", at[east]), line("2", "大儒巷", "10号", "", "", at[east]), line("乙/3", "大儒巷", "", "", "", at[east])}
		counts := func(r *table.Report) table.Counts { return r.Counts }
		if got := counts(w.take("admin", rows...)); got != (table.Counts{Added: 3}) {
			t.Errorf("first: %+v", got)
		}
		if got := counts(w.take("admin", rows...)); got != (table.Counts{Unchanged: 3}) {
			t.Errorf("again: %+v", got)
		}
		rows[0] = line("1", "大儒巷", "8号", "", "", at[other])
		if got := counts(w.take("admin", rows...)); got != (table.Counts{Changed: 1, Unchanged: 2}) {
			t.Errorf("changed: %+v", got)
		}
		moved := must(standards.Get(t.Context(), w.st, idOf("suzhou", "1")))(t)
		if moved.Place.Street != worldtest.ID(t, w.areas, yi) || moved.Partition != moved.Place.Street || moved.Place.Cell != "" {
			t.Errorf("%+v", moved)
		}
		if m := w.search("resident", "大儒巷8号").Matches; len(m) != 1 || m[0].Place.Street != moved.Place.Street || m[0].Place.Cell == "" {
			t.Errorf("found: %+v", m)
		}
		var actions []string
		for _, e := range worldtest.Journal(t, w.st, area.CityPartition) {
			if strings.HasPrefix(e.Action, "address.") {
				actions = append(actions, e.Action+" "+e.Actor+" "+e.Dims["addresses"])
			}
		}
		if !slices.Equal(actions, []string{"address.import admin 3", "address.import admin 1"}) {
			t.Errorf("journal: %v", actions)
		}
	})
}

// What is wrong is told by row and column, and kept out; the rest comes in.
func TestImportOfBadRows(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		file := "code,estate,building,room,area,lon,lat,datum\n" + strings.Join([]string{
			"1,大儒巷,8,,,120.607,31.307,", // line 2: good
			",大儒巷,8,,,120.607,31.307,",
			strings.Repeat("9", 65) + ",大儒巷,8,,,120.607,31.307,",
			"4,,8,,,120.607,31.307,",
			"5,大儒巷,8,,,120.607,31.307,mars",
			"6,大儒巷,8,,,31.307,120.607,",
			"7,大儒巷,8,,,122.5,31,",
			"8,大儒巷,8,,,x,31.307,",
			"1,大儒巷,9,,,120.607,31.307,",
			"10,大儒巷,8,,320508002,120.607,31.307,",
			"11,大儒巷,8,,999999999,120.607,31.307,",
			"12," + strings.Repeat("长", 51) + ",8,,,120.607,31.307,",
			"13,大儒巷,8,," + jia + ",120.607,31.307,",
			"14,大儒巷,8\u200b\u0007,,,120.607,31.307,",
		}, "\n") + "\n"
		report := must(w.addresses.Import(t.Context(), w.people["admin"], noon, strings.NewReader(file), Import{Table: &Table, Scheme: "suzhou", Datum: geo.WGS84}))(t)
		var got []string
		for _, f := range report.Findings {
			got = append(got, f.Pointer)
		}
		want := []string{"/3/code", "/4/code", "/5/estate", "/6/datum", "/7/lon", "/8/lon", "/9/lon", "/10/code", "/11/lon", "/12/area", "/13/estate", "/15/building"}
		if !slices.Equal(got, want) || report.Added != 2 || report.Refused != 12 {
			t.Errorf("%v, %d added, %d refused", got, report.Added, report.Refused)
		}
		if r := w.take("manager", line("20", "大儒巷", "8", "", "", at[other])); r.Added != 0 || r.Refused != 1 {
			t.Errorf("into another's street: %+v", r)
		}
		theirs := line("22", "大儒巷", "8", "", "", at[other])
		w.take("admin", theirs)
		if r := w.take("manager", line("22", "大儒巷", "8", "", "", at[east])); r.Changed != 0 || r.Refused != 1 {
			t.Errorf("out of another's street: %+v", r)
		}
		if r := w.take("admin", theirs); r.Unchanged != 1 {
			t.Errorf("it was moved: %+v", r)
		}
		if _, err := w.importing("community", line("21", "大儒巷", "8", "", "", at[east])); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("by who imports none: %v", err)
		}
		if _, err := w.addresses.Import(t.Context(), w.people["admin"], noon, strings.NewReader("code,estate\n1,x\n"), Import{Table: &Table}); !slices.Equal(worldtest.Pointers(err), []string{"/1/lon", "/1/lat"}) {
			t.Errorf("without positions: %v", err)
		}
		if r := must(w.addresses.Import(t.Context(), w.people["admin"], noon, strings.NewReader(file), Import{Table: &Table, Datum: geo.WGS84}))(t); r.Added != 0 {
			t.Errorf("without a scheme: %+v", r)
		}
		dry := must(w.addresses.Import(t.Context(), w.people["admin"], noon, strings.NewReader(file), Import{Table: &Table, Scheme: "another", Datum: geo.WGS84, DryRun: true}))(t)
		if _, err := standards.Get(t.Context(), w.st, idOf("another", "1")); dry.Added != 2 || !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a dry run: %+v, %v", dry.Counts, err)
		}
	})
}

// Two who import the same file at once leave every address once.
func TestImportsAtOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		var rows []string
		for i := range 1200 {
			rows = append(rows, line(fmt.Sprint(i), "枫津新村", fmt.Sprint(i/10+1), "", fmt.Sprint(i%10+101), at[east]))
		}
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if _, err := w.importing("admin", rows...); err != nil && !errors.Is(err, domain.ErrBusy) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if got := w.take("admin", rows...); got.Counts != (table.Counts{Unchanged: 1200}) {
			t.Errorf("%+v", got.Counts)
		}
		if got := w.search("resident", "枫津新村7幢"); len(got.Matches) != 1 || got.Matches[0].Doors != 10 {
			t.Errorf("%+v", got.Matches)
		}
	})
}

// An import that ends in the middle leaves whole chunks; again, it brings in the rest.
func TestImportEndsInTheMiddle(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		var file strings.Builder
		file.WriteString("code,estate,building,room,lon,lat\n")
		for i := range 1200 {
			fmt.Fprintf(&file, "%d,枫津新村,%d,%d,%.7f,%.7f\n", i, (i*7)%100+1, i%10+101, at[east][0], at[east][1])
		}
		ctx, cancel := context.WithCancel(t.Context())
		in := Import{Table: &Table, Scheme: "suzhou", Datum: geo.WGS84, Progress: func(step table.Step, done, total int) {
			if step == table.Writing && done < total {
				cancel()
			}
		}}
		if _, err := w.addresses.Import(ctx, w.people["admin"], noon, strings.NewReader(file.String()), in); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		in.Progress = nil
		for _, want := range []table.Counts{{Added: 700, Unchanged: 500}, {Unchanged: 1200}} {
			if got := must(w.addresses.Import(t.Context(), w.people["admin"], noon, strings.NewReader(file.String()), in))(t); got.Counts != want {
				t.Errorf("%+v, not %+v", got.Counts, want)
			}
		}
	})
}

// The stored form of every collection, each field set.
func TestStoredForms(t *testing.T) {
	meta := store.Meta{ID: "a", Partition: "s", Version: 3, Seq: 17, Schema: 1, Audience: []string{"key"}}
	position := place.Position{GridPoint: geo.GridPoint{Lon: 1_206_000_001, Lat: 313_000_002}, Key: 12345, AccuracyM: new(7.5), Datum: geo.GCJ02}
	golden := func(name string) string { return filepath.Join("testdata", name+".golden.json") }
	storetest.Golden(t, standards, &Standard{Meta: meta, Scheme: "suzhou", Code: "3205", Address: household.Address{Estate: "大儒巷", Building: "8幢", Unit: "2", Floor: "3", Room: "301"},
		Building: "大儒巷|8|s", Walk: 9_003_302, Position: position, Place: access.Place{City: "ci", County: "co", Street: "s", Community: "cm", Cell: "c"}, UpdatedAt: noon}, golden("addresses"))
	storetest.Golden(t, lists, &list{Meta: meta, Scheme: "suzhou", UpdatedAt: noon.Add(time.Hour)}, golden("addressLists"))
}
