package demo

import (
	"io"
	"testing"
	"time"
)

// The demonstration can be started in the small hours and late in the evening, on a
// working day, before a day off and on the first of a year: what is left of a day, and
// what comes next, is not the same.
func TestFillAtAnyHour(t *testing.T) {
	zone := time.FixedZone("", 8*3600)
	for _, now := range []time.Time{
		time.Date(2026, 11, 30, 0, 10, 0, 0, zone), time.Date(2026, 12, 4, 21, 30, 0, 0, zone),
		time.Date(2026, 11, 29, 23, 50, 0, 0, zone), time.Date(2027, 1, 1, 6, 55, 0, 0, zone),
	} {
		t.Run(now.Format(time.RFC3339), func(t *testing.T) {
			w := open(t, t.TempDir(), "")
			if err := w.Fill(t.Context(), now.UTC(), Small, io.Discard); err != nil {
				t.Fatal(err)
			}
		})
	}
}
