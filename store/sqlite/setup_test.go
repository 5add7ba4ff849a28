package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wangge/store"
	"wangge/store/sqlite"
)

// newer is item as a later program declares it: with a multi-valued field
// and indexes over what older documents hold already.
type newer struct {
	store.Meta `store:",inline"`
	Number     string    `store:"number"`
	Street     string    `store:"street"`
	Cell       string    `store:"cell"`
	State      string    `store:"state"`
	Created    time.Time `store:"created"`
	Text       string    `store:"text"`
	Tags       []string  `store:"tags"`
}

var newItems = store.Declare[newer](store.Declaration{
	Name: "items", Schema: 1,
	Indexes: []string{"text!: text", "street: street, text", "tags: tags, created"}, Predicates: []string{"state"},
})

func putItem(ctx context.Context, st *store.Store, id, text string) error {
	return st.Update(ctx, []string{"street"}, func(tx *store.Tx) error {
		e := store.Entry{At: time.Now(), Actor: "a", Action: "item.put"}
		old, err := items.Get(ctx, tx, id)
		if errors.Is(err, store.ErrNotFound) {
			return items.Insert(tx, &item{Meta: store.Meta{ID: id, Partition: "street"}, Number: id, Street: "s", Text: text, Created: time.Now()}, e)
		}
		if err != nil {
			return err
		}
		old.Text = text
		return items.Put(tx, old, e)
	})
}

// TestProgramsTakeTurns: a newer program finds in an older one's file what it
// declares, and again after the older one has written to the file in between.
func TestProgramsTakeTurns(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	old := func(what func(*store.Store)) {
		t.Helper()
		st := openItems(t, dir, items)
		what(st)
		if err := st.Close(ctx); err != nil {
			t.Fatal(err)
		}
	}
	find := func(st *store.Store, text string, want int) {
		t.Helper()
		found, _, err := newItems.Find(ctx, st, store.Query{Where: []store.Cond{store.Eq("text", text)}})
		if err != nil || len(found) != want {
			t.Errorf("%d have text %s (%v), want %d", len(found), text, err, want)
		}
		listed, _, err := newItems.Find(ctx, st, store.Query{Where: []store.Cond{store.Eq("street", "s"), store.Between("text", text, text+"\x00")}, Order: []string{"text"}})
		if err != nil || len(listed) != want {
			t.Errorf("%d of the street have text %s (%v), want %d", len(listed), text, err, want)
		}
	}
	old(func(st *store.Store) {
		for i := range 700 {
			if err := putItem(ctx, st, fmt.Sprint(i), fmt.Sprint("t", i)); err != nil {
				t.Fatal(err)
			}
		}
	})
	for range 2 { // the second time there is nothing to do
		st := openItems(t, dir, newItems)
		find(st, "t7", 1)
		err := st.Update(ctx, []string{"street"}, func(tx *store.Tx) error {
			x, err := newItems.Get(ctx, tx, "7")
			if err != nil {
				return err
			}
			x.Tags = []string{"a", "b", "a"}
			return newItems.Put(tx, x, store.Entry{At: time.Now(), Actor: "a", Action: "item.tag"})
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := st.Close(ctx); err != nil {
			t.Fatal(err)
		}
	}
	old(func(st *store.Store) {
		for id, text := range map[string]string{"7": "changed", "new": "added"} {
			if err := putItem(ctx, st, id, text); err != nil {
				t.Fatal(err)
			}
		}
		dup := (*store.DuplicateError)(nil)
		err := st.Update(ctx, []string{"street"}, func(tx *store.Tx) error {
			return items.Insert(tx, &item{Meta: store.Meta{ID: "other", Partition: "street"}, Number: "699"}, store.Entry{At: time.Now(), Actor: "a", Action: "item.put"})
		})
		if !errors.As(err, &dup) || dup.Index != "number" {
			t.Errorf("a number twice: %v", err)
		}
	})
	st := openItems(t, dir, newItems)
	defer func() { _ = st.Close(context.Background()) }()
	find(st, "t7", 0)
	find(st, "changed", 1)
	find(st, "added", 1)
	tagged, _, err := newItems.Find(ctx, st, store.Query{Where: []store.Cond{store.Eq("tags", "a")}, Order: []string{"created"}})
	if err != nil || len(tagged) != 1 || tagged[0].Text != "changed" {
		t.Errorf("%d tagged (%v)", len(tagged), err)
	}
	// number is unique no more for this program; text is.
	add := func(id, number, text string) error {
		return st.Update(ctx, []string{"street"}, func(tx *store.Tx) error {
			return newItems.Insert(tx, &newer{Meta: store.Meta{ID: id, Partition: "street"}, Number: number, Text: text}, store.Entry{At: time.Now(), Actor: "a", Action: "item.put"})
		})
	}
	if err := add("a", "699", "fresh"); err != nil {
		t.Error(err)
	}
	dup := (*store.DuplicateError)(nil)
	if err := add("b", "x", "added"); !errors.As(err, &dup) || dup.Index != "text" {
		t.Error(err)
	}
}

// TestNothingMoreToDo: opening a file again changes nothing in it, and what
// is not declared any more is gone.
func TestNothingMoreToDo(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	schema := func(declared store.Declared) string {
		t.Helper()
		st := openItems(t, dir, declared)
		if err := st.Close(ctx); err != nil {
			t.Fatal(err)
		}
		db, err := sql.Open("sqlite", filepath.Join(dir, "wangge.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		var text string
		if err := db.QueryRow("SELECT (SELECT schema_version FROM pragma_schema_version) || group_concat(name, ' ') FROM (SELECT name FROM sqlite_schema ORDER BY name)").Scan(&text); err != nil {
			t.Fatal(err)
		}
		return text
	}
	first := schema(newItems)
	if again := schema(newItems); again != first {
		t.Errorf("changed from\n%s to\n%s", first, again)
	}
	older := schema(items)
	for _, gone := range []string{"i_items_text", "m_items_tags", "i_items_tags"} {
		if !strings.Contains(first, gone) || strings.Contains(older, gone) {
			t.Errorf("%s does not come and go:\n%s\n%s", gone, first, older)
		}
	}
}

// TestEarlierProgramsAreRefused: those that kept lists of parts open a file as
// long as it is as they left it, which a refused opening does not change, and
// no more once it is opened.
func TestEarlierProgramsAreRefused(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	if err := openItems(t, dir, items).Close(ctx); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, "wangge.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, text := range []string{
		"DROP TRIGGER opened_INSERT", "DROP TRIGGER parts_INSERT", "DROP TRIGGER parts_DELETE", "DELETE FROM parts", "DROP TABLE c_layouts",
		"INSERT INTO parts (collection, part) VALUES ('journal', 'column a'), ('items', 'column b'), ('items', 'column c')",
	} {
		if _, err := db.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	// earlier is what such a program does at its start, with a collection that lists these parts.
	earlier := func(collection, own string) error {
		var kept string
		if err := db.QueryRow("SELECT group_concat(part) FROM (SELECT part FROM parts WHERE collection = ? ORDER BY part)", collection).Scan(&kept); err != nil {
			t.Fatal(err)
		}
		if kept == own {
			return nil
		}
		_, err := db.Exec("DELETE FROM parts WHERE collection = ?", collection)
		return err
	}
	engine, err := sqlite.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	schema := func() (text string) {
		if err := db.QueryRow("SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_schema ORDER BY name)").Scan(&text); err != nil {
			t.Fatal(err)
		}
		return text
	}
	before, otherKeys := schema(), errors.New("other keys")
	if _, err := store.Open(ctx, engine, store.Options{Before: func(context.Context, *store.Store) error { return otherKeys }}, items); !errors.Is(err, otherKeys) {
		t.Fatal(err)
	}
	if err := engine.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if after := schema(); after != before {
		t.Errorf("a refused opening has changed\n%s\ninto\n%s", before, after)
	}
	own := map[string]string{"journal": "column a", "items": "column b,column c"}
	for collection, parts := range own {
		if err := earlier(collection, parts); err != nil {
			t.Errorf("after a refused opening, an earlier program at %s: %v", collection, err)
		}
	}
	if _, err := db.Exec("INSERT INTO opened (inode) VALUES (1)"); err != nil {
		t.Errorf("after a refused opening, a program from before documents were packed: %v", err)
	}
	if _, err := db.Exec("DELETE FROM opened"); err != nil {
		t.Fatal(err)
	}
	if err := openItems(t, dir, items).Close(ctx); err != nil {
		t.Fatal(err)
	}
	for collection, parts := range own {
		if err := earlier(collection, parts); err == nil || !strings.Contains(err.Error(), "a newer wangge has upgraded this store") {
			t.Errorf("an earlier program at %s: %v", collection, err)
		}
	}
	if _, err := db.Exec("INSERT INTO opened (inode) VALUES (1)"); err == nil || !strings.Contains(err.Error(), "a newer wangge has upgraded this store") {
		t.Errorf("a program from before documents were packed: %v", err)
	}
}
