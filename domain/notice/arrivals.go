package notice

import (
	"context"
	"fmt"
	"slices"
	"time"

	"wangge/domain/ids"
	"wangge/store"
)

// Beside the notices, in the same update, stands a numbered list of what came
// when: every node reads on in it, whichever wrote it, and who listens hears of
// each notice once.

// Arrivals are some notices that came together. Many tell several people the
// same, most of them the same people again: what is told is in it once, and who.
type Arrivals struct {
	store.Meta `store:",inline"`
	Accounts   []string  `store:"accounts,omitempty"` // who was told, each once
	Told       []alike   `store:"told,omitempty"`     // in the order in which they came
	Read       string    `store:"read,omitempty"`     // whose notices were read instead: their other devices hear of it
	At         time.Time `store:"at,omitempty"`       // when
	Expires    time.Time `store:"expires"`
}

// alike are notices that tell the same, one after the other.
type alike struct {
	Partition  string     `store:"partition"` // the entry
	Number     int64      `store:"number"`
	Kind       Kind       `store:"kind"`
	Importance Importance `store:"importance"`
	About      About      `store:"about"`
	At         time.Time  `store:"at"`
	To         []int      `store:"to"`            // by their places in Accounts
	IDs        []string   `store:"ids,omitempty"` // of the notices, where they do not follow from the entry
}

// Arrival is of a notice what does not change.
type Arrival struct {
	ID         string
	Recipient  string
	Kind       Kind
	Importance Importance
	About      About
	At         time.Time
	Nth        int64 // in its list, from 1
}

// To are the notices of some of the accounts, in the order in which they came.
func (l *Arrivals) To(some func(account string) bool) (out []Arrival) {
	wanted := make([]bool, len(l.Accounts))
	for i, account := range l.Accounts {
		wanted[i] = some(account)
	}
	if !slices.Contains(wanted, true) {
		return nil
	}
	nth := int64(0)
	for _, same := range l.Told {
		for i, place := range same.To {
			if nth++; !wanted[place] {
				continue
			}
			a := Arrival{Recipient: l.Accounts[place], Kind: same.Kind, Importance: same.Importance, About: same.About, At: same.At, Nth: nth}
			if same.IDs != nil {
				a.ID = same.IDs[i]
			} else {
				a.ID = (&Notice{Partition: same.Partition, Number: same.Number, Kind: same.Kind, At: same.At}).follows(a.Recipient)
			}
			out = append(out, a)
		}
	}
	return out
}

// list lists notices, in their order.
func (l *Arrivals) list(all []*Notice) {
	places := map[string]int{}
	for _, n := range all {
		place, known := places[n.Recipient]
		if !known {
			place = len(l.Accounts)
			places[n.Recipient], l.Accounts = place, append(l.Accounts, n.Recipient)
		}
		is := alike{Partition: n.Partition, Number: n.Number, Kind: n.Kind, Importance: n.Importance, About: n.About, At: n.At}
		last := len(l.Told) - 1
		if last < 0 || !l.Told[last].same(&is, ids.Ordered(n.ID)) {
			l.Told, last = append(l.Told, is), last+1
		}
		same := &l.Told[last]
		if same.To = append(same.To, place); !ids.Ordered(n.ID) {
			same.IDs = append(same.IDs, n.ID)
		}
	}
}

// same reports whether a notice tells what these do, and has an id as they have.
func (a *alike) same(other *alike, follows bool) bool {
	return a.Partition == other.Partition && a.Number == other.Number && a.Kind == other.Kind && a.Importance == other.Importance &&
		a.About == other.About && a.At.Equal(other.At) && follows == (a.IDs == nil)
}

// together is schema 1 to 2: each notice was listed by itself, under its id.
func together(doc store.D) (store.D, error) {
	i := slices.IndexFunc(doc, func(e store.E) bool { return e.Key == "notices" })
	if i < 0 {
		return doc, nil
	}
	each, _ := doc[i].Value.(store.A) // null where somebody has read
	accounts, told := store.A{}, store.A{}
	for _, v := range each {
		n, ok := v.(store.D)
		if !ok {
			return nil, fmt.Errorf("what came holds a %T", v)
		}
		var id, recipient any
		for _, e := range n {
			switch e.Key {
			case "id":
				id = e.Value
			case "recipient":
				recipient = e.Value
			}
		}
		place := slices.Index(accounts, recipient)
		if place < 0 {
			place, accounts = len(accounts), append(accounts, recipient)
		}
		told = append(told, append(store.Without(n, "id", "recipient"),
			store.E{Key: "partition", Value: ""}, store.E{Key: "number", Value: int64(0)}, store.E{Key: "to", Value: store.A{int32(place)}}, store.E{Key: "ids", Value: store.A{id}}))
	}
	return append(store.Without(doc, "notices"), store.E{Key: "accounts", Value: accounts}, store.E{Key: "told", Value: told}), nil
}

// arrived is the number of the last arrivals.
type arrived struct {
	store.Meta `store:",inline"`
	Last       int64 `store:"last"`
}

var (
	arrivals = store.Declare[Arrivals](store.Declaration{Name: "noticeArrivals", Schema: 2, Unjournaled: true, Indexes: []string{"expires: expires"}, Upgrades: []store.Upgrade{together}})
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
		}
		list.list(all[:n])
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
