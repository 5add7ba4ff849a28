package handlers

import (
	"time"

	"wangge/domain/policy"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// heldOut is what holds in an area at a moment.
type heldOut struct {
	Area    string         `json:"area"`
	ID      string         `json:"id"`
	At      wire.Time      `json:"at"`
	City    *decisionOut   `json:"city"`
	Own     *decisionOut   `json:"own"`
	Ahead   []*decisionOut `json:"ahead"`
	Content contentOut     `json:"content"`
}

type decisionOut struct {
	Number int64     `json:"number"`
	From   wire.Time `json:"from"`
	By     string    `json:"by"`
	At     wire.Time `json:"at"`
	Why    string    `json:"why"`
}

func decisionOf(v *policy.Version) *decisionOut {
	if v == nil {
		return nil
	}
	return &decisionOut{v.Number, wire.Time(v.From), v.By, wire.Time(v.At), v.Why}
}

func getHeldPolicy(r *apiRequest) (*web.Reply, error) {
	at, err := r.at()
	if err != nil {
		return nil, err
	}
	h, err := r.Policies.Read(r.Ctx, r.Actor, r.Param("area"), at)
	if err != nil {
		return nil, err
	}
	out := heldOut{Area: h.Area.Code, ID: h.Policy.ID, At: wire.Time(at), City: decisionOf(h.City), Own: decisionOf(h.Own), Ahead: []*decisionOut{}, Content: contentTo(h.Policy.Content, "")}
	for _, v := range h.Ahead {
		out.Ahead = append(out.Ahead, decisionOf(v))
	}
	return web.OK(out), nil
}

// at is the moment that is asked for, now where none is.
func (r *apiRequest) at() (time.Time, error) {
	at, err := r.Instant("at")
	if at.IsZero() {
		at = r.Now
	}
	return at, err
}

// policyVersionOut is one decision, whole.
type policyVersionOut struct {
	decisionOut
	Area    string     `json:"area"`
	Content contentOut `json:"content"`
}

func versionTo(v *policy.Version, area string) policyVersionOut {
	own := policy.FromStreet
	if len(area) <= 4 { // the code of a city
		own = policy.FromCity
	}
	return policyVersionOut{*decisionOf(v), area, contentTo(v.Content, own)}
}

func listPolicyVersions(r *apiRequest) (*web.Reply, error) {
	limit, cursor, err := r.Page()
	if err != nil {
		return nil, err
	}
	list, next, err := r.Policies.Versions(r.Ctx, r.Actor, r.Param("area"), limit, cursor)
	if err != nil {
		return nil, err
	}
	items := make([]policyVersionOut, len(list))
	for i, v := range list {
		items[i] = versionTo(v, r.Param("area"))
	}
	return web.Listed(items, next), nil
}

// policyVersionByID answers for the version that a request which was done before put in force.
func policyVersionByID(r *apiRequest, id string) (*web.Reply, error) {
	v, a, err := r.Policies.VersionByID(r.Ctx, r.Actor, id)
	if err != nil {
		return nil, err
	}
	return web.OK(versionTo(v, a.Code)), nil
}

// draftOut is what is being worked on, with what hinders it from coming into force now.
type draftOut struct {
	Area     string             `json:"area"`
	Base     int64              `json:"base"`
	By       string             `json:"by"`
	At       wire.Time          `json:"at"`
	Version  int64              `json:"version"`
	Findings []policyFindingOut `json:"findings"`
	Warnings []policyFindingOut `json:"warnings"`
	Content  contentIn          `json:"content"`
}

type policyFindingOut struct {
	Code    policy.FindingCode `json:"code"`
	Pointer string             `json:"pointer"`
	Detail  string             `json:"detail"`
	People  *wantOut           `json:"people,omitempty"` // of a step that has too few
}

type wantOut struct {
	Step   string   `json:"step"`
	Areas  []string `json:"areas"`
	Places int      `json:"places"`
	Least  int      `json:"least"`
	Needed int      `json:"needed"`
}

// policyFindings are what hinders a content, and what is only to be warned of.
func (r *apiRequest) policyFindings(found []policy.Finding) (hinder, warn []policyFindingOut) {
	hinder, warn = []policyFindingOut{}, []policyFindingOut{}
	for _, f := range found {
		out := policyFindingOut{Code: f.Code, Pointer: f.Pointer, Detail: r.Text(f.Detail)}
		if w := f.Want; w != nil {
			out.People = &wantOut{w.Step, w.Areas, w.Places, w.People, w.Needed}
		}
		if f.Warning {
			warn = append(warn, out)
		} else {
			hinder = append(hinder, out)
		}
	}
	return hinder, warn
}

func getPolicyDraft(r *apiRequest) (*web.Reply, error) {
	d, err := r.Policies.Draft(r.Ctx, r.Actor, r.Param("area"))
	if err != nil {
		return nil, err
	}
	return r.draft(d)
}

func (r *apiRequest) draft(d *policy.Draft) (*web.Reply, error) {
	found, err := r.Policies.Check(r.Ctx, r.Actor, r.Now, r.Param("area"), d.Content)
	if err != nil {
		return nil, err
	}
	c := contentTo(d.Content, "")
	hinder, warn := r.policyFindings(found)
	return web.Versioned(draftOut{r.Param("area"), d.Base, d.By, wire.Time(d.At), d.Version, hinder, warn, contentIn{
		plain(c.Groups), plain(c.Categories), plain(c.Conditions), plain(c.Clocks), plain(c.Hours), plain(c.Steps), plain(c.Limits), plain(c.Thresholds), plain(c.Welfare), plain(c.Tags), plain(c.HomeCalls)}}, d.Version), nil
}

func plain[E any](list []entryOut[E]) []E {
	out := make([]E, len(list))
	for i, e := range list {
		out[i] = e.Entry
	}
	return out
}

func putPolicyDraft(r *apiRequest) (*web.Reply, error) {
	var in contentIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	d, err := r.Policies.SetDraft(r.Ctx, r.Actor, r.Now, r.Param("area"), version, in.content())
	if err != nil {
		return nil, err
	}
	return r.draft(d)
}

func deletePolicyDraft(r *apiRequest) (*web.Reply, error) {
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	return &web.Reply{Status: 204}, r.Policies.DropDraft(r.Ctx, r.Actor, r.Now, r.Param("area"), version)
}

func checkPolicy(r *apiRequest) (*web.Reply, error) {
	var in contentIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	found, err := r.Policies.Check(r.Ctx, r.Actor, r.Now, r.Param("area"), in.content())
	if err != nil {
		return nil, err
	}
	hinder, warn := r.policyFindings(found)
	return web.OK(map[string]any{"findings": hinder, "warnings": warn}), nil
}

type publishingIn struct {
	From string `json:"from" need:"true"`
	Why  string `json:"why" need:"true"`
}

func publishPolicy(r *apiRequest) (*web.Reply, error) {
	var in publishingIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(false)
	if err != nil {
		return nil, err
	}
	v, err := r.Policies.Publish(r.Ctx, r.Actor, r.Now, r.Param("area"), version, policy.Publishing(in))
	if err != nil {
		return nil, err
	}
	return web.OK(versionTo(v, r.Param("area"))), nil
}

func importPolicy(r *apiRequest) (*web.Reply, error) {
	file, dry, opts, err := r.table(&policy.Table)
	if err != nil {
		return nil, err
	}
	report, err := r.Policies.Import(r.Ctx, r.Actor, r.Now, r.Param("area"), file, policy.Import{Options: opts, DryRun: dry})
	if err != nil {
		return nil, refusedFor(err, given(report).Findings, r.Lang())
	}
	return rowsImported(r, *report), nil
}
