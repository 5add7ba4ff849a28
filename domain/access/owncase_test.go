package access

import (
	"testing"
	"time"
)

// Whose a case is, as a table.
func TestOwnsCase(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 11, n, 8, 0, 0, 0, time.UTC) }
	proved := Actor{Account: "a", Phone: "p", PhoneSince: day(10), Since: day(5)}
	staff := holder(Admin)
	staff.Phone = "p"
	for _, c := range []struct {
		name string
		a    Actor
		c    Case
		want bool
	}{
		{"of their phone", proved, Case{Phone: "p", OpenedAt: day(10)}, true},
		{"sensitive", proved, Case{Phone: "p", OpenedAt: day(20), Sensitive: true}, true},
		{"of their phone, from before it was known to be theirs", proved, Case{Phone: "p", OpenedAt: day(9)}, false},
		{"of another phone", proved, Case{Phone: "q", OpenedAt: day(20)}, false},
		{"asked for by their account", proved, Case{Applicant: "a", Phone: "q", OpenedAt: day(5)}, true},
		{"asked for by who had the account before", proved, Case{Applicant: "a", OpenedAt: day(4)}, false},
		{"asked for by another", proved, Case{Applicant: "b", OpenedAt: day(20)}, false},
		{"of nobody's phone", proved, Case{OpenedAt: day(20)}, false},
		{"no phone proved, no phone known", Actor{Account: "a"}, Case{OpenedAt: day(20)}, false},
		{"no phone proved", Actor{Account: "a"}, Case{Phone: "p", OpenedAt: day(20)}, false},
		{"staff, of another phone", staff, Case{Phone: "q", OpenedAt: day(20)}, false},
		{"staff, of their own", staff, Case{Phone: "p", OpenedAt: day(20)}, true},
		{"opened or seen through by them", proved, Case{OpenedBy: "a", Worker: "a", OpenedAt: day(20)}, false},
		{"nobody signed in", Actor{}, Case{OpenedAt: day(20)}, false},
		{"the program", Program, Case{Phone: "p", OpenedAt: day(20)}, false},
	} {
		if got := OwnsCase(c.a, c.c); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
