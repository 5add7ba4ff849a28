package store_test

import (
	"context"
	"testing"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/store"
)

type tally struct {
	store.Meta `store:",inline"`
	Count      int `store:"count"`
}

var tallies = store.Declare[tally](store.Declaration{Name: "tallies", Schema: 1, Unjournaled: true})

// forgetful is a database that commits a write, does not say so, and shows it to
// the second who asks only, as a majority does that is behind.
type forgetful struct {
	*node
	forget bool
	behind []bson.Raw // what the next Get answers
}

type forgetfulTx struct {
	store.EngineTx
	of *forgetful
}

func (f *forgetful) Begin(ctx context.Context, partitions []string, reserve []int64) (store.EngineTx, error) {
	for {
		if tx, err := f.node.Begin(ctx, partitions, reserve); err == nil {
			return &forgetfulTx{tx, f}, nil
		}
	}
}

func (f *forgetful) Get(ctx context.Context, spec *store.Spec, ids []string) ([]bson.Raw, error) {
	if old := f.behind; old != nil {
		f.behind = nil
		return old, nil
	}
	return f.node.Get(ctx, spec, ids)
}

func (tx *forgetfulTx) Commit(ctx context.Context) error {
	old, err := tx.of.node.Get(ctx, tallies.Spec(), []string{"one"})
	if err == nil {
		err = tx.EngineTx.Commit(ctx)
	}
	if err == nil && tx.of.forget {
		tx.of.forget, tx.of.behind = false, old
		return store.ErrOutcomeUnknown
	}
	return err
}

// A write whose outcome is unknown has one effect, also where what was read first
// after it was of before it, and what was read then was not.
func TestAnUnknownOutcomeSeenLate(t *testing.T) {
	db := &forgetful{node: &node{memory: newMemory()}}
	st, err := store.Open(t.Context(), db, store.Options{}, tallies)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close(context.Background()) })
	count := func() {
		err := st.Update(t.Context(), nil, func(tx *store.Tx) error {
			x, err := tallies.Get(t.Context(), tx, "one")
			if err == store.ErrNotFound {
				return tallies.Insert(tx, &tally{Meta: store.Meta{ID: "one"}, Count: 1})
			}
			if err != nil {
				return err
			}
			x.Count++
			return tallies.Put(tx, x)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	count()
	db.forget = true
	count()
	if x, err := tallies.Get(t.Context(), st, "one"); err != nil || x.Count != 2 || db.forget {
		t.Errorf("%+v, %v, want a count of 2", x, err)
	}
}
