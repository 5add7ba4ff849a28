package notice

import (
	"context"
	"strconv"
	"time"

	"wangge/domain/ids"
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

// To is the same notice for somebody else, made at now. Its id follows from the
// entry as that of the notice does: in order, or as all did before.
func (n *Notice) To(recipient string, now time.Time) *Notice {
	out := *n
	id := space.Of(n.name(recipient)...)
	if ids.Ordered(n.ID) {
		id = n.follows(recipient)
	}
	out.Meta = store.Meta{ID: id}
	out.Recipient, out.For, out.Unread, out.ReadAt, out.Acked, out.Escalations = recipient, "", true, time.Time{}, time.Time{}, nil
	out.Expires = now.Add(Kept)
	return &out
}

// follows is the id of a notice of an entry to somebody: whoever is told twice has
// one notice. Those of an entry lie together, next to those of the entries before.
func (n *Notice) follows(recipient string) string { return space.At(n.At, n.name(recipient)...) }

// name is what the id follows from.
func (n *Notice) name(recipient string) []string {
	return []string{n.Partition, strconv.FormatInt(n.Number, 10), string(n.Kind), recipient}
}
