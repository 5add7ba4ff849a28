package area

import (
	"regexp"
	"slices"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

// OrganisationKind is what kind of body an organisation is.
type OrganisationKind string

// OrganisationKinds are the kinds there are.
var OrganisationKinds = domain.CodesOf[OrganisationKind](OrganisationKindWords)

// Organisation 处置单位 is a body that mends things: tickets are assigned to
// it, and its handlers work on them.
type Organisation struct {
	store.Meta `store:",inline" once:"-"`
	Name       string           `store:"name"`
	Kind       OrganisationKind `store:"kind"`
	Place      access.Place     `store:"place"` // of its street; zero where it works everywhere
	Phone      string           `store:"phone"` // a public number, in clear; may be empty
	Active     bool             `store:"active" once:"-"`
}

// organisations is every organisation.
var organisations = store.Declare[Organisation](store.Declaration{
	Name: "organisations", Schema: 1,
	Indexes:    []string{"street: place.street, name", "name: name"},
	Predicates: []string{"kind", "active"},
})

func (o *Organisation) facts() store.Facts {
	if o.Active {
		return store.Facts{State: "active"}
	}
	return store.Facts{State: "inactive"}
}

var phoneForm = regexp.MustCompile(`^\+?[0-9][0-9 ()-]{1,18}[0-9]$`)

func (o *Organisation) check(bad *domain.InvalidError) {
	if fault := nameFault(o.Name); fault != (domain.Text{}) {
		bad.Add("/name", fault)
	}
	if !slices.Contains(OrganisationKinds, o.Kind) {
		bad.Add("/kind", OrganisationKindWords.Fault())
	}
	if o.Phone != "" && !phoneForm.MatchString(o.Phone) {
		bad.Add("/phone", domain.T("电话号码有误", "not a phone number"))
	}
}
