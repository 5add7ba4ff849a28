package mongodb

import (
	"context"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/event"
	"go.mongodb.org/mongo-driver/mongo"

	"wangge/store"
	"wangge/store/mongodb/mongotest"
)

// twoNodes opens two nodes on one database; commands of the first are heard.
func twoNodes(t *testing.T, heard func(command string)) (a, b *store.Store) {
	t.Helper()
	uri := mongotest.URI(t)
	open := func(change func(*Engine)) *store.Store {
		engine, err := Open(t.Context(), uri)
		if err != nil {
			t.Fatal(err)
		}
		change(engine)
		s, err := store.Open(t.Context(), engine, store.Options{}, accounts, figures)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close(context.Background()) })
		return s
	}
	a = open(func(e *Engine) { hear(t, e, uri, heard) })
	return a, open(func(*Engine) {})
}

// hear gives the engine a client that tells of its commands.
func hear(t *testing.T, e *Engine, uri string, heard func(command string)) {
	t.Helper()
	opts, _, err := parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	opts.SetMonitor(&event.CommandMonitor{Started: func(_ context.Context, c *event.CommandStartedEvent) {
		if _, err := c.Command.LookupErr("autocommit"); err == nil {
			heard(c.CommandName)
		}
	}})
	client, err := mongo.Connect(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	_ = e.client.Disconnect(t.Context())
	name := e.db.Name()
	e.client, e.db = client, client.Database(name)
	e.counters, e.files, e.chunks = e.db.Collection(countersName), e.db.Collection(filesName), e.db.Collection(chunksName)
}

func entry() store.Entry {
	return store.Entry{At: time.UnixMilli(0), Actor: "somebody", Action: "change"}
}

func insertOne(t *testing.T, s *store.Store, partition, id string) {
	t.Helper()
	err := s.Update(t.Context(), []string{partition}, func(tx *store.Tx) error {
		return accounts.Insert(tx, &account{Meta: store.Meta{ID: id, Partition: partition}}, entry())
	})
	if err != nil {
		t.Fatal(err)
	}
}

// change counts up a document and moves it to a partition.
func change(t *testing.T, s *store.Store, id, to string, partitions ...string) {
	t.Helper()
	err := s.Update(t.Context(), partitions, func(tx *store.Tx) error {
		doc, err := accounts.Get(t.Context(), tx, id)
		if err != nil {
			return err
		}
		doc.Count++
		doc.Partition = to
		return accounts.Put(tx, doc, entry())
	})
	if err != nil {
		t.Fatal(err)
	}
}

// after inserts a document because of another one that it reads, and returns
// how often it ran. between is called after the first reading.
func after(t *testing.T, s *store.Store, partition, of, id string, between func()) (runs int) {
	t.Helper()
	err := s.Update(t.Context(), []string{partition}, func(tx *store.Tx) error {
		doc, err := accounts.Get(t.Context(), tx, of)
		if err != nil {
			return err
		}
		if runs++; runs == 1 {
			between()
		}
		return accounts.Insert(tx, &account{Meta: store.Meta{ID: id, Partition: partition}, Count: doc.Count}, entry())
	})
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

// A document that nobody has changed since this node's last commit in its
// partition is not looked at again, and one that somebody has, on whatever
// node, in whatever partition, is.
func TestKnownVersions(t *testing.T) {
	var commands []string
	a, b := twoNodes(t, func(command string) { commands = append(commands, command) })
	insertOne(t, b, "east", "rule")
	never := func() {}
	after(t, a, "east", "rule", "1", never) // looks at it
	commands = nil
	if runs := after(t, a, "east", "rule", "2", never); runs != 1 || len(commands) != 4 {
		t.Errorf("known: %d runs, commands %v; want the counter, the document, its entry, the commit", runs, commands)
	}
	if runs := after(t, a, "east", "rule", "3", func() { change(t, b, "rule", "east", "east") }); runs != 2 {
		t.Errorf("changed on another node meanwhile: %d runs", runs)
	}
	if runs := after(t, a, "east", "rule", "4", func() { change(t, a, "rule", "east", "east") }); runs != 2 {
		t.Errorf("changed on this node meanwhile: %d runs", runs)
	}
	change(t, a, "rule", "west", "east", "west")
	if runs := after(t, a, "east", "rule", "5", func() { change(t, a, "rule", "west", "west") }); runs != 2 {
		t.Errorf("changed where it went to: %d runs", runs)
	}
	if runs := after(t, a, "east", "rule", "6", never); runs != 1 {
		t.Errorf("unchanged in another partition: %d runs", runs)
	}
	change(t, b, "rule", "east", "east", "west")
	if runs := after(t, a, "east", "rule", "7", func() { change(t, b, "rule", "west", "east", "west") }); runs != 2 {
		t.Errorf("there and away again on another node: %d runs", runs)
	}
}
