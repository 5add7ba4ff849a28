package ticket

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"wangge/domain/area"
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
// one street do not queue at the counter. What a stopped node had left is not used.
const numberBlock = 10

// receipts gives out receipt numbers from blocks.
type receipts struct {
	mu     sync.Mutex
	blocks map[string]*block
}

type block struct{ next, last int64 }

// local is the time zone of the days in receipt numbers.
var local = time.FixedZone("Asia/Shanghai", 8*3600)

// next returns a receipt number never given before: <street code>-<yymmdd>-<n>.
func (r *receipts) next(ctx context.Context, st *store.Store, street *area.Area, now time.Time) (string, error) {
	day := now.In(local).Format("060102")
	id := street.ID + "/" + day
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.blocks[id]
	if b == nil || b.next > b.last {
		if r.blocks == nil || len(r.blocks) > 10_000 {
			r.blocks = map[string]*block{}
		}
		last, err := take(ctx, st, id, now)
		if err != nil {
			return "", err
		}
		b = &block{last - numberBlock + 1, last}
		r.blocks[id] = b
	}
	n := b.next
	b.next++
	return fmt.Sprintf("%s-%s-%d", street.Code, day, n), nil
}

// take reserves a block and returns its last number.
func take(ctx context.Context, st *store.Store, id string, now time.Time) (last int64, err error) {
	for {
		err = st.Update(ctx, nil, func(tx *store.Tx) error {
			n, err := numbers.Get(ctx, tx, id)
			if errors.Is(err, store.ErrNotFound) {
				last = numberBlock
				return numbers.Insert(tx, &dayNumbers{Meta: store.Meta{ID: id}, Last: last, Day: now})
			}
			if err != nil {
				return err
			}
			n.Last += numberBlock
			last = n.Last
			return numbers.Put(tx, n)
		})
		var twice *store.DuplicateError
		if !errors.As(err, &twice) {
			return last, err
		}
	}
}

// Sweep forgets the counters of days long past.
func (s *Tickets) Sweep(ctx context.Context, now time.Time) error {
	_, err := numbers.Expire(ctx, s.store, "day", now.AddDate(0, 0, -7))
	return err
}
