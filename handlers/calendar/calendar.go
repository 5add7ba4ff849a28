// Package calendar writes iCalendar files (RFC 5545) of whole days. It knows
// the wire and nothing of visits, stores or HTTP.
package calendar

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/paulmach/orb"
)

// ContentType of what Write writes.
const ContentType = "text/calendar; charset=utf-8"

// Event is something to do on a day, or within some days.
type Event struct {
	UID      string // of this event, for ever
	Changed  time.Time
	Sequence int64  // grows with every change
	First    string // day, as 2006-01-02
	Last     string // the same; not before First
	Summary  string
	Location string
	At       orb.Point // WGS-84
}

// zone is the time of all China since daylight saving last ended, on 15 September 1991 at two in the morning.
const zone = "BEGIN:VTIMEZONE\r\nTZID:Asia/Shanghai\r\nBEGIN:STANDARD\r\nDTSTART:19910915T020000\r\nTZOFFSETFROM:+0900\r\nTZOFFSETTO:+0800\r\nTZNAME:CST\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"

// Write returns a calendar. The same events give the same bytes.
func Write(name string, events []Event) []byte {
	w := &writer{}
	w.raw("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//wangge//visits//ZH\r\nCALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\n")
	w.line("X-WR-CALNAME", text(name))
	w.raw("X-WR-TIMEZONE:Asia/Shanghai\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\nX-PUBLISHED-TTL:PT1H\r\n" + zone)
	for _, e := range events {
		w.raw("BEGIN:VEVENT\r\n")
		w.line("UID", text(e.UID))
		w.line("DTSTAMP", e.Changed.UTC().Format("20060102T150405Z"))
		w.line("LAST-MODIFIED", e.Changed.UTC().Format("20060102T150405Z"))
		w.line("SEQUENCE", strconv.FormatInt(e.Sequence, 10))
		w.line("DTSTART;VALUE=DATE", day(e.First, 0))
		w.line("DTEND;VALUE=DATE", day(e.Last, 1)) // the day after, as RFC 5545 has it
		w.line("SUMMARY", text(e.Summary))
		w.line("LOCATION", text(e.Location))
		w.line("GEO", degrees(e.At[1])+";"+degrees(e.At[0]))
		w.raw("STATUS:CONFIRMED\r\nTRANSP:TRANSPARENT\r\nEND:VEVENT\r\n")
	}
	w.raw("END:VCALENDAR\r\n")
	return []byte(w.String())
}

type writer struct{ strings.Builder }

func (w *writer) raw(s string) { w.WriteString(s) }

// octets is how long a line may be, without its end.
const octets = 75

// line writes a content line, folded between characters.
func (w *writer) line(name, value string) {
	used := 0
	for _, r := range name + ":" + value {
		if n := utf8.RuneLen(r); used+n > octets {
			w.WriteString("\r\n ")
			used = 1 + n
		} else {
			used += n
		}
		w.WriteRune(r)
	}
	w.WriteString("\r\n")
}

var escapes = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`)

// text escapes a TEXT value; control characters, which it cannot have, become spaces.
func text(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return ' '
		}
		return r
	}, escapes.Replace(s))
}

// day is a date so many days later, as 20060102.
func day(date string, later int) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return ""
	}
	return t.AddDate(0, 0, later).Format("20060102")
}

func degrees(x float64) string { return strconv.FormatFloat(x, 'f', 6, 64) }
