package route

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/paulmach/orb"
)

func TestInputErrors(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	pair := [][]float64{{0, 5}, {7, 0}}
	between := func(metres float64) Problem {
		return Problem{Metres: [][]float64{{0, 5, 5}, {5, 0, 5}, {5, metres, 0}}}
	}
	timed := func(speed float64, w ...Window) Problem {
		return Problem{Metres: pair, Windows: w, Depart: morning, Speed: speed}
	}
	for _, c := range []struct {
		name string
		p    Problem
		want InputError
	}{
		{"no place", Problem{}, InputError{KindEmpty, -1, -1}},
		{"too many", Problem{Metres: make([][]float64, MaxStops+2)}, InputError{KindTooMany, -1, -1}},
		{"end too low", Problem{Metres: pair, End: -2}, InputError{KindEnd, -1, -1}},
		{"end too high", Problem{Metres: pair, End: 2}, InputError{KindEnd, -1, -1}},
		{"effort", Problem{Metres: pair, Effort: -1}, InputError{KindEffort, -1, -1}},
		{"short row", Problem{Metres: [][]float64{{0, 5}, {5}}}, InputError{KindNotSquare, 1, -1}},
		{"long row", Problem{Metres: [][]float64{{0, 5, 5}, {5, 0}}}, InputError{KindNotSquare, 0, -1}},
		{"no row", Problem{Metres: [][]float64{{0, 5}, nil}}, InputError{KindNotSquare, 1, -1}},
		{"not a number", between(nan), InputError{KindDistance, 2, 1}},
		{"infinite", between(inf), InputError{KindDistance, 2, 1}},
		{"negative", between(-1), InputError{KindDistance, 2, 1}},
		{"too far", between(2 * MaxMetres), InputError{KindDistance, 2, 1}},
		{"a window too few", timed(1, Window{}), InputError{KindWindows, -1, -1}},
		{"a window too many", timed(1, Window{}, Window{}, Window{}), InputError{KindWindows, -1, -1}},
		{"window turned", timed(1, Window{}, Window{Earliest: morning, Latest: morning.Add(-1)}), InputError{KindWindow, 1, -1}},
		{"service negative", timed(1, Window{}, Window{Service: -1}), InputError{KindService, 1, -1}},
		{"service too long", timed(1, Window{Service: MaxService + 1}, Window{}), InputError{KindService, 0, -1}},
		{"no speed", timed(0, Window{}, Window{}), InputError{KindSpeed, -1, -1}},
		{"speed not a number", timed(nan, Window{}, Window{}), InputError{KindSpeed, -1, -1}},
		{"too fast", timed(inf, Window{}, Window{}), InputError{KindSpeed, -1, -1}},
	} {
		_, err := Find(context.Background(), c.p)
		var got *InputError
		if !errors.As(err, &got) || *got != c.want {
			t.Errorf("%s: %v, not %v", c.name, err, &c.want)
		}
	}
}

func TestMetresInputErrors(t *testing.T) {
	for _, c := range []struct {
		name   string
		points []orb.Point
		want   InputError
	}{
		{"too many", make([]orb.Point, MaxStops+2), InputError{KindTooMany, -1, -1}},
		{"longitude", []orb.Point{{0, 0}, {180.1, 0}}, InputError{KindPoint, 1, -1}},
		{"latitude", []orb.Point{{0, -90.1}}, InputError{KindPoint, 0, -1}},
		{"not a number", []orb.Point{{math.NaN(), 0}}, InputError{KindPoint, 0, -1}},
		{"infinite", []orb.Point{{0, math.Inf(-1)}}, InputError{KindPoint, 0, -1}},
	} {
		_, err := Metres(c.points)
		var got *InputError
		if !errors.As(err, &got) || *got != c.want {
			t.Errorf("%s: %v, not %v", c.name, err, &c.want)
		}
	}
}

func TestInputErrorSaysWhere(t *testing.T) {
	for want, err := range map[string]error{
		"route: effort":                      wrong(KindEffort),
		"route: window: place 3":             wrongAt(KindWindow, 3),
		"route: distance: from place 0 to 4": &InputError{KindDistance, 0, 4},
	} {
		if err.Error() != want {
			t.Errorf("%q, not %q", err, want)
		}
	}
}

// What is legal but absurd gives a route, and no number turns over.
func TestExtremes(t *testing.T) {
	far := square(20)
	for i := range far {
		for j := range far {
			far[i][j] = MaxMetres
		}
		far[i][i] = math.NaN() // not looked at
	}
	p := Problem{Metres: far, End: Anywhere, Windows: make([]Window, 20), Depart: morning, Speed: MinSpeed, Effort: 10}
	for i := range p.Windows {
		p.Windows[i] = Window{Latest: morning.AddDate(-2000, 0, 0), Service: MaxService}
	}
	p.Windows[7] = Window{Earliest: morning.AddDate(5000, 0, 0)}
	r := find(t, p)
	if r.Metres != 19*MaxMetres || r.Late != math.MaxInt64/time.Millisecond*time.Millisecond {
		t.Errorf("%v m, late %v", r.Metres, r.Late)
	}
	for i, leg := range r.Legs {
		if leg.Wait < 0 || leg.Late < 0 || leg.Arrive.Before(morning) || i > 0 && leg.Arrive.Before(r.Legs[i-1].Arrive) {
			t.Errorf("%+v", leg)
		}
	}
	if r := find(t, Problem{Metres: [][]float64{{math.NaN()}}}); len(r.Legs) != 0 {
		t.Errorf("from nowhere to nowhere: %+v", r)
	}
}

// FuzzFind makes a problem of any bytes: it has a route that is whole, or an
// error that says why not.
func FuzzFind(f *testing.F) {
	f.Add(uint8(4), int8(0), 1.2, false, []byte{9, 1, 200, 4, 3})
	f.Add(uint8(14), int8(Anywhere), 1.2, true, []byte{9, 1, 200, 255, 3, 17, 90, 2})
	f.Add(uint8(30), int8(5), 5.0, true, []byte("windows and ways"))
	f.Add(uint8(3), int8(9), math.Inf(1), true, []byte{255, 255, 254})
	f.Add(uint8(110), int8(Anywhere), 1.2, true, []byte{255}) // later than a duration can tell
	f.Fuzz(func(t *testing.T, places uint8, end int8, speed float64, timed bool, data []byte) {
		at := 0
		next := func() int {
			if len(data) == 0 {
				return at
			}
			at++
			return int(data[at%len(data)])
		}
		p := Problem{Metres: square(int(places % 40)), End: int(end), Depart: morning, Speed: speed, Effort: 5}
		for _, row := range p.Metres {
			for j := range row {
				row[j] = float64(next()*next()) / 8
				if next() == 255 && next() > 250 {
					row[j] = []float64{-1, math.NaN(), math.Inf(1), MaxMetres}[next()%4]
				}
			}
			if timed {
				p.Windows = append(p.Windows, Window{
					Earliest: morning.Add(time.Duration(next()-20) * time.Minute),
					Latest:   morning.Add(time.Duration(next()+next()) * time.Minute),
					Service:  time.Duration(next()-1) * time.Second,
				})
			}
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		r, err := Find(ctx, p)
		if err != nil {
			var input *InputError
			if !errors.As(err, &input) {
				t.Fatal(err)
			}
			return
		}
		order(t, p, r)
		var metres float64
		var late int64 // milliseconds, in which a sum of the longest durations has room
		for _, leg := range r.Legs {
			metres += leg.Metres
			late += leg.Late.Milliseconds()
			if leg.Metres < 0 || leg.Wait < 0 || leg.Late < 0 || leg.Wait > 0 && leg.Late > 0 {
				t.Errorf("%+v", leg)
			}
		}
		if math.Abs(metres-r.Metres) > 1e-6*max(1, metres) || min(late, math.MaxInt64/int64(time.Millisecond)) != r.Late.Milliseconds() {
			t.Errorf("legs of %v m, late %v ms; route of %v m, late %v", metres, late, r.Metres, r.Late)
		}
	})
}
