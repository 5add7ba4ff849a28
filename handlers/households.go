package handlers

import (
	"errors"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/household"
	"wangge/geo"
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
	Name     nullable[string] `json:"name"`
	Phone    nullable[string] `json:"phone"`
	IDNumber nullable[string] `json:"idNumber"`
	Relation nullable[string] `json:"relation"`
}

func (p *householdPersonIn) input() *household.PersonInput {
	if p == nil {
		return nil
	}
	return &household.PersonInput{Name: p.Name.pointer(), Phone: p.Phone.pointer(), IDNumber: p.IDNumber.pointer(), Relation: p.Relation.pointer()}
}

type tagIn struct {
	Code   string              `json:"code"`
	Level  household.Level     `json:"level"`
	Since  nullable[time.Time] `json:"since"`
	Until  nullable[time.Time] `json:"until"`
	Source household.TagSource `json:"source"`
}

func (t tagIn) input() household.TagInput {
	return household.TagInput{Code: t.Code, Level: t.Level, Source: t.Source,
		Since: given(t.Since.value).UTC(), Until: given(t.Until.value).UTC()}
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
	ID        string                      `json:"id"`
	Address   addressIn                   `json:"address" need:"true"`
	Position  *positionIn                 `json:"position" need:"true"`
	Occupancy household.Occupancy         `json:"occupancy"`
	Owner     nullable[householdPersonIn] `json:"owner"`
	Occupant  nullable[householdPersonIn] `json:"occupant"`
	Emergency nullable[householdPersonIn] `json:"emergency"`
	Members   []memberIn                  `json:"members"`
}

func createHousehold(r *request) (*reply, error) {
	var in householdIn
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	var bad domain.InvalidError
	at := in.Position.read("/position", &bad)
	draft := household.Draft{Wrong: bad, ID: in.ID, Address: in.Address.address(), Position: at, Datum: geo.Datum(in.Position.Datum), Occupancy: in.Occupancy,
		Owner: in.Owner.value.input(), Occupant: in.Occupant.value.input(), Emergency: in.Emergency.value.input()}
	for _, m := range in.Members {
		draft.Members = append(draft.Members, m.input())
	}
	h, warnings, err := r.Households.Create(r.ctx, r.actor, r.now, draft)
	if err != nil {
		return nil, err
	}
	out, err := r.householdMade(h, warnings, nil)
	if err == nil {
		out.status = 201
	}
	return out, err
}

// householdMade answers what made or changed a household.
func (r *request) householdMade(h *household.Household, warnings []household.Warning, err error) (*reply, error) {
	if err != nil {
		return nil, err
	}
	d, err := r.datum()
	if err != nil {
		return nil, err
	}
	out := r.householdOut(h, d)
	out.Warnings = warningsTo(warnings)
	answer := versioned(out, h.Version)
	answer.made = resource{"household", h.ID}
	return answer, nil
}

// householdChanged is householdMade of a change that has no warnings.
func (r *request) householdChanged(h *household.Household, err error) (*reply, error) {
	return r.householdMade(h, nil, err)
}

func getHousehold(r *request) (*reply, error) { return householdByID(r, r.c.Params("id")) }

func householdByID(r *request, id string) (*reply, error) {
	d, err := r.datum()
	if err != nil {
		return nil, err
	}
	h, err := r.Visits.Household(r.ctx, r.actor, id)
	if err != nil {
		return nil, err
	}
	return versioned(r.householdOut(h, d), h.Version), nil
}

type householdPatch struct {
	Occupancy *household.Occupancy        `json:"occupancy"`
	Owner     nullable[householdPersonIn] `json:"owner"`
	Occupant  nullable[householdPersonIn] `json:"occupant"`
	Emergency nullable[householdPersonIn] `json:"emergency"`
}

// contactIn is what a merge patch says of somebody; null removes them.
func contactIn(n nullable[householdPersonIn]) *household.PersonInput {
	switch {
	case !n.given:
		return nil
	case n.value == nil:
		none := ""
		return &household.PersonInput{Name: &none, Phone: &none, Relation: &none}
	}
	return n.value.input()
}

func patchHousehold(r *request) (*reply, error) {
	version, err := r.ifMatch(true)
	if err != nil {
		return nil, err
	}
	var in householdPatch
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	change := household.Change{Occupancy: in.Occupancy, Owner: contactIn(in.Owner), Occupant: contactIn(in.Occupant), Emergency: contactIn(in.Emergency)}
	return r.householdMade(r.Households.Change(r.ctx, r.actor, r.now, r.c.Params("id"), version, change))
}

func deleteHousehold(r *request) (*reply, error) {
	version, err := r.ifMatch(true)
	if err != nil {
		return nil, err
	}
	if err := r.Households.Delete(r.ctx, r.actor, r.now, r.c.Params("id"), version); err != nil {
		return nil, err
	}
	return empty(), nil
}

// householdFilters are the parameters of the list.
var householdFilters = []string{"area", "cell", "unplaced", "tag", "occupancy", "movedAway", "visitedBefore", "q", "datum"}

func listHouseholds(r *request) (*reply, error) {
	limit, cursor, err := r.page()
	if err != nil {
		return nil, err
	}
	f := household.Filter{Area: r.query.get("area"), Cell: r.query.get("cell"), Occupancy: household.Occupancy(r.query.get("occupancy")), Text: r.query.get("q"), Limit: limit, Cursor: cursor}
	if f.Unplaced, err = r.flag("unplaced"); err != nil {
		return nil, err
	}
	if f.Away, err = r.flag("movedAway"); err != nil {
		return nil, err
	}
	if f.VisitedBefore, err = r.instant("visitedBefore"); err != nil {
		return nil, err
	}
	if r.query.get("tag") != "" {
		f.Tags = strings.Split(r.query.get("tag"), ",")
	}
	return r.householdsFound(f)
}

func (r *request) householdsFound(f household.Filter) (*reply, error) {
	d, err := r.datum()
	if err != nil {
		return nil, err
	}
	found, next, err := r.Households.List(r.ctx, r.actor, r.now, f)
	if err != nil {
		return nil, err
	}
	items := make([]householdOut, len(found))
	for i, h := range found {
		items[i] = r.householdOut(h, d)
	}
	return listed(items, next), nil
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

func searchHouseholds(r *request) (*reply, error) {
	var in searchIn
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	f := household.Filter{Text: in.Q, Phone: in.Phone, IDNumber: in.IDNumber, Area: in.Area, Cell: in.Cell, Tags: in.Tags,
		Occupancy: in.Occupancy, Limit: limitDefault, Cursor: in.Cursor}
	if in.Limit != nil {
		if f.Limit = *in.Limit; f.Limit < 1 || f.Limit > limitMost {
			return nil, domain.Invalid("/limit", domain.T("应为 1 到 500", "must be from 1 to 500"))
		}
	}
	if f.Text == "" && f.Phone == "" && f.IDNumber == "" {
		return nil, domain.Invalid("", domain.T("请给出 q、phone 或 idNumber", "q, phone or idNumber is required"))
	}
	out, err := r.householdsFound(f)
	if out != nil {
		out.next = "" // there is no address to link to: the cursor goes into the next body
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
