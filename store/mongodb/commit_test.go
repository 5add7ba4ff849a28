package mongodb

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/store"
	"wangge/store/mongodb/mongotest"
)

type account struct {
	store.Meta `store:",inline"`
	Count      int64 `store:"count"`
}

var (
	accounts = store.Declare[account](store.Declaration{Name: "accounts", Schema: 1})
	figures  = store.Declare[account](store.Declaration{Name: "figures", Schema: 1, Unjournaled: true})
)

// hasty gives a commit less time than the failing server takes.
type hasty struct {
	*Engine
	patience time.Duration
	unknown  atomic.Int64 // commits and single writes whose outcome was unknown
	then     func()       // called after each of them
}

type hastyTx struct {
	store.EngineTx
	h *hasty
}

func (h *hasty) Begin(ctx context.Context, partitions []string, reserve []int64) (store.EngineTx, error) {
	tx, err := h.Engine.Begin(ctx, partitions, reserve)
	if err != nil {
		return nil, err
	}
	return &hastyTx{tx, h}, nil
}

func (tx *hastyTx) Commit(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, tx.h.patience)
	defer cancel()
	return tx.h.count(tx.EngineTx.Commit(ctx))
}

func (tx *hastyTx) Write(ctx context.Context, writes []store.Write, used []int64) error {
	return tx.h.count(tx.EngineTx.Write(ctx, writes, used))
}

func (h *hasty) count(err error) error {
	if errors.Is(err, store.ErrOutcomeUnknown) {
		h.unknown.Add(1)
		h.then()
	}
	return err
}

// Whatever the server does to a commit, an update is applied once.
func TestCommitThroughFailures(t *testing.T) {
	t.Parallel()
	set := mongotest.StartSet(t, 1)
	lost := bson.D{{Key: "writeConcernError", Value: bson.D{{Key: "code", Value: 64}, {Key: "errmsg", Value: "no majority in time"}}}}
	closed := bson.D{{Key: "closeConnection", Value: true}}
	refused := func(code int, labels ...string) bson.D {
		return bson.D{{Key: "errorCode", Value: code}, {Key: "errorLabels", Value: labels}}
	}
	for _, c := range []struct {
		what      string
		command   string
		times     int // 0: until the outcome is unknown
		fault     bson.D
		unknown   bool
		journaled bool
	}{
		{"connection lost before the commit", "commitTransaction", 2, closed, false, true},
		{"commit done, and a majority is slow", "commitTransaction", 3, lost, false, true},
		{"commit aborted", "commitTransaction", 1, refused(251, labelTransient), false, true},
		{"commit done, and no answer in time", "commitTransaction", 0, lost, true, true},
		{"commit not done, and no answer in time", "commitTransaction", 0, closed, true, true},
		{"connection lost in the transaction", "insert", 1, closed, false, true},
		{"write conflict", "update", 2, refused(112, labelTransient), false, true},
		{"primary gone at the beginning", "findAndModify", 2, refused(10107, labelTransient), false, true},
		{"single write done, connection lost", "update", 1, closed, false, false},
		{"single write done, and a majority is slow", "update", 1, lost, true, false},
		{"single write done, and a majority stays away", "update", 0, lost, true, false},
		{"single write not done, and the server stays away", "update", 0, closed, true, false},
	} {
		t.Run(c.what, func(t *testing.T) {
			ctx := t.Context()
			engine, err := Open(ctx, set.URI("commit"))
			if err != nil {
				t.Fatal(err)
			}
			h := &hasty{Engine: engine, patience: time.Minute}
			if c.unknown {
				h.patience = 300 * time.Millisecond
			}
			s, err := store.Open(ctx, h, store.Options{}, accounts, figures)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close(context.Background()) })
			off := func() { failCommand(t, engine, "off", nil) }
			h.then = off
			t.Cleanup(off)
			before := increase(t, s, c.journaled, c.what)
			mode := any("alwaysOn")
			if c.times > 0 {
				mode = d("times", c.times)
			}
			failCommand(t, engine, mode, append(bson.D{{Key: "failCommands", Value: bson.A{c.command}}, {Key: "appName", Value: "wangge"}}, c.fault...))
			if after := increase(t, s, c.journaled, c.what); after != before+1 {
				t.Errorf("count went from %d to %d", before, after)
			}
			if (h.unknown.Load() > 0) != c.unknown {
				t.Errorf("%d outcomes were unknown", h.unknown.Load())
			}
			if after := increase(t, s, c.journaled, c.what); after != before+2 {
				t.Errorf("the next update: count is %d after %d", after, before)
			}
			if !c.journaled {
				return
			}
			entries, err := s.Journal(ctx, c.what, 0, 100)
			if err != nil || len(entries) != 3 || entries[2].Number != 3 {
				t.Errorf("%d entries, %v", len(entries), err)
			}
		})
	}
}

// increase counts up the document of this name, making it first, and returns its count.
func increase(t *testing.T, s *store.Store, journaled bool, name string) int64 {
	t.Helper()
	c, partitions, entries := figures, []string(nil), []store.Entry(nil)
	if journaled {
		c, partitions = accounts, []string{name}
		entries = []store.Entry{{Actor: "system", Action: "count", At: time.UnixMilli(0)}}
	}
	var n int64
	err := s.Update(t.Context(), partitions, func(tx *store.Tx) error {
		x, err := c.Get(t.Context(), tx, name)
		if err == store.ErrNotFound {
			n = 1
			return c.Insert(tx, &account{Meta: store.Meta{ID: name, Partition: name}, Count: 1}, entries...)
		}
		if err != nil {
			return err
		}
		x.Count++
		n = x.Count
		return c.Put(tx, x, entries...)
	})
	if err != nil {
		t.Fatal(err)
	}
	if x, err := c.Get(t.Context(), s, name); err != nil || x.Count != n {
		t.Fatalf("the update counted to %d, stored is %+v, %v", n, x, err)
	}
	return n
}

func failCommand(t *testing.T, e *Engine, mode any, data bson.D) {
	t.Helper()
	command := bson.D{{Key: "configureFailPoint", Value: "failCommand"}, {Key: "mode", Value: mode}}
	if data != nil {
		command = append(command, bson.E{Key: "data", Value: data})
	}
	if err := e.client.Database("admin").RunCommand(context.Background(), command).Err(); err != nil {
		t.Error(err)
	}
}
