package handlers

import (
	"wangge/domain"
	"wangge/domain/civil"
	"wangge/domain/visit"
	"wangge/handlers/web"
)

var visitFilters = append([]string{"by", "met", "doneFrom", "doneTo", "area", "cell", "state", "result", "plan", "household", "assignee", "mine", "overdue", "from", "to", "updatedAfter", "sort", "datum"}, workFilters...)

func listVisits(r *apiRequest) (*web.Reply, error) {
	f := visit.Filter{Area: r.Query.Get("area"), Cell: r.Query.Get("cell"), Plan: r.Query.Get("plan"), Household: r.Query.Get("household"), Assignee: r.Query.Get("assignee")}
	var err error
	if f.Limit, f.Cursor, err = r.Page(); err != nil {
		return nil, err
	}
	if f.States, err = oneOf[visit.State](r, "state", visit.StateWords); err != nil {
		return nil, err
	}
	if f.Results, err = oneOf[visit.Result](r, "result", visit.ResultWords); err != nil {
		return nil, err
	}
	if f.Mine, err = r.Flag("mine"); err != nil {
		return nil, err
	}
	if f.By, err = r.workers("by"); err != nil {
		return nil, err
	}
	if f.Met, err = r.Flag("met"); err != nil {
		return nil, err
	}
	if f.DoneFrom, err = r.Instant("doneFrom"); err != nil {
		return nil, err
	}
	if f.DoneTo, err = r.Instant("doneTo"); err != nil {
		return nil, err
	}
	if f.Overdue, err = r.Flag("overdue"); err != nil {
		return nil, err
	}
	if f.From, err = r.Instant("from"); err != nil {
		return nil, err
	}
	if f.To, err = r.Instant("to"); err != nil {
		return nil, err
	}
	if f.Since, err = r.Instant("updatedAfter"); err != nil {
		return nil, err
	}
	if f.Sort, err = sortOf(r); err != nil {
		return nil, err
	}
	found, next, err := r.Visits.List(r.Ctx, r.Actor, r.Now, f)
	if err != nil {
		return nil, err
	}
	items, err := r.visitsOut(found)
	if err != nil {
		return nil, err
	}
	return web.Listed(items, next), nil
}

func getVisit(r *apiRequest) (*web.Reply, error) { return visitByID(r, r.Param("id")) }

func visitByID(r *apiRequest, id string) (*web.Reply, error) {
	return r.visitMade(r.Visits.Get(r.Ctx, r.Actor, id))
}

func (r *apiRequest) visitMade(v *visit.Visit, err error) (*web.Reply, error) {
	if err != nil {
		return nil, err
	}
	out, err := r.visitsOut([]*visit.Visit{v})
	if err != nil {
		return nil, err
	}
	answer := web.Versioned(out[0], v.Version)
	answer.Made = web.Resource{Kind: "visit", ID: v.ID}
	return answer, nil
}

// visitReasonIn is the body of miss and cancel.
type visitReasonIn struct {
	ID     string `json:"id"`
	Reason string `json:"reason" need:"true" lines:"true"`
}

type rescheduleIn struct {
	ID     string `json:"id"`
	Reason string `json:"reason" need:"true" lines:"true"`
	Day    string `json:"day" need:"true"`
	Slot   string `json:"slot"`
}

type reassignIn struct {
	ID       string               `json:"id"`
	Reason   string               `json:"reason" need:"true" lines:"true"`
	Assignee web.Nullable[string] `json:"assignee" need:"true"`
}

// visitAction reads the body of an action.
func (r *apiRequest) visitAction(action visit.Action) (visit.ActionInput, error) {
	switch action {
	case visit.Reschedule:
		var in rescheduleIn
		err := r.Decode(&in)
		return visit.ActionInput{ID: in.ID, Action: action, Reason: in.Reason, Day: civil.Date(in.Day), Slot: in.Slot}, err
	case visit.Reassign:
		var in reassignIn
		err := r.Decode(&in)
		return visit.ActionInput{ID: in.ID, Action: action, Reason: in.Reason, Assignee: in.Assignee.Pointer()}, err
	}
	var in visitReasonIn
	err := r.Decode(&in)
	return visit.ActionInput{ID: in.ID, Action: action, Reason: in.Reason}, err
}

// takeVisitAction takes one of the actions on a planned visit.
func takeVisitAction(action visit.Action) func(*apiRequest) (*web.Reply, error) {
	return func(r *apiRequest) (*web.Reply, error) {
		in, err := r.visitAction(action)
		if err != nil {
			return nil, err
		}
		version, err := r.IfMatch(false)
		if err != nil {
			return nil, err
		}
		return r.visitMade(r.Visits.TakeAction(r.Ctx, r.Actor, r.Now, r.Param("id"), version, in))
	}
}

// checkInVisit begins a stop at the visit's household, with every visit due
// there; sent again under the stop's own id it is that stop.
func checkInVisit(r *apiRequest) (*web.Reply, error) {
	var in doorIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	v, err := r.Visits.Get(r.Ctx, r.Actor, r.Param("id"))
	if err != nil {
		return nil, err
	}
	if in.ID, err = chosen(in.ID); err != nil {
		return nil, err
	}
	if v.State != visit.Planned && v.Stop != in.ID {
		return nil, &domain.ConflictError{Code: "wrong_state", Allowed: v.Allowed(r.Actor), Detail: domain.T("当前状态不能进行此操作", "this cannot be done in the visit's present state")}
	}
	return r.arrive(v.Household, in, false, "")
}

// atStopOf runs an action on the stop at which a visit is done.
func atStopOf(action func(*apiRequest, string) (*web.Reply, error)) func(*apiRequest) (*web.Reply, error) {
	return func(r *apiRequest) (*web.Reply, error) {
		v, err := r.Visits.Get(r.Ctx, r.Actor, r.Param("id"))
		if err != nil {
			return nil, err
		}
		if v.Stop == "" {
			return nil, &domain.ConflictError{Code: "wrong_state", Allowed: v.Allowed(r.Actor), Detail: domain.T("尚未签到", "nobody has checked in")}
		}
		return action(r, v.Stop)
	}
}

// onStop runs an action on the stop in the address.
func onStop(action func(*apiRequest, string) (*web.Reply, error)) func(*apiRequest) (*web.Reply, error) {
	return func(r *apiRequest) (*web.Reply, error) { return action(r, r.Param("id")) }
}

func listPromises(r *apiRequest) (*web.Reply, error) {
	limit, cursor, err := r.Page()
	if err != nil {
		return nil, err
	}
	until, err := r.day("until")
	if err != nil {
		return nil, err
	}
	found, next, err := r.Promises.List(r.Ctx, r.Actor, r.Query.Get("area"), r.Query.Get("cell"), until, limit, cursor)
	if err != nil {
		return nil, err
	}
	items, err := r.promisesOut(found)
	if err != nil {
		return nil, err
	}
	return web.Listed(items, next), nil
}

// day reads a local day; "" when it is absent.
func (r *apiRequest) day(name string) (civil.Date, error) {
	text, given := r.Query.Find(name)
	if !given {
		return "", nil
	}
	d, ok := civil.ParseDate(text)
	if !ok {
		return "", web.BadQuery(name, "应为日期，如 2026-03-05", "must be a day such as 2026-03-05")
	}
	return d, nil
}

type endPromiseIn struct {
	State promiseEnd `json:"state" need:"true"`
	Note  string     `json:"note" lines:"true"`
}

func endPromise(r *apiRequest) (*web.Reply, error) {
	var in endPromiseIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(false)
	if err != nil {
		return nil, err
	}
	return r.promiseMade(r.Promises.End(r.Ctx, r.Actor, r.Now, r.Param("id"), version, visit.PromiseState(in.State), in.Note))
}

func promiseByID(r *apiRequest, id string) (*web.Reply, error) {
	return r.promiseMade(r.Promises.Get(r.Ctx, r.Actor, id))
}

func (r *apiRequest) promiseMade(p *visit.Promise, err error) (*web.Reply, error) {
	if err != nil {
		return nil, err
	}
	out, err := r.promisesOut([]*visit.Promise{p})
	if err != nil {
		return nil, err
	}
	answer := web.Versioned(out[0], p.Version)
	answer.Made = web.Resource{Kind: "promise", ID: p.ID}
	return answer, nil
}

func listWorks(r *apiRequest) (*web.Reply, error) {
	f := visit.WorkFilter{Area: r.Query.Get("area"), Cell: r.Query.Get("cell"), By: r.Query.Get("by")}
	var err error
	if f.Limit, f.Cursor, err = r.Page(); err != nil {
		return nil, err
	}
	if f.Kinds, err = oneOf[visit.WorkKind](r, "kind", visit.WorkKindWords); err != nil {
		return nil, err
	}
	if f.From, err = r.Instant("from"); err != nil {
		return nil, err
	}
	if f.To, err = r.Instant("to"); err != nil {
		return nil, err
	}
	found, next, err := r.Works.List(r.Ctx, r.Actor, f)
	if err != nil {
		return nil, err
	}
	items, err := r.worksOut(found)
	if err != nil {
		return nil, err
	}
	return web.Listed(items, next), nil
}
