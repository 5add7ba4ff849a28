package ticket

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"wangge/domain/fold"
	"wangge/store"
)

// A ticket is found by the grams of its receipt number, title and address, see
// package fold, by its number whole and by every beginning of it that goes
// beyond the street's code. Whom it is of and with, and whose counters see it, are terms too,
// so that people find among their own, wherever these lie.

// beginsNumber is what a receipt number or a beginning of one looks like. A
// street's code has at least nine digits, which the number of a door has not.
var beginsNumber = regexp.MustCompile(`^[0-9]{9,}-([0-9]{1,6}|[0-9]{6}-[0-9]*)$|^[0-9]+-[0-9]{6}-[0-9]+$`)

// numberGram is that of a receipt number or a beginning of one.
func numberGram(beginning string) string { return "number:" + beginning }

// terms are what a ticket is found by.
func (t *Ticket) terms() ([]string, error) {
	out := fold.Grams(t.Number, t.Title, t.Address)
	for i := strings.IndexByte(t.Number, '-') + 2; i <= len(t.Number); i++ {
		if t.Number[i-1] != '-' {
			out = append(out, numberGram(t.Number[:i]))
		}
	}
	out = append(out, personTerm("reporter", t.Reporter))
	if t.SentBy != "" {
		out = append(out, personTerm("sentBy", t.SentBy))
	}
	for _, id := range t.Involved {
		out = append(out, personTerm("involved", id))
	}
	for _, community := range t.Served {
		out = append(out, personTerm("served", community))
	}
	return out, nil
}

// personTerm says that a field that names people, organisations or communities has this one.
func personTerm(field, id string) string { return field + ":" + id }

// withTerms is a set of tickets as the text index narrows it to what has the terms.
func withTerms(set []store.Cond, terms []string) []store.Cond {
	var out []store.Cond
	for _, c := range set {
		if c.Op == store.OpEq && slices.Contains([]string{"reporter", "sentBy", "involved", "served"}, c.Field) {
			terms = append(terms, personTerm(c.Field, c.Values[0].(string)))
		} else {
			out = append(out, c)
		}
	}
	return append(out, store.Terms("text", terms...))
}

// searchGrams returns the grams that what a search text looks for must all have;
// none for a text without letters and digits. fold.ErrTooShort.
func searchGrams(text string) ([]string, error) {
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

// withoutGrams brings a ticket from schema 1 to 2: what it is found by is not in it any more.
func withoutGrams(t store.D) (store.D, error) { return store.Without(t, "grams"), nil }
