package webhooks

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/notifications/signed"
)

const (
	vectorSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	otherSecret  = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
)

// said is what a process printed so far.
type said struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(b)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

// startReceiver runs the script that the README shows, and returns its address and what it prints.
func startReceiver(t *testing.T, secret string) (string, *said) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("python3 is missing: it comes with apt-get install python3")
		}
		t.Skip("python3 is missing: it comes with apt-get install python3")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	_ = l.Close()
	out := &said{}
	cmd := exec.CommandContext(t.Context(), python, "../../scripts/webhook-receiver.py", fmt.Sprint(port))
	cmd.Env = append(os.Environ(), "WEBHOOK_SECRET="+secret)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-ended })
	address := fmt.Sprintf("127.0.0.1:%d", port)
	for {
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			return "http://" + address, out
		}
		select {
		case <-ended:
			t.Fatalf("the receiver ended: %s", out)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// The receiver of the README takes what we sign, prints it once, and refuses the rest.
func TestReceiver(t *testing.T) {
	at, out := startReceiver(t, vectorSecret)
	const body = `{"type":"case.state","timestamp":"2026-11-23T04:00:00.000Z","data":{"sequence":%d,"step":{"action":"case.accept","to":"accepted"}}}`
	send := func(about, id string, sequence int, when time.Time, want int, secrets ...string) {
		t.Helper()
		content := fmt.Appendf(nil, body, sequence)
		h, err := signed.Header(id, when, content, secrets)
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), "POST", at, bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = h
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: %d, want %d", about, res.StatusCode, want)
		}
	}
	now := time.Now()
	send("the first", "msg_1", 1, now, 204, vectorSecret)
	send("the same again", "msg_1", 1, now.Add(time.Second), 204, vectorSecret)
	send("forged", "msg_2", 2, now, 401, otherSecret)
	send("forged, in the name of one that was taken", "msg_1", 2, now, 401, otherSecret)
	send("old, sent again by somebody who listened", "msg_0", 0, now.Add(-10*time.Minute), 401, vectorSecret)
	send("from the future", "msg_3", 3, now.Add(10*time.Minute), 401, vectorSecret)
	send("with the secret before and the new one", "msg_2", 2, now, 204, otherSecret, vectorSecret)
	eventually(t, "both are printed", func() bool { return strings.Count(out.String(), "\n") >= 2 })
	if got, want := out.String(), "case.state 1 case.accept accepted\ncase.state 2 case.accept accepted\n"; got != want {
		t.Errorf("printed\n%swant\n%s", got, want)
	}
	if text, err := os.ReadFile("../../scripts/webhook-receiver.py"); err != nil || strings.Count(string(text), "\n") > 30 {
		t.Errorf("a receiver takes no more than 30 lines: %v", err)
	}
}
