package domain

import "time"

// Clock says when something happened without a connection, by the device: at
// At, sent at Sent, which tells how far the device's clock is off. nil: now.
type Clock struct{ At, Sent time.Time }

// clockMost: a clock that is further off tells nothing, and nothing is sent later.
const clockMost = 31 * 24 * time.Hour

// Happened is when something happened that a device sent later.
type Happened struct {
	At     time.Time `store:"at"`     // by our clock
	SkewS  float64   `store:"skewS"`  // device clock ahead of ours, by so many seconds
	DelayH float64   `store:"delayH"` // hours until it came in
}

// Read returns when it was by our clock; nil for now, and for a clock that tells nothing.
func (c *Clock) Read(now time.Time) *Happened {
	if c == nil {
		return nil
	}
	skew, delay := c.Sent.Sub(now), c.Sent.Sub(c.At)
	if c.At.IsZero() || c.Sent.IsZero() || delay < 0 || delay > clockMost || skew.Abs() > clockMost {
		return nil
	}
	return &Happened{now.Add(-delay), skew.Seconds(), delay.Hours()}
}

// Check notes a clock that tells nothing, at /clock.
func (c *Clock) Check(now time.Time, bad *InvalidError) {
	if c != nil && c.Read(now) == nil {
		bad.Add("/clock", T("设备时间有误：应先有 at、后有 sentAt，且都在 31 天以内", "at and sentAt are both needed, in that order, within 31 days"))
	}
}

// Or is when it happened, or else now.
func (h *Happened) Or(now time.Time) time.Time {
	if h == nil {
		return now
	}
	return h.At
}

// Nameless is without what would tell whose device it was.
func (h *Happened) Nameless() *Happened {
	if h == nil {
		return nil
	}
	return &Happened{At: h.At, DelayH: h.DelayH}
}

// ClockDoubt is why a device's time may be wrong.
type ClockDoubt string

const (
	ClockSkew ClockDoubt = "clock_skew" // 设备时钟偏差
	SentLate  ClockDoubt = "sent_late"  // 补传过晚
)

// ClockDoubtWords are all of them.
var ClockDoubtWords = NewEnum("ClockDoubt", W(ClockSkew, "设备时钟偏差", "a wrong clock"), W(SentLate, "补传过晚", "sent late"))

// What is above is doubtful; a street may set other limits for its visits.
const (
	SkewUsualS  = 300.0
	DelayUsualH = 72.0
)

// Doubts are those of the usual limits.
func (h *Happened) Doubts() []ClockDoubt {
	out := []ClockDoubt{}
	if max(h.SkewS, -h.SkewS) > SkewUsualS {
		out = append(out, ClockSkew)
	}
	if h.DelayH > DelayUsualH {
		out = append(out, SentLate)
	}
	return out
}

// Later is the later of two times.
func Later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
