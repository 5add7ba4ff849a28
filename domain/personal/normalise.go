package personal

import (
	"regexp"
	"strings"
	"time"
	"unicode"

	"wangge/domain"
	"wangge/domain/civil"
	"wangge/domain/fold"
)

// FormatError says why a phone or ID number is not one. It never holds the value.
type FormatError struct{ Detail domain.Text }

func (e *FormatError) Error() string { return e.Detail.EN }

// What can be wrong with a value, as the normalisers return it.
var (
	ErrPhone = &FormatError{domain.T("不是有效的手机号码或带区号的固定电话",
		"not a mainland mobile number, nor a landline with its area code")}
	ErrIDLength   = &FormatError{domain.T("身份证号码应为18位", "an ID number has 17 digits and a digit or X")}
	ErrIDBirth    = &FormatError{domain.T("身份证号码中的出生日期不正确", "the date of birth in the ID number is not possible")}
	ErrIDChecksum = &FormatError{domain.T("身份证号码校验位不正确", "the last character of the ID number does not match the others")}
)

var (
	mobile   = regexp.MustCompile(`^1[3-9][0-9]{9}$`)
	landline = regexp.MustCompile(`^0(?:10|2[0-9])[2-8][0-9]{7}$|^0[3-9][0-9]{2}[2-8][0-9]{6,7}$`)
	idNumber = regexp.MustCompile(`^[1-9][0-9]{16}[0-9X]$`)
)

// NormalisePhone returns the digits of a mainland number as they are dialled
// inside the country: 11 of a mobile, or a landline with its area code and the
// 0 before it. The country code (+86, 0086), spaces, dashes, brackets and
// full-width characters are taken. Its error is ErrPhone.
func NormalisePhone(s string) (string, error) {
	s = compact(s)
	for _, code := range []string{"+86", "0086"} {
		if rest, ok := strings.CutPrefix(s, code); ok {
			s = rest
			if !IsMobile(s) && !strings.HasPrefix(s, "0") {
				s = "0" + s // the 0 of an area code is left out behind the country code
			}
			break
		}
	}
	if !IsMobile(s) && !landline.MatchString(s) {
		return "", ErrPhone
	}
	return s, nil
}

// IsMobile says whether a normalised phone can receive text messages.
func IsMobile(phone string) bool { return mobile.MatchString(phone) }

// NormaliseIDNumber returns the 18 characters of a citizen's identity number
// (GB 11643-1999) with a capital X, after checking its checksum and that the
// date of birth exists, in the years from 1900 up to now. Its errors are
// ErrIDLength, ErrIDBirth and ErrIDChecksum.
func NormaliseIDNumber(s string, now time.Time) (string, error) {
	s = strings.ToUpper(compact(s))
	if !idNumber.MatchString(s) {
		return "", ErrIDLength
	}
	born, err := time.ParseInLocation("20060102", s[6:14], civil.Zone)
	if err != nil || born.Year() < 1900 || born.After(now) {
		return "", ErrIDBirth
	}
	if s[17] != checkCharacter(s[:17]) {
		return "", ErrIDChecksum
	}
	return s, nil
}

// checkCharacter is the ISO 7064 MOD 11-2 check character of the digits.
func checkCharacter(digits string) byte {
	sum := 0
	for _, d := range digits {
		sum = (sum + int(d-'0')) * 2 % 11
	}
	return "10X98765432"[sum]
}

// compact folds a number and drops spaces, dashes and brackets.
func compact(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || r == '(' || r == ')' {
			return -1
		}
		return r
	}, fold.Text(s))
}
