package mongodb

import (
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"wangge/store"
)

// Parts are the terms of text indexes, which are written with the documents;
// the other indexes the server keeps itself.
func (e *Engine) Parts(spec *store.Spec) (out []store.Part) {
	scopes := ""
	for _, text := range spec.Texts { // all of them share the field
		for _, f := range text.Scopes {
			scopes += ", " + f.Path
		}
	}
	for _, text := range spec.Texts {
		out = append(out, store.Part{Of: text.Name, As: "terms" + scopes})
	}
	return out
}

// Shared: any number of nodes have the database open.
func (e *Engine) Shared() bool { return true }

// Size is the server's own estimate.
func (e *Engine) Size(ctx context.Context, spec *store.Spec) (int64, error) {
	n, err := e.collection(spec).EstimatedDocumentCount(ctx)
	return n, readErr(ctx, err)
}

// Scan reads by the index of ids.
func (e *Engine) Scan(ctx context.Context, spec *store.Spec, after string, limit int) ([]bson.Raw, error) {
	opts := options.Find().SetHint("_id_").SetSort(d("_id", 1)).SetLimit(int64(limit)).SetBatchSize(int32(limit + 1))
	if only := visible(spec); only != nil {
		opts.SetProjection(only)
	}
	cur, err := e.collection(spec).Find(ctx, d("_id", d("$gt", after)), opts)
	if err != nil {
		return nil, readErr(ctx, err)
	}
	raws, err := drain(ctx, cur)
	return raws, readErr(ctx, err)
}

// Rewrite replaces each document that is still the same, whole.
func (e *Engine) Rewrite(ctx context.Context, spec *store.Spec, documents []store.Rewrite) error {
	models := make([]mongo.WriteModel, len(documents))
	var seen any = "$$ROOT"
	if len(spec.Texts) > 0 {
		seen = d("$unsetField", bson.D{{Key: "field", Value: termsField}, {Key: "input", Value: "$$ROOT"}})
	}
	for i, w := range documents {
		same := append(at(w.ID, w.Old), bson.E{Key: "$expr", Value: d("$eq", bson.A{seen, d("$literal", w.Was)})})
		models[i] = mongo.NewReplaceOneModel().SetFilter(same).SetReplacement(stored(w.Write))
	}
	_, err := e.collection(spec).BulkWrite(ctx, models, options.BulkWrite().SetOrdered(false))
	if dup := duplicate(spec, err); dup != nil {
		return dup
	}
	return readErr(ctx, err)
}

// Build makes the indexes; the server goes on with reads and writes meanwhile.
func (e *Engine) Build(ctx context.Context, spec *store.Spec, indexes []string) error {
	var wanted []mongo.IndexModel
	for _, model := range models(spec) {
		if slices.Contains(indexes, *model.Options.Name) {
			wanted = append(wanted, model)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	err := e.make(ctx, e.collection(spec), wanted)
	if dup := duplicate(spec, err); dup != nil {
		return dup
	}
	return readErr(ctx, err)
}

// Prune drops the indexes that are not declared, one after the other.
func (e *Engine) Prune(ctx context.Context, spec *store.Spec) error {
	c := e.collection(spec)
	have, err := e.indexes(ctx, c)
	if err != nil {
		return readErr(ctx, err)
	}
	for _, ix := range have {
		if ix.Name == "_id_" || slices.ContainsFunc(models(spec), func(model mongo.IndexModel) bool { return *model.Options.Name == ix.Name }) {
			continue
		}
		if err := drop(ctx, c, ix.Name); err != nil {
			return readErr(ctx, fmt.Errorf("store: drop index %s of %s: %w", ix.Name, spec.Name, err))
		}
	}
	return nil
}
