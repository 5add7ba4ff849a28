package storetest

import (
	"context"
	"errors"
	"slices"
	"sync"

	"wangge/store"
)

// faults is an engine that fails, or waits, at the places a test names.
type faults struct {
	store.Engine
	mu     sync.Mutex
	gate   chan struct{} // transactions begin once it is closed
	begun  int           // transactions that asked to begin
	commit []fault       // what befalls the next commits
	begin  []error       // what befalls the next Begins
	poison []string      // ids whose write fails
}

type fault int

const (
	fine          fault = iota
	committedLost       // commits, and the answer is lost
	notCommitted        // does not commit, and nobody knows
)

var errPoison = errors.New("poisoned document")

// shut lets no transaction begin until the gate is opened.
func (f *faults) shut() (open func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	gate := make(chan struct{})
	f.gate = gate
	return sync.OnceFunc(func() { close(gate) })
}

func (f *faults) waiting() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.begun
}

func (f *faults) set(change func(*faults)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

func (f *faults) Begin(ctx context.Context, partitions []string, reserve []int64) (store.EngineTx, error) {
	f.mu.Lock()
	f.begun++
	gate := f.gate
	var err error
	if len(f.begin) > 0 {
		err, f.begin = f.begin[0], f.begin[1:]
	}
	f.mu.Unlock()
	if gate != nil {
		<-gate
	}
	if err != nil {
		return nil, err
	}
	tx, err := f.Engine.Begin(ctx, partitions, reserve)
	if err != nil {
		return nil, err
	}
	return &faultyTx{tx, f}, nil
}

type faultyTx struct {
	store.EngineTx
	f *faults
}

func (tx *faultyTx) Write(ctx context.Context, writes []store.Write, used []int64) error {
	tx.f.mu.Lock()
	poisoned := slices.ContainsFunc(writes, func(w store.Write) bool { return slices.Contains(tx.f.poison, w.ID) })
	tx.f.mu.Unlock()
	if poisoned {
		return errPoison
	}
	return tx.EngineTx.Write(ctx, writes, used)
}

func (tx *faultyTx) Commit(ctx context.Context) error {
	tx.f.mu.Lock()
	next := fine
	if len(tx.f.commit) > 0 {
		next, tx.f.commit = tx.f.commit[0], tx.f.commit[1:]
	}
	tx.f.mu.Unlock()
	switch next {
	case notCommitted:
		tx.Rollback()
		return store.ErrOutcomeUnknown
	case committedLost:
		if err := tx.EngineTx.Commit(ctx); err != nil {
			return err
		}
		return store.ErrOutcomeUnknown
	}
	return tx.EngineTx.Commit(ctx)
}
