package address

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wangge/domain/household"
	"wangge/geo"
	"wangge/store"
	"wangge/store/enginetest"
)

// estates are names that share their letters as those of a city do.
func estates() []string {
	var out []string
	for _, a := range strings.Split("枫 平 钮 狮 桃 山 葑 胥 金 银", " ") {
		for _, b := range strings.Split("津 江 家 林 花 塘 门 桥 石 湖", " ") {
			for _, c := range []string{"新村", "花园", "苑", "巷", "一村"} {
				out = append(out, a+b+c)
			}
		}
	}
	return out
}

// BenchmarkSearch imports 200,000 addresses into SQLite, of 100 estates with
// 50 buildings of 40 doors, and searches them; beside it what the text index
// alone takes for a door.
func BenchmarkSearch(b *testing.B) {
	const doors = 200_000
	w := worldOn(b, enginetest.SQLite(b))
	var file strings.Builder
	file.WriteString("code,estate,building,unit,room,lon,lat\n")
	names := estates()
	for i := range doors {
		estate, building, door := i/2000, i/40%50, i%40
		fmt.Fprintf(&file, "%d,%s,%d,%d,%d,%.7f,%.7f\n", i, names[estate], building+1, door/20+1, (door/4%5+1)*100+door%4+1, 120.59+float64(estate%50)*0.0004, 31.3+float64(estate/50)*0.0019+float64(building)*0.00001)
	}
	began := time.Now()
	report, err := w.addresses.Import(b.Context(), w.people["admin"], noon, strings.NewReader(file.String()), Import{Table: Whole(), Scheme: "suzhou", Datum: geo.WGS84})
	if err != nil || report.Added != doors {
		b.Fatal(report, err)
	}
	b.Logf("%.0f addresses a second come in", doors/time.Since(began).Seconds())
	scope, _ := w.addresses.scope("")
	b.Run("the text index alone", func(b *testing.B) {
		i := 0
		for b.Loop() {
			i++
			plain := household.Address{Building: fmt.Sprint(i%50 + 1), Unit: "2", Room: "304"}
			terms := append([]string{"枫津", "津新", "新村"}, partTerms(plain)...)
			if found, _, err := standards.Find(b.Context(), w.st, store.Query{Where: []store.Cond{store.Terms("text", terms...), scope}, Order: []string{"walk"}, Limit: fetched + 1}); err != nil || len(found) != 1 {
				b.Fatal(len(found), err)
			}
		}
	})
	for name, text := range map[string]string{"a door": "枫津新村%d幢2单元304室", "a door in dashes": "枫津新村%d-2-304", "a door without its unit": "枫津新村%d幢304", "a building": "枫津新村%d幢",
		"a door that is not there": "枫津新村%d幢9单元999室", "a part of an estate": "津新村%d幢", "nothing": "平泷路%d号", "an estate of 2,000 doors": "枫津新村", "a number alone": "%d-2-304"} {
		b.Run(name, func(b *testing.B) {
			i := 0
			for b.Loop() {
				i++
				q := text
				if strings.Contains(text, "%d") {
					q = fmt.Sprintf(text, i%50+1)
				}
				if _, err := w.addresses.Search(b.Context(), w.people["resident"], noon, Query{Text: q}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
