package store

import (
	"context"
	"errors"
	"io"
	"time"

	"go.mongodb.org/mongo-driver/bson"
)

// Engine errors that the committer acts on.
var (
	// ErrTransient: the transaction was aborted by a concurrent one or a
	// fail-over and changed nothing; start it again.
	ErrTransient = errors.New("store: transaction aborted, start again")
	// ErrOutcomeUnknown: the commit may or may not have happened.
	ErrOutcomeUnknown = errors.New("store: outcome of the commit is unknown")
)

// Engine is what a database must do. Documents are BSON with the envelope of
// Meta; an engine never looks inside but for the declared fields (Spec.Value).
// Reads see committed data only, and where there are several nodes, data that
// survives a fail-over.
type Engine interface {
	// Setup makes what writing needs: the collections, places for what is
	// kept beside the documents, and, of collections without documents, the
	// indexes. Unique indexes that are not declared so any more go. It tells
	// for each collection what was there.
	Setup(ctx context.Context, specs []*Spec) ([]Found, error)
	// Parts are what is kept beside the documents, written whenever they are.
	Parts(spec *Spec) []Part
	// Build makes these declared indexes. Every document has been written as
	// the collection is declared now, and the engine may rely on it from here on.
	Build(ctx context.Context, spec *Spec, indexes []string) error
	// Prune drops what the collection does not declare any more, in short steps.
	Prune(ctx context.Context, spec *Spec) error
	// Scan returns up to limit documents, tombstones too, with ids above after,
	// in their order. It needs no declared index, and may be asked before
	// Setup: a collection that is not there has none.
	Scan(ctx context.Context, spec *Spec, after string, limit int) ([]bson.Raw, error)
	// Rewrite writes each document anew, at the version that it has, with all
	// that is kept beside it, unless it is no longer as it was: then somebody
	// else has written it. On a *DuplicateError any of them may be written.
	Rewrite(ctx context.Context, spec *Spec, documents []Rewrite) error
	// Size is how many documents there are, about.
	Size(ctx context.Context, spec *Spec) (int64, error)
	// Shared reports whether other programs may have the database open.
	Shared() bool
	// Lane names the committer that write sets of these partitions queue at.
	// grouped is false where they need no queue and run at once.
	Lane(partitions []string) (lane string, grouped bool)

	// Get returns the documents with these ids, tombstones too, in any order; missing ones are left out.
	Get(ctx context.Context, spec *Spec, ids []string) ([]bson.Raw, error)
	// Find returns what the plan asks for, in its order. ErrTooBroad when
	// more than plan.Cap documents would have to be examined to find
	// plan.Limit. Tombstones that are not asked for do not count.
	Find(ctx context.Context, spec *Spec, plan *Plan) ([]bson.Raw, error)
	// Count counts what matches by the values of the field by ("" counts all under ""),
	// as Collection.Count says. ErrTooBroad above plan.Cap; plan.Limit does not matter.
	Count(ctx context.Context, spec *Spec, plan *Plan, by string) (map[string]int64, error)

	// Remove deletes these documents for good, each only if it is still at that version.
	Remove(ctx context.Context, spec *Spec, stamps []Stamp) error

	// Begin opens a database transaction. The counters of the partitions
	// (sorted) are taken in this order: reserve[i] numbers, of which Write
	// says how many were used. Whoever else commits in one of them
	// meanwhile makes one of the two end with ErrTransient. Without
	// partitions, the transaction is for unjournaled documents only.
	Begin(ctx context.Context, partitions []string, reserve []int64) (EngineTx, error)

	// Heads returns the last number given out in each partition.
	Heads(ctx context.Context) (map[string]int64, error)
	// Watch calls grown with new heads as commits of any node become
	// visible, until ctx ends. It survives lost connections and never
	// leaves a growth unreported (it may report late, or one twice).
	// Growth by this node's own commits the store reports by itself.
	Watch(ctx context.Context, grown func(map[string]int64))

	// PutBlob stores r under id, durably, and returns its size. An id is written once.
	PutBlob(ctx context.Context, id string, r io.Reader) (int64, error)
	// OpenBlob returns the content, or ErrNotFound.
	OpenBlob(ctx context.Context, id string) (io.ReadCloser, error)
	// DeleteBlob removes it; deleting what is not there is no error.
	DeleteBlob(ctx context.Context, id string) error
	// Blobs lists ids above after, ascending, that were stored before the time given.
	Blobs(ctx context.Context, before time.Time, after string, limit int) ([]string, error)

	// Clock returns the database's time; zero where it has no clock but the node's.
	Clock(ctx context.Context) (time.Time, error)
	Ping(ctx context.Context) error
	Close(ctx context.Context) error
}

// EngineTx is one database transaction; it is used by one goroutine. After
// any error, Commit included, only Rollback may follow (and always may).
type EngineTx interface {
	// Starts returns the number before the first of each partition's, in Begin's order.
	Starts() []int64
	// Versions returns the current versions (tombstones too); a missing id is
	// absent. own are those that Write is to compare itself, with the version
	// it will compare with (0: must not exist): these an engine may believe.
	// With own nil, the database is asked for all.
	Versions(ctx context.Context, spec *Spec, ids []string, own map[string]int64) (map[string]int64, error)
	// Stamps runs a plan and returns ids and versions in the plan's order.
	Stamps(ctx context.Context, spec *Spec, plan *Plan) ([]Stamp, error)
	// Write applies the writes in order. Each is compare-and-set on Old; a
	// mismatch is ErrTransient where the transaction has partitions (it
	// checked the versions itself before) and ErrRaced where it has none. A broken unique index is a *DuplicateError.
	// used[i] is how many numbers of Begin's partition i were given out.
	Write(ctx context.Context, writes []Write, used []int64) error
	Commit(ctx context.Context) error
	Rollback()
}

// Found is what Setup found of a collection.
type Found struct {
	Empty   bool     // it holds no documents; all its indexes are made
	Indexes []string // names of declared indexes that are there, as declared
	Kept    []string // parts (Part.As) that a program kept up before the store recorded them
}

// Part is something kept beside the documents. What has the same description
// holds the same of a document.
type Part struct {
	Of string // path of the field or name of the index that needs it
	As string
}

// Rewrite is a document to be written anew.
type Rewrite struct {
	Write          // Old is the version of Doc, too
	Was   bson.Raw // as Scan returned it
}

// ErrRaced: a compare-and-set of an unjournaled document found another version.
var ErrRaced = errors.New("store: document changed meanwhile")

// Stamp is a document's identity at one version.
type Stamp struct {
	ID      string
	Version int64
}

// Write replaces (or, with Old 0, inserts) one document.
type Write struct {
	Spec *Spec
	ID   string
	Old  int64 // version now stored; 0: must not exist
	Doc  bson.Raw
	// Terms of its text indexes, which hold them with the values of the scope
	// fields of Doc; nil for a deleted document, which leaves them.
	Terms []string
}
