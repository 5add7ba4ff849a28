package table

import (
	"slices"
	"strings"

	"wangge/domain"
	"wangge/domain/fold"
	"wangge/domain/table/xlsx"
)

// header finds the columns by their names, and reports whether rows can be read by them.
func (b *builder) header(line int, cells []xlsx.Cell) bool {
	good := true
	fault := func(column string, detail domain.Text) {
		b.fault(line, column, "header", detail)
		good = false
	}
	if len(cells) > columnsMost {
		fault("", domain.Textf("最多%d列", "%d columns at most", columnsMost))
		return false
	}
	b.columns, b.at = make([]int, len(cells)), map[string]int{}
	names := b.names()
	for i, c := range cells {
		column, known := names[fold.Name(c.Text)]
		switch {
		case c.Text == "":
			column = -2
		case !known:
			column = -1
		}
		b.columns[i] = column
		switch {
		case column >= 0 && slices.Contains(b.columns[:i], column):
			fault(b.Columns[column].Name, domain.T("列重复", "the column is there twice"))
		case column == -1 && b.Strict:
			fault("", domain.Textf("第%[1]d列（%[2]s）未知", "column %[1]d (%[2]s) is unknown", i+1, letters(i)))
		case column == -1:
			b.table.Findings = append(b.table.Findings, Warning(line, "", "column",
				domain.Textf("第%[1]d列（%[2]s）未使用", "column %[1]d (%[2]s) is not used", i+1, letters(i))))
		}
	}
	for i, c := range b.Columns {
		b.at[c.Name] = len(b.Columns) // where every row has an empty cell
		if slices.Contains(b.columns, i) {
			b.at[c.Name] = i
		} else if c.Needed {
			fault(c.Name, domain.Textf("缺少列 %[1]s（%[2]s）", "column %[2]s (%[1]s) is missing", c.told(), c.Name))
		}
	}
	return good
}

func (c Column) told() string {
	if len(c.Also) > 0 {
		return c.Also[0]
	}
	return c.Name
}

// names are the declared columns by every name that a heading may have, folded;
// what the caller says of a heading goes before what it says by itself.
func (b *builder) names() map[string]int {
	out := map[string]int{}
	for i, c := range b.Columns {
		for _, name := range append([]string{c.Name}, c.Also...) {
			out[fold.Name(name)] = i
		}
	}
	for heading, name := range b.headings {
		out[fold.Name(heading)] = slices.IndexFunc(b.Columns, func(c Column) bool { return c.Name == name })
	}
	return out
}

// ParseHeadings reads a mapping of headings to columns as a caller says it in
// the parameter: "heading=column", separated by commas. Error: InvalidError.
func (d *Declaration) ParseHeadings(parameter, text string) (map[string]string, error) {
	out, bad := map[string]string{}, &domain.InvalidError{}
	for pair := range strings.SplitSeq(text, ",") {
		at := max(strings.LastIndexByte(pair, '='), 0)
		heading, column := strings.TrimSpace(pair[:at]), strings.TrimPrefix(pair[at:], "=")
		_, twice := out[heading]
		switch {
		case heading == "":
			bad.Add("?"+parameter, domain.T("应为 表头=列名，以逗号分隔", "heading=column, separated by commas"))
		case !slices.ContainsFunc(d.Columns, func(c Column) bool { return c.Name == column }):
			bad.Add("?"+parameter, domain.T("没有名为“"+column+"”的列", "there is no column "+column))
		case twice:
			bad.Add("?"+parameter, domain.T("表头重复", "a heading is there twice"))
		}
		out[heading] = column
	}
	return out, bad.Err()
}
