package handlers

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wangge/store/enginetest"
)

// behindNginx starts nginx in front of a server and returns its sockets: one
// that reads bodies before it passes them on, one that passes them as they come.
func behindNginx(t *testing.T, address string) []string {
	t.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		program = "/usr/sbin/nginx" // which is on the path of root only
	}
	if _, err := os.Stat(program); err != nil {
		missingClient(t, "nginx")
	}
	dir, err := os.MkdirTemp("", "nginx") // shorter than t.TempDir: the addresses of sockets are
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	conf := must(os.ReadFile("../scripts/smuggling.conf"))(t)
	conf = bytes.Replace(conf, []byte("UPSTREAM"), []byte(strings.TrimPrefix(address, "http://")), 1)
	conf = bytes.ReplaceAll(conf, []byte("unix:"), []byte("unix:"+dir+"/"))
	if err := os.WriteFile(filepath.Join(dir, "nginx.conf"), conf, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	nginx := exec.CommandContext(ctx, program, "-p", dir, "-c", "nginx.conf")
	var complaints bytes.Buffer
	nginx.Stderr = &complaints
	if err := nginx.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = nginx.Wait(); close(ended) }()
	t.Cleanup(func() { stop(); <-ended })
	sockets := []string{filepath.Join(dir, "whole.sock"), filepath.Join(dir, "passing.sock")}
	for _, socket := range sockets {
		for {
			conn, err := net.Dial("unix", socket)
			if err == nil {
				conn.Close()
				break
			}
			select {
			case <-ended:
				t.Fatalf("nginx ended: %s", &complaints)
			case <-time.After(10 * time.Millisecond):
			}
		}
	}
	return sockets
}

// TestNoBodyIsARequestBehindNginx: a stranger sends bodies that end in the
// beginning of a request, so that the next one on the connection to wangge,
// which is a resident's, would become its rest and be carried out for the resident.
func TestNoBodyIsARequestBehindNginx(t *testing.T) {
	h := copyHarness(t, enginetest.SQLite(t))
	sockets := behindNginx(t, h.listen(t))
	half := strings.Repeat("x", 8192) + "DELETE /v1/sessions/current HTTP/1.1\r\nHost: x\r\nX-Rest: "
	last := "Connection: close"
	for _, socket := range sockets {
		resident := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		}}}
		for round := range 25 {
			for _, line := range []string{"POST /nope HTTP/1.1", "GET /nope HTTP/1.1", "POST /v1/tickets HTTP/1.1", "GET /healthz HTTP/1.1", "BREW /v1/tickets HTTP/1.1"} {
				for _, f := range framings {
					if f.bad && round > 0 {
						continue // nginx itself refuses most of them
					}
					for _, a := range exchange(t, socket, f.write(line, []string{"Host: x", last}, half)) {
						if a.status < 400 {
							t.Errorf("%s, %s: %d %s", line, f.name, a.status, a.body)
						}
					}
					req := must(http.NewRequestWithContext(t.Context(), "GET", "http://x/v1/me", nil))(t)
					req.Header.Set("Authorization", "Bearer "+h.token(t, "resident"))
					resp := must(resident.Do(req))(t)
					body := must(io.ReadAll(resp.Body))(t)
					resp.Body.Close()
					if resp.StatusCode != 200 || !strings.Contains(string(body), h.people["resident"].id) {
						t.Fatalf("after %s, %s, the resident is answered %d %s", line, f.name, resp.StatusCode, body)
					}
				}
			}
		}
		resident.CloseIdleConnections()
	}
}
