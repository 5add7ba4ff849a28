package geo

import (
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"
)

func TestCheckOverlaps(t *testing.T) {
	feature := func(index int, m orb.MultiPolygon) Feature { return Feature{Index: index, Geometry: m} }
	features := []Feature{
		feature(0, orb.MultiPolygon{{square4(120, 31, 0.01)}}),
		feature(2, orb.MultiPolygon{{square4(120.01, 31, 0.01)}}),  // shares an edge
		feature(5, orb.MultiPolygon{{square4(120.019, 31, 0.01)}}), // 0.001° into feature 2
		feature(6, orb.MultiPolygon{{square4(120.0292, 31.02, 0.01)}}),
		feature(9, orb.MultiPolygon{{square4(120.03, 31.025, 0.001)}}), // wholly inside feature 6
	}
	findings := CheckOverlaps(features, 1)
	if len(findings) != 2 {
		t.Fatalf("%+v", findings)
	}
	strip := AreaM2(orb.MultiPolygon{{{{120.019, 31}, {120.02, 31}, {120.02, 31.01}, {120.019, 31.01}, {120.019, 31}}}})
	if f := findings[0]; f.Feature != 5 || f.Neighbour != 2 || f.Kind != KindOverlap || f.Severity != SeverityError ||
		f.Pointer != "/features/5/geometry" || f.AreaM2 < strip-1 || f.AreaM2 > strip+1 {
		t.Errorf("%+v, want %.1f m²", f, strip)
	}
	if f := findings[1]; f.Feature != 9 || f.Neighbour != 6 {
		t.Errorf("%+v", f)
	}
	if findings := CheckOverlaps(features, 20_000); len(findings) != 1 || findings[0].Feature != 5 {
		t.Errorf("above the tolerance: %+v", findings)
	}
}

func TestCheckGaps(t *testing.T) {
	shapes := coverage(6, 6, 3)
	var features []Feature
	for i, s := range shapes {
		features = append(features, Feature{Index: i, Geometry: s.Geometry})
	}
	if findings, err := CheckGaps(features, 1); err != nil || len(findings) != 0 {
		t.Fatalf("a whole coverage has %+v, %v", findings, err)
	}
	missing := AreaM2(features[14].Geometry)
	features = slices.Delete(features, 14, 15)
	findings, err := CheckGaps(features, 1)
	if err != nil || len(findings) != 1 || findings[0].Kind != KindGap || findings[0].Severity != SeverityWarning {
		t.Fatalf("%+v, %v", findings, err)
	}
	if f := findings[0]; f.AreaM2 < missing-1 || f.AreaM2 > missing+1 || !slices.Equal(f.Around, []int{8, 13, 15, 20, 7, 9, 19, 21}) || f.Feature != 8 || f.Neighbour != 13 {
		t.Errorf("%+v, want %.1f m² between the neighbours of 14", f, missing)
	}
	// Four bars that cross enclose a gap whose corners are nobody's points.
	bar := func(west, south, east, north float64) orb.MultiPolygon {
		return orb.MultiPolygon{{{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}}}
	}
	crossed := []Feature{{Index: 0, Geometry: orb.MultiPolygon{{square4(121, 31, 0.01)}}},
		{Index: 1, Geometry: bar(120, 31.01, 120.05, 31.02)}, {Index: 2, Geometry: bar(120, 31.03, 120.05, 31.04)},
		{Index: 3, Geometry: bar(120.01, 31, 120.02, 31.05)}, {Index: 4, Geometry: bar(120.03, 31, 120.04, 31.05)}}
	if findings, err := CheckGaps(crossed, 1); err != nil || len(findings) != 1 || !slices.Equal(findings[0].Around, []int{1, 2, 3, 4}) {
		t.Errorf("between crossing bars: %+v, %v", findings, err)
	}
	ringed := []Feature{{Index: 3, Geometry: orb.MultiPolygon{{square4(120, 31, 0.01), square4(120.002, 31.002, 0.001)}}}}
	if findings, err := CheckGaps(ringed, 1); err != nil || len(findings) != 1 || findings[0].Feature != 3 || findings[0].Neighbour != -1 {
		t.Errorf("around its own hole: %+v, %v", findings, err)
	}
	if findings, err := CheckGaps(nil, 1); err != nil || findings != nil {
		t.Errorf("nothing has %v, %v", findings, err)
	}
}

// 2,000 cells are compared in about a second.
func TestCheckOverlapsScale(t *testing.T) {
	var features []Feature
	for i, s := range coverage(50, 40, 6) {
		features = append(features, Feature{Index: i, Geometry: s.Geometry})
	}
	begin := time.Now()
	if findings := CheckOverlaps(features, 0.01); len(findings) != 0 {
		t.Errorf("%+v", findings[0])
	}
	t.Logf("2,000 cells in %v", time.Since(begin))
}
