package ticket

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"wangge/domain/area"
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

// numberBlock is how many numbers a node takes at once, so that reports of
// one street do not queue at the counter. What a stopped node had left is not
// used. A block that is used up within a minute is followed by one of twice as many, up to blockMost.
const (
	numberBlock = 10
	blockMost   = 160
)

// receipts gives out receipt numbers from blocks, by counter.
type receipts struct {
	mu     sync.Mutex // of the map: a street does not wait for another one's counter
	blocks map[string]*block
}

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
func (r *receipts) of(counter string) *block {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.blocks[counter]
	if b == nil {
		if len(r.blocks) > 10_000 { // of days gone by
			clear(r.blocks)
		}
		b = &block{next: 1}
		r.blocks[counter] = b
	}
	return b
}

// receiptNumber returns one never given before: <street code>-<yymmdd>-<n>,
// with the code that the street has today.
func (s *Tickets) receiptNumber(ctx context.Context, street *area.Area, now time.Time) (string, error) {
	if heir, ok := s.areas.Tree().ByID(s.today(street.ID)); ok {
		street = heir
	}
	counter := street.Code + "-" + now.In(civil.Zone).Format("060102")
	b := s.receipts.of(counter)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next > b.last {
		size := b.more(now)
		last, err := s.lastNumber(ctx, counter, size, now)
		if err != nil {
			return "", err
		}
		b.next, b.last, b.size, b.taken = last-size+1, last, size, now
	}
	n := b.next
	b.next++
	return number(counter, n), nil
}

// giveBack takes a number that was not used, as long as nobody has had the next one.
func (r *receipts) giveBack(text string) {
	i := strings.LastIndexByte(text, '-')
	n, err := strconv.ParseInt(text[i+1:], 10, 64)
	if err != nil {
		return
	}
	b := r.of(text[:i])
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == n+1 {
		b.next = n
	}
}

// lastNumber reserves a block of numbers and returns the last. Where the day's
// counter is not there, it may have been lost, as when a sweep ran under a wrong
// clock: then it goes on behind what was given, by more each time, which leaves
// a gap. What it meets all the same is passed over by who reports.
func (s *Tickets) lastNumber(ctx context.Context, counter string, size int64, now time.Time) (last int64, err error) {
	last, begun, err := take(ctx, s.store, counter, size, now)
	for n := 2 * size; begun && err == nil; n *= 2 {
		var given bool
		if given, err = s.anyNumberTaken(ctx, counter, last-size+1, last); !given {
			break
		}
		last, _, err = take(ctx, s.store, counter, n, now)
	}
	return last, err
}

// anyNumberTaken reports whether a ticket has one of the numbers.
func (s *Tickets) anyNumberTaken(ctx context.Context, counter string, first, last int64) (bool, error) {
	for i := first; i <= last; i++ {
		has, _, err := collection.Find(ctx, s.store, store.Query{Where: []store.Cond{store.Eq("number", number(counter, i))}, Limit: 1})
		if err != nil || len(has) > 0 {
			return true, err
		}
	}
	return false, nil
}

func number(counter string, n int64) string { return fmt.Sprintf("%s-%d", counter, n) }

// numberTaken: another node gave the number out of a block from before its counter was lost.
func numberTaken(err error) bool {
	var twice *store.DuplicateError
	return errors.As(err, &twice) && twice.Collection == "tickets" && twice.Index == "number"
}

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
func (s *Tickets) Sweep(ctx context.Context, now time.Time) error {
	_, err := numbers.Expire(ctx, s.store, "day", now.AddDate(0, 0, -7))
	return err
}
