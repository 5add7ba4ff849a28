package mongodb_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
	"go.mongodb.org/mongo-driver/mongo/readconcern"
	"go.mongodb.org/mongo-driver/mongo/writeconcern"
	"golang.org/x/sync/errgroup"
)

// handwritten is what one would write for the benchmark's work without a store.
type handwritten struct {
	client                  *mongo.Client
	docs, counters, journal *mongo.Collection
}

type rawRecord struct {
	ID        string    `bson:"_id"`
	Partition string    `bson:"partition"`
	Version   int64     `bson:"version"`
	Seq       int64     `bson:"seq"`
	Schema    int32     `bson:"schema"`
	Deleted   bool      `bson:"deleted"`
	State     string    `bson:"state"`
	Cell      string    `bson:"cell"`
	Due       time.Time `bson:"due"`
	Number    int64     `bson:"number"`
	Text      string    `bson:"text"`
}

type rawFacts struct {
	State    string `bson:"state,omitempty"`
	Cell     string `bson:"cell,omitempty"`
	Assignee string `bson:"assignee,omitempty"`
}

type rawEntry struct {
	ID         string            `bson:"_id"`
	Partition  string            `bson:"partition"`
	Version    int64             `bson:"version"`
	Seq        int64             `bson:"seq"`
	Schema     int32             `bson:"schema"`
	Deleted    bool              `bson:"deleted"`
	N          int64             `bson:"n"`
	Set        string            `bson:"set"`
	At         time.Time         `bson:"at"`
	Actor      string            `bson:"actor"`
	From       string            `bson:"from"`
	Action     string            `bson:"action"`
	Collection string            `bson:"collection"`
	Doc        string            `bson:"doc"`
	DocVersion int64             `bson:"docVersion"`
	Before     rawFacts          `bson:"before"`
	After      rawFacts          `bson:"after"`
	Dims       map[string]string `bson:"dims"`
}

// newHandwritten works on the collection "beside", which has the documents and indexes already.
func newHandwritten(b *testing.B, uri string) *handwritten {
	ctx := b.Context()
	journaled := true
	durable := writeconcern.Majority()
	durable.Journal = &journaled
	client, err := mongo.Connect(ctx, options.Client().ApplyURI(uri).SetReadConcern(readconcern.Majority()).SetWriteConcern(durable))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	_, name, _ := strings.Cut(strings.TrimPrefix(uri, "mongodb://"), "/")
	name, _, _ = strings.Cut(name, "?")
	db := client.Database(name)
	raw := &handwritten{client, db.Collection("beside"), db.Collection("raw_counters"), db.Collection("raw_journal")}
	var models []mongo.IndexModel
	for _, keys := range [][]string{{"partition", "n", "_id"}, {"doc", "n", "_id"}, {"set", "_id"}} { // the journal's
		var model mongo.IndexModel
		fields := bson.D{}
		for _, k := range keys {
			fields = append(fields, bson.E{Key: k, Value: 1})
		}
		model.Keys = fields
		models = append(models, model)
	}
	if _, err := raw.journal.Indexes().CreateMany(ctx, models); err != nil {
		b.Fatal(err)
	}
	if _, err := raw.counters.InsertOne(ctx, bson.M{"_id": street, "n": int64(0)}); err != nil {
		b.Fatal(err)
	}
	return raw
}

// round reads as many documents as there are writers, each for itself, and
// writes them in one transaction.
func (raw *handwritten) round(ctx context.Context, writers int) error {
	docs := make([]rawRecord, writers)
	var reads errgroup.Group
	for w := range docs {
		reads.Go(func() error {
			if err := raw.docs.FindOne(ctx, bson.D{{Key: "_id", Value: recordID(w)}}).Decode(&docs[w]); err != nil {
				return err
			}
			docs[w].Number++
			return nil
		})
	}
	if err := reads.Wait(); err != nil {
		return err
	}
	session, err := raw.client.StartSession()
	if err != nil {
		return err
	}
	defer session.EndSession(ctx)
	if err := session.StartTransaction(options.Transaction().SetReadConcern(readconcern.Snapshot())); err != nil {
		return err
	}
	if err := raw.write(mongo.NewSessionContext(ctx, session), docs); err != nil {
		return err
	}
	return session.CommitTransaction(ctx)
}

func (raw *handwritten) write(ctx context.Context, docs []rawRecord) error {
	var counter struct {
		N int64 `bson:"n"`
	}
	err := raw.counters.FindOneAndUpdate(ctx, bson.D{{Key: "_id", Value: street}},
		bson.D{{Key: "$inc", Value: bson.D{{Key: "n", Value: int64(len(docs))}}}},
		options.FindOneAndUpdate().SetReturnDocument(options.After)).Decode(&counter)
	if err != nil {
		return err
	}
	if err := raw.check(ctx, docs); err != nil {
		return err
	}
	replaced, entries := make([]mongo.WriteModel, len(docs)), make([]any, len(docs))
	at := time.UnixMilli(1714564800000).UTC()
	for i := range docs {
		n := counter.N - int64(len(docs)) + int64(i) + 1
		old := docs[i].Version
		docs[i].Version, docs[i].Seq = old+1, n
		replaced[i] = mongo.NewReplaceOneModel().SetReplacement(docs[i]).
			SetFilter(bson.D{{Key: "_id", Value: docs[i].ID}, {Key: "version", Value: old}})
		entries[i] = rawEntry{
			ID: fmt.Sprintf("%s/%016d", street, n), Partition: street, Version: 1, Schema: 1, N: n, Set: docs[i].ID, At: at,
			Actor: fmt.Sprint("writer-", i), From: "session:1", Action: "correct", Collection: "beside", Doc: docs[i].ID, DocVersion: old + 1,
			Before: rawFacts{State: "new", Cell: "320594001001"}, After: rawFacts{State: "new", Cell: "320594001001"},
			Dims: map[string]string{"category": "manhole", "source": "app"},
		}
	}
	result, err := raw.docs.BulkWrite(ctx, replaced)
	if err != nil {
		return err
	}
	if int(result.MatchedCount) != len(docs) {
		return errors.New("a document changed")
	}
	_, err = raw.journal.InsertMany(ctx, entries)
	return err
}

// check compares the versions inside the transaction with those read before.
func (raw *handwritten) check(ctx context.Context, docs []rawRecord) error {
	ids, want := make([]string, len(docs)), make(map[string]int64, len(docs))
	for i, d := range docs {
		ids[i], want[d.ID] = d.ID, d.Version
	}
	cur, err := raw.docs.Find(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}},
		options.Find().SetProjection(bson.D{{Key: "version", Value: 1}}).SetBatchSize(int32(len(docs)+1)))
	if err != nil {
		return err
	}
	var found []rawRecord
	if err := cur.All(ctx, &found); err != nil {
		return err
	}
	for _, d := range found {
		if want[d.ID] == d.Version {
			delete(want, d.ID)
		}
	}
	if len(want) > 0 {
		return errors.New("a document changed")
	}
	return nil
}
