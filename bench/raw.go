package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
	"go.mongodb.org/mongo-driver/mongo/readconcern"
)

// handwritten writes by the driver alone what a report writes, a ticket and its
// journal entries, into collections with the program's indexes: all that wait
// go into one transaction, which takes the next numbers from a counter.
type handwritten struct {
	client                    *mongo.Client
	tickets, journal, counter *mongo.Collection
	ticket                    bson.M   // as a report wrote it
	entries                   []bson.M // that went with it
	numbered                  atomic.Int64
	waiting                   chan *rawReport
}

type rawReport struct {
	ticket  bson.M
	entries []bson.M
	done    chan error
}

// newHandwritten copies the indexes, and what the report of the ticket wrote.
func newHandwritten(ctx context.Context, client *mongo.Client, ticket string) (*handwritten, error) {
	ours, beside := client.Database("wangge"), client.Database("beside")
	raw := &handwritten{client: client, tickets: beside.Collection("tickets"), journal: beside.Collection("journal"), counter: beside.Collection("counters"), waiting: make(chan *rawReport, 1024)}
	for _, name := range []string{"tickets", "journal"} {
		if err := copyIndexes(ctx, ours.Collection(name), beside.Collection(name)); err != nil {
			return nil, err
		}
	}
	if err := ours.Collection("tickets").FindOne(ctx, bson.M{"_id": ticket}).Decode(&raw.ticket); err != nil {
		return nil, err
	}
	found, err := ours.Collection("journal").Find(ctx, bson.M{"doc": ticket})
	if err != nil {
		return nil, err
	}
	if err := found.All(ctx, &raw.entries); err != nil {
		return nil, err
	}
	if len(raw.entries) == 0 {
		return nil, fmt.Errorf("the ticket %s has no journal entry", ticket)
	}
	if _, err := raw.counter.InsertOne(ctx, bson.M{"_id": raw.ticket["partition"], "n": int64(0)}); err != nil {
		return nil, err
	}
	go raw.commit(ctx)
	return raw, nil
}

func copyIndexes(ctx context.Context, from, to *mongo.Collection) error {
	if err := to.Database().CreateCollection(ctx, to.Name()); err != nil {
		return err
	}
	found, err := from.Indexes().List(ctx)
	if err != nil {
		return err
	}
	var specs []bson.D
	if err := found.All(ctx, &specs); err != nil {
		return err
	}
	return to.Database().RunCommand(ctx, bson.D{{Key: "createIndexes", Value: to.Name()}, {Key: "indexes", Value: specs}}).Err()
}

// report writes one more of the same, under another id and number, once it is durable.
func (raw *handwritten) report(int) error {
	old, fresh := raw.ticket["_id"].(string), uuid.NewString()
	number := raw.ticket["number"].(string)
	swap := map[string]string{old: fresh, number: fmt.Sprintf("%s-%d", number, raw.numbered.Add(1))}
	if public, ok := raw.ticket["public"].(bson.M); ok {
		for _, field := range []string{"id", "spot"} {
			if was, ok := public[field].(string); ok {
				swap[was] = was + fresh[:8]
			}
		}
	}
	r := &rawReport{ticket: swapped(raw.ticket, swap).(bson.M), done: make(chan error, 1)}
	set := uuid.NewString()
	for _, e := range raw.entries {
		entry := swapped(e, swap).(bson.M)
		entry["set"] = set
		r.entries = append(r.entries, entry)
	}
	raw.waiting <- r
	return <-r.done
}

// swapped is a value with some texts in it changed to others.
func swapped(v any, swap map[string]string) any {
	switch v := v.(type) {
	case string:
		if other, ok := swap[v]; ok {
			return other
		}
	case bson.M:
		out := maps.Clone(v)
		for k, w := range out {
			out[k] = swapped(w, swap)
		}
		return out
	case primitive.A:
		out := slices.Clone(v)
		for i, w := range out {
			out[i] = swapped(w, swap)
		}
		return out
	}
	return v
}

// commit writes all that wait, as long as ctx lives.
func (raw *handwritten) commit(ctx context.Context) {
	for {
		var group []*rawReport
		select {
		case <-ctx.Done():
			return
		case r := <-raw.waiting:
			group = append(group, r)
		}
		for more := true; more; {
			select {
			case r := <-raw.waiting:
				group = append(group, r)
			default:
				more = false
			}
		}
		err := raw.write(ctx, group)
		for _, r := range group {
			r.done <- err
		}
	}
}

func (raw *handwritten) write(ctx context.Context, group []*rawReport) error {
	session, err := raw.client.StartSession(options.Session().SetCausalConsistency(false))
	if err != nil {
		return err
	}
	defer session.EndSession(ctx)
	if err := session.StartTransaction(options.Transaction().SetReadConcern(readconcern.Snapshot())); err != nil {
		return err
	}
	in := mongo.NewSessionContext(ctx, session)
	var tickets, entries []any
	var counter struct {
		N int64 `bson:"n"`
	}
	partition, n := raw.ticket["partition"], int64(len(group)*len(raw.entries))
	err = raw.counter.FindOneAndUpdate(in, bson.M{"_id": partition}, bson.M{"$inc": bson.M{"n": n}}, options.FindOneAndUpdate().SetReturnDocument(options.After)).Decode(&counter)
	if err != nil {
		return err
	}
	at := counter.N - n
	for _, r := range group {
		for _, e := range r.entries {
			at++
			e["_id"], e["n"], e["seq"] = fmt.Sprintf("%v/%016d", partition, at), at, at
			entries = append(entries, e)
		}
		r.ticket["seq"] = at
		tickets = append(tickets, r.ticket)
	}
	if _, err := raw.tickets.InsertMany(in, tickets); err != nil {
		return err
	}
	if _, err := raw.journal.InsertMany(in, entries); err != nil {
		return err
	}
	return session.CommitTransaction(ctx)
}
