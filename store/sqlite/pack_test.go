package sqlite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/store"
)

// letter is what dictionaries are made of here: ids and enums that many have, and what is somebody's own.
type letter struct {
	store.Meta `store:",inline"`
	Street     string    `store:"street"`
	State      string    `store:"state"`
	Name       string    `store:"name"`
	Sealed     []byte    `store:"sealed"`
	Index      string    `store:"index"`
	At         time.Time `store:"at"`
	Phone      string    `store:"phone,omitempty"`
	Note       string    `store:"note,omitempty"`
}

var letters = store.Declare[letter](store.Declaration{Name: "letters", Schema: 1, Indexes: []string{"street: street, at"}})

const (
	street  = "ae6dcc90-d9c4-54b0-b2b3-285f9226e4e1"
	writer  = "张*军"
	phone   = "0512-65123456"
	secret  = "sealed with a key"
	indexed = "gN_KGR0zavqlemaf89j5FXs_FZ6-xXMeq0naZ8AOli0"
)

func openLetters(t *testing.T, dir string) (*Engine, *store.Store) {
	t.Helper()
	engine, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), engine, store.Options{}, letters)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close(context.Background()) })
	return engine, st
}

// writeLetters writes letters of one person, each with the hundreds before it, ten at once.
func writeLetters(t *testing.T, st *store.Store, from, to int) {
	t.Helper()
	for i := from; i < to; i += 10 {
		err := st.Update(t.Context(), []string{street}, func(tx *store.Tx) error {
			for n := i; n < i+10; n++ {
				l := &letter{Meta: store.Meta{ID: letterID(n), Partition: street}, Street: street, State: "waiting", Name: writer, Phone: phone, Sealed: []byte(secret), Index: indexed, At: time.UnixMilli(int64(n))}
				if err := letters.Insert(tx, l, store.Entry{At: l.At, Actor: "writer", Action: "letter.write"}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func letterID(n int) string { return fmt.Sprintf("01a22241-8833-7026-be06-%012d", n) }

func (e *Engine) rowSizes(t *testing.T, collection string) (sizes []int) {
	t.Helper()
	rows, err := e.read.QueryContext(t.Context(), `SELECT length(doc) FROM "c_`+collection+`" ORDER BY rowid`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, n)
	}
	return sizes
}

// TestDocumentsArePacked: documents and entries lie packed once enough of them
// were written, and every way of reading returns what was written, also after
// the file was opened again.
func TestDocumentsArePacked(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	engine, st := openLetters(t, dir)
	writeLetters(t, st, 0, 2_000)
	for _, collection := range []string{"letters", "journal"} {
		sizes := engine.rowSizes(t, collection)
		if first, last := sizes[0], sizes[len(sizes)-1]; last > first/2 {
			t.Errorf("%s: a document of %d bytes lies in %d", collection, first, last)
		}
	}
	check := func(engine *Engine, st *store.Store) {
		t.Helper()
		for _, n := range []int{0, 63, 64, 100, 1_500, 1_999} {
			l, err := letters.Get(ctx, st, letterID(n))
			if err != nil || l.Name != writer || string(l.Sealed) != secret || l.Index != indexed || l.At.UnixMilli() != int64(n) {
				t.Errorf("letter %d: %+v %v", n, l, err)
			}
		}
		found, _, err := letters.Find(ctx, st, store.Query{Where: []store.Cond{store.Eq("street", street), store.Between("at", time.UnixMilli(1_990), nil)}, Order: []string{"at"}, Limit: 100})
		if err != nil || len(found) != 10 || found[9].ID != letterID(1_999) {
			t.Errorf("the last letters: %d %v", len(found), err)
		}
		scanned, err := engine.Scan(ctx, letters.Spec(), "", 10_000)
		if err != nil || len(scanned) != 2_000 || scanned[1_999].Lookup("name").StringValue() != writer {
			t.Errorf("a look at all: %d %v", len(scanned), err)
		}
		entries, err := st.Journal(ctx, street, 1_999, 10)
		if err != nil || len(entries) == 0 || entries[0].Number != 2_000 || entries[0].Action != "letter.write" {
			t.Errorf("the journal: %v %v", entries, err)
		}
	}
	check(engine, st)
	if err := st.Close(ctx); err != nil {
		t.Fatal(err)
	}
	engine, st = openLetters(t, dir)
	check(engine, st)
	err := st.Update(ctx, []string{street}, func(tx *store.Tx) error {
		l, err := letters.Get(ctx, tx, letterID(1_500))
		if err != nil {
			return err
		}
		l.Note = "answered"
		return letters.Put(tx, l, store.Entry{At: l.At, Actor: "writer", Action: "letter.answer"})
	})
	if l, getErr := letters.Get(ctx, st, letterID(1_500)); err != nil || getErr != nil || l.Note != "answered" || l.Name != writer {
		t.Errorf("a letter written anew: %+v %v %v", l, err, getErr)
	}
}

// TestDictionariesHoldNobody: what could be a person's is in no dictionary,
// however many documents have it, for it stays when these have gone.
func TestDictionariesHoldNobody(t *testing.T) {
	engine, st := openLetters(t, t.TempDir())
	writeLetters(t, st, 0, 1_200)
	var contents [][]byte
	rows, err := engine.read.QueryContext(t.Context(), "SELECT content FROM dictionaries")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var content []byte
		if err := rows.Scan(&content); err != nil {
			t.Fatal(err)
		}
		contents = append(contents, content)
	}
	if len(contents) < 4 { // two of the letters, two of the journal
		t.Fatalf("%d dictionaries", len(contents))
	}
	all := string(bytes.Join(contents, nil))
	for _, own := range []string{writer, phone, secret, indexed, letterID(0)[:30]} {
		if strings.Contains(all, own) {
			t.Errorf("%q is in a dictionary", own)
		}
	}
	for _, common := range []string{street, "waiting", "letter.write"} {
		if !strings.Contains(all, common) {
			t.Errorf("%q is in no dictionary", common)
		}
	}
}

// TestDictionaryOfARollback: what a transaction that was undone learnt packs nothing.
func TestDictionaryOfARollback(t *testing.T) {
	engine, st := openLetters(t, t.TempDir())
	writeLetters(t, st, 0, 60)
	ctx, tab := t.Context(), engine.table(letters.Spec())
	tx, err := engine.begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for n := range sampled {
		tab.packing.look(bson.Raw(must(bson.Marshal(bson.D{{Key: "_id", Value: letterID(n)}}))), 1)
	}
	if err := tx.learn(ctx, tab); err != nil || len(tx.learned) != 1 {
		t.Fatal(tx.learned, err)
	}
	tx.Rollback()
	if tab.packing.dict.Dict != nil {
		t.Error("the dictionary outlived its transaction")
	}
	writeLetters(t, st, 60, 100)
	if sizes := engine.rowSizes(t, "letters"); slices.Min(sizes) != slices.Max(sizes) || tab.packing.dict.Dict != nil {
		t.Errorf("rows of %d to %d bytes with dictionary %d", slices.Min(sizes), slices.Max(sizes), tab.packing.dict.number)
	}
	writeLetters(t, st, 100, 200)
	if l, err := letters.Get(ctx, st, letterID(199)); err != nil || l.Name != writer || tab.packing.dict.Dict == nil {
		t.Errorf("after another dictionary (%d): %v %v", tab.packing.dict.number, l, err)
	}
}

// spoil changes what lies in a row, or of a dictionary, as a failing disk may.
func (e *Engine) spoil(t *testing.T, text string, args ...any) {
	t.Helper()
	if _, err := e.conn.ExecContext(t.Context(), text, args...); err != nil {
		t.Fatal(err)
	}
}

// TestSpoiltDocumentHidesNoOthers: those before, behind and beside a damaged
// document are listed, page by page in both directions, and looked at by
// upgrades; whoever asks for it by its id hears that it is damaged.
func TestSpoiltDocumentHidesNoOthers(t *testing.T) {
	for what, spoil := range map[string]string{
		"a packed one":        "UPDATE c_letters SET doc = CAST(x'ffffff' || substr(doc, 4) AS BLOB) WHERE id IN (?, ?)",
		"one of today's form": "UPDATE c_letters SET doc = x'ffffff7f0300ffffff7f00' WHERE id IN (?, ?)",
	} {
		t.Run(what, func(t *testing.T) {
			engine, st := openLetters(t, t.TempDir())
			writeLetters(t, st, 0, 400)
			gone := []string{letterID(309), letterID(320)}
			engine.spoil(t, spoil, gone[0], gone[1])
			ctx := t.Context()
			for _, order := range []string{"at", "-at"} {
				var met []string
				for cursor := ""; ; {
					page, next, err := letters.Find(ctx, st, store.Query{Where: []store.Cond{store.Eq("street", street), store.Between("at", time.UnixMilli(300), nil)}, Order: []string{order}, Limit: 10, After: cursor})
					if err != nil {
						t.Fatal(err)
					}
					for _, l := range page {
						met = append(met, l.ID)
					}
					if cursor = next; cursor == "" {
						break
					}
				}
				slices.Sort(met)
				if len(met) != 98 || len(slices.Compact(met)) != 98 || slices.Contains(met, gone[0]) || slices.Contains(met, gone[1]) {
					t.Errorf("by %s: %d letters", order, len(met))
				}
			}
			many, err := letters.GetMany(ctx, st, []string{letterID(308), gone[0], letterID(310)})
			if err != nil || len(many) != 2 {
				t.Errorf("by ids: %v, %v", many, err)
			}
			if l, err := letters.Get(ctx, st, gone[0]); err == nil || errors.Is(err, store.ErrNotFound) && what == "a packed one" {
				t.Errorf("the damaged one: %+v, %v", l, err)
			}
			if raws, err := engine.Scan(ctx, letters.Spec(), "", 10_000); err != nil || len(raws) != 400 {
				t.Errorf("a look at all: %d, %v", len(raws), err)
			}
			if err := st.Ping(ctx); err != nil {
				t.Errorf("for one document, the store is not ready: %v", err)
			}
		})
	}
}

// TestLostDictionary: only what was packed with it cannot be read, and nothing
// is read with another in its place.
func TestLostDictionary(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	engine, st := openLetters(t, dir)
	writeLetters(t, st, 0, 1_200)
	engine.spoil(t, "DELETE FROM dictionaries WHERE id = (SELECT min(id) FROM dictionaries WHERE collection = 'letters')")
	if err := st.Close(ctx); err != nil {
		t.Fatal(err)
	}
	_, st = openLetters(t, dir)
	for n, lost := range map[int]bool{10: false, 200: true, 1_199: false} {
		l, err := letters.Get(ctx, st, letterID(n))
		if lost && !errors.Is(err, store.ErrDamaged) || !lost && (err != nil || l.Name != writer) {
			t.Errorf("letter %d: %+v, %v", n, l, err)
		}
	}
}

// TestDictionaryInPlaceOfALostOne: the next one that is made gets the number of
// the last one, when that was lost; what was packed with the lost one, or with
// one whose content was damaged, is damaged and not something else.
func TestDictionaryInPlaceOfALostOne(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	engine, st := openLetters(t, dir)
	writeLetters(t, st, 0, 100)
	highest := func(engine *Engine) (n int) {
		t.Helper()
		if err := engine.conn.QueryRowContext(ctx, "SELECT max(id) FROM dictionaries").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	lost := highest(engine)
	engine.spoil(t, "DELETE FROM dictionaries")
	if err := st.Close(ctx); err != nil {
		t.Fatal(err)
	}
	engine, st = openLetters(t, dir)
	for n := 100; n < 200; n++ { // others than before, so that it is another dictionary
		l := &letter{Meta: store.Meta{ID: letterID(n), Partition: street}, Name: writer, At: time.UnixMilli(int64(n)), Note: "posted"}
		err := st.Update(ctx, []string{street}, func(tx *store.Tx) error {
			return letters.Insert(tx, l, store.Entry{At: l.At, Actor: "carrier", Action: "letter.post"})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n := highest(engine); n < lost {
		t.Fatalf("%d dictionaries, there were %d", n, lost)
	}
	check := func(when string, want map[int]bool) {
		t.Helper()
		for n, whole := range want {
			l, err := letters.Get(ctx, st, letterID(n))
			if whole && (err != nil || l.Name != writer) || !whole && !errors.Is(err, store.ErrDamaged) {
				t.Errorf("%s: letter %d: %+v, %v", when, n, l, err)
			}
		}
	}
	check("the lost one's number is taken", map[int]bool{10: true, 90: false, 199: true})
	engine.spoil(t, "UPDATE dictionaries SET content = CAST(substr(content, 1, 40) || x'ff' || substr(content, 42) AS BLOB)")
	if err := st.Close(ctx); err != nil {
		t.Fatal(err)
	}
	_, st = openLetters(t, dir)
	check("all are damaged", map[int]bool{10: true, 90: false, 199: false})
}

func must(doc []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return doc
}

// FuzzUnpack: bytes that are no packed document are an error, never a panic.
func FuzzUnpack(f *testing.F) {
	engine, err := Open(f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	st, err := store.Open(f.Context(), engine, store.Options{}, letters)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = st.Close(context.Background()) })
	for i := range 200 {
		doc := must(bson.Marshal(bson.D{{Key: "_id", Value: letterID(i)}, {Key: "street", Value: street}}))
		err := engine.step(f.Context(), func(tx *tx) error {
			return tx.put(f.Context(), &store.Write{Spec: letters.Spec(), ID: letterID(i), Doc: doc})
		})
		if err != nil {
			f.Fatal(err)
		}
		if i > 100 {
			f.Add(bytes.Clone(engine.table(letters.Spec()).pack(doc)))
		}
	}
	f.Fuzz(func(t *testing.T, row []byte) {
		if _, err := engine.dictionaries.unpack(row); err != nil && !errors.Is(err, store.ErrDamaged) && !errors.Is(err, errSpoilt) {
			t.Error(err)
		}
	})
}
