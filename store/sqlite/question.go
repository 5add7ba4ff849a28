package sqlite

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"wangge/store"
)

// scalar is a field's value as a column holds it.
func scalar(v any) any {
	switch x := v.(type) {
	case time.Time:
		return x.UnixMilli()
	case bool:
		if x {
			return int64(1)
		}
		return int64(0)
	}
	return v
}

// clause is SQL text with its arguments.
type clause struct {
	text strings.Builder
	args []any
}

func (c *clause) add(text string, args ...any) {
	c.text.WriteString(text)
	for _, a := range args {
		c.args = append(c.args, scalar(a))
	}
}

func (c *clause) join(parts ...*clause) {
	for _, p := range parts {
		c.text.WriteString(p.text.String())
		c.args = append(c.args, p.args...)
	}
}

// question is a plan as SQL.
type question struct {
	sets        clause   // what gives the values of places that have several, to be joined before from
	values      []string // names of these
	from, where clause
	after       clause // starts after the cursor
	ok          clause // what is filtered row by row

	docs, table, at, doc string   // the documents' table, the index's, its alias in from and its column with the document's row number
	keys                 []string // columns of the index's table that the order is by
	desc                 bool
	sort                 string // " ORDER BY …", where one range is read
}

// question turns a plan into SQL over its index.
func (t *table) question(p *store.Plan) *question {
	if p.Text != nil {
		return t.textQuestion(p)
	}
	q := &question{docs: t.name, table: t.name, at: "c", doc: "rowid", desc: p.Desc}
	if m := multiOf(p.Index.Fields); m >= 0 {
		q.table, q.at, q.doc = quote(sideName(t.spec, p.Index.Name)), "m", "doc"
		q.from.add(fmt.Sprintf("%s AS m INDEXED BY %s CROSS JOIN %s AS c ON c.rowid = m.doc", q.table, indexName(t.spec, p.Index), t.name))
	} else {
		q.from.add(fmt.Sprintf("%s AS c INDEXED BY %s", t.name, indexName(t.spec, p.Index)))
	}
	q.where.add("1")
	q.ok.add("1")
	col := func(f store.Field) string { return q.at + "." + column(f) }
	for i, set := range p.Eq {
		if len(set) == 1 {
			q.where.add(" AND "+col(p.Index.Fields[i])+" = ?", set[0])
			continue
		}
		name := fmt.Sprint("v", i)
		q.values = append(q.values, name)
		q.sets.add("(SELECT value AS "+name+" FROM json_each(?)) CROSS JOIN ", list(set))
		q.where.add(" AND " + col(p.Index.Fields[i]) + " = " + name)
	}
	next := len(p.Eq)
	if p.HasAll != nil {
		f := p.Index.Fields[next]
		q.where.add(" AND "+col(f)+" = ?", p.HasAll[0])
		for _, v := range p.HasAll[1:] {
			t.has(q, f, v)
		}
	}
	if p.Ranged {
		q.bound(p, col(p.Index.Fields[next]))
	}
	if !p.Deleted {
		q.where.add(" AND c.deleted = 0")
	}
	for _, f := range p.Order {
		q.keys = append(q.keys, column(f))
	}
	q.keys = append(q.keys, "id")
	if !p.Index.Unique { // which has one row
		q.sort = q.order(prefixed(q.at+".", q.keys))
	}
	if p.After != nil {
		q.after.add(q.beyond(strings.TrimSuffix(strings.Repeat("?, ", len(q.keys)), ", ")), p.After...)
	}
	for _, c := range p.Residual {
		t.residual(q, c, p.Fields[c.Field])
	}
	return q
}

// bound keeps to the range of a field. At its near end the first row is looked
// for, unless a cursor lies within it: of two conditions SQLite would take the
// first. The far end is always there, for the index may hold what has a value only.
func (q *question) bound(p *store.Plan, col string) {
	past := func(v any) bool { return p.After != nil && (compare(p.After[0], v) >= 0) == !p.Desc }
	switch {
	case p.Desc && p.From != nil:
		q.where.add(" AND "+col+" >= ?", p.From)
	case p.Desc:
		q.where.add(" AND " + col + " >= -9223372036854775808") // before all numbers and texts
	case p.To != nil:
		q.where.add(" AND "+col+" < ?", p.To)
	default:
		q.where.add(" AND " + col + " < x''") // after all numbers and texts
	}
	switch {
	case !p.Desc && p.From != nil && !past(p.From):
		q.after.add(" AND "+col+" >= ?", p.From)
	case p.Desc && p.To != nil && !past(p.To):
		q.after.add(" AND "+col+" < ?", p.To)
	}
}

// compare compares values of one kind.
func compare(a, b any) int {
	if x, ok := scalar(a).(int64); ok {
		return cmp.Compare(x, scalar(b).(int64))
	}
	return strings.Compare(a.(string), b.(string))
}

// beyond are the rows that come after the one with these keys.
func (q *question) beyond(keys string) string {
	compare := ">"
	if q.desc {
		compare = "<"
	}
	return fmt.Sprintf(" AND (%s) %s (%s)", prefixed(q.at+".", q.keys), compare, keys)
}

func prefixed(with string, names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = with + n
	}
	return strings.Join(out, ", ")
}

// order sorts by columns, as the index does.
func (q *question) order(columns string) string {
	if q.desc {
		columns = strings.ReplaceAll(columns, ", ", " DESC, ") + " DESC"
	}
	return " ORDER BY " + columns
}

// selected begins a statement: first, NULL for a row that does not pass the filter, and the rest.
func (q *question) selected(c *clause, first, rest string) {
	c.add("SELECT CASE WHEN ")
	c.join(&q.ok)
	c.add(" THEN " + first + " END" + rest + " FROM ")
}

// list is values as one argument, however many they are.
func list(values []any) string {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = scalar(v)
	}
	text, err := json.Marshal(out)
	if err != nil {
		panic(err) // only text and numbers
	}
	return string(text)
}

func bounds(c *clause, col string, from, to any) {
	if from != nil {
		c.add(" AND "+col+" >= ?", from)
	}
	if to != nil {
		c.add(" AND "+col+" < ?", to)
	}
	if from == nil && to == nil {
		c.add(" AND " + col + " IS NOT NULL")
	}
}

func among(c *clause, col string, values []any) {
	c.add(" AND "+col+" IN (SELECT value FROM json_each(?))", list(values))
}

func (t *table) has(q *question, f store.Field, v any) {
	s := t.sideOf(f.Path)
	q.ok.add(fmt.Sprintf(" AND EXISTS (SELECT 1 FROM %s AS x WHERE x.doc = c.rowid AND x.%s = ?)", s.name, column(f)), v)
}

func (t *table) residual(q *question, c store.Cond, f store.Field) {
	if f.Multi {
		switch c.Op {
		case store.OpIn, store.OpRange:
			t.hasAny(q, "EXISTS", c, f)
			return
		case store.OpNoneOf:
			t.hasAny(q, "NOT EXISTS", c, f)
			return
		}
		for _, v := range c.Values {
			t.has(q, f, v)
		}
		return
	}
	col := "c." + column(f)
	switch c.Op {
	case store.OpEq:
		q.ok.add(" AND "+col+" = ?", c.Values[0])
	case store.OpIn:
		among(&q.ok, col, c.Values)
	case store.OpRange:
		bounds(&q.ok, col, c.Values[0], c.Values[1])
	case store.OpHasAll:
		for _, v := range c.Values {
			q.ok.add(" AND "+col+" = ?", v)
		}
	case store.OpNoneOf:
		q.ok.add(" AND ("+col+" IS NULL OR "+col+" NOT IN (SELECT value FROM json_each(?)))", list(c.Values))
	}
}

func (t *table) hasAny(q *question, exists string, c store.Cond, f store.Field) {
	q.ok.add(fmt.Sprintf(" AND "+exists+" (SELECT 1 FROM %s AS x WHERE x.doc = c.rowid", t.sideOf(f.Path).name))
	col := "x." + column(f)
	if c.Op == store.OpRange {
		bounds(&q.ok, col, c.Values[0], c.Values[1])
	} else {
		among(&q.ok, col, c.Values)
	}
	q.ok.add(")")
}
