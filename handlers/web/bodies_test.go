package web

import (
	"errors"
	"fmt"
	"net"
	"net/http"
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
		if err := take(fmt.Sprint("import", i), 64<<20); err != nil {
			t.Errorf("one body of any size: %v", err)
		}
	}
	if err := take("late", 64<<20); !errors.Is(err, errCrowded) {
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
	const picture = 20 << 20
	h := serve(t, &Route{Method: "POST", Path: "/photos", Gate: signedIn, Takes: []string{Multipart}, Limit: picture, Handle: func(*Request) (*Reply, error) { return &Reply{Status: 201}, nil }})
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
		conn := must(net.Dial("tcp", h.address))(t)
		_, err := fmt.Fprintf(conn, "POST /photos HTTP/1.1\r\nHost: grid\r\nAuthorization: Bearer %s\r\nContent-Type: multipart/form-data; boundary=b\r\n%s\r\n\r\n%s", h.token(t, who), length, strings.Repeat("-", 9000))
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	photo := func(status int, who string) http.Header {
		t.Helper()
		request := must(http.NewRequest("POST", "http://"+h.address+"/photos", strings.NewReader("--b--")))(t)
		request.Header.Set("Authorization", "Bearer "+h.token(t, who))
		request.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		response := must(http.DefaultClient.Do(request))(t)
		response.Body.Close()
		if response.StatusCode != status {
			t.Errorf("%s: %d, want %d", who, response.StatusCode, status)
		}
		return response.Header
	}
	flood := []net.Conn{begin("resident", "Content-Length: 20000000")}
	counted(20_000_000)
	flood = append(flood, begin("resident", "Content-Length: 13554432"))
	counted(bodiesEach)
	if header := photo(429, "resident"); header.Get("Retry-After") == "" {
		t.Errorf("no Retry-After: %v", header)
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
}

// A workbook of a few bytes counts as what it may unpack to: an account has one
// under way. Its tables of text pass, and so do a colleague's workbooks.
func TestWorkbooksAtOnce(t *testing.T) {
	begun, end := make(chan struct{}), make(chan struct{})
	h := serve(t, &Route{Method: "POST", Path: "/tables", Gate: signedIn, Takes: []string{CSV, XLSX}, Limit: bodiesEach, Handle: func(r *Request) (*Reply, error) {
		if strings.HasSuffix(string(r.Body), "slow") {
			begun <- struct{}{}
			<-end
		}
		return Empty(), nil
	}})
	send := func(who, media, body string) int {
		request := must(http.NewRequest("POST", "http://"+h.address+"/tables", strings.NewReader(body)))(t)
		request.Header.Set("Authorization", "Bearer "+h.token(t, who))
		request.Header.Set("Content-Type", media)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Error(err)
			return 0
		}
		response.Body.Close()
		return response.StatusCode
	}
	slow := make(chan int)
	go func() { slow <- send("manager", XLSX, "PK\x03\x04slow") }()
	<-begun
	for _, c := range []struct {
		who, media, body string
		want             int
	}{{"manager", XLSX, "PK\x03\x04", 429}, {"manager", CSV, "PK\x03\x04", 429}, {"manager", CSV, "a,b", 204}, {"colleague", XLSX, "PK\x03\x04", 204}} {
		if got := send(c.who, c.media, c.body); got != c.want {
			t.Errorf("%s %s %q: %d, want %d", c.who, c.media, c.body, got, c.want)
		}
	}
	close(end)
	if got := <-slow; got != 204 {
		t.Error(got)
	}
	if got := send("manager", XLSX, "PK\x03\x04"); got != 204 {
		t.Errorf("afterwards: %d", got)
	}
}
