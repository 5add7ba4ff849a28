package domain

import "testing"

func TestTextFault(t *testing.T) {
	unreadable, control, blank := TextFault("\xff", false), TextFault("\x00", false), TextFault(" ", false)
	for text, want := range map[string]struct{ line, lines Text }{
		"":                         {},
		"王秀英":                      {},
		"a b":                      {},
		" 张三 ":                     {},
		"👨‍👩‍👧":                    {}, // joined by zero-width joiners
		"ﾊﾝ":                       {},
		"一\n二":                     {line: control},
		"一\r\n\t二":                 {line: control},
		"一\u2028二":                 {line: control},
		"a\x00":                    {control, control},
		"a\x7f":                    {control, control},
		"a\u0085":                  {control, control},
		"a\x1b[31m":                {control, control},
		"a\xff":                    {unreadable, unreadable},
		"a\ufffd":                  {unreadable, unreadable},
		"\xed\xa0\x80":             {unreadable, unreadable}, // a surrogate
		" ":                        {blank, blank},
		"\u3000\u3000":             {blank, blank},
		"\u00a0\u200b\u200d\ufeff": {blank, blank},
		"\u3164":                   {blank, blank}, // Hangul's filler
		"\u2800":                   {blank, blank},
		"\u034f\ufe0f":             {blank, blank},
		"\u202e":                   {control, control}, // turns what follows around
		"\n":                       {control, blank},
	} {
		if got := TextFault(text, false); got != want.line {
			t.Errorf("%q in a line: %q, want %q", text, got.EN, want.line.EN)
		}
		if got := TextFault(text, true); got != want.lines {
			t.Errorf("%q in lines: %q, want %q", text, got.EN, want.lines.EN)
		}
	}
	if unreadable == control || control == blank || blank == unreadable || unreadable == (Text{}) {
		t.Error("the three faults are told alike")
	}
}
