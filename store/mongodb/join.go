package mongodb

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"wangge/store"
)

// mostScans is how many ranges of an index the server joins in order
// (internalQueryMaxScansToExplode); of more it would sort everything.
const mostScans = 200

// cut splits a plan into plans that the server joins.
func cut(p *store.Plan) []*store.Plan {
	if p.Scans() <= mostScans {
		return []*store.Plan{p}
	}
	longest := 0
	for i, set := range p.Eq {
		if len(set) > len(p.Eq[longest]) {
			longest = i
		}
	}
	half := func(values []any) []*store.Plan {
		part := *p
		part.Eq = slices.Clone(p.Eq)
		part.Eq[longest] = values
		return cut(&part)
	}
	set := p.Eq[longest]
	return append(half(set[:len(set)/2]), half(set[len(set)/2:])...)
}

// beyond is for a plan of several ranges, which the server would sort if there
// were alternatives: a bound of the first sort key, from which those that
// equal it there and come before are filtered.
func beyond(p *store.Plan) bson.A {
	from, before := "$gte", "$lt"
	if p.Desc {
		from, before = "$lte", "$gt"
	}
	var ties bson.A
	var same bson.D
	for i, v := range p.After {
		if i > 0 {
			ties = append(ties, append(slices.Clone(same), bson.E{Key: key(p, i), Value: d(before, v)}))
		}
		same = append(same, bson.E{Key: key(p, i), Value: d("$eq", v)})
	}
	return bson.A{d(key(p, 0), d(from, p.After[0])), d("$nor", append(ties, same))}
}

// key is the path of a sort key.
func key(p *store.Plan, i int) string {
	if i < len(p.Order) {
		return p.Order[i].Path
	}
	return "_id"
}

// join reads the parts of a cut plan as of one moment and joins them in order.
func (e *Engine) join(ctx context.Context, c *mongo.Collection, p *store.Plan) (raws []bson.Raw, err error) {
	if mongo.SessionFromContext(ctx) != nil { // a transaction, which is one moment
		return join(ctx, c, p)
	}
	err = e.client.UseSessionWithOptions(ctx, options.Session().SetSnapshot(true), func(ctx mongo.SessionContext) error {
		raws, err = join(ctx, c, p)
		return err
	})
	return raws, err
}

func join(ctx context.Context, c *mongo.Collection, p *store.Plan) ([]bson.Raw, error) {
	var heads []*mongo.Cursor
	defer func() {
		for _, cur := range heads {
			_ = cur.Close(ctx)
		}
	}()
	for _, part := range cut(p) {
		pipeline := served(part)
		if len(p.Residual) == 0 {
			pipeline = append(pipeline, d("$limit", p.Limit))
		}
		pipeline = append(pipeline, d("$project", d(termsField, 0)))
		cur, err := c.Aggregate(ctx, pipeline, hinted(part).SetBatchSize(int32(p.Limit+1)))
		if err != nil {
			return nil, err
		}
		heads = append(heads, cur)
		if !cur.Next(ctx) {
			if cur.Err() != nil {
				return nil, cur.Err()
			}
			heads = heads[:len(heads)-1]
		}
	}
	var out []bson.Raw
	for examined := 0; len(out) < p.Limit && len(heads) > 0; {
		if examined++; examined > p.Cap {
			return nil, store.ErrTooBroad
		}
		first := 0
		for i, cur := range heads {
			if p.Less(cur.Current, heads[first].Current) {
				first = i
			}
		}
		if cur := heads[first]; p.Passes(cur.Current) {
			out = append(out, slices.Clone(cur.Current))
		}
		if cur := heads[first]; !cur.Next(ctx) {
			if cur.Err() != nil {
				return nil, cur.Err()
			}
			heads = slices.Delete(heads, first, first+1)
		}
	}
	return out, nil
}
