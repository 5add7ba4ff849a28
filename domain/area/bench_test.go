package area

import (
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/domain/table"
	"wangge/geo"
)

func BenchmarkImportAreas(b *testing.B) { // 2,376 rows
	file := string(suzhou(b, 2023))
	for b.Loop() {
		b.StopTimer()
		s := openAreas(b)
		b.StartTimer()
		importAreas(b, s, file, AreaImport{})
	}
}

func BenchmarkImportCells(b *testing.B) { // 729 cells, checked and staged
	data := collection(grid(27, xinghu, xincheng)...)
	for b.Loop() {
		b.StopTimer()
		s := openTown(b)
		b.StartTimer()
		importCells(b, s, data)
	}
}

// 20,164 cells of 24 vertices in 30 communities of the real tree: how long each step takes.
func BenchmarkImportCity(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		s := openAreas(b)
		importAreas(b, s, string(suzhou(b, 2023)), AreaImport{})
		var communities []string
		for _, a := range s.Tree().sorted {
			if a.Level == access.Community && len(communities) < 30 {
				communities = append(communities, a.Code)
			}
		}
		data := collection(crooked(142, 6, communities...)...)
		took, last := map[table.Step]time.Duration{}, time.Now()
		b.StartTimer()
		report, err := s.ImportCells(b.Context(), root, noon, data, CellImport{Datum: geo.WGS84, Progress: func(step table.Step, done, total int) {
			took[step] += time.Since(last)
			last = time.Now()
		}})
		if must(b, err); report.Added != 142*142 {
			b.Fatalf("%d added", report.Added)
		}
		for step, d := range took {
			b.ReportMetric(d.Seconds(), string(step)+"-s")
		}
	}
}

func BenchmarkLocate(b *testing.B) {
	s := openTown(b)
	importCells(b, s, collection(grid(27, xinghu, xincheng)...))
	m := s.Map()
	for b.Loop() {
		m.Locate(orb.Point{120.5251, 31.2251})
	}
}
