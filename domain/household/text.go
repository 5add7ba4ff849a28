package household

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"wangge/domain/fold"
	"wangge/domain/personal"
)

// Text search asks for grams, see package fold. Those of an address are plain.
// Those of names are keyed (HMAC, 48 bits), so that a stolen database does not
// spell names; equal pairs stay equal in it, which is why single characters of
// a name, whose frequencies are known, are not indexed.

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

// addressGrams are those of an address's parts, however they are written.
func addressGrams(a Address) []string {
	return fold.Grams(a.Estate, core(a.Building), core(a.Unit), core(a.Floor), core(a.Room))
}

// nameGrams are the keyed grams of a name.
func nameGrams(keys *personal.Keys, name string) []string {
	out := keyed(keys, fold.Grams(name))
	slices.Sort(out) // in no order that tells of the name
	return slices.Compact(out)
}

func keyed(keys *personal.Keys, grams []string) []string {
	out := make([]string, len(grams))
	for i, g := range grams {
		out[i] = "name:" + keys.Index("name", g)[:8]
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
// that has all of one set. Every word is looked for in the address and in the
// names. fold.ErrTooShort, errWords.
func asked(keys *personal.Keys, text string) ([][]string, error) {
	words, err := fold.Search(text)
	if err != nil {
		return nil, err
	}
	if len(words) == 0 || len(words) > wordsMost || utf8.RuneCountInString(text) > 100 {
		return nil, errWords
	}
	sets := [][]string{nil}
	for _, word := range words {
		var next [][]string
		for _, set := range sets {
			next = append(next, slices.Concat(set, keyed(keys, word)))
			if place := slices.DeleteFunc(slices.Clone(word), saysWhat); len(place) > 0 {
				next = append(next, slices.Concat(set, place))
			}
		}
		sets = next
	}
	return sets, nil
}

// errWords: a search text of no words, or of too many.
var errWords = errors.New("household: not one to three words")

// saysWhat reports whether a gram is of a word such as 幢 and 室, which only
// says what a number is.
func saysWhat(gram string) bool {
	return suffixes.FindString(strings.TrimPrefix(gram, "=")) == strings.TrimPrefix(gram, "=")
}

// rarity orders grams by how few households are likely to have them: the first
// that a query asks for drives the index.
func rarity(gram string) int {
	for i, prefix := range []string{"phone:", "id:", "name:"} {
		if strings.HasPrefix(gram, prefix) {
			return i
		}
	}
	if strings.HasPrefix(gram, "=") {
		return 4 // numbers of buildings
	}
	return 3
}
