package household

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"wangge/domain"
	"wangge/domain/fold"
)

const (
	rowsMost = 20_000   // of a file
	fileMost = 32 << 20 // bytes of a file
)

// Encodings of a file.
const (
	UTF8    = "UTF-8"
	GB18030 = "GB18030" // and GBK and GB 2312, which it contains
)

// Finding is one thing an import has to say about a line.
type Finding struct {
	Line    int    // from 1
	Column  string // its name in English; "" for the line as a whole
	Kind    string // a stable word, such as "phone"
	Warning bool   // the row went in all the same
	Detail  domain.Text
}

// column of a file, by the names that its header may have.
var columns = map[string][]string{
	"estate":          {"小区", "小区名称", "道路"},
	"building":        {"幢", "楼幢", "楼栋", "门牌号"},
	"unit":            {"单元"},
	"floor":           {"层", "楼层"},
	"room":            {"室", "房号", "室号"},
	"lon":             {"经度", "longitude"},
	"lat":             {"纬度", "latitude"},
	"datum":           {"坐标系"},
	"occupancy":       {"居住情况", "居住类型"},
	"name":            {"姓名"},
	"phone":           {"电话", "手机", "联系电话", "手机号"},
	"id_number":       {"身份证号", "身份证号码", "公民身份号码"},
	"relation":        {"与户主关系", "关系"},
	"tags":            {"标签"},
	"owner_name":      {"产权人", "业主姓名"},
	"owner_phone":     {"产权人电话", "业主电话"},
	"occupant_name":   {"实际居住人"},
	"occupant_phone":  {"实际居住人电话"},
	"emergency_name":  {"紧急联系人"},
	"emergency_phone": {"紧急联系人电话"},
}

// needed columns of every file.
var needed = []string{"estate", "building"}

// decode returns the file as UTF-8 and the encoding it had. A byte order mark
// is taken off. What is not UTF-8 is read as GB18030, unless most of its
// Chinese lines are UTF-8: then, and where GB18030 has no such characters, the
// encoding is broken, and the InvalidError says in which lines.
func decode(file []byte) (string, string, error) {
	file, marked := bytes.CutPrefix(file, []byte("\ufeff"))
	if utf8.Valid(file) {
		return string(file), UTF8, nil
	}
	lines := bytes.SplitAfter(file, []byte("\n"))
	good, broken := 0, []int{}
	for i, line := range lines {
		switch {
		case !utf8.Valid(line):
			broken = append(broken, i+1)
		case !ascii(line):
			good++
		}
	}
	if marked || good > len(broken) {
		return "", UTF8, brokenLines(UTF8, broken)
	}
	var out strings.Builder
	broken = nil
	for i, line := range lines {
		text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(line)
		if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
			broken = append(broken, i+1)
		}
		out.Write(text)
	}
	if len(broken) > 0 {
		return "", GB18030, brokenLines(GB18030, broken)
	}
	return out.String(), GB18030, nil
}

func ascii(line []byte) bool {
	return !bytes.ContainsFunc(line, func(r rune) bool { return r >= utf8.RuneSelf })
}

// brokenLines is the error for lines that are not in the file's encoding: of the first ten.
func brokenLines(encoding string, lines []int) error {
	bad := &domain.InvalidError{}
	for _, n := range lines[:min(len(lines), 10)] {
		bad.Add(fmt.Sprintf("/%d", n), domain.T(fmt.Sprintf("第%d行不是有效的%s文字，请另存为UTF-8", n, encoding),
			fmt.Sprintf("line %d is not valid %s: save the file as UTF-8", n, encoding)))
	}
	return bad
}

// record is a line of the file by the English names of its columns.
type record struct {
	line   int
	fields map[string]string
}

// table is a file taken apart.
type table struct {
	encoding string
	rows     int // good and bad
	records  []record
	findings []Finding
}

// readTable reads a CSV file with a header that names its columns, in any
// order, in English or Chinese; unknown columns are let be and named in a
// warning. What is wrong with a line is a finding; an InvalidError says that
// the file as a whole cannot be read.
func readTable(r io.Reader) (*table, error) {
	file, err := io.ReadAll(io.LimitReader(r, fileMost+1))
	if err != nil {
		return nil, err
	}
	if len(file) > fileMost {
		return nil, domain.Invalid("", domain.T("文件过大，最多32MB", "the file is larger than 32 MB"))
	}
	t := &table{}
	text, encoding, err := decode(file)
	if err != nil {
		return nil, err
	}
	t.encoding = encoding
	in := csv.NewReader(strings.NewReader(text))
	in.FieldsPerRecord = -1
	header, err := in.Read()
	if err != nil {
		return nil, domain.Invalid("/1", domain.T("缺少表头", "the header is missing"))
	}
	at, err := t.header(header)
	if err != nil {
		return nil, err
	}
	for {
		fields, err := in.Read()
		parse := (*csv.ParseError)(nil)
		switch {
		case err == io.EOF:
			return t, nil
		case errors.As(err, &parse):
			t.rows++
			t.fault(parse.StartLine, "", "csv", domain.T("不是有效的CSV行，请检查引号", "not a line of CSV: check its quotes"))
			continue
		case err != nil:
			return nil, err
		case t.rows == rowsMost:
			return nil, domain.Invalid("", domain.T("最多20000行", "20,000 rows at most"))
		}
		t.rows++
		line, _ := in.FieldPos(0)
		if len(fields) != len(header) {
			t.fault(line, "", "csv", domain.T(fmt.Sprintf("应有%d列，实际%d列", len(header), len(fields)), fmt.Sprintf("%d columns, the header has %d", len(fields), len(header))))
			continue
		}
		rec := record{line, map[string]string{}}
		for name, i := range at {
			rec.fields[name] = strings.TrimSpace(fields[i])
		}
		t.records = append(t.records, rec)
	}
}

// header finds the columns by name.
func (t *table) header(names []string) (map[string]int, error) {
	at, bad := map[string]int{}, &domain.InvalidError{}
	for i, name := range names {
		name = fold.Name(name)
		column := ""
		for english, chinese := range columns {
			if name == fold.Name(english) || slices.Contains(chinese, name) {
				column = english
			}
		}
		if _, twice := at[column]; column == "" {
			t.findings = append(t.findings, Finding{1, "", "column", true, domain.T(fmt.Sprintf("第%d列未使用", i+1), fmt.Sprintf("column %d is not used", i+1))})
		} else if twice {
			bad.Add("/1/"+column, domain.T("列重复", "the column is there twice"))
		} else {
			at[column] = i
		}
	}
	for _, name := range needed {
		if _, ok := at[name]; !ok {
			bad.Add("/1/"+name, domain.T("缺少列 "+columns[name][0], "column "+name+" is missing"))
		}
	}
	return at, bad.Err()
}

func (t *table) fault(line int, column, kind string, detail domain.Text) {
	t.findings = append(t.findings, Finding{line, column, kind, false, detail})
}

func (t *table) warn(line int, column, kind string, detail domain.Text) {
	t.findings = append(t.findings, Finding{line, column, kind, true, detail})
}
