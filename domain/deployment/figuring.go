package deployment

import (
	"cmp"
	"context"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/intake"
	"wangge/domain/place"
	"wangge/domain/posting"
	"wangge/domain/station"
	"wangge/domain/ticket"
	"wangge/domain/visit"
	"wangge/store"
)

// Figuring makes the figures.
type Figuring struct {
	store    *store.Store
	areas    *area.Areas
	postings *posting.Postings
	cases    *intake.Cases
	visits   *visit.Visits
	tickets  *ticket.Tickets
}

// New makes the figures of a store that has Collections and those of all that they stand on.
func New(st *store.Store, areas *area.Areas, postings *posting.Postings, cases *intake.Cases, visits *visit.Visits, tickets *ticket.Tickets) *Figuring {
	return &Figuring{st, areas, postings, cases, visits, tickets}
}

const (
	monthsMost  = 36
	fewestShown = 5 // people whose rates are told to who does not keep their postings
)

// Figures are those of an area. Cases and visits are counted as the reader
// lists them, so that every figure is the length of its list. Errors:
// ErrForbidden; InvalidError at ?area, ?by, ?from and ?to; store.ErrTooBroad.
func (s *Figuring) Figures(ctx context.Context, actor access.Actor, now time.Time, q Query) (*Figures, error) {
	if !access.ReadsDeployment(actor) {
		return nil, domain.ErrForbidden
	}
	f, err := s.asked(actor, now, q)
	if err != nil {
		return nil, err
	}
	w := &work{Figuring: s, actor: actor, now: now, f: f}
	if err := w.read(ctx); err != nil {
		return nil, err
	}
	return f, w.fill(ctx)
}

// asked is what is asked for, without any figure.
func (s *Figuring) asked(actor access.Actor, now time.Time, q Query) (*Figures, error) {
	bad := &domain.InvalidError{}
	tree := s.areas.Tree()
	if q.Area == "" {
		if id, ok := place.OnlyStreet(s.areas, actor); ok {
			a, _ := tree.ByID(id)
			q.Area = a.Code
		}
	}
	a, ok := tree.ByCode(q.Area)
	switch {
	case !ok || a.Level == access.City:
		bad.Add("?area", domain.T("应为社区、街道或区县的代码", "must be the code of a community, street or county"))
	case !access.MayReadDeployment(actor, a.Place):
		bad.Add("?area", domain.T("不在您的范围内", "it is outside your scope"))
	}
	if q.By == "" {
		q.By = ByCommunity
	}
	if !ByWords.Has(string(q.By)) {
		bad.Add("?by", ByWords.Fault())
	}
	this := MonthOf(now)
	f := &Figures{Area: a, By: q.By, From: q.From, To: q.To, At: now.Truncate(time.Millisecond)}
	if f.To == "" {
		f.To = max(this, f.From)
	}
	if f.From == "" {
		f.From = f.To
	}
	for m := f.From; m <= f.To && f.Months <= monthsMost; m = m.Next() {
		f.Months++
	}
	switch {
	case f.To > this:
		bad.Add("?to", domain.T("不能晚于本月", "it is not that month yet"))
	case f.From > f.To:
		bad.Add("?from", domain.T("不能晚于结束月份", "it is after the last month"))
	case f.Months > monthsMost:
		bad.Add("?from", domain.Textf("最多 %d 个月", "%d months at most", monthsMost))
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	if end := f.To.Next().Start(); end.Before(f.At) {
		f.At = end
	}
	f.Whole = access.MayKeepPosting(actor, a.Place)
	return f, nil
}

// work is the making of figures.
type work struct {
	*Figuring
	actor access.Actor
	now   time.Time
	f     *Figures

	posts            map[string][]*posting.Post // by street of today
	stations         []*station.Station
	visited, handled map[string]int64 // by account
	opened           map[string]int64 // by row
	decided          map[intake.Decided]map[string]int64
	trips            map[string]int64
}

// read counts everything, each thing once.
func (w *work) read(ctx context.Context) (err error) {
	f := w.f
	within := posting.InArea(w.areas.Tree(), f.Area)
	if w.posts, err = w.postings.Within(ctx, within); err != nil {
		return err
	}
	if f.By == ByStation {
		for street := range w.posts {
			there, err := w.postings.Stations(ctx, street)
			if err != nil {
				return err
			}
			w.stations = append(w.stations, there...)
		}
		slices.SortFunc(w.stations, func(a, b *station.Station) int {
			return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
		})
	}
	from, to := f.From.Start(), f.To.Next().Start()
	if w.handled, err = w.tickets.CountHandled(ctx, w.actor, f.Area.Code, from, to); err != nil || !f.Whole {
		return err
	}
	if w.visited, err = w.visits.CountMet(ctx, w.actor, w.now, f.Area.Code, from, to); err != nil {
		return err
	}
	return w.readCases(ctx)
}

// readCases counts cases by row.
func (w *work) readCases(ctx context.Context) (err error) {
	if w.opened, err = w.tally(ctx, w.openedIn(nil)); err != nil {
		return err
	}
	w.decided, w.trips = map[intake.Decided]map[string]int64{}, map[string]int64{}
	for _, d := range domain.CodesOf[intake.Decided](intake.DecidedWords) {
		if w.decided[d], err = w.tally(ctx, w.decidedIn(nil, d)); err != nil {
			return err
		}
	}
	all := w.decidedIn(nil)
	came, err := w.cases.Tally(ctx, w.actor, all, "came")
	if err != nil {
		return err
	}
	for text := range came {
		n := number(text)
		if n == 0 {
			continue
		}
		all.Came = &n
		cases, err := w.tally(ctx, all)
		if err != nil {
			return err
		}
		for row, many := range cases {
			w.trips[row] += many * n
		}
	}
	return nil
}

// number is an integer's decimals as a count has them; 0 for an absent one.
func number(text string) (n int64) {
	for _, c := range text {
		n = n*10 + int64(c-'0')
	}
	return n
}

// tally counts cases by row, and all of them under "".
func (w *work) tally(ctx context.Context, f intake.Filter) (map[string]int64, error) {
	field := map[By]string{ByStation: "station", ByCommunity: "place.community", ByStreet: "place.street"}[w.f.By]
	counts, err := w.cases.Tally(ctx, w.actor, f, field)
	if err != nil {
		return nil, err
	}
	out := map[string]int64{}
	for id, n := range counts {
		out[""] += n
		if heirs := w.areas.Tree().Heirs(id); len(heirs) > 0 && w.f.By != ByStation {
			id = heirs[len(heirs)-1]
		}
		if id != "" {
			out[id] += n
		}
	}
	return out, nil
}

// openedIn are the cases opened in the time asked for; of a row, of the whole area with nil.
func (w *work) openedIn(r *Row) intake.Filter {
	f := w.casesOf(r)
	f.From, f.To = w.f.From.Start(), w.f.To.Next().Start()
	return f
}

// decidedIn are those decided then, so or in any way.
func (w *work) decidedIn(r *Row, how ...intake.Decided) intake.Filter {
	f := w.casesOf(r)
	f.ClosedFrom, f.ClosedTo = w.f.From.Start(), w.f.To.Next().Start()
	if f.Decided = how; len(how) == 0 {
		f.Decided = domain.CodesOf[intake.Decided](intake.DecidedWords)
	}
	return f
}

func (w *work) casesOf(r *Row) intake.Filter {
	f := intake.Filter{Area: w.f.Area.Code}
	switch {
	case r != nil && r.Station != nil:
		f.Station = r.Station.ID
	case r != nil:
		f.Area = r.Area.Code
	}
	return f
}
