package xlsx

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// style is what the format of a number says of it.
type style struct {
	date   bool
	digits int // that are shown at least, of a format such as 00000
}

const stylesPart = "xl/styles.xml"

// readStyles reads which numbers are dates, and which show zeros in front.
func (w *workbook) readStyles() error {
	if w.parts[stylesPart] == nil {
		return nil
	}
	var sheet struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := w.whole(stylesPart, &sheet); err != nil {
		return err
	}
	codes := map[int]string{}
	for _, f := range sheet.Formats {
		codes[f.ID] = f.Code
	}
	for _, c := range sheet.Cells {
		s := style{date: c.Format >= 14 && c.Format <= 22 || c.Format >= 27 && c.Format <= 36 || c.Format >= 45 && c.Format <= 47 || c.Format >= 50 && c.Format <= 58}
		if code, own := codes[c.Format]; own {
			s.date = isDate(code)
			if strings.Trim(code, "0") == "" {
				s.digits = min(len(code), DigitsKept)
			}
		}
		w.styles = append(w.styles, s)
	}
	return nil
}

// isDate reports whether a format shows a date or a time: it has one of their
// letters outside of quotes, brackets and escapes.
func isDate(code string) bool {
	until, escaped := rune(0), false
	for _, r := range code {
		switch {
		case escaped:
			escaped = false
		case until != 0:
			if r == until {
				until = 0
			}
		case r == '\\', r == '_', r == '*':
			escaped = true
		case r == '"':
			until = '"'
		case r == '[':
			until = ']'
		case strings.ContainsRune("ymdhsYMDHS", r):
			return true
		}
	}
	return false
}

// number is a number as it was typed: without an exponent, and with no more
// digits than a workbook keeps.
func (w *workbook) number(value, styled string) (Cell, error) {
	if value == "" {
		return Cell{}, nil
	}
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
		return Cell{}, errCell
	}
	s := style{}
	if i, err := strconv.Atoi(styled); err == nil && i >= 0 && i < len(w.styles) {
		s = w.styles[i]
	}
	if s.date {
		return w.date(n)
	}
	if n, err = strconv.ParseFloat(strconv.FormatFloat(n, 'e', DigitsKept-1, 64), 64); err != nil {
		return Cell{}, errCell
	}
	text := strconv.FormatFloat(n, 'f', -1, 64)
	if n >= 0 && len(text) < s.digits && !strings.Contains(text, ".") {
		text = strings.Repeat("0", s.digits-len(text)) + text
	}
	return Cell{Text: text, Kind: Number}, nil
}

const (
	days1904 = 1_462     // from the first day of one way of counting to that of the other
	daysMost = 2_958_466 // to the year 10000
	leapDay  = 60        // 29 February 1900, which never was
)

// date is a day, a time of day or both.
func (w *workbook) date(n float64) (Cell, error) {
	if w.is1904 {
		n += days1904
	} else if n >= 1 && n < leapDay {
		n++
	}
	if n < 0 || n >= daysMost {
		return Cell{}, errCell
	}
	day, part := math.Modf(n)
	at := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(day)).Add(time.Duration(math.Round(part*24*3600)) * time.Second)
	switch {
	case day == 0 && !w.is1904:
		return Cell{Text: at.Format(time.TimeOnly)}, nil
	case part == 0:
		return Cell{Text: at.Format(time.DateOnly)}, nil
	}
	return Cell{Text: at.Format("2006-01-02T15:04:05")}, nil
}
