package mongodb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"wangge/store"
)

// Collections of the engine's own; a declared one cannot have these names.
const (
	countersName = "counters"
	filesName    = "blobs.files"
	chunksName   = "blobs.chunks"
)

// Server codes about making collections and indexes.
const (
	namespaceExists  = 48
	indexNotFound    = 27
	indexOptions     = 85 // the same index under another name or with other options
	indexDefinition  = 86 // another index under this name
	namespaceMissing = 26
)

// Setup makes collections and their indexes, outside of any transaction.
// Several nodes may do so at once. An index whose definition has changed is built anew.
func (e *Engine) Setup(ctx context.Context, specs []*store.Spec) ([]store.Found, error) {
	names, err := e.db.ListCollectionNames(ctx, bson.D{})
	if err != nil {
		return nil, readErr(ctx, err)
	}
	var there []string
	for _, spec := range specs {
		if spec.Name == countersName || strings.HasPrefix(spec.Name, "blobs.") {
			return nil, fmt.Errorf("store: collection name %s is taken by the MongoDB engine", spec.Name)
		}
		if slices.Contains(names, spec.Name) {
			there = append(there, spec.Name)
		}
	}
	filled, err := e.filled(ctx, there)
	if err != nil {
		return nil, readErr(ctx, err)
	}
	found := make([]store.Found, len(specs))
	for i, spec := range specs {
		found[i].Empty = !slices.Contains(filled, spec.Name)
		if found[i].Empty && len(models(spec)) == 0 && slices.Contains(there, spec.Name) {
			continue
		}
		if err := e.setUp(ctx, spec, &found[i]); err != nil {
			return nil, readErr(ctx, fmt.Errorf("store: set up %s: %w", spec.Name, err))
		}
	}
	own := map[*mongo.Collection][]mongo.IndexModel{
		e.counters: nil,
		e.files:    {{Keys: bson.D{{Key: "_id", Value: 1}, {Key: "uploadDate", Value: 1}}, Options: options.Index().SetName(blobsByID)}},
		e.chunks:   {{Keys: bson.D{{Key: "files_id", Value: 1}, {Key: "n", Value: 1}}, Options: options.Index().SetUnique(true)}},
	}
	for c, indexes := range own {
		if slices.Contains(names, c.Name()) {
			continue
		}
		if err := e.make(ctx, c, indexes); err != nil {
			return nil, readErr(ctx, fmt.Errorf("store: set up %s: %w", c.Name(), err))
		}
	}
	return found, nil
}

// filled are those of the collections that have documents: all are asked for one in one command.
func (e *Engine) filled(ctx context.Context, names []string) (out []string, err error) {
	if len(names) == 0 {
		return nil, nil
	}
	first := func(name string) mongo.Pipeline {
		return mongo.Pipeline{d("$limit", 1), d("$project", d("_id", d("$literal", name)))}
	}
	ask := first(names[0])
	for _, name := range names[1:] {
		ask = append(ask, d("$unionWith", bson.D{{Key: "coll", Value: name}, {Key: "pipeline", Value: first(name)}}))
	}
	cur, err := e.db.Collection(names[0]).Aggregate(ctx, ask)
	if err != nil {
		return nil, err
	}
	var found []struct {
		Name string `bson:"_id"`
	}
	err = cur.All(ctx, &found)
	for _, f := range found {
		out = append(out, f.Name)
	}
	return out, err
}

// setUp makes the indexes of a collection without documents. Of others, it
// drops those that are unique and not declared so.
func (e *Engine) setUp(ctx context.Context, spec *store.Spec, found *store.Found) error {
	c := e.collection(spec)
	if found.Empty {
		for _, model := range models(spec) {
			found.Indexes = append(found.Indexes, *model.Options.Name)
		}
		return e.make(ctx, c, models(spec))
	}
	have, err := e.indexes(ctx, c)
	if err != nil {
		return err
	}
	for _, model := range models(spec) {
		if slices.ContainsFunc(have, func(ix index) bool { return ix.is(model) }) {
			found.Indexes = append(found.Indexes, *model.Options.Name)
		}
	}
	for _, ix := range have {
		if ix.Unique && !slices.ContainsFunc(models(spec), ix.is) {
			if err := drop(ctx, c, ix.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// index is one that the server has. Its keys and whether it is unique tell what it is.
type index struct {
	Name   string   `bson:"name"`
	Key    bson.Raw `bson:"key"`
	Unique bool     `bson:"unique"`
}

func (e *Engine) indexes(ctx context.Context, c *mongo.Collection) (out []index, err error) {
	cur, err := c.Indexes().List(ctx)
	if err != nil {
		return nil, err
	}
	return out, cur.All(ctx, &out)
}

func (ix index) is(model mongo.IndexModel) bool {
	keys, err := bson.Marshal(model.Keys)
	unique := model.Options.Unique != nil && *model.Options.Unique
	return err == nil && ix.Name == *model.Options.Name && ix.Unique == unique && sameKeys(ix.Key, keys)
}

// sameKeys compares key patterns, whose numbers may be of any type.
func sameKeys(a, b bson.Raw) bool {
	x, _ := a.Elements()
	y, _ := b.Elements()
	return slices.EqualFunc(x, y, func(x, y bson.RawElement) bool {
		m, _ := x.Value().AsInt64OK()
		n, _ := y.Value().AsInt64OK()
		return x.Key() == y.Key() && m == n
	})
}

func drop(ctx context.Context, c *mongo.Collection, name string) error {
	_, err := c.Indexes().DropOne(ctx, name)
	return except(err, indexNotFound, namespaceMissing)
}

// models are the indexes of a collection. Unique ones hold live documents
// that have every field; the others end in the id, which serves paging.
func models(spec *store.Spec) []mongo.IndexModel {
	out := make([]mongo.IndexModel, len(spec.Indexes))
	for i, ix := range spec.Indexes {
		var keys, present bson.D
		for _, f := range ix.Fields {
			keys = append(keys, bson.E{Key: f.Path, Value: 1})
			present = append(present, bson.E{Key: f.Path, Value: bson.D{{Key: "$exists", Value: true}}})
		}
		opts := options.Index().SetName(ix.Name)
		if ix.Unique {
			opts.SetUnique(true).SetPartialFilterExpression(append(present, bson.E{Key: "deleted", Value: false}))
		} else {
			keys = append(keys, bson.E{Key: "_id", Value: 1})
		}
		out[i] = mongo.IndexModel{Keys: keys, Options: opts}
	}
	for i := range spec.Texts {
		out = append(out, textModel(&spec.Texts[i]))
	}
	return out
}

// make creates the collection with its indexes, or what is missing of them.
func (e *Engine) make(ctx context.Context, c *mongo.Collection, indexes []mongo.IndexModel) error {
	if len(indexes) == 0 {
		return except(e.db.CreateCollection(ctx, c.Name()), namespaceExists)
	}
	_, err := c.Indexes().CreateMany(ctx, indexes)
	for tries := 0; conflicts(err) && tries < 5; tries++ { // another node may be at it too
		for _, ix := range indexes {
			if err = replace(ctx, c, ix); err != nil {
				break
			}
		}
	}
	return err
}

// replace creates one index in the place of those it cannot stand beside.
func replace(ctx context.Context, c *mongo.Collection, ix mongo.IndexModel) error {
	_, err := c.Indexes().CreateOne(ctx, ix)
	if !conflicts(err) {
		return err
	}
	keys, err := bson.Marshal(ix.Keys)
	if err != nil {
		return err
	}
	have, err := c.Indexes().ListSpecifications(ctx)
	if err != nil {
		return err
	}
	for _, old := range have {
		if old.Name == *ix.Options.Name || bytes.Equal(old.KeysDocument, keys) {
			if err := drop(ctx, c, old.Name); err != nil {
				return err
			}
		}
	}
	_, err = c.Indexes().CreateOne(ctx, ix)
	return err
}

func conflicts(err error) bool {
	return err != nil && except(err, indexOptions, indexDefinition) == nil
}

// except forgives the server these codes.
func except(err error, codes ...int) error {
	var server mongo.ServerError
	if errors.As(err, &server) && slices.ContainsFunc(codes, server.HasErrorCode) {
		return nil
	}
	return err
}
