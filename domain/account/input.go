package account

import (
	"crypto/rand"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"wangge/domain"
	"wangge/domain/personal"
)

var usernameForm = regexp.MustCompile(`^[a-z0-9._-]{3,64}$`)

// nameMost is the longest name, in characters.
const nameMost = 64

// normalUsername is the form in which usernames are compared.
func normalUsername(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// contact is a phone as an account keeps it.
type contact struct {
	plain  string
	sealed personal.Sealed
	index  string
	masked string
}

// sealedName is a name as an account keeps it.
type sealedName struct {
	plain  string
	sealed personal.Sealed
	masked string
}

// phone normalises and seals a phone for the account; "" is no phone.
func (s *Accounts) phone(id, text string, bad *domain.InvalidError) (contact, error) {
	if text == "" {
		return contact{}, nil
	}
	plain, err := personal.NormalisePhone(text)
	if form := (*personal.FormatError)(nil); errors.As(err, &form) {
		bad.Add("/phone", form.Detail)
		return contact{}, nil
	}
	sealed, err := s.keys.Seal(plain, phoneAt(id))
	return contact{plain, sealed, s.phoneIndex(plain), personal.MaskPhone(plain)}, err
}

func (s *Accounts) phoneIndex(normalised string) string { return s.keys.Index("phone", normalised) }

// sealName checks and seals a name for the account.
func (s *Accounts) sealName(id, text string, bad *domain.InvalidError) (sealedName, error) {
	plain := norm.NFC.String(strings.TrimSpace(text))
	switch {
	case plain == "" || utf8.RuneCountInString(plain) > nameMost:
		bad.Add("/name", domain.T("姓名应为1至64个字符", "a name has 1 to 64 characters"))
		return sealedName{}, nil
	}
	if fault := domain.TextFault(plain, false); fault != (domain.Text{}) {
		bad.Add("/name", fault)
		return sealedName{}, nil
	}
	sealed, err := s.keys.Seal(plain, nameAt(id))
	return sealedName{plain, sealed, personal.MaskName(plain)}, err
}

func nameAt(id string) string  { return "accounts/" + id + "/name" }
func phoneAt(id string) string { return "accounts/" + id + "/phone" }

// password checks and hashes a new password.
func password(username, text string, bad *domain.InvalidError) (string, error) {
	if fault := PasswordFault(username, text); fault != (domain.Text{}) {
		bad.Add("/password", fault)
		return "", nil
	}
	return HashPassword(rand.Reader, text)
}

func language(tag string, bad *domain.InvalidError) string {
	if !slices.Contains(Languages, tag) {
		bad.Add("/language", LanguageWords.Fault())
	}
	return tag
}

// setPhone keeps the phone, to be found by only where it is the account's own:
// who signs in by it, or proved that it is theirs. What a manager notes for a
// member of staff is a number to call: it takes nobody's phone from them, and
// tells nothing of whose it is.
func (a *Account) setPhone(c contact, own bool) {
	a.Phone, a.PhoneIndex, a.PhoneMasked = c.sealed, "", c.masked
	a.PhoneProved, a.PhoneSince = time.Time{}, time.Time{}
	if own {
		a.PhoneIndex = c.index
	}
}

// setName keeps the name in clear too; settle drops it where it may not be shown.
func (a *Account) setName(n sealedName) {
	a.Name, a.NameSealed, a.NameMasked = n.plain, n.sealed, n.masked
}
