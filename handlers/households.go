package handlers

import (
	"errors"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/household"
	"wangge/geo"
	"wangge/handlers/web"
)

type addressIn struct {
	Estate   string `json:"estate" need:"true"`
	Building string `json:"building" need:"true"`
	Unit     string `json:"unit"`
	Floor    string `json:"floor"`
	Room     string `json:"room"`
}

func (a addressIn) address() household.Address {
	return household.Address{Estate: a.Estate, Building: a.Building, Unit: a.Unit, Floor: a.Floor, Room: a.Room}
}

// householdPersonIn is what is said of somebody; what is absent is left as it is, null or "" takes it away.
type householdPersonIn struct {
	Name     web.Nullable[string] `json:"name"`
	Phone    web.Nullable[string] `json:"phone"`
	IDNumber web.Nullable[string] `json:"idNumber"`
	Relation web.Nullable[string] `json:"relation"`
}

func (p *householdPersonIn) input() *household.PersonInput {
	if p == nil {
		return nil
	}
	return &household.PersonInput{Name: p.Name.Pointer(), Phone: p.Phone.Pointer(), IDNumber: p.IDNumber.Pointer(), Relation: p.Relation.Pointer()}
}

type tagIn struct {
	Code   string                  `json:"code"`
	Level  household.Level         `json:"level"`
	Since  web.Nullable[time.Time] `json:"since"`
	Until  web.Nullable[time.Time] `json:"until"`
	Source household.TagSource     `json:"source"`
}

func (t tagIn) input() household.TagInput {
	return household.TagInput{Code: t.Code, Level: t.Level, Source: t.Source,
		Since: given(t.Since.Value).UTC(), Until: given(t.Until.Value).UTC()}
}

type memberIn struct {
	ID       string  `json:"id"`
	Name     string  `json:"name" need:"true"`
	Phone    string  `json:"phone"`
	IDNumber string  `json:"idNumber"`
	Relation string  `json:"relation"`
	Tags     []tagIn `json:"tags"`
}

func (m memberIn) input() household.MemberInput {
	out := household.MemberInput{ID: m.ID, PersonInput: household.PersonInput{Name: &m.Name, Phone: &m.Phone, IDNumber: &m.IDNumber, Relation: &m.Relation}}
	for _, t := range m.Tags {
		out.Tags = append(out.Tags, t.input())
	}
	return out
}

type householdIn struct {
	ID        string                          `json:"id"`
	Address   addressIn                       `json:"address" need:"true"`
	Position  *web.PositionIn                 `json:"position" need:"true"`
	Occupancy household.Occupancy             `json:"occupancy"`
	Owner     web.Nullable[householdPersonIn] `json:"owner"`
	Occupant  web.Nullable[householdPersonIn] `json:"occupant"`
	Emergency web.Nullable[householdPersonIn] `json:"emergency"`
	Members   []memberIn                      `json:"members"`
}

func createHousehold(r *apiRequest) (*web.Reply, error) {
	var in householdIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	var bad domain.InvalidError
	at := in.Position.Read("/position", &bad)
	draft := household.Draft{Wrong: bad, ID: in.ID, Address: in.Address.address(), Position: at, Datum: geo.Datum(in.Position.Datum), Occupancy: in.Occupancy,
		Owner: in.Owner.Value.input(), Occupant: in.Occupant.Value.input(), Emergency: in.Emergency.Value.input()}
	for _, m := range in.Members {
		draft.Members = append(draft.Members, m.input())
	}
	h, warnings, err := r.Households.Create(r.Ctx, r.Actor, r.Now, draft)
	if err != nil {
		return nil, err
	}
	out, err := r.householdMade(h, warnings, nil)
	if err == nil {
		out.Status = 201
	}
	return out, err
}

// householdMade answers what made or changed a household.
func (r *apiRequest) householdMade(h *household.Household, warnings []household.Warning, err error) (*web.Reply, error) {
	if err != nil {
		return nil, err
	}
	d, err := r.Datum()
	if err != nil {
		return nil, err
	}
	out := r.householdOut(h, d)
	out.Warnings = warningsTo(warnings)
	answer := web.Versioned(out, h.Version)
	answer.Made = web.Resource{Kind: "household", ID: h.ID}
	return answer, nil
}

// householdChanged is householdMade of a change that has no warnings.
func (r *apiRequest) householdChanged(h *household.Household, err error) (*web.Reply, error) {
	return r.householdMade(h, nil, err)
}

func getHousehold(r *apiRequest) (*web.Reply, error) { return householdByID(r, r.Param("id")) }

func householdByID(r *apiRequest, id string) (*web.Reply, error) {
	d, err := r.Datum()
	if err != nil {
		return nil, err
	}
	h, err := r.Visits.Household(r.Ctx, r.Actor, id)
	if err != nil {
		return nil, err
	}
	return web.Versioned(r.householdOut(h, d), h.Version), nil
}

type householdPatch struct {
	Occupancy *household.Occupancy            `json:"occupancy"`
	Owner     web.Nullable[householdPersonIn] `json:"owner"`
	Occupant  web.Nullable[householdPersonIn] `json:"occupant"`
	Emergency web.Nullable[householdPersonIn] `json:"emergency"`
}

// contactIn is what a merge patch says of somebody; null removes them.
func contactIn(n web.Nullable[householdPersonIn]) *household.PersonInput {
	switch {
	case !n.Given:
		return nil
	case n.Value == nil:
		none := ""
		return &household.PersonInput{Name: &none, Phone: &none, Relation: &none}
	}
	return n.Value.input()
}

func patchHousehold(r *apiRequest) (*web.Reply, error) {
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	var in householdPatch
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	change := household.Change{Occupancy: in.Occupancy, Owner: contactIn(in.Owner), Occupant: contactIn(in.Occupant), Emergency: contactIn(in.Emergency)}
	return r.householdMade(r.Households.Update(r.Ctx, r.Actor, r.Now, r.Param("id"), version, change))
}

func deleteHousehold(r *apiRequest) (*web.Reply, error) {
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	if err := r.Households.Delete(r.Ctx, r.Actor, r.Now, r.Param("id"), version); err != nil {
		return nil, err
	}
	return web.Empty(), nil
}

// householdFilters are the parameters of the list.
var householdFilters = []string{"area", "cell", "unplaced", "tag", "occupancy", "movedAway", "visitedBefore", "q", "datum"}

func listHouseholds(r *apiRequest) (*web.Reply, error) {
	limit, cursor, err := r.Page()
	if err != nil {
		return nil, err
	}
	f := household.Filter{Area: r.Query.Get("area"), Cell: r.Query.Get("cell"), Occupancy: household.Occupancy(r.Query.Get("occupancy")), Text: r.Query.Get("q"), Limit: limit, Cursor: cursor}
	if f.Unplaced, err = r.Flag("unplaced"); err != nil {
		return nil, err
	}
	if f.Away, err = r.Flag("movedAway"); err != nil {
		return nil, err
	}
	if f.VisitedBefore, err = r.Instant("visitedBefore"); err != nil {
		return nil, err
	}
	if r.Query.Get("tag") != "" {
		f.Tags = strings.Split(r.Query.Get("tag"), ",")
	}
	return r.householdsFound(f)
}

func (r *apiRequest) householdsFound(f household.Filter) (*web.Reply, error) {
	d, err := r.Datum()
	if err != nil {
		return nil, err
	}
	found, next, err := r.Households.List(r.Ctx, r.Actor, r.Now, f)
	if err != nil {
		return nil, err
	}
	items := make([]householdOut, len(found))
	for i, h := range found {
		items[i] = r.householdOut(h, d)
	}
	return web.Listed(items, next), nil
}

// searchIn is the body of POST /v1/households/search: what must not stand in an address that servers log.
type searchIn struct {
	Q         string              `json:"q"`
	Phone     string              `json:"phone"`
	IDNumber  string              `json:"idNumber"`
	Area      string              `json:"area"`
	Cell      string              `json:"cell"`
	Tags      []string            `json:"tags"`
	Occupancy household.Occupancy `json:"occupancy"`
	Limit     *int                `json:"limit"`
	Cursor    string              `json:"cursor"`
}

func searchHouseholds(r *apiRequest) (*web.Reply, error) {
	var in searchIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	f := household.Filter{Text: in.Q, Phone: in.Phone, IDNumber: in.IDNumber, Area: in.Area, Cell: in.Cell, Tags: in.Tags,
		Occupancy: in.Occupancy, Limit: web.PageDefault, Cursor: in.Cursor}
	if in.Limit != nil {
		if f.Limit = *in.Limit; f.Limit < 1 || f.Limit > web.PageMost {
			return nil, domain.Invalid("/limit", domain.T("应为 1 到 500", "must be from 1 to 500"))
		}
	}
	if f.Text == "" && f.Phone == "" && f.IDNumber == "" {
		return nil, domain.Invalid("", domain.T("请给出 q、phone 或 idNumber", "q, phone or idNumber is required"))
	}
	out, err := r.householdsFound(f)
	if out != nil {
		out.Next = "" // there is no address to link to: the cursor goes into the next body
	}
	return out, inBody(err)
}

// inBody turns mistakes in parameters into those of the body's fields.
func inBody(err error) error {
	var bad *domain.InvalidError
	if !errors.As(err, &bad) {
		return err
	}
	out := &domain.InvalidError{}
	for _, f := range bad.Fields {
		if name, ok := strings.CutPrefix(f.Pointer, "?"); ok {
			f.Pointer = "/" + name
		}
		if f.Pointer == "/tag" {
			f.Pointer = "/tags"
		}
		out.Fields = append(out.Fields, f)
	}
	return out
}
