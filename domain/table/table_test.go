package table

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"wangge/domain"
	"wangge/domain/table/xlsx/xlsxtest"
)

var items = Declaration{
	Bytes: 1 << 20, Rows: 100,
	Columns: []Column{
		{Name: "code", Also: []string{"编码"}, Needed: true, Digits: true},
		{Name: "name", Also: []string{"名称", "事项名称"}, Needed: true},
		{Name: "group", Also: []string{"大类"}},
	},
}

func gbk(t testing.TB, text string) string {
	t.Helper()
	out, err := simplifiedchinese.GBK.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func wide(text string, big bool) string {
	var out []byte
	for _, u := range append([]uint16{0xfeff}, utf16.Encode([]rune(text))...) {
		if big {
			out = append(out, byte(u>>8), byte(u))
		} else {
			out = append(out, byte(u), byte(u>>8))
		}
	}
	return string(out)
}

// told is a table in one line: its encoding, rows and findings; or what keeps it from being read.
func told(table *Table, err error) string {
	if bad := (*domain.InvalidError)(nil); errors.As(err, &bad) {
		out := "invalid"
		for _, f := range bad.Fields {
			out += " " + f.Pointer
		}
		return out
	} else if err != nil {
		return err.Error()
	}
	out := fmt.Sprintf("%s %d:", table.Encoding, table.Count)
	for _, r := range table.Rows {
		out += fmt.Sprintf(" %d(%s|%s|%s)", r.Line, r.Get("code"), r.Get("name"), r.Get("group"))
	}
	for _, f := range table.Findings {
		out += fmt.Sprintf("; %s %s", f.Pointer, f.Kind)
		if f.Warning {
			out += " (warning)"
		}
	}
	return out
}

func TestRead(t *testing.T) {
	const chinese = "编码,事项名称\n01,低保申请\n"
	const same = " 1: 2(01|低保申请|)"
	for name, c := range map[string]struct{ file, want string }{
		"UTF-8":                      {chinese, "UTF-8" + same},
		"with a byte order mark":     {"\ufeff" + chinese, "UTF-8" + same},
		"GBK":                        {gbk(t, chinese), "GB18030" + same},
		"UTF-16":                     {wide(chinese, false), "UTF-16" + same},
		"UTF-16, high bytes first":   {wide(chinese, true), "UTF-16" + same},
		"UTF-16 without a mark":      {wide(chinese, false)[2:], "invalid /1 /3 /4"},
		"half a character of UTF-16": {wide(chinese, false) + "x", "invalid /3"},
		"CRLF":                       {strings.ReplaceAll(chinese, "\n", "\r\n"), "UTF-8" + same},
		"CR only":                    {strings.ReplaceAll(chinese, "\n", "\r"), "UTF-8" + same},
		"broken rows without end":    {"code,name\n" + strings.Repeat("\"a\"b\n", items.Rows+1), "invalid "},
		"a line without end":         {"code,name" + strings.Repeat(",", cellsMost), "invalid "},
		"cells without headings":     {"code,name,,,\n1,a,b,c,d\n", "UTF-8 1:; /2 cell"},
		"CR only, in GBK":            {gbk(t, strings.ReplaceAll(chinese, "\n", "\r")), "GB18030" + same},
		"CR only, LF in a cell":      {"code,name\r1,\"a\nb\"\r2,c\r", "UTF-8 2: 2(1|a\nb|) 4(2|c|)"},
		"CR in a cell":               {"code,name\n1,a\rb\n", "UTF-8 1: 2(1|a\rb|)"},
		"semicolons":                 {"code;name\n1;a,b\n", "UTF-8 1: 2(1|a,b|)"},
		"tabs":                       {"code\tname\n1\ta,b;c\n", "UTF-8 1: 2(1|a,b;c|)"},
		"a separator in a heading":   {"\"code\";\"name\";\"a,b,c,d\"\n1;2;3\n", "UTF-8 1: 2(1|2|); /1 column (warning)"},
		"quoted newlines":            {"code,name\n1,\"a\n\"\"b\"\n2,c\n", "UTF-8 2: 2(1|a\n\"b|) 4(2|c|)"},
		"blank rows":                 {"\n,,\n code ,name,\n\n,,\n　, ,\n1,a,\n", "UTF-8 1: 7(1|a|)"},
		"header only":                {"code,name", "UTF-8 0:"},
		"nothing":                    {"", "UTF-8 0:; /1 header"},
		"only blank rows":            {"\n,,\n", "UTF-8 0:; /1 header"},
		"a column is missing":        {"code\n1\n", "UTF-8 0:; /1/name header"},
		"a column twice":             {"code,名称,name\n1,2,3\n", "UTF-8 0:; /1/name header"},
		"a column that is let be":    {"code,colour,name\n1,red,a\n", "UTF-8 1: 2(1|a|); /1 column (warning)"},
		"signs around a name":        {"*编码,名称*\n1,a\n", "UTF-8 1: 2(1|a|)"},
		"a cell under no heading":    {"code,name,\n1,a,b\n2,c,\n", "UTF-8 2: 3(2|c|); /2 cell"},
		"too few and too many cells": {"code,name\n1\n1,2,3\n4,d\n", "UTF-8 3: 4(4|d|); /2 csv; /3 csv"},
		"a quote":                    {"code,name\n1,\"a\"b\n2,c\n", "UTF-8 2: 3(2|c|); /2 csv"},
		"a quote that never ends":    {"code,name\n2,c\n1,\"a\n3,d\n", "UTF-8 2: 2(2|c|); /3 csv"},
		"a quote in the header":      {"code,\"na\"me\n1,a\n", "UTF-8 0:; /1 header"},
		"NUL":                        {"code,name\n1,a\n2,b\x00c\n", "invalid /3"},
		"10,001 columns":             {"code,name" + strings.Repeat(",x", 9_999) + "\n1,a\n", "UTF-8 0:; /1 header"},
		"a long cell":                {"code,name\n1," + strings.Repeat("长", cellMost) + "\n2,b\n", "UTF-8 2: 3(2|b|); /2/name length"},
		"as many rows as it takes":   {"code,name\n" + strings.Repeat("1,a\n\n", 100), "UTF-8 100:" + rows(100)},
		"more rows":                  {"code,name\n" + strings.Repeat("1,a\n", 101), "invalid "},
		"more bytes":                 {strings.Repeat(" ", 1<<20+1), "invalid "},
		"broken UTF-8":               {chinese + "02,大\xff病\n03,救助\n", "invalid /3"},
		"broken UTF-8 after CR":      {strings.ReplaceAll(chinese+"02,大\xff病\n03,救助\n", "\n", "\r"), "invalid /3"},
		"neither":                    {gbk(t, chinese) + "\xff\xff,a\n", "invalid /3"},
		"an old workbook":            {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "invalid "},
		"columns in any order":       {"大类,name,code\n救助,a,1\n,b,2\n", "UTF-8 2: 2(1|a|救助) 3(2|b|)"},
	} {
		if got := told(items.Read(t.Context(), strings.NewReader(c.file), Options{})); strings.TrimSpace(got) != strings.TrimSpace(c.want) {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

// More lines than any table has are refused before each takes many times its bytes.
func TestLinesWithoutEnd(t *testing.T) {
	for _, ends := range []string{"\n", "\r", "\r\n"} {
		if _, _, err := decode(bytes.Repeat([]byte(ends), endsMost+1)); told(nil, err) != "invalid " {
			t.Errorf("%q: %v", ends, err)
		}
	}
}

func rows(n int) (out string) {
	for i := range n {
		out += fmt.Sprintf(" %d(1|a|)", 2*i+2)
	}
	return out
}

func TestHeadings(t *testing.T) {
	headings, err := items.ParseHeadings("columns", "事项=name, 主键 =code,a=b=group")
	if err != nil {
		t.Fatal(err)
	}
	file := "主键,事项,a=b\n1,a,b\n"
	if got := told(items.Read(t.Context(), strings.NewReader(file), Options{Headings: headings})); got != "UTF-8 1: 2(1|a|b)" {
		t.Error(got)
	}
	// What a heading says by itself gives way to what the caller says of it.
	if got := told(items.Read(t.Context(), strings.NewReader("编码,名称\n1,a\n"), Options{Headings: map[string]string{"名称": "code", "编码": "name"}})); got != "UTF-8 1: 2(a|1|)" {
		t.Error(got)
	}
	for _, text := range []string{"name", "=name", "x=colour", "x=name,x=code", ","} {
		if _, err := items.ParseHeadings("columns", text); !strings.HasPrefix(told(nil, err), "invalid ?columns") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// A file is not read on when the time is up.
func TestReadInTime(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	book := xlsxtest.Book{Rows: xlsxtest.Header("code", "name")}
	for _, file := range []string{"code,name\n1,a\n", string(book.File(t))} {
		if read, err := items.Read(ctx, strings.NewReader(file), Options{}); !errors.Is(err, context.Canceled) || read != nil {
			t.Errorf("%v, %v", read, err)
		}
	}
}

func TestReadWorkbook(t *testing.T) {
	read := func(b xlsxtest.Book, opts Options) string {
		return told(items.Read(t.Context(), strings.NewReader(string(b.File(t))), opts))
	}
	for name, c := range map[string]struct{ rows, want string }{
		"rows as the sheet shows them": {`<row r="3"><c r="B3" t="inlineStr"><is><t>编码</t></is></c><c r="D3" t="inlineStr"><is><t>名称</t></is></c></row>` +
			`<row r="7"><c r="B7" t="str"><v>01</v></c><c r="D7" t="str"><v>甲</v></c></row><row r="8"/><row r="9"><c r="B9" t="str"><v>02</v></c></row>`,
			"XLSX 2: 7(01|甲|) 9(02||)"},
		"a code that is a number": {xlsxtest.Header("code", "name") + `<row r="2"><c r="A2"><v>1.3800000001E10</v></c><c r="B2"><v>7</v></c></row><row r="3"><c r="A3"><v>5</v></c></row>`,
			"XLSX 2: 2(13800000001|7|) 3(5||); /2/code number (warning)"},
		"a code whose digits are lost": {xlsxtest.Header("code", "name") + `<row r="2"><c r="A2"><v>3.2050819500101E17</v></c></row>`, "XLSX 1:; /2/code number"},
		"an error of a formula":        {xlsxtest.Header("code", "name") + `<row r="2"><c r="A2" t="e"><v>#N/A</v></c></row>`, "XLSX 1:; /2/code cell"},
		"a cell beside the table":      {xlsxtest.Header("code", "name") + `<row r="2"><c r="A2" t="str"><v>1</v></c><c r="F2" t="str"><v>note</v></c></row>`, "XLSX 1:; /2 cell"},
		"merged cells":                 {xlsxtest.Header("大类", "code", "name") + `<row r="2"><c r="A2" t="str"><v>救助</v></c><c r="B2" t="str"><v>1</v></c></row><row r="3"><c r="B3" t="str"><v>2</v></c></row>`, "XLSX 2: 2(1||救助) 3(2||)"},
		"no rows":                      {"", "XLSX 0:; /1 header"},
	} {
		if got := read(xlsxtest.Book{Rows: c.rows}, Options{}); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

// A report has so many findings at most; faults stay, and it says how many are left out.
func TestReportIsBounded(t *testing.T) {
	r := Report{Counts: Counts{Added: 3}}
	for i := range 2 * findingsMost {
		r.Findings = append(r.Findings, Warning(i+1, "name", "odd", domain.T("怪", "odd")))
	}
	for i := range 10 {
		r.Findings = append(r.Findings, Fault(i/2+1, "code", "code", domain.T("错", "wrong")))
	}
	r.Findings = append(r.Findings, Fault(0, "", "whole", domain.T("错", "wrong")))
	err := r.Conclude()
	if got := told(nil, err); got != "invalid  /1/code /1/code /2/code /2/code /3/code /3/code /4/code /4/code /5/code /5/code" {
		t.Error(got)
	}
	last := r.Findings[len(r.Findings)-1]
	if len(r.Findings) != findingsMost+1 || last.Kind != "more" || !strings.HasPrefix(last.Detail.EN, "1011 more") || r.Refused != 5 || r.Added != 0 || !r.Failed() {
		t.Errorf("%d findings, the last %+v, %d refused", len(r.Findings), last, r.Refused)
	}
	if !slices.IsSortedFunc(r.Findings[:findingsMost], func(a, b Finding) int { return a.Line - b.Line }) {
		t.Error("not in order")
	}
	r = Report{DryRun: true, Findings: []Finding{Fault(1, "", "x", domain.T("错", "wrong"))}}
	if err := r.Conclude(); err != nil || !r.Failed() {
		t.Error(err)
	}
}

// No file makes the reader panic; what it says is within the file, and rows have every column.
func FuzzRead(f *testing.F) {
	book := xlsxtest.Book{Rows: xlsxtest.Header("code", "name") + `<row r="2"><c r="A2"><v>1</v></c></row>`}
	for _, seed := range []string{"code,name\n1,a\n", gbk(f, "编码,名称\n1,低保\n"), wide("编码;名称\r1;低保", false), "\ufeffcode\tname\r\n1\t\"a\n", "\xff\xfe", "PK\x03\x04", string(book.File(f))} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		read, err := items.Read(t.Context(), strings.NewReader(string(file)), Options{})
		if err != nil {
			if bad := (*domain.InvalidError)(nil); !errors.As(err, &bad) {
				t.Fatal(err)
			}
			return
		}
		last := 0
		for _, r := range read.Rows {
			if r.Line <= last {
				t.Fatalf("row %d after %d", r.Line, last)
			}
			last = r.Line
			for _, c := range items.Columns {
				if text := r.Get(c.Name); !utf8.ValidString(text) || strings.TrimSpace(text) != text {
					t.Fatalf("%q", text)
				}
			}
		}
		if len(read.Rows) > read.Count || read.HeaderErr() != nil && read.Count > 0 {
			t.Fatalf("%d of %d rows, %v", len(read.Rows), read.Count, read.HeaderErr())
		}
		for _, x := range read.Findings {
			if x.Line < 1 || x.Detail.ZH == "" || x.Detail.EN == "" || x.Kind == "" {
				t.Fatalf("%+v", x)
			}
		}
	})
}
