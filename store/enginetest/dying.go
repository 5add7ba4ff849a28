package enginetest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"wangge/store"
)

// Dying is an engine that dies at one of the next commits: just before it, or
// after it and before anybody is told.
type Dying struct {
	store.Engine
	Left  atomic.Int64 // commits until then; not above 0: it does not die
	After bool
}

type dyingTx struct {
	store.EngineTx
	engine *Dying
}

var errDied = fmt.Errorf("%w: the node died", store.ErrUnavailable)

func (d *Dying) Begin(ctx context.Context, partitions []string, reserve []int64) (store.EngineTx, error) {
	tx, err := d.Engine.Begin(ctx, partitions, reserve)
	return &dyingTx{tx, d}, err
}

func (tx *dyingTx) Commit(ctx context.Context) error {
	if tx.engine.Left.Add(-1) != 0 {
		return tx.EngineTx.Commit(ctx)
	}
	if tx.engine.After {
		return errors.Join(tx.EngineTx.Commit(ctx), errDied)
	}
	return errDied
}
