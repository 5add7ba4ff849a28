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
}

// StartSet starts a set of n servers of a test's own, stopped when it ends.
func StartSet(tb testing.TB, n int) *Set {
	tb.Helper()
	return started(tb, n, true)
}

// StartStandalone starts a server that is in no replica set.
func StartStandalone(tb testing.TB) *Set {
	tb.Helper()
	return started(tb, 1, false)
}

func started(tb testing.TB, n int, replica bool) *Set {
	tb.Helper()
	s, err := start(n, replica)
	if err != nil {
		missing(tb, err)
	}
	tb.Cleanup(s.stop)
	return s
}

// patience is how long servers may take to start and elect a primary.
const patience = 60 * time.Second

func start(n int, replica bool) (s *Set, err error) {
	path, err := binary()
	if err != nil {
		return nil, err
	}
	s = &Set{replica: replica}
	if s.dir, err = os.MkdirTemp("", "wangge-mongod-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.stop()
		}
	}()
	for range n {
		if err := s.run(path); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if replica {
		if err := s.initiate(ctx); err != nil {
			return nil, err
		}
	}
	return s, s.writable(ctx)
}

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
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := startOnLivingThread(cmd); err != nil {
		return err
	}
	n := &node{address: address, cmd: cmd, ended: make(chan struct{})}
	go func() { _ = cmd.Wait(); close(n.ended) }()
	s.nodes = append(s.nodes, n)
	return nil
}

// direct connects to one server, whatever it thinks it is.
func direct(ctx context.Context, address string) (*mongo.Client, error) {
	return mongo.Connect(ctx, options.Client().ApplyURI("mongodb://"+address+"/?directConnection=true").SetServerSelectionTimeout(patience))
}

func (s *Set) initiate(ctx context.Context) error {
	var members bson.A
	for i, n := range s.nodes {
		members = append(members, bson.M{"_id": i, "host": n.address})
		c, err := direct(ctx, n.address) // each must answer before it can be a member
		if err != nil {
			return err
		}
		err = c.Ping(ctx, nil)
		_ = c.Disconnect(ctx)
		if err != nil {
			return fmt.Errorf("mongod on %s did not start: %w", n.address, err)
		}
	}
	c, err := direct(ctx, s.nodes[0].address)
	if err != nil {
		return err
	}
	defer func() { _ = c.Disconnect(ctx) }()
	return c.Database("admin").RunCommand(ctx, bson.D{{Key: "replSetInitiate", Value: bson.M{"_id": "rs0", "members": members}}}).Err()
}

// writable waits until some server takes writes.
func (s *Set) writable(ctx context.Context) error {
	for ctx.Err() == nil {
		if s.Primary() != "" {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return errors.New("mongod: no primary in time")
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
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	for _, n := range nodes {
		select {
		case <-n.ended:
			continue
		default:
		}
		c, err := direct(ctx, n.address)
		if err != nil {
			continue
		}
		var hello struct {
			Primary bool `bson:"isWritablePrimary"`
		}
		err = c.Database("admin").RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello)
		_ = c.Disconnect(ctx)
		if err == nil && hello.Primary {
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
