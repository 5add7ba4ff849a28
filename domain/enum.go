package domain

import "strings"

// Word is a code of an enum, with what people call it.
type Word struct {
	Code string
	Text Text
}

// W is short for a Word.
func W[S ~string](code S, zh, en string) Word { return Word{string(code), T(zh, en)} }

// Enum is the words a field may have, in the order in which they are shown.
// It is declared where its codes are, once: checks, errors and GET /v1/meta
// read it from there. Its name is the one it has in openapi.yaml.
type Enum struct {
	Name  string
	Words []Word
}

// NewEnum is an enum of these words.
func NewEnum(name string, words ...Word) Enum { return Enum{name, words} }

// Has reports whether a code is one of the enum's.
func (e Enum) Has(code string) bool {
	for _, w := range e.Words {
		if w.Code == code {
			return true
		}
	}
	return false
}

// Text is what people call a code; nothing where it is none of the enum's.
func (e Enum) Text(code string) Text {
	for _, w := range e.Words {
		if w.Code == code {
			return w.Text
		}
	}
	return Text{}
}

// Fault names the codes there are, to who gave another.
func (e Enum) Fault() Text {
	codes := CodesOf[string](e)
	last := len(codes) - 1
	if last < 0 {
		return T("没有可选的代码", "there is none to choose")
	}
	if last == 0 {
		return T("应为 "+codes[0], "must be "+codes[0])
	}
	return T("应为 "+strings.Join(codes[:last], "、")+" 或 "+codes[last], "must be "+strings.Join(codes[:last], ", ")+" or "+codes[last])
}

// CodesOf lists the codes of an enum, in order.
func CodesOf[S ~string](e Enum) []S {
	out := make([]S, len(e.Words))
	for i, w := range e.Words {
		out[i] = S(w.Code)
	}
	return out
}
