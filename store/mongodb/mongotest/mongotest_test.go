package mongotest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

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

// A database that was emptied is another test's afterwards, and no two tests' at once.
func TestEmptiedDatabases(t *testing.T) {
	use := func(t *testing.T, uri string) (documents int64) {
		t.Helper()
		client, err := mongo.Connect(t.Context(), options.Client().ApplyURI(uri))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = client.Disconnect(context.Background()) }()
		c := client.Database(uri[strings.LastIndex(uri, "/")+1 : strings.Index(uri, "?")]).Collection("c")
		if documents, err = c.CountDocuments(t.Context(), bson.D{}); err == nil {
			_, err = c.InsertOne(t.Context(), bson.M{"a": 1})
		}
		if err != nil {
			t.Fatal(err)
		}
		return documents
	}
	var first string
	for _, name := range []string{"one", "another"} {
		t.Run(name, func(t *testing.T) {
			mine, other := Emptied(t), Emptied(t)
			if mine == other {
				t.Errorf("twice at once: %s", mine)
			}
			if first != "" && first != mine && first != other {
				t.Errorf("%s was not given again", first)
			}
			first = mine
			if n := use(t, mine) + use(t, other); n > 0 {
				t.Errorf("%d documents of an earlier test", n)
			}
		})
	}
}

func TestSetOutlivesItsPrimary(t *testing.T) {
	set := StartQuickSet(t, 3, time.Second)
	killed, err := set.KillPrimary()
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	for set.Primary() == "" && time.Since(start) < patience {
		time.Sleep(20 * time.Millisecond)
	}
	t.Logf("another primary after %v", time.Since(start).Round(time.Millisecond))
	if now := set.Primary(); now == "" || now == killed {
		t.Errorf("after the primary %s was killed, the primary is %q", killed, now)
	}
	set.Stop()
	if _, err := os.Stat(set.dir); !os.IsNotExist(err) {
		t.Errorf("the folder of a stopped set: %v", err)
	}
}

func TestStandaloneIsInNoSet(t *testing.T) {
	s := StartStandalone(t)
	client, err := mongo.Connect(t.Context(), options.Client().ApplyURI(s.URI("x")))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Disconnect(context.Background()) }()
	err = client.Database("admin").RunCommand(t.Context(), bson.M{"replSetGetStatus": 1}).Err()
	var refused mongo.CommandError
	if !errors.As(err, &refused) || refused.Name != "NoReplicationEnabled" {
		t.Errorf("replSetGetStatus on a standalone: %v", err)
	}
}

// A binary that dies takes its servers with it; the next one clears up after it.
func TestDeadBinaryLeavesNothing(t *testing.T) {
	if os.Getenv("MONGOTEST_DIE") != "" {
		fmt.Println("folder", StartSet(t, 1).dir)
		os.Exit(3) // without cleanup, as after a panic or a time limit
	}
	if runtime.GOOS != "linux" {
		t.Skip("the kernel ends servers with their parent on Linux only")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestDeadBinaryLeavesNothing$")
	cmd.Env = append(os.Environ(), "MONGOTEST_DIE=1", "GOCOVERDIR="+t.TempDir())
	out, err := cmd.CombinedOutput()
	_, dir, found := strings.Cut(string(out), "folder ")
	if dir = strings.TrimSpace(dir); !found || err == nil {
		t.Fatalf("%v: %s", err, out)
	}
	_, err = os.Stat(dir)
	if err != nil {
		t.Fatalf("the dead binary removed its own folder, so this test shows nothing: %v", err)
	}
	deadline := time.Now().Add(patience)
	for lock := ""; ; time.Sleep(20 * time.Millisecond) {
		if lock = holder(t, dir); lock == "" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("mongod still runs as process %s", lock)
		}
	}
	others := []string{
		filepath.Join(os.TempDir(), prefix+"2147483646"),                           // names no process
		filepath.Join(os.TempDir(), fmt.Sprintf("%s%d-live", prefix, os.Getpid())), // of a process that runs
	}
	for _, other := range others {
		if err := os.Mkdir(other, 0o700); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Remove(other) })
	}
	sweepOrphans()
	for _, other := range others {
		if _, err := os.Stat(other); err != nil {
			t.Errorf("swept %s: %v", other, err)
		}
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
}

// holder is the running process that the lock file below dir names, "" if none
// runs: other test binaries sweep too, and what is swept has ended.
func holder(t *testing.T, dir string) string {
	t.Helper()
	if _, err := os.Stat(dir); os.IsNotExist(err) {
		return ""
	}
	locks, err := filepath.Glob(filepath.Join(dir, "*", "mongod.lock"))
	if err == nil && len(locks) == 0 { // somebody sweeps just now
		return "nobody's"
	}
	if err != nil || len(locks) != 1 {
		t.Fatalf("%v, lock files %q", err, locks)
	}
	pid, err := os.ReadFile(locks[0])
	if os.IsNotExist(err) {
		return "nobody's"
	}
	if err != nil {
		t.Fatal(err)
	}
	id := strings.TrimSpace(string(pid))
	if _, err := os.Stat("/proc/" + id); id == "" || os.IsNotExist(err) {
		return ""
	}
	return id
}

// However the tests are built, the script is found from a package's folder, and nowhere else.
func TestScript(t *testing.T) {
	path, err := script()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(path), "..", "go.mod")); err != nil {
		t.Errorf("%s is not this module's: %v", path, err)
	}
	t.Chdir(t.TempDir())
	if path, err := script(); err == nil {
		t.Errorf("outside the module: %s", path)
	}
}

func TestWithDatabase(t *testing.T) {
	for in, want := range map[string]string{
		"mongodb://h:1":                       "mongodb://h:1/x",
		"mongodb://u:p@h:1,i:2/?replicaSet=r": "mongodb://u:p@h:1,i:2/x?replicaSet=r",
		"mongodb://h/db?a=b":                  "mongodb://h/x?a=b",
		"mongodb+srv://u:p@h/db":              "mongodb+srv://u:p@h/x",
	} {
		if got := withDatabase(in, "x"); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
