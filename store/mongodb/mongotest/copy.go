package mongotest

import (
	"context"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
)

// Content is what lies in a database: by collection its indexes and documents.
type Content map[string]struct {
	indexes   []bson.Raw
	documents []any
}

// Read returns what lies in the database that the address names.
func Read(tb testing.TB, uri string) Content {
	tb.Helper()
	content := Content{}
	err := with(uri, named(uri), func(ctx context.Context, db *mongo.Database) error {
		names, err := db.ListCollectionNames(ctx, bson.D{})
		if err != nil {
			return err
		}
		for _, name := range names {
			c := content[name]
			indexes, err := db.Collection(name).Indexes().List(ctx)
			if err != nil {
				return err
			}
			if err := indexes.All(ctx, &c.indexes); err != nil {
				return err
			}
			documents, err := db.Collection(name).Find(ctx, bson.D{})
			if err != nil {
				return err
			}
			var raws []bson.Raw
			if err := documents.All(ctx, &raws); err != nil {
				return err
			}
			for _, raw := range raws {
				c.documents = append(c.documents, raw)
			}
			content[name] = c
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return content
}

// named is the database that an address of withDatabase names.
func named(uri string) string {
	base, _, _ := strings.Cut(uri, "?")
	return base[strings.LastIndexByte(base, '/')+1:]
}

// Write puts the content into an emptied database.
func (content Content) Write(tb testing.TB, uri string) {
	tb.Helper()
	err := with(uri, named(uri), func(ctx context.Context, db *mongo.Database) error {
		there, err := db.ListCollectionNames(ctx, bson.D{})
		if err != nil {
			return err
		}
		for name, c := range content {
			if !slices.Contains(there, name) {
				err = db.RunCommand(ctx, bson.D{{Key: "createIndexes", Value: name}, {Key: "indexes", Value: c.indexes}}).Err()
			}
			if err == nil && len(c.documents) > 0 {
				_, err = db.Collection(name).InsertMany(ctx, c.documents)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
}
