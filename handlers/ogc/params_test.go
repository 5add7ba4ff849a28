package ogc

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
)

func TestLimit(t *testing.T) {
	for text, want := range map[string]int{
		"1": 1, "007": 7, "100": 100, "500": 500, "501": 500, "99999999999999999999999": 500,
		"": 0, "0": 0, "-1": 0, "+1": 0, "1.0": 0, "1e2": 0, " 1": 0, "unlimited": 0, "0x10": 0, "１": 0, "-99999999999999999999999": 0,
	} {
		got, wrong := parseLimit(text)
		if got != want || (wrong == domain.Text{}) != (want > 0) {
			t.Errorf("%q: %d, %v", text, got, wrong)
		}
	}
}

func TestBBox(t *testing.T) {
	for text, want := range map[string]string{
		"120.6,31.3,120.7,31.4":         "[120.6 31.3 120.7 31.4]",
		"120.6,31.3,-10,120.7,31.4,1e3": "[120.6 31.3 120.7 31.4]",
		"120,31,120,31":                 "[120 31 120 31]",
		"-180,-90,180,90":               "[-180 -90 180 90]",
		"177.0,65.0,-177.0,70.0":        "[177 65 180 70] [-180 65 -177 70]",
		"180,0,-180,1":                  "[180 0 180 1] [-180 0 -180 1]",
		"+.5,-1.,1E0,.5e1":              "[0.5 -1 1 5]",
		"":                              "", "1,2,3": "", "1,2,3,4,5": "", "1,2,3,4,5,6,7": "", "1,2,3,": "", "a,b,c,d": "", "1;2;3;4": "",
		"NaN,31,121,32": "", "120,31,Inf,32": "", "120,31,121,-Infinity": "", "0x10,31,121,32": "", "1_0,31,121,32": "", "120, 31,121,32": "",
		"1e999,31,121,32": "", "120,32,121,31": "", "-180.1,31,121,32": "", "120,31,180.0000001,32": "", "120,-90.1,121,32": "", "120,31,121,90.1": "",
		"120,31,5,121,32,4": "", "31.3,120.6,31.4,120.7": "",
	} {
		boxes, wrong := parseBBox(text)
		var got []string
		for _, b := range boxes {
			got = append(got, fmt.Sprint([]float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}))
		}
		if strings.Join(got, " ") != want || (wrong == domain.Text{}) != (want != "") {
			t.Errorf("%q: %v, %v", text, got, wrong)
		}
	}
}

func TestDatetime(t *testing.T) {
	for text, want := range map[string]string{
		"2018-02-12T23:20:50Z":                      "2018-02-12T23:20:50Z 2018-02-12T23:20:50Z",
		"2018-02-12T23:20:50.1234+08:00":            "2018-02-12T15:20:50.124Z 2018-02-12T15:20:50.123Z", // between two milliseconds: none
		"2018-02-12":                                "2018-02-12T00:00:00Z 2018-02-12T23:59:59.999Z",
		"2018-02-12T00:00:00Z/2018-03-18T12:31:12Z": "2018-02-12T00:00:00Z 2018-03-18T12:31:12Z",
		"2018-02-12T00:00:00Z/2018-02-12T00:00:00Z": "2018-02-12T00:00:00Z 2018-02-12T00:00:00Z",
		"2018-02-12/2018-02-13":                     "2018-02-12T00:00:00Z 2018-02-13T23:59:59.999Z",
		"2018-02-12T00:00:00Z/..":                   "2018-02-12T00:00:00Z -",
		"2018-02-12T00:00:00Z/":                     "2018-02-12T00:00:00Z -",
		"../2018-03-18T12:31:12Z":                   "- 2018-03-18T12:31:12Z",
		"/2018-03-18T12:31:12Z":                     "- 2018-03-18T12:31:12Z",
		"2018-02-12/P2D":                            "2018-02-12T00:00:00Z 2018-02-14T00:00:00Z",
		"2018-02-12T00:00:00Z/P1M6DT12H31M12S":      "2018-02-12T00:00:00Z 2018-03-18T12:31:12Z",
		"2018-02-12T00:00:00Z/P1Y2W":                "2018-02-12T00:00:00Z 2019-02-26T00:00:00Z",
		"2018-02-12T00:00:00Z/PT0S":                 "2018-02-12T00:00:00Z 2018-02-12T00:00:00Z",
		"P2D/2018-02-14T00:00:00Z":                  "2018-02-12T00:00:00Z 2018-02-14T00:00:00Z",
		"9999-12-31T23:59:59Z":                      "9999-12-31T23:59:59Z 9999-12-31T23:59:59Z",
		"":                                          "", "..": "", "/": "", "../..": "", "../": "", "/..": "", "now": "", "2018": "", "2018-02": "", "2018-13-01": "", "2018-02-30": "",
		"2018-02-12T23:20:50": "", "2018-02-12 23:20:50Z": "", "2018-02-12T25:00:00Z": "", "2018-02-12T23:20:50 08:00": "",
		"2018-03-18/2018-02-12": "", "2018-02-12/2018-02-13/2018-02-14": "", "2018-02-12/P": "", "2018-02-12/PT": "", "2018-02-12/P1DT": "", "2018-02-12/2D": "",
		"2018-02-12/P-2D": "", "-P2D": "", "P2D": "", "P2D/": "", "P2D/..": "", "../P2D": "", "P1D/P2D": "", "2018-02-12/P9999Y": "", "2018-02-12/P100000D": "", "0000-01-01": "",
	} {
		p, wrong := parseDatetime(text)
		end := func(at time.Time) string {
			if at.IsZero() {
				return "-"
			}
			return at.Format(time.RFC3339Nano)
		}
		got := end(p.from) + " " + end(p.to)
		if wrong != (domain.Text{}) {
			got = ""
		}
		if got != want {
			t.Errorf("%q: %q, %v", text, got, wrong)
		}
	}
}

func TestPeriodHolds(t *testing.T) {
	at := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	for text, want := range map[string]bool{
		"2026-11-23T01:00:00Z": true, "2026-11-23T01:00:00.0005Z": false, "2026-11-23T01:00:00.001Z": false, "2026-11-23": true, "2026-11-22": false,
		"2026-11-23T01:00:00Z/..": true, "2026-11-23T01:00:00.001Z/..": false, "../2026-11-23T01:00:00Z": true, "../2026-11-23T00:59:59.999Z": false,
	} {
		p, wrong := parseDatetime(text)
		if wrong != (domain.Text{}) || p.holds(at) != want {
			t.Errorf("%s: %v, %v", text, p.holds(at), wrong)
		}
	}
}

// Whatever is taken is boxes on the globe, their latitudes in order, none upon another.
func FuzzBBox(f *testing.F) {
	for _, seed := range []string{"120.6,31.3,120.7,31.4", "177,65,-177,70", "-180,-90,-1,180,90,1", "NaN,1,2,3", "1e999,1,2,3", "0x1p-2,1,2,3", "1,,2,3", "180,0,-180,1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		boxes, wrong := parseBBox(text)
		if (len(boxes) > 0) == (wrong != domain.Text{}) || len(boxes) > 2 {
			t.Fatalf("%q: %v, %v", text, boxes, wrong)
		}
		for _, b := range boxes {
			for _, x := range []float64{b.Min[0], b.Max[0]} {
				if !(math.Abs(x) <= 180) {
					t.Fatalf("%q: %v", text, b)
				}
			}
			if b.IsEmpty() || !(b.Min[1] >= -90) || !(b.Max[1] <= 90) {
				t.Fatalf("%q: %v", text, b)
			}
		}
		if len(boxes) == 2 && boxes[0].Intersects(boxes[1]) && boxes[0] != (orb.Bound{}) {
			t.Fatalf("%q: %v overlap", text, boxes)
		}
	})
}

// Whatever is taken is in order, in whole milliseconds and within the years that stores hold.
func FuzzDatetime(f *testing.F) {
	for _, seed := range []string{"2018-02-12T23:20:50Z", "2018-02-12/P2D", "P1Y/2018-02-12", "../2018-02-12", "2018-02-12/", "../..", "9999-12-31/P1D", "0001-01-01/2018-02-12T00:00:00.0001+14:00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, wrong := parseDatetime(text)
		if wrong != (domain.Text{}) {
			return
		}
		if p.from.IsZero() && p.to.IsZero() {
			t.Fatalf("%q: no end at all", text)
		}
		for _, end := range []time.Time{p.from, p.to} {
			if end.Year() < 1 || end.Year() > 10000 || end.Nanosecond()%int(time.Millisecond) != 0 || end.Location() != time.UTC {
				t.Fatalf("%q: %v", text, end)
			}
		}
		if !p.from.IsZero() && !p.to.IsZero() && p.from.Sub(p.to) > time.Millisecond {
			t.Fatalf("%q: %v", text, p)
		}
	})
}
