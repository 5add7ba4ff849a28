package xlsx

import (
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

var errCell = errors.New("xlsx: no such cell")

// readSheet gives the rows of a part to fn.
func (w *workbook) readSheet(part string, fn func(int, []Cell) error) error {
	last, count, handed := 0, 0, 0
	return w.each(part, "row", func(d *xml.Decoder, start xml.StartElement) error {
		n := last + 1
		if at := attribute(start, "r"); at != "" {
			var err error
			if n, err = strconv.Atoi(at); err != nil {
				return errCell
			}
		}
		if n <= last || n > rowNumbers {
			return errCell
		}
		last = n
		cells, err := w.row(d)
		if err != nil {
			return err
		}
		count += len(cells)
		for _, c := range cells {
			handed += len(c.Text)
		}
		if count > cellsMost || handed > handedMost {
			return errTooLarge
		}
		if len(cells) == 0 {
			return nil
		}
		return fn(n, cells)
	})
}

// row reads the cells of a row to its end. A cell that does not say where it is
// stands beside the one before, an empty one too.
func (w *workbook) row(d *xml.Decoder) ([]Cell, error) {
	var cells []Cell
	for next := 0; ; {
		token, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("xlsx: %w", err)
		}
		switch t := token.(type) {
		case xml.EndElement:
			return cells, nil
		case xml.StartElement:
			if t.Name.Local != "c" {
				if err := d.Skip(); err != nil {
					return nil, fmt.Errorf("xlsx: %w", err)
				}
				continue
			}
			at := next
			if r := attribute(t, "r"); r != "" {
				at = column(r)
			}
			if at < next || at >= columnMost {
				return nil, errCell
			}
			next = at + 1
			c, err := w.cell(d, t)
			if err != nil {
				return nil, err
			}
			if c.Text != "" {
				cells = append(append(cells, make([]Cell, at-len(cells))...), c)
			}
		}
	}
}

// column of a reference such as B3, from 0; -1 for none.
func column(reference string) int {
	at := 0
	for i, r := range reference {
		switch {
		case r >= 'A' && r <= 'Z' && i < 4:
			at = at*26 + int(r-'A') + 1
		case r >= '1' && r <= '9':
			return at - 1
		default:
			return -1
		}
	}
	return -1
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// cell reads a cell to its end.
func (w *workbook) cell(d *xml.Decoder, start xml.StartElement) (Cell, error) {
	kind, held := attribute(start, "t"), "v"
	if kind == "inlineStr" {
		held = "t"
	}
	as, err := text(d, held)
	if err != nil {
		return Cell{}, err
	}
	value := strings.TrimSpace(as)
	switch kind {
	case "str", "inlineStr":
		return Cell{Text: as}, nil
	case "s":
		i, err := strconv.Atoi(value)
		if err != nil || i < 0 || i >= len(w.texts) {
			return Cell{}, cmp.Or(err, errCell)
		}
		return Cell{Text: w.texts[i]}, nil
	case "b":
		return Cell{Text: map[string]string{"1": "true", "0": "false"}[value]}, nil
	case "e":
		return Cell{Text: value, Kind: Fault}, nil
	case "d":
		return Cell{Text: value}, nil
	case "", "n":
		return w.number(value, attribute(start, "s"))
	}
	return Cell{}, errCell
}
