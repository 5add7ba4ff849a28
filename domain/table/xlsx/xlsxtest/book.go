// Package xlsxtest makes workbooks for tests, bad ones too.
package xlsxtest

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Book is a workbook of one sheet.
type Book struct {
	Rows  string            // of the sheet, as XML
	Parts map[string]string // others, in the place of those that File makes
}

const (
	types = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`
	book  = `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>`
	rels  = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`
)

// File is the workbook as a file.
func (b Book) File(t testing.TB) []byte {
	t.Helper()
	parts := map[string]string{
		"[Content_Types].xml": types, "xl/workbook.xml": book, "xl/_rels/workbook.xml.rels": rels,
		"xl/worksheets/sheet1.xml": `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + b.Rows + `</sheetData></worksheet>`,
	}
	var names []string
	for name, content := range b.Parts {
		parts[name] = content
	}
	for name := range parts {
		names = append(names, name)
	}
	slices.Sort(names)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range names {
		if parts[name] == "" {
			continue
		}
		p, err := w.Create(name)
		if err == nil {
			_, err = p.Write([]byte(parts[name]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Header is the first row of a sheet, with these texts.
func Header(texts ...string) string {
	var out strings.Builder
	out.WriteString(`<row r="1">`)
	for i, text := range texts {
		fmt.Fprintf(&out, `<c r="%c1" t="inlineStr"><is><t>%s</t></is></c>`, 'A'+i, text)
	}
	return out.String() + `</row>`
}
