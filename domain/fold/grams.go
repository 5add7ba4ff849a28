package fold

import (
	"errors"
	"slices"
	"unicode"
)

// A text is found by its grams: the pairs of neighbouring letters of a word,
// and numbers as a whole, since who looks for 301 wants neither 3012 nor 1301.
// A letter with no letter on one side is a gram of its own. Of searching by part
// of a text nothing is lost but numbers cut short and letters out of the middle.

// ErrTooShort: a search text of one character, which half of all texts have.
var ErrTooShort = errors.New("search text is too short")

const (
	numberMost = 15 // digits that tell a number from others
	searchMost = 64 // grams asked for: with so many there is nothing else to find
)

// Grams are what texts are found by, each once and in order.
func Grams(texts ...string) []string {
	var out []string
	for _, text := range texts {
		for _, word := range Words(text) {
			out = append(out, grams(word, true)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Search are the words of a search text, each as the grams that what it finds
// must have, of a very long text the first ones. A Chinese letter alone belongs
// to its neighbour, as names are spaced. None for a text without letters and
// digits; ErrTooShort.
func Search(text string) ([][]string, error) {
	var words [][]rune
	for _, p := range split(text) {
		word := []rune(p.text)
		if n := len(words); p.spaced && (len(word) == 1 || len(words[n-1]) == 1) {
			words[n-1] = append(words[n-1], word...)
		} else {
			words = append(words, word)
		}
	}
	var out [][]string
	left := searchMost
	for _, word := range words {
		if len(word) == 1 && len(words) == 1 {
			return nil, ErrTooShort
		}
		all := grams(string(word), false)
		all = all[:min(len(all), left)]
		out, left = append(out, all), left-len(all)
	}
	return out, nil
}

// grams are those of a word; of one that is kept, also of the letters beside
// numbers, which a search may end with.
func grams(word string, kept bool) []string {
	var out []string
	runs := runs(word)
	for i, run := range runs {
		letters := []rune(run)
		if len(letters) == 1 || unicode.IsDigit(letters[0]) {
			out = append(out, "="+string(letters[:min(len(letters), numberMost)]))
			continue
		}
		for j := range len(letters) - 1 {
			out = append(out, string(letters[j:j+2]))
		}
		if kept && i > 0 {
			out = append(out, "="+string(letters[0]))
		}
		if kept && i < len(runs)-1 {
			out = append(out, "="+string(letters[len(letters)-1]))
		}
	}
	return out
}

// runs parts a word into numbers and letters.
func runs(word string) []string {
	var out []string
	from, digits := 0, false
	for i, r := range word {
		if d := unicode.IsDigit(r); d != digits {
			if i > from {
				out = append(out, word[from:i])
			}
			from, digits = i, d
		}
	}
	return append(out, word[from:])
}
