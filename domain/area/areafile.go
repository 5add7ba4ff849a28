package area

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/fold"
)

const (
	rowsMost = 20_000 // of an area file, written at once; the largest city has some 12,000 areas
	nameMost = 100    // characters of a name
)

// row is one line of an area file.
type row struct {
	line      int
	level     access.Level
	code      string
	name      string
	parent    string // code
	successor string // code; set: this area is no more
}

var columns = []string{"level", "code", "name", "parent_code", "successor_code"}

// readAreas parses an area file: CSV in UTF-8, with or without a byte order
// mark, and a header that names the columns level (city, county, street,
// community), code, name and parent_code in any order. In the optional column
// successor_code a row says that its area is no more and which one took over;
// nothing else of such a row counts. Every fault is a finding; err is the
// reader's own. What comes back are the rows without a fault.
func readAreas(r io.Reader) (rows []row, findings []Finding, err error) {
	in := bufio.NewReader(r)
	if mark, _ := in.Peek(3); bytes.Equal(mark, []byte("\ufeff")) {
		_, _ = in.Discard(3) // peeked
	}
	f := &areaFile{csv: csv.NewReader(in)}
	f.csv.FieldsPerRecord = -1
	header, err := f.csv.Read()
	if err == io.EOF {
		header, err = nil, nil
	}
	if err != nil && !errors.As(err, new(*csv.ParseError)) {
		return nil, nil, err
	}
	if !f.header(header) {
		return nil, f.findings, nil
	}
	for n := 0; ; n++ {
		fields, err := f.csv.Read()
		parse := (*csv.ParseError)(nil)
		switch {
		case err == io.EOF:
			return f.rows, f.findings, nil
		case errors.As(err, &parse):
			f.fault(parse.StartLine, "", "csv", domain.T("不是有效的CSV行，请检查引号", "not a line of CSV: check its quotes"))
		case err != nil:
			return nil, nil, err
		case n == rowsMost:
			f.fault(0, "", "rows", domain.T(fmt.Sprintf("最多%d行", rowsMost), fmt.Sprintf("%d rows at most", rowsMost)))
			return nil, f.findings, nil
		default:
			f.row(fields)
		}
	}
}

type areaFile struct {
	csv      *csv.Reader
	at       map[string]int // position of each column
	width    int
	rows     []row
	findings []Finding
}

func (f *areaFile) fault(line int, field, kind string, detail domain.Text) {
	pointer := fmt.Sprintf("/%d", line)
	if field != "" {
		pointer += "/" + field
	}
	f.findings = append(f.findings, Finding{Pointer: pointer, Line: line, Feature: -1, Kind: kind, Detail: detail})
}

func (f *areaFile) header(names []string) bool {
	f.at, f.width = map[string]int{}, len(names)
	for i, name := range names {
		name = fold.Text(strings.TrimSpace(name))
		_, twice := f.at[name]
		switch {
		case !slices.Contains(columns, name):
			f.fault(1, "", "header", domain.Textf("第一行应为表头 level,code,name,parent_code；第%d列未知", "the first line is the header level,code,name,parent_code; column %d is unknown", i+1))
		case twice:
			f.fault(1, name, "header", domain.T("列重复", "the column is there twice"))
		}
		f.at[name] = i
	}
	for _, name := range columns[:4] {
		if _, ok := f.at[name]; !ok {
			f.fault(1, name, "header", domain.T("缺少列 "+name, "column "+name+" is missing"))
		}
	}
	return len(f.findings) == 0
}

func (f *areaFile) row(fields []string) {
	line, _ := f.csv.FieldPos(0)
	if len(fields) != f.width {
		f.fault(line, "", "csv", domain.T(fmt.Sprintf("应有%d列，实际%d列", f.width, len(fields)), fmt.Sprintf("%d columns, the header has %d", len(fields), f.width)))
		return
	}
	get := func(name string) string {
		if i, ok := f.at[name]; ok {
			return strings.TrimSpace(fields[i])
		}
		return ""
	}
	r := row{line: line, level: access.Level(get("level")), code: get("code"), name: get("name"), parent: get("parent_code"), successor: get("successor_code")}
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
