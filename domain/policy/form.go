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
	listMost    = 10  // of what an entry lists
	rolesMost   = 60
	levelsMost  = 6
	itemsMost   = 20
	idLongest   = 40 // runes

	conditionLongest = 200 // runes, as conditions are worded in the trade's tables
)

var codeFault = domain.T("代码应为 2 至 40 个小写字母、数字或下划线，以字母开头", "a code has 2 to 40 lower-case letters, digits or _, a letter first")

// trimmed is the content without blanks around names.
func (c Content) trimmed() Content {
	c = c.clone()
	for i := range c.Groups {
		trim(&c.Groups[i].Name)
	}
	for i := range c.Categories {
		trim(&c.Categories[i].Name)
	}
	for i := range c.Conditions {
		x := &c.Conditions[i]
		trim(&x.Name)
		x.Closing = slices.Clone(x.Closing)
		for j := range x.Closing {
			trim(&x.Closing[j].Name)
		}
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
	listed(bad, "/groups", 1, c.Groups)
	listed(bad, "/categories", 1, c.Categories)
	listed(bad, "/conditions", 2, c.Conditions)
	listed(bad, "/clocks", 1, c.Clocks)
	listed(bad, "/hours", 1, c.Hours)
	listed(bad, "/steps", 1, c.Steps)
	listed(bad, "/limits", 1, c.Limits)
	listed(bad, "/thresholds", 1, c.Thresholds)
	listed(bad, "/welfare", 1, c.Welfare)
	listed(bad, "/tags", 1, c.Tags)
	listed(bad, "/homeCalls", 1, c.HomeCalls)
	for i, x := range c.Groups {
		at := fmt.Sprintf("/groups/%d", i)
		checkName(bad, at+"/name", x.Name, nameLongest)
		checkCode(bad, at+"/heir", x.Heir)
	}
	for i, x := range c.Categories {
		at := fmt.Sprintf("/categories/%d", i)
		checkName(bad, at+"/name", x.Name, nameLongest)
		checkCode(bad, at+"/heir", x.Heir)
		checkCode(bad, at+"/parent", x.Parent)
		x.Rules.readable(bad, at)
	}
	for i, x := range c.Conditions {
		at := fmt.Sprintf("/conditions/%d", i)
		checkName(bad, at+"/name", x.Name, conditionLongest)
		checkCode(bad, at+"/heir", x.Heir)
		x.Rules.readable(bad, at)
		checkItems(bad, at+"/closing", x.Closing)
	}
	for i, x := range c.Clocks {
		at := fmt.Sprintf("/clocks/%d", i)
		atMost(bad, at+"/warnTo", len(x.WarnTo), listMost)
		atMost(bad, at+"/levels", len(x.Levels), levelsMost)
		for j, l := range x.Levels {
			atMost(bad, fmt.Sprintf("%s/levels/%d/to", at, j), len(l.To), listMost)
		}
	}
	for i, x := range c.Hours {
		x.Hours.Check(bad, fmt.Sprintf("/hours/%d", i))
	}
	for i, x := range c.Tags {
		checkName(bad, fmt.Sprintf("/tags/%d/name", i), x.Name, nameLongest)
	}
	return bad.Err()
}

// readable notes what is too much to be kept.
func (r Rules) readable(bad *domain.InvalidError, at string) {
	atMost(bad, at+"/terms", len(r.Terms), listMost)
	atMost(bad, at+"/roles", len(r.Roles), rolesMost)
	checkText(bad, at+"/assignee", r.Assignee, 0, idLongest)
	checkText(bad, at+"/department", r.Department, 0, idLongest)
	for i, x := range r.Roles {
		checkText(bad, fmt.Sprintf("%s/roles/%d/step", at, i), x.Step, 1, nameLongest)
	}
}

// checkItems: each has a code of its own and a name.
func checkItems(bad *domain.InvalidError, at string, items []Item) {
	atMost(bad, at, len(items), itemsMost)
	for i, x := range items {
		of := fmt.Sprintf("%s/%d", at, i)
		if !codeForm.MatchString(x.Code) {
			bad.Add(of+"/code", codeFault)
		}
		if slices.ContainsFunc(items[:i], func(before Item) bool { return before.Code == x.Code }) {
			bad.Add(of, domain.T("重复", "named twice"))
		}
		checkName(bad, of+"/name", x.Name, conditionLongest)
	}
}

func atMost(bad *domain.InvalidError, at string, n, most int) {
	if n > most {
		bad.Add(at, domain.Textf("最多 %d 项", "%d at most", most))
	}
}

// checkCode: of another entry, where there is one.
func checkCode(bad *domain.InvalidError, at, code string) {
	if code != "" && !codeForm.MatchString(code) {
		bad.Add(at, codeFault)
	}
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

func checkName(bad *domain.InvalidError, pointer string, name domain.Text, most int) {
	checkText(bad, pointer+"/zh-CN", name.ZH, 1, most)
	checkText(bad, pointer+"/en", name.EN, 1, most)
}

func checkText(bad *domain.InvalidError, pointer, text string, least, most int) {
	if n := utf8.RuneCountInString(text); n < least || n > most {
		bad.Add(pointer, domain.T(fmt.Sprintf("应为 %d 到 %d 字", least, most), fmt.Sprintf("%d to %d characters are needed", least, most)))
	}
}

// IsCode reports whether a text can be the code of an entry.
func IsCode(text string) bool { return codeForm.MatchString(text) }
