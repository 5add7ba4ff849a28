package mongotest

import (
	"context"
	"os"
	"testing"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
)

func TestMain(m *testing.M) { os.Exit(Main(m)) }

func TestSharedServerGivesEachTestItsOwnDatabase(t *testing.T) {
	first, second := URI(t), URI(t)
	if first == second {
		t.Fatalf("the same database twice: %s", first)
	}
	client, err := mongo.Connect(t.Context(), options.Client().ApplyURI(first))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Disconnect(context.Background()) }()
	session, err := client.StartSession()
	if err != nil {
		t.Fatal(err)
	}
	defer session.EndSession(t.Context())
	_, err = session.WithTransaction(t.Context(), func(ctx mongo.SessionContext) (any, error) {
		return client.Database("test_of_mongotest").Collection("c").InsertOne(ctx, bson.M{"a": 1})
	})
	if err != nil {
		t.Errorf("a transaction on the replica set: %v", err)
	}
	_ = client.Database("test_of_mongotest").Drop(t.Context())
}

func TestWithDatabase(t *testing.T) {
	for in, want := range map[string]string{
		"mongodb://h:1":                       "mongodb://h:1/x",
		"mongodb://u:p@h:1,i:2/?replicaSet=r": "mongodb://u:p@h:1,i:2/x?replicaSet=r",
		"mongodb://h/db?a=b":                  "mongodb://h/x?a=b",
	} {
		if got := withDatabase(in, "x"); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
