package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/cmd/wangge/demo"
)

// asNode has this program serve, as a process of its own that can be killed.
const asNode = "WANGGE_TEST_AS_NODE"

func beNode() int {
	go func() { // until who started it is gone
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(2)
	}()
	c, _, err := configure("serve", os.Args[1:], os.Environ(), os.Stderr)
	if err == nil {
		c.demoSize = demo.Small
		err = serve(context.Background(), c, nil, os.Stdout)
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// cluster are processes on one store.
type cluster struct {
	t             *testing.T
	args, environ []string

	mu    sync.Mutex
	nodes []*node
	logs  []*output
}

// node is one of them, or its place while it is dead.
type node struct {
	cmd   *exec.Cmd
	ended chan struct{}
	base  string // "" while it does not answer
}

// patience is what anything may take that is waited for.
const patience = 2 * time.Minute

func newCluster(t *testing.T, n int, environ []string, args ...string) *cluster {
	c := &cluster{t: t, args: args, environ: append(os.Environ(), append(environ, asNode+"=1")...), nodes: make([]*node, n)}
	t.Cleanup(func() {
		for i := range c.nodes {
			c.kill(i)
		}
		if t.Failed() {
			for i, log := range c.logs {
				t.Logf("process %d:\n%s", i, log)
			}
		}
	})
	for i := range n {
		c.nodes[i] = &node{}
		c.start(i)
	}
	return c
}

// start starts a node that is dead, and waits until it answers.
func (c *cluster) start(i int) {
	out, cmd := &output{}, exec.Command(os.Args[0], append([]string{"--listen", "127.0.0.1:0"}, c.args...)...)
	cmd.Env, cmd.Stdout, cmd.Stderr = append(c.environ, "GOCOVERDIR="+c.t.TempDir()), out, out
	_, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		c.t.Error(err)
		return
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	c.mu.Lock()
	c.logs = append(c.logs, out)
	*c.nodes[i] = node{cmd: cmd, ended: ended}
	c.mu.Unlock()
	for began := time.Now(); time.Since(began) < patience; time.Sleep(10 * time.Millisecond) {
		if base := servedAt.FindString(out.String()); base != "" {
			c.mu.Lock()
			c.nodes[i].base = base
			c.mu.Unlock()
			return
		}
		select {
		case <-ended:
			c.t.Errorf("node %d ended", i)
			return
		default:
		}
	}
	c.t.Errorf("node %d does not answer", i)
}

func (c *cluster) kill(i int) {
	c.mu.Lock()
	n := *c.nodes[i]
	c.nodes[i].base = ""
	c.mu.Unlock()
	if n.cmd != nil {
		_ = n.cmd.Process.Kill()
		<-n.ended
	}
}

// at is the address of a node, or of another while that is dead; "" while all are.
func (c *cluster) at(i int) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range slices.Concat(c.nodes[i:], c.nodes[:i]) {
		if n.base != "" {
			return n.base
		}
	}
	return ""
}

// ask has one thing answered, by one node or another: it is sent again, under
// the same key, until it is known what came of it.
func (c *cluster) ask(i int, method, path, token, key string, body any) map[string]any {
	var content []byte
	if body != nil {
		content, _ = json.Marshal(body) // texts and numbers
	}
	said := ""
	for began := time.Now(); time.Since(began) < patience && c.t.Context().Err() == nil; time.Sleep(20 * time.Millisecond) {
		status, answer, err := c.try(method, c.at(i)+path, token, key, content)
		said = fmt.Sprint(status, " ", string(answer), err)
		if err != nil || status >= 500 || status == 409 && strings.Contains(string(answer), `"in_progress"`) {
			continue
		}
		out := map[string]any{}
		if status >= 300 || json.Unmarshal(answer, &out) != nil {
			break
		}
		return out
	}
	c.t.Errorf("%s %s: %s", method, path, said)
	return map[string]any{}
}

func (c *cluster) try(method, url, token, key string, body []byte) (int, []byte, error) {
	req, err := http.NewRequestWithContext(c.t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}
