package handlers

import (
	"cmp"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/policy"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// The entries of a policy, as they are sent and, with where they come from, answered.
type categoryEntry struct {
	Code       string   `json:"code" need:"true"`
	Name       textsOut `json:"name" need:"true"`
	Public     bool     `json:"public"`
	AfterPhoto bool     `json:"afterPhoto"`
	Days       int      `json:"days" need:"true"`
	Heir       string   `json:"heir,omitempty"`
	Retired    bool     `json:"retired"`
}

type conditionEntry struct {
	Category string         `json:"category" need:"true"`
	Code     string         `json:"code" need:"true"`
	Name     textsOut       `json:"name" need:"true"`
	Urgency  policy.Urgency `json:"urgency" need:"true"`
	Days     int            `json:"days"` // 0: those of the category
	Default  bool           `json:"default"`
	Retired  bool           `json:"retired"`
}

type stepEntry struct {
	Code  string        `json:"code" need:"true"`
	Roles []access.Role `json:"roles" need:"true"`
}

type limitEntry struct {
	Code  string `json:"code" need:"true"`
	Value int    `json:"value" need:"true"`
}

type thresholdEntry struct {
	Code  string  `json:"code" need:"true"`
	Limit float64 `json:"limit" need:"true"`
	Score int     `json:"score" need:"true"`
}

type welfareEntry struct {
	Code    string `json:"code" need:"true"`
	Retired bool   `json:"retired"`
}

type tagEntry struct {
	Code      string   `json:"code" need:"true"`
	Name      textsOut `json:"name" need:"true"`
	Sensitive bool     `json:"sensitive"`
	Retired   bool     `json:"retired"`
}

// contentIn is what an area decides for itself.
type contentIn struct {
	Categories []categoryEntry  `json:"categories"`
	Conditions []conditionEntry `json:"conditions"`
	Steps      []stepEntry      `json:"steps"`
	Limits     []limitEntry     `json:"limits"`
	Thresholds []thresholdEntry `json:"thresholds"`
	Welfare    []welfareEntry   `json:"welfare"`
	Tags       []tagEntry       `json:"tags"`
}

func (in contentIn) content() (c policy.Content) {
	for _, e := range in.Categories {
		c.Categories = append(c.Categories, policy.Category{Mark: policy.Mark{Retired: e.Retired}, Code: e.Code, Name: e.Name.text(), Public: e.Public, AfterPhoto: e.AfterPhoto, Days: e.Days, Heir: e.Heir})
	}
	for _, e := range in.Conditions {
		c.Conditions = append(c.Conditions, policy.Condition{Mark: policy.Mark{Retired: e.Retired}, Category: e.Category, Code: e.Code, Name: e.Name.text(), Urgency: e.Urgency, Days: e.Days, Default: e.Default})
	}
	for _, e := range in.Steps {
		c.Steps = append(c.Steps, policy.Step{Code: e.Code, Roles: e.Roles})
	}
	for _, e := range in.Limits {
		c.Limits = append(c.Limits, policy.Limit{Code: e.Code, Value: e.Value})
	}
	for _, e := range in.Thresholds {
		c.Thresholds = append(c.Thresholds, policy.Threshold{Code: e.Code, Limit: e.Limit, Score: e.Score})
	}
	for _, e := range in.Welfare {
		c.Welfare = append(c.Welfare, policy.Welfare{Mark: policy.Mark{Retired: e.Retired}, Code: e.Code})
	}
	for _, e := range in.Tags {
		c.Tags = append(c.Tags, policy.Tag{Mark: policy.Mark{Retired: e.Retired}, Code: e.Code, Name: e.Name.text(), Sensitive: e.Sensitive})
	}
	return c
}

func (t textsOut) text() domain.Text { return domain.T(t.ZH, t.EN) }

// entryOut says where an entry comes from: the part, and the number of its version that changed it last.
type entryOut[E any] struct {
	Entry  E             `json:"entry"`
	Origin policy.Origin `json:"origin"`
	Since  int64         `json:"since"`
}

type contentOut struct {
	Categories []entryOut[categoryEntry]  `json:"categories"`
	Conditions []entryOut[conditionEntry] `json:"conditions"`
	Steps      []entryOut[stepEntry]      `json:"steps"`
	Limits     []entryOut[limitEntry]     `json:"limits"`
	Thresholds []entryOut[thresholdEntry] `json:"thresholds"`
	Welfare    []entryOut[welfareEntry]   `json:"welfare"`
	Tags       []entryOut[tagEntry]       `json:"tags"`
}

// contentTo answers a content; own is the part that its entries come from where they do not say so themselves.
func contentTo(c policy.Content, own policy.Origin) contentOut {
	return contentOut{
		entriesTo(c.Categories, own, func(x policy.Category) (categoryEntry, policy.Mark) {
			return categoryEntry{x.Code, textsTo(x.Name), x.Public, x.AfterPhoto, x.Days, x.Heir, x.Retired}, x.Mark
		}),
		entriesTo(c.Conditions, own, func(x policy.Condition) (conditionEntry, policy.Mark) {
			return conditionEntry{x.Category, x.Code, textsTo(x.Name), x.Urgency, x.Days, x.Default, x.Retired}, x.Mark
		}),
		entriesTo(c.Steps, own, func(x policy.Step) (stepEntry, policy.Mark) { return stepEntry{x.Code, x.Roles}, x.Mark }),
		entriesTo(c.Limits, own, func(x policy.Limit) (limitEntry, policy.Mark) { return limitEntry{x.Code, x.Value}, x.Mark }),
		entriesTo(c.Thresholds, own, func(x policy.Threshold) (thresholdEntry, policy.Mark) {
			return thresholdEntry{x.Code, x.Limit, x.Score}, x.Mark
		}),
		entriesTo(c.Welfare, own, func(x policy.Welfare) (welfareEntry, policy.Mark) { return welfareEntry{x.Code, x.Retired}, x.Mark }),
		entriesTo(c.Tags, own, func(x policy.Tag) (tagEntry, policy.Mark) {
			return tagEntry{x.Code, textsTo(x.Name), x.Sensitive, x.Retired}, x.Mark
		}),
	}
}

func entriesTo[P, E any](list []P, own policy.Origin, to func(P) (E, policy.Mark)) []entryOut[E] {
	out := make([]entryOut[E], len(list))
	for i, x := range list {
		e, m := to(x)
		out[i] = entryOut[E]{e, cmp.Or(m.Origin, own), m.Since}
	}
	return out
}

func textsTo(t domain.Text) textsOut { return textsOut{t.ZH, t.EN} }

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
	Content  contentIn          `json:"content"`
}

type policyFindingOut struct {
	Code    policy.FindingCode `json:"code"`
	Pointer string             `json:"pointer"`
	Detail  string             `json:"detail"`
}

func (r *apiRequest) policyFindings(found []policy.Finding) []policyFindingOut {
	out := make([]policyFindingOut, len(found))
	for i, f := range found {
		out[i] = policyFindingOut{f.Code, f.Pointer, r.Text(f.Detail)}
	}
	return out
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
	return web.Versioned(draftOut{r.Param("area"), d.Base, d.By, wire.Time(d.At), d.Version, r.policyFindings(found), contentIn{
		plain(c.Categories), plain(c.Conditions), plain(c.Steps), plain(c.Limits), plain(c.Thresholds), plain(c.Welfare), plain(c.Tags)}}, d.Version), nil
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
	return web.OK(map[string]any{"findings": r.policyFindings(found)}), nil
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
