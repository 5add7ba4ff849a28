package ticket

import (
	"regexp"
	"strings"
	"unicode"

	"wangge/domain/fold"
)

// A ticket is found by the grams of its receipt number, title and address, see
// package fold, and by its number whole and by every beginning of it that goes
// beyond the street's code.

// beginsNumber is what a receipt number or a beginning of one looks like. A
// street's code has at least nine digits, which the number of a door has not.
var beginsNumber = regexp.MustCompile(`^[0-9]{9,}-([0-9]{1,6}|[0-9]{6}-[0-9]*)$|^[0-9]+-[0-9]{6}-[0-9]+$`)

// numberGram is that of a receipt number or a beginning of one.
func numberGram(beginning string) string { return "number:" + beginning }

// grams returns what a ticket is found by.
func grams(number, title, address string) []string {
	out := fold.Grams(number, title, address)
	for i := strings.IndexByte(number, '-') + 2; i <= len(number); i++ {
		if number[i-1] != '-' {
			out = append(out, numberGram(number[:i]))
		}
	}
	return out
}

// asked returns the grams that what a search text looks for must all have;
// none for a text without letters and digits. fold.ErrTooShort.
func asked(text string) ([]string, error) {
	number := strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Pd, r) {
			return '-'
		}
		return r
	}, fold.Text(text)))
	if beginsNumber.MatchString(number) {
		return []string{numberGram(strings.TrimSuffix(number, "-"))}, nil
	}
	words, err := fold.Search(text)
	var out []string
	for _, word := range words {
		out = append(out, word...)
	}
	return out, err
}
