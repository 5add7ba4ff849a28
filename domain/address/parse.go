package address

import (
	"regexp"
	"slices"
	"strings"

	"wangge/domain/area"
	"wangge/domain/fold"
	"wangge/domain/household"
)

// reading is one way to read a text as an address.
type reading struct {
	household.Address        // as it is written, folded
	rest              string // what stands behind it and was not understood
	area              string // code of the finest area that it begins with; ""
	names             string // those of the areas that it begins with
	outside           string // estate and building as they are written, without what stands behind: nothing of the door; "" without a building
}

// The parts of an address, folded. A number may have a letter, or be one; what
// is in Chinese counts as far as buildings do.
const (
	numeral  = `[0-9]{1,6}[a-z]?|[a-z][0-9]{0,4}|[一二三四五六七八九十]{1,3}`
	compound = `[0-9]{1,6}(?:-[0-9]{1,6})?[a-z]?|[a-z][0-9]{0,4}|[一二三四五六七八九十]{1,3}|[东南西北甲乙丙丁]`
	ofHouse  = `幢|栋|座|号楼|号|#`
)

var (
	three = regexp.MustCompile(`^(.*?)(` + numeral + `)(` + ofHouse + `)?-(` + numeral + `)(?:单元|门)?-(` + numeral + `)(?:室|房|户)?$`)
	two   = regexp.MustCompile(`^(.*?)(` + numeral + `)(` + ofHouse + `)?-(` + numeral + `)(?:室|房|户)?$`)
	whole = regexp.MustCompile(`^(.*?)(?:(` + compound + `)(` + ofHouse + `))?-?(?:(` + numeral + `)(?:单元|门|梯))?-?(?:(` + numeral + `)(?:层|楼))?-?(?:(` + numeral + `)(室|房|户)?)?$`)
	house = regexp.MustCompile(`^(.+?)(` + compound + `)(` + ofHouse + `)(.*)$`)

	asides = regexp.MustCompile(`[(（\[【<《][^)）\]】>》]*[)）\]】>》]?`)
	dashes = regexp.MustCompile(`[\-–—―‐‑‒−－~～_/\\.·、，,;；:：|]+`)
)

const textMost = 200 // runes of a text that are read

// parse reads a text as an address, in every way that it may be meant, the most
// likely first; none for a text without letters or digits.
func parse(text string, areas []named) []reading {
	if runes := []rune(text); len(runes) > textMost {
		text = string(runes[:textMost])
	}
	text = asides.ReplaceAllString(fold.Text(text), "")
	text = strings.Trim(dashes.ReplaceAllString(strings.Join(strings.Fields(text), ""), "-"), "-")
	text = strings.ReplaceAll(text, "号院", "号")
	base := reading{}
	text = base.begin(text, areas)
	var out []reading
	add := func(estate string, a household.Address, suffix, rest string) {
		r := base
		r.Address, r.rest = a, rest
		r.Estate = strings.Trim(estate, "-")
		if a.Building != "" && r.Estate != "" {
			r.outside = r.Estate + a.Building + suffix
		}
		if r.Estate == "" && len(fold.Words(a.Building+a.Room+a.Unit+a.Floor)) == 0 {
			return
		}
		if !slices.ContainsFunc(out, func(o reading) bool { return o.Address == r.Address }) {
			out = append(out, r)
		}
	}
	if m := three.FindStringSubmatch(text); m != nil {
		add(m[1], household.Address{Building: m[2], Unit: m[4], Room: m[5]}, or(m[3], "幢"), "")
	}
	if m := two.FindStringSubmatch(text); m != nil {
		add(m[1], household.Address{Building: m[2], Room: m[4]}, or(m[3], "幢"), "")
		if m[3] == "" {
			add(m[1], household.Address{Building: m[2] + "-" + m[4]}, "号", "")
		}
	}
	noted := func() {
		if m := house.FindStringSubmatch(text); m != nil && len(out) < 2 {
			add(m[1], household.Address{Building: m[2]}, m[3], m[4])
		}
	}
	if m := whole.FindStringSubmatch(text); m != nil {
		if m[1] == text {
			noted() // before the text as a whole
		}
		a := household.Address{Building: m[2], Unit: m[4], Floor: m[5], Room: m[6]}
		suffix := m[3]
		if a.Building == "" && a.Unit == "" && a.Floor == "" && a.Room != "" && m[7] == "" {
			a.Building, a.Room, suffix = a.Room, "", "号" // 大儒巷8
		}
		add(m[1], a, suffix, "")
	}
	noted()
	return slices.DeleteFunc(out, func(r reading) bool { return len(fold.Words(r.String())) == 0 })
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// named is an area by a name that addresses begin with.
type named struct{ name, code string }

// namesOf are the names of the areas that addresses begin with, the longest first.
func namesOf(tree *area.Tree) []named {
	out := []named{{"中国", ""}, {"江苏省", ""}, {"江苏", ""}}
	var walk func([]*area.Area)
	walk = func(areas []*area.Area) {
		for _, a := range areas {
			name := strings.Join(fold.Words(a.Name), "")
			out = append(out, named{name, a.Code})
			if short, ok := strings.CutSuffix(name, "居委会"); ok && strings.HasSuffix(short, "社区") {
				out = append(out, named{short, a.Code})
			}
			walk(tree.Children(a.ID))
		}
	}
	walk(tree.Roots())
	slices.SortStableFunc(out, func(a, b named) int { return len(b.name) - len(a.name) })
	return out
}

// begin takes the names of areas off the front of a text, which keeps something.
func (r *reading) begin(text string, areas []named) string {
	for found := true; found; {
		found = false
		for _, a := range areas {
			rest, ok := strings.CutPrefix(text, a.name)
			if rest = strings.TrimLeft(rest, "-"); !ok || a.name == "" || rest == "" {
				continue
			}
			if a.code != "" {
				r.area = a.code
			}
			r.names += a.name
			text, found = rest, true
			break
		}
	}
	return text
}
