package table

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"wangge/domain"
	"wangge/domain/table/xlsx"
)

// csv takes the rows of a text.
func (b *builder) csv(ctx context.Context, text string) error {
	text = withRowEnds(text)
	in := csv.NewReader(strings.NewReader(text))
	in.Comma, in.FieldsPerRecord, in.ReuseRecord = separator(text), -1, true
	if tooWide(text, byte(in.Comma)) {
		return domain.Invalid("", domain.T("一行的单元格过多", "a line has too many cells"))
	}
	var cells []xlsx.Cell
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		fields, err := in.Read()
		if parse := (*csv.ParseError)(nil); errors.As(err, &parse) {
			if err := b.broken(parse.StartLine); err != nil {
				return err
			}
			continue
		} else if err != nil {
			return ended(err)
		}
		cells = cells[:0]
		for _, f := range fields {
			cells = append(cells, xlsx.Cell{Text: f})
		}
		line, _ := in.FieldPos(0)
		if err := b.row(line, cells, false); err != nil {
			return err
		}
	}
}

// tooWide looks for a line of more cells than any table has, before each takes many times its bytes.
func tooWide(text string, separator byte) bool {
	n := 0
	for i := range len(text) {
		switch text[i] {
		case '\n':
			n = 0
		case separator:
			if n++; n > cellsMost {
				return true
			}
		}
	}
	return false
}

func ended(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

// broken notes a row that cannot be read; without its header, no table can.
// Error: InvalidError of one row too many.
func (b *builder) broken(line int) error {
	switch detail := domain.T("不是有效的CSV行，请检查引号", "not a line of CSV: check its quotes"); {
	case b.lost:
	case b.columns == nil:
		b.fault(line, "", "header", detail)
		b.lost = true
	case b.table.Count == b.Rows:
		return b.tooLong()
	default:
		b.table.Count++
		b.fault(line, "", "csv", detail)
	}
	return nil
}
