package handlers

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"wangge/handlers/web"
	"wangge/store/enginetest"
)

// What only a socket shows: where a request ends, and that nothing in its body is ever answered.

const (
	hidden  = "GET /.well-known/jwks.json HTTP/1.1\r\nHost: x\r\n\r\n" // the request in a body
	genuine = "GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
)

// received is an answer as it came over the socket.
type received struct {
	status int
	header http.Header
	close  bool
	body   []byte
}

func (a received) isOf(word string) bool { return bytes.Contains(a.body, []byte(word)) }

// exchange sends bytes on a connection of its own and returns what is answered until the server closes it.
func exchange(t *testing.T, address, raw string) []received {
	t.Helper()
	network := "tcp"
	if strings.HasPrefix(address, "/") {
		network = "unix"
	}
	conn, err := net.Dial(network, strings.TrimPrefix(address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(2 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.WriteString(conn, raw) }() // which fails when the server has closed already
	var out []received
	for in := bufio.NewReader(conn); ; {
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			if nerr, ok := err.(net.Error); ok && nerr.Timeout() {
				t.Fatalf("the connection stays open after %d answers to %.300q", len(out), raw)
			}
			return out
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, received{resp.StatusCode, resp.Header, resp.Close, body})
	}
}

// framing is a way to say how long a body is: it writes the request that has these lines and this body.
type framing struct {
	name  string
	write func(line string, header []string, body string) string
	bad   bool // nobody can tell where it ends
}

func lines(line string, header ...string) string {
	return line + "\r\n" + strings.Join(header, "\r\n") + "\r\n\r\n"
}

func chunk(body string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(body), body) }

func length(body string) string { return fmt.Sprintf("Content-Length: %d", len(body)) }

const chunkedHeader = "Transfer-Encoding: chunked"

var framings = []framing{
	{"length first", func(line string, header []string, body string) string {
		return lines(line, append([]string{length(body)}, header...)...) + body
	}, false},
	{"length last", func(line string, header []string, body string) string {
		return lines(line, append(header, length(body))...) + body
	}, false},
	{"chunked", func(line string, header []string, body string) string {
		return lines(line, append(header, chunkedHeader)...) + chunk(body) + "0\r\n\r\n"
	}, false},
	{"many chunks", func(line string, header []string, body string) string {
		out := lines(line, append(header, chunkedHeader)...)
		for ; len(body) > 1000; body = body[1000:] {
			out += chunk(body[:1000])
		}
		return out + chunk(body) + "0\r\n\r\n"
	}, false},
	{"a chunk that cannot be", func(line string, header []string, body string) string {
		return lines(line, append(header, chunkedHeader)...) + chunk(body) + "zz\r\n" + hidden
	}, true},
	{"chunks that do not end", func(line string, header []string, body string) string {
		return lines(line, append(header, chunkedHeader)...) + chunk(body) + hidden
	}, true},
	{"length and chunks", func(line string, header []string, body string) string {
		return lines(line, append(header, fmt.Sprintf("Content-Length: %d", len(chunk(body))), chunkedHeader)...) + chunk(body) + "0\r\n\r\n" + hidden
	}, true},
	{"chunks and length", func(line string, header []string, body string) string {
		return lines(line, append(header, chunkedHeader, "Content-Length: 5")...) + "0\r\n\r\n" + hidden + body
	}, true},
	{"two lengths", func(line string, header []string, body string) string {
		return lines(line, append(header, "Content-Length: 0", length(body))...) + body
	}, true},
	{"the same length twice", func(line string, header []string, body string) string {
		return lines(line, append(header, length(body), length(body))...) + body
	}, true},
	{"two lengths in one line", func(line string, header []string, body string) string {
		return lines(line, append(header, length(body)+", 0")...) + body
	}, true},
	{"a coding before the chunks", func(line string, header []string, body string) string {
		return lines(line, append(header, "Transfer-Encoding: gzip, chunked")...) + chunk(body) + "0\r\n\r\n"
	}, true},
	{"a coding that only looks like chunks", func(line string, header []string, body string) string {
		return lines(line, append(header, "Transfer-Encoding: \vchunked")...) + chunk(body) + "0\r\n\r\n"
	}, true},
	{"a blank before the colon", func(line string, header []string, body string) string {
		return lines(line, append(header, "Transfer-Encoding : chunked")...) + chunk(body) + "0\r\n\r\n"
	}, true},
	{"chunks in HTTP/1.0", func(line string, header []string, body string) string {
		return lines(strings.Replace(line, "1.1", "1.0", 1), append(header, chunkedHeader, "Connection: keep-alive")...) + chunk(body) + "0\r\n\r\n"
	}, true},
	{"a chunk longer than numbers go", func(line string, header []string, body string) string {
		return lines(line, append(header, chunkedHeader)...) + "10000000000000001\r\nx\r\n0\r\n\r\n" + hidden
	}, true},
	{"a chunk shorter than it says", func(line string, header []string, body string) string {
		return lines(line, append(header, chunkedHeader)...) + "1\r\n" + body
	}, true},
	{"a length that is none", func(line string, header []string, body string) string {
		return lines(line, append(header, "Content-Length: +1")...) + body
	}, true},
	{"a length below nothing", func(line string, header []string, body string) string {
		return lines(line, append(header, "Content-Length: -1")...) + body
	}, true},
}

// TestNoBodyIsARequest: whatever refuses, and wherever a body ends, nothing
// in it is answered, and what cannot be told apart closes the connection.
func TestNoBodyIsARequest(t *testing.T) {
	h := copyHarness(t, enginetest.SQLite(t))
	account := object{"username": "li.si", "name": "李四", "grants": []object{{"role": "outreach_worker", "area": niujia}}}
	h.must(t, 201, call{method: "POST", url: "/v1/accounts", as: "admin", body: account})
	h.limit(t, "+8613900000001")
	address := h.listen(t)
	attack := strings.Repeat("x", 8192) + hidden
	padded := func(body any) string { return string(must(json.Marshal(body))(t)) + strings.Repeat(" ", 9000) }
	for _, refusal := range []struct {
		status   int
		line, as string
		header   []string
		body     string
	}{
		{401, "POST /v1/tickets HTTP/1.1", "", nil, attack},
		{401, "GET /v1/me HTTP/1.1", "", nil, attack},
		{401, "DELETE /v1/sessions/current HTTP/1.1", "", nil, attack},
		{403, "POST /v1/accounts HTTP/1.1", "resident", nil, attack},
		{404, "POST /nope HTTP/1.1", "", nil, attack},
		{404, "GET /nope HTTP/1.1", "", nil, attack},
		{405, "DELETE /v1/tickets HTTP/1.1", "resident", nil, attack},
		{405, "PUT /healthz HTTP/1.1", "", nil, attack},
		{400, "POST /v1/tickets?colour=red HTTP/1.1", "resident", nil, attack},
		{400, "GET /healthz HTTP/1.1", "", nil, attack},
		{400, "GET /v1/me HTTP/1.1", "resident", nil, attack},
		{400, "DELETE /v1/sessions/current HTTP/1.1", "resident", nil, attack},
		{400, "POST /v1/me/calendar HTTP/1.1", "outreach_worker", nil, attack},
		{400, "POST /v1/tickets HTTP/1.1", "resident", nil, attack}, // no JSON
		{409, "POST /v1/accounts HTTP/1.1", "admin", nil, padded(account)},
		{412, "PATCH /v1/me HTTP/1.1", "resident", []string{`If-Match: "99"`}, padded(object{"language": "en"})},
		{413, "POST /v1/tickets HTTP/1.1", "resident", nil, strings.Repeat("x", 70<<10) + hidden},
		{413, "POST /v1/tickets HTTP/1.1", "resident", nil, strings.Repeat("x", 2<<20) + hidden},
		{415, "POST /v1/tickets HTTP/1.1", "resident", []string{"Content-Type: text/plain"}, attack},
		{415, "POST /v1/tickets HTTP/1.1", "resident", []string{"Content-Encoding: gzip"}, attack},
		{422, "POST /v1/tickets HTTP/1.1", "resident", nil, padded(object{})},
		{428, "PATCH /v1/me HTTP/1.1", "resident", nil, padded(object{"language": "en"})},
		{429, "POST /v1/codes HTTP/1.1", "", nil, padded(object{"phone": "+8613900000001"})},
		{501, "BREW /v1/tickets HTTP/1.1", "", nil, attack},
	} {
		header := append([]string{"Host: x"}, refusal.header...)
		if refusal.as != "" {
			header = append(header, "Authorization: Bearer "+h.token(t, refusal.as))
		}
		if !strings.Contains(strings.Join(header, " "), "Content-Type") {
			kind := web.JSON
			if strings.HasPrefix(refusal.line, "PATCH") {
				kind = web.MergePatch
			}
			header = append(header, "Content-Type: "+kind)
		}
		for _, f := range framings {
			about := fmt.Sprintf("%d %s, %s", refusal.status, refusal.line, f.name)
			answers := exchange(t, address, f.write(refusal.line, header, refusal.body)+genuine)
			if len(answers) == 0 {
				t.Errorf("%s: no answer", about)
				continue
			}
			first := answers[0]
			if first.status != refusal.status && !(f.bad && first.status >= 400 && first.status < 500) {
				t.Errorf("%s: %d %s", about, first.status, first.body)
			}
			if !strings.HasPrefix(first.header.Get("Content-Type"), "application/problem+json") || first.header.Get("X-Request-Id") == "" {
				t.Errorf("%s: no problem: %v %s", about, first.header, first.body)
			}
			for _, a := range answers[1:] {
				if f.bad || a.status != 200 || !a.isOf("ready") {
					t.Errorf("%s: another answer: %d %s", about, a.status, a.body)
				}
			}
			if len(answers) > 2 || len(answers) == 2 && first.close {
				t.Errorf("%s: %d answers", about, len(answers))
			}
			if first.close != (len(answers) == 1) && !f.bad && f.name != "chunked" && f.name != "many chunks" {
				t.Errorf("%s: closed without saying so", about)
			}
		}
	}
}

// TestMalformedRequestsClose: a request that cannot be understood is answered once, by a problem.
func TestMalformedRequestsClose(t *testing.T) {
	h := copyHarness(t, enginetest.SQLite(t))
	address := h.listen(t)
	for _, c := range []struct {
		name, raw string
		status    int
	}{
		{"no host", "GET /healthz HTTP/1.1\r\n\r\n", 400},
		{"two hosts", lines("GET /healthz HTTP/1.1", "Host: x", "Host: y"), 400},
		{"the same host twice", lines("GET /healthz HTTP/1.1", "Host: x", "Host: x"), 400},
		{"no version", "GET /healthz\r\nHost: x\r\n\r\n", 400},
		{"a header without a name", lines("GET /healthz HTTP/1.1", "Host: x", ": a"), 400},
		{"a header too large", lines("GET /healthz HTTP/1.1", "Host: x", "X-Note: "+strings.Repeat("a", 1<<20)), 431},
		{"an unknown method", lines("BREW /healthz HTTP/1.1", "Host: x", "Connection: close"), 501},
		{"a method in small letters", lines("get /healthz HTTP/1.1", "Host: x", "Connection: close"), 501},
	} {
		answers := exchange(t, address, c.raw+genuine)
		if len(answers) != 1 || answers[0].status != c.status || !answers[0].close {
			t.Errorf("%s: %+v", c.name, answers)
			continue
		}
		var p struct {
			Status    int
			RequestID string
		}
		if err := json.Unmarshal(answers[0].body, &p); err != nil || p.Status != c.status || p.RequestID == "" || p.RequestID != answers[0].header.Get("X-Request-Id") {
			t.Errorf("%s: %v %s", c.name, err, answers[0].body)
		}
	}
	gone := &net.OpError{Op: "read", Err: os.ErrClosed} // as of a client that breaks off
	h.App().Server().ErrorHandler(&fasthttp.RequestCtx{}, gone)
	if strings.Contains(h.logs.String(), `"ERROR"`) {
		t.Errorf("what strangers send is logged as our failure: %s", h.logs)
	}
}

// TestChunksOfNothing: a body of no bytes is no body, however that is said.
func TestChunksOfNothing(t *testing.T) {
	h := copyHarness(t, enginetest.SQLite(t))
	answers := exchange(t, h.listen(t), lines("GET /healthz HTTP/1.1", "Host: x", chunkedHeader)+"0\r\n\r\n"+genuine)
	if len(answers) != 2 || answers[0].status != 200 || answers[1].status != 200 {
		t.Errorf("%+v", answers)
	}
}

// TestExpectations: a client that asks before it sends its body is told no before it has sent it.
func TestExpectations(t *testing.T) {
	h := copyHarness(t, enginetest.SQLite(t))
	address := h.listen(t)
	bearer := func(who string) string { return "Authorization: Bearer " + h.token(t, who) }
	report := string(must(json.Marshal(draft(inside(niujia, 1), nil)))(t))
	for _, c := range []struct {
		name   string
		line   string
		header []string
		body   string
		want   []int
	}{
		{"a stranger", "POST /v1/tickets HTTP/1.1", []string{length(report)}, "", []int{401}},
		{"a stranger's chunks", "POST /v1/tickets HTTP/1.1", []string{chunkedHeader}, "", []int{401}},
		{"who may not", "POST /v1/accounts HTTP/1.1", []string{bearer("resident"), length(report)}, "", []int{403}},
		{"900 MB where 64 kB are taken", "POST /v1/tickets HTTP/1.1", []string{bearer("resident"), "Content-Length: 943718400"}, "", []int{413}},
		{"no such path", "POST /nope HTTP/1.1", []string{length(report)}, "", []int{404}},
		{"a method the path does not take", "PUT /v1/tickets HTTP/1.1", []string{length(report)}, "", []int{405}},
		{"an unknown method", "BREW /v1/tickets HTTP/1.1", []string{length(report)}, "", []int{501}},
		{"a body where there is none", "DELETE /v1/sessions/current HTTP/1.1", []string{bearer("resident"), length(report)}, "", []int{400}},
		{"an unknown parameter", "POST /v1/tickets?colour=red HTTP/1.1", []string{bearer("resident"), length(report)}, "", []int{400}},
		{"another type", "POST /v1/tickets HTTP/1.1", []string{bearer("resident"), length(report), "Content-Type: text/plain"}, "", []int{415}},
		{"a compressed body", "POST /v1/tickets HTTP/1.1", []string{bearer("resident"), length(report), "Content-Encoding: gzip"}, "", []int{415}},
		{"a report", "POST /v1/tickets HTTP/1.1", []string{bearer("resident"), length(report)}, report, []int{100, 201, 200}},
		{"a report in chunks", "POST /v1/tickets HTTP/1.1", []string{bearer("resident"), chunkedHeader}, chunk(report) + "0\r\n\r\n", []int{100, 201, 200}},
		{"too much after all", "POST /v1/tickets HTTP/1.1", []string{bearer("resident"), chunkedHeader}, chunk(strings.Repeat(" ", 70<<10)) + "0\r\n\r\n", []int{100, 413}},
		{"nothing to send", "DELETE /v1/sessions/current HTTP/1.1", []string{bearer("resident")}, "", []int{100, 204, 200}},
	} {
		header := append([]string{"Host: x", "Expect: 100-continue"}, c.header...)
		if !strings.Contains(strings.Join(header, " "), "Content-Type") {
			header = append(header, "Content-Type: "+web.JSON)
		}
		var got []int
		for _, a := range exchange(t, address, lines(c.line, header...)+c.body+genuine) {
			got = append(got, a.status)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// limit asks for codes until that is refused.
func (h *harness) limit(t *testing.T, phone string) {
	t.Helper()
	for range 20 {
		if h.do(t, call{method: "POST", url: "/v1/codes", body: object{"phone": phone}}).status == 429 {
			return
		}
	}
	t.Fatal("codes have no limit")
}
