package store

import (
	"context"
	"slices"
)

type beforeCommitKey struct{}

// WithBeforeCommit returns a context under which every journaled update whose fn wrote
// something runs this fn after it, in the same transaction; nil for none, such
// as for the preparations of an update that is still to come.
func WithBeforeCommit(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) context.Context {
	return context.WithValue(ctx, beforeCommitKey{}, fn)
}

// beforeCommit returns fn followed by the hook that ctx carries, if any.
func beforeCommit(ctx context.Context, partitions []string, fn func(*Tx) error) func(*Tx) error {
	hook, _ := ctx.Value(beforeCommitKey{}).(func(context.Context, *Tx) error)
	if hook == nil || len(partitions) == 0 {
		return fn
	}
	return func(tx *Tx) error {
		if err := fn(tx); err != nil || len(tx.writes) == 0 && len(tx.drafts) == 0 {
			return err
		}
		return hook(ctx, tx)
	}
}

// Wrote returns the ids of the documents of a collection that the update
// writes: new ones, then changed ones, each in the order they were written.
func (tx *Tx) Wrote(collection string) []string {
	var made, changed []string
	for _, w := range tx.writes {
		switch {
		case w.Spec.Name != collection:
		case w.Old == 0:
			made = append(made, w.ID)
		default:
			changed = append(changed, w.ID)
		}
	}
	return slices.Concat(made, changed)
}
