package live

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"

	"wangge/domain/access"
	"wangge/domain/personal"
)

// A cursor is how far somebody was told: up to which number of every journal,
// and of what the inboxes got, which comes in lists: somebody may be cut off in the
// middle of one. Sealed, and of a length that does not depend on
// the numbers, it tells its holder nothing of how much others do. One is the
// same for all listeners; the mark of the account and of what it is granted is
// put behind it, so that it is known for another's, and for that of somebody who
// was granted something else then.

// place is how far was read.
type place struct {
	journals map[string]int64
	inboxes  int64 // whole lists
	within   int64 // notices of the next list; 0 wherever the hub itself stops
}

func (p place) clone() place { return place{maps.Clone(p.journals), p.inboxes, p.within} }

const (
	before    = 3 // numbers, before those of the journals
	digitsOf  = 5 // of a number, to the base of 128: ASCII, which is what keys seal
	sealedFor = "live/cursor"
)

// cursors seals and opens.
type cursors struct{ keys *personal.Keys }

// seal is the cursor without the mark of an account.
func (c cursors) seal(p place) (string, error) {
	names := slices.Sorted(maps.Keys(p.journals))
	text := make([]byte, 0, digitsOf*(len(names)+before))
	text = number(text, int64(listed(names)))
	text = number(text, p.inboxes)
	text = number(text, p.within)
	for _, name := range names {
		text = number(text, p.journals[name])
	}
	sealed, err := c.keys.Seal(string(text), sealedFor)
	return sealed.Token(), err
}

// open reads a cursor that has the mark, and was made when there were the
// journals that there are now; false for anything else.
func (c cursors) open(cursor, marked string, now place) (place, bool) {
	shared, mark, _ := strings.Cut(cursor, ".")
	sealed, ok := personal.ParseToken(shared)
	if !ok || "."+mark != marked {
		return place{}, false
	}
	text, err := c.keys.Open(sealed, sealedFor)
	names := slices.Sorted(maps.Keys(now.journals))
	if err != nil || len(text) != digitsOf*(len(names)+before) || read(text) != int64(listed(names)) {
		return place{}, false
	}
	out := place{journals: make(map[string]int64, len(names)), inboxes: read(text[digitsOf:]), within: read(text[2*digitsOf:])}
	for i, name := range names {
		out.journals[name] = read(text[digitsOf*(i+before):])
	}
	return out, true
}

// reached reports whether all that p was told is behind q.
func (p place) reached(q place) bool {
	for name, n := range p.journals {
		if n > q.journals[name] {
			return false
		}
	}
	return p.inboxes < q.inboxes || p.inboxes == q.inboxes && p.within <= q.within
}

// mark tells accounts apart, and of one what it hears of, and nothing of them.
func (c cursors) mark(a access.Actor) string {
	_, granted := rights(a)
	return "." + c.keys.Index("live", fmt.Sprintln(a.Account, granted, slices.Sorted(slices.Values(a.Persons())), a.Phone))[:8]
}

// listed tells lists of journals apart.
func listed(names []string) uint32 {
	h := fnv.New32a()
	for _, name := range names {
		_, _ = h.Write([]byte(name + "\n")) // which cannot fail
	}
	return h.Sum32()
}

func number(text []byte, n int64) []byte {
	for shift := 7 * (digitsOf - 1); shift >= 0; shift -= 7 {
		text = append(text, byte(n>>shift)&0x7f)
	}
	return text
}

func read(text string) (n int64) {
	for _, b := range []byte(text[:digitsOf]) {
		n = n<<7 | int64(b)
	}
	return n
}
