// Package table takes in what comes as a table: it reads CSV files and
// workbooks by a declaration of their columns, says what is wrong by row and
// column, and carries an import out in chunks that a crash does not repeat.
// What a row means, and what is done about it, is the importer's; the package
// knows no thing of the domain and writes nothing itself. GeoJSON has its own reader, and
// the findings, reports and chunks of this one.
//
// A new import is a Declaration, a function from a Row to what it asks for, and
// either one update for the whole file, concluded by Report.Conclude, or a plan
// for a chunk, for Apply. What a row made it finds again by the row's own key
// (an id derived from a code, an address), so that the same file twice has one
// effect; what a chunk came to is kept with the request's key in the chunk's
// own update, so that a crash between two has none.
package table

import (
	"context"
	"io"
	"slices"
	"strings"

	"wangge/domain"
	"wangge/domain/table/xlsx"
)

// Declaration says what a table has.
type Declaration struct {
	Columns []Column
	Bytes   int  // of a file at most
	Rows    int  // of a file at most, without the header and blank rows
	Strict  bool // a column that is not declared is a fault; else it is let be, with a warning
}

// Column of a table.
type Column struct {
	Name   string   // as findings and importers name it
	Also   []string // other names that a header may have; the first is what people are told
	Needed bool     // every file has it
	Digits bool     // it holds codes or numbers of digits: one that a workbook keeps as a number may have lost some
}

// Options say how a file is to be read.
type Options struct {
	Sheet    string            // of a workbook; "": the first that is shown
	Headings map[string]string // names of columns by the headings that another system gives them
}

// Table is a file taken apart.
type Table struct {
	Encoding string    // UTF8, UTF16, GB18030 or XLSX
	Count    int       // rows, good and bad, without the header and blank rows
	Rows     []Row     // those without a fault
	Findings []Finding // with one of kind "header" that is no warning there are no rows
}

// Row of a table.
type Row struct {
	Line  int // as the file shows it: the line of a text on which it begins, the row of a sheet
	cells []string
	at    map[string]int
}

// Get returns the text of the cell in a declared column, without space around it; "" where the file has no such column.
func (r Row) Get(column string) string { return r.cells[r.at[column]] }

const (
	columnsMost = 1_000   // of a header
	cellMost    = 32_767  // bytes of a cell
	cellsMost   = 1 << 16 // of a line of text
	endsMost    = 2 << 20 // bytes that end lines of a text
)

// Read takes a file apart: CSV in UTF-8, UTF-16 or GB18030 (see decode) whose
// rows end in LF, CRLF or CR and whose cells are separated by the comma,
// semicolon or tab that its header has; or an .xlsx workbook. The header is the
// first row that is not blank; it names the columns in any order. Blank rows
// are skipped. What is wrong with a header or a row is a finding; an
// InvalidError says that the file as a whole cannot be read, and that of ctx
// that its time was up.
func (d *Declaration) Read(ctx context.Context, r io.Reader, opts Options) (*Table, error) {
	file, err := io.ReadAll(io.LimitReader(r, int64(d.Bytes)+1))
	if err != nil {
		return nil, err
	}
	if len(file) > d.Bytes {
		return nil, domain.Invalid("", domain.Textf("文件过大，最多 %d MB", "the file is larger than %d MB", d.Bytes>>20))
	}
	b := &builder{Declaration: d, headings: opts.Headings, table: &Table{}, numbers: map[int]*numbered{}}
	if xlsx.Is(file) {
		b.table.Encoding = XLSX
		err = xlsx.Read(ctx, file, opts.Sheet, func(n int, cells []xlsx.Cell) error { return b.row(n, cells, true) })
	} else {
		var text string
		if text, b.table.Encoding, err = decode(file); err == nil {
			err = b.csv(ctx, text)
		}
	}
	if err != nil {
		return nil, err
	}
	b.end()
	return b.table, nil
}

// HeaderErr is the InvalidError of a header that cannot be read by; nil when nothing is wrong with it.
func (t *Table) HeaderErr() error {
	bad := &domain.InvalidError{}
	for _, f := range t.Findings {
		if f.Kind == "header" && !f.Warning {
			bad.Add(f.Pointer, f.Detail)
		}
	}
	return bad.Err()
}

// builder makes a table of rows of cells.
type builder struct {
	*Declaration
	headings map[string]string
	table    *Table
	columns  []int // by position in the file, of the declared columns; -1: let be, -2: without a heading. nil: the header is still to come
	at       map[string]int
	lost     bool // nothing can be read by the header
	numbers  map[int]*numbered
}

// numbered counts the cells of a column of digits that are kept as numbers.
type numbered struct{ first, cells int }

// row takes a row of cells. Those of a loose one end with its last cell that is
// not blank, wherever the header ends.
func (b *builder) row(n int, cells []xlsx.Cell, loose bool) error {
	for i := range cells {
		cells[i].Text = strings.TrimSpace(cells[i].Text)
	}
	switch blank := !slices.ContainsFunc(cells, func(c xlsx.Cell) bool { return c.Text != "" }); {
	case blank, b.lost:
		return nil
	case b.columns == nil:
		b.lost = !b.header(n, cells)
		return nil
	case b.table.Count == b.Rows:
		return b.tooLong()
	}
	b.table.Count++
	if !loose && len(cells) != len(b.columns) {
		b.fault(n, "", "csv", domain.Textf("表头有%d列，该行有%d列", "the header has %d columns, the row %d", len(b.columns), len(cells)))
		return nil
	}
	r := Row{Line: n, cells: make([]string, len(b.Columns)+1), at: b.at}
	if b.fill(r, cells) {
		b.table.Rows = append(b.table.Rows, r)
	}
	return nil
}

func (b *builder) tooLong() error {
	return domain.Invalid("", domain.Textf("最多%d行", "%d rows at most", b.Rows))
}

// fill takes the cells to their columns, and reports whether nothing is wrong with them.
func (b *builder) fill(r Row, cells []xlsx.Cell) bool {
	before, unnamed := len(b.table.Findings), false
	for i, c := range cells {
		column := -2
		if i < len(b.columns) {
			column = b.columns[i]
		}
		switch {
		case c.Text == "" || column == -1:
		case column == -2 && unnamed: // the first of a row is told
		case column == -2:
			unnamed = true
			b.fault(r.Line, "", "cell", domain.Textf("第%[1]d列（%[2]s）没有列名", "column %[1]d (%[2]s) has no heading", i+1, letters(i)))
		default:
			b.check(r.Line, column, c)
			r.cells[column] = c.Text
		}
	}
	return len(b.table.Findings) == before
}

// check notes what is wrong with a cell.
func (b *builder) check(line, column int, c xlsx.Cell) {
	declared := b.Columns[column]
	switch {
	case len(c.Text) > cellMost:
		b.fault(line, declared.Name, "length", domain.T("单元格内容过长", "the cell is too long"))
	case c.Kind == xlsx.Fault:
		b.fault(line, declared.Name, "cell", domain.T("单元格的公式有错误", "the formula of the cell has an error"))
	case c.Kind != xlsx.Number || !declared.Digits:
	case len(strings.Trim(c.Text, "-.")) > xlsx.DigitsKept:
		b.fault(line, declared.Name, "number", domain.T("以数字存储，15位以后的数位已丢失，请设为文本后重新填写",
			"kept as a number, which loses what is after 15 digits: make it text and write it again"))
	case b.numbers[column] == nil:
		b.numbers[column] = &numbered{line, 1}
	default:
		b.numbers[column].cells++
	}
}

// end says what is known at the end of the file only.
func (b *builder) end() {
	if b.columns == nil && !b.lost {
		var names []string
		for _, c := range b.Columns {
			if c.Needed {
				names = append(names, c.Name)
			}
		}
		b.fault(1, "", "header", domain.T("缺少表头："+strings.Join(names, ","), "the header is missing: "+strings.Join(names, ",")))
	}
	for i, c := range b.Columns {
		if n := b.numbers[i]; n != nil {
			b.table.Findings = append(b.table.Findings, Warning(n.first, c.Name, "number", domain.Textf(
				"该列有%d个单元格以数字存储，开头的0可能已丢失，请将该列设为文本", "%d cells of the column are kept as numbers, which lose zeros in front: make the column text", n.cells)))
		}
	}
}

func (b *builder) fault(line int, column, kind string, detail domain.Text) {
	b.table.Findings = append(b.table.Findings, Fault(line, column, kind, detail))
}

// letters name a column, counted from 0, as sheets do.
func letters(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return letters(i/26-1) + string(rune('A'+i%26))
}
