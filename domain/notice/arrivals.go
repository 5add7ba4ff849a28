package notice

import (
	"context"
	"fmt"
	"time"

	"wangge/store"
)

// Beside the notices, in the same update, stands a numbered list of what came
// when: every node reads on in it, whichever wrote it, and who listens hears of
// each notice once.

// Arrivals are some notices that came together.
type Arrivals struct {
	store.Meta `store:",inline"`
	Notices    []Arrival `store:"notices"`
	Read       string    `store:"read,omitempty"` // whose notices were read instead: their other devices hear of it
	At         time.Time `store:"at,omitempty"`   // when
	Expires    time.Time `store:"expires"`
}

// Arrival is of a notice what does not change.
type Arrival struct {
	ID         string     `store:"id"`
	Recipient  string     `store:"recipient"`
	Kind       Kind       `store:"kind"`
	Importance Importance `store:"importance"`
	About      About      `store:"about"`
	At         time.Time  `store:"at"`
}

// arrived is the number of the last arrivals.
type arrived struct {
	store.Meta `store:",inline"`
	Last       int64 `store:"last"`
}

var (
	arrivals = store.Declare[Arrivals](store.Declaration{Name: "noticeArrivals", Schema: 1, Unjournaled: true, Indexes: []string{"expires: expires"}})
	heads    = store.Declare[arrived](store.Declaration{Name: "noticeArrived", Schema: 1, Unjournaled: true})
)

const (
	headID        = "inboxes"
	arriveAtOnce  = 1000      // notices in one list
	arrivalsLast  = time.Hour // who was away for longer loads everything anew
	arrivalsDigit = "%016d"
)

// write writes new notices, and lists them as what came.
func write(ctx context.Context, tx *store.Tx, all []*Notice) error {
	if len(all) == 0 {
		return nil
	}
	head, err := headOf(ctx, tx)
	if err != nil {
		return err
	}
	for len(all) > 0 {
		n := min(len(all), arriveAtOnce)
		head.Last++
		list := &Arrivals{Meta: store.Meta{ID: fmt.Sprintf(arrivalsDigit, head.Last)}, Expires: all[0].Made().Add(arrivalsLast)}
		for _, n := range all[:n] {
			n.Arrived = head.Last
			if err := notices.Insert(tx, n); err != nil {
				return err
			}
			list.Notices = append(list.Notices, Arrival{n.ID, n.Recipient, n.Kind, n.Importance, n.About, n.At})
		}
		if err := arrivals.Insert(tx, list); err != nil {
			return err
		}
		all = all[n:]
	}
	return head.keep(tx)
}

// haveRead lists that somebody has read notices of theirs.
func haveRead(ctx context.Context, tx *store.Tx, who string, now time.Time) error {
	head, err := headOf(ctx, tx)
	if err != nil {
		return err
	}
	head.Last++
	if err := arrivals.Insert(tx, &Arrivals{Meta: store.Meta{ID: fmt.Sprintf(arrivalsDigit, head.Last)}, Read: who, At: now, Expires: now.Add(arrivalsLast)}); err != nil {
		return err
	}
	return head.keep(tx)
}

// headOf is the number of the last arrivals, to be counted on in the update.
func headOf(ctx context.Context, tx *store.Tx) (*arrived, error) {
	found, err := heads.GetMany(ctx, tx, []string{headID})
	if head := found[headID]; head != nil || err != nil {
		return head, err
	}
	return &arrived{Meta: store.Meta{ID: headID}}, nil
}

func (h *arrived) keep(tx *store.Tx) error {
	if h.Version == 0 {
		return heads.Insert(tx, h)
	}
	return heads.Put(tx, h)
}

// LastArrived is the number of the last arrivals; 0 before there are any.
func LastArrived(ctx context.Context, r store.Reader) (int64, error) {
	found, err := heads.GetMany(ctx, r, []string{headID})
	if err != nil || found[headID] == nil {
		return 0, err
	}
	return found[headID].Last, nil
}

// ArrivedSince are the arrivals above a number up to another, in order; those
// that have run out are empty.
func ArrivedSince(ctx context.Context, r store.Reader, after, to int64) ([]*Arrivals, error) {
	var ids []string
	for n := after + 1; n <= to; n++ {
		ids = append(ids, fmt.Sprintf(arrivalsDigit, n))
	}
	found, err := arrivals.GetMany(ctx, r, ids)
	out := make([]*Arrivals, len(ids))
	for i, id := range ids {
		if out[i] = found[id]; out[i] == nil {
			out[i] = &Arrivals{}
		}
	}
	return out, err
}
