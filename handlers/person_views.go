package handlers

import (
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
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
	people map[string]*account.Account
	orgs   map[string]*area.Organisation
}

// assignee names who has the ticket. A resident reads the organisation's name, but not that of a person.
func (n names) assignee(a access.Assignee, whole bool) *assigneeOut {
	switch a.Kind {
	case access.Organisation:
		out := &assigneeOut{Kind: a.Kind, ID: a.ID}
		if o := n.orgs[a.ID]; o != nil {
			out.Name = o.Name
		}
		return out
	case access.Person:
		out := &assigneeOut{Kind: a.Kind}
		if p := n.people[a.ID]; p != nil && whole {
			out.ID, out.Name = a.ID, p.DisplayName()
		}
		return out
	}
	return nil
}

func (n names) person(id string) *personOut {
	a := n.people[id]
	if a == nil {
		return nil
	}
	return &personOut{ID: id, Name: a.DisplayName(), Phone: a.PhoneMasked}
}

// peopleOf are the accounts that an answer speaks of.
func (r *request) peopleOf(ids map[string]bool) (n names, err error) {
	delete(ids, "")
	n.people, err = account.All.GetMany(r.Ctx, r.Store, keys(ids))
	return n, err
}

type orgRefOut struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}
