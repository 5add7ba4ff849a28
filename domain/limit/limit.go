// Package limit counts what may be done only so often: sign-ins, codes,
// reveals, searches, reports. The counters lie in the store, so that every
// node counts together and a restart forgets nothing. It knows rules and
// subjects, not what is limited.
package limit

import (
	"net/netip"
	"slices"
	"time"

	"wangge/domain"
	"wangge/store"
)

// Rule says how often something may be done.
type Rule struct {
	Name   string        // in RateLimit headers and counters: lower case, digits, "-"
	Quota  int           // how often, within Window
	Window time.Duration // a second at least
	// Doubling: over the quota each attempt doubles the wait before the next,
	// up to longestWait, so that nobody is locked out for good by somebody
	// else's attempts. The count begins anew after a Window without any.
	Doubling bool
	// Silent: clients are told only when to come again. Of a subject that
	// anybody may name, how many attempts are left would tell what others did.
	Silent bool
}

// longestWait caps the wait of a doubling rule.
const longestWait = 15 * time.Minute

// Limit is a rule for one subject.
type Limit struct {
	Rule
	key string // of the counter
}

// counter counts the attempts of one subject under one rule.
type counter struct {
	store.Meta `store:",inline"`
	Count      int       `store:"count"`           // of a doubling rule
	Last       time.Time `store:"last"`            // the last attempt
	Until      time.Time `store:"until"`           // no attempt before; of a doubling rule
	Slots      []slot    `store:"slots,omitempty"` // of a budget, the oldest first
	Expires    time.Time `store:"expires"`         // not before anything counts no more; kept as long as that holds, so that its index is seldom written
}

// slot is how many attempts were made from First until Last: one, or where the
// quota is large, those of a part of the window. It counts until a window after
// Last, so that no window, wherever it begins, has more than the quota.
type slot struct {
	First time.Time `store:"first"`
	Last  time.Time `store:"last"`
	Count int       `store:"count"`
}

// slotsMost bounds a counter's size; a window's part of it is how much too long an attempt may count.
const slotsMost = 24

var counters = store.Declare[counter](store.Declaration{
	Name: "attempts", Schema: 1, Unjournaled: true, Indexes: []string{"expires: expires"},
})

// skew is how far ahead another node's clock may be.
const skew = time.Minute

// forget drops what no longer counts, and what was counted under a clock that
// was ahead: it would keep somebody out until that day.
func (c *counter) forget(r Rule, now time.Time) {
	ahead := c.Last.After(now.Add(skew))
	if r.Doubling && (ahead || now.Sub(c.Last) >= r.Window) {
		c.Count, c.Until = 0, time.Time{}
	}
	if ahead {
		c.Last, c.Expires = time.Time{}, time.Time{}
	}
	if r.Doubling {
		return
	}
	c.Slots = slices.DeleteFunc(c.Slots, func(s slot) bool { return s.Last.After(now.Add(skew)) })
	for len(c.Slots) > 0 && !now.Before(c.Slots[0].Last.Add(r.Window)) {
		c.Slots = c.Slots[1:]
	}
}

// clock is now or, where another attempt came by a clock that is a little
// ahead, the time of that one: a counter's time does not go back.
func (c *counter) clock(now time.Time) time.Time {
	if c.Last.After(now) {
		return c.Last
	}
	return now
}

// used is how many attempts count now.
func (c *counter) used(r Rule) int {
	n := c.Count
	for _, s := range c.Slots {
		n += s.Count
	}
	return n
}

// wait is how long until the next attempt.
func (c *counter) wait(r Rule, now time.Time) time.Duration {
	if r.Doubling {
		return max(c.Until.Sub(now), 0)
	}
	if c.used(r) < r.Quota {
		return 0
	}
	if len(c.Slots) == 0 { // a quota of none
		return r.Window
	}
	return c.Slots[0].Last.Add(r.Window).Sub(now)
}

// add counts one more; a doubling rule sets the wait that follows it.
func (c *counter) add(r Rule, now time.Time) {
	c.Last = now
	if end := now.Add(r.Window); end.After(c.Expires) {
		c.Expires = end.Add(r.Window / slotsMost)
	}
	if r.Doubling {
		c.Count++
		if over := c.Count - r.Quota; over >= 0 {
			c.Until = now.Add(min(time.Second<<min(over, 20), longestWait))
		}
		return
	}
	if n := len(c.Slots); n > 0 && r.Quota > slotsMost && now.Sub(c.Slots[n-1].First) < r.Window/slotsMost {
		last := &c.Slots[n-1]
		last.Count, last.Last = last.Count+1, now
		return
	}
	c.Slots = append(c.Slots, slot{now, now, 1})
}

// giveBack takes back an attempt under a budget, and reports whether it found
// it; one that came late is in the slot of those that were first.
func (c *counter) giveBack(at time.Time) bool {
	i := slices.IndexFunc(c.Slots, func(s slot) bool { return !at.After(s.Last) })
	if i < 0 {
		return false
	}
	if c.Slots[i].Count--; c.Slots[i].Count == 0 {
		c.Slots = slices.Delete(c.Slots, i, i+1)
	}
	return true
}

// quota is what clients are told.
func (c *counter) quota(r Rule, now time.Time) domain.Quota {
	q := domain.Quota{Name: r.Name, Quota: r.Quota, Window: r.Window, Remaining: max(r.Quota-c.used(r), 0)}
	switch {
	case r.Doubling && c.Until.After(now):
		q.Reset = c.Until.Sub(now)
	case r.Doubling && c.Count > 0:
		q.Reset = c.Last.Add(r.Window).Sub(now)
	case len(c.Slots) > 0:
		q.Reset = c.Slots[0].Last.Add(r.Window).Sub(now)
	}
	return q
}

// Network is what one client has at will: an IPv4 address, or an IPv6 /64.
func Network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if a = a.Unmap(); a.Is4() {
		return a.String()
	}
	return netip.PrefixFrom(a.WithZone(""), 64).Masked().String()
}
