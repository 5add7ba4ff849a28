package sqlite

import (
	"fmt"
	"strings"
)

// counting asks for every row of the question, in any order.
func (q *question) counting(first, rest string) *clause {
	c := &clause{}
	q.selected(c, first, rest)
	c.join(&q.sets, &q.from)
	c.add(" WHERE ")
	c.join(&q.where, &q.after)
	return c
}

// listing asks for the rows in the order of the index.
func (q *question) listing(first, rest string) *clause {
	if len(q.values) > 0 {
		return q.joined(first, rest)
	}
	c := q.counting(first, rest)
	c.add(q.sort)
	return c
}

// joined asks for the rows of several ranges of the index in one order. It
// holds the first row of each range in a queue, takes the one that comes first,
// and puts the next row of its range there: as much of a range is read as is taken.
func (q *question) joined(first, rest string) *clause {
	keys := make([]string, len(q.keys))
	positions := make([]string, len(q.keys))
	for i := range keys {
		keys[i], positions[i] = fmt.Sprint("k", i), fmt.Sprint(len(q.values)+i+1)
	}
	values := strings.Join(q.values, ", ")
	row := fmt.Sprintf("SELECT %s, %s, n.%s FROM ", values, prefixed("n.", q.keys), q.doc)
	c := &clause{}
	c.add(fmt.Sprintf("WITH RECURSIVE walk(%s, %s, doc) AS (%s", values, strings.Join(keys, ", "), row))
	c.join(&q.sets)
	q.next(c, &q.after)
	past := &clause{}
	past.add(q.beyond(prefixed("+w.", keys))) // with + they have no affinity: the index finds them by all keys, not only the first
	c.add(" UNION ALL " + row + "walk AS w CROSS JOIN ")
	q.next(c, past)
	c.add(q.order(strings.Join(positions, ", ")) + ") ")
	q.selected(c, first, rest)
	c.add(fmt.Sprintf("walk AS w CROSS JOIN %s AS c ON c.rowid = w.doc", q.docs))
	return c
}

// next joins the first row of a range from there on.
func (q *question) next(c, from *clause) {
	c.add(fmt.Sprintf("%s AS n ON n.rowid = (SELECT %s.rowid FROM ", q.table, q.at))
	c.join(&q.from)
	c.add(" WHERE ")
	c.join(&q.where, from)
	c.add(q.sort + " LIMIT 1)")
}
