package handlers

import (
	"wangge/domain/civil"
	"wangge/domain/household"
	"wangge/domain/visit"
	"wangge/geo"
	"wangge/handlers/wire"
)

// visitOut is a visit as the wire has it.
type visitOut struct {
	visitOwn
	Household *householdBrief `json:"household"`
	Place     placeOut        `json:"place"`
}

// visitOwn is what a visit says beside where it is: all that is to say of one
// among others at the same door.
type visitOwn struct {
	ID        string         `json:"id"`
	Plan      *planRef       `json:"plan"` // null for one on the spot
	Period    civil.Date     `json:"period"`
	Opens     wire.Time      `json:"opens"`
	Closes    wire.Time      `json:"closes"`
	Overdue   bool           `json:"overdue"`
	State     visit.State    `json:"state"`
	Allowed   []string       `json:"allowed"`
	Assignee  *personOut     `json:"assignee"` // null: whoever staffs the cell
	Form      *string        `json:"form"`
	Cause     *causeOut      `json:"cause"`
	HomeCall  *callAtDoorOut `json:"homeCall"` // null unless a resident asked for it
	Stop      *string        `json:"stop"`
	Channel   *visit.Channel `json:"channel"`
	Result    *visit.Result  `json:"result"`
	Covered   bool           `json:"covered"`
	Reasons   []string       `json:"reasons"` // of what people did with it
	CreatedAt wire.Time      `json:"createdAt"`
	UpdatedAt wire.Time      `json:"updatedAt"`
	DoneAt    *wire.Time     `json:"doneAt"`
	Version   int64          `json:"version"`
}

type planRef struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// causeOut is why a visit is there, or is not, otherwise than by its plan alone.
type causeOut struct {
	Code visit.Cause `json:"code"`
	Text string      `json:"text"`
}

// references are what visits, stops and promises refer to, by id.
type references struct {
	names
	homes  map[string]*household.Household
	titles map[string]string
	datum  geo.Datum
}

// loadReferences reads them all at once.
func (r *apiRequest) loadReferences(people, homes, plans map[string]bool) (a references, err error) {
	if a.datum, err = r.Datum(); err != nil {
		return a, err
	}
	if a.names, err = r.peopleOf(people); err != nil {
		return a, err
	}
	if a.homes, err = r.Visits.SeenHouseholds(r.Ctx, r.Actor, keys(homes)); err != nil {
		return a, err
	}
	delete(plans, "")
	a.titles, err = r.Plans.Titles(r.Ctx, keys(plans))
	return a, err
}

// home is null for a household that is no more, or that the caller sees no more.
func (a references) home(id string) *householdBrief {
	if h := a.homes[id]; h != nil {
		return briefOf(h, a.datum)
	}
	return nil
}

func (r *apiRequest) visitsOut(found []*visit.Visit) ([]visitOut, error) {
	people, homes, plans := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, v := range found {
		people[v.Assignee], homes[v.Household], plans[v.Plan] = true, true, true
	}
	a, err := r.loadReferences(people, homes, plans)
	if err != nil {
		return nil, err
	}
	calls, err := r.callsAtDoors(found)
	if err != nil {
		return nil, err
	}
	out := make([]visitOut, len(found))
	for i, v := range found {
		out[i] = r.visitOut(v, a)
		out[i].HomeCall = calls[v.ID]
	}
	return out, nil
}

func (r *apiRequest) visitOut(v *visit.Visit, a references) visitOut {
	out := visitOwn{
		ID: v.ID, Period: v.Period, Opens: wire.Time(v.Opens), Closes: wire.Time(v.Closes), Overdue: v.Overdue(r.Now),
		State: v.State, Allowed: v.Allowed(r.Actor), Assignee: a.person(v.Assignee), Form: optional(v.Form), Stop: optional(v.Stop), Channel: optional(v.Channel),
		Result: optional(v.Result), Covered: v.Covered, Reasons: []string{}, CreatedAt: wire.Time(v.CreatedAt), UpdatedAt: wire.Time(v.UpdatedAt), DoneAt: (*wire.Time)(optional(v.DoneAt)), Version: v.Version,
	}
	if v.Plan != "" {
		out.Plan = &planRef{v.Plan, a.titles[v.Plan]}
	}
	if v.Cause != visit.ByPlan {
		out.Cause = &causeOut{v.Cause, r.Text(v.Cause.Text())}
	}
	for _, s := range v.Steps {
		out.Reasons = append(out.Reasons, s.Reason)
	}
	return visitOut{out, a.home(v.Household), r.placeOut(v.Place)}
}

// promiseOut is what was promised at a door.
type promiseOut struct {
	promiseOwn
	Household *householdBrief `json:"household"`
}

// promiseOwn is what a promise says beside to whom.
type promiseOwn struct {
	ID        string             `json:"id"`
	Stop      string             `json:"stop"`
	By        *personOut         `json:"by"`
	Text      string             `json:"text"`
	DueOn     civil.Date         `json:"dueOn"`
	Overdue   bool               `json:"overdue"`
	State     visit.PromiseState `json:"state"`
	Note      string             `json:"note"`
	CreatedAt wire.Time          `json:"createdAt"`
	EndedAt   *wire.Time         `json:"endedAt"`
	Version   int64              `json:"version"`
}

func (r *apiRequest) promisesOut(found []*visit.Promise) ([]promiseOut, error) {
	people, homes := map[string]bool{}, map[string]bool{}
	for _, p := range found {
		people[p.By], homes[p.Household] = true, true
	}
	a, err := r.loadReferences(people, homes, nil)
	if err != nil {
		return nil, err
	}
	today := civil.DateOf(r.Now)
	out := make([]promiseOut, len(found))
	for i, p := range found {
		own := promiseOwn{p.ID, p.Stop, a.person(p.By), p.Text, p.DueOn, p.State == visit.PromiseOpen && p.DueOn < today, p.State, p.Note,
			wire.Time(p.CreatedAt), (*wire.Time)(optional(p.EndedAt)), p.Version}
		out[i] = promiseOut{own, a.home(p.Household)}
	}
	return out, nil
}

// workOut is aid given or an activity held.
type workOut struct {
	ID        string         `json:"id"`
	Kind      visit.WorkKind `json:"kind"`
	Place     placeOut       `json:"place"`
	Household *string        `json:"household"`
	Stop      *string        `json:"stop"`
	By        *personOut     `json:"by"`
	Title     string         `json:"title"`
	Note      string         `json:"note"`
	People    int            `json:"people"`
	HeldAt    wire.Time      `json:"heldAt"`
}

func (r *apiRequest) worksOut(found []*visit.Work) ([]workOut, error) {
	n, err := namesOf(r, found, func(w *visit.Work) string { return w.By })
	if err != nil {
		return nil, err
	}
	out := make([]workOut, len(found))
	for i, w := range found {
		out[i] = workOut{w.ID, w.Kind, r.placeOut(w.Place), optional(w.Household), optional(w.Stop), n.person(w.By), w.Title, w.Note, w.People, wire.Time(w.HeldAt)}
	}
	return out, nil
}
