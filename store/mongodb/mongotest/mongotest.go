// Package mongotest gives tests a real MongoDB replica set: the server named by
// WANGGE_TEST_MONGODB, else one started here from a mongod on PATH, in the
// project's cache, or fetched into it by scripts/get-mongod.sh. What it starts
// lives on loopback in a temporary folder and ends with the test binary.
package mongotest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
)

var shared struct {
	sync.Mutex
	set *Set
	uri string // of WANGGE_TEST_MONGODB
	err error
	// emptied are databases that tests have left behind, without documents.
	emptied []string
}

// Main runs a package's tests and stops the server they shared:
//
//	func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }
func Main(m *testing.M) int {
	defer func() {
		shared.Lock()
		defer shared.Unlock()
		if shared.set != nil {
			shared.set.stop()
			return
		}
		for _, name := range shared.emptied {
			if err := drop(shared.uri, name); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		}
	}()
	return m.Run()
}

// URI returns the address of a fresh database on the package's shared server,
// which is dropped when the test ends. Without a server the test is skipped,
// with what to do about it; in CI it fails. With -short it is skipped.
func URI(tb testing.TB) string {
	tb.Helper()
	uri, name := server(tb), newName()
	tb.Cleanup(func() {
		if err := drop(uri, name); err != nil {
			tb.Error(err)
		}
	})
	return withDatabase(uri, name)
}

// Emptied is URI, but the database may have the collections and indexes of an
// earlier test of the package, which take longer to make than most tests take.
func Emptied(tb testing.TB) string {
	tb.Helper()
	uri := server(tb)
	shared.Lock()
	defer shared.Unlock()
	var name string
	if last := len(shared.emptied) - 1; last >= 0 {
		name, shared.emptied = shared.emptied[last], shared.emptied[:last]
	} else {
		name = newName()
	}
	tb.Cleanup(func() {
		if err := empty(uri, name); err != nil {
			tb.Error(err)
			return
		}
		shared.Lock()
		defer shared.Unlock()
		shared.emptied = append(shared.emptied, name)
	})
	return withDatabase(uri, name)
}

// Impatient has the package's shared server end the transactions of a process
// that was killed after three seconds, in place of a minute.
func Impatient(tb testing.TB) {
	tb.Helper()
	err := with(server(tb), "admin", func(ctx context.Context, db *mongo.Database) error {
		return db.RunCommand(ctx, bson.D{{Key: "setParameter", Value: 1}, {Key: "transactionLifetimeLimitSeconds", Value: 3}}).Err()
	})
	if err != nil {
		tb.Fatal(err)
	}
}

func newName() string { return "test_" + strings.ReplaceAll(uuid.NewString(), "-", "") }

// server is the address of the package's shared server.
func server(tb testing.TB) string {
	tb.Helper()
	leftOut(tb)
	shared.Lock()
	defer shared.Unlock()
	if shared.set == nil && shared.uri == "" && shared.err == nil {
		if shared.uri = os.Getenv("WANGGE_TEST_MONGODB"); shared.uri == "" {
			shared.set, shared.err = start(1, true, 0)
		}
	}
	if shared.err != nil {
		missing(tb, shared.err)
	}
	uri := shared.uri
	if shared.set != nil {
		uri = shared.set.URI("")
	}
	return uri
}

// leftOut ends a test of a run with -short, which is on SQLite alone.
func leftOut(tb testing.TB) {
	tb.Helper()
	if testing.Short() {
		tb.Skip("on MongoDB: -short leaves it out")
	}
}

// missing ends a test that has no server to run on.
func missing(tb testing.TB, err error) {
	tb.Helper()
	text := fmt.Sprintf("no MongoDB for this test: %v. Run scripts/get-mongod.sh, put mongod on PATH, or set WANGGE_TEST_MONGODB to a replica set", err)
	if os.Getenv("CI") == "true" {
		tb.Fatal(text)
	}
	tb.Skip(text)
}

// withDatabase puts a database name into an address.
func withDatabase(uri, name string) string {
	base, query, _ := strings.Cut(uri, "?")
	scheme, hosts, _ := strings.Cut(base, "://")
	hosts, _, _ = strings.Cut(hosts, "/")
	if query != "" {
		query = "?" + query
	}
	return scheme + "://" + hosts + "/" + name + query
}

func drop(uri, name string) error {
	return with(uri, name, func(ctx context.Context, db *mongo.Database) error { return db.Drop(ctx) })
}

// empty deletes all documents. Most collections have none: which have some is asked first, in one go.
func empty(uri, name string) error {
	return with(uri, name, func(ctx context.Context, db *mongo.Database) error {
		names, err := db.ListCollectionNames(ctx, bson.D{})
		if err != nil || len(names) == 0 {
			return err
		}
		first := func(collection string) mongo.Pipeline {
			return mongo.Pipeline{{{Key: "$limit", Value: 1}}, {{Key: "$project", Value: bson.M{"_id": bson.M{"$literal": collection}}}}}
		}
		ask := first(names[0])
		for _, other := range names[1:] {
			ask = append(ask, bson.D{{Key: "$unionWith", Value: bson.M{"coll": other, "pipeline": first(other)}}})
		}
		cur, err := db.Collection(names[0]).Aggregate(ctx, ask)
		if err != nil {
			return err
		}
		var filled []struct {
			Name string `bson:"_id"`
		}
		if err := cur.All(ctx, &filled); err != nil {
			return err
		}
		for _, c := range filled {
			if _, err := db.Collection(c.Name).DeleteMany(ctx, bson.D{}); err != nil {
				return err
			}
		}
		return nil
	})
}

// with does something to a database.
func with(uri, name string, do func(context.Context, *mongo.Database) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	client, err := mongo.Connect(ctx, options.Client().ApplyURI(uri))
	if err != nil {
		return fmt.Errorf("mongotest: %s: %w", name, err)
	}
	defer func() { _ = client.Disconnect(ctx) }()
	if err := do(ctx, client.Database(name)); err != nil {
		return fmt.Errorf("mongotest: %s: %w", name, err)
	}
	return nil
}

// script is scripts/get-mongod.sh of the module that the test is in: go test
// runs a test in its package's folder, and -trimpath leaves out where that lies.
func script() (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := here; ; dir = filepath.Dir(dir) {
		path := filepath.Join(dir, "scripts", "get-mongod.sh")
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no scripts/get-mongod.sh above %s", here)
		}
	}
}

// binary finds a mongod, or fetches one.
func binary() (string, error) {
	if path, err := exec.LookPath("mongod"); err == nil {
		return path, nil
	}
	script, err := script()
	if err != nil {
		return "", err
	}
	out, err := exec.Command("/bin/sh", script).Output()
	if err != nil {
		var why string
		if exit, ok := err.(*exec.ExitError); ok {
			why = strings.TrimSpace(string(exit.Stderr))
		}
		return "", fmt.Errorf("scripts/get-mongod.sh: %w %s", err, why)
	}
	return strings.TrimSpace(string(out)), nil
}
