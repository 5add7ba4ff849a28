package domain

import (
	"regexp"
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

// CheckText notes a text that is longer than so many characters, or is needed and blank.
func CheckText(bad *InvalidError, pointer, text string, most int, needed bool) {
	if n := utf8.RuneCountInString(strings.TrimSpace(text)); n > most {
		bad.Add(pointer, Textf("最多 %d 个字", "%d characters at most", most))
	} else if needed && n == 0 {
		bad.Add(pointer, T("请填写", "must not be empty"))
	}
}

var code = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// IsCode reports whether a text has the form of a street's codes: of tags, levels and categories.
func IsCode(s string) bool { return code.MatchString(s) }
