package household

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"wangge/domain/personal"
)

// Text search asks for grams. Of an address they are plain: the pairs of
// neighbouring letters in a run of letters, and numbers as a whole, since who
// looks for 301 wants neither 3012 nor 1301. Those of names are the pairs in a
// word, keyed (HMAC, 48 bits), so that a stolen database does not spell names;
// equal pairs stay equal in it, which is why single characters of a name,
// whose frequencies are known, are not indexed.

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
	out := placeGrams(a.Estate)
	for _, part := range []string{a.Building, a.Unit, a.Floor, a.Room} {
		out = append(out, placeGrams(core(part))...)
	}
	return out
}

// placeGrams are the grams of a text about a place. Words such as 幢 and 室 say
// what a number is and are left out.
func placeGrams(text string) []string {
	var out []string
	for _, w := range words(text) {
		for _, run := range runs(w) {
			out = append(out, pieces(run)...)
		}
	}
	return out
}

// runs parts a word into numbers and letters.
func runs(word string) []string {
	var out []string
	last, digits := 0, false
	add := func(end int) {
		if run := word[last:end]; run != "" && suffixes.FindString(run) != run {
			out = append(out, run)
		}
		last = end
	}
	for i, r := range word {
		if unicode.IsDigit(r) != digits {
			add(i)
			digits = !digits
		}
	}
	add(len(word))
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
			next = append(next, slices.Concat(set, keyed(keys, w)))
			if place := placeGrams(w); len(place) > 0 {
				next = append(next, slices.Concat(set, place))
			}
		}
		sets = next
	}
	return sets
}

// pieces are the pairs of neighbours in a run of letters; a number and a single letter are their own.
func pieces(run string) []string {
	letters := []rune(run)
	if len(letters) == 1 || unicode.IsDigit(letters[0]) {
		return []string{"=" + run}
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
