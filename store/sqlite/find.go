package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/store"
)

// asker runs a statement: the readers, or the writer's transaction.
type asker func(ctx context.Context, text string, args []any) (*sql.Rows, error)

func (e *Engine) ask(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	st, err := e.prepared(ctx, text)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

// list runs the plan in its order and calls row for every row examined, until
// plan.Limit of them passed the filter; row says whether its one did.
func (t *table) list(ctx context.Context, p *store.Plan, first, rest string, ask asker, row func(*sql.Rows) (bool, error)) error {
	return walk(ctx, p, t.question(t.rarest(ctx, p, ask)).listing(first, rest), p.Limit, ask, row)
}

// walk calls row for every row of a statement, until limit of them passed the filter (0: all).
func walk(ctx context.Context, p *store.Plan, statement *clause, limit int, ask asker, row func(*sql.Rows) (bool, error)) error {
	rows, err := ask(ctx, statement.text.String(), statement.args)
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
		c := &clause{}
		c.add("SELECT count(*) FROM (")
		c.join(t.question(&one).counting("1", ""))
		c.add(fmt.Sprintf(" LIMIT %d)", probe))
		rows, err := ask(ctx, c.text.String(), c.args)
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
	var doc document // for every row
	err := e.table(spec).list(ctx, p, "c.doc", "", e.ask, func(rows *sql.Rows) (bool, error) {
		if err := rows.Scan(&doc); err != nil || doc == nil {
			return false, err
		}
		raw, err := e.dictionaries.unpack(doc)
		out = append(out, raw)
		return true, err
	})
	if !errors.Is(err, errSpoilt) {
		return out, err
	}
	var ids []string
	err = e.table(spec).list(ctx, p, "c.id", "", e.ask, func(rows *sql.Rows) (bool, error) {
		var id sql.NullString
		err := rows.Scan(&id)
		if id.Valid {
			ids = append(ids, id.String)
		}
		return id.Valid, err
	})
	if err != nil {
		return nil, err
	}
	return e.apart(ctx, spec, ids)
}

// document is scanned without a copy: the driver makes the bytes for each row.
type document []byte

func (d *document) Scan(v any) error {
	*d, _ = v.([]byte)
	return nil
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
	err := walk(ctx, p, t.question(t.rarest(ctx, p, e.ask)).counting("1", ", "+counted), 0, e.ask, func(rows *sql.Rows) (bool, error) {
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
