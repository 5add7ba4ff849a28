package service

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"wangge/domain"
	"wangge/domain/table"
)

// ItemTable is what a file of service items has. An empty cell leaves what is
// known of the item as it is.
var ItemTable = table.Declaration{
	Bytes: 4 << 20, Rows: 2_000, // they are decided at once
	Columns: []table.Column{
		{Name: "code", Also: []string{"事项编码", "事项代码"}, Needed: true, Digits: true},
		{Name: "category", Also: []string{"类别", "事项类别"}, Needed: true},
		{Name: "name", Also: []string{"事项名称", "事项"}, Needed: true},
		{Name: "department", Also: []string{"承办部门", "主管部门"}},
		{Name: "materials", Also: []string{"申请材料", "材料"}},
		{Name: "steps", Also: []string{"办理流程", "办理环节"}},
		{Name: "working_days", Also: []string{"承诺工作日", "承诺时限"}},
		{Name: "qualification", Also: []string{"所需资格"}},
		{Name: "sensitive", Also: []string{"敏感"}},
		{Name: "home_call", Also: []string{"上门办理"}},
		{Name: "retired", Also: []string{"停办"}},
	},
}

// columnOf is the column that a field of a content comes from.
var columnOf = map[string]string{"workingDays": "working_days", "homeCall": "home_call"}

// itemRow is what a row says of an item.
type itemRow struct {
	line                int
	code                string
	content             Content
	sensitive, homeCall bool // whether the row says so or not
	anybody             bool // no qualification is needed
}

// readItems takes a file apart: the rows that can be read, and what was found.
func readItems(ctx context.Context, in io.Reader, opts table.Options) ([]itemRow, *table.Table, error) {
	t, err := ItemTable.Read(ctx, in, opts)
	if err != nil {
		return nil, nil, err
	}
	var rows []itemRow
	seen := map[string]int{}
	for _, r := range t.Rows {
		before := len(t.Findings)
		row := readItem(r, &t.Findings)
		if first := seen[row.code]; first > 0 {
			t.Findings = append(t.Findings, table.Fault(r.Line, "code", "duplicate", domain.Textf("与第%d行的事项编码相同", "the same code as in row %d", first)))
		}
		if seen[row.code] = r.Line; len(t.Findings) == before {
			rows = append(rows, row)
		}
	}
	return rows, t, nil
}

func readItem(r table.Row, found *[]table.Finding) itemRow {
	fault := func(column, kind string, detail domain.Text) {
		*found = append(*found, table.Fault(r.Line, column, kind, detail))
	}
	row := itemRow{line: r.Line, code: r.Get("code"), content: Content{
		Category: r.Get("category"), Name: r.Get("name"), Department: r.Get("department"), Steps: split(r.Get("steps")), Qualification: r.Get("qualification"),
	}}
	if !codeForm.MatchString(row.code) {
		fault("code", "code", codeFault)
	}
	if row.anybody = row.content.Qualification == "无" || row.content.Qualification == "-"; row.anybody {
		row.content.Qualification = ""
	}
	if text := r.Get("working_days"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n == 0 {
			fault("working_days", "days", domain.Textf("应为 1 到 %d 个工作日", "must be from 1 to %d working days", daysMost))
		}
		row.content.WorkingDays = n
	}
	for column, into := range map[string]*bool{"sensitive": &row.content.Sensitive, "home_call": &row.content.HomeCall, "retired": &row.content.Retired} {
		switch strings.ToLower(r.Get(column)) {
		case "是", "true", "yes", "1":
			*into = true
		case "", "否", "false", "no", "0":
		default:
			fault(column, "flag", domain.T("应为 是 或 否", "must be yes or no"))
		}
	}
	row.sensitive, row.homeCall = r.Get("sensitive") != "", r.Get("home_call") != ""
	for i, text := range split(r.Get("materials")) {
		m, detail := readMaterial(text, i+1)
		if detail != (domain.Text{}) {
			fault("materials", "material", detail)
		}
		row.content.Materials = append(row.content.Materials, m)
	}
	return row
}

// split takes a list in a cell apart.
func split(text string) (out []string) {
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("；;\n\r", r) }) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// materialWords are what is said of a material in brackets.
var materialWords = map[string]func(*Material){
	"原件": func(m *Material) { m.Form = Original }, "original": func(m *Material) { m.Form = Original },
	"复印件": func(m *Material) { m.Form = Copy }, "copy": func(m *Material) { m.Form = Copy },
	"原件和复印件": func(m *Material) { m.Form = Both }, "原件及复印件": func(m *Material) { m.Form = Both }, "original and copy": func(m *Material) { m.Form = Both },
	"必需": func(m *Material) { m.Needed = true }, "needed": func(m *Material) { m.Needed = true },
	"非必需": func(m *Material) { m.Needed = false }, "optional": func(m *Material) { m.Needed = false },
}

// readMaterial reads "code:名称（原件、非必需）"; without a code it has its number in the list.
func readMaterial(text string, number int) (Material, domain.Text) {
	m := Material{Code: fmt.Sprintf("m%d", number), Form: Original, Needed: true}
	text = strings.NewReplacer("（", "(", "）", ")", "：", ":").Replace(text)
	if code, rest, ok := strings.Cut(text, ":"); ok && codeForm.MatchString(code) {
		m.Code, text = code, rest
	}
	open := strings.LastIndex(text, "(")
	if open < 0 || !strings.HasSuffix(text, ")") {
		m.Name = text
		return m, domain.Text{}
	}
	m.Name = strings.TrimSpace(text[:open])
	for _, word := range strings.FieldsFunc(text[open+1:len(text)-1], func(r rune) bool { return strings.ContainsRune("、,，", r) }) {
		set := materialWords[strings.TrimSpace(word)]
		if set == nil {
			return m, domain.T("材料的括号内应为 原件、复印件、原件和复印件、必需 或 非必需："+word, "what stands in brackets of a material is original, copy, original and copy, needed or optional: "+word)
		}
		set(&m)
	}
	return m, domain.Text{}
}

// over is what the row says, over what is known.
func (r itemRow) over(was *Item) Content {
	out := r.content
	if was == nil {
		return out
	}
	known := was.Content
	out.Category, out.Name, out.WorkingDays = cmp.Or(out.Category, known.Category), cmp.Or(out.Name, known.Name), cmp.Or(out.WorkingDays, known.WorkingDays)
	if out.Department == "" || out.Department == known.Department {
		out.Department, out.Organisation = known.Department, known.Organisation
	}
	if out.Materials == nil {
		out.Materials = slices.Clone(known.Materials)
	}
	if out.Steps == nil {
		out.Steps = slices.Clone(known.Steps)
	}
	if !r.anybody {
		out.Qualification = cmp.Or(out.Qualification, known.Qualification)
	}
	out.Sensitive = out.Sensitive || !r.sensitive && known.Sensitive
	out.HomeCall = out.HomeCall || !r.homeCall && known.HomeCall
	return out
}
