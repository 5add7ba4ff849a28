package table

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"wangge/domain"
)

// Encodings of a file.
const (
	UTF8    = "UTF-8"
	UTF16   = "UTF-16"
	GB18030 = "GB18030" // and GBK and GB 2312, which it contains
	XLSX    = "XLSX"    // a workbook
)

// decode returns a text file as UTF-8, without a byte order mark, and the
// encoding it had. UTF-16 needs its mark. What is not UTF-8 is read as GB18030,
// unless most of its Chinese lines are UTF-8: then, where GB18030 has no such
// characters and where a line holds a NUL, which no text does, the encoding is
// broken, and the InvalidError says in which lines.
func decode(file []byte) (string, string, error) {
	if bytes.Count(file, []byte("\n"))+bytes.Count(file, []byte("\r")) > endsMost {
		return "", "", domain.Invalid("", domain.T("行数过多", "too many lines"))
	}
	switch {
	case bytes.HasPrefix(file, []byte("\xd0\xcf\x11\xe0")): // the container of the old workbooks and of locked ones
		return "", "", domain.Invalid("", domain.T("不支持 .xls 或加密的工作簿，请另存为未加密的 .xlsx", "an .xls or a locked workbook: save it as .xlsx without a password"))
	case bytes.HasPrefix(file, []byte("\xff\xfe")), bytes.HasPrefix(file, []byte("\xfe\xff")):
		text, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(file)
		return sound(UTF16, lines(text), err != nil)
	}
	file, marked := bytes.CutPrefix(file, []byte("\ufeff"))
	if utf8.Valid(file) && bytes.IndexByte(file, 0) < 0 {
		return string(file), UTF8, nil
	}
	of := lines(file)
	if utf8.Valid(file) {
		return sound(UTF8, of, false)
	}
	good, broken := 0, []int{}
	for i, line := range of {
		switch {
		case !utf8.Valid(line):
			broken = append(broken, i+1)
		case !ascii(line):
			good++
		}
	}
	if marked || good > len(broken) {
		return "", UTF8, brokenLines(UTF8, broken)
	}
	decoder, failed := simplifiedchinese.GB18030.NewDecoder(), false
	for i, line := range of {
		text, err := decoder.Bytes(line)
		of[i], failed = text, failed || err != nil
	}
	return sound(GB18030, of, failed)
}

// sound returns a text of lines, none of which was broken on the way.
func sound(encoding string, of [][]byte, failed bool) (string, string, error) {
	var broken []int
	for i, line := range of {
		if encoding != UTF8 && bytes.ContainsRune(line, utf8.RuneError) || bytes.IndexByte(line, 0) >= 0 {
			broken = append(broken, i+1)
		}
	}
	if failed && len(broken) == 0 {
		broken = []int{1}
	}
	if len(broken) > 0 {
		return "", encoding, brokenLines(encoding, broken)
	}
	return string(bytes.Join(of, nil)), encoding, nil
}

// lines parts a file after every LF, CRLF and CR.
func lines(file []byte) [][]byte {
	var out [][]byte
	for len(file) > 0 {
		end := bytes.IndexAny(file, "\r\n") + 1
		switch {
		case end == 0:
			end = len(file)
		case file[end-1] == '\r' && end < len(file) && file[end] == '\n':
			end++
		}
		out, file = append(out, file[:end]), file[end:]
	}
	return out
}

func ascii(line []byte) bool {
	return !bytes.ContainsFunc(line, func(r rune) bool { return r >= utf8.RuneSelf })
}

// brokenLines is the error for lines that are not in the file's encoding: of the first ten.
func brokenLines(encoding string, broken []int) error {
	bad := &domain.InvalidError{}
	for _, n := range broken[:min(len(broken), 10)] {
		bad.Add(fmt.Sprintf("/%d", n), domain.T(fmt.Sprintf("第%d行不是有效的%s文字，请另存为UTF-8", n, encoding),
			fmt.Sprintf("line %d is not valid %s: save the file as UTF-8", n, encoding)))
	}
	return bad
}

// withRowEnds gives a text whose first row ends in a lone CR, as some write
// tables, an LF for every CR outside of quotes.
func withRowEnds(text string) string {
	quoted, out := false, []byte(nil)
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case out == nil && (c == '\n' || c == '\r' && strings.HasPrefix(text[i+1:], "\n")):
			return text
		case c == '\r':
			if out == nil {
				out = []byte(text)
			}
			out[i] = '\n'
		}
	}
	if out == nil {
		return text
	}
	return string(out)
}

// separator is what parts the cells of the first row that has any.
func separator(text string) rune {
	quoted, counts := false, map[rune]int{}
	for _, r := range strings.TrimLeft(text, "\r\n") {
		switch {
		case r == '"':
			quoted = !quoted
		case quoted:
		case r == '\n':
			return most(counts)
		case r == ',', r == ';', r == '\t':
			counts[r]++
		}
	}
	return most(counts)
}

func most(counts map[rune]int) rune {
	out := ','
	for _, r := range ";\t" {
		if counts[r] > counts[out] {
			out = r
		}
	}
	return out
}
