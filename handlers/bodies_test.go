package handlers

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"wangge/domain"
)

// The memory of large bodies is counted for each account and for all.
func TestRoomForBodies(t *testing.T) {
	b := bodies{by: map[string]int64{}}
	var limited *domain.LimitError
	var leave []func()
	take := func(account string, n int64) error {
		out, err := b.admit(account, n)
		if err == nil {
			leave = append(leave, out)
		}
		return err
	}
	for _, n := range []int64{bodiesEach - 1, 1} {
		if err := take("a", n); err != nil {
			t.Fatal(err)
		}
	}
	if err := take("a", 1); !errors.As(err, &limited) || limited.RetryAfter <= 0 {
		t.Errorf("more than an account's share: %v", err)
	}
	for i := range 3 {
		if err := take(fmt.Sprint("import", i), bulk); err != nil {
			t.Errorf("one body of any size: %v", err)
		}
	}
	if err := take("late", bulk); !errors.Is(err, errCrowded) {
		t.Errorf("more than there is: %v", err)
	}
	if err := take("small", 1<<20); err != nil {
		t.Errorf("what still fits: %v", err)
	}
	for _, give := range leave {
		give()
	}
	if b.total != 0 || len(b.by) != 0 {
		t.Errorf("%d bytes of %v are still counted", b.total, b.by)
	}
}

// One account holds all the uploads it may, each as slow as it likes; a
// colleague's photo passes, and so does the account's own afterwards. The
// refusal comes before a body is read: there is none yet.
func TestFloodOfUploads(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		base := h.listen(t)
		counted := func(n int64) {
			t.Helper()
			for {
				h.bodies.mu.Lock()
				total := h.bodies.total
				h.bodies.mu.Unlock()
				if total == n {
					return
				}
				time.Sleep(time.Millisecond)
			}
		}
		begin := func(who, length string) net.Conn {
			t.Helper()
			conn := must(net.Dial("tcp", strings.TrimPrefix(base, "http://")))(t)
			_, err := fmt.Fprintf(conn, "POST /v1/photos HTTP/1.1\r\nHost: grid\r\nAuthorization: Bearer %s\r\nContent-Type: multipart/form-data; boundary=b\r\n%s\r\n\r\n%s", h.token(t, who), length, strings.Repeat("-", 9000))
			if err != nil {
				t.Fatal(err)
			}
			return conn
		}
		photo := func(status int, who string) *answer {
			t.Helper()
			body, media := upload(t, "file", jpegFile())
			return h.must(t, status, call{method: "POST", url: "/v1/photos", as: who, body: body, header: map[string]string{"Content-Type": media}})
		}
		flood := []net.Conn{begin("resident", "Content-Length: 20000000")}
		counted(20_000_000)
		flood = append(flood, begin("resident", "Content-Length: 13554432"))
		counted(bodiesEach)
		if a := photo(429, "resident"); a.header.Get("Retry-After") == "" {
			t.Errorf("no Retry-After: %v", a.header)
		}
		photo(201, "neighbour")
		photo(201, "grid_lead")
		for _, conn := range flood {
			conn.Close()
		}
		counted(0)
		chunked := begin("resident", "Transfer-Encoding: chunked\r\n\r\n800000") // as much as it may become
		counted(picture)
		chunked.Close()
		counted(0)
		photo(201, "resident")
	})
}
