package intake

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

// Applicant is whose matter it is.
type Applicant struct {
	Name     Sealed `store:"name,omitempty"`
	Phone    Sealed `store:"phone,omitempty"`
	IDNumber Sealed `store:"idNumber,omitempty"`
	Account  string `store:"account,omitempty"` // id of who asked for it by an account of their own
}

// Sealed is one thing that identifies somebody.
type Sealed struct {
	Value  personal.Sealed `store:"value"`
	For    string          `store:"for"` // id that it is sealed for
	Masked string          `store:"masked"`
	Index  string          `store:"index,omitempty"` // blind
}

// IsZero says whether nothing is known.
func (s Sealed) IsZero() bool { return s.Value.IsZero() }

// ApplicantInput is whose matter it is; each may be "".
type ApplicantInput struct{ Name, Phone, IDNumber string }

// check normalises what is said and notes what is wrong with it, below pointer.
func (in *ApplicantInput) check(pointer string, now time.Time, bad *domain.InvalidError) {
	in.Name = norm.NFC.String(strings.TrimSpace(in.Name))
	if utf8.RuneCountInString(in.Name) > 64 {
		bad.Add(pointer+"/name", domain.T("内容过长", "too long"))
	}
	number := func(field string, value *string, normalise func(string) (string, error)) {
		if strings.TrimSpace(*value) == "" {
			*value = ""
			return
		}
		plain, err := normalise(*value)
		if form := (*personal.FormatError)(nil); errors.As(err, &form) {
			bad.Add(pointer+"/"+field, form.Detail)
			return
		}
		*value = plain
	}
	number("phone", &in.Phone, personal.NormalisePhone)
	number("idNumber", &in.IDNumber, func(n string) (string, error) { return personal.NormaliseIDNumber(n, now) })
}

// seal seals what is said for an id, outside of any update: the same value is
// never sealed to the same bytes twice. What is not said is left out.
func (in ApplicantInput) seal(keys *personal.Keys, id string) (out Applicant, err error) {
	for _, f := range []struct {
		plain, field string
		mask         func(string) string
		to           *Sealed
	}{{in.Name, "name", personal.MaskName, &out.Name}, {in.Phone, "phone", personal.MaskPhone, &out.Phone}, {in.IDNumber, "idNumber", personal.MaskIDNumber, &out.IDNumber}} {
		if f.plain == "" {
			continue
		}
		sealed, err := keys.Seal(f.plain, sealedAt(id, f.field))
		if err != nil {
			return out, err
		}
		*f.to = Sealed{sealed, id, f.mask(f.plain), keys.Index(f.field, f.plain)}
	}
	out.Name.Index = "" // nobody is looked for by name
	return out, nil
}

// sealedAt is the place that a field of an applicant is sealed for.
func sealedAt(id, field string) string { return "applicants/" + id + "/" + field }

// with is the applicant as it is known with what is said now; what is not said stays.
func (a Applicant) with(said Applicant) Applicant {
	for _, f := range []struct{ to, said *Sealed }{{&a.Name, &said.Name}, {&a.Phone, &said.Phone}, {&a.IDNumber, &said.IDNumber}} {
		if !f.said.Value.IsZero() {
			*f.to = *f.said
		}
	}
	return a
}

// open is the applicant in clear.
func (a Applicant) open(keys *personal.Keys) (out ApplicantInput, err error) {
	var errs [3]error
	out.Name, errs[0] = keys.Open(a.Name.Value, sealedAt(a.Name.For, "name"))
	out.Phone, errs[1] = keys.Open(a.Phone.Value, sealedAt(a.Phone.For, "phone"))
	out.IDNumber, errs[2] = keys.Open(a.IDNumber.Value, sealedAt(a.IDNumber.For, "idNumber"))
	return out, errors.Join(errs[:]...)
}

// only is what was asked for.
func (in ApplicantInput) only(fields []string) ApplicantInput {
	for field, value := range map[string]*string{"name": &in.Name, "phone": &in.Phone, "idNumber": &in.IDNumber} {
		if !slices.Contains(fields, field) {
			*value = ""
		}
	}
	return in
}
