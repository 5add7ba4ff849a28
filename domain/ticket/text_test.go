package ticket

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"wangge/domain/fold"
)

func TestTerms(t *testing.T) {
	got, _ := (&Ticket{Number: "320508001-261123-71", Title: "楼上漏水！", Address: "Ａ座 b"}).terms()
	for _, want := range []string{"number:320508001-2", "number:320508001-26", "number:320508001-261123", "number:320508001-261123-7", "number:320508001-261123-71", "楼上", "上漏", "漏水", "a座", "=b", "=261123", "=71"} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is not among %q", want, got)
		}
	}
	for _, odd := range []string{"水a", "座b", "=1", "=26", "number:320508001-", "number:320508001-261123-", "number:320508001", "漏", ""} {
		if slices.Contains(got, odd) {
			t.Errorf("%q is among %q", odd, got)
		}
	}
}

func TestAsked(t *testing.T) {
	for text, want := range map[string]string{
		"漏水": "漏水", "楼上漏水": "楼上 上漏 漏水", "漏 水": "漏水", "A12": "=a =12", "车库 8": "车库 =8", "": "", "！ ?": "", "301室": "=301 =室", "12-301": "=12 =301",
		"320508001-261123-7": "number:320508001-261123-7", "　３２０５０８００１－２６１１２３－７ ": "number:320508001-261123-7", "320508001—261123–7": "number:320508001-261123-7",
		"320508001-2611": "number:320508001-2611", "320508001-261123-": "number:320508001-261123", "261123-7": "=261123 =7", "320508001": "=320508001",
	} {
		if got, err := searchGrams(text); err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q asks for %q, %v, want %q", text, got, err, want)
		}
	}
	for _, short := range []string{"漏", "8", " ａ "} {
		if _, err := searchGrams(short); !errors.Is(err, fold.ErrTooShort) {
			t.Errorf("%q: %v", short, err)
		}
	}
}

// A ticket is found by every beginning of its number beyond the street's code.
func TestNumbersAreFoundByTheirBeginnings(t *testing.T) {
	const number = "320508001-261123-4711"
	all, _ := (&Ticket{Number: number}).terms()
	for i := len("320508001-") + 1; i <= len(number); i++ {
		asked, err := searchGrams(number[:i])
		if err != nil || len(asked) != 1 || !slices.Contains(all, asked[0]) {
			t.Errorf("%s asks for %q, %v", number[:i], asked, err)
		}
	}
}
