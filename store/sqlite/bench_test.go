package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/store"
	"wangge/store/sqlite"
)

// item is the document of the benchmark: about 1 KB with four indexes.
type item struct {
	store.Meta `store:",inline"`
	Number     string    `store:"number"`
	Street     string    `store:"street"`
	Cell       string    `store:"cell"`
	State      string    `store:"state"`
	Created    time.Time `store:"created"`
	Text       string    `store:"text"`
}

var items = store.Declare[item](store.Declaration{
	Name: "items", Schema: 1,
	Indexes: []string{"number!: number", "street: street, created", "cell: cell, created", "state: street, state, created"},
})

const benchItems = 2000

func benchID(i int) string { return fmt.Sprintf("item-%06d", i) }

// BenchmarkUpdate measures Store.Update and, in turns with it, a program that
// does the same work by hand on the same driver: read a document, change a
// field, and write it, its indexed columns, one journal row and the counter,
// durably; as many updates in one transaction as there are writers.
func BenchmarkUpdate(b *testing.B) {
	for _, writers := range []int{1, 32, 256} {
		b.Run(fmt.Sprint("writers=", writers), func(b *testing.B) {
			st, raw := openBench(b), openRaw(b)
			each := max(16, 512/writers) // updates of a writer in one turn: the first of them come one by one
			var ours, theirs time.Duration
			updates := 0
			for b.Loop() {
				began := time.Now()
				var all sync.WaitGroup
				for w := range writers {
					all.Go(func() {
						for i := range each {
							if err := benchUpdate(b.Context(), st, updates+i*writers+w); err != nil {
								b.Error(err)
							}
						}
					})
				}
				all.Wait()
				ours += time.Since(began)
				began = time.Now()
				for i := range each {
					if err := raw.group(updates+i*writers, writers); err != nil {
						b.Fatal(err)
					}
				}
				theirs += time.Since(began)
				updates += each * writers
			}
			b.ReportMetric(float64(updates)/ours.Seconds(), "wangge/s")
			b.ReportMetric(float64(updates)/theirs.Seconds(), "raw/s")
			b.ReportMetric(theirs.Seconds()/ours.Seconds(), "ratio")
			b.ReportMetric(0, "ns/op")
		})
	}
}

var benchEntry = store.Entry{At: time.Now(), Actor: "a", Action: "item.change", Before: store.Facts{State: "open", Cell: "c"}, After: store.Facts{State: "open", Cell: "c"}}

func openBench(b *testing.B) *store.Store {
	ctx := b.Context()
	engine, err := sqlite.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	st, err := store.Open(ctx, engine, store.Options{}, items)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = st.Close(context.Background()) })
	err = st.Update(ctx, []string{"street"}, func(tx *store.Tx) error {
		for i := range benchItems {
			doc := &item{Meta: store.Meta{ID: benchID(i), Partition: "street"}, Number: benchID(i), Street: "street", Cell: fmt.Sprint(i % 50), State: "open", Created: time.Now(), Text: strings.Repeat("x", 800)}
			if err := items.Insert(tx, doc, benchEntry); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return st
}

// benchUpdate is the update that is measured.
func benchUpdate(ctx context.Context, st *store.Store, n int) error {
	return st.Update(ctx, []string{"street"}, func(tx *store.Tx) error {
		doc, err := items.Get(ctx, tx, benchID(n%benchItems))
		if err != nil {
			return err
		}
		doc.State = fmt.Sprint(n % 7)
		return items.Put(tx, doc, benchEntry)
	})
}

const rawSchema = `
CREATE TABLE items (rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, deleted INTEGER NOT NULL, doc BLOB NOT NULL, number TEXT, street TEXT, cell TEXT, state TEXT, created INTEGER);
CREATE UNIQUE INDEX items_number ON items (number) WHERE number IS NOT NULL AND deleted = 0;
CREATE INDEX items_street ON items (street, created, id);
CREATE INDEX items_cell ON items (cell, created, id);
CREATE INDEX items_state ON items (street, state, created, id);
CREATE TABLE journal (rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, deleted INTEGER NOT NULL, doc BLOB NOT NULL, partition TEXT, n INTEGER, about TEXT, writeset TEXT);
CREATE INDEX journal_number ON journal (partition, n, id);
CREATE INDEX journal_doc ON journal (about, n, id);
CREATE INDEX journal_set ON journal (writeset, id);
CREATE TABLE counters (partition TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;`

// rawItem and rawEntry have the fields that the store keeps of them.
type rawItem struct {
	ID        string    `bson:"_id"`
	Partition string    `bson:"partition"`
	Version   int64     `bson:"version"`
	Seq       int64     `bson:"seq"`
	Schema    int32     `bson:"schema"`
	Deleted   bool      `bson:"deleted"`
	Number    string    `bson:"number"`
	Street    string    `bson:"street"`
	Cell      string    `bson:"cell"`
	State     string    `bson:"state"`
	Created   time.Time `bson:"created"`
	Text      string    `bson:"text"`
}

type rawEntry struct {
	ID         string            `bson:"_id"`
	Partition  string            `bson:"partition"`
	Version    int64             `bson:"version"`
	Seq        int64             `bson:"seq"`
	Schema     int32             `bson:"schema"`
	Deleted    bool              `bson:"deleted"`
	Number     int64             `bson:"n"`
	Set        string            `bson:"set"`
	At         time.Time         `bson:"at"`
	Actor      string            `bson:"actor"`
	Action     string            `bson:"action"`
	Collection string            `bson:"collection"`
	Doc        string            `bson:"doc"`
	DocVersion int64             `bson:"docVersion"`
	Before     map[string]string `bson:"before"`
	After      map[string]string `bson:"after"`
}

type rawBench struct {
	read, version, update, journal, counter *sql.Stmt
	reader, writer                          *sql.DB
	n                                       int64
}

func openRaw(b *testing.B) *rawBench {
	dir := b.TempDir()
	open := func(extra string) *sql.DB {
		db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "raw.db")+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=wal_autocheckpoint(2000)&_pragma=cache_size(-32000)"+extra)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = db.Close() })
		return db
	}
	r := &rawBench{writer: open("&_txlock=immediate"), reader: open("")}
	r.writer.SetMaxOpenConns(1)
	r.reader.SetMaxOpenConns(8)
	r.reader.SetMaxIdleConns(8)
	if _, err := r.writer.Exec(rawSchema); err != nil {
		b.Fatal(err)
	}
	prepare := func(db *sql.DB, text string) *sql.Stmt {
		st, err := db.Prepare(text)
		if err != nil {
			b.Fatal(err)
		}
		return st
	}
	tx, err := r.writer.Begin()
	if err != nil {
		b.Fatal(err)
	}
	for i := range benchItems {
		doc := rawItem{ID: benchID(i), Partition: "street", Version: 1, Schema: 1, Number: benchID(i), Street: "street", Cell: fmt.Sprint(i % 50), State: "open", Created: time.Now(), Text: strings.Repeat("x", 800)}
		raw, _ := bson.Marshal(doc)
		if _, err := tx.Exec("INSERT INTO items (id, version, deleted, doc, number, street, cell, state, created) VALUES (?,1,0,?,?,?,?,?,?)", doc.ID, raw, doc.Number, doc.Street, doc.Cell, doc.State, doc.Created.UnixMilli()); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := tx.Exec("INSERT INTO counters VALUES ('street', 0)"); err != nil {
		b.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	r.read = prepare(r.reader, "SELECT doc FROM items WHERE id = ?")
	r.version = prepare(r.writer, "SELECT version FROM items WHERE id = ?")
	r.update = prepare(r.writer, "UPDATE items SET version = ?, deleted = 0, doc = ?, number = ?, street = ?, cell = ?, state = ?, created = ? WHERE id = ? AND version = ?")
	r.journal = prepare(r.writer, "INSERT INTO journal (id, version, deleted, doc, partition, n, about, writeset) VALUES (?, 1, 0, ?, ?, ?, ?, ?)")
	r.counter = prepare(r.writer, "UPDATE counters SET n = ? WHERE partition = 'street'")
	return r
}

// group reads so many documents, changes them, and commits them together.
func (r *rawBench) group(first, count int) error {
	docs := make([]rawItem, count)
	for i := range docs {
		var raw []byte
		if err := r.read.QueryRow(benchID((first + i) % benchItems)).Scan(&raw); err != nil {
			return err
		}
		if err := bson.Unmarshal(raw, &docs[i]); err != nil {
			return err
		}
		docs[i].State = fmt.Sprint((first + i) % 7)
	}
	tx, err := r.writer.Begin()
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := tx.QueryRow("SELECT n FROM counters WHERE partition = 'street'").Scan(&r.n); err != nil {
		return err
	}
	version, update, journal := tx.Stmt(r.version), tx.Stmt(r.update), tx.Stmt(r.journal)
	for i := range docs {
		if err := r.write(&docs[i], version, update, journal); err != nil {
			return err
		}
	}
	if _, err := tx.Stmt(r.counter).Exec(r.n); err != nil {
		return err
	}
	return tx.Commit()
}

func (r *rawBench) write(doc *rawItem, version, update, journal *sql.Stmt) error {
	var now int64
	if err := version.QueryRow(doc.ID).Scan(&now); err != nil || now != doc.Version {
		return fmt.Errorf("version %d, not %d: %w", now, doc.Version, err)
	}
	r.n++
	old := doc.Version
	doc.Version, doc.Seq = old+1, r.n
	raw, err := bson.Marshal(doc)
	if err != nil {
		return err
	}
	if _, err := update.Exec(doc.Version, raw, doc.Number, doc.Street, doc.Cell, doc.State, doc.Created.UnixMilli(), doc.ID, old); err != nil {
		return err
	}
	e := rawEntry{ID: fmt.Sprintf("street/%016d", r.n), Partition: "street", Version: 1, Schema: 1, Number: r.n, Set: fmt.Sprintf("0193-%032d", r.n), At: time.Now(),
		Actor: "a", Action: "item.change", Collection: "items", Doc: doc.ID, DocVersion: doc.Version,
		Before: map[string]string{"state": "open", "cell": "c"}, After: map[string]string{"state": "open", "cell": "c"}}
	if raw, err = bson.Marshal(e); err != nil {
		return err
	}
	_, err = journal.Exec(e.ID, raw, e.Partition, e.Number, e.Doc, e.Set)
	return err
}
