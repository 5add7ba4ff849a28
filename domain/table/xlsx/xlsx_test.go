package xlsx

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"wangge/domain"
	"wangge/domain/table/xlsx/xlsxtest"
)

// told is what Read says of a file, in one line.
func told(file []byte, sheet string) string {
	var out strings.Builder
	err := Read(context.Background(), file, sheet, func(n int, cells []Cell) error {
		fmt.Fprintf(&out, "%d:", n)
		for _, c := range cells {
			out.WriteString(c.Text + map[Kind]string{Number: "#", Fault: "!"}[c.Kind] + "|")
		}
		return nil
	})
	if bad := (*domain.InvalidError)(nil); errors.As(err, &bad) {
		return "invalid" + bad.Fields[0].Pointer + " " + bad.Fields[0].Detail.EN
	} else if err != nil {
		return err.Error()
	}
	return out.String()
}

const styles = `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="00000000000"/><numFmt numFmtId="165" formatCode="yyyy&quot;年&quot;m&quot;月&quot;"/>` +
	`<numFmt numFmtId="166" formatCode="&quot;日 day&quot;0.0\s"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="22"/></cellXfs></styleSheet>`

func TestCellsAsTheyWereTyped(t *testing.T) {
	texts := `<sst count="99999999999" uniqueCount="-1"><si><t>甲</t></si><si><r><t>张</t></r><r><rPr/><t xml:space="preserve"> 三</t></r><rPh sb="0" eb="1"><t>zhang</t></rPh></si><si/></sst>`
	for cell, want := range map[string]string{
		`<c r="A1" t="s"><v>0</v></c>`:                                                "1:甲|",
		`<c r="A1" t="s"><v>1</v></c>`:                                                "1:张 三|",
		`<c r="B1" t="inlineStr"><is><r><t>李</t></r><r><t>四</t></r></is></c>`:         "1:|李四|",
		`<c t="str"><f>A9&amp;"x"</f><v>ax</v></c><c t="b"><v>1</v></c>`:              "1:ax|true|",
		`<c r="A1"><v>13800000001</v></c>`:                                            "1:13800000001#|",
		`<c r="A1"><v>1.3800000001E+10</v></c>`:                                       "1:13800000001#|",
		`<c r="A1"><v>3.2050819500101001E17</v></c>`:                                  "1:320508195001010000#|",
		`<c r="A1"><v>120.60700000000001</v></c><c r="B1"><v>-1e-7</v></c>`:           "1:120.607#|-0.0000001#|",
		`<c r="A1" s="2"><v>51266661234</v></c><c r="B1" s="2"><v>7</v></c>`:          "1:51266661234#|00000000007#|",
		`<c r="A1" s="1"><v>45000</v></c><c r="B1" s="3"><v>45000</v></c>`:            "1:2023-03-15|2023-03-15|",
		`<c r="A1" s="5"><v>45000.5</v></c><c r="B1" s="5"><v>0.25</v></c>`:           "1:2023-03-15T12:00:00|06:00:00|",
		`<c r="A1" s="1"><v>1</v></c><c r="B1" s="1"><v>61</v></c>`:                   "1:1900-01-01|1900-03-01|",
		`<c r="A1" s="4"><v>2</v></c>`:                                                "1:2#|",
		`<c r="A1" t="d"><v>2026-11-28</v></c><c r="B1" t="e"><v>#DIV/0!</v></c>`:     "1:2026-11-28|#DIV/0!!|",
		`<c r="A1" s="9"/><c r="B1" t="s"><v>2</v></c><c r="C1" t="str"><v>a</v></c>`: "1:||a|",
		`<c t="str"><v/></c><c/><c t="inlineStr"><is/></c><c t="str"><v>d</v></c>`:    "1:|||d|",
		`<c r="B1"/><c t="str"><v>c</v></c>`:                                          "1:||c|",
		`<c r="B1"/><c r="A1" t="str"><v>a</v></c>`:                                   "invalid",
		`<c r="A1" t="s"><v>-1</v></c>`:                                               "invalid",
		`<c r="A1" t="s"><v>3</v></c>`:                                                "invalid",
		`<c r="A1"><v>NaN</v></c>`:                                                    "invalid",
		`<c r="A1" s="1"><v>-5</v></c>`:                                               "invalid",
		`<c r="A1" s="1"><v>1e300</v></c>`:                                            "invalid",
		`<c r="B1" t="str"><v>b</v></c><c r="A1" t="str"><v>a</v></c>`:                "invalid",
		`<c r="ZZZZ1" t="str"><v>a</v></c>`:                                           "invalid",
		`<c r="1" t="str"><v>a</v></c>`:                                               "invalid",
		`<c r="A1" t="str"><v>a</v>`:                                                  "invalid",
		`<c r="A1" t="str"><v>&lol;</v></c>`:                                          "invalid",
	} {
		b := xlsxtest.Book{Rows: `<row r="1">` + cell + `</row>`, Parts: map[string]string{"xl/sharedStrings.xml": texts, "xl/styles.xml": styles}}
		if got := told(b.File(t), ""); got != want && !(want == "invalid" && strings.HasPrefix(got, want)) {
			t.Errorf("%s:\n got %s\nwant %s", cell, got, want)
		}
	}
}

// bomb is a part whose bytes pack to next to nothing.
func bomb(head, body string, bytes int, tail string) string {
	return head + strings.Repeat(body, bytes/len(body)+1) + tail
}

func TestBadWorkbooks(t *testing.T) {
	a := `<row r="1"><c r="A1" t="str"><v>a</v></c></row>`
	for name, c := range map[string]struct {
		book  xlsxtest.Book
		sheet string
		want  string
	}{
		"a sheet by name":        {xlsxtest.Book{Rows: a}, "Sheet1", "1:a|"},
		"no sheet of the name":   {xlsxtest.Book{Rows: a}, "Sheet2", "invalid?sheet "},
		"macros":                 {xlsxtest.Book{Rows: a, Parts: map[string]string{"xl/VBAProject.bin": "x"}}, "", "invalid the workbook has macros"},
		"a type with macros":     {xlsxtest.Book{Rows: a, Parts: map[string]string{"[Content_Types].xml": `<Types><Override PartName="/xl/workbook.xml" ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>`}}, "", "invalid the workbook has macros"},
		"links to other files":   {xlsxtest.Book{Rows: a, Parts: map[string]string{"xl/externalLinks/externalLink1.xml": "<externalLink/>"}}, "", "1:a|"},
		"a sheet elsewhere":      {xlsxtest.Book{Rows: a, Parts: map[string]string{"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="file:///etc/passwd" TargetMode="External"/></Relationships>`}}, "", "invalid not a workbook"},
		"a sheet above":          {xlsxtest.Book{Rows: a, Parts: map[string]string{"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="../../../etc/passwd"/></Relationships>`}}, "", "invalid not a workbook"},
		"a sheet of macros":      {xlsxtest.Book{Rows: a, Parts: map[string]string{"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="x/xlMacrosheet" Target="worksheets/sheet1.xml"/></Relationships>`}}, "", "invalid not a workbook"},
		"no sheet":               {xlsxtest.Book{Parts: map[string]string{"xl/worksheets/sheet1.xml": ""}}, "", "invalid not a workbook"},
		"no types":               {xlsxtest.Book{Rows: a, Parts: map[string]string{"[Content_Types].xml": ""}}, "", "invalid not a workbook"},
		"a sheet cut off":        {xlsxtest.Book{Parts: map[string]string{"xl/worksheets/sheet1.xml": `<worksheet><sheetData>` + a + `<row r="2">`}}, "", "invalid not a workbook"},
		"rows out of order":      {xlsxtest.Book{Rows: `<row r="2"/><row r="1"/>`}, "", "invalid not a workbook"},
		"a row far below":        {xlsxtest.Book{Rows: `<row r="9999999"/>`}, "", "invalid not a workbook"},
		"a bomb":                 {xlsxtest.Book{Rows: bomb("", "<x>"+strings.Repeat(" ", 1<<17)+"</x>", unpacked, "")}, "", "invalid the workbook is too large"},
		"a bomb of texts":        {xlsxtest.Book{Rows: a, Parts: map[string]string{"xl/sharedStrings.xml": bomb("<sst>", "<si/>", 5*textsMost, "</sst>")}}, "", "invalid the workbook is too large"},
		"a bomb of styles":       {xlsxtest.Book{Rows: a, Parts: map[string]string{"xl/styles.xml": bomb("<styleSheet>", "<xf/>", partMost, "</styleSheet>")}}, "", "invalid the workbook is too large"},
		"a long text many times": {xlsxtest.Book{Rows: bomb("", `<row><c t="s"><v>0</v></c></row>`, 32*(handedMost>>17+1), ""), Parts: map[string]string{"xl/sharedStrings.xml": "<sst><si><t>" + strings.Repeat("x", 1<<17) + "</t></si></sst>"}}, "", "invalid the workbook is too large"},
		"wide rows":              {xlsxtest.Book{Rows: bomb("", `<row><c r="XFD1" t="str"><v>a</v></c></row>`, 400*42, "")}, "", "invalid the workbook is too large"},
		"a tag without end":      {xlsxtest.Book{Rows: "<x" + strings.Repeat(` a=""`, 100_000) + "/>"}, "", "invalid the workbook is too large"},
		"a text in many pieces":  {xlsxtest.Book{Rows: "<row><c><v>" + strings.Repeat("1<!---->", tokenMost+1) + "</v></c></row>"}, "", "invalid the workbook is too large"},
		"sheets without end":     {xlsxtest.Book{Rows: a, Parts: map[string]string{"xl/workbook.xml": bomb("<workbook><sheets>", "<sheet/>", 8*elementsMost, "</sheets></workbook>")}}, "", "invalid the workbook is too large"},
		"a part with a name":     {xlsxtest.Book{Rows: a, Parts: map[string]string{"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="张三.xml"/></Relationships>`}}, "", "invalid not a workbook that can be read"},
		"nesting in a cell":      {xlsxtest.Book{Rows: "<row><c>" + strings.Repeat("<x>", depthMost) + strings.Repeat("</x>", depthMost) + "</c></row>"}, "", "invalid not a workbook"},
		"deep nesting":           {xlsxtest.Book{Rows: strings.Repeat("<x>", 100_000)}, "", "invalid not a workbook"},
	} {
		if got := told(c.book.File(t), c.sheet); got != c.want && !(strings.HasPrefix(c.want, "invalid") && strings.HasPrefix(got, c.want)) || strings.Contains(got, "张三") {
			t.Errorf("%s: %.200s, want %s", name, got, c.want)
		}
	}
}

// A part that unpacks to more than it says is none.
func TestBombThatLies(t *testing.T) {
	var packed, file bytes.Buffer
	d, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err == nil {
		_, err = d.Write(bytes.Repeat([]byte(" "), 8<<20))
	}
	if err = errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(&file)
	p, err := w.CreateRaw(&zip.FileHeader{Name: "[Content_Types].xml", Method: zip.Deflate, CompressedSize64: uint64(packed.Len()), UncompressedSize64: 10})
	if err == nil {
		_, err = p.Write(packed.Bytes())
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	if got := told(file.Bytes(), ""); !strings.HasPrefix(got, "invalid not a workbook") {
		t.Error(got)
	}
}

// What is no archive, or one with a part twice, is no workbook.
func TestBadArchives(t *testing.T) {
	good := xlsxtest.Book{Rows: `<row/>`}.File(t)
	var twice bytes.Buffer
	w := zip.NewWriter(&twice)
	for range 2 {
		if _, err := w.Create("xl/workbook.xml"); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{"cut off": good[:len(good)/2], "nothing behind": []byte("PK\x03\x04"), "a part twice": twice.Bytes()} {
		if got := told(file, ""); !strings.HasPrefix(got, "invalid not a workbook") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// countdown is a context whose time is up when it has been asked so many times.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.DeadlineExceeded
	}
	return nil
}

// A workbook is not read on when the time is up, in whichever part that is.
func TestTimeIsUp(t *testing.T) {
	file := xlsxtest.Book{Rows: bomb("", `<row><c t="s"><v>0</v></c></row>`, 1<<16, ""), Parts: map[string]string{
		"xl/sharedStrings.xml": bomb("<sst>", "<si><t>a</t></si>", 1<<16, "</sst>"),
		"xl/styles.xml":        bomb("<styleSheet><cellXfs>", `<xf numFmtId="0"/>`, 1<<16, "</cellXfs></styleSheet>"),
	}}.File(t)
	for looks := 0; ; looks++ {
		err := Read(&countdown{t.Context(), looks}, file, "", func(int, []Cell) error { return nil })
		if err == nil && looks > 3*16 { // a look for each 4 KB
			return
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("after %d looks: %v", looks, err)
		}
	}
}

func TestFirstSheetThatIsShown(t *testing.T) {
	b := xlsxtest.Book{Rows: `<row><c t="str"><v>shown</v></c></row>`, Parts: map[string]string{
		"xl/workbook.xml": `<workbook xmlns:r="r"><workbookPr date1904="1"/><sheets><sheet name="words" state="hidden" r:id="rId2"/><sheet name="list" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="/xl/worksheets/sheet1.xml"/>` +
			`<Relationship Id="rId2" Type="x/worksheet" Target="worksheets/sheet2.xml"/></Relationships>`,
		"xl/worksheets/sheet2.xml": `<worksheet><sheetData><row><c s="1"><v>0</v></c></row></sheetData></worksheet>`,
		"xl/styles.xml":            styles,
	}}
	if got := told(b.File(t), ""); got != "1:shown|" {
		t.Error(got)
	}
	if got := told(b.File(t), "words"); got != "1:1904-01-01|" {
		t.Error(got)
	}
}

// No part of a workbook makes the reader panic; rows go down, and every cell is text.
func FuzzParts(f *testing.F) {
	f.Add(`<row r="1"><c r="A1" t="s" s="1"><v>0</v></c></row>`, `<sst count="-1"><si><t>a</t></si></sst>`, styles)
	f.Add(`<row r="2"><c r="XFD2" s="5"><v>1e9</v></c></row><row><c t="d"><v>x</v></c></row>`, `<sst><si><r><t>a</t></r><rPh><t>b</t></rPh></si>`, `<styleSheet/>`)
	f.Add(`<row r="1"><c t="inlineStr"><is><t>a<b/></t></is></c><c s="99999999999"><v>-0</v></c></row>`, ``, `<styleSheet><cellXfs><xf numFmtId="-1"/></cellXfs></styleSheet>`)
	f.Fuzz(func(t *testing.T, rows, texts, format string) {
		file := xlsxtest.Book{Rows: rows, Parts: map[string]string{"xl/sharedStrings.xml": texts, "xl/styles.xml": format}}.File(t)
		last := 0
		err := Read(t.Context(), file, "", func(n int, cells []Cell) error {
			if n <= last || len(cells) == 0 || len(cells) > columnMost {
				t.Fatalf("row %d after %d, of %d cells", n, last, len(cells))
			}
			last = n
			for _, c := range cells {
				if !utf8.ValidString(c.Text) {
					t.Fatalf("%q", c.Text)
				}
			}
			return nil
		})
		if bad := (*domain.InvalidError)(nil); err != nil && !errors.As(err, &bad) {
			t.Fatal(err)
		}
	})
}
