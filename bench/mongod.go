package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
	"go.mongodb.org/mongo-driver/mongo/readconcern"
	"go.mongodb.org/mongo-driver/mongo/writeconcern"
)

// mongod is a replica set of one on loopback, with its files in a folder.
type mongod struct {
	uri     string // of the program's database
	client  *mongo.Client
	running *process
}

// startMongod starts the mongod on PATH, or the one that scripts/get-mongod.sh gets.
func startMongod(ctx context.Context, dir string) (m *mongod, err error) {
	path, err := exec.LookPath("mongod")
	if err != nil {
		cmd := exec.CommandContext(ctx, "sh", filepath.Join(root(), "scripts", "get-mongod.sh"))
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("scripts/get-mongod.sh: %w", err)
		}
		path = strings.TrimSpace(string(out))
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	address := free()
	_, port, _ := net.SplitHostPort(address)
	m = &mongod{uri: "mongodb://" + address + "/wangge?replicaSet=rs0"}
	m.running, err = start(exec.Command(path, "--dbpath", dir, "--port", port, "--bind_ip", "127.0.0.1", "--nounixsocket", "--replSet", "rs0",
		"--oplogSize", "512", "--wiredTigerCacheSizeGB", "0.5", "--setParameter", "diagnosticDataCollectionEnabled=false", "--logpath", filepath.Join(dir, "log")))
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			m.running.stop()
		}
	}()
	if err := m.running.answers(ctx, address); err != nil {
		return nil, err
	}
	durable, journaled := writeconcern.Majority(), true
	durable.Journal = &journaled
	m.client, err = mongo.Connect(ctx, options.Client().ApplyURI("mongodb://"+address+"/?directConnection=true").
		SetReadConcern(readconcern.Majority()).SetWriteConcern(durable).SetServerSelectionTimeout(time.Minute))
	if err != nil {
		return nil, err
	}
	config := bson.M{"_id": "rs0", "members": bson.A{bson.M{"_id": 0, "host": address}}}
	admin := m.client.Database("admin")
	if err := admin.RunCommand(ctx, bson.D{{Key: "replSetInitiate", Value: config}}).Err(); err != nil {
		return nil, err
	}
	for began := time.Now(); time.Since(began) < time.Minute; time.Sleep(50 * time.Millisecond) {
		var hello struct {
			Primary bool `bson:"isWritablePrimary"`
		}
		if err := admin.RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello); err == nil && hello.Primary {
			return m, nil
		}
	}
	return nil, fmt.Errorf("the replica set has no primary")
}

func (m *mongod) stop() {
	_ = m.client.Disconnect(context.Background())
	m.running.stop()
}

// size is what the program's database takes, as of a checkpoint.
func (m *mongod) size(ctx context.Context) (int64, error) {
	if err := m.client.Database("admin").RunCommand(ctx, bson.D{{Key: "fsync", Value: 1}}).Err(); err != nil {
		return 0, err
	}
	var stats struct {
		Total float64 `bson:"totalSize"`
	}
	err := m.client.Database("wangge").RunCommand(ctx, bson.D{{Key: "dbStats", Value: 1}}).Decode(&stats)
	return int64(stats.Total), err
}
