package deployment

import (
	"context"
	"math"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/intake"
	"wangge/domain/place"
	"wangge/domain/posting"
)

// fill makes the rows of what was read.
func (w *work) fill(ctx context.Context) error {
	w.f.Total = Row{Area: w.f.Area}
	if err := w.row(ctx, &w.f.Total, "", nil); err != nil {
		return err
	}
	for _, st := range w.stations {
		if !w.holds(posting.Today(w.areas.Tree(), w.postings.At(st))) && w.opened[st.ID] == 0 {
			continue // a station of the street that has nothing to do with the community asked for
		}
		w.f.Rows = append(w.f.Rows, Row{Station: st})
	}
	for _, a := range w.below(w.f.Area) {
		w.f.Rows = append(w.f.Rows, Row{Area: a})
	}
	for i := range w.f.Rows {
		r := &w.f.Rows[i]
		if err := w.row(ctx, r, idOf(r), w.f.Total.Before); err != nil {
			return err
		}
	}
	return nil
}

func nameOf(r *Row) BaselineOf {
	if r.Station != nil {
		return BaselineOf(r.Station.ID)
	}
	return BaselineOf(r.Area.Code)
}

func idOf(r *Row) string {
	if r.Station != nil {
		return r.Station.ID
	}
	return r.Area.ID
}

// holds reports whether a place of today lies in the area asked for.
func (w *work) holds(p access.Place) bool { return p.At(w.f.Area.Level) == w.f.Area.ID }

// below are the areas that rows are about: the communities or streets in an area, or it itself.
func (w *work) below(a *area.Area) (out []*area.Area) {
	level := map[By]access.Level{ByCommunity: access.Community, ByStreet: access.Street}[w.f.By]
	switch {
	case level == "":
		return nil
	case a.Level == level:
		return []*area.Area{a}
	}
	for _, c := range w.areas.Tree().Children(a.ID) {
		out = append(out, w.below(c)...)
	}
	return out
}

// row fills in a row; key names it among what was counted, "" for all. whole is what was before in the area asked for.
func (w *work) row(ctx context.Context, r *Row, key string, whole *Before) error {
	f := w.f
	at := posting.Filter{Area: f.Area.Code, At: f.At, Once: true}
	if r.Station != nil {
		at.Station = r.Station.ID
	} else {
		at.Area = r.Area.Code
		staff := w.posted(r, at)
		r.Staff = &staff
	}
	at.Kinds = []posting.Kind{posting.Counter}
	r.AtCounter = w.posted(r, at)
	if err := w.before(ctx, r, whole); err != nil {
		return err
	}
	if r.Before != nil {
		freed := r.Before.N - r.AtCounter.N
		r.Freed = &freed
		w.since(r)
	}
	if r.Station == nil {
		w.works(r)
	}
	if f.Whole {
		w.casesRow(r, key)
	}
	return nil
}

// posted counts the posts of a list in a row.
func (w *work) posted(r *Row, f posting.Filter) Figure {
	var n int
	for _, posts := range w.postsOf(r) {
		n += len(posting.Select(posts, f, w.wanted(r)))
	}
	out := Figure{N: int64(n)}
	if w.f.Whole {
		out.List = f
	}
	return out
}

// postsOf are the posts that those of a row are among: of one in a street, its own.
func (w *work) postsOf(r *Row) map[string][]*posting.Post {
	if r.Area == nil || r.Area.Place.Street == "" {
		return w.posts
	}
	return map[string][]*posting.Post{r.Area.Place.Street: w.posts[r.Area.Place.Street]}
}

// wanted are the places of a row.
func (w *work) wanted(r *Row) func(access.Place) bool {
	a := r.Area
	if a == nil {
		a = w.f.Area
	}
	return func(p access.Place) bool { return p.At(a.Level) == a.ID }
}

// before is how many were at a counter on the day that was entered for the row,
// or else for the whole area. It stands on the postings of that day, if there are any.
func (w *work) before(ctx context.Context, r *Row, whole *Before) error {
	o := of{}
	if r.Station != nil {
		o = of{r.Station.Place, r.Station.ID}
	} else {
		o.place = r.Area.Place
	}
	if level, _ := place.Finest(o.place); level != access.Street && level != access.Community {
		return nil
	}
	b, err := w.entered(ctx, o)
	if err != nil || b == nil && (whole == nil || r.Station != nil) {
		return err
	}
	out := &Before{Entered: b}
	if b != nil {
		out.Day = b.Day
	} else {
		out.Day = whole.Day
	}
	f := posting.Filter{Area: w.f.Area.Code, At: out.Day.Start(), Once: true, Kinds: []posting.Kind{posting.Counter}, Undated: out.Day.Add(1).Start()}
	if r.Station != nil {
		f.Station = r.Station.ID
	} else {
		f.Area = r.Area.Code
	}
	listed := w.posted(r, f)
	switch out.Listed = listed.N; {
	case listed.N > 0 || b == nil && whole.Basis == OnList:
		out.Basis, out.Figure = OnList, listed
	case b == nil:
		return nil
	default:
		out.Basis, out.Figure = OnFigure, Figure{N: int64(b.Counter)}
		if w.f.Whole {
			out.List = nameOf(r)
		}
	}
	r.Before = out
	return nil
}

// since says where those who were at a counter before work now, and who came since.
func (w *work) since(r *Row) {
	if r.Before.Basis != OnList || r.Station != nil {
		return
	}
	was := posting.Filter{Area: r.Area.Code, At: r.Before.Day.Start(), Once: true, Kinds: []posting.Kind{posting.Counter}, Undated: r.Before.Day.Add(1).Start()}
	for _, k := range append(append([]posting.Kind{}, posting.Kinds...), posting.None) {
		f := was
		f.Then = &posting.Then{At: w.f.At, Kinds: []posting.Kind{k}}
		r.Since = append(r.Since, Kind{k, w.posted(r, f)})
	}
	others := append(append([]posting.Kind{}, posting.Kinds[1:]...), posting.None)
	joined := w.posted(r, posting.Filter{Area: r.Area.Code, At: w.f.At, Once: true, Kinds: []posting.Kind{posting.Counter}, Then: &posting.Then{At: was.At, Kinds: others}, Undated: was.Undated})
	r.Joined = &joined
}

// works says what those posted to each kind of work do.
func (w *work) works(r *Row) {
	for _, k := range posting.Kinds {
		f := posting.Filter{Area: r.Area.Code, At: w.f.At, Once: true, Kinds: []posting.Kind{k}}
		out := Work{Kind: k, Staff: w.posted(r, f)}
		var visited, handled int64
		counted := map[string]bool{}
		for _, posts := range w.postsOf(r) {
			for _, p := range posting.Select(posts, f, w.wanted(r)) {
				if !counted[p.Account] && p.Account != "" {
					counted[p.Account] = true
					visited, handled = visited+w.visited[p.Account], handled+w.handled[p.Account]
				}
			}
		}
		done := Done{Area: w.f.Area.Code, PostedIn: r.Area.Code, Kind: k, At: w.f.At, From: w.f.From.Start(), To: w.f.To.Next().Start()}
		tickets := done
		tickets.Tickets = true
		out.Tickets = Figure{N: handled}
		out.PerTickets = w.rate(handled, out.Staff.N, int64(w.f.Months))
		if w.f.Whole {
			out.Tickets.List, out.Visits = tickets, &Figure{visited, done}
			out.PerVisits = w.rate(visited, out.Staff.N, int64(w.f.Months))
		}
		r.Work = append(r.Work, out)
	}
}

// casesRow says how the counters of a row fare.
func (w *work) casesRow(r *Row, key string) {
	out := &Cases{Opened: Figure{w.opened[key], w.openedIn(r)}, ByPromise: map[intake.Decided]Figure{}, Trips: w.trips[key]}
	for d, counts := range w.decided {
		out.ByPromise[d] = Figure{counts[key], w.decidedIn(r, d)}
		out.Decided.N += counts[key]
	}
	out.Decided.List = w.decidedIn(r)
	promised := out.ByPromise[intake.InTime].N + out.ByPromise[intake.Late].N
	out.PerWorker = w.rate(out.Opened.N, r.AtCounter.N, int64(w.f.Months))
	out.PerCase, out.InTime = share(out.Trips, out.Decided.N), share(out.ByPromise[intake.InTime].N, promised)
	r.Cases = out
}

// rate is how much falls to one of some people in a month, to the hundredth;
// nil for nobody, and for few where the reader does not keep their postings.
func (w *work) rate(n, people, months int64) *float64 {
	if people < fewestShown && !w.f.Whole {
		return nil
	}
	return rounded(n, people*months, 100)
}

// share is a part of things, to a ten-thousandth; nil of none.
func share(n, of int64) *float64 { return rounded(n, of, 10_000) }

func rounded(n, of int64, to float64) *float64 {
	if of == 0 {
		return nil
	}
	out := math.Round(float64(n)/float64(of)*to) / to
	return &out
}
