package account

import (
	"testing"
	"time"
)

var morning = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

func TestCounterWaits(t *testing.T) {
	c := &counter{}
	now := morning
	for i, want := range []time.Duration{0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900} {
		c.attempt(now, 3)
		if got := max(c.Until.Sub(now), 0); got != want*time.Second {
			t.Fatalf("after attempt %d: wait %s, want %ds", i+1, got, want)
		}
		if c.Expires.Before(c.Until) {
			t.Fatalf("after attempt %d: forgotten before the wait is over", i+1)
		}
		now = now.Add(max(c.Until.Sub(now), time.Second))
	}
	for range 100 { // no overflow however long it goes on
		c.attempt(now, 3)
	}
	if got := c.Until.Sub(now); got != longestWait {
		t.Errorf("in the end: wait %s", got)
	}
	if c.attempt(now.Add(limitWindow), 3); c.Count != 1 {
		t.Errorf("after a quiet hour: count %d", c.Count)
	}
}

func TestNetwork(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7":                     "192.0.2.7",
		"::ffff:192.0.2.7":              "192.0.2.7",
		"2001:db8:1:2:3:4:5:6":          "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff::1":          "2001:db8:1:2::/64",
		"fe80::1%eth0":                  "fe80::/64",
		"":                              "",
		"not an address of any network": "not an address of any network",
	} {
		if got := network(address); got != want {
			t.Errorf("network(%q) = %q, want %q", address, got, want)
		}
	}
}

func TestCodePauses(t *testing.T) {
	c := &code{}
	now := morning
	for i := range codesPerDay {
		if wait := c.wait(now); wait > 0 {
			t.Fatalf("code %d: wait %s", i+1, wait)
		}
		c.renew(now, "hash")
		if wait := c.wait(now.Add(20 * time.Second)); wait < 40*time.Second {
			t.Fatalf("20 s after code %d: wait %s", i+1, wait)
		}
		if c.Expires.Sub(now) < codeLasts {
			t.Fatalf("code %d may be swept while it is good", i+1)
		}
		now = now.Add(codePause)
	}
	if got, want := c.wait(now), 24*time.Hour-codesPerDay*codePause; got != want {
		t.Errorf("after the day's last: wait %s, want %s", got, want)
	}
	if wait := c.wait(morning.Add(24 * time.Hour)); wait > 0 {
		t.Errorf("the day after: wait %s", wait)
	}
	if c.renew(morning.Add(24*time.Hour), "hash"); c.Today != 1 {
		t.Errorf("the day after: %d sent", c.Today)
	}
}
