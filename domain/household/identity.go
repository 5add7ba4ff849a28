package household

import "wangge/domain/fold"

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

// news is what an input says of somebody known, without a name that they have
// already in other characters.
func (s *Households) news(known *Person, n normal) (normal, error) {
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
