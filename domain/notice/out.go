package notice

import (
	"context"
	"strconv"
	"time"

	"wangge/store"
)

// Escalation is a rung of the ladder that an urgent notice went up since nobody acknowledged it.
type Escalation struct {
	Rung int       `store:"rung"`
	At   time.Time `store:"at"`
}

// Load are notices by id; those that are no more are left out.
func Load(ctx context.Context, r store.Reader, ids []string) (map[string]*Notice, error) {
	return notices.GetMany(ctx, r, ids)
}

// Put writes a notice that was read in the update.
func Put(tx *store.Tx, n *Notice) error { return notices.Put(tx, n) }

// Add writes those of the notices that are new, and returns them.
func Add(ctx context.Context, tx *store.Tx, all []*Notice) (fresh []*Notice, err error) {
	names := make([]string, len(all))
	for i, n := range all {
		names[i] = n.ID
	}
	there, err := notices.GetManyEver(ctx, tx, names)
	if err != nil {
		return nil, err
	}
	for _, n := range all {
		if there[n.ID] == nil {
			fresh = append(fresh, n)
		}
	}
	return fresh, write(ctx, tx, fresh)
}

// To is the same notice for somebody else, made at now.
func (n *Notice) To(recipient string, now time.Time) *Notice {
	out := *n
	out.Meta = store.Meta{ID: idOf(n.Partition, n.Number, n.Kind, recipient)}
	out.Recipient, out.For, out.Unread, out.ReadAt, out.Acked, out.Escalations = recipient, "", true, time.Time{}, time.Time{}, nil
	out.Expires = now.Add(Kept)
	return &out
}

// idOf follows from the entry, so that whoever is told twice has one notice.
func idOf(partition string, number int64, kind Kind, recipient string) string {
	return space.Of(partition, strconv.FormatInt(number, 10), string(kind), recipient)
}
