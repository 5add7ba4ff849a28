package household

import (
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"wangge/domain"
	"wangge/domain/personal"
)

// PersonInput is what a caller says of somebody; nil leaves a field as it is, "" clears it.
type PersonInput struct {
	Name     *string
	Phone    *string
	IDNumber *string // of members only
	Relation *string
}

// normal is a PersonInput, checked and normalised.
type normal struct{ name, phone, idNumber, relation *string }

// normal notes what is wrong with what is said of a person; pointer is where that is in the input.
func (in PersonInput) normal(pointer string, now time.Time, bad *domain.InvalidError) normal {
	field := func(name string, value *string, normalise func(string) (string, error)) *string {
		if value == nil {
			return nil
		}
		plain := strings.TrimSpace(*value)
		if plain == "" {
			return &plain
		}
		plain, err := normalise(plain)
		if form := (*personal.FormatError)(nil); errors.As(err, &form) {
			bad.Add(pointer+"/"+name, form.Detail)
		}
		return &plain
	}
	short := func(name string, most int) func(string) (string, error) {
		return func(value string) (string, error) {
			text(bad, pointer+"/"+name, value, most)
			return norm.NFC.String(value), nil
		}
	}
	return normal{
		name:     field("name", in.Name, short("name", 64)),
		phone:    field("phone", in.Phone, personal.NormalisePhone),
		idNumber: field("idNumber", in.IDNumber, func(n string) (string, error) { return personal.NormaliseIDNumber(n, now) }),
		relation: field("relation", in.Relation, short("relation", 20)),
	}
}

// facet is a value as it is stored.
type facet struct {
	set    bool // else it is left as it is
	plain  string
	sealed personal.Sealed
	index  string
	masked string
}

// prepared is a PersonInput, checked, normalised and sealed for the person with the id.
type prepared struct {
	id                    string
	name, phone, idNumber facet
	relation              *string
}

// prepare checks and seals what is said of a person.
func (s *Households) prepare(id string, in PersonInput, pointer string, now time.Time, bad *domain.InvalidError) (prepared, error) {
	n := in.normal(pointer, now, bad)
	if bad.Err() != nil {
		return prepared{id: id}, nil // of no use
	}
	return s.seal(id, n)
}

// seal seals for the person with the id, outside of any update: the same value
// is never sealed to the same bytes twice.
func (s *Households) seal(id string, n normal) (prepared, error) {
	facet := func(field string, plain *string, mask func(string) string) (facet, error) {
		if plain == nil {
			return facet{}, nil
		}
		sealed, err := s.keys.Seal(*plain, sealedAt(id, field))
		f := facet{set: true, plain: *plain, sealed: sealed, index: s.keys.Index(field, *plain)}
		if *plain != "" {
			f.masked = mask(*plain)
		}
		return f, err
	}
	out := prepared{id: id, relation: n.relation}
	var errs [3]error
	out.name, errs[0] = facet("name", n.name, personal.MaskName)
	out.phone, errs[1] = facet("phone", n.phone, personal.MaskPhone)
	out.idNumber, errs[2] = facet("idNumber", n.idNumber, personal.MaskIDNumber)
	return out, errors.Join(errs[:]...)
}

// sealedAt is the place that a field of a person is sealed for.
func sealedAt(id, field string) string { return "persons/" + id + "/" + field }

// apply changes the person and reports whether that made a difference to what is known.
func (p *Person) apply(keys *personal.Keys, in prepared) (changed bool, err error) {
	if in.name.set {
		was, err := keys.Open(p.Name, sealedAt(p.ID, "name"))
		if err != nil {
			return false, err
		}
		if was != in.name.plain {
			p.Name, p.NameMasked, changed = in.name.sealed, in.name.masked, true
		}
	}
	if in.phone.set && p.PhoneIndex != in.phone.index {
		p.Phone, p.PhoneMasked, p.PhoneIndex, changed = in.phone.sealed, in.phone.masked, in.phone.index, true
	}
	if in.idNumber.set && p.IDNumberIndex != in.idNumber.index {
		p.IDNumber, p.IDNumberMasked, p.IDNumberIndex, changed = in.idNumber.sealed, in.idNumber.masked, in.idNumber.index, true
	}
	if in.relation != nil && p.Relation != *in.relation {
		p.Relation, changed = *in.relation, true
	}
	return changed, nil
}

// empty reports whether nothing is known of the person.
func (p *Person) empty() bool { return p.Name.IsZero() && p.Phone.IsZero() }

// text notes what is wrong with a short text.
func text(bad *domain.InvalidError, pointer, value string, most int) {
	if utf8.RuneCountInString(value) > most {
		bad.Add(pointer, domain.T("内容过长", "too long"))
		return
	}
	legible(bad, pointer, value)
}

// legible notes what keeps a text in one line from being read.
func legible(bad *domain.InvalidError, pointer, value string) {
	if fault := domain.TextFault(value, false); fault != (domain.Text{}) {
		bad.Add(pointer, fault)
	}
}

// setContact changes, makes or, when nothing is left known of them, removes
// one of the people who are not members. errUnprepared when in was sealed for
// somebody else than the contact is by now.
func (h *Household) setContact(keys *personal.Keys, as string, in prepared) (changed bool, err error) {
	at := h.contact(as)
	p := Person{ID: in.id}
	if *at != nil {
		p = **at
	}
	if p.ID != in.id {
		return false, errUnprepared
	}
	if changed, err = p.apply(keys, in); err != nil || !changed {
		return false, err
	}
	if *at = &p; p.empty() {
		*at = nil
	}
	return true, nil
}

// sameNumberTwice notes a citizen who would be a member twice.
func (h *Household) sameNumberTwice(in prepared, pointer string, bad *domain.InvalidError) {
	if in.idNumber.index != "" && slices.ContainsFunc(h.Members, func(m Member) bool { return m.ID != in.id && m.IDNumberIndex == in.idNumber.index }) {
		bad.Add(pointer+"/idNumber", sameNumber)
	}
}

var sameNumber = domain.T("该身份证号码已在本户成员中", "another member of the household has this ID number")
