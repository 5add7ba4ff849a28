package handlers

import (
	"errors"
	"slices"
	"strings"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/intake"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

var caseFilters = []string{"state", "item", "category", "area", "station", "system", "unmapped", "mine", "overdue", "from", "to", "updatedAfter", "q", "decided", "closedFrom", "closedTo"}

func (r *apiRequest) caseFilter() (f intake.Filter, err error) {
	if f.Limit, f.Cursor, err = r.Page(); err != nil {
		return f, err
	}
	if f.States, err = oneOf[intake.State](r, "state", intake.StateWords); err != nil {
		return f, err
	}
	for name, to := range map[string]*[]string{"item": &f.Items, "category": &f.Categories} {
		if text := r.Query.Get(name); text != "" {
			*to = strings.Split(text, ",")
		}
	}
	f.Area, f.Station, f.System, f.Text = r.Query.Get("area"), r.Query.Get("station"), r.Query.Get("system"), r.Query.Get("q")
	if len([]rune(f.Text)) > 60 {
		return f, web.BadQuery("q", "最多 60 字", "60 characters at most")
	}
	if f.Unmapped, err = r.Flag("unmapped"); err != nil {
		return f, err
	}
	if f.Mine, err = r.Flag("mine"); err != nil {
		return f, err
	}
	if overdue, err := r.Flag("overdue"); err != nil {
		return f, err
	} else if overdue {
		f.Overdue = r.Now
	}
	if f.Decided, err = oneOf[intake.Decided](r, "decided", intake.DecidedWords); err != nil {
		return f, err
	}
	if f.ClosedFrom, err = r.Instant("closedFrom"); err != nil {
		return f, err
	}
	if f.ClosedTo, err = r.Instant("closedTo"); err != nil {
		return f, err
	}
	if f.From, err = r.Instant("from"); err != nil {
		return f, err
	}
	if f.To, err = r.Instant("to"); err != nil {
		return f, err
	}
	if f.Since, err = r.Instant("updatedAfter"); err != nil {
		return f, err
	}
	f.Sort, err = sortOf(r)
	return f, err
}

func listCases(r *apiRequest) (*web.Reply, error) {
	if number, given := r.Query.Find("number"); given {
		return r.caseCalled(intake.Key{System: r.Query.Get("system"), Number: number})
	}
	f, err := r.caseFilter()
	if err != nil {
		return nil, err
	}
	found, next, err := r.Cases.List(r.Ctx, r.Actor, f)
	if err != nil {
		return nil, err
	}
	items, err := r.casesOut(found)
	if err != nil {
		return nil, err
	}
	return web.Listed(items, next), nil
}

// caseCalled lists the case that a system calls so, if the caller is shown any of it.
func (r *apiRequest) caseCalled(key intake.Key) (*web.Reply, error) {
	if key.System == "" {
		return nil, web.BadQuery("system", "按编号查找须指定系统", "whose number it is has to be said")
	}
	found := []*intake.Case{}
	c, err := r.Cases.Find(r.Ctx, r.Actor, key)
	if err != nil {
		return nil, err
	}
	if c != nil {
		found = append(found, c)
	}
	items, err := r.casesOut(found)
	if err != nil {
		return nil, err
	}
	return web.Listed(items, ""), nil
}

func countCases(r *apiRequest) (*web.Reply, error) {
	f, err := r.caseFilter()
	if err != nil {
		return nil, err
	}
	return r.counted(intake.CountFields, intake.CountWords, func(by string) (map[string]int64, error) { return r.Cases.Count(r.Ctx, r.Actor, f, by) })
}

// caseDayOut is a counter's day.
type caseDayOut struct {
	Date     civil.Date `json:"date"`
	Promised []caseOut  `json:"promised"`
	Came     []caseOut  `json:"came"`
	Waiting  []caseOut  `json:"waiting"`
}

func caseDay(r *apiRequest) (*web.Reply, error) {
	on := civil.DateOf(r.Now)
	if text, given := r.Query.Find("date"); given {
		var ok bool
		if on, ok = civil.ParseDate(text); !ok {
			return nil, web.BadQuery("date", "应为日期，如 2026-03-05", "must be a date such as 2026-03-05")
		}
	}
	found, err := r.Cases.Day(r.Ctx, r.Actor, r.Query.Get("station"), on)
	if err != nil {
		return nil, err
	}
	all, err := r.casesOut(slices.Concat(found.Promised, found.Came, found.Waiting))
	if err != nil {
		return nil, err
	}
	promised, came := len(found.Promised), len(found.Promised)+len(found.Came)
	return web.OK(caseDayOut{Date: on, Promised: all[:promised], Came: all[promised:came], Waiting: all[came:]}), nil
}

// caseEventOut is a line of a case's timeline.
type caseEventOut struct {
	Number  int64      `json:"number"`
	At      wire.Time  `json:"at"`
	Action  string     `json:"action"`
	From    *string    `json:"from"`
	To      *string    `json:"to"`
	Actor   *personOut `json:"actor"`
	Reason  *string    `json:"reason"`
	Note    *string    `json:"note"`
	Missing []string   `json:"missing"`
	Version int64      `json:"version"`
	Text    string     `json:"text"` // what was done, in the reader's language
}

func caseTimeline(r *apiRequest) (*web.Reply, error) {
	limit, cursor, err := r.Page()
	if err != nil {
		return nil, err
	}
	events, next, err := r.Cases.Timeline(r.Ctx, r.Actor, r.Param("id"), limit, cursor)
	if err != nil {
		return nil, err
	}
	n, err := namesOf(r, events, func(e intake.Event) string { return e.Actor })
	if err != nil {
		return nil, err
	}
	return web.Listed(each(events, func(e intake.Event) caseEventOut {
		return caseEventOut{e.Number, wire.Time(e.At), e.Action, optional(string(e.From)), optional(string(e.To)), n.person(e.Actor), optional(e.Step.Reason), optional(e.Step.Note),
			texts(e.Step.Missing), e.Version, r.Text(intake.EventText(e.Action))}
	}), next), nil
}

// texts are never null.
func texts(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// caseSystemOut is a platform whose cases come in.
type caseSystemOut struct {
	System   string       `json:"system"`
	Title    string       `json:"title"`
	Accounts []string     `json:"accounts"`
	States   []caseWordIO `json:"states"`
	Version  int64        `json:"version"`
}

type caseWordIO struct {
	Word  string      `json:"word" need:"true"`
	State mappedState `json:"state" need:"true"`
}

// mappedState is a state that a platform's word may mean.
type mappedState string

func (mappedState) Enum() domain.Enum { return intake.MappedWords }

type caseSystemIn struct {
	Title    string       `json:"title" need:"true"`
	Accounts []string     `json:"accounts" need:"true"`
	States   []caseWordIO `json:"states" need:"true"`
}

func caseSystemTo(s *intake.System) caseSystemOut {
	return caseSystemOut{s.ID, s.Title, texts(s.Accounts), each(s.States, func(w intake.Word) caseWordIO { return caseWordIO{w.Word, mappedState(w.State)} }), s.Version}
}

func listCaseSystems(r *apiRequest) (*web.Reply, error) {
	found, err := r.Cases.Systems(r.Ctx, r.Actor)
	if err != nil {
		return nil, err
	}
	return web.Listed(each(found, caseSystemTo), ""), nil
}

// getCaseSystem: one that is not there has the entity tag of what is not there yet.
func getCaseSystem(r *apiRequest) (*web.Reply, error) {
	found, err := r.Cases.SystemByName(r.Ctx, r.Actor, r.Param("system"))
	if errors.Is(err, domain.ErrNotFound) {
		r.SetHeader("ETag", r.ETag(web.NotYet))
	}
	if err != nil {
		return nil, err
	}
	return web.Versioned(caseSystemTo(found), found.Version), nil
}

func putCaseSystem(r *apiRequest) (*web.Reply, error) {
	var in caseSystemIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	s, err := r.Cases.PutSystem(r.Ctx, r.Actor, r.Now, r.Param("system"), version, intake.SystemInput{Title: in.Title, Accounts: in.Accounts, States: each(in.States, func(w caseWordIO) intake.Word { return intake.Word{Word: w.Word, State: intake.State(w.State)} })})
	if err != nil {
		return nil, err
	}
	return web.Versioned(caseSystemTo(s), s.Version), nil
}

// casesOut renders cases that the caller is shown, each as far as it is.
func (r *apiRequest) casesOut(cases []*intake.Case) ([]caseOut, error) {
	people := map[string]bool{}
	for _, c := range cases {
		if people[c.Worker], people[c.StandIn], people[c.OpenedBy] = true, true, true; c.HomeCall != nil {
			people[c.HomeCall.By] = true
		}
	}
	n, err := r.peopleOf(people)
	if err != nil {
		return nil, err
	}
	return each(cases, func(c *intake.Case) caseOut {
		out := caseBrief(c, !c.Item.Sensitive || access.CaseView(r.Actor, c.Facts()) == access.CaseWhole)
		if access.CaseView(r.Actor, c.Facts()) == access.CaseWhole {
			r.caseWhole(c, n, &out)
		}
		return out
	}), nil
}
