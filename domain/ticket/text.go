package ticket

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// receiptForm is what a whole receipt number looks like.
var receiptForm = regexp.MustCompile(`^[0-9]+-[0-9]{6}-[0-9]+$`)

// grams returns what a ticket is found by: the receipt number as a whole, and
// of number, title and address every character and every two neighbouring
// ones, folded (full width and case), of words of letters and digits only.
func grams(number string, texts ...string) []string {
	out := []string{number}
	for _, text := range append(texts, number) {
		for _, word := range words(text) {
			for i, r := range word {
				out = append(out, string(r))
				if i+1 < len(word) {
					out = append(out, string(word[i:i+2]))
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// asked returns the grams that what a search text looks for must all have: a
// whole receipt number, or all neighbours in each of its words. The last in
// byte order come first, since letters of Chinese are rarer than digits and
// the first one drives the index.
func asked(text string) []string {
	if number := strings.TrimSpace(fold(text)); receiptForm.MatchString(number) {
		return []string{number}
	}
	var out []string
	for _, word := range words(text) {
		if len(word) == 1 {
			out = append(out, string(word))
		}
		for i := 0; i+1 < len(word); i++ {
			out = append(out, string(word[i:i+2]))
		}
	}
	slices.Sort(out)
	slices.Reverse(out)
	return slices.Compact(out)
}

func words(text string) [][]rune {
	var out [][]rune
	for _, w := range strings.FieldsFunc(fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		out = append(out, []rune(w))
	}
	return out
}

// fold makes letters, digits and signs of full width, as Chinese input gives
// them, ordinary ones, and capitals small.
func fold(text string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			return r - '！' + '!'
		}
		return r
	}, text))
}
