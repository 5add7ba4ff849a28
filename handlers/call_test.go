package handlers

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"wangge/handlers/web"
)

// call is one request.
type call struct {
	method, url string
	as          string            // who of the city; "" for nobody
	header      map[string]string // over what follows from the rest
	body        any               // string and []byte as they are, anything else as JSON; nil for none
}

// answer is a response with its body read.
type answer struct {
	status int
	header http.Header
	body   []byte
	tree   any // of a JSON body
}

func (h *harness) request(t *testing.T, c call) *http.Request {
	t.Helper()
	var body []byte
	switch b := c.body.(type) {
	case nil:
	case string:
		body = []byte(b)
	case []byte:
		body = b
	default:
		body = must(json.Marshal(b))(t)
	}
	req := httptest.NewRequest(c.method, c.url, bytes.NewReader(body))
	if c.as != "" {
		req.Header.Set("Authorization", "Bearer "+h.token(t, c.as))
	}
	if c.body != nil {
		req.Header.Set("Content-Type", web.JSON)
		if c.method == "PATCH" {
			req.Header.Set("Content-Type", web.MergePatch)
		}
	}
	for k, v := range c.header {
		req.Header.Set(k, v)
		if v == "" {
			req.Header.Del(k)
		}
	}
	return req
}

// do sends a request and holds the response, and a request that was taken, to openapi.yaml.
func (h *harness) do(t *testing.T, c call) *answer {
	t.Helper()
	a, req, resp := h.send(t, c)
	h.check(t, c, req, resp, a)
	return a
}

func (h *harness) send(t *testing.T, c call) (*answer, *http.Request, *http.Response) {
	t.Helper()
	req := h.request(t, c)
	sent := []byte(nil)
	if req.Body != nil {
		sent = must(io.ReadAll(req.Body))(t)
		req.Body = io.NopCloser(bytes.NewReader(sent))
	}
	resp, err := h.App().Test(req, -1)
	if err != nil {
		t.Fatalf("%s %s: %v", c.method, c.url, err)
	}
	defer resp.Body.Close()
	a := &answer{status: resp.StatusCode, header: resp.Header.Clone(), body: must(io.ReadAll(resp.Body))(t)}
	if resp.Header.Get("Content-Encoding") == "gzip" && strings.Contains(resp.Header.Get("Content-Type"), "json") && len(a.body) > 0 {
		a.body = must(io.ReadAll(must(gzip.NewReader(bytes.NewReader(a.body)))(t)))(t)
	}
	if strings.Contains(resp.Header.Get("Content-Type"), "json") && len(a.body) > 0 {
		if err := json.Unmarshal(a.body, &a.tree); err != nil {
			t.Errorf("%s %s: %v in %q", c.method, c.url, err, a.body)
		}
	}
	req.Body = io.NopCloser(bytes.NewReader(sent))
	resp.Body = io.NopCloser(bytes.NewReader(a.body))
	return a, req, resp
}

// anyTime is a time in whatever form; wireTime is the one that answers have.
var (
	anyTime  = regexp.MustCompile(`"\d{4}-\d\d-\d\d[Tt ][0-9:.,]*([Zz]|[+-]\d\d:?\d\d)?"`)
	wireTime = regexp.MustCompile(`^"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"$`)
)

// What HTTP itself has for every operation; the contract speaks of it once, in words.
var (
	ofEveryRequest = []string{"X-Request-Id", "Origin", "Sec-Fetch-Site", "Cookie", "Accept-Datum", "X-Http-Method-Override"}
	ofEveryAnswer  = []string{"Access-Control-Allow-Origin", "Access-Control-Expose-Headers"}
)

// check validates request and response against the contract.
func (h *harness) check(t *testing.T, c call, req *http.Request, resp *http.Response, a *answer) {
	t.Helper()
	about := c.method + " " + c.url + " as " + c.as + " → " + strconv.Itoa(a.status)
	if c.method == "HEAD" {
		return // a GET without its body: nothing for the contract to add
	}
	for _, name := range ofEveryRequest {
		req.Header.Del(name)
	}
	for _, name := range ofEveryAnswer {
		resp.Header.Del(name)
	}
	if !strings.HasSuffix(req.URL.Path, ".mvt") { // whose forms the contract describes
		req.Header.Del("Accept-Encoding")
		resp.Header.Del("Content-Encoding")
		resp.Header.Del("Vary")
	}
	at := *req.URL
	if at.Path == "/ogc/" { // as OGC's own document writes it
		at.Path = "/ogc"
	}
	op, path := contractOf().Of(c.method, &at)
	if op == nil {
		checkProblem(t, about, a.body) // no such operation: it can only be refused
		return
	}
	report(t, about, contractOf().Response(op, a.status, resp.Header, a.body))
	if a.status == 204 || a.status == 202 || a.status == 304 {
		if len(a.body) > 0 {
			t.Errorf("%s: has a body: %q", about, a.body)
		}
	}
	for _, at := range anyTime.FindAll(a.body, -1) {
		if !wireTime.Match(at) {
			t.Errorf("%s: a time that is not in UTC with three digits of its second: %s", about, at)
		}
	}
	if a.status < 400 && !bytes.Contains(a.body, []byte(`"problem":{`)) { // of a batch, of which each item is refused by itself
		report(t, about+": the request is not one of the contract", contractOf().Request(op, path, req, must(io.ReadAll(req.Body))(t)))
	}
	if want := `"status":` + strconv.Itoa(a.status); a.status >= 400 && !bytes.Contains(a.body, []byte(want)) {
		t.Errorf("%s: the problem states another status: %s", about, a.body)
	}
}

// at returns the value at a JSON pointer of the body; nil when there is none.
func (a *answer) at(pointer string) any {
	v := a.tree
	for _, part := range strings.Split(pointer, "/")[1:] {
		switch x := v.(type) {
		case map[string]any:
			v = x[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

func (a *answer) text(pointer string) string {
	s, _ := a.at(pointer).(string)
	return s
}

func (a *answer) items(pointer string) []any {
	s, _ := a.at(pointer).([]any)
	return s
}

// must sends a request that has to be answered with this status.
func (h *harness) must(t *testing.T, status int, c call) *answer {
	t.Helper()
	a := h.do(t, c)
	if a.status != status {
		t.Fatalf("%s %s as %s: %d, want %d: %s", c.method, c.url, c.as, a.status, status, a.body)
	}
	return a
}

// get is must for one of a thousand answers of a form that was held to the contract.
func (h *harness) get(t *testing.T, url, as string) *answer {
	t.Helper()
	a, _, _ := h.send(t, call{method: "GET", url: url, as: as})
	if a.status != 200 {
		t.Fatalf("GET %s as %s: %d: %s", url, as, a.status, a.body)
	}
	return a
}

// scenario is one call and what has to come of it.
type scenario struct {
	name string
	call
	status   int
	code     string         // of the problem
	pointers []string       // of the problem's errors, in order
	fields   map[string]any // of the body, by JSON pointer; nil: not there, or null
	headers  map[string]string
}

// play runs scenarios one after the other. What is refused must have written nothing.
func (h *harness) play(t *testing.T, scenarios []scenario) {
	t.Helper()
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			before := h.Store.Heads()
			a := h.must(t, s.status, s.call)
			if after := h.Store.Heads(); a.status >= 400 && !maps.Equal(before, after) {
				t.Errorf("refused, and yet the journal grew: %v, %v", before, after)
			}
			if s.code != "" && a.text("/code") != s.code {
				t.Errorf("code %q, want %q: %s", a.text("/code"), s.code, a.body)
			}
			if s.pointers != nil && !slices.Equal(a.pointers(), s.pointers) {
				t.Errorf("errors at %v, want %v", a.pointers(), s.pointers)
			}
			for pointer, want := range s.fields {
				if got := a.at(pointer); got != want {
					t.Errorf("%s is %v, want %v: %s", pointer, got, want, a.body)
				}
			}
			for name, want := range s.headers {
				if got := a.header.Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
		})
	}
}

// pointers are those of a problem's errors.
func (a *answer) pointers() []string {
	out := []string{}
	for _, e := range a.items("/errors") {
		p, _ := e.(map[string]any)["pointer"].(string)
		out = append(out, p)
	}
	return out
}

// object is a JSON object in a test's hands.
type object = map[string]any
