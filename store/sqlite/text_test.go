package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wangge/store"
)

// openTexts opens letters found by their text, and the file beside the store.
func openTexts(t *testing.T, dir string) (*store.Store, *sql.DB) {
	t.Helper()
	st := openItems(t, dir, store.Worded(lettersText, func(x *letter) ([]string, error) { return strings.Fields(x.Text), nil }))
	db, err := sql.Open("sqlite", filepath.Join(dir, "wangge.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = db.Close()
		_ = st.Close(context.Background())
	})
	return st, db
}

func putLetter(ctx context.Context, st *store.Store, ids []string, change func(*letter)) error {
	return st.Update(ctx, []string{"street"}, func(tx *store.Tx) error {
		found, err := lettersText.GetMany(ctx, tx, ids)
		if err != nil {
			return err
		}
		for _, id := range ids {
			x := found[id]
			if x == nil {
				x = &letter{Meta: store.Meta{ID: id, Partition: "street"}, City: "city", Street: "street", Created: time.UnixMilli(1_700_000_000_000).UTC()}
				change(x)
				err = lettersText.Insert(tx, x, benchEntry)
			} else {
				change(x)
				err = lettersText.Put(tx, x, benchEntry)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func foundLetters(t *testing.T, st *store.Store, terms ...string) int {
	t.Helper()
	counts, err := lettersText.Count(t.Context(), st, store.Query{Where: []store.Cond{store.Eq("city", "city"), store.Terms("text", terms...)}}, "")
	if err != nil {
		t.Fatal(err)
	}
	return int(counts[""])
}

func ask[T any](t *testing.T, db *sql.DB, text string) (out T) {
	t.Helper()
	if err := db.QueryRow(text).Scan(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

// Text is written when terms or scopes change, and at no other time.
func TestTextIsWrittenWhenItChanges(t *testing.T) {
	st, db := openTexts(t, t.TempDir())
	const blocks = "SELECT group_concat(id || hex(block)) FROM x_letters_text_data"
	was := ""
	for _, step := range []struct {
		changes bool
		how     func(*letter)
	}{
		{true, func(x *letter) { x.Text = "one two" }},
		{false, func(x *letter) { x.State = "done" }},
		{false, func(x *letter) { x.Text = "two one one" }},
		{true, func(x *letter) { x.Text = "one" }},
		{true, func(x *letter) { x.City = "other" }},
		{true, func(x *letter) { x.City = "city" }},
		{true, func(x *letter) { x.Text = "" }},
		{false, func(x *letter) { x.State = "again" }},
		{true, func(x *letter) { x.Text = "one" }},
	} {
		if err := putLetter(t.Context(), st, []string{"a"}, step.how); err != nil {
			t.Fatal(err)
		}
		now := ask[string](t, db, blocks)
		if (now != was) != step.changes {
			t.Errorf("text was written: %v, want %v", now != was, step.changes)
		}
		was = now
	}
	if n := foundLetters(t, st, "one"); n != 1 {
		t.Errorf("%d found", n)
	}
}

// Texts that change again and again leave no more behind than a few times what they need.
func TestTextDoesNotGrow(t *testing.T) {
	st, db := openTexts(t, t.TempDir())
	var ids []string
	for i := range 40 {
		ids = append(ids, fmt.Sprint(i))
	}
	round := 0
	write := func() {
		t.Helper()
		err := putLetter(t.Context(), st, ids, func(x *letter) {
			var terms []string
			for i := range letterTerms {
				terms = append(terms, fmt.Sprint("t", (i*7+round*13)%400))
			}
			x.Text = strings.Join(terms, " ")
		})
		if err != nil {
			t.Fatal(err)
		}
		round++
	}
	const size = "SELECT sum(length(block)) FROM x_letters_text_data"
	write()
	first := ask[int64](t, db, size)
	for range 100 {
		write()
	}
	if now := ask[int64](t, db, size); now > 8*first {
		t.Errorf("%d bytes after the first write, %d after a hundred", first, now)
	}
}

// Row numbers begin with the order. When no more of one moment fit, who writes
// hears of it, and the neighbours in the group do not.
func TestTextOfTooManyOfOneMoment(t *testing.T) {
	st, db := openTexts(t, t.TempDir())
	if err := putLetter(t.Context(), st, []string{"a", "b"}, func(x *letter) { x.Text = "one" }); err != nil {
		t.Fatal(err)
	}
	const moment = 1_700_000_000_000
	if n := ask[int64](t, db, "SELECT max(rowid) FROM c_letters"); n != moment<<20+1 {
		t.Errorf("row number %d", n)
	}
	if _, err := db.Exec("UPDATE c_letters SET rowid = ? WHERE id = 'b'", moment<<20|1<<20-1); err != nil {
		t.Fatal(err)
	}
	if err := putLetter(t.Context(), st, []string{"c"}, func(x *letter) {}); err == nil || !strings.Contains(err.Error(), "1048576 documents of letters have one created already") {
		t.Errorf("one too many: %v", err)
	}
	if err := putLetter(t.Context(), st, []string{"d"}, func(x *letter) { x.Text, x.Created = "one", x.Created.Add(time.Millisecond) }); err != nil {
		t.Error(err)
	}
}

// A file copied while wangge runs has the text in it, and a look at the whole of it passes.
func TestCopyHoldsText(t *testing.T) {
	dir := t.TempDir()
	st, db := openTexts(t, dir)
	for i := range 20 {
		if err := putLetter(t.Context(), st, []string{fmt.Sprint(i)}, func(x *letter) { x.Text = "张伟 " + fmt.Sprint("n", i%2) }); err != nil {
			t.Fatal(err)
		}
	}
	vacuumed := t.TempDir()
	if _, err := db.Exec("VACUUM INTO ?", filepath.Join(vacuumed, "wangge.db")); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{copied(t, dir, "wangge.db", "wangge.db-wal"), vacuumed} {
		copy, _ := openTexts(t, dir)
		if n := foundLetters(t, copy, "张伟", "n1"); n != 10 {
			t.Errorf("%d found in the copy", n)
		}
	}
}
