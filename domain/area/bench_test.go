package area

import (
	"testing"

	"github.com/paulmach/orb"
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

func BenchmarkLocate(b *testing.B) {
	s := openTown(b)
	importCells(b, s, collection(grid(27, xinghu, xincheng)...))
	m := s.Map()
	for b.Loop() {
		m.Locate(orb.Point{120.5251, 31.2251})
	}
}
