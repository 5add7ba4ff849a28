package personal

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
)

var now = time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC)

func TestNormalisePhone(t *testing.T) {
	for in, want := range map[string]string{
		"13800000001":       "13800000001",
		"+86 138-0000-0001": "13800000001",
		"0086 13800000001":  "13800000001",
		"（+86）１３８　００００　０００１":              "13800000001",
		"\u202d13800000001\u202c":         "13800000001",
		"138–0000—0001":                   "13800000001",
		"0512-62881234":                   "051262881234",
		"(0512) 6288 1234":                "051262881234",
		"+86 512 6288 1234":               "051262881234",
		"+86 0512 6288 1234":              "051262881234",
		"+86 10 6288 1234":                "01062881234",
		"010-62881234":                    "01062881234",
		"0379-6288123":                    "03796288123",
		"":                                "",
		"12345":                           "",
		"12800000001":                     "",
		"1380000000":                      "",
		"138000000011":                    "",
		"62881234":                        "", // no area code
		"0512-12345678":                   "", // a service number, not a line
		"010-6288123":                     "", // Beijing has eight digits
		"+1 415 555 2671":                 "",
		"+85213800000001":                 "",
		"0512-62881234转801":               "",
		"1380000000a":                     "",
		"+86+8613800000001":               "",
		"008600 8613800000001":            "",
		"١٣٨٠٠٠٠٠٠٠١":                     "", // other scripts' digits
		"13800000001\x00":                 "",
		strings.Repeat("13800000001", 99): "",
	} {
		got, err := NormalisePhone(in)
		if got != want || (want == "") != errors.Is(err, ErrPhone) {
			t.Errorf("NormalisePhone(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	if IsMobile("051262881234") || !IsMobile("13800000001") || IsMobile("+8613800000001") {
		t.Error("IsMobile")
	}
}

func withCheck(digits string) string { return digits + string(checkCharacter(digits)) }

func TestNormaliseIDNumber(t *testing.T) {
	bornToday := withCheck("32050620261120001")
	for _, c := range []struct {
		in, want string
		err      error
	}{
		{"11010519491231002X", "11010519491231002X", nil}, // the example of the standard
		{"440524188001010014", "", ErrIDBirth},            // its other example, of 1880
		{"11010519491231002x", "11010519491231002X", nil},
		{"１１０１０５ 19491231 002Ｘ", "11010519491231002X", nil},
		{bornToday, bornToday, nil},
		{withCheck("32050620261121001"), "", ErrIDBirth}, // tomorrow
		{withCheck("32050619000229001"), "", ErrIDBirth}, // 1900 had no such day
		{withCheck("32050619491331001"), "", ErrIDBirth},
		{"110105194912310029", "", ErrIDChecksum},
		{"X1010519491231002X", "", ErrIDLength},
		{"01010519491231002X", "", ErrIDLength},
		{"110105491231002", "", ErrIDLength}, // 15 digits, as before 1999
		{"11010519491231002XX", "", ErrIDLength},
		{"", "", ErrIDLength},
	} {
		got, err := NormaliseIDNumber(c.in, now)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%q: %q, %v; want %q, %v", c.in, got, err, c.want, c.err)
		}
	}
}

// GB 11643 promises that one wrong character, or two neighbours swapped, never fit.
func TestChecksumFindsSlips(t *testing.T) {
	const id = "11010519491231002X"
	for i := range 17 {
		for _, d := range "0123456789" {
			if slip := id[:i] + string(d) + id[i+1:17]; slip != id[:17] && checkCharacter(slip) == id[17] {
				t.Errorf("%s passes", slip)
			}
		}
		if i < 16 && id[i] != id[i+1] {
			if slip := id[:i] + id[i+1:i+2] + id[i:i+1] + id[i+2:17]; checkCharacter(slip) == id[17] {
				t.Errorf("%s passes", slip)
			}
		}
	}
}

func TestMasks(t *testing.T) {
	for _, c := range []struct {
		mask     func(string) string
		in, want string
	}{
		{MaskPhone, "13800000001", "138****0001"},
		{MaskPhone, "051262881234", "0512****1234"},
		{MaskPhone, "01062881234", "010****1234"},
		{MaskPhone, "03796288123", "0379****123"},
		{MaskPhone, "+8613800000001", hidden},
		{MaskPhone, "", hidden},
		{MaskIDNumber, "32050619900101123X", "3205**********123X"},
		{MaskIDNumber, "32050619900101123", hidden},
		{MaskName, "王芳", "王*"},
		{MaskName, "欧娜娜", "欧*娜"},
		{MaskName, "欧阳娜娜", "欧**娜"},
		{MaskName, "王", "*"},
		{MaskName, " 王 芳 ", "王*"},
		{MaskName, "阿卜·买提", "阿***提"},
		{MaskName, "John Smith", "J*** S***"},
		{MaskName, "John Ronald Reuel Tolkien", "J*** T***"},
		{MaskName, "Élodie", "É***"},
		{MaskName, "", ""},
	} {
		if got := c.mask(c.in); got != c.want {
			t.Errorf("mask of %q is %q, want %q", c.in, got, c.want)
		}
	}
}

func FuzzNormalisePhone(f *testing.F) {
	for _, s := range []string{"+86 138-0000-0001", "0512-62881234", "+86 10 62881234", "（0086）０３７９６２８８１２３", "+86+86", "\u202d138"} {
		f.Add(s)
	}
	form := regexp.MustCompile(`^(1[0-9]{10}|0[0-9]{10,11})$`)
	masked := regexp.MustCompile(`^[0-9]{3,4}\*{4}[0-9]{3,4}$`)
	f.Fuzz(func(t *testing.T, s string) {
		phone, err := NormalisePhone(s)
		if err != nil {
			if got := MaskPhone(s); got != hidden {
				t.Fatalf("mask of %q, which is no phone, shows %q", s, got)
			}
			return
		}
		if again, err := NormalisePhone(phone); err != nil || again != phone || !form.MatchString(phone) {
			t.Fatalf("%q: %q, then %q, %v", s, phone, again, err)
		}
		for _, code := range []string{"+86", "0086 "} {
			if abroad, err := NormalisePhone(code + phone); err != nil || abroad != phone {
				t.Fatalf("%q with its country code: %q, %v", phone, abroad, err)
			}
		}
		if m := MaskPhone(phone); !masked.MatchString(m) || len(m) != len(phone) {
			t.Fatalf("mask of %q is %q", phone, m)
		}
	})
}

func FuzzNormaliseIDNumber(f *testing.F) {
	for _, s := range []string{"11010519491231002X", "１１０１０５ 19491231 002ｘ", "320506199001011234", ""} {
		f.Add(s)
	}
	masked := regexp.MustCompile(`^[0-9]{4}\*{10}[0-9]{3}[0-9X]$`)
	f.Fuzz(func(t *testing.T, s string) {
		id, err := NormaliseIDNumber(s, now)
		if err != nil {
			return
		}
		if again, err := NormaliseIDNumber(id, now); err != nil || again != id {
			t.Fatalf("%q: %q, then %q, %v", s, id, again, err)
		}
		if m := MaskIDNumber(id); !masked.MatchString(m) {
			t.Fatalf("mask of %q is %q", id, m)
		}
	})
}

func FuzzMaskName(f *testing.F) {
	for _, s := range []string{"王芳", "欧阳娜娜", "John Smith", "Wang 小明", "\xff王", "***", "A B C"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		shown := strings.Map(func(r rune) rune {
			if r == '*' || unicode.IsSpace(r) {
				return -1
			}
			return r
		}, MaskName(name))
		if n := len([]rune(shown)); n > 2 || n == 2 && len([]rune(name)) == 2 {
			t.Fatalf("mask of %q shows %q", name, shown)
		}
	})
}
