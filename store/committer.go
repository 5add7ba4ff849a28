package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"
)

const groupPatient = 60 * time.Second // how long a group is retried while the database is away

// commitGroup commits the group and answers every request in it. It has a
// context of its own: a caller who gave up does not undo the group.
func (s *Store) commitGroup(group []*request) {
	ctx, cancel := context.WithTimeout(context.Background(), groupPatient)
	defer cancel()
	s.commitWithin(ctx, group, false, group[0].again == nil)
}

// commitWithin tries until every request is answered or ctx ends. With
// unknown, an attempt before may have committed exactly these sets; believe is attempt's.
func (s *Store) commitWithin(ctx context.Context, group []*request, unknown, believe bool) {
	for {
		left, err := s.attempt(ctx, group, unknown, believe)
		switch {
		case err == nil:
			answer(left, nil)
			return
		case errors.Is(err, ErrOutcomeUnknown):
			unknown, believe = true, false
		case believe && !errors.Is(err, ErrUnavailable) && ctx.Err() == nil: // what was not looked at may be the reason
			believe = false
		case errors.Is(err, ErrTransient), errors.Is(err, ErrRaced) && unknown:
		case errors.Is(err, ErrRaced):
			answer(left, errStale)
			return
		case errors.Is(err, ErrUnavailable), ctx.Err() != nil:
			answer(left, unavailable(s.health.notice(err)))
			return
		case len(left) > 1: // one of them is at fault: find it, spare the others
			s.commitWithin(ctx, left[:len(left)/2], unknown, believe)
			s.commitWithin(ctx, left[len(left)/2:], unknown, believe)
			return
		default:
			answer(left, err)
			return
		}
		group = left
		select {
		case <-ctx.Done():
			answer(group, unavailable(err))
			return
		case <-time.After(time.Millisecond + rand.N(3*time.Millisecond)):
		}
	}
}

func unavailable(err error) error {
	if errors.Is(err, ErrUnavailable) {
		return err
	}
	return fmt.Errorf("%w: %v", ErrUnavailable, err)
}

func answer(group []*request, err error) {
	for _, req := range group {
		req.answer(err)
	}
}

// attempt runs the group in one database transaction. Stale sets are
// answered and left out; left are the others. With unknown, it first looks
// whether an attempt before has committed: taking the counters settled that.
// With believe, versions that the writes compare themselves need not be looked
// at before: when that fails, an attempt that does look finds out why.
func (s *Store) attempt(ctx context.Context, group []*request, unknown, believe bool) (left []*request, err error) {
	times := int64(1)
	if group[0].again != nil {
		times = 2 // it is made anew, of what others commit until then, and may have more entries
	}
	partitions, reserve := reserve(group, times)
	etx, err := s.engine.Begin(ctx, partitions, reserve)
	if err == nil {
		defer etx.Rollback()
	}
	if unknown {
		done := false
		if err == nil {
			done, err = s.committed(ctx, etx, group)
		}
		if err != nil {
			return group, fmt.Errorf("%w: %w", ErrOutcomeUnknown, err) // still
		}
		if done {
			s.grown(partitions, etx.Starts(), make([]int64, len(partitions)))
			return group, nil
		}
	}
	if err != nil {
		return group, err
	}
	if group[0].again != nil {
		if err := s.rebuild(ctx, group[0], reserve); err != nil {
			return group, err
		}
	}
	left, verdicts, err := s.check(ctx, etx, group, believe)
	if err != nil {
		return group, err
	}
	if done, err := s.answerStale(ctx, etx, group, verdicts, unknown); done || err != nil {
		return group, err
	}
	if len(left) == 0 {
		return nil, nil
	}
	writes, used := number(left, partitions, etx.Starts())
	if err := etx.Write(ctx, writes, used); err != nil {
		return left, err
	}
	if err := etx.Commit(ctx); err != nil {
		return left, err
	}
	s.grown(partitions, etx.Starts(), used)
	return left, nil
}

// rebuild makes a write set anew, now that nobody else commits. Reads can still
// be behind the last commit, and catch up between two of them. When the set
// has more entries than there are numbers, the next attempt takes more.
func (s *Store) rebuild(ctx context.Context, req *request, reserved []int64) error {
	tx, err := s.run(req.tx.set, req.tx.partitions, req.again)
	if err != nil {
		return s.staleOr(ctx, tx, err)
	}
	req.tx = tx
	_, want := reserve([]*request{req}, 1)
	for i, n := range want {
		if n > reserved[i] {
			return ErrTransient
		}
	}
	return nil
}

func (s *Store) grown(partitions []string, starts, used []int64) {
	heads := make(map[string]int64, len(partitions))
	for i, p := range partitions {
		heads[p] = starts[i] + used[i]
	}
	s.heads.grow(heads)
}

// reserve counts the entries of a group by partition, each so many times.
func reserve(group []*request, times int64) ([]string, []int64) {
	want := map[string]int64{}
	for _, req := range group {
		for _, p := range req.tx.partitions {
			want[p] += 0
		}
		for _, d := range req.tx.drafts {
			want[d.partition] += times
		}
	}
	partitions := slices.Sorted(maps.Keys(want))
	counts := make([]int64, len(partitions))
	for i, p := range partitions {
		counts[i] = want[p]
	}
	return partitions, counts
}

// committed tells whether these sets are written already: by the id of one of
// them in the journal or, where none has entries, by a document that lies
// there as it was to be written (the sets of a group are written together).
func (s *Store) committed(ctx context.Context, etx EngineTx, group []*request) (bool, error) {
	for _, req := range group {
		if len(req.tx.drafts) == 0 {
			continue
		}
		plan, err := s.plan(journal.spec, Query{Where: []Cond{Eq("set", req.tx.set)}, Limit: 1})
		if err != nil {
			return false, err
		}
		stamps, err := etx.Stamps(ctx, journal.spec, plan)
		return len(stamps) > 0, err
	}
	for _, req := range group {
		for _, w := range req.tx.writes {
			now, err := s.getNow(ctx, w.Spec, []string{w.ID})
			if err != nil || bytes.Equal(now[w.ID], w.Doc) {
				return err == nil, err
			}
		}
	}
	return false, nil
}

// check compares everything the sets remember with what the transaction
// sees, and returns those that are as they were, and what the others are answered.
func (s *Store) check(ctx context.Context, etx EngineTx, group []*request, believe bool) (left []*request, verdicts map[*request]error, err error) {
	now := map[ref]int64{}
	for spec, l := range lookups(group) {
		if !believe {
			l.own = nil
		}
		versions, err := etx.Versions(ctx, spec, slices.Sorted(maps.Keys(l.ids)), l.own)
		if err != nil {
			return nil, nil, err
		}
		for id, v := range versions {
			now[ref{spec, id}] = v
		}
	}
	verdicts = map[*request]error{}
	for _, req := range group {
		err := req.tx.compareReads(now)
		if err == nil {
			if err = req.tx.ask(ctx, etx); err != nil && !errors.Is(err, errStale) {
				return nil, nil, err
			}
		}
		if err == nil {
			left = append(left, req)
		} else {
			verdicts[req] = err
		}
	}
	return left, verdicts, nil
}

// answerStale answers the sets that are stale. With unknown, they may be stale
// by what they wrote themselves, seen only since it was first asked whether
// they are committed: where reads lag behind commits, that is asked once more.
func (s *Store) answerStale(ctx context.Context, etx EngineTx, group []*request, verdicts map[*request]error, unknown bool) (done bool, err error) {
	if unknown && len(verdicts) > 0 {
		if done, err = s.committed(ctx, etx, group); done || err != nil {
			return done, err
		}
	}
	for req, err := range verdicts {
		req.answer(err)
	}
	return false, nil
}

// lookup is what a group remembers of a collection.
type lookup struct {
	ids map[string]bool
	own map[string]int64 // what one set writes, at this version, and no other has read
}

func lookups(group []*request) map[*Spec]*lookup {
	out := map[*Spec]*lookup{}
	add := func(r ref, own bool, old int64) {
		l := out[r.spec]
		if l == nil {
			l = &lookup{map[string]bool{}, map[string]int64{}}
			out[r.spec] = l
		}
		if own && !l.ids[r.id] {
			l.own[r.id] = old
		} else {
			delete(l.own, r.id)
		}
		l.ids[r.id] = true
	}
	for _, req := range group {
		for r := range req.tx.read {
			if _, too := req.tx.wrote[r]; !too {
				add(r, false, 0)
			}
		}
		for r, i := range req.tx.wrote {
			add(r, true, req.tx.writes[i].Old)
		}
	}
	return out
}

// compareReads compares what was read with what is there now. Where more than a
// stated version has changed, fn may know the reason when it runs again.
func (tx *Tx) compareReads(now map[ref]int64) error {
	stated, stale := false, false
	for r, v := range tx.read {
		if now[r] != v {
			stated, stale = stated || tx.stated[r], stale || !tx.stated[r]
		}
	}
	switch {
	case stale:
		return errStale
	case stated:
		return statedError{errStale}
	}
	for _, w := range tx.writes {
		if w.Old == 0 && now[ref{w.Spec, w.ID}] != 0 {
			return &DuplicateError{w.Spec.Name, "_id"}
		}
	}
	return nil
}

func (tx *Tx) ask(ctx context.Context, etx EngineTx) error {
	for _, q := range tx.asked {
		stamps, err := etx.Stamps(ctx, q.spec, q.plan)
		if err != nil {
			return err
		}
		if !slices.Equal(stamps, q.stamps) {
			return errStale
		}
	}
	return nil
}

// number gives every entry its number and every document the number of its last entry.
func number(group []*request, partitions []string, starts []int64) (writes []Write, used []int64) {
	used = make([]int64, len(partitions))
	size := 0
	for _, req := range group {
		size += len(req.tx.writes) + len(req.tx.drafts)
	}
	writes = make([]Write, 0, size)
	for _, req := range group {
		seq := make(map[ref]int64, len(req.tx.drafts))
		entries := make([]Write, len(req.tx.drafts))
		for i := range req.tx.drafts {
			d := &req.tx.drafts[i]
			p, _ := slices.BinarySearch(partitions, d.partition)
			used[p]++
			n := starts[p] + used[p]
			d.number(n)
			seq[ref{d.spec, d.doc}] = n
			entries[i] = Write{Spec: journal.spec, ID: entryID(d.partition, n), Doc: d.raw}
		}
		for _, w := range req.tx.writes {
			if n, ok := seq[ref{w.Spec, w.ID}]; ok {
				setInt64(w.Doc, "seq", n)
			}
			writes = append(writes, w)
		}
		writes = append(writes, entries...)
	}
	return writes, used
}
