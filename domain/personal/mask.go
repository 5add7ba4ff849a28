package personal

import (
	"strings"
	"unicode"

	"wangge/domain/fold"
)

// hidden stands for a value of unknown form: none of it is shown.
const hidden = "********"

// MaskPhone hides four digits of a normalised phone: 138****0001 of a mobile,
// 0512****1234 or 010****1234 of a landline. Anything else is hidden altogether.
func MaskPhone(phone string) string {
	shown := 3 // of a mobile, or a short area code
	switch {
	case IsMobile(phone):
	case !landline.MatchString(phone):
		return hidden
	case phone[1] > '2':
		shown = 4
	}
	return phone[:shown] + "****" + phone[shown+4:]
}

// MaskIDNumber shows the prefecture and the last four characters of a
// normalised ID number: 3205**********1234. Anything else is hidden altogether.
func MaskIDNumber(id string) string {
	if !idNumber.MatchString(id) {
		return hidden
	}
	return id[:4] + "**********" + id[14:]
}

// MaskName shows at most two letters of a name. Of one with Chinese characters
// these are the first and, from three on, the last: 王*, 欧*娜, 阿****提. Of
// others they begin the first and the last word, without telling their length:
// J*** S***.
func MaskName(name string) string {
	name = strings.Map(func(r rune) rune {
		if fold.Unseen(r) {
			return -1 // 王\u200b芳 is two letters
		}
		return r
	}, name)
	words := strings.Fields(name)
	if strings.ContainsFunc(name, isHan) {
		letters := []rune(strings.Join(words, ""))
		last := len(letters) - 1
		for i := range letters {
			if i > 0 && i < last || i == last && last < 2 {
				letters[i] = '*'
			}
		}
		return string(letters)
	}
	switch len(words) {
	case 0:
		return ""
	case 1:
		return initial(words[0])
	}
	return initial(words[0]) + " " + initial(words[len(words)-1])
}

func initial(word string) string { return string([]rune(word)[:1]) + "***" }

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }
