package household

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"wangge/domain/fold"
	"wangge/domain/personal"
)

// A household is found by the grams of its address, which are plain, and of the
// names of its people, see package fold. Those of names are keyed (HMAC, 48
// bits), so that a stolen database does not spell names; equal pairs stay equal
// in it, which is why single characters of a name, whose frequencies are known,
// are not indexed. Phones and ID numbers are found whole, by their blind index.
// Its marks are terms too, so that a search for some with a tag looks at those only.

const (
	nameTermsMost    = 45  // of a person
	addressTermsMost = 200 // so that a household of membersMost people has no more than an index takes
)

// terms are what the household is found by; personal.ErrSealed where the keys do not open a name.
func (h *Household) terms(keys *personal.Keys) ([]string, error) {
	out := most(addressGrams(h.Address), addressTermsMost)
	for _, p := range h.people() {
		name, err := keys.Open(p.Name, sealedAt(p.ID, "name"))
		if err != nil {
			return nil, err
		}
		out = append(out, most(nameGrams(keys, name), nameTermsMost)...)
		out = append(out, phoneGram(p.PhoneIndex), idNumberGram(p.IDNumberIndex))
	}
	out = append(out, h.Marks...)
	return slices.DeleteFunc(out, func(g string) bool { return g == "" }), nil
}

// numbers are the grams of the phones and ID numbers of the household's people; "" for those they have not.
func (h *Household) numbers() []string {
	var out []string
	for _, p := range h.people() {
		out = append(out, phoneGram(p.PhoneIndex), idNumberGram(p.IDNumberIndex))
	}
	return out
}

func most(grams []string, n int) []string { return grams[:min(len(grams), n)] }

// addressGrams are those of an address as it is read in one line, and of its
// parts, however they are written: 八幢, A座 and 0301 are found so, and by 8, A and 301.
func addressGrams(a Address) []string {
	return fold.Grams(a.String(), a.Estate, core(a.Building), core(a.Unit), core(a.Floor), core(a.Room))
}

// nameGrams are the keyed grams of a name.
func nameGrams(keys *personal.Keys, name string) []string { return keyed(keys, fold.Grams(name)) }

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

// searchGrams are the sets of grams that a search text asks for: a household matches
// that has all of one set. Every word is looked for in the address and in the
// names. fold.ErrTooShort, errWords.
func searchGrams(keys *personal.Keys, text string) ([][]string, error) {
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
			if place := slices.DeleteFunc(slices.Clone(word), isUnitWord); len(place) > 0 {
				next = append(next, slices.Concat(set, place))
			}
		}
		sets = next
	}
	return sets, nil
}

// errWords: a search text of no words, or of too many.
var errWords = errors.New("household: not one to three words")

// isUnitWord reports whether a gram is of a word such as 幢 and 室, which only
// says what a number is.
func isUnitWord(gram string) bool {
	return suffixes.FindString(strings.TrimPrefix(gram, "=")) == strings.TrimPrefix(gram, "=")
}
