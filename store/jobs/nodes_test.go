package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

var noon = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

const here, there = "street-1", "street-2" // partitions

// thing is what happens, done what a job made of it.
type thing struct {
	store.Meta `store:",inline"`
	DueAt      time.Time `store:"dueAt,omitempty"`
	Step       int64     `store:"step"`
}

type done struct {
	store.Meta `store:",inline"`
	Steps      []int64  `store:"steps"`
	By         []string `store:"by"`
}

var (
	things    = store.Declare[thing](store.Declaration{Name: "things", Schema: 1, Indexes: []string{"due: dueAt"}})
	dones     = store.Declare[done](store.Declaration{Name: "dones", Schema: 1, Unjournaled: true})
	bookmarks = Bookmarks("bookmarks")
	others    = Bookmarks("otherBookmarks")
)

// city is one database with the nodes that the test lets work on it. Nothing
// waits for time: a node's timer runs out when the test says so.
type city struct {
	t     *testing.T
	open  func() store.Engine
	alone bool         // one process only may work on the database
	now   atomic.Int64 // milliseconds after noon
}

func eachEngine(t *testing.T, test func(*testing.T, *city)) {
	enginetest.Each(t, func(t *testing.T, p enginetest.Place) {
		test(t, &city{t: t, open: func() store.Engine { return p.Open(t) }, alone: p.Dir != ""})
	})
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (c *city) clock() time.Time { return noon.Add(time.Duration(c.now.Load()) * time.Millisecond) }

func (c *city) pass(d time.Duration) { c.now.Add(d.Milliseconds()) }

// worker is a node whose database can be cut off and whose timers the test holds.
type worker struct {
	Node
	t      *testing.T
	cut    atomic.Bool
	begins func() // called when the node begins to commit, if anything
	finds  atomic.Int64
	mu     sync.Mutex
	timers map[time.Duration]chan time.Time
	asked  map[time.Duration]int
}

// join lets a node work whose clock is so far ahead of the others'.
func (c *city) join(name string, ahead time.Duration) *worker {
	c.t.Helper()
	w := &worker{t: c.t, timers: map[time.Duration]chan time.Time{}, asked: map[time.Duration]int{}}
	st := must(store.Open(c.t.Context(), &cuttable{c.open(), w, ahead}, store.Options{
		Rehearse: true, Now: func() time.Time { return c.clock().Add(ahead) }, Log: slog.New(slog.DiscardHandler),
	}, things, dones, bookmarks, others))(c.t)
	c.t.Cleanup(func() {
		w.cut.Store(false)
		if err := st.Close(context.Background()); err != nil {
			c.t.Error(err)
		}
	})
	w.Node = Node{Store: st, Name: name, Now: func() time.Time { return c.clock().Add(ahead) }, Log: slog.New(slog.DiscardHandler), after: w.timer}
	return w
}

// beside lets one more node work that hears what the first writes.
func (c *city) beside(first *worker, name string) *worker {
	if !c.alone {
		return c.join(name, 0)
	}
	w := &worker{t: c.t, timers: map[time.Duration]chan time.Time{}, asked: map[time.Duration]int{}}
	w.Node = Node{Store: first.Store, Name: name, Now: first.Now, Log: first.Log, after: w.timer}
	return w
}

// timer runs out when the test fires one of that length; gaps are all the same to it.
func (w *worker) timer(d time.Duration) <-chan time.Time {
	c := w.channel(d)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked[d]++
	return c
}

// sleeps waits until the node has set a timer of that length.
func (w *worker) sleeps(c *city, d time.Duration) {
	w.t.Helper()
	c.eventually(fmt.Sprint("it sleeps ", d), func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		asked := w.asked[d] > 0
		w.asked[d] = 0
		return asked
	})
}

func (w *worker) channel(d time.Duration) chan time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if gatherLeast < d && d <= gatherMost {
		d = gatherLeast
	}
	if w.timers[d] == nil {
		w.timers[d] = make(chan time.Time)
	}
	return w.timers[d]
}

// hasten has the node wait for no gaps.
func (w *worker) hasten() {
	w.after = func(d time.Duration) <-chan time.Time {
		if gatherLeast <= d && d <= gatherMost {
			return time.After(time.Millisecond)
		}
		return w.timer(d)
	}
}

// fire waits until the node waits for a timer of that length, and lets it run out.
func (w *worker) fire(d time.Duration) {
	w.t.Helper()
	select {
	case w.channel(d) <- time.Time{}:
	case <-time.After(5 * time.Minute):
		w.t.Fatalf("%s never waits %s", w.Name, d)
	}
}

var errCut = fmt.Errorf("%w: cut off", store.ErrUnavailable)

// cuttable is an engine that can be cut off from the database, and tells
// which clock is right where its node's is not.
type cuttable struct {
	store.Engine
	w     *worker
	ahead time.Duration
}

func (e *cuttable) Clock(context.Context) (time.Time, error) { return time.Now().Add(-e.ahead), nil }

func (e *cuttable) Find(ctx context.Context, spec *store.Spec, plan *store.Plan) ([]bson.Raw, error) {
	e.w.finds.Add(1)
	return e.Engine.Find(ctx, spec, plan)
}

func (e *cuttable) Begin(ctx context.Context, partitions []string, reserve []int64) (store.EngineTx, error) {
	if e.w.cut.Load() {
		return nil, errCut
	}
	if e.w.begins != nil {
		e.w.begins()
	}
	return e.Engine.Begin(ctx, partitions, reserve)
}

// leading is a node's Lead, whose work the test follows step by step.
type leading struct {
	started chan store.Lease   // each time fn is started
	lost    chan error         // the cause, when its ctx ends
	finish  chan error         // what fn is to return
	ended   chan error         // what Lead returned
	stop    context.CancelFunc // the node stops
}

func (w *worker) lead(name string) *leading {
	ctx, stop := context.WithCancel(w.t.Context())
	l := &leading{make(chan store.Lease), make(chan error, 1), make(chan error), make(chan error, 1), stop}
	var all sync.WaitGroup
	all.Go(func() {
		l.ended <- Lead(ctx, w.Node, name, func(ctx context.Context, lease store.Lease) error {
			select {
			case l.started <- lease:
			case <-ctx.Done():
				return ctx.Err()
			}
			select {
			case err := <-l.finish:
				return err
			case <-ctx.Done():
				l.lost <- context.Cause(ctx)
				return ctx.Err()
			}
		})
	})
	w.t.Cleanup(func() { stop(); all.Wait() })
	return l
}

// next waits for what another goroutine is about to say.
func next[T any](t *testing.T, what string, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(5 * time.Minute):
		t.Fatalf("never happened: %s", what)
		panic("unreachable")
	}
}

func never[T any](t *testing.T, what string, from <-chan T) {
	t.Helper()
	select {
	case v := <-from:
		t.Fatalf("%s: %v", what, v)
	default:
	}
}

// hurry is how many times faster than others a life's timers run, the longest
// of them: so a lease now and then runs out before its renewal, and not always.
const hurry = 300

// live leads again and again: each life ends after a few of the node's waits, wherever its work is by then.
func live(ctx context.Context, node Node, work func(Node) Work) {
	for ctx.Err() == nil {
		life, kill := context.WithCancel(ctx)
		var waits atomic.Int64
		most := 5 + rand.Int64N(40)
		node.after = func(d time.Duration) <-chan time.Time {
			if waits.Add(1) == most {
				kill()
			}
			return time.After(rand.N(d/hurry + 1)) // of what is due within nanoseconds nothing is left
		}
		_ = Lead(life, node, "job", work(node))
		kill()
	}
}

func (c *city) eventually(what string, done func() bool) {
	c.t.Helper()
	for range 30_000 { // five minutes
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	c.t.Fatalf("never happened: %s", what)
}

// do is a step of work under a lease: it adds who did it to the document.
func (w *worker) do(lease store.Lease, id string) error {
	ctx, end := context.WithTimeout(w.t.Context(), 5*time.Minute) // until when it is tried again, beside a renewal
	defer end()
	return w.Store.Update(ctx, nil, func(tx *store.Tx) error {
		if err := tx.Hold(ctx, lease); err != nil {
			return err
		}
		d, err := dones.Get(ctx, tx, id)
		if errors.Is(err, store.ErrNotFound) {
			return dones.Insert(tx, &done{Meta: store.Meta{ID: id}, By: []string{w.Name}})
		}
		if err != nil {
			return err
		}
		d.By = append(d.By, w.Name)
		return dones.Put(tx, d)
	})
}

// write commits a step of a document in one of the partitions; a time that is due, if any, with it.
func (w *worker) write(partition, id string, due time.Time) {
	w.t.Helper()
	ctx := w.t.Context()
	must(0, w.Store.Update(ctx, []string{partition}, func(tx *store.Tx) error {
		e := store.Entry{Action: "step", Actor: "tester", At: noon}
		x, err := things.Get(ctx, tx, id)
		if errors.Is(err, store.ErrNotFound) {
			return things.Insert(tx, &thing{Meta: store.Meta{ID: id, Partition: partition}, Step: 1, DueAt: due}, e)
		}
		if err != nil {
			return err
		}
		x.Step, x.DueAt = x.Step+1, due
		return things.Put(tx, x, e)
	}))(w.t)
}

// steps are what a consumer wrote of a partition or a document.
func (w *worker) steps(id string) []int64 {
	d, err := dones.Get(w.t.Context(), w.Store, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return must(d, err)(w.t).Steps
}

// add has the numbers of the entries written under an id, as an Output.
func add(id string, entries []*store.Entry) Output {
	return Output{Write: func(tx *store.Tx) error {
		ctx := context.Background()
		d, err := dones.Get(ctx, tx, id)
		fresh := errors.Is(err, store.ErrNotFound)
		if fresh {
			d, err = &done{Meta: store.Meta{ID: id}}, nil
		}
		if err != nil {
			return err
		}
		for _, e := range entries {
			d.Steps = append(d.Steps, e.Number)
		}
		if fresh {
			return dones.Insert(tx, d)
		}
		return dones.Put(tx, d)
	}}
}
