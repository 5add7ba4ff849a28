package area

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/geo"
	"wangge/store"
	"wangge/store/enginetest"
)

var (
	noon = time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	root = access.Program
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// open gives a fresh store for a test.
func open(t testing.TB) *store.Store {
	t.Helper()
	return enginetest.Store(t, enginetest.SQLite(t).Open(t), store.Options{Rehearse: true}, Collections()...)
}

func openAreas(t testing.TB) *Areas {
	t.Helper()
	s, err := New(t.Context(), open(t))
	must(t, err)
	return s
}

// suzhou is an edition of the city's areas: 2019, 2021 or 2023.
func suzhou(t testing.TB, year int) []byte {
	t.Helper()
	f, err := os.Open(fmt.Sprintf("testdata/suzhou_divisions_%d.csv.gz", year))
	must(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	must(t, err)
	data, err := io.ReadAll(z)
	must(t, err)
	return data
}

func importAreas(t testing.TB, s *Areas, csv string, opts AreaImport) Report {
	t.Helper()
	report, err := s.ImportAreas(t.Context(), root, noon, bytes.NewReader([]byte(csv)), opts)
	if err != nil {
		t.Fatalf("%v\n%+v", err, report.Findings)
	}
	return report
}

// town is a city of one county, two streets, two communities each.
const town = `level,code,name,parent_code
city,3205,苏州市,
county,320576,工业园区,3205
street,320576054,东沙湖街道,320576
community,320576054033,星湖社区,320576054
community,320576054042,景城社区,320576054
street,320576055,金鸡湖街道,320576
community,320576055001,新城社区,320576055
community,320576055002,师惠社区,320576055
`

const (
	xinghu    = "320576054033"
	jingcheng = "320576054042"
	xincheng  = "320576055001"
)

func openTown(t testing.TB) *Areas {
	t.Helper()
	s := openAreas(t)
	importAreas(t, s, town, AreaImport{})
	return s
}

// square is a ring of side hundredths of a degree, its south-west corner so many hundredths from 120.7, 31.3.
func square(x, y, side float64) orb.MultiPolygon {
	at := func(x, y float64) orb.Point { return geo.Snap(orb.Point{120.7 + x/100, 31.3 + y/100}) }
	return orb.MultiPolygon{{{at(x, y), at(x+side, y), at(x+side, y+side), at(x, y+side), at(x, y)}}}
}

// grid makes n × n crooked cells that share their corners, the codes filling
// the communities in turn with 999 each at most.
func grid(n int, communities ...string) []*cellFeature { return crooked(n, 1, communities...) }

// crooked is a grid whose every side has so many edges.
func crooked(n, edges int, communities ...string) []*cellFeature {
	at := func(i, j float64) orb.Point {
		return geo.Snap(orb.Point{120.5 + 0.002*(i+0.3*math.Sin(i*7+j*3)), 31.2 + 0.002*(j+0.3*math.Cos(i*5+j*11))})
	}
	corner := func(i, j int) orb.Point { return at(float64(i), float64(j)) }
	side := func(a, b orb.Point) (out []orb.Point) { // the same points either way, without the last
		for k := range edges {
			t := float64(k) / float64(edges)
			if comparePoints(a, b) > 0 {
				t = float64(edges-k) / float64(edges)
				out = append(out, bend(b, a, t))
				continue
			}
			out = append(out, bend(a, b, t))
		}
		return out
	}
	var out []*cellFeature
	for k := range n * n {
		i, j := k/n, k%n
		around := []orb.Point{corner(i, j), corner(i+1, j), corner(i+1, j+1), corner(i, j+1), corner(i, j)}
		var ring orb.Ring
		for s := range 4 {
			ring = append(ring, side(around[s], around[s+1])...)
		}
		code := fmt.Sprintf("%s%03d", communities[k%len(communities)], k/len(communities)+1)
		out = append(out, newFeature(code, "basic", orb.MultiPolygon{{append(ring, ring[0])}}))
	}
	return out
}

// bend is a point a part t of the way from a to b, a little beside it.
func bend(a, b orb.Point, t float64) orb.Point {
	dx, dy, off := b[0]-a[0], b[1]-a[1], 0.02*math.Sin(t*3*math.Pi)
	return geo.Snap(orb.Point{a[0] + t*dx - off*dy, a[1] + t*dy + off*dx})
}

// cellFeature is a GeoJSON feature of a cell.
type cellFeature struct {
	Type       string            `json:"type"`
	Properties map[string]string `json:"properties"`
	Geometry   struct {
		Type        string           `json:"type"`
		Coordinates orb.MultiPolygon `json:"coordinates"`
	} `json:"geometry"`
}

func newFeature(code, kind string, m orb.MultiPolygon) *cellFeature {
	f := &cellFeature{Type: "Feature", Properties: map[string]string{"code": code, "name": "网格" + code[max(0, len(code)-3):], "kind": kind}}
	f.Geometry.Type, f.Geometry.Coordinates = "MultiPolygon", m
	return f
}

func collection(features ...*cellFeature) []byte {
	data, err := json.Marshal(map[string]any{"type": "FeatureCollection", "features": features})
	if err != nil {
		panic(err)
	}
	return data
}

func importCells(t testing.TB, s *Areas, data []byte) Report {
	t.Helper()
	report, err := s.ImportCells(t.Context(), root, noon, data, CellImport{Datum: geo.WGS84})
	if err != nil {
		t.Fatalf("%v\n%+v", err, report.Findings)
	}
	return report
}

// invalid returns the fields that an InvalidError names.
func invalid(t testing.TB, err error) []domain.FieldError {
	t.Helper()
	var bad *domain.InvalidError
	if !errors.As(err, &bad) {
		t.Fatalf("%v is no InvalidError", err)
	}
	return bad.Fields
}

// eventually waits for what follows the journal.
func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	for range 30_000 { // five minutes
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("not in five minutes: %s", what)
}
