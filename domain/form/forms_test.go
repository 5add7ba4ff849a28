package form

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
	"wangge/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

var noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

const street = worldtest.Jia

// eachEngine runs a test in a fresh city on each engine, oneEngine on SQLite: see enginetest.
func eachEngine(t *testing.T, test func(*testing.T, *Forms)) { worldtest.Each(t, settle, test) }

func oneEngine(t *testing.T, test func(*testing.T, *Forms)) { worldtest.One(t, settle, test) }

func settle(t testing.TB, place enginetest.Place) *Forms {
	st, areas := worldtest.Open(t, place.Open(t), store.Options{Rehearse: true}, slices.Concat(area.Collections(), Collections())...)
	worldtest.Import(t, areas, noon, worldtest.Areas)
	return New(st, areas)
}

func draft(code, tag, schema string) Draft {
	return Draft{Street: street, Code: code, Tag: tag, Title: Title{"走访表", "Form"}, Schema: schema}
}

func TestVersionsNeverChange(t *testing.T) {
	oneEngine(t, func(t *testing.T, s *Forms) {
		ctx := t.Context()
		id := func(code string) string { a, _ := s.areas.Tree().ByCode(code); return a.ID }
		manager := access.Actor{Account: "m", Grants: []access.Grant{{Role: access.StreetManager, Level: access.Street, Area: id(street)}}}
		stranger := access.Actor{Account: "s", Grants: []access.Grant{{Role: access.StreetManager, Level: access.Street, Area: id("320508002")}}}
		worker := access.Actor{Account: "w", Posting: []access.Grant{{Role: access.OutreachWorker, Level: access.Street, Area: id(street)}}}
		resident := access.Actor{Account: "r", Grants: []access.Grant{{Role: access.Resident}}}
		save := func(a access.Actor, after int, d Draft) (*Form, error) { return s.Save(ctx, a, noon, after, d) }

		first, err := save(manager, 0, draft("elder", "empty_nest_elder", schemaOf("", `"a":`+q(""))))
		if err != nil {
			t.Fatal(err)
		}
		if again, err := save(manager, 0, draft("elder", "empty_nest_elder", first.Schema)); err != nil || again.Version != first.Version {
			t.Errorf("sent again: %+v, %v", again, err)
		}
		second, err := save(manager, 1, draft("elder", "empty_nest_elder", schemaOf("", `"b":`+q(""))))
		if err != nil || second.Number != 2 {
			t.Fatalf("%+v, %v", second, err)
		}
		if _, err := save(manager, 0, draft("other", "", first.Schema)); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Get(ctx, worker, first.ID); err != nil || got.Schema != first.Schema || got.Newest {
			t.Errorf("the first reads %+v, %v", got, err)
		}
		var conflict *domain.ConflictError
		if _, err := save(manager, 0, draft("elder", "", second.Schema)); !errors.As(err, &conflict) || conflict.Code != "duplicate" {
			t.Errorf("a code that is taken: %v", err)
		}
		if _, err := save(manager, 1, draft("elder", "", first.Schema)); !errors.Is(err, domain.ErrStale) {
			t.Errorf("after an old version: %v", err)
		}
		if _, err := save(manager, 5, draft("elder", "", first.Schema)); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("after one that is not there: %v", err)
		}
		for who, a := range map[string]access.Actor{"stranger": stranger, "worker": worker, "resident": resident} {
			if _, err := save(a, 2, draft("elder", "", first.Schema)); !errors.Is(err, domain.ErrForbidden) {
				t.Errorf("the %s saves: %v", who, err)
			}
		}
		wrong := Draft{Street: street, Code: "Ä", Tag: "Ö", Schema: "{"}
		if _, err := save(manager, 0, wrong); !slices.Equal(pointersOf(err), []string{"/code", "/schema", "/tag", "/title/en", "/title/zh-CN"}) {
			t.Errorf("a wrong one: %v", err)
		}
		for tag, want := range map[string]int{"": 2, "empty_nest_elder": 1, "party_member": 0} {
			if list, _, err := s.List(ctx, worker, street, tag, 0, ""); err != nil || len(list) != want || want == 1 && list[0].ID != second.ID {
				t.Errorf("%q: %v, %v", tag, list, err)
			}
		}
		if list, _, err := s.Versions(ctx, worker, second.ID, 0, ""); err != nil || len(list) != 2 || list[0].ID != first.ID {
			t.Errorf("versions: %v, %v", list, err)
		}
		if _, err := s.Get(ctx, resident, first.ID); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("a resident reads: %v", err)
		}
		if _, _, err := s.List(ctx, resident, street, "", 0, ""); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("a resident lists: %v", err)
		}
	})
}

// Of many who change a version at once, one makes the next.
func TestOneNextVersion(t *testing.T) {
	eachEngine(t, func(t *testing.T, s *Forms) {
		program := access.Program
		first, err := s.Save(t.Context(), program, noon, 0, draft("elder", "", schemaOf("", `"a":`+q(""))))
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			schema := schemaOf("", `"b`+string(rune('a'+i))+`":`+q(""))
			wg.Go(func() { _, errs[i] = s.Save(t.Context(), program, noon, first.Number, draft("elder", "", schema)) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !errors.Is(err, domain.ErrStale) {
				t.Error(err)
			}
		}
		if won != 1 {
			t.Errorf("%d won", won)
		}
	})
}

func TestStoredForm(t *testing.T) {
	storetest.Golden(t, forms, &Form{
		Meta: store.Meta{ID: "f", Partition: "s", Version: 2, Seq: 9, Schema: 2, Audience: []string{"key"}}, Code: "elder", Number: 2, Newest: true,
		Place: access.Place{City: "ci", County: "co", Street: "s"}, Tag: "empty_nest_elder", Title: Title{"走访表", "Form"}, Schema: `{"type":"object"}`, By: "m", At: noon,
	}, filepath.Join("testdata", "forms.golden.json"))
	storetest.GoldenOf(t, forms, filepath.Join("testdata", "forms.schema1.json"), filepath.Join("testdata", "forms.golden.json"))
}
