package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"runtime"
	"slices"
	"strings"
	"sync"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/store"
)

const getAtOnce = 64 // ids, about, that are read in one look at the database

// getters is how many goroutines read documents by id, each on a connection of its own.
var getters = max(2, runtime.NumCPU())

// gets is the queue of reads by id. Callers that come at the same time share
// one look at the database, which costs more than the reading does, and the
// deep stack that SQLite needs is grown once for each getter, not for each caller.
type gets struct {
	queue   chan *get
	stopped chan struct{} // closed with the engine
	once    sync.Once
	done    sync.WaitGroup
}

type get struct {
	from string // table, quoted
	ids  []string
	dict *dictionaries
	docs []bson.Raw
	err  error
	done chan struct{}
}

// Get returns the documents that there are.
func (e *Engine) Get(ctx context.Context, spec *store.Spec, ids []string) ([]bson.Raw, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	g := &get{from: e.table(spec).name, ids: ids, dict: &e.dictionaries, done: make(chan struct{})}
	select {
	case e.gets.queue <- g:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-e.gets.stopped:
		return nil, sql.ErrConnDone
	}
	select {
	case <-g.done:
		return g.docs, g.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-e.gets.stopped:
		return nil, sql.ErrConnDone
	}
}

// apart returns documents in the order of their ids, with what stands for damaged ones.
func (e *Engine) apart(ctx context.Context, spec *store.Spec, ids []string) ([]bson.Raw, error) {
	docs, err := e.Get(ctx, spec, ids)
	place := func(doc bson.Raw) int { return slices.Index(ids, doc.Lookup("_id").StringValue()) }
	slices.SortFunc(docs, func(a, b bson.Raw) int { return cmp.Compare(place(a), place(b)) })
	return docs, err
}

// start takes the connections of the getters.
func (q *gets) start(db *sql.DB) error {
	q.queue, q.stopped = make(chan *get, 512), make(chan struct{})
	for range getters {
		conn, err := db.Conn(context.Background())
		if err != nil {
			q.stop()
			return fmt.Errorf("sqlite: %w", err)
		}
		q.done.Add(1)
		go q.serve(conn)
	}
	return nil
}

// stop ends what is being read.
func (q *gets) stop() {
	q.once.Do(func() { close(q.stopped) })
	q.done.Wait()
}

// serve works on the connection itself for all its life: what database/sql
// does around each question and each row takes longer than the reading.
func (q *gets) serve(conn *sql.Conn) {
	defer q.done.Done()
	defer conn.Close()
	_ = conn.Raw(func(c any) error {
		r := reading{c.(directly), map[string]driver.Stmt{}}
		defer r.close()
		for {
			select {
			case g := <-q.queue:
				q.answer(r, g)
			case <-q.stopped:
				return nil
			}
		}
	})
}

// directly is a connection of the driver.
type directly interface {
	driver.ConnPrepareContext
	driver.ExecerContext
}

// reading is a getter's connection with its statements by text.
type reading struct {
	conn  directly
	stmts map[string]driver.Stmt
}

func (r reading) close() {
	for _, st := range r.stmts {
		_ = st.Close()
	}
}

// answer reads for g and for who waits behind it. What they see is not older
// than their question: the database is looked at after the last was asked.
func (q *gets) answer(r reading, g *get) {
	group := []*get{g}
	for n := len(g.ids); n < getAtOnce; {
		select {
		case next := <-q.queue:
			group, n = append(group, next), n+len(next.ids)
			continue
		default:
		}
		break
	}
	ctx := context.Background()
	if len(group) > 1 {
		if _, err := r.conn.ExecContext(ctx, "BEGIN", nil); err == nil {
			defer func() { _, _ = r.conn.ExecContext(ctx, "COMMIT", nil) }()
		}
	}
	for _, g := range group {
		if g.docs, g.err = r.read(ctx, g, g.ids); errors.Is(g.err, errSpoilt) {
			g.docs, g.err = r.readEach(ctx, g)
		}
		close(g.done)
	}
}

// readEach reads one by one what has a damaged document among it.
func (r reading) readEach(ctx context.Context, g *get) (docs []bson.Raw, err error) {
	for _, id := range g.ids {
		one, err := r.read(ctx, g, []string{id})
		if errors.Is(err, errSpoilt) {
			one, err = []bson.Raw{spoilt(id)}, nil
		}
		if err != nil {
			return nil, err
		}
		docs = append(docs, one...)
	}
	return docs, nil
}

// read asks for up to getAtOnce ids with one statement.
func (r reading) read(ctx context.Context, g *get, ids []string) ([]bson.Raw, error) {
	docs := make([]bson.Raw, 0, len(ids))
	for ids := range slices.Chunk(ids, getAtOnce) {
		query, args := selectByID(g.from, ids)
		st := r.stmts[query]
		if st == nil {
			var err error
			if st, err = r.conn.PrepareContext(ctx, query); err != nil {
				return nil, problem(err)
			}
			r.stmts[query] = st
		}
		rows, err := st.(driver.StmtQueryContext).QueryContext(ctx, args)
		if err != nil {
			return nil, problem(err)
		}
		row := make([]driver.Value, 1)
		for err = rows.Next(row); err == nil; err = rows.Next(row) {
			var doc document // made for this row by the driver
			_ = doc.Scan(row[0])
			var raw bson.Raw
			if raw, err = g.dict.unpack(doc); err != nil {
				break
			}
			docs = append(docs, raw)
		}
		if closing := rows.Close(); err != io.EOF || closing != nil {
			return nil, problem(cmp.Or(closing, err))
		}
	}
	return docs, nil
}

// selectByID has a place for a power of two of ids, so that statements are
// few; the last id fills what is over.
func selectByID(from string, ids []string) (string, []driver.NamedValue) {
	places := 1 << bits.Len(uint(len(ids)-1))
	args := make([]driver.NamedValue, places)
	for i := range args {
		args[i] = driver.NamedValue{Ordinal: i + 1, Value: ids[min(i, len(ids)-1)]}
	}
	return "SELECT doc FROM " + from + " WHERE id IN (?" + strings.Repeat(", ?", places-1) + ")", args
}
