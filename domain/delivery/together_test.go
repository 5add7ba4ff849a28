package delivery

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wangge/store"
	"wangge/store/sqlite"
)

// commits counts those of an engine, and holds the first back until it is let go.
type commits struct {
	store.Engine
	n    atomic.Int64
	hold chan struct{}
}

func (e *commits) Begin(ctx context.Context, partitions []string, reserve []int64) (store.EngineTx, error) {
	if e.hold != nil && e.n.Add(1) == 1 {
		<-e.hold
	}
	return e.Engine.Begin(ctx, partitions, reserve)
}

// What comes while others are written is one update; one that fails is nobody else's matter.
func TestUpdatesUnderOneLeaseAreOne(t *testing.T) {
	engine, err := sqlite.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	e := &commits{Engine: engine}
	st, err := store.Open(t.Context(), e, store.Options{}, Collections()...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close(context.Background()) })
	lease, err := st.Acquire(t.Context(), "notices", "one", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	e.hold = make(chan struct{})
	s := New(st, nil, time.Minute, Ports{})
	add := func(i int) error {
		return s.under(t.Context(), lease, func(tx *store.Tx) error {
			w := &Waiting{Expires: time.Now()}
			w.ID = fmt.Sprint("w", i)
			return waiting.Insert(tx, w)
		})
	}
	refused := errors.New("refused")
	var all sync.WaitGroup
	all.Go(func() {
		if err := add(0); err != nil {
			t.Error(err)
		}
	})
	for e.n.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	for i := 1; i <= 40; i++ {
		all.Go(func() {
			if err := add(i); err != nil {
				t.Error(err)
			}
		})
	}
	for came := 0; came < 40; time.Sleep(time.Millisecond) {
		s.parts.mu.Lock()
		came = len(s.parts.waiting)
		s.parts.mu.Unlock()
	}
	close(e.hold)
	all.Wait()
	if n := e.n.Load(); n != 2 {
		t.Errorf("%d commits", n)
	}
	for i := range 8 {
		all.Go(func() {
			if i == 3 {
				if err := s.under(t.Context(), lease, func(*store.Tx) error { return refused }); !errors.Is(err, refused) {
					t.Errorf("what is refused: %v", err)
				}
			} else if err := add(100 + i); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, i := range []int{0, 40, 100, 107} {
		if _, err := waiting.Get(t.Context(), st, fmt.Sprint("w", i)); err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	other := lease
	other.Token++
	if err := s.under(t.Context(), other, func(*store.Tx) error { return nil }); !errors.Is(err, store.ErrFenced) {
		t.Errorf("under a lease that another has: %v", err)
	}
}
