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

// Setup makes collections and indexes, outside of any transaction. Several
// nodes may do so at once. An index whose definition has changed is built anew.
func (e *Engine) Setup(ctx context.Context, specs []*store.Spec) error {
	for _, spec := range specs {
		if spec.Name == countersName || strings.HasPrefix(spec.Name, "blobs.") {
			return fmt.Errorf("store: collection name %s is taken by the MongoDB engine", spec.Name)
		}
		if err := e.make(ctx, e.collection(spec), models(spec)); err != nil {
			return readErr(ctx, fmt.Errorf("store: set up %s: %w", spec.Name, err))
		}
	}
	own := map[*mongo.Collection][]mongo.IndexModel{
		e.counters: nil,
		e.files:    {{Keys: bson.D{{Key: "_id", Value: 1}, {Key: "uploadDate", Value: 1}}, Options: options.Index().SetName(blobsByID)}},
		e.chunks:   {{Keys: bson.D{{Key: "files_id", Value: 1}, {Key: "n", Value: 1}}, Options: options.Index().SetUnique(true)}},
	}
	for c, indexes := range own {
		if err := e.make(ctx, c, indexes); err != nil {
			return readErr(ctx, fmt.Errorf("store: set up %s: %w", c.Name(), err))
		}
	}
	return nil
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
			if _, err := c.Indexes().DropOne(ctx, old.Name); except(err, indexNotFound, namespaceMissing) != nil {
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
