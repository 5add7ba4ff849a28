package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"
)

const (
	reruns      = 12 // of an fn whose reads changed before its writes were committed, then it goes the other way
	insistAfter = 2  // reruns, who insists does
)

// errStale: something the write set read has changed.
var errStale = errors.New("store: what was read has changed")

// Update runs fn as one optimistic transaction on the partitions named.
//
// fn reads committed documents and buffers writes; nothing is written unless
// everything it read (documents, misses, the result of every query) is still
// so at commit. Otherwise it runs again, and when it has lost a dozen times,
// while nobody else commits in its partitions, as Insist says: however many
// want the same document, each gets it. ErrConflict when it loses even then,
// by an Observe that is behind; when the changed document was read with a
// stated version, and nothing else has changed, ErrVersion at once.
// An error of fn is returned, unless what fn read was stale: then it reruns.
// fn must have no side effects: ids and times come from outside.
//
// Without partitions the update may write unjournaled collections only. What
// it writes is compare-and-set; what it only reads is checked, not held. It
// runs again until ctx's deadline, without one a dozen times, then ErrConflict.
//
// When ctx ends before the write set is taken into a group, nothing is
// written. After that the commit goes on, and ctx's error says that the
// outcome was not waited for.
func (s *Store) Update(ctx context.Context, partitions []string, fn func(tx *Tx) error) error {
	return s.update(ctx, partitions, reruns, fn)
}

// Insist is Update for a long fn, which among many short ones would lose every
// time: once it has lost a few times, it runs while nobody else, on any node,
// commits in its partitions. All that change them wait for it then, on SQLite
// everybody; fn must not wait for any of them, such as by an Update of its own.
func (s *Store) Insist(ctx context.Context, partitions []string, fn func(tx *Tx) error) error {
	return s.update(ctx, partitions, insistAfter, fn)
}

// update runs fn until it does not lose; after the last time it holds the
// partitions. Who has them can still lose, on a database whose reads lag
// behind its commits for a moment, or by an Observe that is behind.
func (s *Store) update(ctx context.Context, partitions []string, last int, fn func(tx *Tx) error) error {
	partitions = slices.Compact(slices.Sorted(slices.Values(partitions)))
	attempt, inTurn, once := 0, false, beforeCommit(ctx, partitions, fn)
	fn = func(tx *Tx) error {
		tx.again, tx.inTurn = attempt > 0, inTurn
		return once(tx)
	}
	_, limited := ctx.Deadline()
	most := last
	if len(partitions) > 0 {
		most += reruns
	}
	var tx *Tx
	for ; ; attempt++ {
		held := attempt > last && len(partitions) > 0
		var err error
		if held {
			tx, err = s.hold(ctx, tx, fn)
		} else if tx, err = s.try(ctx, partitions, fn); tx == nil {
			return err
		}
		var stated statedError
		switch {
		case err == nil:
			tx.keepWritten(ctx)
			return nil
		case errors.As(err, &stated):
			return ErrVersion
		case !errors.Is(err, errStale):
			return err
		case held && tx.observed, attempt >= most && !limited:
			return ErrConflict
		case tx.lease != "" && !inTurn:
			leave, err := s.turnOf(tx.lease).take(ctx)
			if err != nil {
				return err
			}
			defer leave()
			inTurn = true
			continue
		}
		pause := time.Duration(rand.Int64N(int64(min(attempt+1, 8)) * int64(time.Millisecond)))
		if held { // reads lag behind for as long as the database is short of time: longer and longer is waited for them
			pause += min(time.Millisecond<<(attempt-last), time.Second/2)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ErrConflict, ctx.Err())
		case <-time.After(pause):
		}
	}
}

// try runs fn once and commits what it wrote; errStale when what it read has changed.
func (s *Store) try(ctx context.Context, partitions []string, fn func(tx *Tx) error) (*Tx, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	tx, err := s.run(id.String(), partitions, fn)
	if err == nil {
		return tx, s.commit(ctx, tx)
	}
	return tx, s.staleOr(ctx, tx, err)
}

// staleOr returns errStale in place of the error of fn when what it read has changed since.
func (s *Store) staleOr(ctx context.Context, tx *Tx, err error) error {
	stale, verr := s.stale(ctx, tx)
	switch {
	case verr != nil:
		return verr
	case stale:
		return errStale
	}
	return err
}

// statedError is errStale for a document whose version the caller stated.
type statedError struct{ error }

func (s *Store) run(set string, partitions []string, fn func(*Tx) error) (*Tx, error) {
	tx := s.begin(set, partitions)
	err := fn(tx)
	if !s.rehearse || err != nil {
		return tx, err
	}
	again := s.begin(set, partitions)
	if err := fn(again); err != nil {
		return again, err
	}
	if !tx.wroteSame(again) && !tx.sawOther(again) {
		return again, fmt.Errorf("store: update function is not pure: two runs wrote different documents or entries")
	}
	return again, nil
}

func (tx *Tx) wroteSame(again *Tx) bool {
	return slices.EqualFunc(tx.writes, again.writes, func(a, b Write) bool {
		return a.ID == b.ID && a.Spec == b.Spec && bytes.Equal(a.Doc, b.Doc) && slices.Equal(a.Terms, b.Terms)
	}) && slices.EqualFunc(tx.drafts, again.drafts, func(a, b draft) bool { return bytes.Equal(a.raw, b.raw) })
}

// sawOther reports whether the two runs read different versions, which excuses different writes.
func (tx *Tx) sawOther(again *Tx) bool {
	for r, v := range tx.read {
		if w, ok := again.read[r]; !ok || v != w {
			return true
		}
	}
	return len(tx.read) != len(again.read)
}

// stale reports whether anything the failed fn read has changed since.
func (s *Store) stale(ctx context.Context, tx *Tx) (bool, error) {
	bySpec := map[*Spec][]string{}
	for r := range tx.read {
		bySpec[r.spec] = append(bySpec[r.spec], r.id)
	}
	for spec, ids := range bySpec {
		now, err := s.getNow(ctx, spec, ids)
		if err != nil {
			return false, err
		}
		for _, id := range ids {
			var v int64
			if raw, ok := now[id]; ok {
				v = version(raw)
			}
			if v != tx.read[ref{spec, id}] {
				return true, nil
			}
		}
	}
	for _, q := range tx.asked {
		raws, err := s.engine.Find(ctx, q.spec, q.plan)
		if err != nil {
			return false, err
		}
		if !slices.Equal(StampsOf(raws), q.stamps) {
			return true, nil
		}
	}
	return false, nil
}

// hold commits what fn does once more, in the database transaction that holds
// the partitions, and returns what that was.
func (s *Store) hold(ctx context.Context, lost *Tx, fn func(*Tx) error) (*Tx, error) {
	req := s.newRequest(lost)
	req.again = fn
	go s.commitGroup([]*request{req})
	if err := req.wait(ctx, func() {}); err != nil {
		return lost, err // req may still be at work
	}
	return req.tx, nil
}

func (s *Store) commit(ctx context.Context, tx *Tx) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(tx.writes) == 0 && len(tx.drafts) == 0 {
		return nil
	}
	name, grouped := s.engine.Lane(tx.partitions)
	if !grouped {
		req := s.newRequest(tx)
		go s.commitGroup([]*request{req})
		return req.wait(ctx, func() {})
	}
	return s.laneOf(name).commit(ctx, tx)
}
