package handlers

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"wangge/handlers/contracttest"
	"wangge/handlers/web"
)

// contractOf reads openapi.yaml once for all tests, with its answers closed.
var contractOf = sync.OnceValue(func() *contracttest.Contract {
	tree := contractTree()
	eachSchema(tree, ofAnswers, closeSchema)
	return contracttest.New(tree)
})

func report(t *testing.T, about string, wrong []string) {
	t.Helper()
	for _, w := range wrong {
		t.Errorf("%s: %s", about, w)
	}
}

func TestContractIsValid(t *testing.T) {
	report(t, "openapi.yaml", publishedContract().Valid())
	report(t, "openapi.yaml with its answers closed", contractOf().Valid())
}

// operations lists the contract's operations by "METHOD path" as the router writes it.
func operations() map[string]operation {
	out := map[string]operation{}
	for _, op := range contractOf().Operations() {
		out[op.Method+" "+strings.NewReplacer("/console/{path}", "/console/*", "{", ":", "}", "").Replace(op.Path)] = operation{op}
	}
	return out
}

type operation struct{ *contracttest.Operation }

func (o operation) text(name string) string {
	s, _ := o.Object[name].(string)
	return s
}

func (o operation) names(in string) []string {
	var out []string
	for _, p := range o.Parameters {
		if p.Object["in"] == in {
			out = append(out, p.Object["name"].(string))
		}
	}
	slices.Sort(out)
	return out
}

// takes are the forms of its body, by media type.
func (o operation) takes() map[string]contracttest.Part {
	return contractOf().Content(contractOf().Body(o.Operation))
}

func (o operation) responses() map[string]contracttest.Part {
	return contractOf().Responses(o.Operation)
}

// Routes and operations are the same things, both ways.
func TestContractMatchesRoutes(t *testing.T) {
	ops := operations()
	for _, rt := range (&Server{}).routes() {
		name := rt.Method + " " + rt.Path
		op, ok := ops[name]
		delete(ops, name)
		if !ok {
			t.Errorf("%s is not in openapi.yaml", name)
			continue
		}
		if got, want := op.names("query"), slices.Sorted(slices.Values(rt.Query)); !slices.Equal(got, want) {
			t.Errorf("%s: query parameters %v, the route takes %v", name, got, want)
		}
		if got, want := slices.Sorted(maps.Keys(op.takes())), slices.Sorted(slices.Values(rt.Takes)); !slices.Equal(got, want) {
			t.Errorf("%s: bodies %v, the route takes %v", name, got, want)
		}
		// [] asks for no token, [{}, {bearer}] takes one or does without (a photo key may be in the address), nothing is the default: a token.
		want := -1
		if ways, said := op.Object["security"].([]any); said {
			want = len(ways)
		}
		if got := map[bool]int{true: 0, false: -1}[rt.Gate.Roles == nil]; got != want && !((rt.Gate.Either || rt.ByPhotoKey) && want == 2) {
			t.Errorf("%s: %d ways of signing in in openapi.yaml; the gate is %+v", name, want, rt.Gate)
		}
		var path []string
		for _, part := range strings.Split(rt.Path, "/") {
			if part == "*" { // whatever follows
				part = ":path"
			}
			if strings.HasPrefix(part, ":") {
				part, _, _ = strings.Cut(part[1:], ".")
				path = append(path, part)
			}
		}
		slices.Sort(path)
		if got := op.names("path"); !slices.Equal(got, path) {
			t.Errorf("%s: path parameters %v", name, got)
		}
		if got := slices.Contains(op.names("header"), web.AcceptDatum); got != rt.AnswersDatum() {
			t.Errorf("%s: Accept-Datum in openapi.yaml: %v", name, got)
		}
		keyed := rt.Keyed()
		if got := slices.Contains(op.names("header"), "Idempotency-Key"); got != keyed {
			t.Errorf("%s: Idempotency-Key: %v in openapi.yaml, %v in the route", name, got, keyed)
		}
		checkResponses(t, name, rt, op)
	}
	for name := range ops {
		t.Errorf("%s has no route", name)
	}
}

// checkResponses: what any route may answer is documented.
func checkResponses(t *testing.T, name string, rt *web.Route, op operation) {
	t.Helper()
	want := []string{"400", "500"}
	if rt.Gate.Roles != nil {
		want = append(want, "401", "403", "503")
	}
	if len(rt.Takes) > 0 {
		want = append(want, "413", "415", "422")
	}
	if rt.Method == "PATCH" || rt.Method == "PUT" {
		want = append(want, "409")
		if rt.Keyed() { // else what is sent has a version of its own
			want = append(want, "412", "428")
		}
	}
	if strings.ContainsAny(rt.Path, ":*") {
		want = append(want, "404")
	}
	for _, status := range want {
		if op.responses()[status].Object == nil {
			t.Errorf("%s: no response %s", name, status)
		}
	}
	for status, r := range op.responses() {
		if contractOf().Headers(r)["X-Request-Id"].Object == nil {
			t.Errorf("%s: response %s without X-Request-Id", name, status)
		}
	}
}

// Every operation is described in both languages, and every example fits its schema.
func TestContractReadsWell(t *testing.T) {
	for name, op := range operations() {
		for _, what := range []string{"operationId", "summary", "description"} {
			if op.text(what) == "" {
				t.Errorf("%s has no %s", name, what)
			}
		}
		if zh, en, both := strings.Cut(op.text("summary"), " / "); !both || !strings.ContainsFunc(zh, han) || strings.ContainsFunc(en, han) {
			t.Errorf("%s: the summary is not 中文 / English: %q", name, op.text("summary"))
		}
		checkExamples(t, name, op.takes())
		for status, r := range op.responses() {
			checkExamples(t, name+" "+status, contractOf().Content(r))
		}
	}
}

func han(r rune) bool { return r >= 0x4e00 && r < 0xa000 }

func checkExamples(t *testing.T, name string, content map[string]contracttest.Part) {
	t.Helper()
	for media, m := range content {
		if !strings.Contains(media, "json") {
			continue
		}
		for key, example := range contractOf().Parts(m, "examples") {
			report(t, fmt.Sprintf("%s: example %s", name, key), contractOf().Value(contractOf().Schema(m), copied(t, example.Object["value"])))
		}
	}
}

func checkProblem(t *testing.T, about string, body []byte) {
	t.Helper()
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		t.Errorf("%s: not JSON: %q", about, body)
		return
	}
	report(t, about, contractOf().Value(contractOf().At("/components/schemas/Problem"), value))
}
