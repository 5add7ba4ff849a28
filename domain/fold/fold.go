// Package fold says when two texts are the same for people who search or
// import, however a keyboard, a register or an earlier file wrote them: wide
// and narrow letters, capitals, accents, traditional forms, spaces inside
// Chinese names, points inside foreign ones, and characters that cannot be
// seen. What it returns is for comparing, never for showing. It knows no store
// and no thing that has a text.
package fold

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Text is a text as it is compared: compatible forms are the plain ones,
// capitals small, letters without accents, Chinese in simplified forms; what
// cannot be seen is gone, and every space is an ordinary one. It is valid
// UTF-8, Text of it is itself, and composed or not, a text gives the same.
// Marks that make another letter, of Japanese and other scripts, stay.
func Text(s string) string {
	if folded(s) {
		return s
	}
	s = bare(norm.NFKD.String(strings.ToValidUTF8(s, "\uFFFD")))
	s = bare(norm.NFKD.String(strings.ToLower(cases.Fold().String(s))))
	return norm.NFC.String(s)
}

// folded reports, of most texts that are, that they are as they are compared:
// of small letters, digits and signs of ASCII and simplified Chinese ones.
func folded(s string) bool {
	var variants map[rune]rune
	for _, r := range s {
		switch {
		case r >= ' ' && r < 0x7f && (r < 'A' || r > 'Z'):
		case common(r):
			if variants == nil {
				variants = simplified()
			}
			if _, other := variants[r]; other {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// marksMost is how many marks one letter keeps; the longest that a language
// writes is far below, and above 30 what is composed and what is not would differ.
const marksMost = 8

// bare drops accents and what cannot be seen from a decomposed text, and
// writes spaces and Chinese in one form.
func bare(s string) string {
	variants, marks := simplified(), 0
	return strings.Map(func(r rune) rune {
		switch {
		case han(r):
			if simple, ok := variants[r]; ok {
				r = simple
			}
		case unicode.IsSpace(r), unicode.Is(unicode.Z, r):
			r = ' '
		case unicode.Is(accents, r), Unseen(r):
			return -1
		case unicode.Is(unicode.M, r):
			if marks++; marks > marksMost {
				return -1
			}
			return r
		}
		marks = 0
		return r
	}, s)
}

// accents are the marks above and below letters of the European scripts.
var accents = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x0300, Hi: 0x036f, Stride: 1}, {Lo: 0x1ab0, Hi: 0x1aff, Stride: 1}, {Lo: 0x1dc0, Hi: 0x1dff, Stride: 1},
	{Lo: 0x20d0, Hi: 0x20ff, Stride: 1}, {Lo: 0xfe20, Hi: 0xfe2f, Stride: 1},
}}

// Unseen reports whether a character leaves no mark: joiners, soft hyphens,
// byte order marks, directions, variation selectors.
func Unseen(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// Name is what tells people or places apart by name: what is written in one
// piece is the same with a space or a point in it.
func Name(s string) string {
	if name := norm.NFC.String(strings.Join(Words(s), "-")); name != "" {
		return name
	}
	return strings.TrimSpace(Text(s)) // of signs only
}

// Words are the runs of letters and digits of a text, folded. A point between
// letters, as in 阿卜杜拉·买买提, and a space between Chinese letters, as in
// 张　伟, do not part them.
func Words(s string) []string {
	var out []string
	for _, p := range split(s) {
		if n := len(out); p.spaced && n > 0 {
			out[n-1] += p.text
		} else {
			out = append(out, p.text)
		}
	}
	return out
}

// piece is a word, or a part of one with a space before it.
type piece struct {
	text   string
	spaced bool // a Chinese letter, nothing but space, and a Chinese letter
}

// split parts a text at all that is no letter or digit, but points between letters.
func split(s string) []piece {
	var out []piece
	var last rune
	between, text := other, Text(s)
	start, end := 0, 0 // of the last piece in the text, as long as it is one part of it
	for i, r := range text {
		if !inWord(r) {
			between = max(between, gapOf(r))
			continue
		}
		switch n, size := len(out), utf8.RuneLen(r); {
		case n == 0 || !between.joins(last, r):
			start, end = i, i+size
			out = append(out, piece{text[start:end], n > 0 && between == space && han(last) && han(r)})
		case i == end:
			end += size
			out[n-1].text = text[start:end]
		default:
			end = 0
			out[n-1].text += string(r)
		}
		between = none
		if !unicode.IsMark(r) {
			last = r
		}
	}
	return out
}

func inWord(r rune) bool {
	return common(r) || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || han(r)
}

func han(r rune) bool { return common(r) || unicode.Is(unicode.Han, r) }

// common are the Chinese characters of the first block, which have no other form for Unicode.
func common(r rune) bool { return r >= 0x4e00 && r <= 0x9fff }

// gap is what lies between two letters, what parts least first: a point takes
// the spaces around it with it.
type gap int

const (
	none gap = iota
	space
	stop  // '.', which some keyboards have for a point
	point // in foreign names
	other
)

func gapOf(r rune) gap {
	switch r {
	case ' ':
		return space
	case '.':
		return stop
	case '\u00b7', '\u16eb', '\u2022', '\u2027', '\u2219', '\u22c5', '\u25cf', '\u2e31', '\u30fb':
		return point
	}
	return other
}

// joins reports whether the letters before and after are of one word.
func (g gap) joins(before, after rune) bool {
	switch g {
	case none:
		return true
	case stop:
		return han(before) && han(after)
	case point:
		return unicode.IsLetter(before) && unicode.IsLetter(after)
	}
	return false
}

// simplified says which form stands for a traditional one.
var simplified = sync.OnceValue(func() map[rune]rune {
	all := []rune(pairs)
	out := make(map[rune]rune, len(all)/2)
	for i := 0; i < len(all); i += 2 {
		out[all[i]] = all[i+1]
	}
	return out
})
