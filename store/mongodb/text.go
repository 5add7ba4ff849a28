package mongodb

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
	"go.mongodb.org/mongo-driver/x/bsonx/bsoncore"

	"wangge/store"
)

// termsField of a stored document has its terms and the values of its scopes,
// which the text indexes are on. No read returns it.
const termsField = "_terms"

// scopeTerm is the value of a scope among the terms, and plainTerm a term: it begins with no NUL or with two.
func scopeTerm(path, value string) string { return "\x00" + path + "\x00" + value }

func plainTerm(term string) string {
	if strings.HasPrefix(term, "\x00") {
		return "\x00" + term
	}
	return term
}

func plainTerms(terms []string) bson.A {
	out := make(bson.A, len(terms))
	for i, term := range terms {
		out[i] = plainTerm(term)
	}
	return out
}

// stored is the document of a write as it is put into the database.
func stored(w store.Write) bson.Raw {
	if len(w.Terms) == 0 {
		return w.Doc
	}
	seen := map[string]bool{}
	var all []string
	for _, text := range w.Spec.Texts {
		for _, f := range text.Scopes {
			if v, ok := f.Value(w.Doc).(string); ok && !seen[f.Path] {
				seen[f.Path] = true
				all = append(all, scopeTerm(f.Path, v))
			}
		}
	}
	terms := bsoncore.NewArrayBuilder()
	for _, term := range w.Terms {
		all = append(all, plainTerm(term))
	}
	for _, term := range all {
		terms.AppendString(term)
	}
	n := len(w.Doc) - 1 // without the zero at its end
	doc := append(make(bson.Raw, 0, len(w.Doc)+24*(len(all))), w.Doc[:n]...)
	doc = bsoncore.AppendArrayElement(doc, termsField, terms.Build())
	doc, _ = bsoncore.AppendDocumentEnd(doc, 0)
	return doc
}

// visible is what reads of a collection return of its documents; nil for all.
func visible(spec *store.Spec) bson.D {
	if len(spec.Texts) == 0 {
		return nil
	}
	return d(termsField, 0)
}

// textModel is a text index as MongoDB knows it.
func textModel(text *store.Text) mongo.IndexModel {
	keys := d(termsField, 1)
	if text.Order != nil {
		keys = append(keys, bson.E{Key: text.Order.Path, Value: 1})
	}
	return mongo.IndexModel{Keys: append(keys, bson.E{Key: "_id", Value: 1}), Options: options.Index().SetName(text.Name)}
}

// drivers is how many terms of a query may drive the index. The server looks
// at each of them against all others, which takes a second for a hundred.
const drivers = 8

// matched are the terms and scopes that a plan asks for, after its cursor
// where the index has the order. The scopes and the longest terms, which are
// likely to be rare, can drive the index: the server tries all of them, each in
// the order of the index, and goes on with the one that soonest has the page.
// The other terms and the tie after a cursor are filters.
func matched(p *store.Plan) bson.D {
	terms := slices.SortedStableFunc(slices.Values(p.Terms), func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	var all, rest bson.A
	if p.AnyTerm {
		all, terms = bson.A{d(termsField, d("$in", plainTerms(terms)))}, nil
	}
	for i, term := range terms {
		if i < drivers {
			all = append(all, d(termsField, d("$eq", plainTerm(term))))
		} else {
			rest = append(rest, plainTerm(term))
		}
	}
	if len(rest) > 0 {
		all = append(all, d("$expr", d("$setIsSubset", bson.A{d("$literal", rest), "$" + termsField})))
	}
	for _, c := range p.Scopes {
		values := bson.A{}
		for _, v := range c.Values {
			values = append(values, scopeTerm(c.Field, v.(string)))
		}
		all = append(all, d(termsField, d("$in", values)))
	}
	if p.Ranged {
		all = append(all, condition(*p.Text.Order, store.OpRange, []any{p.From, p.To}))
	}
	if p.After == nil || p.Sorted {
		return and(all)
	}
	onwards, before, path := "$gte", "$lte", p.Text.Order.Path
	if p.Desc {
		onwards, before = before, onwards
	}
	all = append(all, d(path, d(onwards, p.After[0])),
		d("$nor", bson.A{and(bson.A{d(path, d("$eq", p.After[0])), d("_id", d(before, p.After[1]))})})) // which drives no index
	return and(all)
}

// sorted runs the plan of a text index without an order.
func sorted(ctx context.Context, c *mongo.Collection, p *store.Plan) ([]bson.Raw, error) {
	pipeline := mongo.Pipeline{d("$match", matched(p))}
	if len(p.Residual) > 0 {
		pipeline = append(pipeline, d("$limit", p.Cap), d("$match", residual(p)))
	}
	pipeline = append(pipeline, d("$limit", store.MaxSorted+1), d("$project", d(termsField, 0)))
	raws, err := aggregate(ctx, c, p, pipeline, store.MaxSorted+1)
	if err != nil {
		return nil, err
	}
	if len(raws) > store.MaxSorted {
		return nil, store.ErrTooBroad
	}
	if len(p.Residual) > 0 {
		beyond, err := aggregate(ctx, c, p, mongo.Pipeline{d("$match", matched(p)), d("$skip", p.Cap), d("$limit", 1), d("$project", d("_id", 1))}, 1)
		if err != nil {
			return nil, err
		}
		if len(beyond) > 0 {
			return nil, store.ErrTooBroad
		}
	}
	return p.Page(raws), nil
}
