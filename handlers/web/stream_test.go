package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain"
)

// streaming is a route that answers with a Stream.
func streaming(path string, stream Stream) *Route {
	return &Route{Method: "GET", Path: path, Handle: func(*Request) (*Reply, error) { return &Reply{Status: 200, Stream: stream}, nil }}
}

// waitFor waits for an event of a test.
func waitFor[T any](t *testing.T, events <-chan T) (event T) {
	t.Helper()
	select {
	case event = <-events:
	case <-time.After(time.Minute):
		t.Fatal("it does not come")
	}
	return event
}

// ask sends a request as it is, so that nothing is unpacked.
func (h *harness) ask(t *testing.T, method, path, encoding string) (*http.Response, []byte, error) {
	t.Helper()
	request := must(http.NewRequest(method, "http://"+h.address+path, nil))(t)
	request.Header.Set("Accept-Encoding", encoding)
	response := must(http.DefaultClient.Do(request))(t)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response, body, err
}

func TestStreamedAnswers(t *testing.T) {
	items := func(n int) *Route {
		return &Route{Method: "GET", Path: "/items", Handle: func(*Request) (*Reply, error) {
			return Items(`{"items":`, slices.Values(make([]string, n)), "there is more"), nil
		}}
	}
	for _, n := range []int{0, 1, 3000, 200_000} {
		h := serve(t, items(n))
		want := must(json.Marshal(List[string]{make([]string, n), new("there is more")}))(t)
		long, zips := len(want) > partBytes, len(want) > zipAbove
		for _, encoding := range []string{"identity", "gzip"} {
			response, body, err := h.ask(t, "GET", "/items", encoding)
			if zipped := response.Header.Get("Content-Encoding") == "gzip"; zipped != (zips && encoding == "gzip") {
				t.Errorf("%d items for %s: %v", n, encoding, response.Header)
			} else if zipped {
				body = must(io.ReadAll(must(gzip.NewReader(bytes.NewReader(body)))(t)))(t)
			}
			if err != nil || !bytes.Equal(body, want) || response.Header.Get("Content-Type") != JSON || response.Header.Get("Link") == "" {
				t.Errorf("%d items for %s: %d bytes of %d, %v, %v", n, encoding, len(body), len(want), response.Header, err)
			}
			if chunked := response.ContentLength < 0; chunked != long {
				t.Errorf("%d items for %s: length %d", n, encoding, response.ContentLength)
			}
		}
		if response, body, err := h.ask(t, "HEAD", "/items", "identity"); err != nil || response.StatusCode != 200 || len(body) > 0 || !long && response.ContentLength != int64(len(want)) {
			t.Errorf("HEAD of %d items: %v %q %v", n, response, body, err)
		}
	}
}

// Who speaks HTTP/1.0 knows no chunks and is given the whole.
func TestStreamedAnswersBeforeChunks(t *testing.T) {
	h := serve(t, streaming("/long", func(_ context.Context, w *Writer) error {
		_, err := w.Write(bytes.Repeat([]byte("a"), 3*partBytes))
		return err
	}))
	conn := must(net.Dial("tcp", h.address))(t)
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET /long HTTP/1.0\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(string(must(io.ReadAll(conn))(t)), "\r\n\r\n")
	if strings.Contains(strings.ToLower(head), "transfer-encoding") || body != strings.Repeat("a", 3*partBytes) {
		t.Errorf("%s\n%d bytes", head, len(body))
	}
}

// A Stream ends with an answer that turns out to be known already.
func TestStreamOfWhatIsAtHand(t *testing.T) {
	ended := make(chan bool, 1)
	h := serve(t, &Route{Method: "GET", Path: "/long", Handle: func(*Request) (*Reply, error) {
		return &Reply{Status: 200, Tag: "t", Stream: func(_ context.Context, w *Writer) error {
			defer func() { ended <- true }()
			_, err := w.Write(make([]byte, 3*partBytes))
			return err
		}}, nil
	}})
	request := must(http.NewRequest("GET", "http://"+h.address+"/long", nil))(t)
	request.Header.Set("If-None-Match", "*")
	response := must(http.DefaultClient.Do(request))(t)
	response.Body.Close()
	if response.StatusCode != 304 {
		t.Errorf("%d %v", response.StatusCode, response.Header)
	}
	waitFor(t, ended)
}

// Until a part is sent whatever goes wrong is a problem; after that the connection breaks.
func TestStreamsThatFail(t *testing.T) {
	part := make([]byte, partBytes)
	waits := func(ctx context.Context, _ *Writer) error { <-ctx.Done(); return ctx.Err() }
	early := map[string]Stream{
		"not_found": func(_ context.Context, w *Writer) error { _, _ = w.Write(part[1:]); return domain.ErrNotFound },
		"internal":  func(context.Context, *Writer) error { panic("the secret cause") },
		"timeout":   waits,
	}
	for code, stream := range early {
		for _, late := range []bool{false, true} {
			route := streaming("/fails", stream)
			if late {
				route = streaming("/fails", func(ctx context.Context, w *Writer) error {
					if _, err := w.Write(part); err != nil {
						return err
					}
					return stream(ctx, w)
				})
			}
			route.Patience = 10 * time.Millisecond
			h := serve(t, route)
			response, body, err := h.ask(t, "GET", "/fails", "identity")
			switch {
			case !late && (response.StatusCode < 400 || !strings.Contains(string(body), code) || response.Header.Get("Content-Type") != "application/problem+json"):
				t.Errorf("%s: %d %s", code, response.StatusCode, body)
			case late && (err == nil || response.StatusCode != 200 || !strings.Contains(h.logs.String(), "answer broken off")):
				t.Errorf("%s late: %v, %d bytes; the log has %s", code, err, len(body), h.logs)
			}
		}
	}
}

// A Stream waits for its client, is ended when that has gone or takes too long, and is no more than a part ahead of what the network holds.
func TestStreamsEndWithTheirClients(t *testing.T) {
	for name, leaves := range map[string]bool{"leaves": true, "takes nothing": false} {
		t.Run(name, func(t *testing.T) {
			ended, parts := make(chan error, 1), 0
			route := streaming("/endless", func(_ context.Context, w *Writer) (err error) {
				defer func() { ended <- err }()
				for part := make([]byte, partBytes); err == nil; parts++ {
					_, err = w.Write(part)
				}
				return err
			})
			if !leaves {
				route.Taking = 20 * time.Millisecond
			}
			h := serve(t, route)
			conn := must(net.Dial("tcp", h.address))(t)
			defer conn.Close()
			if _, err := io.WriteString(conn, "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			if leaves {
				_ = must(conn.Read(make([]byte, 100)))(t)
				conn.Close()
			}
			if err := waitFor(t, ended); !errors.Is(err, ErrGone) {
				t.Errorf("it ended with %v", err)
			}
			if !leaves && parts > 64<<20/partBytes {
				t.Errorf("%d parts for a client that takes none", parts)
			}
		})
	}
}

// Shutdown lets a Stream come to its end, and ends one that goes on for longer than it waits.
func TestStreamsAndShutdown(t *testing.T) {
	for name, patient := range map[string]bool{"drains": true, "ends": false} {
		t.Run(name, func(t *testing.T) {
			goOn, ended := make(chan struct{}), make(chan error, 1)
			h := serve(t, streaming("/long", func(ctx context.Context, w *Writer) (err error) {
				defer func() { ended <- err }()
				if _, err := io.WriteString(w, "begun, "); err != nil {
					return err
				}
				if err := w.Flush(); err != nil {
					return err
				}
				select {
				case <-goOn:
				case <-ctx.Done():
					return ctx.Err()
				}
				_, err = io.WriteString(w, "done")
				return err
			}))
			response := must(http.Get("http://" + h.address + "/long"))(t)
			defer response.Body.Close()
			waits, giveUp := context.WithCancel(t.Context())
			defer giveUp()
			stopped := make(chan error, 1)
			go func() { stopped <- h.Shutdown(waits) }()
			<-h.stopping
			if patient {
				close(goOn)
			} else {
				giveUp()
			}
			body, err := io.ReadAll(response.Body)
			if got := waitFor(t, stopped); patient != (got == nil) {
				t.Errorf("Shutdown: %v", got)
			}
			if got := waitFor(t, ended); patient != (got == nil) || patient != (err == nil) || patient && string(body) != "begun, done" {
				t.Errorf("it ended with %v; read %q, %v", got, body, err)
			}
		})
	}
}
