package handlers

import (
	"wangge/domain"
	"wangge/domain/household"
	"wangge/geo"
	"wangge/handlers/web"
)

type relocationIn struct {
	Address   addressIn       `json:"address" need:"true"`
	Position  *web.PositionIn `json:"position" need:"true"`
	Corrected bool            `json:"corrected"`
}

func moveHousehold(r *apiRequest) (*web.Reply, error) {
	var in relocationIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(false)
	if err != nil {
		return nil, err
	}
	bad := &domain.InvalidError{}
	at := in.Position.Read("/position", bad)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	return r.householdChanged(r.Households.Move(r.Ctx, r.Actor, r.Now, r.Param("id"), version,
		household.Relocation{Address: in.Address.address(), Position: at, Datum: geo.Datum(in.Position.Datum), Corrected: in.Corrected}))
}

type otherIn struct {
	Household string `json:"household" need:"true"`
}

func mergeHouseholds(r *apiRequest) (*web.Reply, error) {
	var in otherIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(false)
	if err != nil {
		return nil, err
	}
	return r.householdChanged(r.Households.Merge(r.Ctx, r.Actor, r.Now, r.Param("id"), version, in.Household))
}

func unmergeHouseholds(r *apiRequest) (*web.Reply, error) {
	var in otherIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(false)
	if err != nil {
		return nil, err
	}
	h, _, err := r.Households.Unmerge(r.Ctx, r.Actor, r.Now, r.Param("id"), version, in.Household)
	return r.householdChanged(h, err)
}

type awayIn struct {
	Confirmed *bool `json:"confirmed" need:"true"`
}

func decideAway(r *apiRequest) (*web.Reply, error) {
	var in awayIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(false)
	if err != nil {
		return nil, err
	}
	return r.householdChanged(r.Households.DecideAway(r.Ctx, r.Actor, r.Now, r.Param("id"), version, *in.Confirmed))
}

func listStays(r *apiRequest) (*web.Reply, error) {
	limit, cursor, err := r.Page()
	if err != nil {
		return nil, err
	}
	q := household.StayQuery{Household: r.Param("id"), Member: r.Query.Get("member"), Limit: limit, Cursor: cursor}
	if q.Address, err = r.Flag("address"); err != nil {
		return nil, err
	}
	found, next, err := r.Households.Stays(r.Ctx, r.Actor, q)
	if err != nil {
		return nil, err
	}
	items := make([]stayOut, len(found))
	for i, s := range found {
		items[i] = r.stayOut(s)
	}
	return web.Listed(items, next), nil
}

func addMember(r *apiRequest) (*web.Reply, error) {
	var in memberIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(false)
	if err != nil {
		return nil, err
	}
	if in.ID, err = chosen(in.ID); err != nil {
		return nil, err
	}
	out, err := r.householdMade(r.Households.AddMember(r.Ctx, r.Actor, r.Now, r.Param("id"), version, in.input()))
	if err == nil {
		out.Status = 201
	}
	return out, err
}

func patchMember(r *apiRequest) (*web.Reply, error) {
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	var in householdPersonIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	return r.householdMade(r.Households.UpdateMember(r.Ctx, r.Actor, r.Now, r.Param("id"), version, r.Param("member"), *in.input()))
}

func removeMember(r *apiRequest) (*web.Reply, error) {
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	h, err := r.Households.RemoveMember(r.Ctx, r.Actor, r.Now, r.Param("id"), version, r.Param("member"), household.Reason(r.Query.Get("reason")))
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

func moveMember(r *apiRequest) (*web.Reply, error) {
	var in toIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(false)
	if err != nil {
		return nil, err
	}
	r.About(in.To)
	_, into, err := r.Households.MoveMember(r.Ctx, r.Actor, r.Now, r.Param("id"), version, r.Param("member"), in.To)
	return r.householdChanged(into, err)
}

func putMemberTag(r *apiRequest) (*web.Reply, error) {
	var in tagIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	if code := r.Param("tag"); in.Code == "" || in.Code == code {
		in.Code = code
	} else {
		return nil, domain.Invalid("/code", domain.T("与地址中的标签不同", "differs from the tag in the address"))
	}
	return r.householdChanged(r.Households.Tag(r.Ctx, r.Actor, r.Now, r.Param("id"), version, r.Param("member"), in.input()))
}

func deleteMemberTag(r *apiRequest) (*web.Reply, error) {
	version, err := r.IfMatch(false)
	if err != nil {
		return nil, err
	}
	return r.householdChanged(r.Households.Untag(r.Ctx, r.Actor, r.Now, r.Param("id"), version, r.Param("member"), r.Param("tag")))
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

func revealPerson(r *apiRequest) (*web.Reply, error) {
	var in revealPersonIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	out, err := r.Households.Reveal(r.Ctx, r.Actor, r.Now, r.Param("id"), in.Person, codes(in.Fields), in.Reason)
	if err != nil {
		return nil, err
	}
	return web.OK(revealedPerson{out.Name, out.Phone, out.IDNumber}), nil
}
