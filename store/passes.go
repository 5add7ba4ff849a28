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
	return !slices.ContainsFunc(p.Residual, func(c Cond) bool { return !p.Fields[c.Field].meets(c, doc) })
}

func (f Field) meets(c Cond, doc bson.Raw) bool {
	has, multi := f.Value(doc).([]any)
	if v := f.Value(doc); !multi && v != nil {
		has = []any{v}
	}
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
	return slices.ContainsFunc(c.Values, is)
}
