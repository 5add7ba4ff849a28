package household

import (
	"wangge/domain"
	"wangge/domain/fold"
)

// identity is what tells people apart.
type identity struct{ name, phone, idNumber string } // the name folded, blind indexes of the others

func (s *Households) identity(p *Person) (identity, error) {
	name, err := s.keys.Open(p.Name, sealedAt(p.ID, "name"))
	return identity{fold.Name(name), p.PhoneIndex, p.IDNumberIndex}, err
}

// identified is the identity that an input says.
func (s *Households) identified(n normal) identity {
	value := func(v *string) string {
		if v == nil {
			return ""
		}
		return *v
	}
	return identity{fold.Name(value(n.name)), s.keys.Index("phone", value(n.phone)), s.keys.Index("idNumber", value(n.idNumber))}
}

// withoutKnownName is what an input says of somebody known, without a name that they have
// already in other characters.
func (s *Households) withoutKnownName(known *Person, n normal) (normal, error) {
	if n.name == nil {
		return n, nil
	}
	name, err := s.keys.Open(known.Name, sealedAt(known.ID, "name"))
	if err == nil && fold.Name(name) == fold.Name(*n.name) {
		n.name = nil
	}
	return n, err
}

// find returns the position of the member who is this person; -1. People are
// the same by ID number or, where one of them has none, by name and phone, or
// by name where one of them has no phone; whom more is known of goes first.
func (s *Households) find(members []Member, who identity) (int, error) {
	found := -1
	for i := range members {
		m, err := s.identity(&members[i].Person)
		if err != nil {
			return -1, err
		}
		switch {
		case m.idNumber != "" && who.idNumber != "":
			if m.idNumber == who.idNumber {
				return i, nil
			}
		case m.name != who.name:
		case m.phone == who.phone:
			return i, nil
		case found < 0 && (m.phone == "" || who.phone == ""):
			found = i
		}
	}
	return found, nil
}

// unclear is a person of a file who may be more than one of the members.
const unclear = -2

// recognise says which members the rows of an address are about; -1: none yet.
// Who is found by nothing else is the member of the same name, with another
// phone, whom no other row is about: the phone is new, and that is warned of.
// Where several have that name, the row is refused rather than one of them doubled.
func (im *importing) recognise(p *importPlan, members []Member, rows []registered) ([]int, error) {
	out, taken := make([]int, len(rows)), map[int]bool{}
	for i, row := range rows {
		at, err := im.find(members, im.identified(row.normal))
		if err != nil {
			return nil, err
		}
		if out[i] = at; at >= 0 && taken[at] { // by the row of another person
			out[i] = -1
		} else {
			taken[at] = true
		}
	}
	for i, row := range rows {
		if out[i] >= 0 {
			continue
		}
		same, err := im.namesakes(members, im.identified(row.normal), taken)
		switch {
		case err != nil:
			return nil, err
		case len(same) == 1:
			out[i], taken[same[0]] = same[0], true
			p.warn(row.line, "phone", "phone_changed", domain.T("与本户同名成员已登记的电话不同，已改为该电话", "another phone than was known of the member of this name, which it replaces"))
		case len(same) > 1:
			out[i] = unclear
			p.fault(row.line, "name", "namesakes", domain.T("本户有多名同名成员，请填写身份证号", "several members have this name: give the ID number"))
		}
	}
	return out, nil
}

// namesakes are the members of the name who are not taken and may, by their ID number, be this person.
func (im *importing) namesakes(members []Member, who identity, taken map[int]bool) ([]int, error) {
	var out []int
	for i := range members {
		m, err := im.identity(&members[i].Person)
		if err != nil {
			return nil, err
		}
		if !taken[i] && m.name == who.name && (m.idNumber == "" || who.idNumber == "") {
			out = append(out, i)
		}
	}
	return out, nil
}
