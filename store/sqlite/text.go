package sqlite

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/store"
)

// texts is the table of a text index: FTS5 without content, whose row of a
// document has the document's own row number. Where the index has an order,
// that number begins with the value of it, so that FTS5's own order is the
// index's; the lower bits tell documents of one value apart.
type texts struct {
	text *store.Text
	name string // quoted

	create, insert, replace, clear, has string
}

// wordsColumn is the hash of what the text indexes have of a row, so that they
// are written only when that changes.
const wordsColumn = "words"

const (
	sameBits = 20                   // of a row number
	sameMask = 1<<sameBits - 1      // how many documents of one value of the order there can be, less one
	lastKey  = 1<<(63-sameBits) - 1 // in milliseconds, the year 2248
)

func textPrefix(spec *store.Spec) string                 { return "x_" + spec.Name + "_" }
func textName(spec *store.Spec, text *store.Text) string { return textPrefix(spec) + text.Name }

// addTexts lays out the text indexes of the collection.
func (t *table) addTexts() {
	for i := range t.spec.Texts {
		text := &t.spec.Texts[i]
		name := quote(textName(t.spec, text))
		t.texts = append(t.texts, texts{
			text: text, name: name,
			create:  "CREATE VIRTUAL TABLE " + name + ` USING fts5(words, content='', contentless_delete=1, detail=none, tokenize="ascii tokenchars '_'")`,
			insert:  "INSERT INTO " + name + " (rowid, words) VALUES (?, ?)",
			replace: "REPLACE INTO " + name + " (rowid, words) VALUES (?, ?)",
			clear:   "DELETE FROM " + name + " WHERE rowid = ?",
			has:     "SELECT 1 FROM " + quote(textName(t.spec, text)+"_docsize") + " WHERE id = ?",
		})
		if text.Order != nil {
			t.order = text.Order
		}
	}
}

// part describes what the table holds.
func (x *texts) part() string {
	var scopes []string
	for _, f := range x.text.Scopes {
		scopes = append(scopes, f.Path)
	}
	order := ""
	if x.text.Order != nil {
		order = fmt.Sprintf("; %s kind %d", x.text.Order.Path, x.text.Order.Kind)
	}
	return "text " + x.name + ": " + strings.Join(scopes, ", ") + order
}

// token is a term as a token of FTS5's ascii tokenizer: letters and digits
// stand for themselves, as all beyond ASCII; any other byte is _ and two hex digits.
func token(b *strings.Builder, term string) {
	const digits = "0123456789abcdef"
	plain := 0 // where what stands for itself began
	for i := range len(term) {
		switch c := term[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c >= 0x80:
		default:
			b.WriteString(term[plain:i])
			plain = i + 1
			b.WriteByte('_')
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
		}
	}
	b.WriteString(term[plain:])
}

// scopeToken is that of a value of a scope. No term has two _ one after the other.
func scopeToken(b *strings.Builder, f string, value string) {
	b.WriteString("__")
	token(b, f)
	b.WriteString("__")
	token(b, value)
}

// words are all tokens of a document, "" for one that is not in the index.
func (x *texts) words(w *store.Write) string {
	if len(w.Terms) == 0 {
		return ""
	}
	var b strings.Builder
	b.Grow(512)
	for _, f := range x.text.Scopes {
		if v, ok := f.Value(w.Doc).(string); ok {
			scopeToken(&b, f.Path, v)
			b.WriteByte(' ')
		}
	}
	for _, term := range w.Terms {
		token(&b, term)
		b.WriteByte(' ')
	}
	return b.String()
}

// words are the tokens of a document for each text index, and a hash of them
// all, nil for a document that is in none.
func (t *table) words(w *store.Write) (words []string, hash any) {
	if len(t.texts) == 0 || len(w.Terms) == 0 {
		return nil, nil
	}
	sum := sha256.New()
	for i := range t.texts {
		words = append(words, t.texts[i].words(w))
		sum.Write([]byte(words[i] + "\n"))
	}
	return words, int64(binary.LittleEndian.Uint64(sum.Sum(nil)))
}

// writeTexts writes a document's rows of the text indexes; a fresh one has none yet.
func (tx *tx) writeTexts(ctx context.Context, t *table, rowid int64, words []string, fresh bool) error {
	for i, x := range t.texts {
		var err error
		switch {
		case words == nil && !fresh:
			err = tx.exec(ctx, x.clear, rowid)
		case words != nil && fresh:
			err = tx.exec(ctx, x.insert, rowid, words[i])
		case words != nil:
			err = tx.exec(ctx, x.replace, rowid, words[i])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// inTexts reports whether every text index has the document.
func (tx *tx) inTexts(ctx context.Context, t *table, rowid int64) (bool, error) {
	for i := range t.texts {
		n, err := tx.number(ctx, t.texts[i].has, rowid)
		if err != nil || n == 0 {
			return false, err
		}
	}
	return true, nil
}

// newest is the row number that was given last. Where many documents of one
// value come one after the other, the next is known by it.
type newest struct {
	table  *table
	number int64
}

// free returns the next row number for a value of the order.
func (tx *tx) free(ctx context.Context, t *table, key int64) (n int64, err error) {
	first, last := key<<sameBits, key<<sameBits|sameMask
	if n = tx.newest.number; tx.newest.table != t || n>>sameBits != key {
		n, err = tx.number(ctx, "SELECT rowid FROM "+t.name+" WHERE rowid BETWEEN ? AND ? ORDER BY rowid DESC LIMIT 1", first, last)
	}
	switch {
	case err != nil:
		return 0, err
	case n == last:
		return 0, fmt.Errorf("sqlite: %d documents of %s have one %s already", sameMask+1, t.spec.Name, t.order.Path)
	case n == 0:
		n = first
	default:
		n++
	}
	tx.newest = newest{t, n}
	return n, nil
}

// move gives the row the number that the order asks for, and takes the rows of
// side tables and text indexes away, which have the old one.
func (tx *tx) move(ctx context.Context, t *table, rowid, key int64) (int64, error) {
	to, err := tx.free(ctx, t, key)
	if err != nil {
		return 0, err
	}
	if err := tx.clear(ctx, t, rowid); err != nil {
		return 0, err
	}
	return to, tx.exec(ctx, "UPDATE "+t.name+" SET rowid = ? WHERE rowid = ?", to, rowid)
}

// clear empties side tables and text indexes of a row.
func (tx *tx) clear(ctx context.Context, t *table, rowid int64) error {
	for i := range t.sides {
		if err := tx.exec(ctx, t.sides[i].clear, rowid); err != nil {
			return err
		}
	}
	for _, o := range t.others { // or another document might come to have this row's number
		if err := tx.exec(ctx, o.clear, rowid); err != nil {
			return err
		}
	}
	return tx.writeTexts(ctx, t, rowid, nil, false)
}

// match is the plan as an expression of FTS5.
func match(p *store.Plan) string {
	var b strings.Builder
	for _, c := range p.Scopes {
		b.WriteString(`("_`) // which no document has: without a value, nothing matches
		for _, v := range c.Values {
			b.WriteString(`" OR "`)
			scopeToken(&b, c.Field, v.(string))
		}
		b.WriteString(`") AND `)
	}
	joint := `" AND "`
	if p.AnyTerm {
		joint = `" OR "`
	}
	b.WriteString(`("`)
	for i, term := range p.Terms {
		if i > 0 {
			b.WriteString(joint)
		}
		token(&b, term)
	}
	b.WriteString(`")`)
	return b.String()
}

// textQuestion turns a plan of a text index into SQL. Row numbers of before
// the page are left out, but for those that have the cursor's own value.
func (t *table) textQuestion(p *store.Plan) *question {
	q := &question{}
	name := textName(t.spec, p.Text)
	q.from.add(fmt.Sprintf("%s AS m CROSS JOIN %s AS c ON c.rowid = m.rowid", quote(name), t.name))
	q.where.add("m."+quote(name)+" MATCH ?", match(p))
	q.ok.add("1")
	for _, c := range p.Residual {
		t.residual(q, c, p.Fields[c.Field])
	}
	if p.Ranged { // row numbers first, and as values beyond them share one, the values
		if p.From != nil {
			q.where.add(" AND m.rowid >= ?", orderKey(p.From)<<sameBits)
		}
		if p.To != nil {
			q.where.add(" AND m.rowid <= ?", orderKey(p.To)<<sameBits|sameMask)
		}
		bounds(&q.where, "c."+column(*p.Text.Order), p.From, p.To)
	}
	if p.Sorted {
		return q
	}
	if q.sort = " ORDER BY m.rowid"; p.Desc {
		q.sort += " DESC"
	}
	if p.After != nil && p.Desc {
		q.where.add(" AND m.rowid <= ?", orderKey(p.After[0])<<sameBits|sameMask)
	} else if p.After != nil {
		q.where.add(" AND m.rowid >= ?", orderKey(p.After[0])<<sameBits)
	}
	return q
}

// orderKey is what a row number begins with. Values beyond what fits share
// the first or the last one, and what shares one is sorted by the values.
func orderKey(value any) int64 {
	var n int64
	switch v := value.(type) {
	case time.Time:
		n = v.UnixMilli()
	case int64:
		n = v
	}
	return min(max(n, 1), lastKey)
}

// page runs the plan of a text index. Documents of one value of the order,
// all where there is none, are read together and sorted.
func (t *table) page(ctx context.Context, p *store.Plan, ask asker) ([]bson.Raw, error) {
	bits := sameBits
	if p.Sorted {
		bits = 63
	}
	c := t.question(p).listing("c.doc", fmt.Sprintf(", m.rowid >> %d", bits))
	rows, err := ask(ctx, c.text.String(), c.args)
	if err != nil {
		return nil, problem(err)
	}
	defer rows.Close()
	var out, same []bson.Raw
	for examined, key := 0, int64(0); rows.Next(); {
		var doc document
		var k int64
		if err := rows.Scan(&doc, &k); err != nil {
			return nil, problem(err)
		}
		if k != key {
			if out = append(out, p.Page(same)...); len(out) >= p.Limit {
				return out[:p.Limit], nil
			}
			key, same = k, nil
		}
		if examined++; examined > p.Cap && len(p.Residual) > 0 {
			return nil, store.ErrTooBroad
		}
		if doc != nil {
			raw, err := t.dictionaries.unpack(doc)
			if errors.Is(err, errSpoilt) {
				continue // without its values it has no place among them
			}
			if err != nil {
				return nil, err
			}
			same = append(same, raw)
		}
		switch {
		case p.Sorted && len(same) > store.MaxSorted:
			return nil, store.ErrTooBroad
		case len(same) > store.MaxSorted+p.Limit:
			same = p.Page(same) // the others of this value are not of the page
		}
	}
	out = append(out, p.Page(same)...)
	return out[:min(len(out), p.Limit)], problem(rows.Err())
}
