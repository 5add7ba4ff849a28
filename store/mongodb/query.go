package mongodb

import (
	"context"
	"math"
	"slices"
	"strconv"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"wangge/store"
)

func d(key string, value any) bson.D { return bson.D{{Key: key, Value: value}} }

// lookUp finds by ids; only holds the names of the fields wanted besides, all when nil.
func lookUp(ctx context.Context, c *mongo.Collection, ids []string, only bson.D) ([]bson.Raw, error) {
	var filter bson.D
	switch len(ids) {
	case 0:
		return nil, nil
	case 1: // the server has a short way for this
		filter = d("_id", ids[0])
	default:
		filter = d("_id", d("$in", ids))
	}
	opts := options.Find().SetBatchSize(int32(min(len(ids)+1, math.MaxInt32)))
	if only != nil {
		opts.SetProjection(only)
	}
	cur, err := c.Find(ctx, filter, opts)
	if err != nil {
		return nil, err
	}
	return drain(ctx, cur)
}

func drain(ctx context.Context, cur *mongo.Cursor) ([]bson.Raw, error) {
	defer func() { _ = cur.Close(ctx) }()
	var out []bson.Raw
	for cur.Next(ctx) {
		out = append(out, slices.Clone(cur.Current))
	}
	return out, cur.Err()
}

// Find runs the plan on its index.
func (e *Engine) Find(ctx context.Context, spec *store.Spec, p *store.Plan) ([]bson.Raw, error) {
	raws, err := e.run(ctx, e.collection(spec), p, visible(spec))
	return raws, readErr(ctx, err)
}

// run finds a page. The index part of the plan is matched and sorted by the
// hinted index; of that, the residual conditions see few documents first and
// then more, up to plan.Cap: the server reads all it may see at once.
func (e *Engine) run(ctx context.Context, c *mongo.Collection, p *store.Plan, only bson.D) ([]bson.Raw, error) {
	switch {
	case p.Sorted:
		return sorted(ctx, c, p)
	case p.Scans() > mostScans:
		return e.join(ctx, c, p)
	case len(p.Residual) == 0:
		return simple(ctx, c, p, only)
	}
	for seen := min(4*p.Limit+64, p.Cap); ; seen = min(8*seen, p.Cap) {
		pipeline := page(p, seen)
		if only != nil {
			pipeline = append(pipeline, d("$project", only))
		}
		raws, err := aggregate(ctx, c, p, pipeline, p.Limit)
		if err != nil || len(raws) == p.Limit {
			return raws, err
		}
		beyond, err := aggregate(ctx, c, p, append(served(p), d("$skip", seen), d("$limit", 1), d("$project", d("_id", 1))), 1)
		if err != nil || len(beyond) == 0 {
			return raws, err
		}
		if seen == p.Cap {
			return nil, store.ErrTooBroad
		}
	}
}

// simple finds a page that the index alone answers: a find costs the server half of what a pipeline does.
func simple(ctx context.Context, c *mongo.Collection, p *store.Plan, only bson.D) ([]bson.Raw, error) {
	opts := options.Find().SetHint(hint(p)).SetLimit(int64(p.Limit)).SetBatchSize(int32(p.Limit + 1))
	if by := order(p); by != nil {
		opts.SetSort(by)
	}
	if only != nil {
		opts.SetProjection(only)
	}
	cur, err := c.Find(ctx, indexed(p), opts)
	if err != nil {
		return nil, err
	}
	return drain(ctx, cur)
}

func aggregate(ctx context.Context, c *mongo.Collection, p *store.Plan, pipeline mongo.Pipeline, most int) ([]bson.Raw, error) {
	cur, err := c.Aggregate(ctx, pipeline, hinted(p).SetBatchSize(int32(most+1)))
	if err != nil {
		return nil, err
	}
	return drain(ctx, cur)
}

func hinted(p *store.Plan) *options.AggregateOptions { return options.Aggregate().SetHint(hint(p)) }

// hint is the name of the index that serves the plan.
func hint(p *store.Plan) string {
	if p.Text != nil {
		return p.Text.Name
	}
	return p.Index.Name
}

// page finds the page among the first documents of the index part, by the residual conditions.
func page(p *store.Plan, seen int) mongo.Pipeline {
	return append(served(p), d("$limit", seen), d("$match", residual(p)), d("$limit", p.Limit))
}

// served is the part of a plan that its index answers: match and sort.
func served(p *store.Plan) mongo.Pipeline {
	pipeline := mongo.Pipeline{d("$match", indexed(p))}
	if by := order(p); by != nil {
		pipeline = append(pipeline, d("$sort", by))
	}
	return pipeline
}

// order is what a plan sorts by; nil where it finds one document at most.
func order(p *store.Plan) bson.D {
	if p.Text == nil && p.Index.Unique {
		return nil
	}
	direction := 1
	if p.Desc {
		direction = -1
	}
	var by bson.D
	for _, f := range p.Order {
		by = append(by, bson.E{Key: f.Path, Value: direction})
	}
	return append(by, bson.E{Key: "_id", Value: direction})
}

// indexed are the conditions of the index part.
func indexed(p *store.Plan) bson.D {
	if p.Text != nil {
		return matched(p)
	}
	var all bson.A
	for i, set := range p.Eq {
		all = append(all, condition(p.Index.Fields[i], store.OpIn, set))
	}
	if next := len(p.Eq); p.Ranged {
		all = append(all, condition(p.Index.Fields[next], store.OpRange, []any{p.From, p.To}))
	} else if p.HasAll != nil {
		all = append(all, condition(p.Index.Fields[next], store.OpHasAll, p.HasAll))
	}
	if !p.Deleted {
		all = append(all, d("deleted", d("$eq", false)))
	}
	switch {
	case p.After == nil:
		return and(all)
	case p.Scans() > 1:
		return and(append(all, beyond(p)...))
	}
	return alternatives(p, all)
}

// alternatives is for a plan of one range, after a cursor: one for each sort
// key, every one complete. The server then scans the index once for each and
// merges the scans in order.
func alternatives(p *store.Plan, same bson.A) bson.D {
	compare := "$gt"
	if p.Desc {
		compare = "$lt"
	}
	var branches bson.A
	for i, v := range p.After {
		branches = append(branches, and(append(slices.Clone(same), d(key(p, i), d(compare, v)))))
		same = append(same, d(key(p, i), d("$eq", v)))
	}
	return d("$or", branches)
}

func and(all bson.A) bson.D {
	if len(all) == 0 {
		return bson.D{}
	}
	return d("$and", all)
}

func residual(p *store.Plan) bson.D {
	var all bson.A
	for _, c := range p.Residual {
		all = append(all, condition(p.Fields[c.Field], c.Op, c.Values))
	}
	return and(all)
}

// condition compares a field with values of its own type only, so that an absent one, or null, matches only where none of the values is asked for.
func condition(f store.Field, op store.Op, values []any) bson.D {
	switch op {
	case store.OpIn:
		if len(values) != 1 {
			return d(f.Path, d("$in", append(bson.A{}, values...)))
		}
	case store.OpHasAll:
		return d(f.Path, d("$all", values))
	case store.OpNoneOf:
		return d(f.Path, d("$nin", append(bson.A{}, values...)))
	case store.OpRange:
		from, to := values[0], values[1]
		if from == nil {
			from = lowest[f.Kind]
		}
		bounds := d("$gte", from)
		if to != nil {
			bounds = append(bounds, bson.E{Key: "$lt", Value: to})
		}
		return d(f.Path, bounds)
	}
	return d(f.Path, d("$eq", values[0]))
}

// lowest is the least value of each kind.
var lowest = map[store.Kind]any{
	store.String: "", store.Int: int64(math.MinInt64), store.Time: primitive.DateTime(math.MinInt64), store.Bool: false,
}

// Count counts on the plan's index.
func (e *Engine) Count(ctx context.Context, spec *store.Spec, p *store.Plan, by string) (map[string]int64, error) {
	counts, err := count(ctx, e.collection(spec), p, by)
	return counts, readErr(ctx, err)
}

func count(ctx context.Context, c *mongo.Collection, p *store.Plan, by string) (map[string]int64, error) {
	var group any
	if by != "" {
		group = "$" + by
	}
	grouped := bson.A{d("$group", bson.D{{Key: "_id", Value: group}, {Key: "n", Value: d("$sum", 1)}})}
	if len(p.Residual) > 0 {
		grouped = append(bson.A{d("$match", residual(p))}, grouped...)
	}
	cur, err := c.Aggregate(ctx, mongo.Pipeline{
		d("$match", indexed(p)), d("$limit", p.Cap+1),
		d("$facet", bson.D{{Key: "examined", Value: bson.A{d("$count", "n")}}, {Key: "groups", Value: grouped}}),
	}, hinted(p))
	if err != nil {
		return nil, err
	}
	type counted struct {
		Of bson.RawValue `bson:"_id"`
		N  int64         `bson:"n"`
	}
	var out []struct{ Examined, Groups []counted }
	if err := cur.All(ctx, &out); err != nil {
		return nil, err
	}
	counts := map[string]int64{}
	for _, facet := range out {
		if len(facet.Examined) > 0 && facet.Examined[0].N > int64(p.Cap) {
			return nil, store.ErrTooBroad
		}
		for _, g := range facet.Groups {
			counts[groupName(g.Of)] += g.N
		}
	}
	return counts, nil
}

func groupName(v bson.RawValue) string {
	switch v.Type {
	case bson.TypeString:
		return v.StringValue()
	case bson.TypeBoolean:
		return strconv.FormatBool(v.Boolean())
	case bson.TypeInt32, bson.TypeInt64:
		return strconv.FormatInt(v.AsInt64(), 10)
	}
	return ""
}

// Remove deletes documents that are still at the versions given.
func (e *Engine) Remove(ctx context.Context, spec *store.Spec, stamps []store.Stamp) error {
	if len(stamps) == 0 {
		return nil
	}
	deletes := make([]mongo.WriteModel, len(stamps))
	for i, s := range stamps {
		deletes[i] = mongo.NewDeleteOneModel().SetFilter(at(s.ID, s.Version))
	}
	_, err := e.collection(spec).BulkWrite(ctx, deletes, options.BulkWrite().SetOrdered(false))
	return readErr(ctx, err)
}

// at matches a document at one version; no stored one has version 0.
func at(id string, version int64) bson.D {
	return bson.D{{Key: "_id", Value: id}, {Key: "version", Value: version}}
}
