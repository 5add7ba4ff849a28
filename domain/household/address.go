package household

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"wangge/domain"
	"wangge/domain/fold"
)

// Address is where a household lives, in the parts that people write it in.
type Address struct {
	Estate   string `store:"estate"`          // 小区, or the road in old quarters
	Building string `store:"building"`        // 幢, or the number on the road
	Unit     string `store:"unit,omitempty"`  // 单元
	Floor    string `store:"floor,omitempty"` // 层; does not tell dwellings apart where a room is given
	Room     string `store:"room,omitempty"`  // 室
}

// String is the address in one line, as it is written in Chinese: a part that
// is only a number gets its usual suffix.
func (a Address) String() string {
	out := a.Estate
	for _, part := range []struct{ text, suffix string }{{a.Building, "幢"}, {a.Unit, "单元"}, {a.Floor, "层"}, {a.Room, "室"}} {
		out += part.text
		if r, _ := utf8.DecodeLastRuneInString(part.text); unicode.IsDigit(r) {
			out += part.suffix
		}
	}
	return out
}

// trimmed drops the space around the parts.
func (a Address) trimmed() Address {
	for _, part := range a.parts() {
		*part = strings.TrimSpace(*part)
	}
	return a
}

func (a *Address) parts() []*string {
	return []*string{&a.Estate, &a.Building, &a.Unit, &a.Floor, &a.Room}
}

var addressPointers = []string{"/estate", "/building", "/unit", "/floor", "/room"}

// check notes what is wrong, below a pointer.
func (a Address) check(bad *domain.InvalidError, pointer string) {
	for i, part := range a.parts() {
		switch n := utf8.RuneCountInString(*part); {
		case core(*part) == "" && i < 2:
			bad.Add(pointer+addressPointers[i], domain.T("请填写小区和楼幢", "estate and building are required"))
		case n > 50:
			bad.Add(pointer+addressPointers[i], domain.T("最多 50 字", "50 characters at most"))
		default:
			legible(bad, pointer+addressPointers[i], *part)
		}
	}
}

// suffixes say what a part is; without one it means the same.
var suffixes = regexp.MustCompile(`(号楼|幢|栋|座|楼|号|单元|门|层|室|房)$`)

// core is a part of an address without how it happens to be written: folded,
// without spaces and suffix, numbers in plain digits, any signs between them a
// dash (3-2 is not 32).
func core(part string) string {
	if digits(part) {
		return strings.TrimLeft(part[:len(part)-1], "0") + part[len(part)-1:]
	}
	text := strings.Join(fold.Words(strings.Join(strings.Fields(part), "")), "-")
	if bare := suffixes.ReplaceAllString(text, ""); bare != "" {
		text = bare
	}
	if n, ok := chineseNumber(text); ok {
		return strconv.Itoa(n)
	}
	if n, err := strconv.ParseUint(text, 10, 32); err == nil {
		return strconv.FormatUint(n, 10)
	}
	return text
}

// digits reports whether a part is a short number, as most are: it is folded as it is.
func digits(part string) bool {
	return part != "" && len(part) < 10 && strings.Trim(part, "0123456789") == ""
}

// chineseNumber reads 一 to 九十九, as buildings and floors are counted.
func chineseNumber(text string) (int, bool) {
	const digits = "零一二三四五六七八九"
	digit := func(s string, none int) (int, bool) {
		if s == "" {
			return none, true
		}
		i := strings.Index(digits, s)
		return i / len("一"), utf8.RuneCountInString(s) == 1 && i > 0
	}
	tens, ones, ten := strings.Cut(text, "十")
	if !ten {
		n, ok := digit(text, 0)
		return n, ok && text != ""
	}
	t, okTens := digit(tens, 1)
	o, okOnes := digit(ones, 0)
	return t*10 + o, okTens && okOnes
}

// Plain is the address as addresses are compared: each part folded, without
// spaces and without the word that says what it is.
func (a Address) Plain() Address {
	return Address{strings.Join(fold.Words(a.Estate), ""), core(a.Building), core(a.Unit), core(a.Floor), core(a.Room)}
}

// key tells dwellings apart: addresses with the same key are the same.
func (a Address) key() string {
	door := core(a.Room)
	if door == "" && a.Floor != "" {
		door = "层" + core(a.Floor)
	}
	return a.building() + "|" + core(a.Unit) + "|" + door
}

// building is the part of the key that the dwellings of one building share.
func (a Address) building() string {
	return strings.Join(fold.Words(a.Estate), "") + "|" + core(a.Building)
}

var number = regexp.MustCompile(`[0-9]+`)

// sort orders addresses as a person walks them: 2幢 before 10幢.
func (a Address) sort() string {
	padded := number.ReplaceAllStringFunc(a.key(), func(n string) string {
		return strings.Repeat("0", max(0, 5-len(n))) + n
	})
	return strings.ReplaceAll(padded, "|", " ") // before any digit: what is less said goes first
}
