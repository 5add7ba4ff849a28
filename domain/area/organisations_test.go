package area

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

func TestOrganisations(t *testing.T) {
	ctx := t.Context()
	s := openTown(t)
	street, _ := s.Tree().ByCode("320576054")
	next, _ := s.Tree().ByCode("320576055")
	dispatcher := access.Actor{Account: "d", Grants: []access.Grant{{Role: access.Dispatcher, Level: access.Street, Area: street.ID}}}
	worker := access.Actor{Account: "w", Grants: []access.Grant{{Role: access.OutreachWorker, Level: access.Cell, Area: "c"}}}
	resident := access.Actor{Account: "r", Grants: []access.Grant{{Role: access.Resident}}}
	in := NewOrganisation{ID: uuid.NewString(), Name: " 中海物业 ", Kind: "property_company", Street: street.Code, Phone: "0512-6760 6760"}

	o, err := s.CreateOrganisation(ctx, dispatcher, noon, in)
	if err != nil || o.Name != "中海物业" || o.Place != street.Place || o.Partition != street.ID || !o.Active || o.Version != 1 {
		t.Fatalf("%+v, %v", o, err)
	}
	if again, err := s.CreateOrganisation(ctx, dispatcher, noon, in); err != nil || again.ID != o.ID || again.Version != 1 {
		t.Errorf("again: %+v, %v", again, err)
	}
	changed := in
	changed.Name = "别的"
	var conflict *domain.ConflictError
	if _, err := s.CreateOrganisation(ctx, dispatcher, noon, changed); !errors.As(err, &conflict) || conflict.Code != "duplicate" {
		t.Errorf("the id with another content: %v", err)
	}
	changed.Street = next.Code
	if _, err := s.CreateOrganisation(ctx, root, noon, changed); !errors.As(err, &conflict) {
		t.Errorf("the id in another street: %v", err)
	}
	for name, c := range map[string]struct {
		actor access.Actor
		in    NewOrganisation
	}{
		"next street": {dispatcher, NewOrganisation{Name: "x", Kind: "other", Street: next.Code}},
		"everywhere":  {dispatcher, NewOrganisation{Name: "x", Kind: "other"}},
		"worker":      {worker, NewOrganisation{Name: "x", Kind: "other", Street: street.Code}},
		"resident":    {resident, NewOrganisation{Name: "x", Kind: "other", Street: street.Code}},
	} {
		if _, err := s.CreateOrganisation(ctx, c.actor, noon, c.in); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = s.CreateOrganisation(ctx, root, noon, NewOrganisation{ID: "x", Name: "", Kind: "club", Street: xinghu, Phone: "call me"})
	if fields := invalid(t, err); len(fields) != 5 {
		t.Errorf("%+v", fields)
	}

	everywhere, err := s.CreateOrganisation(ctx, root, noon, NewOrganisation{Name: "供水公司", Kind: "water"})
	if err != nil || everywhere.Partition != CityPartition || everywhere.Place != (access.Place{}) {
		t.Fatalf("%+v, %v", everywhere, err)
	}
	other, err := s.CreateOrganisation(ctx, root, noon, NewOrganisation{Name: "A", Kind: "water", Street: next.Code})
	must(t, err)

	off, name := false, "中海物业二部"
	updated, err := s.UpdateOrganisation(ctx, dispatcher, noon, o.ID, 1, OrganisationChange{Name: &name, Active: &off})
	if err != nil || updated.Version != 2 || updated.Name != name || updated.Active || updated.Kind != o.Kind || updated.Phone != o.Phone {
		t.Fatalf("%+v, %v", updated, err)
	}
	if same, err := s.UpdateOrganisation(ctx, dispatcher, noon, o.ID, 0, OrganisationChange{Name: &name}); err != nil || same.Version != 2 {
		t.Errorf("an update that changes nothing: %+v, %v", same, err)
	}
	blank := " "
	for name, c := range map[string]struct {
		actor   access.Actor
		id      string
		version int64
		change  OrganisationChange
		want    error
	}{
		"stale":     {dispatcher, o.ID, 1, OrganisationChange{}, domain.ErrStale},
		"unknown":   {dispatcher, "nothing", 0, OrganisationChange{}, domain.ErrNotFound},
		"elsewhere": {dispatcher, other.ID, 0, OrganisationChange{}, domain.ErrForbidden},
		"worker":    {worker, o.ID, 0, OrganisationChange{}, domain.ErrForbidden},
		"resident":  {resident, o.ID, 0, OrganisationChange{}, domain.ErrNotFound},
	} {
		if _, err := s.UpdateOrganisation(ctx, c.actor, noon, c.id, c.version, c.change); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = s.UpdateOrganisation(ctx, dispatcher, noon, o.ID, 0, OrganisationChange{Name: &blank})
	invalid(t, err)

	on := true
	for _, c := range []struct {
		q    OrganisationQuery
		want []string
	}{
		{OrganisationQuery{}, []string{"A", "中海物业二部", "供水公司"}},
		{OrganisationQuery{Street: street.Code}, []string{"中海物业二部", "供水公司"}},
		{OrganisationQuery{Street: street.Code, Active: &on}, []string{"供水公司"}},
		{OrganisationQuery{Street: next.Code, Kind: "water"}, []string{"A", "供水公司"}},
		{OrganisationQuery{Kind: "police"}, nil},
	} {
		var names []string
		for {
			c.q.Limit = 1
			found, next, err := s.ListOrganisations(ctx, worker, c.q)
			must(t, err)
			for _, o := range found {
				names = append(names, o.Name)
			}
			if c.q.Cursor = next; next == "" {
				break
			}
		}
		if !slices.Equal(names, c.want) {
			t.Errorf("%+v: %q, want %q", c.q, names, c.want)
		}
	}
	_, _, err = s.ListOrganisations(ctx, worker, OrganisationQuery{Street: "1"})
	invalid(t, err)
	if _, _, err := s.ListOrganisations(ctx, resident, OrganisationQuery{}); !errors.Is(err, domain.ErrForbidden) {
		t.Error(err)
	}
	if _, _, err := s.ListOrganisations(ctx, worker, OrganisationQuery{Cursor: "x"}); !errors.Is(err, store.ErrCursor) {
		t.Error(err)
	}
	entries, _, err := organisations.History(ctx, s.st, o.ID, 10, "", nil)
	must(t, err)
	if len(entries) != 2 || entries[0].Action != "organisation.create" || entries[1].Action != "organisation.update" || entries[1].After.State != "inactive" {
		t.Errorf("%+v", entries)
	}
}
