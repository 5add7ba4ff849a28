package service

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/civil"
	"wangge/domain/table"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/storetest"
)

func TestStoredForms(t *testing.T) {
	meta := store.Meta{ID: "0190a5b0-0000-7000-8000-000000000001", Partition: "city", Version: 3, Seq: 7, Schema: 1, Audience: []string{"key"}}
	golden := func(name string) string { return filepath.Join("testdata", name+".golden.json") }
	storetest.Golden(t, versions, &Item{Meta: meta, Code: "A-1", Number: 2, From: "2026-12-01", By: "account", At: noon, Content: Content{
		Category: "类别", Name: "事项", Department: "民政局", Organisation: "organisation", Materials: []Material{{"id_card", "身份证", Both, true}}, Steps: []string{"受理"},
		WorkingDays: 5, Qualification: "civil_affairs", Sensitive: true, HomeCall: true, Retired: true,
	}}, golden("serviceItems"))
	storetest.Golden(t, kinds, &Kind{Meta: meta, Code: "civil_affairs", Name: domain.T("民政", "civil affairs"), Retired: true}, golden("qualificationKinds"))
	storetest.Golden(t, heads, &head{meta}, golden("serviceCatalogues"))
	storetest.Golden(t, qualifications, &Qualification{Meta: meta, Account: "account", Kind: "employment", Batch: "batch", From: "2026-11-01", Until: "2027-10-31", Evidence: []string{"photo"}, By: "manager", At: noon,
		Revoked: &Revoked{noon, "manager", "考核不合格"}, Ends: "2027-10-31", Areas: []string{"", "area"}, Told: true, Due: noon}, golden("qualifications"))
	storetest.Golden(t, batches, &Batch{Meta: meta, Title: "培训", Organiser: "民政局", HeldOn: "2026-11-01", Kind: "employment", Until: "2027-10-31", By: "manager", At: noon}, golden("trainingBatches"))
}

// What is built in passes as what anybody decides: 122 items in 50 categories, with those marked that are nobody else's business.
func TestStarter(t *testing.T) {
	rows, read, err := readItems(t.Context(), strings.NewReader(starterItems), table.Options{})
	if err != nil || len(read.Findings) > 0 || len(rows) != 122 {
		t.Fatalf("%d rows, %v, %v", len(rows), read.Findings, err)
	}
	c, categories, needed := newCatalogue(nil, nil), map[string]bool{}, map[string]bool{}
	for _, it := range c.all(time.Now(), false) {
		bad := &domain.InvalidError{}
		if c.check(it.Content, nil, bad); bad.Err() != nil || len(it.Materials) == 0 || len(it.Steps) < 2 {
			t.Errorf("%s %s: %v", it.Code, it.Name, bad)
		}
		categories[it.Category], needed[it.Qualification] = true, true
		for _, word := range []string{"残疾", "低保", "最低生活", "困难家庭", "生育登记", "医疗救助", "特困"} {
			if strings.Contains(it.Category+it.Name, word) && !it.Sensitive {
				t.Errorf("%s is not sensitive", it.Name)
			}
		}
	}
	if len(categories) != 50 || len(needed) != len(c.kinds) {
		t.Errorf("%d categories, %d of %d qualifications", len(categories), len(needed), len(c.kinds))
	}
	again, _ := starter()
	if again[0].ID == "" || again[0].Number != 1 || !again[0].begins().Before(time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", again[0])
	}
}

func decision(days int, from civil.Date) Decision {
	return Decision{From: from, Content: Content{Category: "高龄津贴", Name: "尊老金", Department: "民政局", WorkingDays: days}}
}

// Whatever is decided in whatever order, an item is at each minute as the last
// decision for the latest day that has begun says; every node says the same.
func TestVersions(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		other, admin, random := w.join(), w.people["admin"], rand.New(rand.NewPCG(1, 2))
		type decided struct {
			from civil.Date
			days int
		}
		var all []decided
		for i := range 12 {
			d := decided{civil.DateOf(day(random.IntN(6))), i + 1}
			it := must(w.items.Put(t.Context(), admin, noon, "X-1", int64(i), decision(d.days, d.from)))(t)
			if all = append(all, d); it.Number != int64(i+1) {
				t.Fatalf("decision %d is version %d", i, it.Number)
			}
		}
		must(0, other.items.Refresh(t.Context()))(t)
		for at := day(-1); at.Before(day(7)); at = at.Add(37 * time.Minute) {
			want, since := 0, civil.Date("")
			for _, d := range all {
				if !d.from.Start().After(at) && d.from >= since {
					want, since = d.days, d.from
				}
			}
			for i, n := range []*node{w.node, other} {
				it, err := n.items.At(t.Context(), n.st, "X-1", at)
				switch {
				case want == 0 && !errors.Is(err, domain.ErrNotFound):
					t.Fatalf("node %d at %s: %v, %v", i, at, it, err)
				case want > 0 && (err != nil || it.WorkingDays != want):
					t.Fatalf("node %d at %s: %+v, %v, want %d days", i, at, it, err, want)
				}
			}
		}
		third := must(w.items.Version(t.Context(), w.st, "X-1", 3))(t)
		if third.WorkingDays != all[2].days {
			t.Errorf("version 3: %+v", third)
		}
		if _, err := w.items.Version(t.Context(), w.st, "X-1", 99); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("version 99: %v", err)
		}
	})
}

// An update that goes by an item which another node has changed since runs again, by what it is now.
func TestItemOfAnotherNode(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		other := w.join()
		must(w.items.Put(t.Context(), w.people["admin"], noon, "MZ06-01", 0, decision(3, "")))(t)
		if it := must(other.items.At(t.Context(), other.st, "MZ06-01", noon.Add(time.Hour)))(t); it.WorkingDays != 10 {
			t.Fatalf("the other node knows of it before it looks: %d", it.WorkingDays)
		}
		var seen []int
		must(0, other.st.Update(t.Context(), []string{area.CityPartition}, func(tx *store.Tx) error {
			it, err := other.items.At(t.Context(), tx, "MZ06-01", noon.Add(time.Hour))
			if err != nil {
				return err
			}
			seen = append(seen, it.WorkingDays)
			return batches.Insert(tx, &Batch{Meta: store.Meta{ID: "decided", Partition: area.CityPartition}}, entry(access.Program, noon, "test"))
		}))(t)
		if seen[0] != 10 || seen[len(seen)-1] != 3 {
			t.Errorf("decided by %v days", seen)
		}
	})
}

// Of many who decide at once on two nodes each decision counts once, in one
// order; who states a version that is not the latest is told; only the city's admin decides.
func TestDecidedAtOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		nodes, admin := []*node{w.node, w.join()}, w.people["admin"]
		var working sync.WaitGroup
		for i := range 8 {
			working.Go(func() {
				if _, err := nodes[i%2].items.Put(context.Background(), admin, noon, "X-1", 0, decision(i+1, civil.DateOf(day(i)))); err != nil {
					t.Error(err)
				}
			})
		}
		working.Wait()
		must(0, w.items.Refresh(t.Context()))(t)
		page, _, err := w.items.Versions("X-1", 100, "")
		if err != nil || len(page) != 8 || page[0].Number != 8 || page[7].Number != 1 {
			t.Errorf("%d versions, %v", len(page), err)
		}
		if _, err := w.items.Put(t.Context(), admin, noon, "X-1", 3, decision(99, "")); !errors.Is(err, domain.ErrStale) {
			t.Errorf("on version 3: %v", err)
		}
		for _, who := range []string{"county admin", "manager", "counter", "resident"} {
			if _, err := w.items.Put(t.Context(), w.people[who], noon, "X-1", 0, decision(5, "")); !errors.Is(err, domain.ErrForbidden) {
				t.Errorf("%s decides: %v", who, err)
			}
			if _, err := w.items.Import(t.Context(), w.people[who], noon, strings.NewReader(starterItems), ItemImport{}); !errors.Is(err, domain.ErrForbidden) {
				t.Errorf("%s imports: %v", who, err)
			}
		}
	})
}

// An empty cell leaves what is known; a kind of qualification is found by its name; one that nobody defines, or that is retired, is refused.
func TestImportOver(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		admin := w.people["admin"]
		load := func(file string) (*table.Report, error) {
			return w.items.Import(t.Context(), admin, noon, strings.NewReader("code,category,name,department,working_days,qualification,sensitive,materials\n"+file), ItemImport{})
		}
		_, err := load("MZ06-01,,,,7,Elderly care,,\n")
		if got := worldtest.Pointers(err); !slices.Equal(got, []string{"/2/qualification"}) {
			t.Errorf("a kind that nobody defines: %v", err)
		}
		care := must(w.items.SetKind(t.Context(), admin, noon, "elderly_care", -1, domain.T("养老护理", "Elderly care"), false))(t)
		for range 2 {
			must(load("MZ06-01,,,,7,养老护理,是,id_card:身份证（复印件、非必需）；户口簿\n"))(t)
		}
		it := must(w.items.At(t.Context(), w.st, "MZ06-01", noon.Add(time.Hour)))(t)
		want := []Material{{"id_card", "身份证", Copy, false}, {"m2", "户口簿", Original, true}}
		if it.Number != 2 || it.Name != "尊老金申请" || it.Qualification != "elderly_care" || !it.Sensitive || !it.HomeCall || !slices.Equal(it.Materials, want) {
			t.Errorf("%+v", it)
		}
		must(w.items.SetKind(t.Context(), admin, noon, "elderly_care", care.Version, care.Name, true))(t)
		must(load("MZ06-01,,,,8,,,\n"))(t) // goes on to need it
		if _, err := load("MZ06-02,,,,8,elderly_care,,\n"); len(worldtest.Pointers(err)) != 1 {
			t.Errorf("a retired kind: %v", err)
		}
		if _, err := w.items.SetKind(t.Context(), admin, noon, "Elderly Care", 0, domain.T("", "x"), false); len(worldtest.Pointers(err)) != 2 {
			t.Errorf("a bad kind: %v", err)
		}
		if _, err := w.items.SetKind(t.Context(), admin, noon, "elderly_care", care.Version, domain.T("别名", "other"), false); !errors.Is(err, domain.ErrStale) {
			t.Errorf("at an old version: %v", err)
		}
	})
}
