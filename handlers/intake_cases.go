package handlers

import (
	"fmt"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/ids"
	"wangge/domain/intake"
	"wangge/handlers/web"
)

// upsertIn is the body of PUT /v1/intake-cases/by-source/{system}/{number}.
type upsertIn struct {
	Item       string                    `json:"item" need:"true"`
	State      string                    `json:"state" need:"true"`
	Version    web.Nullable[int64]       `json:"version"`
	ChangedAt  time.Time                 `json:"changedAt" need:"true"`
	OpenedAt   time.Time                 `json:"openedAt" need:"true"`
	AcceptedAt web.Nullable[time.Time]   `json:"acceptedAt"`
	ClosedAt   web.Nullable[time.Time]   `json:"closedAt"`
	PromisedOn web.Nullable[string]      `json:"promisedOn"`
	Pauses     []pauseIn                 `json:"pauses"`
	Community  string                    `json:"community" need:"true"`
	Station    web.Nullable[string]      `json:"station"`
	Address    string                    `json:"address"`
	Applicant  web.Nullable[applicantIn] `json:"applicant"`
	Reason     string                    `json:"reason" lines:"true"`
	Missing    []string                  `json:"missing"`
	Trips      []tripIn                  `json:"trips"`
	Local      string                    `json:"local"`
}

type pauseIn struct {
	From  time.Time               `json:"from" need:"true"`
	Until web.Nullable[time.Time] `json:"until"`
}

type applicantIn struct {
	Name     string `json:"name"`
	Phone    string `json:"phone"`
	IDNumber string `json:"idNumber"`
}

type tripIn struct {
	On     string `json:"on" need:"true"`
	InVain bool   `json:"inVain"`
	Reason string `json:"reason" lines:"true"`
}

// caseIn is the body of POST /v1/intake-cases.
type caseIn struct {
	ID        string                    `json:"id"`
	Item      string                    `json:"item" need:"true"`
	Community string                    `json:"community" need:"address household"`
	Station   web.Nullable[string]      `json:"station"`
	Address   string                    `json:"address"`
	Household string                    `json:"household"`
	Applicant web.Nullable[applicantIn] `json:"applicant"`
	Worker    web.Nullable[string]      `json:"worker"`
	StandIn   web.Nullable[string]      `json:"standIn"`
}

// caseChangeIn is the body of PATCH /v1/intake-cases/{id}.
type caseChangeIn struct {
	Worker   web.Nullable[string]     `json:"worker"`
	StandIn  web.Nullable[string]     `json:"standIn"`
	Station  web.Nullable[string]     `json:"station"`
	HomeCall web.Nullable[homeCallIn] `json:"homeCall"`
}

type homeCallIn struct {
	On   web.Nullable[string] `json:"on"`
	Note string               `json:"note" lines:"true"`
}

// caseActionIn is the body of POST /v1/intake-cases/{id}/transitions.
type caseActionIn struct {
	ID      string        `json:"id"`
	Action  intake.Action `json:"action" need:"true"`
	Reason  string        `json:"reason" lines:"true"`
	Note    string        `json:"note" lines:"true"`
	Missing []string      `json:"missing"`
}

// ownTripIn is the body of POST /v1/intake-cases/{id}/trips.
type ownTripIn struct {
	ID     string `json:"id"`
	On     string `json:"on" need:"true"`
	InVain bool   `json:"inVain"`
	Reason string `json:"reason" lines:"true"`
}

type caseMaterialIn struct {
	ID     string   `json:"id"`
	Name   string   `json:"name" need:"true"`
	Photos []string `json:"photos"`
}

type applicantRevealIn struct {
	Fields []applicantField `json:"fields" need:"true"`
	Reason string           `json:"reason" need:"true"`
}

func (in applicantIn) input() intake.ApplicantInput {
	return intake.ApplicantInput{Name: in.Name, Phone: in.Phone, IDNumber: in.IDNumber}
}

// day reads a date, or notes that it is none.
func day(text, pointer string, bad *domain.InvalidError) civil.Date {
	if text == "" {
		return ""
	}
	d, ok := civil.ParseDate(text)
	if !ok {
		bad.Add(pointer, domain.T("应为日期，如 2026-03-05", "must be a date such as 2026-03-05"))
		return ""
	}
	return d
}

func (in tripIn) trip(pointer string, bad *domain.InvalidError) intake.Trip {
	return intake.Trip{On: day(in.On, pointer+"/on", bad), InVain: in.InVain, Reason: strings.TrimSpace(in.Reason)}
}

func (in *upsertIn) upsert() intake.Upsert {
	out := intake.Upsert{
		Item: in.Item, State: strings.TrimSpace(in.State), Version: in.Version.Value, ChangedAt: in.ChangedAt.UTC(), OpenedAt: in.OpenedAt.UTC(), AcceptedAt: given(in.AcceptedAt.Value).UTC(), ClosedAt: given(in.ClosedAt.Value).UTC(),
		Community: in.Community, Station: given(in.Station.Value), Address: strings.TrimSpace(in.Address), Applicant: given(in.Applicant.Value).input(), Reason: strings.TrimSpace(in.Reason), Missing: in.Missing, Local: in.Local,
	}
	bad := &out.Wrong
	out.Promised = day(given(in.PromisedOn.Value), "/promisedOn", bad)
	if in.Pauses != nil {
		out.Pauses = each(in.Pauses, func(p pauseIn) intake.Pause {
			return intake.Pause{From: p.From.UTC(), Until: given(p.Until.Value).UTC()}
		})
	}
	for i, t := range in.Trips {
		out.Trips = append(out.Trips, t.trip(fmt.Sprintf("/trips/%d", i), bad))
	}
	return out
}

func upsertCase(r *apiRequest) (*web.Reply, error) {
	var in upsertIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	c, applied, err := r.Cases.Upsert(r.Ctx, r.Actor, r.Now, intake.Key{System: r.Param("system"), Number: r.Param("number")}, in.upsert())
	if err != nil {
		return nil, err
	}
	out, err := r.casesOut([]*intake.Case{c})
	if err != nil {
		return nil, err
	}
	reply := web.Versioned(upsertedOut{applied, out[0]}, c.Version)
	if applied && c.Version == 1 {
		reply.Status, reply.Made = 201, web.Resource{Kind: "intake-case", ID: c.ID}
	}
	return reply, nil
}

func openCase(r *apiRequest) (*web.Reply, error) {
	var in caseIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	c, err := r.Cases.Open(r.Ctx, r.Actor, r.Now, in.draft())
	if err != nil {
		return nil, err
	}
	return r.caseChanged(c, 201)
}

func (in *caseIn) draft() intake.Draft {
	d := intake.Draft{Fresh: in.ID == "", Item: in.Item, Community: in.Community, Station: given(in.Station.Value), Address: in.Address, Household: in.Household,
		Applicant: given(in.Applicant.Value).input(), Worker: given(in.Worker.Value), StandIn: given(in.StandIn.Value)}
	d.ID = ids.Given(in.ID, "/id", &d.Wrong)
	return d
}

// caseChanged answers a request that made or changed a case, which may have taken it out of the caller's sight.
func (r *apiRequest) caseChanged(c *intake.Case, status int) (*web.Reply, error) {
	if access.CaseView(r.Actor, c.Facts()) == access.CaseHidden {
		return nil, domain.ErrNotFound
	}
	out, err := r.casesOut([]*intake.Case{c})
	if err != nil {
		return nil, err
	}
	reply := web.Versioned(out[0], c.Version)
	reply.Status, reply.Made = status, web.Resource{Kind: "intake-case", ID: c.ID}
	return reply, nil
}

func getCase(r *apiRequest) (*web.Reply, error) { return caseByID(r, r.Param("id")) }

func caseByID(r *apiRequest, id string) (*web.Reply, error) {
	c, _, err := r.Cases.Get(r.Ctx, r.Actor, id)
	if err != nil {
		return nil, err
	}
	out, err := r.casesOut([]*intake.Case{c})
	if err != nil {
		return nil, err
	}
	return web.Versioned(out[0], c.Version), nil
}

func patchCase(r *apiRequest) (*web.Reply, error) {
	var in caseChangeIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	bad := &domain.InvalidError{}
	var change intake.Change
	for _, f := range []struct {
		said web.Nullable[string]
		to   **string
	}{{in.Worker, &change.Worker}, {in.StandIn, &change.StandIn}, {in.Station, &change.Station}} {
		if f.said.Given {
			text := given(f.said.Value)
			*f.to = &text
		}
	}
	if h := in.HomeCall.Value; h != nil {
		change.HomeCall = &intake.HomeCall{On: day(given(h.On.Value), "/homeCall/on", bad), Note: strings.TrimSpace(h.Note)}
	}
	change.NoHomeCall = in.HomeCall.Given && in.HomeCall.Value == nil
	if err := bad.Err(); err != nil {
		return nil, err
	}
	c, err := r.Cases.Update(r.Ctx, r.Actor, r.Now, r.Param("id"), version, change)
	if err != nil {
		return nil, err
	}
	return r.caseChanged(c, 200)
}

func takeCaseAction(r *apiRequest) (*web.Reply, error) {
	var in caseActionIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(false)
	if err != nil {
		return nil, err
	}
	id, err := chosen(in.ID)
	if err != nil {
		return nil, err
	}
	c, err := r.Cases.TakeAction(r.Ctx, r.Actor, r.Now, r.Param("id"), version, intake.ActionInput{ID: id, Action: in.Action, Reason: in.Reason, Note: in.Note, Missing: in.Missing})
	if err != nil {
		return nil, err
	}
	return r.caseChanged(c, 200)
}

func addCaseTrip(r *apiRequest) (*web.Reply, error) {
	var in ownTripIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	bad := &domain.InvalidError{}
	t := tripIn{in.On, in.InVain, in.Reason}.trip("", bad)
	t.ID = ids.Given(in.ID, "/id", bad)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	c, err := r.Cases.AddTrip(r.Ctx, r.Actor, r.Now, r.Param("id"), t)
	if err != nil {
		return nil, err
	}
	return r.caseChanged(c, 200)
}

func addCaseMaterial(r *apiRequest) (*web.Reply, error) {
	var in caseMaterialIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	id, err := chosen(in.ID)
	if err != nil {
		return nil, err
	}
	c, err := r.Cases.AddMaterial(r.Ctx, r.Actor, r.Now, r.Param("id"), intake.Material{ID: id, Name: in.Name, Photos: in.Photos})
	if err != nil {
		return nil, err
	}
	return r.caseChanged(c, 200)
}

// matterRevealIn is the body of POST /v1/intake-cases/{id}/reveal-matter, and of the same by a link.
type matterRevealIn struct {
	Reason string `json:"reason" need:"true"`
}

func revealCase(r *apiRequest) (*web.Reply, error) {
	var in applicantRevealIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	out, err := r.Cases.Reveal(r.Ctx, r.Actor, r.Now, r.Param("id"), ids.New(), codes(in.Fields), in.Reason)
	if err != nil {
		return nil, err
	}
	return web.OK(applicantRevealedOut{out.Name, out.Phone, out.IDNumber}), nil
}

func revealMatter(r *apiRequest) (*web.Reply, error) {
	return r.matterRevealed(intake.Seen(r.Actor, r.Param("id")))
}

// matterRevealed answers with what a case is about that the caller sees so.
func (r *apiRequest) matterRevealed(sight intake.Sight) (*web.Reply, error) {
	var in matterRevealIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	c, err := r.Cases.RevealMatter(r.Ctx, r.Actor, r.Now, sight, ids.New(), in.Reason)
	if err != nil {
		return nil, err
	}
	about := caseBrief(c, true)
	return web.OK(matterRevealedOut{*about.System, *about.Number, *about.Item, about.PromisedOn, about.Provisional, about.StandsStill, maskedApplicant(c)}), nil
}
