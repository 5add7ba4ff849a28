package handlers

import "wangge/domain/area"

// organisationOut is a body that mends things.
type organisationOut struct {
	ID      string                `json:"id"`
	Name    string                `json:"name"`
	Kind    area.OrganisationKind `json:"kind"`
	Phone   *string               `json:"phone"`
	Active  bool                  `json:"active"`
	Street  *namedOut             `json:"street"`
	Version int64                 `json:"version"`
}

type organisationIn struct {
	ID     string                `json:"id"`
	Name   string                `json:"name" need:"true"`
	Kind   area.OrganisationKind `json:"kind" need:"true"`
	Phone  nullable[string]      `json:"phone"`
	Street nullable[string]      `json:"street"`
}

type organisationPatch struct {
	Name   *string                `json:"name"`
	Kind   *area.OrganisationKind `json:"kind"`
	Phone  nullable[string]       `json:"phone"`
	Active *bool                  `json:"active"`
}

func (s *Server) organisationOut(o *area.Organisation) organisationOut {
	return organisationOut{ID: o.ID, Name: o.Name, Kind: o.Kind, Phone: optional(o.Phone), Active: o.Active, Street: s.placeOut(o.Place).Street, Version: o.Version}
}

func listOrganisations(r *request) (*reply, error) {
	limit, cursor, err := r.page()
	if err != nil {
		return nil, err
	}
	found, next, err := r.Areas.ListOrganisations(r.ctx, r.actor, area.OrganisationQuery{Street: r.query.get("area"), Limit: limit, Cursor: cursor})
	if err != nil {
		return nil, err
	}
	items := make([]organisationOut, len(found))
	for i, o := range found {
		items[i] = r.organisationOut(o)
	}
	return listed(items, next), nil
}

func createOrganisation(r *request) (*reply, error) {
	var in organisationIn
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	id, err := r.chosen(in.ID)
	if err != nil {
		return nil, err
	}
	o, err := r.Areas.CreateOrganisation(r.ctx, r.actor, r.now, area.NewOrganisation{
		ID: id, Name: in.Name, Kind: in.Kind, Phone: given(in.Phone.value), Street: given(in.Street.value),
	})
	if err != nil {
		return nil, err
	}
	return &reply{status: 201, body: r.organisationOut(o), etag: o.Version, made: resource{"organisation", o.ID}}, nil
}

// given is the value, or the zero one when it is absent or null.
func given[T any](p *T) T {
	if p == nil {
		return *new(T)
	}
	return *p
}

func getOrganisation(r *request) (*reply, error) { return organisationByID(r, r.c.Params("id")) }

func organisationByID(r *request, id string) (*reply, error) {
	o, err := r.Areas.Organisation(r.ctx, r.actor, id)
	if err != nil {
		return nil, err
	}
	return versioned(r.organisationOut(o), o.Version), nil
}

func patchOrganisation(r *request) (*reply, error) {
	var in organisationPatch
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	version, err := r.ifMatch(true)
	if err != nil {
		return nil, err
	}
	o, err := r.Areas.UpdateOrganisation(r.ctx, r.actor, r.now, r.c.Params("id"), version,
		area.OrganisationChange{Name: in.Name, Kind: in.Kind, Phone: in.Phone.pointer(), Active: in.Active})
	if err != nil {
		return nil, err
	}
	return versioned(r.organisationOut(o), o.Version), nil
}
