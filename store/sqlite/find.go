package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/bson"

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

// question is a plan as SQL.
type question struct {
	from, where, order clause
	ok                 clause // what is filtered row by row
}

// question turns a plan into SQL over its index, in its order.
func (t *table) question(p *store.Plan) *question {
	if p.Text != nil {
		return t.textQuestion(p)
	}
	q := &question{}
	at := "c" // alias of the index's table
	if m := multiOf(p.Index.Fields); m >= 0 {
		at = "m"
		q.from.add(fmt.Sprintf("%s AS m INDEXED BY %s CROSS JOIN %s AS c ON c.rowid = m.doc", quote(sideName(t.spec, p.Index.Name)), indexName(t.spec, p.Index), t.name))
	} else {
		q.from.add(fmt.Sprintf("%s AS c INDEXED BY %s", t.name, indexName(t.spec, p.Index)))
	}
	q.where.add("1")
	q.ok.add("1")
	col := func(f store.Field) string { return at + "." + column(f) }
	for i, v := range p.Eq {
		q.where.add(" AND "+col(p.Index.Fields[i])+" = ?", v)
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
		bounds(&q.where, col(p.Index.Fields[next]), p.From, p.To)
	}
	if !p.Deleted {
		q.where.add(" AND c.deleted = 0")
	}
	t.keyset(q, p, at)
	for _, c := range p.Residual {
		t.residual(q, c, p.Fields[c.Field])
	}
	return q
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

// among compares with a list, which goes in as one argument however long it is.
func among(c *clause, col string, values []any) {
	list := make([]any, len(values))
	for i, v := range values {
		list[i] = scalar(v)
	}
	text, err := json.Marshal(list)
	if err != nil {
		panic(err) // only text and numbers
	}
	c.add(" AND "+col+" IN (SELECT value FROM json_each(?))", string(text))
}

// keyset orders by what follows in the index and the id, and starts after the cursor.
func (t *table) keyset(q *question, p *store.Plan, at string) {
	direction, beyond := "", ">"
	if p.Desc {
		direction, beyond = " DESC", "<"
	}
	var keys, order []string
	for _, f := range p.Order {
		keys = append(keys, at+"."+column(f))
	}
	keys = append(keys, at+".id")
	for _, k := range keys {
		order = append(order, k+direction)
	}
	if !p.Index.Unique {
		q.order.add(" ORDER BY " + strings.Join(order, ", "))
	}
	if p.After != nil {
		marks := strings.TrimSuffix(strings.Repeat("?, ", len(keys)), ", ")
		q.where.add(fmt.Sprintf(" AND (%s) %s (%s)", strings.Join(keys, ", "), beyond, marks), p.After...)
	}
}

func (t *table) has(q *question, f store.Field, v any) {
	s := t.sideOf(f.Path)
	q.ok.add(fmt.Sprintf(" AND EXISTS (SELECT 1 FROM %s AS x WHERE x.doc = c.rowid AND x.%s = ?)", s.name, column(f)), v)
}

func (t *table) residual(q *question, c store.Cond, f store.Field) {
	if f.Multi {
		if c.Op == store.OpIn || c.Op == store.OpRange {
			t.hasAny(q, c, f)
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
	}
}

func (t *table) hasAny(q *question, c store.Cond, f store.Field) {
	q.ok.add(fmt.Sprintf(" AND EXISTS (SELECT 1 FROM %s AS x WHERE x.doc = c.rowid", t.sideOf(f.Path).name))
	col := "x." + column(f)
	if c.Op == store.OpRange {
		bounds(&q.ok, col, c.Values[0], c.Values[1])
	} else {
		among(&q.ok, col, c.Values)
	}
	q.ok.add(")")
}

// statement selects first, NULL for a row that does not pass the filter, and the rest.
func (q *question) statement(first, rest string) (string, []any) {
	text := "SELECT CASE WHEN " + q.ok.text.String() + " THEN " + first + " END" + rest +
		" FROM " + q.from.text.String() + " WHERE " + q.where.text.String() + q.order.text.String()
	return text, append(slices.Clone(q.ok.args), q.where.args...)
}

// asker runs a statement: the readers, or the writer's transaction.
type asker func(ctx context.Context, text string, args []any) (*sql.Rows, error)

func (e *Engine) ask(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	st, err := e.prepared(ctx, text)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

// walk runs the plan and calls row for every row examined, until limit of
// them passed the filter (0: all); row says whether its one did.
func (t *table) walk(ctx context.Context, p *store.Plan, limit int, first, rest string, ask asker, row func(*sql.Rows) (bool, error)) error {
	text, args := t.question(t.rarest(ctx, p, ask)).statement(first, rest)
	rows, err := ask(ctx, text, args)
	if err != nil {
		return problem(err)
	}
	defer rows.Close()
	for examined, found := 0, 0; (limit == 0 || found < limit) && rows.Next(); {
		if examined++; examined > p.Cap {
			return store.ErrTooBroad
		}
		passed, err := row(rows)
		if err != nil {
			return problem(err)
		}
		if passed {
			found++
		}
	}
	return problem(rows.Err())
}

// probe is how many rows are looked at to tell a rare value from a common one.
const probe = 200

// rarest puts the value of a has-all first that fewest documents have: it drives the index.
func (t *table) rarest(ctx context.Context, p *store.Plan, ask asker) *store.Plan {
	if len(p.HasAll) < 2 {
		return p
	}
	best, fewest := 0, probe+1
	for i, v := range p.HasAll {
		one := *p
		one.HasAll, one.Residual, one.After = []any{v}, nil, nil
		q := t.question(&one)
		rows, err := ask(ctx, fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM %s WHERE %s LIMIT %d)", q.from.text.String(), q.where.text.String(), probe), q.where.args)
		if err != nil {
			return p
		}
		n := fewest
		if rows.Next() {
			_ = rows.Scan(&n)
		}
		_ = rows.Close()
		if n < fewest {
			best, fewest = i, n
		}
	}
	out := *p
	out.HasAll = append([]any{p.HasAll[best]}, slices.Delete(slices.Clone(p.HasAll), best, best+1)...)
	return &out
}

// Find runs the plan on the readers.
func (e *Engine) Find(ctx context.Context, spec *store.Spec, p *store.Plan) ([]bson.Raw, error) {
	if p.Text != nil {
		return e.table(spec).page(ctx, p, e.ask)
	}
	var out []bson.Raw
	err := e.table(spec).walk(ctx, p, p.Limit, "c.doc", "", e.ask, func(rows *sql.Rows) (bool, error) {
		var doc []byte
		err := rows.Scan(&doc)
		if doc != nil {
			out = append(out, doc)
		}
		return doc != nil, err
	})
	return out, err
}

// Count counts what the plan matches by the values of a field.
func (e *Engine) Count(ctx context.Context, spec *store.Spec, p *store.Plan, by string) (map[string]int64, error) {
	t, counted := e.table(spec), "''"
	if by != "" {
		f := p.Fields[by]
		if f.Multi {
			return nil, fmt.Errorf("sqlite: count of %s by the multi-valued %s", spec.Name, by)
		}
		counted = "c." + column(p.Fields[by])
	}
	out := map[string]int64{}
	err := t.walk(ctx, p, 0, "1", ", "+counted, e.ask, func(rows *sql.Rows) (bool, error) {
		var passed sql.NullInt64
		var value any
		if err := rows.Scan(&passed, &value); err != nil || !passed.Valid {
			return false, err
		}
		out[group(p.Fields[by], value)]++
		return true, nil
	})
	return out, err
}

// group is a counted value as text: "" for an absent one.
func group(f store.Field, value any) string {
	switch {
	case value == nil:
		return ""
	case f.Kind == store.Bool:
		return fmt.Sprint(value == int64(1))
	case f.Kind == store.Time:
		return time.UnixMilli(value.(int64)).UTC().Format(time.RFC3339Nano)
	}
	return fmt.Sprint(value)
}
