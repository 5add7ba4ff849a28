package handlers

import (
	"slices"
	"strings"

	"wangge/domain"
	"wangge/domain/civil"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/plan"
	"wangge/domain/schedule"
	"wangge/domain/visit"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// termsIn is what a plan is to say.
type termsIn struct {
	Tag        string    `json:"tag"`
	Households []string  `json:"households"`
	Rules      []ruleIn  `json:"rules" need:"true"`
	WindowDays int       `json:"windowDays" need:"true"`
	Team       []string  `json:"team"`
	Form       string    `json:"form"`
	Ladder     []rungOut `json:"ladder"`
	WeekLimit  int       `json:"weekLimit"`
}

type ruleIn struct {
	Level household.Level `json:"level"`
	RRule string          `json:"rrule" need:"true"`
}

func (t *termsIn) terms() plan.Terms {
	out := plan.Terms{Tag: t.Tag, Households: t.Households, WindowDays: t.WindowDays, Team: t.Team, Form: t.Form, WeekLimit: t.WeekLimit}
	for _, rule := range t.Rules {
		out.Rules = append(out.Rules, plan.Rule{Level: household.Level(rule.Level), RRule: rule.RRule})
	}
	for _, rung := range t.Ladder {
		out.Ladder = append(out.Ladder, plan.Rung{To: string(rung.To), Days: rung.Days})
	}
	return out
}

type planIn struct {
	ID    string  `json:"id"`
	Title string  `json:"title" need:"true"`
	Area  string  `json:"area" need:"true"`
	From  string  `json:"from" need:"true"`
	Terms termsIn `json:"terms" need:"true"`
}

func createPlan(r *apiRequest) (*web.Reply, error) {
	var in planIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	var bad domain.InvalidError
	id := ids.Given(in.ID, "/id", &bad)
	p, err := r.Plans.Create(r.Ctx, r.Actor, r.Now, plan.NewPlan{Wrong: bad, ID: id, Title: in.Title, Area: in.Area, From: civil.Date(in.From), Terms: in.Terms.terms()})
	if err != nil {
		return nil, belowTerms(err)
	}
	out, err := r.planMade(p)
	if err == nil {
		out.Status = 201
	}
	return out, err
}

// belowTerms puts the pointers of what a plan says below /terms.
func belowTerms(err error) error {
	bad, ok := err.(*domain.InvalidError)
	if !ok {
		return err
	}
	out := &domain.InvalidError{}
	for _, f := range bad.Fields {
		if top, _, _ := strings.Cut(strings.TrimPrefix(f.Pointer, "/"), "/"); !slices.Contains([]string{"id", "title", "area", "from"}, top) {
			f.Pointer = "/terms" + f.Pointer
		}
		out.Fields = append(out.Fields, f)
	}
	return out
}

func (r *apiRequest) planMade(p *plan.Plan) (*web.Reply, error) {
	out, err := r.plansOut([]*plan.Plan{p})
	if err != nil {
		return nil, err
	}
	answer := web.Versioned(out[0], p.Version)
	answer.Made = web.Resource{Kind: "visit-plan", ID: p.ID}
	return answer, nil
}

func getPlan(r *apiRequest) (*web.Reply, error) { return planByID(r, r.Param("id")) }

func planByID(r *apiRequest, id string) (*web.Reply, error) {
	p, err := r.Plans.Get(r.Ctx, r.Actor, id)
	if err != nil {
		return nil, err
	}
	return r.planMade(p)
}

func listPlans(r *apiRequest) (*web.Reply, error) {
	limit, cursor, err := r.Page()
	if err != nil {
		return nil, err
	}
	states, err := oneOf[plan.State](r, "state", plan.StateWords)
	if err != nil {
		return nil, err
	}
	found, next, err := r.Plans.List(r.Ctx, r.Actor, r.Query.Get("area"), states, limit, cursor)
	if err != nil {
		return nil, err
	}
	items, err := r.plansOut(found)
	if err != nil {
		return nil, err
	}
	return web.Listed(items, next), nil
}

func previewPlan(r *apiRequest) (*web.Reply, error) {
	p, err := r.Scheduler.Preview(r.Ctx, r.Actor, r.Now, r.Param("id"))
	if err != nil {
		return nil, err
	}
	loads, err := r.loadsOut(p.Loads)
	if err != nil {
		return nil, err
	}
	return web.OK(previewOut{p.Households, p.Visits, slices.ContainsFunc(loads, func(l loadOut) bool { return l.Over }), loads}), nil
}

type planActionIn struct {
	Action planAction `json:"action" need:"true"`
}

// takePlanAction activates, pauses or ends a plan; activating one says whom it overloads.
func takePlanAction(r *apiRequest) (*web.Reply, error) {
	var in planActionIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(false)
	if err != nil {
		return nil, err
	}
	p, err := r.Plans.TakeAction(r.Ctx, r.Actor, r.Now, r.Param("id"), version, string(in.Action))
	if err != nil {
		return nil, belowTerms(err)
	}
	out, err := r.planMade(p)
	if err != nil || in.Action != "activate" {
		return out, err
	}
	preview, err := r.Scheduler.Preview(r.Ctx, r.Actor, r.Now, p.ID)
	if err != nil {
		return nil, err
	}
	loads, err := r.loadsOut(slices.DeleteFunc(preview.Loads, func(l schedule.Load) bool { return !l.Over }))
	if err != nil {
		return nil, err
	}
	body := out.Body.(planOut)
	body.Overloaded = loads
	out.Body = body
	return out, nil
}

type newTermsIn struct {
	From  string  `json:"from" need:"true"`
	Terms termsIn `json:"terms" need:"true"`
}

func changePlanTerms(r *apiRequest) (*web.Reply, error) {
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	var in newTermsIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	p, err := r.Plans.ChangeTerms(r.Ctx, r.Actor, r.Now, r.Param("id"), version, civil.Date(in.From), in.Terms.terms())
	if err != nil {
		return nil, belowTerms(err)
	}
	return r.planMade(p)
}

// policyOut is what a street has decided about visits.
type policyOut struct {
	Thresholds  map[visit.Doubt]thresholdOut `json:"thresholds"`
	ReviewAt    int                          `json:"reviewAt"`
	WeekLimit   int                          `json:"weekLimit"`
	WelfareTags []string                     `json:"welfareTags"`
	UpdatedAt   *wire.Time                   `json:"updatedAt"` // null while the street has decided nothing
	Version     int64                        `json:"version"`
}

type thresholdOut struct {
	Limit float64 `json:"limit" need:"true"`
	Score int     `json:"score" need:"true"`
}

func policyTo(p *visit.Policy) *web.Reply {
	out := policyOut{map[visit.Doubt]thresholdOut{}, p.ReviewAt, p.WeekLimit, p.WelfareTags, (*wire.Time)(optional(p.UpdatedAt)), p.Version}
	for d, t := range p.Thresholds {
		out.Thresholds[d] = thresholdOut(t)
	}
	if out.WelfareTags == nil {
		out.WelfareTags = []string{}
	}
	return web.Versioned(out, p.Version)
}

func getPolicy(r *apiRequest) (*web.Reply, error) {
	p, err := r.Visits.Policy(r.Ctx, r.Actor, r.Now, r.Param("street"))
	if err != nil {
		return nil, err
	}
	return policyTo(p), nil
}

type policyIn struct {
	Thresholds  thresholdsIn `json:"thresholds" need:"true"`
	ReviewAt    int          `json:"reviewAt" need:"true"`
	WeekLimit   int          `json:"weekLimit" need:"true"`
	WelfareTags []string     `json:"welfareTags" need:"true"` // left out by mistake, silence would raise no alert any more
}

// thresholdsIn names every doubt, so that unknown ones are refused by name.
type thresholdsIn struct {
	TooFar       thresholdOut `json:"too_far" need:"true"`
	Imprecise    thresholdOut `json:"imprecise" need:"true"`
	MockLocation thresholdOut `json:"mock_location" need:"true"`
	TooFast      thresholdOut `json:"too_fast" need:"true"`
	TooShort     thresholdOut `json:"too_short" need:"true"`
	PhotoReused  thresholdOut `json:"photo_reused" need:"true"`
	ClockSkew    thresholdOut `json:"clock_skew" need:"true"`
	SentLate     thresholdOut `json:"sent_late" need:"true"`
}

func putPolicy(r *apiRequest) (*web.Reply, error) {
	var in policyIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	t := in.Thresholds
	p, err := r.Visits.SetPolicy(r.Ctx, r.Actor, r.Now, r.Param("street"), version, visit.Policy{
		Thresholds: map[visit.Doubt]visit.Threshold{
			visit.TooFar: visit.Threshold(t.TooFar), visit.Imprecise: visit.Threshold(t.Imprecise), visit.MockLocation: visit.Threshold(t.MockLocation),
			visit.TooFast: visit.Threshold(t.TooFast), visit.TooShort: visit.Threshold(t.TooShort), visit.PhotoReused: visit.Threshold(t.PhotoReused),
			visit.ClockSkew: visit.Threshold(t.ClockSkew), visit.SentLate: visit.Threshold(t.SentLate),
		},
		ReviewAt: in.ReviewAt, WeekLimit: in.WeekLimit, WelfareTags: in.WelfareTags,
	})
	if err != nil {
		return nil, err
	}
	return policyTo(p), nil
}
