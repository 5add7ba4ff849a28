package mongodb

import (
	"context"
	"log/slog"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
)

const (
	watchPauseLeast = 50 * time.Millisecond
	watchPauseMost  = 2 * time.Second
	watchRest       = 20 * time.Millisecond
)

// Heads returns the last number given out in each partition.
func (e *Engine) Heads(ctx context.Context) (map[string]int64, error) {
	heads, err := e.heads(ctx, bson.D{})
	return heads, readErr(ctx, err)
}

func (e *Engine) heads(ctx context.Context, which bson.D) (map[string]int64, error) {
	cur, err := e.counters.Find(ctx, which)
	if err != nil {
		return nil, err
	}
	var counters []struct {
		ID string `bson:"_id"`
		N  int64  `bson:"n"`
	}
	if err := cur.All(ctx, &counters); err != nil {
		return nil, err
	}
	heads := make(map[string]int64, len(counters))
	for _, c := range counters {
		heads[c.ID] = c.N
	}
	return heads, nil
}

// Watch follows the counters by a change stream, until ctx ends. The driver
// resumes it by its token; where that fails, it starts anew from the heads.
func (e *Engine) Watch(ctx context.Context, grown func(map[string]int64)) {
	pause := watchPauseLeast
	for ctx.Err() == nil {
		err := e.follow(ctx, func(heads map[string]int64) {
			pause = watchPauseLeast
			grown(heads)
		})
		if ctx.Err() != nil {
			return
		}
		slog.Warn("watching the journal was interrupted and starts again", "err", err)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, watchPauseMost)
	}
}

// follow takes events only as a sign that a counter has moved: a transaction
// that gives numbers back makes two, and the first is too high. The session
// is causally consistent, so that the heads read after an event include it
// even when another server has become primary in between.
func (e *Engine) follow(ctx context.Context, grown func(map[string]int64)) error {
	session, err := e.client.StartSession(options.Session().SetCausalConsistency(true))
	if err != nil {
		return err
	}
	defer session.EndSession(context.WithoutCancel(ctx))
	ctx = mongo.NewSessionContext(ctx, session)
	stream, err := e.counters.Watch(ctx, mongo.Pipeline{d("$project", d("documentKey", 1))})
	if err != nil {
		return err
	}
	defer func() { _ = stream.Close(context.WithoutCancel(ctx)) }()
	heads, err := e.heads(ctx, bson.D{}) // after the stream is open: nothing falls between
	if err != nil {
		return err
	}
	grown(heads)
	for stream.Next(ctx) {
		moved := bson.A{stream.Current.Lookup("documentKey", "_id")}
		for stream.RemainingBatchLength() > 0 && stream.Next(ctx) {
			moved = append(moved, stream.Current.Lookup("documentKey", "_id"))
		}
		if heads, err = e.heads(ctx, d("_id", d("$in", moved))); err != nil {
			return err
		}
		grown(heads)
		select { // a busy street is not told of commit by commit
		case <-ctx.Done():
		case <-time.After(watchRest):
		}
	}
	return stream.Err()
}
