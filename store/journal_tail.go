package store

import (
	"cmp"
	"context"
	"slices"
	"sync"
)

// tailMost is how many of a journal's last entries are kept in memory.
const tailMost = 250

// tails are the ends of the journals as this process has read them last: those
// who follow are for the most part at the same place, and it is read once for all.
type tails struct {
	mu sync.Mutex
	of map[string]*tail // by partition
}

type tail struct {
	turn    chan struct{} // who holds it reads on
	from    int64         // the number that the first of entries comes after
	entries []*Entry      // shared with those who follow
}

// last is the number up to which the journal was read.
func (t *tail) last() int64 {
	if n := len(t.entries); n > 0 {
		return t.entries[n-1].Number
	}
	return t.from
}

func (t *tails) partition(name string) *tail {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.of == nil {
		t.of = map[string]*tail{}
	}
	if t.of[name] == nil {
		t.of[name] = &tail{turn: make(chan struct{}, 1)}
	}
	return t.of[name]
}

// JournalTo is Journal for who follows and reads up to head, which Heads told:
// it asks the engine only for what nobody in this process has read of late.
// The entries are others' as well and are not to be changed; the slice is the caller's.
func (s *Store) JournalTo(ctx context.Context, partition string, after, head int64, limit int) ([]*Entry, error) {
	t := s.tails.partition(partition)
	select {
	case t.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if after < t.from { // behind the others, whom it does not keep waiting
		<-t.turn
		return s.Journal(ctx, partition, after, limit)
	}
	defer func() { <-t.turn }()
	if after > t.last() {
		t.from, t.entries = after, nil
	}
	if t.last() < head {
		more, err := s.Journal(ctx, partition, t.last(), limit)
		if err != nil {
			return nil, err
		}
		t.entries = append(t.entries, more...)
	}
	first, _ := slices.BinarySearchFunc(t.entries, after+1, func(e *Entry, n int64) int { return cmp.Compare(e.Number, n) })
	out := slices.Clone(t.entries[first:min(first+limit, len(t.entries))])
	if over := len(t.entries) - tailMost; over > 0 {
		t.from = t.entries[over-1].Number
		t.entries = slices.Clone(t.entries[over:])
	}
	return out, nil
}
