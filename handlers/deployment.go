package handlers

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/civil"
	"wangge/domain/deployment"
	"wangge/domain/intake"
	"wangge/domain/posting"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// deploymentOut is what became of the people who worked at counters.
type deploymentOut struct {
	Area   namedOut        `json:"area"`
	By     deployment.By   `json:"by"`
	From   string          `json:"from"`
	To     string          `json:"to"`
	Months int             `json:"months"`
	At     wire.Time       `json:"at"`
	Total  deploymentRow   `json:"total"`
	Rows   []deploymentRow `json:"rows"`
}

// figureOut is how many are on the list at Href, which is null to who may not read it.
type figureOut struct {
	Count int64   `json:"count"`
	Href  *string `json:"href"`
}

type deploymentRow struct {
	Area         *namedOut           `json:"area"`
	Station      *orgRefOut          `json:"station"`
	Before       *beforeOut          `json:"before"`
	Staff        *figureOut          `json:"staff"`
	CounterStaff figureOut           `json:"counterStaff"`
	Freed        *int64              `json:"freed"`
	Since        []postedTo          `json:"since"`
	Joined       *figureOut          `json:"joined"`
	Work         []deploymentWork    `json:"work"`
	Cases        *deploymentCasesOut `json:"cases"`
}

type beforeOut struct {
	figureOut
	Day     civil.Date       `json:"day"`
	Basis   deployment.Basis `json:"basis"`
	Listed  int64            `json:"listed"`
	Agrees  bool             `json:"agrees"`
	Entered *baselineSaid    `json:"entered"`
}

// baselineSaid is what was entered, as figures quote it.
type baselineSaid struct {
	CounterStaff     int      `json:"counterStaff"`
	Staff            int      `json:"staff"`
	MattersPerWorker *float64 `json:"mattersPerWorker"`
	Source           string   `json:"source"`
}

type postedTo struct {
	Kind posting.Kind `json:"kind"`
	figureOut
}

type deploymentWork struct {
	Kind           posting.Kind `json:"kind"`
	Staff          figureOut    `json:"staff"`
	Visits         *figureOut   `json:"visitsMet"`
	Tickets        figureOut    `json:"ticketsHandled"`
	VisitsPerMonth *float64     `json:"visitsPerWorkerAndMonth"`
	TicketsPer     *float64     `json:"ticketsPerWorkerAndMonth"`
}

type deploymentCasesOut struct {
	Opened     figureOut `json:"opened"`
	Decided    figureOut `json:"decided"`
	InTime     figureOut `json:"inTime"`
	Late       figureOut `json:"late"`
	Unpromised figureOut `json:"unpromised"`
	Trips      int64     `json:"trips"`
	PerWorker  *float64  `json:"perCounterWorkerAndMonth"`
	PerCase    *float64  `json:"tripsPerCase"`
	Share      *float64  `json:"inTimeShare"`
}

func getDeployment(r *apiRequest) (*web.Reply, error) {
	q := deployment.Query{Area: r.Query.Get("area")}
	if by, given := r.Query.Find("by"); given {
		if !deployment.ByWords.Has(by) {
			return nil, web.BadWord("by", deployment.ByWords)
		}
		q.By = deployment.By(by)
	}
	for name, to := range map[string]*deployment.Month{"from": &q.From, "to": &q.To} {
		if text, given := r.Query.Find(name); given {
			var ok bool
			if *to, ok = deployment.ParseMonth(text); !ok {
				return nil, web.BadQuery(name, "应为月份，如 2026-03", "must be a month such as 2026-03")
			}
		}
	}
	f, err := r.Deployment.Figures(r.Ctx, r.Actor, r.Now, q)
	if err != nil {
		return nil, err
	}
	return web.OK(deploymentOut{namedOut{f.Area.Code, f.Area.Name}, f.By, string(f.From), string(f.To), f.Months, wire.Time(f.At), deploymentRowOut(f.Total), each(f.Rows, deploymentRowOut)}), nil
}

func deploymentRowOut(row deployment.Row) deploymentRow {
	out := deploymentRow{CounterStaff: figureTo(row.AtCounter), Freed: row.Freed, Staff: figureOf(row.Staff), Joined: figureOf(row.Joined),
		Since: each(row.Since, func(k deployment.Kind) postedTo { return postedTo{k.Kind, figureTo(k.Figure)} }),
		Work: each(row.Work, func(w deployment.Work) deploymentWork {
			return deploymentWork{w.Kind, figureTo(w.Staff), figureOf(w.Visits), figureTo(w.Tickets), w.PerVisits, w.PerTickets}
		}),
	}
	if row.Station != nil {
		out.Station = &orgRefOut{row.Station.ID, row.Station.Name}
	} else {
		out.Area = &namedOut{row.Area.Code, row.Area.Name}
	}
	if b := row.Before; b != nil {
		out.Before = &beforeOut{figureTo(b.Figure), b.Day, b.Basis, b.Listed, b.Agree(), nil}
		if e := b.Entered; e != nil {
			out.Before.Entered = &baselineSaid{e.Counter, e.Staff, optional(e.Matters), e.Source}
		}
	}
	if c := row.Cases; c != nil {
		out.Cases = &deploymentCasesOut{figureTo(c.Opened), figureTo(c.Decided), figureTo(c.ByPromise[intake.InTime]), figureTo(c.ByPromise[intake.Late]), figureTo(c.ByPromise[intake.Unpromised]),
			c.Trips, c.PerWorker, c.PerCase, c.InTime}
	}
	return out
}

func figureOf(f *deployment.Figure) *figureOut {
	if f == nil {
		return nil
	}
	out := figureTo(*f)
	return &out
}

func figureTo(f deployment.Figure) figureOut { return figureOut{f.N, optional(hrefOf(f.List))} }

// hrefOf is the address of a list; "" of none.
func hrefOf(list any) string {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	at := func(name string, t time.Time) {
		if !t.IsZero() {
			q.Set(name, t.UTC().Format("2006-01-02T15:04:05.000Z"))
		}
	}
	path := ""
	switch l := list.(type) {
	case posting.Filter:
		path = "/v1/postings"
		set("area", l.Area)
		set("kind", joinWords(l.Kinds))
		set("station", l.Station)
		set("once", "true")
		at("undatedFrom", l.Undated)
		at("at", l.At)
		if l.Then != nil {
			at("thenAt", l.Then.At)
			set("thenKind", joinWords(l.Then.Kinds))
		}
	case intake.Filter:
		path = "/v1/intake-cases"
		set("area", l.Area)
		set("station", l.Station)
		set("decided", joinWords(l.Decided))
		at("from", l.From)
		at("to", l.To)
		at("closedFrom", l.ClosedFrom)
		at("closedTo", l.ClosedTo)
	case deployment.Done:
		set("area", l.Area)
		set("postedIn", l.PostedIn)
		set("postedTo", string(l.Kind))
		at("postedAt", l.At)
		if path = "/v1/tickets"; l.Tickets {
			at("resolvedFrom", l.From)
			at("resolvedTo", l.To)
			break
		}
		path = "/v1/visits"
		set("met", "true")
		at("doneFrom", l.From)
		at("doneTo", l.To)
	case deployment.BaselineOf:
		return "/v1/deployment/baselines/" + string(l)
	default:
		return ""
	}
	return path + "?" + q.Encode()
}

func joinWords[S ~string](list []S) string {
	return strings.Join(each(list, func(s S) string { return string(s) }), ",")
}

// baselineOut is how a street, community or station was staffed before.
type baselineOut struct {
	Area    *namedOut `json:"area"`
	Station *string   `json:"station"`
	baselineEntered
	Earlier []baselineEntered `json:"earlier"`
	Version int64             `json:"version"`
}

type baselineEntered struct {
	Day civil.Date `json:"day"`
	baselineSaid
	By *personOut `json:"enteredBy"`
	At wire.Time  `json:"enteredAt"`
}

func (r *apiRequest) baselineReply(b *deployment.Baseline, err error) (*web.Reply, error) {
	if err != nil {
		return nil, err
	}
	people, err := namesOf(r, append([]deployment.Said{b.Said}, b.Earlier...), func(s deployment.Said) string { return s.By })
	if err != nil {
		return nil, err
	}
	entered := func(s deployment.Said) baselineEntered {
		return baselineEntered{s.Day, baselineSaid{s.Counter, s.Staff, optional(s.Matters), s.Source}, people.person(s.By), wire.Time(s.At)}
	}
	at := r.placeOut(b.Place)
	out := baselineOut{Area: at.Community, Station: optional(b.Station), baselineEntered: entered(b.Said), Earlier: each(b.Earlier, entered), Version: b.Version}
	if out.Area == nil {
		out.Area = at.Street
	}
	return web.Versioned(out, b.Version), nil
}

func getBaseline(r *apiRequest) (*web.Reply, error) {
	b, err := r.Deployment.Baseline(r.Ctx, r.Actor, r.Param("of"))
	if errors.Is(err, domain.ErrNotFound) {
		r.SetHeader("ETag", r.ETag(web.NotYet))
	}
	return r.baselineReply(b, err)
}

type baselineIn struct {
	Day              civil.Date            `json:"day" need:"true"`
	CounterStaff     int                   `json:"counterStaff" need:"true"`
	Staff            int                   `json:"staff" need:"true"`
	MattersPerWorker web.Nullable[float64] `json:"mattersPerWorker"`
	Source           string                `json:"source" need:"true"`
}

func putBaseline(r *apiRequest) (*web.Reply, error) {
	var in baselineIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	return r.baselineReply(r.Deployment.SetBaseline(r.Ctx, r.Actor, r.Now, r.Param("of"), version,
		deployment.Said{Day: in.Day, Counter: in.CounterStaff, Staff: in.Staff, Matters: given(in.MattersPerWorker.Value), Source: in.Source}))
}
