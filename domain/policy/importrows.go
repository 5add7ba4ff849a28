package policy

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"wangge/domain"
	"wangge/domain/clocks"
	"wangge/domain/fold"
	"wangge/domain/table"
)

// catalogueRow is a row of the trade's table, as it is understood.
type catalogueRow struct {
	group, groupName     string
	category, name       string
	condition            string
	closing              []string
	term                 clocks.Term
	assignee, department string // ids; "": the file names none that is known
}

// rowReader understands the rows of a file, one after the other.
type rowReader struct {
	report        *table.Report
	organisations map[string]string         // ids by folded name
	above         map[string]string         // the cells above, by column
	groups        map[string]string         // names by code
	known         map[string][2]string      // of each category, its group and its name
	terms         map[[2]string]clocks.Term // of each category and condition
}

// readRows takes the rows of a file; what is wrong with one, or not known, is a finding.
func readRows(t *table.Table, report *table.Report, organisations map[string]string) (out []catalogueRow) {
	in := &rowReader{report, organisations, map[string]string{}, map[string]string{}, map[string][2]string{}, map[[2]string]clocks.Term{}}
	for _, row := range t.Rows {
		before := len(report.Findings)
		x := in.read(row)
		if !(&table.Report{Findings: report.Findings[before:]}).Failed() {
			out = append(out, x)
		}
	}
	together := map[[2]string][]string{} // closing conditions of a condition that is in several rows
	for _, x := range out {
		for _, name := range x.closing {
			if list := together[x.key()]; !slices.ContainsFunc(list, func(n string) bool { return fold.Name(n) == fold.Name(name) }) {
				together[x.key()] = append(list, name)
			}
		}
	}
	for i, x := range out {
		out[i].closing = together[x.key()]
	}
	return out
}

// key tells conditions apart.
func (x catalogueRow) key() [2]string { return [2]string{x.category, fold.Name(x.condition)} }

func (in *rowReader) fault(line int, column, kind string, detail domain.Text) {
	in.report.Findings = append(in.report.Findings, table.Fault(line, column, kind, detail))
}

// read understands a row. A blank cell is as the one above; who names another
// group or category names its code and its name.
func (in *rowReader) read(row table.Row) (x catalogueRow) {
	for _, pair := range [][2]string{{"group_code", "group_name"}, {"code", "name"}} {
		code, name := row.Get(pair[0]), row.Get(pair[1])
		if code != "" && code != in.above[pair[0]] && name == "" {
			in.fault(row.Line, pair[1], "missing", domain.Missing)
		}
		if name != "" && name != in.above[pair[1]] && code == "" {
			in.fault(row.Line, pair[0], "missing", domain.Missing)
		}
	}
	if code := row.Get("group_code"); code != "" && code != in.above["group_code"] && row.Get("code") == "" {
		in.fault(row.Line, "code", "missing", domain.Missing)
	}
	cells := map[string]string{}
	for _, c := range Table.Columns {
		if cells[c.Name] = row.Get(c.Name); cells[c.Name] == "" {
			cells[c.Name] = in.above[c.Name]
		}
		if c.Needed && cells[c.Name] == "" {
			in.fault(row.Line, c.Name, "missing", domain.Missing)
		}
	}
	in.above = cells
	x = catalogueRow{groupName: in.text(row, "group_name", nameLongest), name: in.text(row, "name", nameLongest), condition: in.text(row, "condition", conditionLongest)}
	x.group, x.category = in.code(row, "group_code", ""), in.code(row, "code", cells["group_code"])
	x.closing = in.items(row)
	x.assignee, x.department = in.organisation(row, "assignee"), in.organisation(row, "department")
	var ok bool
	if x.term, ok = clocks.ParseTerm(cells["term"]); !ok && cells["term"] != "" {
		in.fault(row.Line, "term", "term", domain.T("不能识别的时限，应如 2紧急工作时、4小时、15天、2工作日", "no term that is known: such as 2紧急工作时, 4小时, 15天, 2工作日"))
	}
	in.hangTogether(row, x)
	return x
}

// hangTogether: a group has one name, a category is in one group under one name, a condition has one term.
func (in *rowReader) hangTogether(row table.Row, x catalogueRow) {
	if was, there := in.groups[x.group]; there && was != x.groupName {
		in.fault(row.Line, "group_name", "duplicate", domain.T("同一大类的名称前后不一", "the group has another name further up"))
	}
	in.groups[x.group] = x.groupName
	is := [2]string{x.group, x.name}
	if was, there := in.known[x.category]; there && was != is {
		in.fault(row.Line, "code", "duplicate", domain.T("同一小类的大类或名称前后不一", "the category has another group or name further up"))
	}
	in.known[x.category] = is
	if was, there := in.terms[x.key()]; there && was != x.term {
		in.fault(row.Line, "condition", "duplicate", domain.T("同一立案条件的处置时限前后不一", "the condition has another term further up"))
	}
	in.terms[x.key()] = x.term
}

func (in *rowReader) text(row table.Row, column string, most int) string {
	text := strings.Join(strings.Fields(in.above[column]), " ")
	if utf8.RuneCountInString(text) > most {
		in.fault(row.Line, column, "length", domain.Textf("最多 %d 字", "%d characters at most", most))
	}
	return text
}

var digits = regexp.MustCompile(`^[0-9]{1,20}$`)

// code is that of an entry: the trade counts groups and, within them, categories.
func (in *rowReader) code(row table.Row, column, group string) string {
	text := strings.ToLower(in.above[column])
	switch {
	case text == "":
		return ""
	case digits.MatchString(text):
		if digits.MatchString(group) && (len(text) <= len(group) || !strings.HasPrefix(text, group)) {
			text = group + text
		}
		if text = "c" + text; len(text) == 2 {
			text = "c0" + text[1:]
		}
	}
	if !codeForm.MatchString(text) {
		in.fault(row.Line, column, "code", codeFault)
	}
	return text
}

var numbering = regexp.MustCompile(`^[（(]?[0-9]{1,2}[)）.、．]\s*`)

// items are the closing conditions: each line of the cell is one.
func (in *rowReader) items(row table.Row) (out []string) {
	for line := range strings.Lines(in.above["closing"]) {
		line = strings.TrimRight(numbering.ReplaceAllString(strings.TrimSpace(line), ""), "；;。")
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
		if utf8.RuneCountInString(line) > conditionLongest {
			in.fault(row.Line, "closing", "length", domain.Textf("每行最多 %d 字", "%d characters in a line at most", conditionLongest))
		}
	}
	if len(out) > itemsMost {
		in.fault(row.Line, "closing", "more", domain.Textf("最多 %d 项", "%d at most", itemsMost))
	}
	return out
}

// organisation is the id of the one that a cell names. One that is not known is
// told where it is written, and the row is taken without it.
func (in *rowReader) organisation(row table.Row, column string) string {
	name := in.above[column]
	id := in.organisations[fold.Name(name)]
	if id == "" && row.Get(column) != "" {
		in.report.Findings = append(in.report.Findings, table.Warning(row.Line, column, "organisation", domain.T("没有登记这个在用的单位，或同名不止一个，未采用", "no such organisation in use, or several of the name: it is left out")))
	}
	return id
}
