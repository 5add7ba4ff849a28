package sheets

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

var zone = time.FixedZone("here", 8*60*60)

func sheetOf(rows ...[]any) Sheet {
	return Sheet{Name: "台账", Columns: []Column{{"标题", 20}, {"件数", 8}, {"时间", 17}, {"小时", 8}}, Rows: func(add func(...any) error) error {
		for _, r := range rows {
			if err := add(r...); err != nil {
				return err
			}
		}
		return nil
	}}
}

var rows = [][]any{
	{"平江路", 3, time.Date(2026, 11, 23, 9, 30, 0, 0, zone), 1.5},
	{"=1+1", 0, time.Time{}, nil},
	{"+86", -1, nil, -0.5},
	{"-a", 0, nil, nil}, {"@x", 0, nil, nil}, {"\tx", 0, nil, nil}, {"  =1", 0, nil, nil}, {"＝1", 0, nil, nil}, {"\r=1", 0, nil, nil}, {`a"b,c`, 0, nil, nil}, {"", 0, nil, nil},
}

func TestCSVHasNoFormulas(t *testing.T) {
	var out bytes.Buffer
	if err := WriteCSV(&out, sheetOf(rows...)); err != nil {
		t.Fatal(err)
	}
	want := "\ufeff标题,件数,时间,小时\r\n平江路,3,2026-11-23 09:30,1.5\r\n'=1+1,0,,\r\n'+86,-1,,-0.5\r\n'-a,0,,\r\n'@x,0,,\r\n'\tx,0,,\r\n'  =1,0,,\r\n'＝1,0,,\r\n\"'=1\",0,,\r\n\"a\"\"b,c\",0,,\r\n,0,,\r\n"
	if out.String() != want {
		t.Errorf("%q\nwant\n%q", out.String(), want)
	}
}

// Cells of a workbook are of their kinds, and none is a formula.
func TestWorkbookHasTypedCells(t *testing.T) {
	var out bytes.Buffer
	second := sheetOf([]any{"合计", 7, nil, nil})
	second.Name = "汇总"
	if err := WriteXLSX(&out, sheetOf(rows...), second); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := book.Close(); err != nil {
			t.Error(err)
		}
	}()
	if got := fmt.Sprint(book.GetSheetList()); got != "[台账 汇总]" {
		t.Errorf("sheets %s", got)
	}
	for cell, want := range map[string]string{"A1": "标题", "A2": "平江路", "B2": "3", "C2": "2026-11-23 09:30", "D2": "1.5", "A3": "=1+1", "C3": "", "D4": "-0.5", "A12": ""} {
		if got, err := book.GetCellValue("台账", cell); err != nil || got != want {
			t.Errorf("%s: %q %v, want %q", cell, got, err, want)
		}
	}
	for _, cell := range []string{"B2", "C2", "D2"} {
		if kind, err := book.GetCellType("台账", cell); err != nil || kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
			t.Errorf("%s is of kind %v: %v", cell, kind, err)
		}
	}
	for i := range rows {
		if formula, err := book.GetCellFormula("台账", fmt.Sprintf("A%d", i+2)); err != nil || formula != "" {
			t.Errorf("row %d is the formula %s: %v", i+2, formula, err)
		}
	}
}

// A long table takes no more memory than a short one.
func TestLongTablesTakeLittleMemory(t *testing.T) {
	const many = 100_000
	for name, write := range map[string]func(io.Writer, Sheet) error{"xlsx": func(w io.Writer, s Sheet) error { return WriteXLSX(w, s) }, "csv": WriteCSV} {
		var before, now runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		most := uint64(0)
		s := sheetOf()
		s.Rows = func(add func(...any) error) error {
			for i := range many {
				if err := add(strings.Repeat("诉求", 40)+fmt.Sprint(i), i, time.Date(2026, 11, 23, 9, 30, 0, 0, zone), 0.1); err != nil {
					return err
				}
				if i%20_000 == many/10 {
					runtime.GC()
					runtime.ReadMemStats(&now)
					most = max(most, now.HeapAlloc)
				}
			}
			runtime.GC()
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
			return nil
		}
		var n counter
		if err := write(&n, s); err != nil {
			t.Fatal(err)
		}
		if grown := int64(most) - int64(before.HeapAlloc); grown > 40<<20 || n < many {
			t.Errorf("%s: %d MB in memory, %d bytes written", name, grown>>20, n)
		}
	}
}

type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
