package domain

import (
	"slices"
	"testing"
	"time"
)

func TestClock(t *testing.T) {
	now := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	const hour, day = time.Hour, 24 * time.Hour
	for name, c := range map[string]struct {
		at, sent time.Duration // from now, as the device has it
		ago      time.Duration // by our clock
		doubts   []ClockDoubt
	}{
		"at once":                 {0, 0, 0, nil},
		"a right clock":           {-2 * hour, 0, 2 * hour, nil},
		"two hours behind":        {-3 * hour, -2 * hour, hour, []ClockDoubt{ClockSkew}},
		"in the future":           {30 * hour, 48 * hour, 18 * hour, []ClockDoubt{ClockSkew}},
		"five minutes ahead":      {0, 5 * time.Minute, 5 * time.Minute, nil},
		"a little more":           {0, 5*time.Minute + time.Millisecond, 5*time.Minute + time.Millisecond, []ClockDoubt{ClockSkew}},
		"three days late":         {-3 * day, 0, 3 * day, nil},
		"later":                   {-3*day - hour, 0, 3*day + hour, []ClockDoubt{SentLate}},
		"both, as far as it goes": {0, 31 * day, 31 * day, []ClockDoubt{ClockSkew, SentLate}},
	} {
		clock, bad := &Clock{now.Add(c.at), now.Add(c.sent)}, &InvalidError{}
		clock.Check(now, bad)
		h := clock.Read(now)
		if h == nil || bad.Err() != nil || !h.At.Equal(now.Add(-c.ago)) || !slices.Equal(h.Doubts(), c.doubts) {
			t.Errorf("%s: %+v, %v", name, h, bad)
			continue
		}
		if n := h.Nameless(); n.SkewS != 0 || !n.At.Equal(h.At) || slices.Contains(n.Doubts(), ClockSkew) {
			t.Errorf("%s, nameless: %+v", name, n)
		}
	}
	for name, c := range map[string]Clock{
		"nothing":               {},
		"no time of sending":    {At: now},
		"nothing but that":      {Sent: now},
		"sent before":           {now, now.Add(-time.Millisecond)},
		"later than is waited":  {now.Add(-31*day - 1), now},
		"a clock too far ahead": {now.Add(31 * day), now.Add(31*day + 1)},
		"1970":                  {time.Unix(1, 0), time.Unix(2, 0)},
		"9999":                  {now, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		bad := &InvalidError{}
		if c.Check(now, bad); len(bad.Fields) != 1 || bad.Fields[0].Pointer != "/clock" || c.Read(now) != nil {
			t.Errorf("%s: %v, %+v", name, bad, c.Read(now))
		}
	}
	var none *Clock
	if none.Check(now, nil); none.Read(now) != nil || !none.Read(now).Or(now).Equal(now) || none.Read(now).Nameless() != nil {
		t.Error("no clock")
	}
}
