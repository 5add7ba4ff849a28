package notice

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"wangge/domain/access"
	"wangge/domain/personal"
	"wangge/store"
)

// countMost bounds the unread notices that are looked through for the counts;
// who has left more than that unread is told that there are more.
const countMost = 5000

// Counts are how many unread notices the inbox lists: those of what the reader
// may see now, of the latest countMost. They are counted by what the list reads,
// the index of the recipient's unread ones, so that they cannot differ from it.
type Counts struct {
	Unread       int
	ByKind       map[Kind]int
	ByImportance map[Importance]int
	More         bool // there are more than were looked through
}

// Counts returns how many unread notices the actor has.
func (s *Notices) Counts(ctx context.Context, actor access.Actor, now time.Time) (*Counts, error) {
	out := &Counts{ByKind: map[Kind]int{}, ByImportance: map[Importance]int{}}
	q := store.Query{Where: []store.Cond{store.Eq("recipient", actor.Account), store.Eq("unread", true)}, Order: []string{"-at"}, Limit: countMost}
	unread, next, err := notices.Find(ctx, s.store, q)
	if err != nil {
		return nil, err
	}
	out.More = next != ""
	seen, err := s.SeenBy(ctx, actor, now, unread)
	for _, n := range seen {
		out.Unread++
		out.ByKind[n.Kind]++
		out.ByImportance[n.Importance]++
	}
	return out, err
}

// Mark is up to where the actor's inbox has come, to be taken before one looks:
// what comes later, whatever its time, is behind it. Sealed, it tells nothing of
// how much others are told.
func (s *Notices) Mark(ctx context.Context, actor access.Actor) (string, error) {
	last, err := LastArrived(ctx, s.store)
	if err != nil {
		return "", err
	}
	sealed, err := s.Keys.Seal(fmt.Sprintf(arrivalsDigit, last), markOf(actor))
	return sealed.Token(), err
}

// marked reads a Mark of the actor's; false for anything else.
func (s *Notices) marked(actor access.Actor, mark string) (int64, bool) {
	sealed, ok := personal.ParseToken(mark)
	if !ok {
		return 0, false
	}
	text, err := s.Keys.Open(sealed, markOf(actor))
	if err != nil {
		return 0, false
	}
	last, err := strconv.ParseInt(text, 10, 64)
	return last, err == nil
}

func markOf(actor access.Actor) string { return "notices/mark/" + actor.Account }
