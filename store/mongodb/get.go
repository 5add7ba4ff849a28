package mongodb

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/store"
)

const (
	getAtOnce  = 200              // ids, about, in one question
	getTimeout = 60 * time.Second // of a question that several callers share
)

// getters is how many questions by id a collection is asked at a time.
var getters = max(2, runtime.NumCPU())

// gets are the reads by id. Those that come while as many questions as there
// may be are on their way to the server wait, and go together in the next: one
// question costs both sides more than finding a document does.
type gets struct {
	mu sync.Mutex
	of map[*store.Spec]*getsOf
}

type getsOf struct {
	waiting []*get
	asking  int
}

type get struct {
	ids  []string
	docs []bson.Raw
	err  error
	done chan struct{}
}

// Get returns the documents with these ids. Nobody is told what is older than their question.
func (e *Engine) Get(ctx context.Context, spec *store.Spec, ids []string) ([]bson.Raw, error) {
	if err := ctx.Err(); err != nil || len(ids) == 0 {
		return nil, err
	}
	g := &get{ids: ids, done: make(chan struct{})}
	if e.gets.add(spec, g) {
		go e.serve(spec)
	}
	select {
	case <-g.done:
		return g.docs, g.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// add reports whether one more has to ask.
func (q *gets) add(spec *store.Spec, g *get) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	of := q.of[spec]
	if of == nil {
		of = &getsOf{}
		q.of[spec] = of
	}
	of.waiting = append(of.waiting, g)
	if of.asking == getters {
		return false
	}
	of.asking++
	return true
}

// next takes those that wait, up to getAtOnce ids; none, when there is nothing left to ask.
func (q *gets) next(spec *store.Spec) (group []*get) {
	q.mu.Lock()
	defer q.mu.Unlock()
	of := q.of[spec]
	for n := 0; len(group) < len(of.waiting) && n < getAtOnce; {
		g := of.waiting[len(group)]
		group, n = append(group, g), n+len(g.ids)
	}
	of.waiting = slices.Delete(of.waiting, 0, len(group))
	if len(group) == 0 {
		of.asking--
	}
	return group
}

// serve asks for all that wait, until none do.
func (e *Engine) serve(spec *store.Spec) {
	for group := e.gets.next(spec); len(group) > 0; group = e.gets.next(spec) {
		e.answer(spec, group)
		for _, g := range group {
			close(g.done)
		}
	}
}

// answer asks for a group at once and, when that is refused, for each by itself: one's fault is not the others'.
func (e *Engine) answer(spec *store.Spec, group []*get) {
	ctx, cancel := context.WithTimeout(context.Background(), getTimeout)
	defer cancel()
	if len(group) == 1 {
		group[0].docs, group[0].err = e.look(ctx, spec, group[0].ids)
		return
	}
	var ids []string
	for _, g := range group {
		ids = append(ids, g.ids...)
	}
	slices.Sort(ids)
	docs, err := e.look(ctx, spec, slices.Compact(ids))
	if err != nil && !errors.Is(err, store.ErrUnavailable) {
		for _, g := range group {
			g.docs, g.err = e.look(ctx, spec, g.ids)
		}
		return
	}
	byID := make(map[string]bson.Raw, len(docs))
	for _, doc := range docs {
		byID[stamp(doc).ID] = doc
	}
	for _, g := range group {
		g.err = err
		for _, id := range g.ids {
			if doc, ok := byID[id]; ok {
				g.docs = append(g.docs, slices.Clone(doc))
			}
		}
	}
}

func (e *Engine) look(ctx context.Context, spec *store.Spec, ids []string) ([]bson.Raw, error) {
	raws, err := lookUp(ctx, e.collection(spec), ids, visible(spec))
	return raws, readErr(context.Background(), err)
}
