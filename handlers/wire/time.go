// Package wire holds how values look in JSON that every part of HTTP answers with.
package wire

import "time"

// Time is an instant as answers have it: RFC 3339 in UTC, always with the three
// digits of milliseconds, so that texts of times compare as the times do.
type Time time.Time

const layout = "2006-01-02T15:04:05.000Z"

func (t Time) String() string { return string(t.text()) }

// text is t in the layout; time has a short way for RFC 3339 alone.
func (t Time) text() []byte {
	at := time.Time(t).UTC()
	text := at.AppendFormat(make([]byte, 0, len(layout)), time.RFC3339)
	ms := at.Nanosecond() / 1e6
	return append(text[:len(text)-1], '.', '0'+byte(ms/100), '0'+byte(ms/10%10), '0'+byte(ms%10), 'Z')
}

// MarshalText implements encoding.TextMarshaler: in JSON it is a string.
func (t Time) MarshalText() ([]byte, error) { return t.text(), nil }

// UnmarshalText reads what MarshalText wrote.
func (t *Time) UnmarshalText(text []byte) error {
	at, err := time.Parse(layout, string(text))
	*t = Time(at)
	return err
}
