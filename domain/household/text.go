package household

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"wangge/domain/personal"
)

// Text search asks for grams: pairs of neighbouring characters of a word, or a
// word of one character as a whole. Those of addresses are plain. Those of
// names are keyed (HMAC, 48 bits), so that a stolen database does not spell
// names; equal pairs stay equal in it, which is why single characters of a
// name, whose frequencies are known, are not indexed.

// grams are what the household is found by.
func (h *Household) grams() []string {
	out := addressGrams(h.Address)
	for _, p := range h.people() {
		out = append(out, p.NameGrams...)
		out = append(out, phoneGram(p.PhoneIndex), idNumberGram(p.IDNumberIndex))
	}
	slices.Sort(out)
	out = slices.Compact(out)
	return slices.DeleteFunc(out, func(g string) bool { return g == "" })
}

// addressGrams are the pairs in the address as it is written in one line and
// in each of its parts, and the parts of one character: room 5 of building 8
// is found by "8幢", "5室", 8 and 5.
func addressGrams(a Address) []string {
	var out []string
	for _, w := range words(a.String()) {
		out = append(out, pieces(w)...)
	}
	for _, part := range a.parts() {
		for _, w := range words(*part) {
			out = append(out, pieces(w)...)
		}
		if c := core(*part); utf8.RuneCountInString(c) == 1 {
			out = append(out, pieces(c)...)
		}
	}
	return out
}

// nameGrams are the keyed grams of a name.
func nameGrams(keys *personal.Keys, name string) []string {
	var out []string
	for _, w := range words(name) {
		out = append(out, keyed(keys, w)...)
	}
	slices.Sort(out) // in no order that tells of the name
	return slices.Compact(out)
}

func keyed(keys *personal.Keys, word string) []string {
	out := pieces(word)
	for i, p := range out {
		out[i] = "name:" + keys.Index("name", p)[:8]
	}
	return out
}

func phoneGram(index string) string    { return prefixed("phone:", index) }
func idNumberGram(index string) string { return prefixed("id:", index) }

// prefixed shortens a blind index to 96 bits, which no two values share by chance.
func prefixed(kind, index string) string {
	if index == "" {
		return ""
	}
	return kind + index[:16]
}

// asked are the sets of grams that a search text asks for: a household matches
// that has all of one set. Every word is looked for in the address and in the names.
func asked(keys *personal.Keys, text string) [][]string {
	sets := [][]string{nil}
	for _, w := range words(text) {
		var next [][]string
		for _, set := range sets {
			next = append(next, slices.Concat(set, pieces(w)), slices.Concat(set, keyed(keys, w)))
		}
		sets = next
	}
	return sets
}

// pieces are the pairs of neighbours in a word; a word of one character is its own.
func pieces(word string) []string {
	letters := []rune(word)
	if len(letters) == 1 {
		return []string{"=" + word}
	}
	var out []string
	for i := 0; i+1 < len(letters); i++ {
		out = append(out, string(letters[i:i+2]))
	}
	return out
}

// words are the runs of letters and digits of a text, folded.
func words(text string) []string {
	return strings.FieldsFunc(fold(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
}

// fold makes letters, digits and signs of full width, as Chinese input gives
// them, ordinary ones, composes accents, and makes capitals small.
func fold(text string) string {
	return norm.NFC.String(strings.ToLower(norm.NFKC.String(text)))
}
