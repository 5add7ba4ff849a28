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
	poison string        // id whose write fails

	victim    string  // id whose transactions meet what follows
	atWrite   func()  // called before the next write
	atCommit  func()  // called before the next commit
	commit    []fault // what befalls the next of them
	afterward []error // what befalls the Begins after a fault
	begin     []error
	watching  func() // called before the engine begins to watch
}

type fault int

const (
	committedLost fault = iota // commits, and the answer is lost
	notCommitted               // does not commit, and nobody knows
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
	return &faultyTx{EngineTx: tx, f: f}, nil
}

func (f *faults) Watch(ctx context.Context, grown func(map[string]int64)) {
	if f.watching != nil {
		f.watching()
	}
	f.Engine.Watch(ctx, grown)
}

type faultyTx struct {
	store.EngineTx
	f      *faults
	victim bool
}

func (tx *faultyTx) Write(ctx context.Context, writes []store.Write, used []int64) error {
	tx.f.mu.Lock()
	writesTo := func(id string) bool {
		return slices.ContainsFunc(writes, func(w store.Write) bool { return w.ID == id })
	}
	poisoned := writesTo(tx.f.poison)
	tx.victim = writesTo(tx.f.victim)
	tx.f.mu.Unlock()
	if poisoned {
		return errPoison
	}
	tx.once(&tx.f.atWrite)
	return tx.EngineTx.Write(ctx, writes, used)
}

// once runs what befalls the victim at this point.
func (tx *faultyTx) once(at *func()) {
	if !tx.victim {
		return
	}
	tx.f.mu.Lock()
	do := *at
	*at = nil
	tx.f.mu.Unlock()
	if do != nil {
		do()
	}
}

func (tx *faultyTx) Commit(ctx context.Context) error {
	tx.once(&tx.f.atCommit)
	tx.f.mu.Lock()
	defer tx.f.mu.Unlock()
	if !tx.victim || len(tx.f.commit) == 0 {
		return tx.EngineTx.Commit(ctx)
	}
	if tx.f.commit[0] == committedLost {
		if err := tx.EngineTx.Commit(ctx); err != nil {
			return err
		}
	} else {
		tx.Rollback()
	}
	tx.f.commit, tx.f.begin = tx.f.commit[1:], tx.f.afterward
	return store.ErrOutcomeUnknown
}
