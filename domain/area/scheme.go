package area

import (
	"fmt"
	"strconv"
	"strings"

	"wangge/domain/access"
)

// Scheme is how the codes of cells are made up: the code of the area at Level,
// then Digits digits, not all 0. It is configuration, since places differ.
type Scheme struct {
	Level  access.Level
	Digits int
}

// DefaultScheme: the 12 digits of the community and a number from 001 to 999.
var DefaultScheme = Scheme{access.Community, 3}

// ParseScheme reads "community+3": an area level and how many digits follow its code.
func ParseScheme(text string) (Scheme, error) {
	level, n, _ := strings.Cut(text, "+")
	s := Scheme{Level: access.Level(level)}
	var err error
	if s.Digits, err = strconv.Atoi(n); err != nil || s.Digits < 1 || s.Digits > 12 || digits[s.Level] == 0 {
		return Scheme{}, fmt.Errorf("cell code scheme %q is not like %q: city, county, street or community, +, 1 to 12", text, DefaultScheme)
	}
	return s, nil
}

func (s Scheme) String() string { return fmt.Sprintf("%s+%d", s.Level, s.Digits) }

// prefix returns the area code that a cell's code begins with; "" if it is no code of this scheme.
func (s Scheme) prefix(code string) string {
	n := digits[s.Level]
	if len(code) != n+s.Digits || strings.Trim(code, "0123456789") != "" || strings.Trim(code[n:], "0") == "" {
		return ""
	}
	return code[:n]
}
