package handlers

import (
	"wangge/domain/area"
	"wangge/handlers/web"
)

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
	Phone  web.Nullable[string]  `json:"phone"`
	Street web.Nullable[string]  `json:"street"`
}

type organisationPatch struct {
	Name   *string                `json:"name"`
	Kind   *area.OrganisationKind `json:"kind"`
	Phone  web.Nullable[string]   `json:"phone"`
	Active *bool                  `json:"active"`
}

func (s *Server) organisationOut(o *area.Organisation) organisationOut {
	return organisationOut{ID: o.ID, Name: o.Name, Kind: o.Kind, Phone: optional(o.Phone), Active: o.Active, Street: s.placeOut(o.Place).Street, Version: o.Version}
}

func listOrganisations(r *apiRequest) (*web.Reply, error) {
	limit, cursor, err := r.Page()
	if err != nil {
		return nil, err
	}
	found, next, err := r.Areas.ListOrganisations(r.Ctx, r.Actor, area.OrganisationQuery{Street: r.Query.Get("area"), Limit: limit, Cursor: cursor})
	if err != nil {
		return nil, err
	}
	items := make([]organisationOut, len(found))
	for i, o := range found {
		items[i] = r.organisationOut(o)
	}
	return web.Listed(items, next), nil
}

func createOrganisation(r *apiRequest) (*web.Reply, error) {
	var in organisationIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	id, err := chosen(in.ID)
	if err != nil {
		return nil, err
	}
	o, err := r.Areas.CreateOrganisation(r.Ctx, r.Actor, r.Now, area.NewOrganisation{
		ID: id, Name: in.Name, Kind: in.Kind, Phone: given(in.Phone.Value), Street: given(in.Street.Value),
	})
	if err != nil {
		return nil, err
	}
	return &web.Reply{Status: 201, Body: r.organisationOut(o), Version: o.Version, Made: web.Resource{Kind: "organisation", ID: o.ID}}, nil
}

func getOrganisation(r *apiRequest) (*web.Reply, error) { return organisationByID(r, r.Param("id")) }

func organisationByID(r *apiRequest, id string) (*web.Reply, error) {
	o, err := r.Areas.Organisation(r.Ctx, r.Actor, id)
	if err != nil {
		return nil, err
	}
	return web.Versioned(r.organisationOut(o), o.Version), nil
}

func patchOrganisation(r *apiRequest) (*web.Reply, error) {
	var in organisationPatch
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	o, err := r.Areas.UpdateOrganisation(r.Ctx, r.Actor, r.Now, r.Param("id"), version,
		area.OrganisationChange{Name: in.Name, Kind: in.Kind, Phone: in.Phone.Pointer(), Active: in.Active})
	if err != nil {
		return nil, err
	}
	return web.Versioned(r.organisationOut(o), o.Version), nil
}
