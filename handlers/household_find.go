package handlers

import (
	"wangge/domain/household"
	"wangge/handlers/web"
)

type findIn struct {
	Phone    string `json:"phone"`
	IDNumber string `json:"idNumber"`
	Purpose  string `json:"purpose" need:"true"`
}

// foundOut is the only household of somebody with the number, or none.
type foundOut struct {
	Household   *foundHousehold `json:"household"`
	AskIDNumber bool            `json:"askIdNumber"` // of none by phone: there is none, or there are several
}

// foundHousehold is what a counter needs to open something for it.
type foundHousehold struct {
	ID      string            `json:"id"`
	Address addressOut        `json:"address"`
	Place   placeOut          `json:"place"`
	People  []householdPerson `json:"people"`
}

func findHousehold(r *apiRequest) (*web.Reply, error) {
	var in findIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	found, err := r.Households.Find(r.Ctx, r.Actor, r.Now, household.Asked{Phone: in.Phone, IDNumber: in.IDNumber, Purpose: in.Purpose})
	if err != nil {
		return nil, err
	}
	if found == nil {
		return web.OK(foundOut{AskIDNumber: in.Phone != ""}), nil
	}
	out := &foundHousehold{ID: found.ID, Address: addressTo(found.Address), Place: r.placeOut(found.Place), People: []householdPerson{}}
	for _, p := range []*household.Person{found.Owner, found.Occupant} {
		if p != nil {
			out.People = append(out.People, *householdPersonTo(p))
		}
	}
	for i := range found.Members {
		out.People = append(out.People, *householdPersonTo(&found.Members[i].Person))
	}
	return web.OK(foundOut{Household: out}), nil
}
