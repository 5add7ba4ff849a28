package deployment

import (
	"time"

	"wangge/domain"
	"wangge/domain/area"
	"wangge/domain/civil"
	"wangge/domain/intake"
	"wangge/domain/posting"
	"wangge/domain/station"
)

// By is what the rows of figures are.
type By string

const (
	ByStation   By = "station"
	ByCommunity By = "community"
	ByStreet    By = "street"
)

// ByWords are what rows may be.
var ByWords = domain.NewEnum("DeploymentBy", domain.W(ByStation, "服务站", "station"), domain.W(ByCommunity, "社区", "community"), domain.W(ByStreet, "街道", "street"))

// BasisWords are what the number of counter staff before stands on.
var BasisWords = domain.NewEnum("DeploymentBasis", domain.W(OnList, "任职名单", "a list of postings"), domain.W(OnFigure, "登记数字", "a figure that was entered"))

// Enums of this package.
var Enums = []domain.Enum{ByWords, BasisWords}

// Enum makes it a word of the contract.
func (By) Enum() domain.Enum { return ByWords }

// Basis is what the number of counter staff before stands on.
type Basis string

const (
	OnList   Basis = "list"
	OnFigure Basis = "figure"
)

// Enum makes it a word of the contract.
func (Basis) Enum() domain.Enum { return BasisWords }

// Query asks for figures.
type Query struct {
	Area     string // code of a community, street or county
	By       By     // "": communities, or what is asked for where it is one
	From, To Month  // "": the month of now
}

// Month of the city's calendar, as "2026-03".
type Month string

// ParseMonth reads "2026-03"; false for anything else.
func ParseMonth(s string) (Month, bool) {
	_, ok := civil.ParseDate(s + "-01")
	return Month(s), ok && len(s) == len("2026-03")
}

// MonthOf is the month of a moment.
func MonthOf(t time.Time) Month { return Month(civil.DateOf(t)[:7]) }

// Start is the moment the month begins. Its end is that of the Next.
func (m Month) Start() time.Time { return civil.Date(m + "-01").Start() }

// Next is the month after.
func (m Month) Next() Month { return MonthOf(m.Start().In(civil.Zone).AddDate(0, 1, 0)) }

// Figures of an area.
type Figures struct {
	Area     *area.Area
	By       By
	From, To Month
	Months   int       // from From to To, both of them; one that is not over counts as whole
	At       time.Time // when people are counted: the end of the time asked for, or now
	Whole    bool      // the reader keeps the postings there: they may read the lists, and rates of few people
	Total    Row
	Rows     []Row
}

// Figure is how many are on a list.
type Figure struct {
	N    int64
	List any // posting.Filter, intake.Filter, Done or BaselineOf; nil where the reader may not read it
}

// BaselineOf is what was entered of the area with this code, or the station with this id.
type BaselineOf string

// Done is the list of what was done by who is posted to a kind of work in an area.
type Done struct {
	Area     string // code: where it was done
	PostedIn string // code
	Kind     posting.Kind
	At       time.Time // when they were posted so
	From, To time.Time // when it was done: From <= t < To
	Tickets  bool      // handled; else visits to which somebody came to the door
}

// Row is the figures of an area or a station.
type Row struct {
	Area      *area.Area       // nil for a station
	Station   *station.Station // nil for an area
	Before    *Before          // nil where nobody knows
	Staff     *Figure          // everybody posted there; nil for a station
	AtCounter Figure           // of them at a counter
	Freed     *int64           // before, but for who is there now
	Since     []Kind           // where those of before work now, and in the street at all; none where there is no list of them
	Joined    *Figure          // at a counter now, and nowhere in the street before
	Work      []Work           // by kind; not of a station
	Cases     *Cases           // nil for who has no part in them
}

// Before is how many were at a counter on a day.
type Before struct {
	Figure
	Day     civil.Date
	Basis   Basis
	Listed  int64     // on the list of postings of that day
	Entered *Baseline // nil where nothing was entered
}

// Agree reports whether the list and what was entered say the same; where one is missing, they do.
func (b *Before) Agree() bool {
	return b.Basis == OnFigure || b.Entered == nil || b.Listed == int64(b.Entered.Counter)
}

// Kind is how many are posted so.
type Kind struct {
	Kind posting.Kind // None: to nothing in the street
	Figure
}

// Work is what those posted to a kind of work do.
type Work struct {
	Kind                  posting.Kind
	Staff                 Figure
	Visits                *Figure  // they met somebody; nil for who has no part in visits
	Tickets               Figure   // they handled
	PerVisits, PerTickets *float64 // for one of the staff and a month; nil as of Cases
}

// Cases are how the counters fare. A rate is nil where there is nobody to count
// by, or too few for who does not keep the postings there.
type Cases struct {
	Opened    Figure
	Decided   Figure
	ByPromise map[intake.Decided]Figure
	Trips     int64    // that residents made for those decided
	PerWorker *float64 // opened, for one at a counter and a month
	PerCase   *float64 // trips
	InTime    *float64 // share, of those decided that something was promised for
}
