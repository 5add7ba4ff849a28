package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"wangge/domain"
)

var codeForm = regexp.MustCompile(`^[a-z][a-z0-9_]{1,39}$`)

const (
	nameLongest = 40 // runes
	whyLongest  = 400
	entriesMost = 400 // of a kind
	tagsMost    = 100 // of a street's own
)

var codeFault = domain.T("代码应为 2 至 40 个小写字母、数字或下划线，以字母开头", "a code has 2 to 40 lower-case letters, digits or _, a letter first")

// trimmed is the content without blanks around names.
func (c Content) trimmed() Content {
	c = c.clone()
	for i := range c.Categories {
		trim(&c.Categories[i].Name)
	}
	for i := range c.Conditions {
		trim(&c.Conditions[i].Name)
	}
	for i := range c.Tags {
		trim(&c.Tags[i].Name)
	}
	return c
}

func trim(t *domain.Text) { t.ZH, t.EN = strings.TrimSpace(t.ZH), strings.TrimSpace(t.EN) }

// readable is an InvalidError for what cannot even be kept as a draft: codes
// that are none, entries named twice, too many or too long. A key is made of
// codes, so that none holds the key of another kind.
func (c Content) readable() error {
	bad := &domain.InvalidError{}
	listed(bad, "/categories", 1, c.Categories)
	listed(bad, "/conditions", 2, c.Conditions)
	listed(bad, "/steps", 1, c.Steps)
	listed(bad, "/limits", 1, c.Limits)
	listed(bad, "/thresholds", 1, c.Thresholds)
	listed(bad, "/welfare", 1, c.Welfare)
	listed(bad, "/tags", 1, c.Tags)
	for i, x := range c.Categories {
		checkName(bad, fmt.Sprintf("/categories/%d/name", i), x.Name)
		if x.Heir != "" && !codeForm.MatchString(x.Heir) {
			bad.Add(fmt.Sprintf("/categories/%d/heir", i), codeFault)
		}
	}
	for i, x := range c.Conditions {
		checkName(bad, fmt.Sprintf("/conditions/%d/name", i), x.Name)
	}
	for i, x := range c.Tags {
		checkName(bad, fmt.Sprintf("/tags/%d/name", i), x.Name)
	}
	return bad.Err()
}

func listed[E any, P item[E]](bad *domain.InvalidError, pointer string, codes int, list []E) {
	if len(list) > entriesMost {
		bad.Add(pointer, domain.Textf("最多 %d 项", "%d at most", entriesMost))
		return
	}
	for i := range list {
		at, key := fmt.Sprintf("%s/%d", pointer, i), P(&list[i]).key()
		parts := strings.Split(key, "/")
		if len(parts) == codes && !slices.ContainsFunc(parts, func(code string) bool { return !codeForm.MatchString(code) }) {
			if index[E, P](list, key) < i {
				bad.Add(at, domain.T("重复", "named twice"))
			}
			continue
		}
		bad.Add(at+"/code", codeFault)
	}
}

func checkName(bad *domain.InvalidError, pointer string, name domain.Text) {
	checkText(bad, pointer+"/zh-CN", name.ZH, nameLongest)
	checkText(bad, pointer+"/en", name.EN, nameLongest)
}

func checkText(bad *domain.InvalidError, pointer, text string, most int) {
	if n := utf8.RuneCountInString(text); n == 0 || n > most {
		bad.Add(pointer, domain.Textf("应为 1 到 %d 字", "1 to %d characters are needed", most))
	}
}

// IsCode reports whether a text can be the code of an entry.
func IsCode(text string) bool { return codeForm.MatchString(text) }
