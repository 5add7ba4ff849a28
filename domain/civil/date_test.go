package civil

import (
	"testing"
	"time"
)

func TestDates(t *testing.T) {
	for _, c := range []struct {
		at   string
		want Date
	}{{"2026-03-04T15:59:59Z", "2026-03-04"}, {"2026-03-04T16:00:00Z", "2026-03-05"}, {"2024-02-28T16:00:00Z", "2024-02-29"}} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := DateOf(at); got != c.want {
			t.Errorf("%s is %s, want %s", c.at, got, c.want)
		}
	}
	if got := Date("2026-03-05").Start(); !got.Equal(time.Date(2026, 3, 4, 16, 0, 0, 0, time.UTC)) {
		t.Errorf("it begins %s", got)
	}
	for d, monday := range map[Date]Date{"2026-03-02": "2026-03-02", "2026-03-05": "2026-03-02", "2026-03-08": "2026-03-02", "2027-01-01": "2026-12-28"} {
		if got := d.Monday(); got != monday {
			t.Errorf("the week of %s begins %s, want %s", d, got, monday)
		}
	}
	for _, s := range []string{"", "2026-3-5", "2026-02-30", "0999-01-01", "2026-03-05T00:00:00Z", " 2026-03-05"} {
		if d, ok := ParseDate(s); ok {
			t.Errorf("%q is read as %s", s, d)
		}
	}
	if d, ok := ParseDate("2028-02-29"); !ok || d.Add(1) != "2028-03-01" || d.Add(-29) != "2028-01-31" {
		t.Errorf("%s %v", d, ok)
	}
}
