package handlers

import (
	"wangge/domain"
	"wangge/domain/household"
	"wangge/geo"
)

type relocationIn struct {
	Address   addressIn   `json:"address" need:"true"`
	Position  *positionIn `json:"position" need:"true"`
	Corrected bool        `json:"corrected"`
}

func moveHousehold(r *request) (*reply, error) {
	var in relocationIn
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	version, err := r.ifMatch(false)
	if err != nil {
		return nil, err
	}
	bad := &domain.InvalidError{}
	at := in.Position.read("/position", bad)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	return r.householdChanged(r.Households.Move(r.ctx, r.actor, r.now, r.c.Params("id"), version,
		household.Relocation{Address: in.Address.address(), Position: at, Datum: geo.Datum(in.Position.Datum), Corrected: in.Corrected}))
}

type otherIn struct {
	Household string `json:"household" need:"true"`
}

func mergeHouseholds(r *request) (*reply, error) {
	var in otherIn
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	version, err := r.ifMatch(false)
	if err != nil {
		return nil, err
	}
	return r.householdChanged(r.Households.Merge(r.ctx, r.actor, r.now, r.c.Params("id"), version, in.Household))
}

func unmergeHouseholds(r *request) (*reply, error) {
	var in otherIn
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	version, err := r.ifMatch(false)
	if err != nil {
		return nil, err
	}
	h, _, err := r.Households.Unmerge(r.ctx, r.actor, r.now, r.c.Params("id"), version, in.Household)
	return r.householdChanged(h, err)
}

type awayIn struct {
	Confirmed *bool `json:"confirmed" need:"true"`
}

func decideAway(r *request) (*reply, error) {
	var in awayIn
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	version, err := r.ifMatch(false)
	if err != nil {
		return nil, err
	}
	return r.householdChanged(r.Households.DecideAway(r.ctx, r.actor, r.now, r.c.Params("id"), version, *in.Confirmed))
}

func listStays(r *request) (*reply, error) {
	limit, cursor, err := r.page()
	if err != nil {
		return nil, err
	}
	q := household.StayQuery{Household: r.c.Params("id"), Member: r.query.get("member"), Limit: limit, Cursor: cursor}
	if q.Address, err = r.flag("address"); err != nil {
		return nil, err
	}
	found, next, err := r.Households.Stays(r.ctx, r.actor, q)
	if err != nil {
		return nil, err
	}
	items := make([]stayOut, len(found))
	for i, s := range found {
		items[i] = r.stayOut(s)
	}
	return listed(items, next), nil
}

func addMember(r *request) (*reply, error) {
	var in memberIn
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	version, err := r.ifMatch(false)
	if err != nil {
		return nil, err
	}
	if in.ID, err = r.chosen(in.ID); err != nil {
		return nil, err
	}
	out, err := r.householdMade(r.Households.AddMember(r.ctx, r.actor, r.now, r.c.Params("id"), version, in.input()))
	if err == nil {
		out.status = 201
	}
	return out, err
}

func patchMember(r *request) (*reply, error) {
	version, err := r.ifMatch(true)
	if err != nil {
		return nil, err
	}
	var in householdPersonIn
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	return r.householdMade(r.Households.ChangeMember(r.ctx, r.actor, r.now, r.c.Params("id"), version, r.c.Params("member"), *in.input()))
}

func removeMember(r *request) (*reply, error) {
	version, err := r.ifMatch(true)
	if err != nil {
		return nil, err
	}
	h, err := r.Households.RemoveMember(r.ctx, r.actor, r.now, r.c.Params("id"), version, r.c.Params("member"), household.Reason(r.query.get("reason")))
	return r.householdChanged(h, inQuery("/reason", err))
}

// inQuery says that a field of the domain's input is a parameter here.
func inQuery(pointer string, err error) error {
	if bad, ok := err.(*domain.InvalidError); ok && len(bad.Fields) == 1 && bad.Fields[0].Pointer == pointer {
		return domain.Invalid("?"+pointer[1:], bad.Fields[0].Detail)
	}
	return err
}

type toIn struct {
	To string `json:"to" need:"true"`
}

func moveMember(r *request) (*reply, error) {
	var in toIn
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	version, err := r.ifMatch(false)
	if err != nil {
		return nil, err
	}
	r.toward(in.To)
	_, into, err := r.Households.MoveMember(r.ctx, r.actor, r.now, r.c.Params("id"), version, r.c.Params("member"), in.To)
	return r.householdChanged(into, err)
}

func putMemberTag(r *request) (*reply, error) {
	var in tagIn
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	version, err := r.ifMatch(true)
	if err != nil {
		return nil, err
	}
	if code := r.c.Params("tag"); in.Code == "" || in.Code == code {
		in.Code = code
	} else {
		return nil, domain.Invalid("/code", domain.T("与地址中的标签不同", "differs from the tag in the address"))
	}
	return r.householdChanged(r.Households.Tag(r.ctx, r.actor, r.now, r.c.Params("id"), version, r.c.Params("member"), in.input()))
}

func deleteMemberTag(r *request) (*reply, error) {
	version, err := r.ifMatch(false)
	if err != nil {
		return nil, err
	}
	return r.householdChanged(r.Households.Untag(r.ctx, r.actor, r.now, r.c.Params("id"), version, r.c.Params("member"), r.c.Params("tag")))
}

type revealPersonIn struct {
	Person string        `json:"person" need:"true"`
	Fields []personField `json:"fields" need:"true"`
	Reason string        `json:"reason" need:"true"`
}

// revealedPerson has what was asked for.
type revealedPerson struct {
	Name     string `json:"name,omitempty"`
	Phone    string `json:"phone,omitempty"`
	IDNumber string `json:"idNumber,omitempty"`
}

func revealPerson(r *request) (*reply, error) {
	var in revealPersonIn
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	out, err := r.Households.Reveal(r.ctx, r.actor, r.now, r.c.Params("id"), in.Person, codes(in.Fields), in.Reason)
	if err != nil {
		return nil, err
	}
	return ok(revealedPerson{out.Name, out.Phone, out.IDNumber}), nil
}
