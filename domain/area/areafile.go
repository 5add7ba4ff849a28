package area

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/table"
)

const nameMost = 100 // characters of a name

// row is one line of an area file.
type row struct {
	line      int
	level     access.Level
	code      string
	name      string
	parent    string // code
	successor string // code; set: this area is no more
}

// AreaTable is what an area file has. In the optional column successor_code a
// row says that its area is no more and which one took over; nothing else of
// such a row counts.
var AreaTable = table.Declaration{
	Bytes: 32 << 20, Rows: 20_000, // the largest city has some 12,000 areas, and they are written at once
	Strict: true,
	Columns: []table.Column{
		{Name: "level", Also: []string{"级别", "层级"}, Needed: true}, // city, county, street, community
		{Name: "code", Also: []string{"区划代码", "代码"}, Needed: true, Digits: true},
		{Name: "name", Also: []string{"名称", "区划名称"}, Needed: true},
		{Name: "parent_code", Also: []string{"上级代码"}, Needed: true, Digits: true},
		{Name: "successor_code", Also: []string{"后继代码"}, Digits: true},
	},
}

// readAreas takes what an area file says: the rows without a fault, and what
// was found in all of them.
func readAreas(ctx context.Context, in io.Reader, opts table.Options) ([]row, *table.Table, error) {
	t, err := AreaTable.Read(ctx, in, opts)
	if err != nil {
		return nil, nil, err
	}
	f := &areaFile{Table: t}
	for _, r := range t.Rows {
		f.row(r)
	}
	return f.rows, t, nil
}

type areaFile struct {
	*table.Table
	rows []row
}

func (f *areaFile) fault(line int, column, kind string, detail domain.Text) {
	f.Findings = append(f.Findings, table.Fault(line, column, kind, detail))
}

func (f *areaFile) row(in table.Row) {
	line := in.Line
	r := row{line: line, level: access.Level(in.Get("level")), code: in.Get("code"), name: in.Get("name"), parent: in.Get("parent_code"), successor: in.Get("successor_code")}
	if r.successor != "" {
		if f.codes(r, "code", r.code, 0) && f.codes(r, "successor_code", r.successor, len(r.code)) {
			f.rows = append(f.rows, r)
		}
		return
	}
	n := digits[r.level]
	if n == 0 {
		f.fault(line, "level", "level", access.AreaLevelWords.Fault())
		return
	}
	good := f.codes(r, "code", r.code, n)
	good = f.named(r) && good
	above := 0
	if i := slices.Index(Levels, r.level); i > 0 {
		above = digits[Levels[i-1]]
	}
	switch {
	case above == 0 && r.parent != "":
		f.fault(line, "parent_code", "parent", domain.T("城市没有上级", "a city has no parent"))
		good = false
	case above > 0:
		good = f.codes(r, "parent_code", r.parent, above) && good
		if good && !strings.HasPrefix(r.code, r.parent) {
			f.fault(line, "parent_code", "parent", domain.T("编码应以上级编码开头", "the code does not begin with the parent's"))
			good = false
		}
	}
	if good {
		f.rows = append(f.rows, r)
	}
}

// codes checks a code for its number of digits; n 0: that of any level.
func (f *areaFile) codes(r row, field, code string, n int) bool {
	known := n > 0 && n == len(code)
	for _, d := range digits {
		known = known || n == 0 && d == len(code)
	}
	if known && strings.Trim(code, "0123456789") == "" {
		return true
	}
	if n == 0 {
		f.fault(r.line, field, "code", domain.T("编码应为4、6、9或12位数字", "a code has 4, 6, 9 or 12 digits"))
	} else {
		f.fault(r.line, field, "code", domain.T(fmt.Sprintf("应为%d位数字", n), fmt.Sprintf("%d digits are needed", n)))
	}
	return false
}

func (f *areaFile) named(r row) bool {
	fault := nameFault(r.name)
	if fault != (domain.Text{}) {
		f.fault(r.line, "name", "name", fault)
	}
	return fault == domain.Text{}
}

// nameFault says what is wrong with the name of an area, a cell or an organisation.
func nameFault(name string) domain.Text {
	switch {
	case name == "":
		return domain.T("名称不能为空", "a name is needed")
	case utf8.RuneCountInString(name) > nameMost:
		return domain.T(fmt.Sprintf("名称最多%d个字", nameMost), fmt.Sprintf("a name has %d characters at most", nameMost))
	}
	return domain.TextFault(name, false)
}
