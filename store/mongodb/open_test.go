package mongodb_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"wangge/store/mongodb"
	"wangge/store/mongodb/mongotest"
)

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := closed.Addr().String()
	_ = closed.Close()
	for _, c := range []struct {
		uri  string
		says []string
	}{
		{"mongodb://user:s3cret@" + nobody + "/x?serverSelectionTimeoutMS=300", []string{nobody}},
		{"mongodb://user:s3cret@" + nobody + "/?replicaSet=rs0&serverSelectionTimeoutMS=300", []string{nobody}},
		{"mongodb://user:s3cret/@host/x", []string{"not valid", "%-escapes"}},
		{"mongodb://user:s3cret@host:port/x", []string{"not valid"}},
		{"http://user:s3cret@host/x", []string{"not valid", "mongodb://"}},
		{"", []string{"not valid"}},
		{mongotest.StartStandalone(t).URI("x"), []string{"mongod --replSet rs0", "rs.initiate()", "mongosh"}},
	} {
		e, err := mongodb.Open(t.Context(), c.uri)
		if err == nil {
			_ = e.Close(t.Context())
			t.Errorf("%s was opened", c.uri)
			continue
		}
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the password is in: %v", err)
		}
		for _, text := range c.says {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("%s: %q is not in: %v", c.uri, text, err)
			}
		}
	}
}

func TestOpenPings(t *testing.T) {
	e := open(t, mongotest.URI(t), 1)[0]
	if err := e.Ping(t.Context()); err != nil {
		t.Errorf("ping: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := e.Close(ctx); err != nil {
		t.Errorf("close: %v", err)
	}
	if err := e.Ping(ctx); err == nil {
		t.Error("a closed engine answers")
	}
}
