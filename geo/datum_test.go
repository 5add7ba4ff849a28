package geo

import (
	"encoding/csv"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

// table reads a CSV of testdata as one map a row.
func table(t *testing.T, name string) []map[string]string {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, column := range rows[0] {
			m[column] = row[i]
		}
		out = append(out, m)
	}
	return out
}

func pointOf(t *testing.T, lon, lat string) orb.Point {
	t.Helper()
	x, err := strconv.ParseFloat(lon, 64)
	if err != nil {
		t.Fatal(err)
	}
	y, err := strconv.ParseFloat(lat, 64)
	if err != nil {
		t.Fatal(err)
	}
	return orb.Point{x, y}
}

func degreesApart(a, b orb.Point) float64 {
	return math.Max(math.Abs(a[0]-b[0]), math.Abs(a[1]-b[1]))
}

func TestDatumThreeImplementations(t *testing.T) {
	rows := table(t, "suzhou_grid_three_implementations.csv")
	if len(rows) < 200 {
		t.Fatalf("only %d rows", len(rows))
	}
	for _, row := range rows {
		wgs := pointOf(t, row["wgs_lng"], row["wgs_lat"])
		for column, datum := range map[string]Datum{
			"gcj_%_coordtransform": GCJ02, "gcj_%_gcoord": GCJ02, "gcj_%_eviltransform": GCJ02, "bd_%_gcoord": BD09,
		} {
			want := pointOf(t, row[strings.Replace(column, "%", "lng", 1)], row[strings.Replace(column, "%", "lat", 1)])
			if got := FromWGS84(wgs, datum); degreesApart(got, want) > 1e-6 {
				t.Errorf("%v to %s = %v, %s has %v", wgs, datum, got, column, want)
			}
			if got := ToWGS84(want, datum); Distance(got, wgs) > 0.5 {
				t.Errorf("%v from %s = %v, want %v", want, column, got, wgs)
			}
		}
	}
}

func TestDatumPublishedVectors(t *testing.T) {
	used := 0
	for _, row := range table(t, "published_vectors.csv") {
		if strings.HasPrefix(row["note"], "DO NOT USE") {
			continue
		}
		used++
		in, want := pointOf(t, row["in_lng"], row["in_lat"]), pointOf(t, row["out_lng"], row["out_lat"])
		var got orb.Point
		near := func() bool { return degreesApart(got, want) <= 1e-6 }
		switch row["direction"] {
		case "wgs84_to_gcj02":
			got = FromWGS84(in, GCJ02)
		case "gcj02_to_bd09":
			got = FromWGS84(ToWGS84(in, GCJ02), BD09)
		case "gcj02_to_wgs84_exact":
			got = ToWGS84(in, GCJ02)
			near = func() bool { return Distance(got, want) <= 0.5 }
		case "bd09_to_gcj02": // the vector is of the one-step formula, itself some decimetres off
			got = FromWGS84(ToWGS84(in, BD09), GCJ02)
			near = func() bool { return Distance(got, want) <= 0.5 }
		case "gcj02_to_wgs84_approx": // likewise, metres off
			got = ToWGS84(in, GCJ02)
			near = func() bool { return Distance(got, want) <= 5 }
		default:
			t.Fatalf("unknown direction %q", row["direction"])
		}
		if !near() {
			t.Errorf("%s %v = %v, want %v (%.3f m)", row["direction"], in, got, want, Distance(got, want))
		}
	}
	if used != 13 {
		t.Fatalf("%d vectors used, want 13", used)
	}
}

func TestDatumRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for name, box := range map[string]orb.Bound{
		"Suzhou": {Min: orb.Point{119.9, 30.7}, Max: orb.Point{121.4, 32.1}},
		"China":  {Min: orb.Point{73.5, 3.5}, Max: orb.Point{135, 53.5}},
	} {
		for range 20_000 {
			p := randomIn(rng, box)
			for _, d := range []Datum{WGS84, CGCS2000, GCJ02, BD09} {
				if off := Distance(ToWGS84(FromWGS84(p, d), d), p); off > 0.01 {
					t.Fatalf("%s: %v through %s comes back %.4f m off", name, p, d, off)
				}
			}
		}
	}
}

func randomIn(rng *rand.Rand, b orb.Bound) orb.Point {
	return orb.Point{
		b.Min[0] + rng.Float64()*(b.Max[0]-b.Min[0]),
		b.Min[1] + rng.Float64()*(b.Max[1]-b.Min[1]),
	}
}

func TestDatumOutsideChina(t *testing.T) {
	for _, p := range []orb.Point{{2.35, 48.86}, {-74, 40.7}, {151.2, -33.9}, {math.NaN(), 31}, {math.Inf(1), 31}} {
		got, back := FromWGS84(p, GCJ02), ToWGS84(p, GCJ02)
		for i := range 2 {
			if !math.IsNaN(p[i]) && (got[i] != p[i] || !math.IsInf(p[0], 0) && back[i] != p[i]) {
				t.Errorf("%v is shifted to %v, back %v", p, got, back)
			}
		}
	}
}

func TestParseDatum(t *testing.T) {
	for name, known := range map[string]bool{"wgs84": true, "cgcs2000": true, "gcj02": true, "bd09": true,
		"": false, "WGS84": false, "gps": false, "bd09 ": false} {
		if d, ok := ParseDatum(name); ok != known || ok && string(d) != name {
			t.Errorf("ParseDatum(%q) = %q, %v", name, d, ok)
		}
	}
}

func TestPointChecks(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		p                         orb.Point
		valid, inService, swapped bool
	}{
		{orb.Point{120.7, 31.3}, true, true, false},
		{orb.Point{31.3, 120.7}, false, false, true},
		{orb.Point{40, 80}, true, false, true},
		{orb.Point{80, 40}, true, true, false},
		{orb.Point{2.35, 48.86}, true, false, false},
		{orb.Point{0, 0}, true, false, false},
		{orb.Point{180.1, 31}, false, false, false},
		{orb.Point{120, 90.1}, false, false, false},
		{orb.Point{nan, 31}, false, false, false},
		{orb.Point{120, inf}, false, false, false},
		{orb.Point{-inf, nan}, false, false, false},
	} {
		if ValidPoint(c.p) != c.valid || InService(c.p) != c.inService || LooksSwapped(c.p) != c.swapped {
			t.Errorf("%v: valid %v, in service %v, swapped %v", c.p, ValidPoint(c.p), InService(c.p), LooksSwapped(c.p))
		}
	}
}

func TestMeasure(t *testing.T) {
	// One degree of the meridian from the equator is 110,574 m on the ellipsoid.
	if d := Distance(orb.Point{0, 0}, orb.Point{0, 1}); math.Abs(d-110574)/110574 > 0.006 {
		t.Errorf("a degree of latitude is %.0f m", d)
	}
	// The whole ellipsoid has 510,065,621.7 km².
	world := orb.MultiPolygon{{{{-180, -90}, {180, -90}, {180, 90}, {-180, 90}, {-180, -90}}}}
	if a := AreaM2(world); math.Abs(a-510065621.7e6) > 1e6 {
		t.Errorf("the world has %.1f km²", a/1e6)
	}
	// A square of about 10 m, against the local lengths of a degree; a hole takes a quarter off.
	east, north := metresPerDegree(31.3)
	square := func(x, y, side float64) orb.Ring {
		w, h := side/east, side/north
		return orb.Ring{{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}, {x, y}}
	}
	whole := square(120.7, 31.3, 10)
	hole := square(120.7+2/east, 31.3+2/north, 5)
	if a := AreaM2(orb.MultiPolygon{{whole}}); math.Abs(a-100) > 0.01 {
		t.Errorf("100 m² measure %.4f", a)
	}
	if a := AreaM2(orb.MultiPolygon{{whole, hole}}); math.Abs(a-75) > 0.01 {
		t.Errorf("75 m² measure %.4f", a)
	}
}
