// Package mongodb is the store's engine for cities that have outgrown one
// machine: a MongoDB replica set (or sharded cluster), server 6.0 or later. It knows documents as
// BSON with declared fields and nothing else about them.
//
// Everything is read from the primary and survives a fail-over: read concern
// majority, write concern majority with the journal on disk. A transaction
// begins with an increment of its partitions' counters, so that of two that
// overlap one aborts; which makes what the port checks inside it sound.
//
// A wangge process that is killed inside a transaction leaves it open on the
// server, which lets go of it (and of the partition) after
// transactionLifetimeLimitSeconds, 60 by default; an operator who minds sets less.
package mongodb

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
	"go.mongodb.org/mongo-driver/mongo/readconcern"
	"go.mongodb.org/mongo-driver/mongo/readpref"
	"go.mongodb.org/mongo-driver/mongo/writeconcern"
	"go.mongodb.org/mongo-driver/x/mongo/driver/connstring"

	"wangge/store"
)

const (
	connectTimeout = 5 * time.Second
	selectTimeout  = 15 * time.Second // outlasts the election of a new primary
)

// Engine is one node's connection to the database. It is safe for concurrent use.
type Engine struct {
	client   *mongo.Client
	db       *mongo.Database
	counters *mongo.Collection // {_id: partition, n: last number, c: commits}
	files    *mongo.Collection // GridFS
	chunks   *mongo.Collection
	known    known
	gets     gets
}

var _ store.Engine = (*Engine)(nil)

// Open connects to the database that the address names in its path
// ("wangge" when it names none). What else the address says (user, TLS,
// timeouts) is the driver's; read and write concern are not up to it.
// A server outside a replica set is refused. No error holds the password.
func Open(ctx context.Context, uri string) (*Engine, error) {
	opts, name, err := parse(uri)
	if err != nil {
		return nil, err
	}
	client, err := mongo.Connect(ctx, opts)
	if err != nil {
		return nil, fmt.Errorf("store: MongoDB at %s: %w", hosts(opts), err)
	}
	if err := accept(ctx, client, opts); err != nil {
		_ = client.Disconnect(ctx)
		return nil, fmt.Errorf("store: MongoDB at %s: %w", hosts(opts), err)
	}
	db := client.Database(name)
	return &Engine{
		client: client, db: db, counters: db.Collection(countersName),
		files: db.Collection(filesName), chunks: db.Collection(chunksName),
		known: known{of: map[string]*knownOf{}}, gets: gets{of: map[*store.Spec]*getsOf{}},
	}, nil
}

func parse(uri string) (*options.ClientOptions, string, error) {
	cs, err := connstring.ParseAndValidate(uri)
	opts := options.Client().SetAppName("wangge").SetConnectTimeout(connectTimeout).SetServerSelectionTimeout(selectTimeout).ApplyURI(uri)
	if err != nil || opts.Validate() != nil { // their texts may quote the password
		return nil, "", errors.New("store: the MongoDB address is not valid; it looks like mongodb://user:password@host:27017/wangge, with %-escapes for special characters in the password, and its hosts can be resolved")
	}
	journaled := true
	durable := writeconcern.Majority()
	durable.Journal = &journaled
	opts.SetReadPreference(readpref.Primary()).SetReadConcern(readconcern.Majority()).
		SetWriteConcern(durable).SetRetryWrites(true).SetRetryReads(true)
	if cs.Database == "" {
		return opts, "wangge", nil
	}
	return opts, cs.Database, nil
}

func hosts(opts *options.ClientOptions) string { return strings.Join(opts.Hosts, ", ") }

var errStandalone = errors.New("this server is no member of a replica set, and transactions need one: " +
	"start it with `mongod --replSet rs0`, then once run `rs.initiate()` in mongosh")

type hello struct {
	Set     string    `bson:"setName"`
	Message string    `bson:"msg"`
	Waiting bool      `bson:"isreplicaset"`
	Time    time.Time `bson:"localTime"`
}

// accept refuses what is neither a replica set nor a sharded cluster.
func accept(ctx context.Context, client *mongo.Client, opts *options.ClientOptions) error {
	h, err := greet(ctx, client)
	if err == nil && h.Set == "" && h.Message != "isdbgrid" {
		return errStandalone
	}
	if err == nil || len(opts.Hosts) == 0 {
		return err
	}
	// A member that was not initiated is never selected: ask it directly.
	direct := *opts
	direct.SetDirect(true).SetHosts(opts.Hosts[:1]).SetServerSelectionTimeout(min(connectTimeout, *opts.ServerSelectionTimeout))
	direct.ReplicaSet = nil
	alone, derr := mongo.Connect(ctx, &direct)
	if derr != nil {
		return err
	}
	defer func() { _ = alone.Disconnect(ctx) }()
	if h, derr := greet(ctx, alone); derr == nil && h.Set == "" && h.Message != "isdbgrid" {
		return errStandalone
	}
	return err
}

func greet(ctx context.Context, client *mongo.Client) (h hello, err error) {
	err = client.Database("admin").RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&h)
	return h, err
}

// Lane queues write sets at their first partition's committer. Those of
// unjournaled documents only need no counter, so no queue.
func (e *Engine) Lane(partitions []string) (lane string, grouped bool) {
	if len(partitions) == 0 {
		return "", false
	}
	return partitions[0], true
}

// Clock is the primary's.
func (e *Engine) Clock(ctx context.Context) (time.Time, error) {
	h, err := greet(ctx, e.client)
	return h.Time, readErr(ctx, err)
}

// Ping reports whether there is a primary that answers.
func (e *Engine) Ping(ctx context.Context) error {
	return readErr(ctx, e.client.Ping(ctx, readpref.Primary()))
}

// Close waits for operations under way, at most until ctx ends.
func (e *Engine) Close(ctx context.Context) error { return e.client.Disconnect(ctx) }

func (e *Engine) collection(spec *store.Spec) *mongo.Collection { return e.db.Collection(spec.Name) }
