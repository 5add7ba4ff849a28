// Package sheets writes tables for spreadsheets of people: as CSV, or as an
// .xlsx workbook with cells of the kinds that they are. Rows are written as
// they come, so that a long table takes no more memory than a short one; a
// workbook waits in a file for its end. No cell is ever a formula.
package sheets

import (
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// Column of a sheet.
type Column struct {
	Name  string
	Width float64 // in characters
}

// Sheet is a table. A cell is a string, int, float64 or time.Time, whose zone
// is that in which it is shown; nil, and a time that is zero, are blank.
type Sheet struct {
	Name    string
	Columns []Column
	Rows    func(add func(cells ...any) error) error // calls add for each row, in order
}

const (
	bom     = "\ufeff" // by which spreadsheets know UTF-8
	instant = "yyyy-mm-dd hh:mm"
)

// WriteCSV writes the table as text, in UTF-8 with a mark. What a spreadsheet
// would take for a formula has an apostrophe before it.
func WriteCSV(to io.Writer, s Sheet) error {
	if _, err := io.WriteString(to, bom); err != nil {
		return err
	}
	out := csv.NewWriter(to)
	out.UseCRLF = true
	var names []string
	for _, c := range s.Columns {
		names = append(names, c.Name)
	}
	if err := out.Write(names); err != nil {
		return err
	}
	line := make([]string, 0, len(names))
	err := s.Rows(func(cells ...any) error {
		line = line[:0]
		for _, c := range cells {
			line = append(line, plain(c))
		}
		return out.Write(line)
	})
	out.Flush()
	return errors.Join(err, out.Error())
}

// plain is a cell as text.
func plain(cell any) string {
	switch v := cell.(type) {
	case string:
		return harmless(v)
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case time.Time:
		if !v.IsZero() {
			return v.Format("2006-01-02 15:04")
		}
	}
	return ""
}

// harmless is a text that begins no formula, in whatever width of letters.
func harmless(text string) string {
	if strings.HasPrefix(text, "\r") || strings.ContainsAny(first(strings.TrimLeft(text, " \u3000")), "=+-@\t＝＋－＠") {
		return "'" + text
	}
	return text
}

func first(text string) string {
	for _, r := range text {
		return string(r)
	}
	return ""
}

// WriteXLSX writes a workbook of the sheets, one after the other; the header of each stays in sight and can be filtered by.
func WriteXLSX(to io.Writer, all ...Sheet) (err error) {
	book := excelize.NewFile()
	defer func() { err = errors.Join(err, book.Close()) }() // which takes the files away in which rows wait
	bold, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	format := instant
	times, err := book.NewStyle(&excelize.Style{CustomNumFmt: &format})
	if err != nil {
		return err
	}
	for i, s := range all {
		if i == 0 {
			err = book.SetSheetName("Sheet1", s.Name)
		} else {
			_, err = book.NewSheet(s.Name)
		}
		if err == nil {
			err = writeSheet(book, s, bold, times)
		}
		if err != nil {
			return err
		}
	}
	_, err = book.WriteTo(to)
	return err
}

func writeSheet(book *excelize.File, s Sheet, bold, times int) error {
	out, err := book.NewStreamWriter(s.Name)
	if err != nil {
		return err
	}
	for i, c := range s.Columns {
		if err := out.SetColWidth(i+1, i+1, c.Width); err != nil {
			return err
		}
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	line := make([]any, 0, len(s.Columns))
	for _, c := range s.Columns {
		line = append(line, excelize.Cell{StyleID: bold, Value: c.Name})
	}
	rows := 1
	if err := out.SetRow("A1", line); err != nil {
		return err
	}
	err = s.Rows(func(cells ...any) error {
		line = line[:0]
		for _, c := range cells {
			if at, ok := c.(time.Time); ok && at.IsZero() {
				c = nil
			} else if ok {
				c = excelize.Cell{StyleID: times, Value: at}
			}
			line = append(line, c)
		}
		rows++
		return out.SetRow("A"+strconv.Itoa(rows), line)
	})
	if err != nil {
		return err
	}
	return out.Flush()
}
