// Package wire holds how values look in JSON that every part of HTTP answers with.
package wire

import (
	"bytes"
	"time"
)

// Time is an instant as answers have it: RFC 3339 in UTC, always with the three
// digits of milliseconds, so that texts of times compare as the times do.
type Time time.Time

const layout = "2006-01-02T15:04:05.000Z"

func (t Time) String() string { return time.Time(t).UTC().Format(layout) }

// MarshalJSON implements json.Marshaler.
func (t Time) MarshalJSON() ([]byte, error) {
	text := append(make([]byte, 0, len(layout)+2), '"')
	return append(time.Time(t).UTC().AppendFormat(text, layout), '"'), nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (t *Time) UnmarshalJSON(text []byte) error {
	at, err := time.Parse(layout, string(bytes.Trim(text, `"`)))
	*t = Time(at)
	return err
}
