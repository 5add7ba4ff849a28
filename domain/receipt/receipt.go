// Package receipt gives out receipt numbers 受理编号: each once, however many
// nodes give them, by counters of a street's day. What is numbered is for its callers.
package receipt

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"wangge/domain/civil"
	"wangge/store"
)

// dayNumbers counts a street's receipt numbers of one day.
type dayNumbers struct {
	store.Meta `store:",inline"`
	Last       int64     `store:"last"`
	Day        time.Time `store:"day"`
}

var numbers = store.Declare[dayNumbers](store.Declaration{
	Name: "ticketNumbers", Schema: 1, Unjournaled: true, Indexes: []string{"day: day"},
})

// numberBlock is how many numbers a node takes at once, so that what comes in
// one street do not queue at the counter. What a stopped node had left is not
// used. A block that is used up within a minute is followed by one of twice as many, up to blockMost.
const (
	numberBlock = 10
	blockMost   = 160
)

// Numbers gives out numbers from blocks, by counter.
type Numbers struct {
	store *store.Store
	taken func(ctx context.Context, number string) (bool, error)

	mu     sync.Mutex // of the map: a street does not wait for another one's counter
	blocks map[string]*block
}

// New returns the numbers on a store that has Collections. taken reports
// whether something has a number: it is asked when a counter may have been lost.
func New(st *store.Store, taken func(ctx context.Context, number string) (bool, error)) *Numbers {
	return &Numbers{store: st, taken: taken, blocks: map[string]*block{}}
}

// Collections lists what the package stores.
func Collections() []store.Declared { return []store.Declared{numbers} }

type block struct {
	mu         sync.Mutex
	next, last int64
	size       int64 // of the block that was taken last
	taken      time.Time
}

// more is how many numbers to take next.
func (b *block) more(now time.Time) int64 {
	if b.size == 0 || now.Sub(b.taken).Abs() > time.Minute {
		return numberBlock
	}
	return min(2*b.size, blockMost)
}

// of returns the counter's block; an empty one where there is none yet.
func (n *Numbers) of(counter string) *block {
	n.mu.Lock()
	defer n.mu.Unlock()
	b := n.blocks[counter]
	if b == nil {
		if len(n.blocks) > 10_000 { // of days gone by
			clear(n.blocks)
		}
		b = &block{next: 1}
		n.blocks[counter] = b
	}
	return b
}

// Next returns a number never given before: <street code>-<mark><yymmdd>-<n>.
// The mark tells kinds of things apart.
func (n *Numbers) Next(ctx context.Context, street, mark string, now time.Time) (string, error) {
	counter := street + "-" + mark + now.In(civil.Zone).Format("060102")
	b := n.of(counter)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next > b.last {
		size := b.more(now)
		last, err := n.last(ctx, counter, size, now)
		if err != nil {
			return "", err
		}
		b.next, b.last, b.size, b.taken = last-size+1, last, size, now
	}
	given := b.next
	b.next++
	return number(counter, given), nil
}

// GiveBack takes a number that was not used, as long as nobody has had the next one.
func (n *Numbers) GiveBack(text string) {
	i := strings.LastIndexByte(text, '-')
	given, err := strconv.ParseInt(text[i+1:], 10, 64)
	if err != nil {
		return
	}
	b := n.of(text[:i])
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == given+1 {
		b.next = given
	}
}

// last reserves a block of numbers and returns the last. Where the day's
// counter is not there, it may have been lost, as when a sweep ran under a wrong
// clock: then it goes on behind what was given, by more each time, which leaves
// a gap. What it meets all the same is passed over by who asks for another.
func (n *Numbers) last(ctx context.Context, counter string, size int64, now time.Time) (last int64, err error) {
	last, begun, err := take(ctx, n.store, counter, size, now)
	for more := 2 * size; begun && err == nil; more *= 2 {
		var given bool
		if given, err = n.anyTaken(ctx, counter, last-size+1, last); !given {
			break
		}
		last, _, err = take(ctx, n.store, counter, more, now)
	}
	return last, err
}

// anyTaken reports whether something has one of the numbers.
func (n *Numbers) anyTaken(ctx context.Context, counter string, first, last int64) (bool, error) {
	for i := first; i <= last; i++ {
		if taken, err := n.taken(ctx, number(counter, i)); err != nil || taken {
			return true, err
		}
	}
	return false, nil
}

func number(counter string, n int64) string { return fmt.Sprintf("%s-%d", counter, n) }

// take reserves n numbers of the counter and returns the last, and whether the counter begins with them.
func take(ctx context.Context, st *store.Store, counter string, n int64, now time.Time) (last int64, begun bool, err error) {
	for {
		err = st.Update(ctx, nil, func(tx *store.Tx) error {
			day, err := numbers.Get(ctx, tx, counter)
			if begun = errors.Is(err, store.ErrNotFound); begun {
				last = n
				return numbers.Insert(tx, &dayNumbers{Meta: store.Meta{ID: counter}, Last: last, Day: now})
			}
			if err != nil {
				return err
			}
			day.Last += n
			last = day.Last
			return numbers.Put(tx, day)
		})
		var twice *store.DuplicateError
		if !errors.As(err, &twice) {
			return last, begun, err
		}
	}
}

// Sweep forgets the counters of days long past.
func Sweep(ctx context.Context, st *store.Store, now time.Time) error {
	_, err := numbers.Expire(ctx, st, "day", now.AddDate(0, 0, -7))
	return err
}
