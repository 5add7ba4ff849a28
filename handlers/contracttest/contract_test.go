package contracttest

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

const sample = `
openapi: 3.1.1
info: {title: things, version: '1'}
servers: [{url: https://example.org/api/}]
security: [{bearer: []}]
paths:
  /things/mine:
    get:
      security: []
      responses:
        '204': {description: nothing}
  /things/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer}}
    put:
      parameters:
        - {$ref: '#/components/parameters/Size'}
        - {name: kind, in: query, explode: false, style: form, schema: {type: array, items: {type: string, enum: [a, b]}}}
        - {name: If-Match, in: header, required: true, schema: {type: string, pattern: '^"'}}
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: '#/components/schemas/Thing'}}
          text/csv: {schema: {type: string}}
      responses:
        '200':
          description: put
          headers: {ETag: {required: true, schema: {type: string, pattern: '^"'}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
components:
  parameters:
    Size: {name: size, in: query, schema: {type: integer, maximum: 9}}
  schemas:
    Thing: {type: object, additionalProperties: false, required: [at], properties: {at: {type: string, format: date-time}, note: {type: [string, 'null']}}}
  securitySchemes:
    bearer: {type: http, scheme: bearer}
`

func sampled(t *testing.T, change ...string) *Contract {
	t.Helper()
	tree, err := Parse([]byte(strings.NewReplacer(change...).Replace(sample)))
	if err != nil {
		t.Fatal(err)
	}
	return New(tree)
}

func TestValid(t *testing.T) {
	for name, row := range map[string]struct {
		change []string
		wrong  bool
	}{
		"as it is":            {nil, false},
		"without a version":   {[]string{", version: '1'", ""}, true},
		"a schema of no kind": {[]string{"maximum: 9", "maximum: many"}, true},
		"a dead reference":    {[]string{"schemas/Thing'}}\n          text", "schemas/Nothing'}}\n          text"}, true},
	} {
		if wrong := sampled(t, row.change...).Valid(); (wrong != nil) != row.wrong {
			t.Errorf("%s: %q", name, wrong)
		}
	}
}

// One thing is wrong at a time, and the words about it say which.
func TestRequest(t *testing.T) {
	for _, row := range []struct{ method, url, header, body, wrong string }{
		{"PUT", "/api/things/1?size=9&kind=a,b", "", `{"at":"2026-11-23T01:00:00Z"}`, ""},
		{"PUT", "/api/things/1", "Content-Type: text/csv", "a,b", ""},
		{"GET", "/api/things/mine", "Authorization:", "", ""},
		{"PUT", "/api/things/one", "", `{"at":"2026-11-23T01:00:00Z"}`, "path parameter id"},
		{"PUT", "/api/things/1?size=10", "", `{"at":"2026-11-23T01:00:00Z"}`, "query parameter size"},
		{"PUT", "/api/things/1?size=", "", `{"at":"2026-11-23T01:00:00Z"}`, "query parameter size"},
		{"PUT", "/api/things/1?size=1&size=2", "", `{"at":"2026-11-23T01:00:00Z"}`, "several times"},
		{"PUT", "/api/things/1?kind=a,c", "", `{"at":"2026-11-23T01:00:00Z"}`, "query parameter kind"},
		{"PUT", "/api/things/1?colour=red", "", `{"at":"2026-11-23T01:00:00Z"}`, "colour is not declared"},
		{"PUT", "/api/things/1", "If-Match:", `{"at":"2026-11-23T01:00:00Z"}`, "no header parameter If-Match"},
		{"PUT", "/api/things/1", "If-Match: x", `{"at":"2026-11-23T01:00:00Z"}`, "header parameter If-Match"},
		{"PUT", "/api/things/1", "X-Colour: red", `{"at":"2026-11-23T01:00:00Z"}`, "X-Colour is not declared"},
		{"PUT", "/api/things/1", "Authorization:", `{"at":"2026-11-23T01:00:00Z"}`, "not signed in"},
		{"PUT", "/api/things/1", "", "", "no JSON"},
		{"PUT", "/api/things/1", "Content-Type: text/plain", "a", "text/plain"},
		{"PUT", "/api/things/1", "", `{"at":"2026-11-23"}`, "/at"},
		{"PUT", "/api/things/1", "", `{"at":"2026-11-23T01:00:00Z","colour":1}`, "colour"},
	} {
		c := sampled(t)
		r := httptest.NewRequest(row.method, row.url, nil)
		r.Header.Set("Authorization", "Bearer x")
		if row.method == "PUT" {
			r.Header.Set("If-Match", `"1"`)
			r.Header.Set("Content-Type", "application/json")
		}
		if name, value, found := strings.Cut(row.header, ":"); found {
			r.Header.Set(name, strings.TrimSpace(value))
			if value == "" {
				r.Header.Del(name)
			}
		}
		op, path := c.Of(r.Method, r.URL)
		if op == nil {
			t.Fatalf("%s is no operation", row.url)
		}
		got := c.Request(op, path, r, []byte(row.body))
		if row.wrong == "" && got != nil || row.wrong != "" && (len(got) != 1 || !strings.Contains(got[0], row.wrong)) {
			t.Errorf("%s %s, %s, %s: %q, want %q", row.method, row.url, row.header, row.body, got, row.wrong)
		}
	}
}

func TestResponse(t *testing.T) {
	for _, row := range []struct {
		url    string
		status int
		header http.Header
		body   string
		wrong  string
	}{
		{"/api/things/1", 200, http.Header{"Etag": {`"1"`}, "Content-Type": {"application/json; charset=utf-8"}}, `{"at":"2026-11-23T01:00:00Z","note":null}`, ""},
		{"/api/things/mine", 204, http.Header{}, "", ""},
		{"/api/things/1", 404, http.Header{}, "", "404 is no status"},
		{"/api/things/1", 200, http.Header{"Content-Type": {"application/json"}}, `{"at":"2026-11-23T01:00:00Z"}`, "no header ETag"},
		{"/api/things/1", 200, http.Header{"Etag": {"1"}, "Content-Type": {"application/json"}}, `{"at":"2026-11-23T01:00:00Z"}`, "header ETag"},
		{"/api/things/1", 200, http.Header{"Etag": {`"1"`}, "X-A": {"1"}, "Content-Type": {"application/json"}}, `{"at":"2026-11-23T01:00:00Z"}`, "X-A is not declared"},
		{"/api/things/1", 200, http.Header{"Etag": {`"1"`}, "Content-Type": {"application/json"}}, `{"note":"x"}`, "at"},
		{"/api/things/1", 200, http.Header{"Etag": {`"1"`}, "Content-Type": {"application/json"}}, "", "no JSON"},
		{"/api/things/1", 200, http.Header{"Etag": {`"1"`}, "Content-Type": {"text/html"}}, "x", "text/html"},
		{"/api/things/mine", 204, http.Header{}, "x", "a body"},
	} {
		c := sampled(t)
		at, _ := url.Parse(row.url)
		op, _ := c.Of(map[bool]string{true: "GET", false: "PUT"}[row.status == 204], at)
		if op == nil {
			t.Fatalf("%s is no operation", row.url)
		}
		got := c.Response(op, row.status, row.header, []byte(row.body))
		if row.wrong == "" && got != nil || row.wrong != "" && (len(got) != 1 || !strings.Contains(got[0], row.wrong)) {
			t.Errorf("%s %d %v %s: %q, want %q", row.url, row.status, row.header, row.body, got, row.wrong)
		}
	}
}

// OpenAPI 3.0 writes null in its own way.
func TestNullable(t *testing.T) {
	c := sampled(t, "3.1.1", "3.0.3", "type: [string, 'null']", "type: string, nullable: true")
	if wrong := c.Valid(); wrong != nil {
		t.Errorf("%q", wrong)
	}
	thing := c.At("/components/schemas/Thing")
	if wrong := c.Value(thing, map[string]any{"at": "2026-11-23T01:00:00Z", "note": nil}); wrong != nil {
		t.Errorf("%q", wrong)
	}
	if wrong := c.Value(thing, map[string]any{"at": nil}); wrong == nil {
		t.Error("null where the document has none")
	}
}

func TestOf(t *testing.T) {
	c := sampled(t)
	for at, want := range map[string]string{"/api/things/mine": "/things/mine", "/api/things/mine/": "", "/things/mine": "", "/api/things/": ""} {
		got := ""
		if op, _ := c.Of("GET", &url.URL{Path: at}); op != nil {
			got = op.Path
		}
		if got != want {
			t.Errorf("%s: %q, want %q", at, got, want)
		}
	}
}
