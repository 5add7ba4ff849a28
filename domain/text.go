package domain

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"wangge/domain/fold"
)

// Missing is said of what is required and not there.
var Missing = T("缺少此字段", "missing: this is required")

// TextFault says why a text cannot be shown to anybody and found again; the
// zero Text when nothing is wrong with it, or it is empty. It is the one rule
// for texts from outside: in bodies, parameters and the cells of a table.
// Lines lets the text have several.
func TextFault(s string, lines bool) Text {
	visible := s == ""
	for _, r := range s {
		switch {
		case r >= ' ' && r <= '~': // most of what parameters are
			visible = visible || r != ' '
			continue
		case r == utf8.RuneError: // also what decoding leaves of a lone surrogate
			return T("含有无法识别的字符，文字应为 UTF-8", "holds characters that cannot be read: text is UTF-8")
		case lines && strings.ContainsRune("\n\r\t\u2028\u2029", r):
		case unicode.IsControl(r), r == '\u2028', r == '\u2029', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return T("含有控制字符", "holds control characters")
		}
		visible = visible || !blank(r)
	}
	if !visible {
		return T("没有可见的文字", "holds nothing that can be seen")
	}
	return Text{}
}

// blank reports whether a character leaves the paper white.
func blank(r rune) bool {
	return unicode.IsSpace(r) || r == '\u2800' || // braille without a dot
		unicode.In(r, unicode.Z, unicode.C) || fold.Unseen(r)
}
