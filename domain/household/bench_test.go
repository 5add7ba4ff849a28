package household

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/ids"
	"wangge/domain/place"
	"wangge/geo"
	"wangge/store"
	"wangge/store/enginetest"
)

// benchWorld is the city on SQLite, without rehearsals.
func benchWorld(b *testing.B) *world { return benchOn(b, "sqlite") }

func benchOn(b *testing.B, engine string) *world {
	return worldOn(b, enginetest.Places[engine](b), store.Options{})
}

// BenchmarkList lists and searches 100,000 households of one street. Its limit
// is reading the same page by ids that are known: "x-by-ids" is how many times
// that a search takes.
func BenchmarkList(b *testing.B) {
	for _, engine := range []string{"sqlite", "mongodb"} {
		b.Run(engine, func(b *testing.B) {
			w := benchOn(b, engine)
			crowd(b, w, 100_000)
			w.households.Reveals.PerHour, w.households.Reveals.NamesPerHour = 1e9, 1e9
			for name, c := range map[string]struct {
				who string
				f   Filter
			}{
				"street":                   {"manager", Filter{}},
				"cell":                     {"worker", Filter{}},
				"tag in the street":        {"manager", Filter{Tags: []string{"empty_nest_elder"}}},
				"tag in a cell":            {"worker", Filter{Tags: []string{"empty_nest_elder"}}},
				"rare tag in the street":   {"manager", Filter{Tags: []string{"family_in_difficulty"}}},
				"elders longest unvisited": {"manager", Filter{Tags: []string{"empty_nest_elder"}, VisitedBefore: noon}},
				"estate":                   {"manager", Filter{Text: "平江新村12"}},
				"name":                     {"manager", Filter{Text: "王明红"}},
				"estate and name":          {"manager", Filter{Text: "12幢 王明红"}},
				"phone":                    {"manager", Filter{Phone: "13900050000"}},
				"phone in a cell":          {"worker", Filter{Phone: "13900050000"}},
			} {
				b.Run(name, func(b *testing.B) {
					var page []*Household
					var err error
					for b.Loop() {
						if page, _, err = w.households.List(context.Background(), w.people[c.who], noon, c.f); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(b.Elapsed())/float64(w.byIDs(b, page)), "x-by-ids")
					b.ReportMetric(float64(len(page)), "households")
				})
			}
		})
	}
}

// byIDs is the time of reading a page by its ids as often as the benchmark read it.
func (w *world) byIDs(b *testing.B, page []*Household) time.Duration {
	var ids []string
	for _, h := range page {
		ids = append(ids, h.ID)
	}
	start := time.Now()
	for range b.N {
		if _, err := collection.GetMany(context.Background(), w.st, ids); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(start)
}

// crowd fills the first street: 200 estates of 500 dwellings, two people in each.
func crowd(b *testing.B, w *world, households int) {
	b.Helper()
	rng := rand.New(rand.NewPCG(1, 1))
	surnames, letters := []rune("王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"), []rune("明红强芳伟静磊洋勇艳杰涛超霞平刚")
	var all []*model
	for i := range households {
		h := &Household{Meta: store.Meta{ID: ids.New()}, Occupancy: Own, Since: noon, CreatedAt: noon, Merged: []Merge{},
			Address:   Address{Estate: fmt.Sprintf("%s新村%d区", string(pick(rng, letters)), i/500), Building: fmt.Sprint(i / 25 % 20), Unit: "1", Room: fmt.Sprint(101 + i%25)},
			VisitedAt: noon.Add(-time.Duration(rng.IntN(365*24)) * time.Hour)}
		if i%20 == 0 {
			h.Address.Estate = "平江新村"
			h.Address.Room = fmt.Sprint(i)
		}
		for j := range 2 {
			name := string([]rune{pick(rng, surnames), pick(rng, letters), pick(rng, letters)})
			phone := fmt.Sprintf("139%08d", 2*i+j)
			in, err := w.households.prepare(ids.New(), PersonInput{Name: &name, Phone: &phone}, "", noon, &domain.InvalidError{})
			if err != nil {
				b.Fatal(err)
			}
			if err := h.add(w.keys, in, noon, "", &domain.InvalidError{}); err != nil {
				b.Fatal(err)
			}
		}
		h.Members[0].Tags = []Tag{{Code: "property_owner", Since: noon, Source: "import"}}
		if i%10 == 0 {
			h.Members[1].Tags = []Tag{{Code: "empty_nest_elder", Since: noon, Source: "import"}}
		} else if i%2000 == 1 {
			h.Members[1].Tags = []Tag{{Code: "family_in_difficulty", Since: noon, Source: "import"}}
		}
		p := orb.Point{120.59 + 0.0199*rng.Float64(), 31.3 + 0.0099*rng.Float64()}
		if i%100 > 0 { // the cells of the world are large: most lie in the neighbour
			p = orb.Point{120.59 + 0.0099*rng.Float64(), 31.3 + 0.0099*rng.Float64()}
		}
		spot, _ := place.Spot(w.areas.Map(), p)
		h.setPosition(spot, p, geo.WGS84)
		h.settle(noon)
		all = append(all, &model{Household: h})
	}
	start := time.Now()
	for chunk := range slices.Chunk(all, 5000) {
		w.insert(chunk)
	}
	size := int64(0)
	_ = filepath.WalkDir(w.place.Dir, func(path string, _ fs.DirEntry, err error) error {
		if info, statErr := os.Stat(path); err == nil && statErr == nil && !info.IsDir() {
			size += info.Size()
		}
		return nil
	})
	b.Logf("%d households in %s; files of SQLite: %d MB", households, time.Since(start).Round(time.Second), size>>20)
}
