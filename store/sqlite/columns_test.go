package sqlite

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"wangge/store"
)

// TestColumnsFollowDocuments: after any sequence of writes the columns and
// side tables hold what the documents do, though side rows are only written when they differ.
func TestColumnsFollowDocuments(t *testing.T) {
	engine, st := openPapers(t)
	ctx := t.Context()
	rng := rand.New(rand.NewPCG(1, 2))
	word := func() string { return fmt.Sprint("w", rng.IntN(4)) }
	for i := range 400 {
		id := fmt.Sprint(rng.IntN(12))
		err := st.Update(ctx, []string{"p"}, func(tx *store.Tx) error {
			entry := store.Entry{At: time.Now(), Actor: "a", Action: "x"}
			p, err := papers.Get(ctx, tx, id)
			if errors.Is(err, store.ErrNotFound) {
				return papers.Insert(tx, &paper{Meta: store.Meta{ID: id, Partition: "p"}, Street: "s", Words: []string{word(), word()}}, entry)
			}
			if err != nil {
				return err
			}
			for range 1 + rng.IntN(2) {
				switch rng.IntN(7) {
				case 0:
					p.Words = append(p.Words, word())
				case 1:
					p.Words = slices.DeleteFunc(p.Words, func(w string) bool { return w == "w1" })
				case 2:
					p.Street, p.State = fmt.Sprint("s", rng.IntN(3)), word()
				case 3:
					p.Open, p.Size = !p.Open, rng.IntN(9)
				case 4:
					p.Due = time.UnixMilli(rng.Int64N(3))
				case 5:
					p.Due, p.Number = time.Time{}, ""
				case 6:
					p.Number = fmt.Sprint("n", i)
				}
				if err := papers.Put(tx, p, entry); err != nil {
					return err
				}
			}
			if rng.IntN(40) == 0 {
				return papers.Delete(tx, p, entry)
			}
			return nil
		})
		var dup *store.DuplicateError
		if err != nil && (!errors.As(err, &dup) || dup.Index != "_id") { // a tombstone keeps its id
			t.Fatal(err)
		}
	}
	checkColumns(t, engine)
}

// checkColumns compares every column and side row with its document.
func checkColumns(t *testing.T, e *Engine) {
	t.Helper()
	tab := e.table(papers.Spec())
	docs, err := e.Scan(t.Context(), tab.spec, "", 1_000_000)
	if err != nil || len(docs) == 0 {
		t.Fatal(len(docs), err)
	}
	for _, doc := range docs {
		var rowid int64
		if err := e.read.QueryRow("SELECT rowid FROM "+tab.name+" WHERE id = ?", doc.Lookup("_id").StringValue()).Scan(&rowid); err != nil {
			t.Fatal(err)
		}
		for _, f := range tab.fields {
			var got any
			if err := e.read.QueryRow("SELECT "+column(f)+" FROM "+tab.name+" WHERE rowid = ?", rowid).Scan(&got); err != nil {
				t.Fatal(err)
			}
			if want := scalar(f.Value(doc)); !reflect.DeepEqual(got, want) {
				t.Errorf("%s of %v is %v in the column", f.Path, doc, got)
			}
		}
		for _, s := range tab.sides {
			var want []string
			words, _ := s.fields[s.multi].Value(doc).([]any)
			for _, w := range words {
				row := fmt.Sprint(w)
				for j, f := range s.fields {
					if j != s.multi {
						row += fmt.Sprint("|", scalar(f.Value(doc)))
					}
				}
				want = append(want, row)
			}
			slices.Sort(want)
			if got := sideRows(t, e, s, rowid); !slices.Equal(got, slices.Compact(want)) {
				t.Errorf("%s of %v holds %v", s.name, doc, got)
			}
		}
	}
}

func sideRows(t *testing.T, e *Engine, s side, rowid int64) (out []string) {
	t.Helper()
	text := column(s.fields[s.multi])
	for j, f := range s.fields {
		if j != s.multi {
			text += " || '|' || " + column(f)
		}
	}
	rows, err := e.read.Query("SELECT "+text+" FROM "+s.name+" WHERE doc = ? ORDER BY 1", rowid)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var row string
		if err := rows.Scan(&row); err != nil {
			t.Fatal(err)
		}
		out = append(out, row)
	}
	return out
}
