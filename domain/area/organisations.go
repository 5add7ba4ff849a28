package area

import (
	"context"
	"errors"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/domain/once"
	"wangge/store"
)

// NewOrganisation is what CreateOrganisation needs.
type NewOrganisation struct {
	ID     string // a UUID of the caller's, which makes a repetition harmless; "" for a new one
	Name   string
	Kind   OrganisationKind
	Street string // code; "" for one that works everywhere
	Phone  string
}

// CreateOrganisation makes an active organisation. The same id with the same
// content again returns it. ErrForbidden outside the actor's streets,
// InvalidError, ConflictError "duplicate" for an id in use.
func (s *Areas) CreateOrganisation(ctx context.Context, actor access.Actor, now time.Time, in NewOrganisation) (*Organisation, error) {
	o := &Organisation{Name: strings.TrimSpace(in.Name), Kind: in.Kind, Phone: strings.TrimSpace(in.Phone), Active: true}
	o.Partition = CityPartition
	bad := &domain.InvalidError{}
	if street, ok := s.Tree().ByCode(in.Street); ok && street.Level == access.Street {
		o.Place, o.Partition = street.Place, street.ID
	} else if in.Street != "" {
		bad.Add("/street", domain.T("没有这个街道", "no such street"))
	}
	o.ID = ids.Given(in.ID, "/id", bad)
	o.check(bad)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	if !access.MayManageOrganisations(actor, o.Place) {
		return nil, domain.ErrForbidden
	}
	var taken *Organisation
	err := s.st.Update(ctx, []string{o.Partition}, func(tx *store.Tx) error {
		var err error
		if taken, err = organisations.Get(ctx, tx, o.ID); !errors.Is(err, store.ErrNotFound) {
			return err
		}
		return organisations.Insert(tx, o, entry(actor, now, "organisation.create", store.Facts{}, o.facts()))
	})
	if dup := (*store.DuplicateError)(nil); errors.As(err, &dup) || taken != nil && !once.Alike(taken, o) {
		return nil, domain.ErrIDInUse
	}
	if err != nil {
		return nil, err
	}
	if taken != nil {
		return taken, nil
	}
	return o, nil
}

// OrganisationChange is a merge: nil leaves a field as it is.
type OrganisationChange struct {
	Name   *string
	Kind   *OrganisationKind
	Phone  *string
	Active *bool
}

// UpdateOrganisation changes an organisation. version is the one the caller
// knows, 0 for any. ErrNotFound, ErrForbidden, ErrStale, InvalidError.
func (s *Areas) UpdateOrganisation(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in OrganisationChange) (*Organisation, error) {
	was, err := s.Organisation(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if !access.MayManageOrganisations(actor, was.Place) {
		return nil, domain.ErrForbidden
	}
	var o *Organisation
	err = s.st.Update(ctx, []string{was.Partition}, func(tx *store.Tx) error {
		var err error
		if o, err = organisations.GetAt(ctx, tx, id, version); err != nil {
			return err
		}
		before := *o
		bad := &domain.InvalidError{}
		o.merge(in)
		if o.check(bad); bad.Err() != nil {
			return bad
		}
		if once.Alike(o, &before) && o.Active == before.Active {
			return nil
		}
		return organisations.Put(tx, o, entry(actor, now, "organisation.update", before.facts(), o.facts()))
	})
	if err != nil {
		return nil, err
	}
	return o, nil
}

func (o *Organisation) merge(in OrganisationChange) {
	if in.Name != nil {
		o.Name = strings.TrimSpace(*in.Name)
	}
	if in.Kind != nil {
		o.Kind = *in.Kind
	}
	if in.Phone != nil {
		o.Phone = strings.TrimSpace(*in.Phone)
	}
	if in.Active != nil {
		o.Active = *in.Active
	}
}

// Organisation returns one, to people who work; ErrNotFound for everybody else too.
func (s *Areas) Organisation(ctx context.Context, actor access.Actor, id string) (*Organisation, error) {
	if !access.SeesStaff(actor) {
		return nil, domain.ErrNotFound
	}
	return organisations.Get(ctx, s.st, id)
}

// OrganisationNames returns the names of organisations, by id, in one read;
// everybody may know them. Ids that are no organisation's are left out.
func (s *Areas) OrganisationNames(ctx context.Context, ids []string) (map[string]string, error) {
	found, err := organisations.GetMany(ctx, s.st, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(found))
	for id, o := range found {
		out[id] = o.Name
	}
	return out, nil
}

// LoadOrganisation returns one, for other parts of the domain; ErrNotFound.
func LoadOrganisation(ctx context.Context, r store.Reader, id string) (*Organisation, error) {
	return organisations.Get(ctx, r, id)
}

// AboutOrganisation reports whether an entry is about an organisation.
func AboutOrganisation(e *store.Entry) bool { return e.Collection == organisations.Spec().Name }

// OrganisationQuery asks for organisations, ordered by name.
type OrganisationQuery struct {
	Street string // code: those of the street and those that work everywhere; "" for all
	Kind   OrganisationKind
	Active *bool
	Limit  int
	Cursor string
}

// ListOrganisations returns a page and the cursor of the next, to people who
// work; ErrForbidden for everybody else. InvalidError for an unknown street.
func (s *Areas) ListOrganisations(ctx context.Context, actor access.Actor, q OrganisationQuery) ([]*Organisation, string, error) {
	if !access.SeesStaff(actor) {
		return nil, "", domain.ErrForbidden
	}
	var where []store.Cond
	if q.Kind != "" {
		where = append(where, store.Eq("kind", q.Kind))
	}
	if q.Active != nil {
		where = append(where, store.Eq("active", *q.Active))
	}
	ask := func(conds ...store.Cond) store.Query {
		return store.Query{Where: append(conds, where...), Order: []string{"name"}, Limit: q.Limit, After: q.Cursor}
	}
	if q.Street == "" {
		return organisations.Find(ctx, s.st, ask())
	}
	street, ok := s.Tree().ByCode(q.Street)
	if !ok || street.Level != access.Street {
		return nil, "", domain.Invalid("?area", domain.T("没有这个街道", "no such street"))
	}
	streets := append(s.Tree().Formerly(street.ID), "") // and those that work in all streets
	return organisations.Find(ctx, s.st, ask(store.In("place.street", streets...)))
}
