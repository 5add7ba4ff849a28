package mongotest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
)

// Set is a running replica set, or (of StartStandalone) a server that is in none.
type Set struct {
	dir     string
	replica bool
	mu      sync.Mutex
	nodes   []*node
}

type node struct {
	address string
	cmd     *exec.Cmd
	ended   chan struct{}
	output  bytes.Buffer // to be read after ended
}

// StartSet starts a set of n servers of a test's own, stopped when it ends. It
// elects as servers in the field do: a lost primary is missed for 10 to 12 s.
func StartSet(tb testing.TB, n int) *Set {
	tb.Helper()
	return started(tb, n, true, 0)
}

// StartQuickSet is StartSet with another electionTimeoutMillis.
func StartQuickSet(tb testing.TB, n int, election time.Duration) *Set {
	tb.Helper()
	return started(tb, n, true, election)
}

// StartStandalone starts a server that is in no replica set.
func StartStandalone(tb testing.TB) *Set {
	tb.Helper()
	return started(tb, 1, false, 0)
}

func started(tb testing.TB, n int, replica bool, election time.Duration) *Set {
	tb.Helper()
	leftOut(tb)
	s, err := start(n, replica, election)
	if err != nil {
		missing(tb, err)
	}
	tb.Cleanup(s.stop)
	return s
}

// patience is how long servers may take to start and elect a primary.
const patience = 5 * time.Minute

// start starts n servers; an election timeout of 0 is the server's own.
func start(n int, replica bool, election time.Duration) (s *Set, err error) {
	path, err := binary()
	if err != nil {
		return nil, err
	}
	sweepOrphans()
	s = &Set{replica: replica}
	if s.dir, err = os.MkdirTemp("", fmt.Sprintf("%s%d-", prefix, os.Getpid())); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.stop()
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for range n {
		if err := s.run(path); err != nil {
			return nil, err
		}
	}
	for _, n := range s.nodes {
		if err := n.answers(ctx); err != nil {
			return nil, err
		}
	}
	if replica {
		if err := s.initiate(ctx, election); err != nil {
			return nil, err
		}
	}
	return s, s.ready(ctx)
}

// prefix of the temporary folders; the number of the process that made one follows.
const prefix = "wangge-mongod-"

// run starts one server on a free port of loopback.
func (s *Set) run(path string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	address := l.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	_ = l.Close()
	data := filepath.Join(s.dir, port)
	if err := os.Mkdir(data, 0o700); err != nil {
		return err
	}
	args := []string{
		"--dbpath", data, "--port", port, "--bind_ip", "127.0.0.1", "--logpath", filepath.Join(s.dir, port+".log"), "--nounixsocket",
		"--wiredTigerCacheSizeGB", "0.25", "--setParameter", "diagnosticDataCollectionEnabled=false", "--setParameter", "enableTestCommands=1",
	}
	if s.replica {
		args = append(args, "--replSet", "rs0", "--oplogSize", "128")
	}
	cmd := exec.Command(path, args...)
	cmd.SysProcAttr = endWithParent()
	n := &node{address: address, cmd: cmd, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &n.output, &n.output
	if err := startOnLivingThread(cmd); err != nil {
		return err
	}
	go func() { _ = cmd.Wait(); close(n.ended) }()
	s.nodes = append(s.nodes, n)
	return nil
}

// direct connects to one server, whatever it thinks it is.
func direct(ctx context.Context, address string) (*mongo.Client, error) {
	return mongo.Connect(ctx, options.Client().ApplyURI("mongodb://"+address+"/?directConnection=true").SetServerSelectionTimeout(patience))
}

// answers waits until the server takes connections, or says why it ended.
func (n *node) answers(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-n.ended:
			cancel()
		case <-ctx.Done():
		}
	}()
	c, err := direct(ctx, n.address)
	if err != nil {
		return err
	}
	defer func() { _ = c.Disconnect(context.Background()) }()
	err = c.Ping(ctx, nil)
	select {
	case <-n.ended:
		return fmt.Errorf("mongod on %s ended at its start: %v: %s", n.address, n.cmd.ProcessState, n.output.String())
	default:
		return err
	}
}

func (s *Set) initiate(ctx context.Context, election time.Duration) error {
	var members bson.A
	for i, n := range s.nodes {
		members = append(members, bson.M{"_id": i, "host": n.address})
	}
	config := bson.M{"_id": "rs0", "members": members}
	if election > 0 {
		config["settings"] = bson.M{"electionTimeoutMillis": election.Milliseconds()}
	}
	c, err := direct(ctx, s.nodes[0].address)
	if err != nil {
		return err
	}
	defer func() { _ = c.Disconnect(ctx) }()
	admin := c.Database("admin")
	if err := admin.RunCommand(ctx, bson.D{{Key: "replSetInitiate", Value: config}}).Err(); err != nil {
		return err
	}
	// A set of several votes only after an election timeout, unless one stands at once. It may not
	// be ready to stand yet, or be elected already; either way ready waits for the outcome.
	for range 50 {
		if len(s.nodes) == 1 || admin.RunCommand(ctx, bson.D{{Key: "replSetStepUp", Value: 1}}).Err() == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	return nil
}

// ready waits until one server takes writes and every other follows it: one
// that has not finished its first copy could not take over from a lost primary.
func (s *Set) ready(ctx context.Context) error {
	for ctx.Err() == nil {
		primaries, following := 0, 0
		for _, n := range s.nodes {
			switch h := n.hello(ctx); {
			case h.Primary:
				primaries++
			case h.Secondary:
				following++
			}
		}
		if primaries == 1 && primaries+following == len(s.nodes) {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return errors.New("mongod: the set did not become ready in time")
}

type hello struct {
	Primary   bool `bson:"isWritablePrimary"`
	Secondary bool `bson:"secondary"`
}

// hello is what a server says it is; the zero hello if it does not answer.
func (n *node) hello(ctx context.Context) (h hello) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	c, err := direct(ctx, n.address)
	if err != nil {
		return hello{}
	}
	defer func() { _ = c.Disconnect(context.Background()) }()
	_ = c.Database("admin").RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&h)
	return h
}

// Primary returns the address of the server that takes writes, "" while there is none.
func (s *Set) Primary() string {
	if n := s.primary(); n != nil {
		return n.address
	}
	return ""
}

func (s *Set) primary() *node {
	s.mu.Lock()
	nodes := s.nodes
	s.mu.Unlock()
	for _, n := range nodes {
		select {
		case <-n.ended:
			continue
		default:
		}
		if n.hello(context.Background()).Primary {
			return n
		}
	}
	return nil
}

// KillPrimary kills the primary (SIGKILL) and returns its address.
func (s *Set) KillPrimary() (string, error) {
	n := s.primary()
	if n == nil {
		return "", errors.New("mongod: no primary to kill")
	}
	err := n.cmd.Process.Kill()
	<-n.ended
	return n.address, err
}

// URI is the address of a database on the set.
func (s *Set) URI(database string) string {
	var hosts []string
	for _, n := range s.nodes {
		hosts = append(hosts, n.address)
	}
	uri := "mongodb://" + strings.Join(hosts, ",") + "/" + database
	if s.replica {
		uri += "?replicaSet=rs0"
	}
	return uri
}

// Stop ends the servers and removes their folder; the end of the test does so by itself.
func (s *Set) Stop() { s.stop() }

func (s *Set) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.nodes {
		_ = n.cmd.Process.Signal(syscall.SIGKILL)
		<-n.ended
	}
	s.nodes = nil
	_ = os.RemoveAll(s.dir)
}
