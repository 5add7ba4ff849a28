package enginetest

import (
	"context"
	"errors"
	"sync/atomic"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/store"
)

// Mortal is an engine that is gone from one of its calls on, as that of a
// process that is killed.
type Mortal struct {
	store.Engine
	Left  atomic.Int64 // calls until then; not above 0: it lives
	After bool         // where that call is a commit, it is done
	Dead  atomic.Bool
}

func (m *Mortal) call() error {
	if m.Left.Add(-1) == 0 {
		m.Dead.Store(true)
	}
	if m.Dead.Load() {
		return errDied
	}
	return nil
}

func (m *Mortal) Get(ctx context.Context, spec *store.Spec, ids []string) ([]bson.Raw, error) {
	if err := m.call(); err != nil {
		return nil, err
	}
	return m.Engine.Get(ctx, spec, ids)
}

func (m *Mortal) Find(ctx context.Context, spec *store.Spec, p *store.Plan) ([]bson.Raw, error) {
	if err := m.call(); err != nil {
		return nil, err
	}
	return m.Engine.Find(ctx, spec, p)
}

func (m *Mortal) Begin(ctx context.Context, partitions []string, reserve []int64) (store.EngineTx, error) {
	if err := m.call(); err != nil {
		return nil, err
	}
	tx, err := m.Engine.Begin(ctx, partitions, reserve)
	return &mortalTx{tx, m}, err
}

type mortalTx struct {
	store.EngineTx
	m *Mortal
}

func (tx *mortalTx) Commit(ctx context.Context) error {
	was := tx.m.Dead.Load()
	err := tx.m.call()
	if err != nil && (was || !tx.m.After) {
		return err
	}
	return errors.Join(tx.EngineTx.Commit(ctx), err)
}
