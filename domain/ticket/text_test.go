package ticket

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestGrams(t *testing.T) {
	got := grams("320508001-261123-7", "楼上漏水！", "Ａ座 b")
	for _, want := range []string{"320508001-261123-7", "楼", "楼上", "上漏", "漏水", "水", "a", "a座", "座", "b", "32", "23", "7"} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is not among %q", want, got)
		}
	}
	for _, odd := range []string{"水a", "座b", "1-", "3-", "！", "座 ", ""} {
		if slices.Contains(got, odd) {
			t.Errorf("%q crosses words", odd)
		}
	}
	if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
		t.Errorf("%q", got)
	}
}

func TestAsked(t *testing.T) {
	for text, want := range map[string]string{
		"漏": "漏", "漏水": "漏水", "楼上漏水": "漏水 楼上 上漏", "漏 水": "漏 水", "A12": "a1 12", "车库 8": "车库 8", "": "", "！ ?": "",
		"320508001-261123-7": "320508001-261123-7", "　３２０５０８００１－２６１１２３－７ ": "320508001-261123-7", "261123-7": "7 61 26 23 12 11", "aaaa": "aa",
	} {
		if got := strings.Join(asked(text), " "); got != want {
			t.Errorf("%q asks for %q, want %q", text, got, want)
		}
	}
}

// Whatever is a part of a text, within a word of it, finds it.
func FuzzTextIsFoundByItsParts(f *testing.F) {
	f.Add("楼上漏水 Ａ12号", 2, 9)
	f.Add("Straße İstanbul", 0, 20)
	f.Add("\xff漏\x00水", 1, 6)
	f.Fuzz(func(t *testing.T, text string, from, to int) {
		all := grams("320508001-261123-7", text)
		for _, g := range all {
			if n := utf8.RuneCountInString(g); g != "320508001-261123-7" && (n < 1 || n > 2) {
				t.Fatalf("gram %q", g)
			}
		}
		runes := []rune(text)
		from, to = min(max(from, 0), len(runes)), min(max(to, 0), len(runes))
		part := ""
		if from < to {
			part = string(runes[from:to])
		}
		if receiptForm.MatchString(strings.TrimSpace(fold(part))) {
			return
		}
		for _, g := range asked(part) {
			if !slices.Contains(all, g) {
				t.Fatalf("%q, a part of %q, asks for %q, which is not among %q", part, text, g, all)
			}
		}
	})
}
