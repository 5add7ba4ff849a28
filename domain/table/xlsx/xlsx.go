// Package xlsx reads the cells of one sheet of an .xlsx workbook, and nothing
// else of it: no formula is computed, no link followed, no macro let in. A
// workbook from outside is read within bounds of bytes unpacked, parts, texts
// and cells, row by row. It stands on the standard library alone: of the
// readers there are, the small one ends the whole program on a workbook whose
// cell names a text that is not there, and the complete one has ninety thousand
// lines for what a table never has.
package xlsx

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"wangge/domain"
)

// Cell of a row, as it was typed.
type Cell struct {
	Text string // numbers without an exponent, dates as 2006-01-02, times as 15:04:05, both with a T between
	Kind Kind
}

// Kind of a cell.
type Kind int

// The kinds.
const (
	Text   Kind = iota
	Number      // not a date
	Fault       // the error that a formula came to
)

// DigitsKept of a number are all that a workbook keeps.
const DigitsKept = 15

// Bounds of a workbook.
const (
	partsMost  = 2_000
	unpacked   = 64 << 20  // bytes of all the parts that are read
	textsMost  = 1_000_000 // shared by cells
	cellsMost  = 5_000_000 // of the sheet
	rowNumbers = 1 << 20   // of a sheet
	handedMost = 64 << 20  // bytes of text handed on: many cells may share a long text
	columnMost = 16 << 10  // of a sheet
)

// Is reports whether a file is a workbook by its first bytes.
func Is(file []byte) bool { return bytes.HasPrefix(file, []byte("PK\x03\x04")) }

// Read gives the rows of a sheet that have cells to fn, with the numbers that
// the sheet shows; cells between others are there, empty. The sheet is the
// named one or, for "", the first that is not hidden. An error of fn ends it.
// Errors: InvalidError of a file that is no workbook, has macros or exceeds a bound; that of ctx.
func Read(ctx context.Context, file []byte, sheet string, fn func(row int, cells []Cell) error) error {
	w, err := open(ctx, file)
	if err != nil {
		return err
	}
	at, err := w.find(sheet)
	if err != nil {
		return err
	}
	if err := w.readTexts(); err != nil {
		return err
	}
	if err := w.readStyles(); err != nil {
		return err
	}
	return w.readSheet(at, fn)
}

// workbook under way.
type workbook struct {
	ctx    context.Context
	parts  map[string]*zip.File
	left   uint64 // bytes that may still be unpacked
	texts  []string
	styles []style // by number
	is1904 bool    // days count from 1904
}

// partHeader begins what an archive says of each part.
var partHeader = []byte("PK\x01\x02")

func open(ctx context.Context, file []byte) (*workbook, error) {
	if bytes.Count(file, partHeader) > partsMost { // before each of them takes some hundred bytes
		return nil, broken("")
	}
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, broken("")
	}
	w := &workbook{ctx: ctx, parts: map[string]*zip.File{}, left: unpacked}
	for _, f := range archive.File {
		name := strings.TrimPrefix(f.Name, "/")
		if strings.EqualFold(path.Base(name), "vbaProject.bin") {
			return nil, hasMacros()
		}
		if w.parts[name] != nil || f.Flags&1 != 0 { // twice, or locked
			return nil, broken(name)
		}
		w.parts[name] = f
	}
	types, err := w.part(typesPart)
	if err != nil {
		return nil, err
	}
	if bytes.Contains(bytes.ToLower(types), []byte("macroenabled")) {
		return nil, hasMacros()
	}
	return w, nil
}

// broken says which part, unless the file itself has named it: a name may be anything.
func broken(part string) error {
	if !slices.Contains(known, part) {
		return domain.Invalid("", domain.T("不是可读取的 .xlsx 工作簿", "not a workbook that can be read"))
	}
	return domain.Invalid("", domain.T("不是可读取的 .xlsx 工作簿："+part, "not a workbook that can be read: "+part))
}

func hasMacros() error {
	return domain.Invalid("", domain.T("工作簿含有宏，请另存为不含宏的 .xlsx", "the workbook has macros: save it as .xlsx without them"))
}

func tooLarge() error {
	return domain.Invalid("", domain.T("工作簿解压后过大", "the workbook is too large when unpacked"))
}

var errTooLarge = errors.New("xlsx: too large")

// stream opens a part. The size that it states counts: no more of it can be read.
func (w *workbook) stream(name string) (io.ReadCloser, error) {
	f := w.parts[name]
	if f == nil {
		return nil, broken(name)
	}
	if f.UncompressedSize64 > w.left {
		return nil, tooLarge()
	}
	w.left -= f.UncompressedSize64
	r, err := f.Open()
	if err != nil {
		return nil, broken(name)
	}
	return r, nil
}

// fault is the error for one met while a part was read.
func (w *workbook) fault(name string, err error) error {
	if late := w.ctx.Err(); late != nil {
		return late
	}
	if invalid := (*domain.InvalidError)(nil); errors.As(err, &invalid) {
		return err
	}
	if errors.Is(err, errTooLarge) {
		return tooLarge()
	}
	return broken(name)
}

// partMost is how many bytes a part has that is read as a whole.
const partMost = 16 << 20

func (w *workbook) part(name string) ([]byte, error) {
	r, err := w.stream(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }() // only read
	data, err := io.ReadAll(io.LimitReader(r, partMost+1))
	if len(data) > partMost {
		err = errTooLarge
	}
	if err != nil {
		return nil, w.fault(name, err)
	}
	return data, nil
}

const (
	typesPart     = "[Content_Types].xml"
	mainPart      = "xl/workbook.xml"
	relationsPart = "xl/_rels/workbook.xml.rels"
)

var known = []string{typesPart, mainPart, relationsPart, textsPart, stylesPart}

// whole reads a part into a value.
func (w *workbook) whole(name string, into any) error {
	data, err := w.part(name)
	if err != nil {
		return err
	}
	if err := few(w.ctx, bytes.NewReader(data), elementsMost).Decode(into); err != nil {
		return w.fault(name, err)
	}
	return nil
}

// find returns the part of a sheet.
func (w *workbook) find(sheet string) (string, error) {
	var book struct {
		Properties struct {
			Date1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name     string `xml:"name,attr"`
			State    string `xml:"state,attr"`
			Relation string `xml:"id,attr"`
		} `xml:"sheets>sheet"`
	}
	var relations struct {
		All []struct {
			ID     string `xml:"Id,attr"`
			Type   string `xml:"Type,attr"`
			Target string `xml:"Target,attr"`
			Mode   string `xml:"TargetMode,attr"`
		} `xml:"Relationship"`
	}
	for name, into := range map[string]any{mainPart: &book, relationsPart: &relations} {
		if err := w.whole(name, into); err != nil {
			return "", err
		}
	}
	w.is1904 = book.Properties.Date1904 == "1" || book.Properties.Date1904 == "true"
	parts := map[string]string{}
	for _, r := range relations.All {
		if r.Mode != "External" && strings.HasSuffix(r.Type, "/worksheet") {
			at := path.Join("/xl", r.Target)
			if strings.HasPrefix(r.Target, "/") {
				at = path.Clean(r.Target)
			}
			parts[r.ID] = strings.TrimPrefix(at, "/")
		}
	}
	for _, s := range book.Sheets {
		if at := parts[s.Relation]; at != "" && (s.Name == sheet || sheet == "" && s.State != "hidden" && s.State != "veryHidden") {
			return at, nil
		}
	}
	if sheet != "" {
		return "", domain.Invalid("?sheet", domain.T("没有该名称的工作表", "there is no sheet of that name"))
	}
	return "", broken(mainPart)
}

// each calls fn for every element of a part that has the name, at any depth.
func (w *workbook) each(part, element string, fn func(*xml.Decoder, xml.StartElement) error) error {
	r, err := w.stream(part)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // only read
	for d := bounded(w.ctx, r); ; {
		token, err := d.Token()
		if err == io.EOF {
			return nil
		}
		if start, ok := token.(xml.StartElement); ok && err == nil && start.Name.Local == element {
			err = fn(d, start)
		}
		if err != nil {
			return w.fault(part, err)
		}
	}
}

// text reads an element to its end, and returns what the elements of that name
// in it say, but no phonetic ones.
func text(d *xml.Decoder, name string) (string, error) {
	var out strings.Builder
	for depth, within := 1, 0; depth > 0; {
		token, err := d.Token()
		if err != nil {
			return "", fmt.Errorf("xlsx: %w", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if t.Name.Local == "rPh" {
				if err := d.Skip(); err != nil {
					return "", fmt.Errorf("xlsx: %w", err)
				}
				continue
			}
			if depth++; t.Name.Local == name {
				within = depth
			}
		case xml.EndElement:
			if depth == within {
				within = 0
			}
			depth--
		case xml.CharData:
			if within > 0 {
				out.Write(t)
			}
			if out.Len() > tokenMost {
				return "", errTooLarge
			}
		}
	}
	return out.String(), nil
}

const textsPart = "xl/sharedStrings.xml"

// readTexts reads the texts that cells share, if there are any.
func (w *workbook) readTexts() error {
	if w.parts[textsPart] == nil {
		return nil
	}
	return w.each(textsPart, "si", func(d *xml.Decoder, _ xml.StartElement) error {
		if len(w.texts) == textsMost {
			return errTooLarge
		}
		t, err := text(d, "t")
		w.texts = append(w.texts, t)
		return err
	})
}
