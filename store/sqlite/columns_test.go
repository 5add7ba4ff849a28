package sqlite

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"

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

// TestUpdateNamesWhatChanged: an update names the columns whose values differ and
// no others, and all of them as long as rows are not known to hold their documents' values.
func TestUpdateNamesWhatChanged(t *testing.T) {
	table := newTable(papers.Spec())
	first := paper{Meta: store.Meta{ID: "a", Partition: "p", Version: 1}, Number: "n", Street: "s", State: "open", Words: []string{"w"}, Created: time.UnixMilli(1)}
	for name, c := range map[string]struct {
		change func(*paper)
		words  bool
		want   []string
	}{
		"nothing":                           {func(*paper) {}, false, nil},
		"a state":                           {func(p *paper) { p.State = "shut" }, true, []string{"f.state", "words"}},
		"a value that comes, one that goes": {func(p *paper) { p.Due, p.Number = time.UnixMilli(5), "" }, false, []string{"f.number", "f.due"}},
		"what has no column":                {func(p *paper) { p.Words, p.Audience = []string{"v"}, []string{"u"} }, true, []string{"words"}},
		"deletion":                          {func(p *paper) { p.Deleted = true }, false, []string{"deleted"}},
	} {
		t.Run(name, func(t *testing.T) {
			next := first
			next.Version++
			c.change(&next)
			old, doc := encoded(t, &first), encoded(t, &next)
			hash := any(int64(7))
			if c.words {
				hash = int64(8)
			}
			written := func() (names []string) {
				text, args := table.change(&store.Write{ID: "a", Old: 1, Doc: doc}, table.differs(old, doc), int64(7), hash)
				_, sets, _ := strings.Cut(text, " SET version = ?, doc = ?")
				sets, _, _ = strings.Cut(sets, " WHERE ")
				for _, set := range strings.Split(sets, ", ")[1:] {
					names = append(names, unquote(strings.TrimSuffix(set, " = ?")))
				}
				if len(args) != len(names)+4 {
					t.Errorf("%d values for %s", len(args), text)
				}
				return names
			}
			table.whole.Store(true)
			if got := written(); !slices.Equal(got, c.want) {
				t.Errorf("it writes %v, want %v", got, c.want)
			}
			if old = nil; len(written()) < len(table.fields)+1 {
				t.Error("over what was not read it does not write all columns")
			}
			old = encoded(t, &first)
			table.whole.Store(false)
			if got := written(); len(got) < len(table.fields)+1 {
				t.Errorf("to a row that may hold other values it writes %v", got)
			}
		})
	}
}

func encoded(t *testing.T, p *paper) bson.Raw {
	t.Helper()
	raw, err := papers.Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Of more sets of columns than have statements of their own, all columns are written.
func TestStatementsAreBounded(t *testing.T) {
	table := newTable(papers.Spec())
	for set := range 1 << len(table.columns) {
		var changed []int
		for i := range table.columns {
			if set&(1<<i) != 0 {
				changed = append(changed, i)
			}
		}
		if _, written := table.update(changed); len(written) != len(changed) && len(written) != len(table.columns) {
			t.Fatalf("%v are written for %v", written, changed)
		}
	}
	if n := len(table.updates); n > updatesMost+1 {
		t.Errorf("%d statements", n)
	}
}

// differing names whatever is not the same, in whichever order the fields are.
func TestDiffering(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	random := func() (doc bson.D) {
		for _, i := range rng.Perm(6)[:rng.IntN(7)] {
			doc = append(doc, bson.E{Key: fmt.Sprint("f", i), Value: rng.IntN(2)})
		}
		return doc
	}
	for range 5_000 {
		a, _ := bson.Marshal(random())
		b, _ := bson.Marshal(random())
		names, err := differing(a, b)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 6 {
			if key := fmt.Sprint("f", i); !bson.Raw(a).Lookup(key).Equal(bson.Raw(b).Lookup(key)) && !slices.Contains(names, key) {
				t.Fatalf("%s is not among %v of %v and %v", key, names, bson.Raw(a), bson.Raw(b))
			}
		}
		if same, err := differing(a, a); err != nil || len(same) > 0 {
			t.Fatalf("%v differ from themselves: %v", same, err)
		}
	}
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
