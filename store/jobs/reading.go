package jobs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"wangge/store"
)

// reading is a consumer under one lease: nobody else moves its bookmarks.
type reading struct {
	*Consumer
	st     *store.Store
	lease  store.Lease
	read   map[string]int64 // the number up to which each journal was read
	passed map[string]int64 // the same where the bookmark is behind, since nobody wanted what came
	failed map[string]bool  // partitions that wait to be tried again
	waits  bool             // in this round, an entry for another partition
}

func (c *Consumer) newReading(st *store.Store, lease store.Lease) *reading {
	return &reading{c, st, lease, map[string]int64{}, map[string]int64{}, map[string]bool{}, false}
}

// leave moves the bookmarks to where it read, so that the next need not read it again.
func (r *reading) leave(ctx context.Context) {
	last, stop := context.WithTimeout(context.WithoutCancel(ctx), release)
	defer stop()
	_ = r.commit(last, nil, Output{}) // else it is read again
}

// round reads a page of every journal that has more, and reports whether one
// may have still more. Its error is of all that failed.
func (r *reading) round(ctx context.Context, heads map[string]int64) (more bool, err error) {
	if err := r.begin(ctx, heads); err != nil {
		return false, err
	}
	var failed []error
	moved := false
	r.waits = false
	for _, partition := range slices.Sorted(maps.Keys(heads)) {
		was := r.read[partition]
		if r.failed[partition] || was >= heads[partition] {
			continue
		}
		full, err := r.page(ctx, partition, heads[partition])
		moved = moved || r.read[partition] > was
		if over(ctx, err) {
			return false, err
		}
		if err != nil {
			r.failed[partition] = true
			failed = append(failed, fmt.Errorf("%s: %w", partition, err))
		}
		more = more || full
	}
	return more || r.waits && moved, errors.Join(failed...)
}

// begin finds its places in journals that are new to it.
func (r *reading) begin(ctx context.Context, heads map[string]int64) error {
	var unknown []string
	for partition := range heads {
		if _, known := r.read[partition]; !known && !r.failed[partition] {
			unknown = append(unknown, partition)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	marks, err := r.Bookmarks.GetMany(ctx, r.st, unknown)
	places, fresh := map[string]int64{}, map[string]int64{}
	for _, partition := range unknown {
		if m := marks[partition]; m != nil {
			places[partition] = m.After
		} else if r.FromStart {
			places[partition] = 0
		} else {
			places[partition], fresh[partition] = heads[partition], heads[partition]
		}
	}
	if err == nil && len(fresh) > 0 {
		err = r.commit(ctx, fresh, Output{})
	}
	if err == nil {
		maps.Copy(r.read, places)
		return nil
	}
	for _, partition := range unknown {
		r.failed[partition] = true
	}
	return err
}

// page handles what comes next in a partition, and remembers how far it read.
func (r *reading) page(ctx context.Context, partition string, head int64) (full bool, err error) {
	entries, err := r.st.JournalTo(ctx, partition, r.read[partition], head, entriesAtOnce)
	if err != nil || len(entries) == 0 {
		return false, err
	}
	full, last := len(entries) == entriesAtOnce, entries[len(entries)-1].Number
	if r.Wants != nil {
		entries = slices.DeleteFunc(entries, func(e *store.Entry) bool { return !r.Wants(e) })
	}
	if len(entries) == 0 {
		r.read[partition], r.passed[partition] = last, last
		return full, nil
	}
	out, err := r.handle(ctx, Batch{partition, entries, r.lease, func(p string) int64 { return r.read[p] }})
	if err != nil {
		return full, err
	}
	if out.Waits != nil {
		full, last, r.waits = false, out.Waits.Number-1, true
	}
	switch {
	case last == r.read[partition]:
		return full, nil
	case out.Unwanted:
		r.passed[partition] = last
	default:
		for ; out.Rest != nil; out = *out.Rest {
			if err := r.commit(ctx, map[string]int64{partition: out.Upto}, out); err != nil {
				return full, err
			}
			r.read[partition] = out.Upto
		}
		err = r.commit(ctx, map[string]int64{partition: last}, out)
	}
	if err == nil {
		r.read[partition] = last
	}
	return full, err
}

// handle handles a batch, or its documents at once.
func (r *reading) handle(ctx context.Context, b Batch) (Output, error) {
	if !r.PerDocument {
		return r.Handle(ctx, b)
	}
	type document struct{ collection, id string }
	var order []document
	of := map[document][]*store.Entry{}
	for _, e := range b.Entries {
		d := document{e.Collection, e.Doc}
		if of[d] == nil {
			order = append(order, d)
		}
		of[d] = append(of[d], e)
	}
	outputs, failed := make([]Output, len(order)), make([]error, len(order))
	slots := make(chan struct{}, documentsAtOnce)
	var all sync.WaitGroup
	for i, d := range order {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			outputs[i], failed[i] = r.Handle(ctx, Batch{b.Partition, of[d], b.Lease, b.Read})
		})
	}
	all.Wait()
	err := errors.Join(failed...)
	if err == nil && r.Then != nil {
		err = r.Then(ctx, b)
	}
	return joinOutputs(outputs), err
}

// joinOutputs is several outputs as one.
func joinOutputs(outputs []Output) (one Output) {
	for _, o := range outputs {
		one.Partitions = append(one.Partitions, o.Partitions...)
	}
	one.Write = func(tx *store.Tx) error {
		for _, o := range outputs {
			if o.Write == nil {
				continue
			}
			if err := o.Write(tx); err != nil {
				return err
			}
		}
		return nil
	}
	one.Written = func() {
		for _, o := range outputs {
			if o.Written != nil {
				o.Written()
			}
		}
	}
	return one
}

// commit writes an output and moves bookmarks with it, also those of passed,
// as long as the lease is held.
func (r *reading) commit(ctx context.Context, marks map[string]int64, out Output) error {
	to := maps.Clone(r.passed)
	maps.Copy(to, marks)
	if len(to) == 0 {
		return nil
	}
	ids := slices.Sorted(maps.Keys(to))
	err := r.st.Update(ctx, out.Partitions, func(tx *store.Tx) error {
		if err := tx.Hold(ctx, r.lease); err != nil {
			return err
		}
		if out.Write != nil {
			if err := out.Write(tx); err != nil {
				return err
			}
		}
		known, err := r.Bookmarks.GetMany(ctx, tx, ids)
		if err != nil {
			return err
		}
		for _, id := range ids {
			switch m := known[id]; {
			case m == nil:
				err = r.Bookmarks.Insert(tx, &Bookmark{Meta: store.Meta{ID: id}, After: to[id]})
			case m.After < to[id]: // else a commit that was not waited for has moved it further
				m.After = to[id]
				err = r.Bookmarks.Put(tx, m)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		clear(r.passed)
		if out.Written != nil {
			out.Written()
		}
	}
	return err
}
