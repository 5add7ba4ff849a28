package handlers

import (
	"wangge/domain/access"
	"wangge/domain/account"
)

// personOut is a person with what of them is shown: staff by name, residents masked.
type personOut struct {
	ID    string `json:"id,omitempty"`
	Name  string `json:"name"`
	Phone string `json:"phone,omitempty"` // masked
}

// assigneeOut is who has a ticket; only its kind, where the reader is not shown the person.
type assigneeOut struct {
	Kind string `json:"kind"`
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// names are the people and organisations that a list of tickets speaks of.
type names struct {
	people map[string]account.Person
	orgs   map[string]string
}

// assignee names who has the ticket. A resident reads the organisation's name, but not that of a person.
func (n names) assignee(a access.Assignee, whole bool) *assigneeOut {
	switch a.Kind {
	case access.Organisation:
		return &assigneeOut{Kind: a.Kind, ID: a.ID, Name: n.orgs[a.ID]}
	case access.Person:
		out := &assigneeOut{Kind: a.Kind}
		if p, ok := n.people[a.ID]; ok && whole {
			out.ID, out.Name = a.ID, p.Name
		}
		return out
	}
	return nil
}

func (n names) person(id string) *personOut {
	p, ok := n.people[id]
	if !ok {
		return nil
	}
	return &personOut{ID: id, Name: p.Name, Phone: p.PhoneMasked}
}

// peopleOf are the people that an answer speaks of.
func (r *apiRequest) peopleOf(ids map[string]bool) (n names, err error) {
	delete(ids, "")
	n.people, err = r.Accounts.People(r.Ctx, keys(ids))
	return n, err
}

// namesOf are the people whom things name, one each.
func namesOf[T any](r *apiRequest, things []T, who func(T) string) (names, error) {
	ids := map[string]bool{}
	for _, t := range things {
		ids[who(t)] = true
	}
	return r.peopleOf(ids)
}

// orgRefOut names an organisation or a station.
type orgRefOut struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}
