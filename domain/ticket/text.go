package ticket

import (
	"slices"
	"strings"
	"unicode"
)

// grams returns the distinct bigrams of the texts, folded to lower case,
// words of letters and digits only; a single character stands for itself too,
// so that a one-character search finds it.
func grams(texts ...string) []string {
	var out []string
	for _, text := range texts {
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

// asked returns the grams a search text must all be found by: bigrams where a
// word has two characters or more.
func asked(text string) []string {
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
	return slices.Compact(out)
}

func words(text string) [][]rune {
	var out [][]rune
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		out = append(out, []rune(w))
	}
	return out
}
