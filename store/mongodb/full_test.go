package mongodb

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/store"
	"wangge/store/mongodb/mongotest"
)

// A server without room: what cannot be written is ErrUnavailable at once, and
// the store is not ready until there is room again.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	set := mongotest.StartSet(t, 1)
	engine, err := Open(t.Context(), set.URI("full"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), engine, store.Options{}, accounts, figures)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background()) })
	fault := func(mode string, commands ...string) {
		failCommand(t, engine, mode, bson.D{{Key: "failCommands", Value: commands}, {Key: "appName", Value: "wangge"}, {Key: "errorCode", Value: 14031}})
	}
	off := func() { failCommand(t, engine, "off", nil) }
	t.Cleanup(off)
	write := func() error {
		return s.Update(t.Context(), []string{"street"}, func(tx *store.Tx) error {
			return accounts.Insert(tx, &account{Meta: store.Meta{ID: "a", Partition: "street"}}, store.Entry{Actor: "system", Action: "count", At: time.UnixMilli(0)})
		})
	}
	for _, commands := range [][]string{{"insert", "update", "findAndModify", "bulkWrite"}, {"commitTransaction"}} {
		fault("alwaysOn", commands...)
		if err := write(); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%v fails: a document: %v", commands, err)
		}
		off()
	}
	fault("alwaysOn", "insert", "update", "findAndModify", "bulkWrite")
	if _, err := s.PutBlob(t.Context(), "a-photo", strings.NewReader("photo")); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a blob: %v", err)
	}
	if err := s.Ping(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("ready without room: %v", err)
	}
	off()
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if err := write(); err != nil {
		t.Errorf("with room again: %v", err)
	}
}
