package route

import (
	"fmt"
	"math"
	"time"

	"github.com/paulmach/orb"

	"wangge/geo"
)

// The limits of a problem.
const (
	MaxStops   = 1000           // places beside the start
	MaxMetres  = 1e8            // between two places
	MinSpeed   = 0.1            // metres per second
	MaxSpeed   = 100            // metres per second
	MaxService = 24 * time.Hour // at one stop
)

// Anywhere as the end of a problem leaves open which stop is the last.
const Anywhere = -1

// DefaultEffort is enough for the shortest tours of the instances of TSPLIB in
// testdata, up to 130 places. The benchmarks tell how long it takes.
const DefaultEffort = 2000

// Problem is a start, places to visit and what is between them. Places are
// numbered as the rows of Metres; place 0 is the start.
type Problem struct {
	// Metres[i][j] is the way from place i to place j, which may differ from
	// the way back. What is on the diagonal is not looked at. The problem is
	// solved in whole millimetres.
	Metres [][]float64
	// End is the place where the route ends: 0 to return to the start, Anywhere
	// for whichever is best, or a place to be visited last.
	End int

	// Windows, one per place, make lateness count before metres. Without them
	// Depart and Speed are not looked at. That of place 0 is for the return.
	Windows []Window
	Depart  time.Time // from the start
	Speed   float64   // metres per second

	// Seed chooses among the runs that the search could take. Equal problems
	// with equal seeds have equal routes.
	Seed uint64
	// Effort is the number of kicks for each of the two searches, 0 for
	// DefaultEffort. Up to ExactStops stops it does not matter.
	Effort int
}

// Window is when a stop wants to be visited, to the millisecond. Who comes
// before Earliest waits; who comes after Latest is late, and is served.
type Window struct {
	Earliest, Latest time.Time // of arrival; zero is no limit
	Service          time.Duration
}

// InputError says what is wrong with a problem.
type InputError struct {
	Kind  string // one of the Kind constants
	Place int    // which place, -1 if it is none in particular
	To    int    // of a distance, the other place; otherwise -1
}

func (e *InputError) Error() string {
	switch {
	case e.To >= 0:
		return fmt.Sprintf("route: %s: from place %d to %d", e.Kind, e.Place, e.To)
	case e.Place >= 0:
		return fmt.Sprintf("route: %s: place %d", e.Kind, e.Place)
	}
	return "route: " + e.Kind
}

// The kinds of errors.
const (
	KindEmpty     = "empty"      // no place, not even the start
	KindTooMany   = "too_many"   // more than MaxStops stops
	KindPoint     = "point"      // not a position on the globe
	KindNotSquare = "not_square" // a row of another length than the number of rows
	KindDistance  = "distance"   // not a number, negative, or more than MaxMetres
	KindEnd       = "end"        // neither a place nor Anywhere
	KindWindows   = "windows"    // not as many windows as places
	KindWindow    = "window"     // ends before it begins
	KindService   = "service"    // negative, or more than MaxService
	KindSpeed     = "speed"      // not between MinSpeed and MaxSpeed
	KindEffort    = "effort"     // negative
)

func wrong(kind string) error { return &InputError{Kind: kind, Place: -1, To: -1} }

func wrongAt(kind string, place int) error { return &InputError{Kind: kind, Place: place, To: -1} }

// Metres is the great-circle distances between points, in WGS-84.
func Metres(points []orb.Point) ([][]float64, error) {
	if len(points) > MaxStops+1 {
		return nil, wrong(KindTooMany)
	}
	for i, p := range points {
		if !(math.Abs(p.Lon()) <= 180 && math.Abs(p.Lat()) <= 90) {
			return nil, wrongAt(KindPoint, i)
		}
	}
	all := make([]float64, len(points)*len(points))
	metres := make([][]float64, len(points))
	for i := range points {
		metres[i], all = all[:len(points):len(points)], all[len(points):]
		for j := range i {
			metres[i][j] = geo.Distance(points[i], points[j])
			metres[j][i] = metres[i][j]
		}
	}
	return metres, nil
}

func (p *Problem) check() error {
	switch {
	case len(p.Metres) == 0:
		return wrong(KindEmpty)
	case len(p.Metres) > MaxStops+1:
		return wrong(KindTooMany)
	case p.End != Anywhere && (p.End < 0 || p.End >= len(p.Metres)):
		return wrong(KindEnd)
	case p.Effort < 0:
		return wrong(KindEffort)
	}
	for i, row := range p.Metres {
		if len(row) != len(p.Metres) {
			return wrongAt(KindNotSquare, i)
		}
		for j, metres := range row {
			if i != j && !(metres >= 0 && metres <= MaxMetres) {
				return &InputError{Kind: KindDistance, Place: i, To: j}
			}
		}
	}
	if p.Windows == nil {
		return nil
	}
	return p.checkTimes()
}

func (p *Problem) checkTimes() error {
	if len(p.Windows) != len(p.Metres) {
		return wrong(KindWindows)
	}
	if !(p.Speed >= MinSpeed && p.Speed <= MaxSpeed) {
		return wrong(KindSpeed)
	}
	for i, w := range p.Windows {
		if !w.Earliest.IsZero() && !w.Latest.IsZero() && w.Latest.Before(w.Earliest) {
			return wrongAt(KindWindow, i)
		}
		if w.Service < 0 || w.Service > MaxService {
			return wrongAt(KindService, i)
		}
	}
	return nil
}
