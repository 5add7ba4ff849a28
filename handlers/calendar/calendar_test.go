package calendar

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/paulmach/orb"
)

func TestWrite(t *testing.T) {
	got := string(Write("走访", []Event{{
		UID: "01931f0a@wangge", Changed: time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC), Sequence: 2, First: "2026-02-28", Last: "2026-02-28",
		Summary: "走访 大儒巷8幢, 301室; a\\b", Location: "一行\n两行\x00", At: orb.Point{120.62, 31.31},
	}}))
	for _, want := range []string{
		"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "TZID:Asia/Shanghai\r\n", "DTSTART:19910915T020000\r\nTZOFFSETFROM:+0900\r\nTZOFFSETTO:+0800\r\n", "UID:01931f0a@wangge\r\n", "DTSTAMP:20261123T010203Z\r\n", "SEQUENCE:2\r\n",
		"DTSTART;VALUE=DATE:20260228\r\n", "DTEND;VALUE=DATE:20260301\r\n", `SUMMARY:走访 大儒巷8幢\, 301室\; a\\b` + "\r\n", `LOCATION:一行\n两行 ` + "\r\n",
		"GEO:31.310000;120.620000\r\n", "END:VEVENT\r\nEND:VCALENDAR\r\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if other := string(Write("走访", nil)); strings.Contains(other, "VEVENT") || !strings.HasSuffix(other, "END:VCALENDAR\r\n") {
		t.Errorf("of nothing:\n%s", other)
	}
}

// Whatever stands in an event, lines are short, whole characters, and unfold and unescape to what was said.
func FuzzWrite(f *testing.F) {
	f.Add("走访 大儒巷8幢2单元301室", "a,b;c\\d\ne")
	f.Add(strings.Repeat("网格", 100), "\r\n\r")
	f.Fuzz(func(t *testing.T, summary, location string) {
		out := string(Write("x", []Event{{UID: "u", First: "2026-01-01", Last: "2026-01-02", Summary: summary, Location: location}}))
		if !utf8.ValidString(out) {
			t.Fatalf("not UTF-8: %q", out)
		}
		for _, line := range strings.Split(strings.TrimSuffix(out, "\r\n"), "\r\n") {
			if len(line) > octets || line == "" || strings.ContainsAny(line, "\r\n") {
				t.Fatalf("a line of %d octets: %q", len(line), line)
			}
		}
		unfolded := strings.ReplaceAll(out, "\r\n ", "")
		_, rest, _ := strings.Cut(unfolded, "\r\nSUMMARY:")
		said, _, _ := strings.Cut(rest, "\r\n")
		if got, want := strings.NewReplacer(`\\`, `\`, `\;`, ";", `\,`, ",", `\n`, "\n").Replace(said), plain(summary); got != want {
			t.Fatalf("%q became %q", want, got)
		}
		if strings.Count(unfolded, "BEGIN:VEVENT") != 1 && !strings.Contains(summary+location, "BEGIN:VEVENT") {
			t.Fatal("an event of its own")
		}
	})
}

// plain is a text as a calendar can say it.
func plain(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return strings.Map(func(r rune) rune {
		if r != '\n' && (r < ' ' || r == 0x7f || r == utf8.RuneError) {
			return ' '
		}
		return r
	}, s)
}
