package mongodb

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
	"go.mongodb.org/mongo-driver/mongo/readconcern"

	"wangge/store"
)

const (
	commitTimeout   = 10 * time.Second // one attempt to commit
	commitPatience  = 25 * time.Second // all attempts: longer than a fail-over
	rollbackTimeout = 5 * time.Second
)

// tx is a database transaction. One without partitions opens a session only
// when it writes more than one document.
type tx struct {
	engine     *Engine
	session    mongo.Session // nil outside a database transaction
	partitions []string
	reserve    []int64
	starts     []int64
	commits    []int64                       // of each partition, with this one
	saw        map[string]map[document]int64 // versions by partition, as this one leaves them
	unsure     bool                          // the outcome of the commit is
}

// Begin takes the counters. That is a write even where no number is
// reserved: two transactions on one partition must collide.
func (e *Engine) Begin(ctx context.Context, partitions []string, reserve []int64) (store.EngineTx, error) {
	t := &tx{engine: e, partitions: partitions, reserve: reserve, starts: make([]int64, len(partitions)),
		commits: make([]int64, len(partitions)), saw: make(map[string]map[document]int64, len(partitions))}
	if len(partitions) == 0 {
		return t, nil
	}
	if err := t.open(); err != nil {
		return nil, err
	}
	for i, p := range partitions {
		if err := t.take(ctx, i, p); err != nil {
			t.Rollback()
			return nil, err
		}
	}
	return t, nil
}

func (t *tx) open() error {
	session, err := t.engine.client.StartSession(options.Session().SetCausalConsistency(false))
	if err != nil {
		return txErr(err)
	}
	t.session = session
	return txErr(session.StartTransaction(options.Transaction().SetReadConcern(readconcern.Snapshot())))
}

func (t *tx) take(ctx context.Context, i int, partition string) error {
	var counter struct {
		N       int64 `bson:"n"`
		Commits int64 `bson:"c"`
	}
	err := t.engine.counters.FindOneAndUpdate(t.in(ctx), d("_id", partition),
		d("$inc", bson.D{{Key: "n", Value: t.reserve[i]}, {Key: "c", Value: int64(1)}}),
		options.FindOneAndUpdate().SetUpsert(true).SetReturnDocument(options.After)).Decode(&counter)
	if mongo.IsDuplicateKeyError(err) { // another node made the counter just now
		return fmt.Errorf("%w: %v", store.ErrTransient, err)
	}
	t.starts[i], t.commits[i] = counter.N-t.reserve[i], counter.Commits
	t.saw[partition] = map[document]int64{}
	return txErr(err)
}

// in puts operations into the transaction, if there is one.
func (t *tx) in(ctx context.Context) context.Context {
	if t.session == nil {
		return ctx
	}
	return mongo.NewSessionContext(ctx, t.session)
}

// Starts returns the number before the first of each partition's.
func (t *tx) Starts() []int64 { return t.starts }

var (
	stampFields = bson.D{{Key: "_id", Value: 1}, {Key: "version", Value: 1}}
	placeFields = append(bson.D{{Key: "partition", Value: 1}}, stampFields...)
)

// Versions asks the database for those only that it neither knows nor may believe.
func (t *tx) Versions(ctx context.Context, spec *store.Spec, ids []string, own map[string]int64) (map[string]int64, error) {
	out := map[string]int64{}
	if own != nil {
		out = t.known(spec, ids)
	}
	var ask []string
	for _, id := range ids {
		_, sure := out[id]
		old, believed := own[id]
		switch {
		case sure:
		case !believed:
			ask = append(ask, id)
		case old != 0:
			out[id] = old
		}
	}
	raws, err := lookUp(t.in(ctx), t.engine.collection(spec), ask, placeFields)
	if err != nil {
		return nil, txErr(err)
	}
	for _, raw := range raws {
		s := stamp(raw)
		out[s.ID] = s.Version
		partition, _ := raw.Lookup("partition").StringValueOK()
		t.seen(spec, s.ID, partition, s.Version)
	}
	return out, nil
}

// Stamps runs a plan and returns ids and versions.
func (t *tx) Stamps(ctx context.Context, spec *store.Spec, p *store.Plan) ([]store.Stamp, error) {
	raws, err := t.engine.run(t.in(ctx), t.engine.collection(spec), p, stampFields)
	if err != nil {
		return nil, txErr(err)
	}
	out := make([]store.Stamp, len(raws))
	for i, raw := range raws {
		out[i] = stamp(raw)
	}
	return out, nil
}

func stamp(raw bson.Raw) store.Stamp {
	id, _ := raw.Lookup("_id").StringValueOK()
	version, _ := raw.Lookup("version").AsInt64OK()
	return store.Stamp{ID: id, Version: version}
}

// Write sends one bulk write for each collection. A single document of a
// transaction without partitions needs no database transaction.
func (t *tx) Write(ctx context.Context, writes []store.Write, used []int64) error {
	if t.session == nil && len(writes) == 1 {
		return t.writeOne(ctx, writes[0])
	}
	if t.session == nil {
		if err := t.open(); err != nil {
			return err
		}
	}
	byCollection := map[*store.Spec][]store.Write{}
	var order []*store.Spec
	for _, w := range writes {
		t.wrote(w)
		if byCollection[w.Spec] == nil {
			order = append(order, w.Spec)
		}
		byCollection[w.Spec] = append(byCollection[w.Spec], w)
	}
	for _, spec := range order {
		if err := t.writeAll(ctx, spec, byCollection[spec]); err != nil {
			return err
		}
	}
	return t.giveBack(ctx, used)
}

// writeAll writes in order: a unique value may pass from one document to a later one.
func (t *tx) writeAll(ctx context.Context, spec *store.Spec, writes []store.Write) error {
	c := t.engine.collection(spec)
	if !slices.ContainsFunc(writes, func(w store.Write) bool { return w.Old != 0 }) {
		fresh := make([]any, len(writes))
		for i, w := range writes {
			fresh[i] = stored(w)
		}
		_, err := c.InsertMany(t.in(ctx), fresh)
		return t.writeErr(spec, err)
	}
	models := make([]mongo.WriteModel, len(writes))
	for i, w := range writes { // an insert among updates is an upsert: the whole is one command then
		models[i] = mongo.NewReplaceOneModel().SetFilter(at(w.ID, w.Old)).SetReplacement(stored(w)).SetUpsert(w.Old == 0)
	}
	result, err := c.BulkWrite(t.in(ctx), models)
	if err != nil {
		return t.writeErr(spec, err)
	}
	if int(result.MatchedCount+result.UpsertedCount) != len(writes) {
		return t.mismatch()
	}
	return nil
}

func (t *tx) mismatch() error {
	if len(t.partitions) == 0 {
		return store.ErrRaced
	}
	return store.ErrTransient
}

func (t *tx) writeErr(spec *store.Spec, err error) error {
	if dup := duplicate(spec, err); dup != nil {
		if dup.Index == "_id" && len(t.partitions) == 0 {
			return store.ErrRaced // it came after the check of versions
		}
		return dup
	}
	return txErr(err)
}

// writeOne is a transaction by itself: when the answer is lost, the outcome is unknown.
func (t *tx) writeOne(ctx context.Context, w store.Write) error {
	c := t.engine.collection(w.Spec)
	matched, err := int64(1), error(nil)
	if w.Old == 0 {
		_, err = c.InsertOne(ctx, stored(w))
	} else {
		var result *mongo.UpdateResult
		if result, err = c.ReplaceOne(ctx, at(w.ID, w.Old), stored(w)); err == nil {
			matched = result.MatchedCount
		}
	}
	switch {
	case err == nil && matched == 1:
		return nil
	case err == nil:
		return t.mismatch()
	case away(err) || undecided(err):
		return fmt.Errorf("%w: %v", store.ErrOutcomeUnknown, err)
	}
	return t.writeErr(w.Spec, err)
}

// giveBack returns the numbers that were reserved and not used.
func (t *tx) giveBack(ctx context.Context, used []int64) error {
	var back []mongo.WriteModel
	for i, p := range t.partitions {
		if used[i] < t.reserve[i] {
			back = append(back, mongo.NewUpdateOneModel().SetFilter(d("_id", p)).
				SetUpdate(d("$set", d("n", t.starts[i]+used[i]))))
		}
	}
	if len(back) == 0 {
		return nil
	}
	_, err := t.engine.counters.BulkWrite(t.in(ctx), back)
	return txErr(err)
}

// Commit asks until it knows, through a fail-over if it must; only when that
// takes too long is the outcome unknown.
func (t *tx) Commit(ctx context.Context) error {
	if t.session == nil {
		return nil
	}
	deadline := time.Now().Add(commitPatience)
	for {
		attempt, cancel := context.WithTimeout(ctx, commitTimeout)
		err := t.session.CommitTransaction(attempt)
		cancel()
		switch {
		case err == nil:
			t.told()
			return nil
		case labelled(err, labelTransient) && !labelled(err, labelUnknown):
			return fmt.Errorf("%w: %v", store.ErrTransient, err)
		case refused(err):
			return txErr(err)
		case ctx.Err() != nil || time.Now().After(deadline):
			t.unsure = true
			return fmt.Errorf("%w: %v", store.ErrOutcomeUnknown, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Rollback aborts what is not committed and ends the session. The driver
// aborts nothing that was to be committed, so the server is told to end such
// a session: or else it might hold on to the partition for a minute.
func (t *tx) Rollback() {
	if t.session == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), rollbackTimeout)
	defer cancel()
	if t.unsure {
		_ = t.engine.client.Database("admin").RunCommand(ctx, d("killSessions", bson.A{t.session.ID()})).Err()
	}
	t.session.EndSession(ctx)
	t.session = nil
}
