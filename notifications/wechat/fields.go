package wechat

import (
	"errors"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"wangge/domain/civil"
)

const thingMost = 20 // characters

// fieldKinds are the kinds of fields, each with what WeChat takes in one. Those
// that hold a person's name or number are left out: nothing here names anybody.
var fieldKinds = map[string]func(string) bool{
	"thing":  func(s string) bool { return characters(s, thingMost, unicode.IsPrint) },
	"phrase": func(s string) bool { return characters(s, 5, func(r rune) bool { return unicode.Is(unicode.Han, r) }) },
	"letter": func(s string) bool { return characters(s, 32, letter) },
	"number": func(s string) bool { return len(s) <= 32 && number.MatchString(s) },
	"symbol": func(s string) bool {
		return characters(s, 5, func(r rune) bool { return visible(r) && !letter(r) && !digit(r) })
	},
	"character_string": func(s string) bool { return characters(s, 32, visible) },
	"time":             clockTime.MatchString,
	"date":             dayTime.MatchString,
}

var (
	number    = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)
	clockTime = regexp.MustCompile(`^([0-9]{4}年(1[0-2]|[1-9])月([12][0-9]|3[01]|[1-9])日 )?([01][0-9]|2[0-3]):[0-5][0-9]$`)
	dayTime   = regexp.MustCompile(`^[0-9]{4}年(1[0-2]|[1-9])月([12][0-9]|3[01]|[1-9])日( ([01][0-9]|2[0-3]):[0-5][0-9])?$`)
)

func letter(r rune) bool  { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
func digit(r rune) bool   { return r >= '0' && r <= '9' }
func visible(r rune) bool { return r > ' ' && r <= '~' }

// characters reports whether a text has 1 to most characters, all of a kind.
func characters(s string, most int, of func(rune) bool) bool {
	n := utf8.RuneCountInString(s)
	return n > 0 && n <= most && !strings.ContainsFunc(s, func(r rune) bool { return !of(r) })
}

func fieldKind(name string) string {
	if parts := field.FindStringSubmatch(name); parts != nil {
		return parts[1]
	}
	return ""
}

// checkField says what is wrong with what is to be put into a field.
func checkField(name, value string) error {
	kind := fieldKind(name)
	switch takes := fieldKinds[kind]; {
	case takes == nil:
		return errors.New("is none that can be filled: thing, phrase, letter, number, symbol, character_string, time or date and its number")
	case value == theText || value == theTitle:
		if kind != "thing" {
			return errors.New("has no room for a text: only thing has")
		}
	case value == theTime:
		if kind != "time" && kind != "date" {
			return errors.New("is not for a time: only time and date are")
		}
	case !takes(value):
		return errors.New("takes no such text, nor {text}, {title} or {time}")
	}
	return nil
}

// moment is a time as WeChat wants it, in China.
func moment(t time.Time) string { return t.In(civil.Zone).Format("2006年1月2日 15:04") }

// fit is a text of so many characters at most, ended between two words where it has any.
func fit(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	short := string(runes[:most-1])
	if i := strings.LastIndexByte(short, ' '); i > 0 && runes[most-1] != ' ' {
		short = short[:i]
	}
	return strings.TrimRight(short, " ,:;，、：；") + "…"
}
