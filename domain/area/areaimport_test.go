package area

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

func year(y int) time.Time { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC) }

func TestImportRealEditions(t *testing.T) {
	s := openAreas(t)
	before := map[string]bool{}
	for _, y := range []int{2019, 2021, 2023} {
		file := string(suzhou(t, y))
		lines := strings.Split(strings.TrimSpace(file), "\n")[1:]
		dry := importAreas(t, s, file, AreaImport{Edition: year(y), Full: true, DryRun: true})
		report := importAreas(t, s, file, AreaImport{Edition: year(y), Full: true})
		if dry.DryRun = false; dry.Added != report.Added || dry.Ended != report.Ended || dry.Changed != report.Changed {
			t.Errorf("%d: the dry run said %+v, it was %+v", y, dry, report)
		}
		now := map[string]bool{"3205": true}
		for _, line := range lines {
			fields := strings.Split(line, ",")
			now[fields[1]] = true
			a, ok := s.Tree().ByCode(fields[1])
			parent, _ := s.Tree().ByCode(fields[3])
			if !ok || a.Name != fields[2] || string(a.Level) != fields[0] || a.Parent != parent.ID {
				t.Fatalf("%d: %s is %+v", y, line, a)
			}
		}
		gone := 0
		for code := range before {
			if a, _ := s.Area(code); !now[code] && a.Valid() {
				t.Fatalf("%d: %s is still valid", y, code)
			} else if !now[code] && a.ValidTo.Equal(year(y)) {
				gone++
			}
		}
		if gone != report.Ended {
			t.Errorf("%d: %d ended, the report says %d", y, gone, report.Ended)
		}
		head := s.st.Heads()[CityPartition]
		if again := importAreas(t, s, file, AreaImport{Edition: year(y), Full: true}); again.Unchanged != len(lines) || s.st.Heads()[CityPartition] != head {
			t.Errorf("%d: importing it again did %+v", y, again)
		}
		before = now
	}
	checkTree(t, s.Tree())
	fresh, err := New(t.Context(), s.st)
	must(t, err)
	if len(fresh.Tree().sorted) != len(s.Tree().sorted) {
		t.Error("another node sees another tree")
	}
}

// checkTree holds every tree to its laws.
func checkTree(t *testing.T, tree *Tree) {
	t.Helper()
	n := 0
	var walk func(*Area)
	walk = func(a *Area) {
		n++
		if !a.Valid() || a.Place.At(a.Level) != a.ID || tree.Place(a) != a.Place {
			t.Fatalf("%+v", a)
		}
		if parent, ok := tree.ByID(a.Parent); ok {
			up := a.Place
			switch a.Level {
			case access.Community:
				up.Community = ""
			case access.Street:
				up.Street = ""
			case access.County:
				up.County = ""
			}
			if parent.Place != up || !strings.HasPrefix(a.Code, parent.Code) {
				t.Fatalf("%s lies in %s but is placed in %+v", a.Code, parent.Code, a.Place)
			}
		}
		for _, c := range tree.Children(a.ID) {
			walk(c)
		}
	}
	for _, r := range tree.Roots() {
		walk(r)
	}
	valid := 0
	for _, a := range tree.sorted {
		if a.Valid() {
			valid++
		}
		if h := tree.Heirs(a.ID); h[0] != a.ID || !slices.Contains(tree.Formerly(h[len(h)-1]), a.ID) {
			t.Fatalf("%s: heirs %v", a.Code, h)
		}
	}
	if n != valid {
		t.Fatalf("%d of %d valid areas are reached from the roots", n, valid)
	}
}

func TestImportAreasFindings(t *testing.T) {
	for _, c := range []struct {
		name, file string
		opts       AreaImport
		want       []string
	}{
		{"all at once, in order", head + "street,320577001,甲,320577\nx,y,z,w\nstreet,320576054,甲,320576\nstreet,320576054,乙,320576\n", AreaImport{},
			[]string{"/2/parent_code unknown", "/3/level level", "/5/code duplicate"}},
		{"of the future", town, AreaImport{Edition: noon.Add(time.Hour)}, []string{"?validFrom edition"}},
		{"successor unknown", "level,code,name,parent_code,successor_code\n,320576054033,,,320576054999\n", AreaImport{}, []string{"/2/successor_code unknown"}},
		{"successor ends too", "level,code,name,parent_code,successor_code\n,320576054033,,,320576054042\n,320576054042,,,320576054033\n", AreaImport{},
			[]string{"/2/successor_code unknown", "/3/successor_code unknown"}},
		{"ends and stays", "level,code,name,parent_code,successor_code\n,320576054033,,,320576054042\ncommunity,320576054033,星湖,320576054,\n", AreaImport{},
			[]string{"/3/code duplicate"}},
		{"what lies in it stays", "level,code,name,parent_code,successor_code\n,320576054,,,320576055\n", AreaImport{},
			[]string{"/2/code children", "/2/code children"}},
		{"parent ends", "level,code,name,parent_code,successor_code\n,320576054,,,320576055\n,320576054033,,,320576055001\n,320576054042,,,320576055002\n" +
			"community,320576054050,新,320576054,\n", AreaImport{}, []string{"/5/parent_code unknown"}},
	} {
		s := openTown(t)
		head := s.st.Heads()[CityPartition]
		report, err := s.ImportAreas(t.Context(), root, noon, strings.NewReader(c.file), c.opts)
		if got := told(report.Findings); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
		if fields := invalid(t, err); len(fields) != len(c.want) {
			t.Errorf("%s: the error names %v", c.name, fields)
		}
		c.opts.DryRun = true
		if dry, err := s.ImportAreas(t.Context(), root, noon, strings.NewReader(c.file), c.opts); err != nil || !dry.Failed() {
			t.Errorf("%s: dry run %+v, %v", c.name, dry, err)
		}
		if s.st.Heads()[CityPartition] != head {
			t.Errorf("%s: something was written", c.name)
		}
	}
}

func TestImportAreasForbidden(t *testing.T) {
	s := openTown(t)
	street, _ := s.Tree().ByCode("320576054")
	manager := access.Actor{Account: "m", Grants: []access.Grant{{Role: access.StreetManager, Level: access.Street, Area: street.ID}}}
	if _, err := s.ImportAreas(t.Context(), manager, noon, strings.NewReader(town), AreaImport{}); !errors.Is(err, domain.ErrForbidden) {
		t.Fatal(err)
	}
}

func TestImportAreasRename(t *testing.T) {
	s := openAreas(t)
	importAreas(t, s, head+"county,320576,园区,3205\nstreet,320576054,东沙湖,320576\n", AreaImport{Edition: year(2021)})
	if roots := s.Tree().Roots(); len(roots) != 1 || roots[0].Code != "3205" || roots[0].Name != "3205" {
		t.Fatalf("roots %+v", roots)
	}
	was, _ := s.Tree().ByCode("320576054")
	report := importAreas(t, s, town, AreaImport{Edition: year(2023)})
	if report.Changed != 3 || report.Added != 5 {
		t.Fatalf("%+v", report)
	}
	now, _ := s.Tree().ByCode("320576054")
	if now.ID != was.ID || now.Name != "东沙湖街道" || !now.ValidFrom.Equal(year(2021)) || was.Name != "东沙湖" {
		t.Fatalf("%+v, was %+v", now, was)
	}
	// A file without the city's own row leaves its name, and without Full what it leaves out.
	report = importAreas(t, s, head+"county,320576,工业园区,3205\n", AreaImport{Edition: year(2024)})
	if report.Changed+report.Ended+report.Added != 0 || s.Tree().Roots()[0].Name != "苏州市" {
		t.Fatalf("%+v", report)
	}
}

func TestImportAreasSuccessors(t *testing.T) {
	s := openAreas(t)
	const old = head + "county,320571,园区,3205\nstreet,320571403,东沙湖,320571\ncommunity,320571403001,星湖,320571403\ncommunity,320571403002,九华,320571403\n"
	importAreas(t, s, old, AreaImport{Edition: year(2021)})
	moved := strings.ReplaceAll(town, "\n", ",\n")
	moved = strings.Replace(moved, "parent_code,", "parent_code,successor_code", 1) +
		",320571,,,320576\n,320571403,,,320576054\n,320571403001,,,320576054033\n,320571403002,,,320576054033\n,999999,,,320576\n"
	report := importAreas(t, s, moved, AreaImport{Edition: year(2023)})
	if report.Ended != 4 || report.Added != 7 {
		t.Fatalf("%+v", report)
	}
	if again := importAreas(t, s, moved, AreaImport{Edition: year(2023)}); again.Ended+again.Added+again.Changed != 0 {
		t.Fatalf("again %+v", again)
	}
	tree := s.Tree()
	one, _ := s.Area("320571403001")
	two, _ := s.Area("320571403002")
	now, _ := tree.ByCode(xinghu)
	if _, ok := tree.ByCode("320571403001"); ok || !one.ValidTo.Equal(year(2023)) {
		t.Fatalf("still there: %+v", one)
	}
	if got := tree.Heirs(one.ID); !slices.Equal(got, []string{one.ID, now.ID}) {
		t.Errorf("heirs %v", got)
	}
	if got := tree.Formerly(now.ID); !slices.Equal(got, []string{now.ID, one.ID, two.ID}) {
		t.Errorf("formerly %v", got)
	}
	checkTree(t, tree)
	// The code comes back: the same area, its own again.
	report = importAreas(t, s, old, AreaImport{Edition: year(2024)})
	back, ok := s.Tree().ByCode("320571403001")
	if !ok || back.ID != one.ID || report.Added != 4 || len(s.Tree().Heirs(one.ID)) != 1 {
		t.Fatalf("%+v %+v", back, report)
	}
}

func TestImportAreasOlderEdition(t *testing.T) {
	s := openAreas(t)
	importAreas(t, s, town, AreaImport{Edition: year(2023)})
	older := strings.Replace(town, "星湖社区", "旧名", 1)
	report, err := s.ImportAreas(t.Context(), root, noon, strings.NewReader(older), AreaImport{Edition: year(2021)})
	if fields := invalid(t, err); len(fields) != 1 || fields[0].Pointer != "?validFrom" || report.Findings[0].Kind != "edition" {
		t.Fatalf("%+v", fields)
	}
}

func TestImportAreasJournal(t *testing.T) {
	s := openTown(t)
	entries, err := s.st.Journal(t.Context(), CityPartition, 0, 100)
	must(t, err)
	adds, grows := 0, 0
	for _, e := range entries {
		switch e.Action {
		case "area.add":
			adds++
			if e.Dims["code"] == "" || e.Actor != "system" || e.After.State != "valid" {
				t.Errorf("%+v", e)
			}
		case "coverage.grow":
			grows++
		}
	}
	if adds != 8 || grows != 1 || len(entries) != 9 {
		t.Fatalf("%d entries, %d adds, %d grows", len(entries), adds, grows)
	}
}

// Two imports at once: both end, and the tree is one that some order of the two makes.
func TestImportAreasAtOnce(t *testing.T) {
	s := openAreas(t)
	files := make([][]byte, 2)
	for i := range files {
		files[i] = bytes.ReplaceAll(suzhou(t, 2023), []byte("居委会"), fmt.Appendf(nil, "%d", i))
	}
	var wait sync.WaitGroup
	for _, file := range files {
		wait.Go(func() {
			if _, err := s.ImportAreas(t.Context(), root, noon, bytes.NewReader(file), AreaImport{}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	last := map[byte]bool{}
	for _, a := range s.Tree().sorted {
		if end := a.Name[len(a.Name)-1]; end == '0' || end == '1' {
			last[end] = true
		}
	}
	if len(s.Tree().sorted) != 2377 || len(last) != 1 {
		t.Fatalf("%d areas, ending in %v", len(s.Tree().sorted), last)
	}
	checkTree(t, s.Tree())
}

func TestListAreas(t *testing.T) {
	s := openAreas(t)
	importAreas(t, s, string(suzhou(t, 2023)), AreaImport{})
	for _, c := range []struct {
		q    AreaQuery
		want int
	}{
		{AreaQuery{}, 2377},
		{AreaQuery{Level: access.County}, 10},
		{AreaQuery{Level: access.Street}, 118},
		{AreaQuery{Parent: "3205"}, 10},
		{AreaQuery{Parent: "320508", Level: access.Community}, 0},
		{AreaQuery{Level: access.Community, Text: "白塘"}, 2},
	} {
		var codes []string
		for {
			c.q.Limit = 7
			found, next, err := s.List(c.q)
			must(t, err)
			for _, a := range found {
				codes = append(codes, a.Code)
			}
			if c.q.Cursor = next; next == "" {
				break
			}
		}
		if len(codes) != c.want || !slices.IsSorted(codes) || len(slices.Compact(codes)) != c.want {
			t.Errorf("%+v: %d areas", c.q, len(codes))
		}
	}
	for _, q := range []AreaQuery{{Parent: "9999"}, {Level: "village"}, {Level: access.Cell}} {
		_, _, err := s.List(q)
		invalid(t, err)
	}
	if _, _, err := s.List(AreaQuery{Cursor: "%"}); !errors.Is(err, store.ErrCursor) {
		t.Error(err)
	}
	if _, err := s.Area("1"); !errors.Is(err, domain.ErrNotFound) {
		t.Error(err)
	}
}
