package route

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
)

// tsp is an instance of TSPLIB95 and the length of its shortest tour.
type tsp struct {
	name    string
	metres  [][]float64
	optimal float64
}

func instances(t testing.TB) (all []tsp) {
	t.Helper()
	f, err := os.Open("testdata/tsplib_optimal.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		optimal, err := strconv.ParseFloat(row[3], 64)
		if err != nil {
			t.Fatal(err)
		}
		metres := readTSP(t, "testdata/"+row[0]+".tsp")
		if strconv.Itoa(len(metres)) != row[1] {
			t.Fatalf("%s has %d nodes, not %s", row[0], len(metres), row[1])
		}
		all = append(all, tsp{row[0], metres, optimal})
	}
	return all
}

// readTSP reads the kinds of edge weights that the instances use: EUC_2D, GEO
// and EXPLICIT as LOWER_DIAG_ROW.
func readTSP(t testing.TB, name string) [][]float64 {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	header := map[string]string{}
	var numbers []float64
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if key, value, ok := strings.Cut(line, ":"); ok {
			header[strings.TrimSpace(key)] = strings.TrimSpace(value)
			continue
		}
		for _, field := range strings.Fields(line) {
			if x, err := strconv.ParseFloat(field, 64); err == nil {
				numbers = append(numbers, x)
			} else if !strings.HasSuffix(line, "_SECTION") && line != "EOF" {
				t.Fatalf("%s: %q", name, line)
			}
		}
	}
	n, err := strconv.Atoi(header["DIMENSION"])
	if err != nil {
		t.Fatal(err)
	}
	var weight func(i, j int) float64 // j < i
	coordinate := func(i, axis int) float64 { return numbers[3*i+1+axis] }
	switch kind := header["EDGE_WEIGHT_TYPE"] + header["EDGE_WEIGHT_FORMAT"]; kind {
	case "EUC_2D":
		weight = func(i, j int) float64 {
			return math.Round(math.Hypot(coordinate(i, 0)-coordinate(j, 0), coordinate(i, 1)-coordinate(j, 1)))
		}
	case "GEO", "GEOFUNCTION":
		weight = func(i, j int) float64 {
			return geoWeight(coordinate(i, 0), coordinate(i, 1), coordinate(j, 0), coordinate(j, 1))
		}
	case "EXPLICITLOWER_DIAG_ROW":
		weight = func(i, j int) float64 { return numbers[i*(i+1)/2+j] }
	default:
		t.Fatalf("%s: edge weights %s", name, kind)
	}
	metres := square(n)
	for i := range n {
		for j := range i {
			metres[i][j] = weight(i, j)
			metres[j][i] = metres[i][j]
		}
	}
	return metres
}

// geoWeight is the distance that TSPLIB95 prescribes for degrees written as
// degrees and minutes, with its π.
func geoWeight(lat1, lon1, lat2, lon2 float64) float64 {
	radians := func(x float64) float64 {
		degrees := math.Trunc(x)
		return 3.141592 * (degrees + 5*(x-degrees)/3) / 180
	}
	q1 := math.Cos(radians(lon1) - radians(lon2))
	q2 := math.Cos(radians(lat1) - radians(lat2))
	q3 := math.Cos(radians(lat1) + radians(lat2))
	return math.Floor(6378.388*math.Acos(0.5*((1+q1)*q2-(1-q1)*q3)) + 1)
}

func square(n int) [][]float64 {
	m := make([][]float64, n)
	for i := range m {
		m[i] = make([]float64, n)
	}
	return m
}

func gap(r Route, optimal float64) float64 { return 100 * (r.Metres - optimal) / optimal }

func TestTSPLIBIsOptimal(t *testing.T) {
	for _, x := range instances(t) {
		for seed := range uint64(2) {
			if r := find(t, Problem{Metres: x.metres, Seed: seed}); r.Metres != x.optimal {
				t.Errorf("%s, seed %d: %v instead of %v", x.name, seed, r.Metres, x.optimal)
			}
		}
	}
}

// A closed tour gets no other order when every place is made dearer to come to
// and as much cheaper to leave: so the optimum of a matrix without symmetry is
// known as well.
func TestTSPLIBIsOptimalOneWay(t *testing.T) {
	for _, x := range instances(t) {
		if len(x.metres) > 52 {
			continue
		}
		oneWay := square(len(x.metres))
		const each = 100
		for i, row := range x.metres {
			for j, metres := range row {
				oneWay[i][j] = metres + each + float64(j*37%each) - float64(i*37%each)
			}
		}
		want := x.optimal + each*float64(len(x.metres))
		if r := find(t, Problem{Metres: oneWay}); r.Metres != want {
			t.Errorf("%s: %v instead of %v", x.name, r.Metres, want)
		}
	}
}

// The shortest tour without its last leg is the shortest way to where it
// starts, and no longer than any way with a free end.
func TestTSPLIBWithAnEnd(t *testing.T) {
	for _, x := range instances(t) {
		if len(x.metres) > 52 {
			continue
		}
		tour := find(t, Problem{Metres: x.metres})
		before := tour.Legs[len(tour.Legs)-2].To
		want := x.optimal - x.metres[before][0]
		if r := find(t, Problem{Metres: x.metres, End: before}); r.Metres != want {
			t.Errorf("%s, to %d: %v instead of %v", x.name, before, r.Metres, want)
		}
		if r := find(t, Problem{Metres: x.metres, End: Anywhere}); r.Metres > want {
			t.Errorf("%s, to anywhere: %v, to %d %v", x.name, r.Metres, before, want)
		}
	}
}

// Several seeds, so that the gap is not that of a lucky one.
func BenchmarkTSPLIB(b *testing.B) {
	for _, x := range instances(b) {
		for _, effort := range []int{DefaultEffort, 10 * DefaultEffort} {
			b.Run(fmt.Sprintf("%s/effort=%d", x.name, effort), func(b *testing.B) {
				b.ReportAllocs()
				var sum float64
				var runs int
				for b.Loop() {
					r := find(b, Problem{Metres: x.metres, Seed: uint64(runs), Effort: effort})
					sum += gap(r, x.optimal)
					runs++
				}
				b.ReportMetric(sum/float64(runs), "gap%")
			})
		}
	}
}
