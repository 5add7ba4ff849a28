package store

import (
	"slices"

	"go.mongodb.org/mongo-driver/bson"
)

// Less reports whether a document comes before another in the plan's order.
func (p *Plan) Less(a, b bson.Raw) bool {
	c := compareKeys(p.sortKey(a), p.sortKey(b))
	if p.Desc {
		return c > 0
	}
	return c < 0
}

// Passes reports whether a document meets the residual conditions.
func (p *Plan) Passes(doc bson.Raw) bool {
	return !slices.ContainsFunc(p.Residual, func(c Cond) bool { return !p.Fields[c.Field].matches(c, doc) })
}

// mayHold tells of documents whether they could be on one of the plan's pages, as far as they tell without the terms of a text.
func (p *Plan) mayHold() func(doc bson.Raw) bool {
	var conds []Cond
	var on []Field
	for i, set := range p.Eq {
		conds, on = append(conds, Cond{Op: OpIn, Values: set}), append(on, p.Index.Fields[i])
	}
	switch next := len(p.Eq); {
	case p.Ranged && p.Text != nil:
		conds, on = append(conds, Cond{Op: OpRange, Values: []any{p.From, p.To}}), append(on, *p.Text.Order)
	case p.Ranged:
		conds, on = append(conds, Cond{Op: OpRange, Values: []any{p.From, p.To}}), append(on, p.Index.Fields[next])
	case p.HasAll != nil:
		conds, on = append(conds, Cond{Op: OpHasAll, Values: p.HasAll}), append(on, p.Index.Fields[next])
	}
	for _, c := range p.Scopes {
		conds, on = append(conds, c), append(on, p.Fields[c.Field])
	}
	return func(doc bson.Raw) bool {
		for i, c := range conds {
			if !on[i].matches(c, doc) {
				return false
			}
		}
		gone, _ := doc.Lookup("deleted").BooleanOK()
		return (!gone || p.Deleted) && p.Passes(doc)
	}
}

func (f Field) matches(c Cond, doc bson.Raw) bool {
	has := f.values(doc)
	is := func(v any) bool {
		return slices.ContainsFunc(has, func(h any) bool { return compareValues(h, v) == 0 })
	}
	switch c.Op {
	case OpHasAll:
		return !slices.ContainsFunc(c.Values, func(v any) bool { return !is(v) })
	case OpRange:
		from, to := c.Values[0], c.Values[1]
		return slices.ContainsFunc(has, func(h any) bool {
			return (from == nil || compareValues(h, from) >= 0) && (to == nil || compareValues(h, to) < 0)
		})
	}
	return slices.ContainsFunc(c.Values, is) == (c.Op != OpNoneOf)
}
