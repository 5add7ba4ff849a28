package handlers

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	"github.com/pb33f/libopenapi-validator/errors"
	"github.com/pb33f/libopenapi-validator/schema_validation"
	"github.com/pb33f/libopenapi/datamodel/high/base"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
	"github.com/pb33f/libopenapi/orderedmap"

	"wangge/handlers/web"
)

// contractOf reads openapi.yaml once for all tests, with its answers closed:
// its model, and what checks requests and responses against it.
var contractOf = sync.OnceValues(func() (*v3.Document, validator.Validator) {
	tree := contractTree()
	eachSchema(tree, ofAnswers, closeSchema)
	eachSchema(tree, ofAnswers, takeAnyName)
	eachSchema(tree, ofRequests, takeAnyName)
	text, err := json.Marshal(tree)
	if err != nil {
		panic(err)
	}
	doc, err := libopenapi.NewDocument(text)
	if err != nil {
		panic(err)
	}
	model, err := doc.BuildV3Model()
	if err != nil {
		panic(err)
	}
	v, errs := validator.NewValidator(doc, config.WithFormatAssertions(), config.WithStrictMode(), config.WithStrictIgnorePaths("$.body.features[*].properties"),
		// Strict mode finds headers that are not declared; these need not be.
		config.WithStrictIgnoredHeaders("accept", "authorization", "cache-control", "connection", "content-length", "content-type",
			"date", "host", "ratelimit", "ratelimit-policy", "referrer-policy", "user-agent", "x-content-type-options", "x-forwarded-for"))
	if errs != nil {
		panic(errs)
	}
	return &model.Model, v
})

// takeAnyName declares every name where the contract leaves names open: what
// streets ask, counts by what was counted, what an import lets others be. Strict
// mode takes only names that are declared, and does not go into values for both
// readers and writers alone. Its own list of exceptions is compiled at every call.
func takeAnyName(_ string, s object) {
	values, said := s["additionalProperties"]
	for _, word := range []string{"properties", "allOf", "anyOf", "oneOf"} {
		if s[word] != nil {
			return
		}
	}
	if values == false || !said && !strings.Contains(fmt.Sprint(s["type"]), "object") {
		return
	}
	if values == nil {
		values = object{}
	}
	s["patternProperties"] = object{"^": object{"allOf": []any{values}, "readOnly": true, "writeOnly": true}}
}

func report(t *testing.T, about string, errs []*errors.ValidationError) {
	t.Helper()
	for _, e := range errs {
		t.Errorf("%s: %s: %s", about, e.Message, e.Reason)
		for _, s := range e.SchemaValidationErrors {
			t.Errorf("    at %s: %s", s.FieldPath, s.Reason)
		}
	}
}

func TestContractIsValid(t *testing.T) {
	_, errs := publishedContract(t).ValidateDocument()
	report(t, "openapi.yaml", errs)
	_, v := contractOf()
	_, errs = v.ValidateDocument()
	report(t, "openapi.yaml with its answers closed", errs)
}

// operations lists the contract's operations by "METHOD path" as the router writes it.
func operations() map[string]operation {
	model, _ := contractOf()
	out := map[string]operation{}
	for path, item := range model.Paths.PathItems.FromOldest() {
		for method, op := range item.GetOperations().FromOldest() {
			routed := strings.NewReplacer("{", ":", "}", "").Replace(path)
			out[strings.ToUpper(method)+" "+routed] = operation{op, append(slices.Clone(item.Parameters), op.Parameters...)}
		}
	}
	return out
}

type operation struct {
	*v3.Operation
	parameters []*v3.Parameter
}

func (o operation) names(in string) []string {
	var out []string
	for _, p := range o.parameters {
		if p.In == in {
			out = append(out, p.Name)
		}
	}
	slices.Sort(out)
	return out
}

func (o operation) takes() []string {
	if o.RequestBody == nil {
		return nil
	}
	return slices.Sorted(o.RequestBody.Content.KeysFromOldest())
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
		if got, want := op.takes(), slices.Sorted(slices.Values(rt.Takes)); !slices.Equal(got, want) {
			t.Errorf("%s: bodies %v, the route takes %v", name, got, want)
		}
		// [] asks for no token, [{}, {bearer}] takes one or does without (a photo key may be in the address), nothing is the default: a token.
		var want int
		if want = len(op.Security); op.Security == nil {
			want = -1
		}
		if got := map[bool]int{true: 0, false: -1}[rt.Gate.Roles == nil]; got != want && !((rt.Gate.Either || rt.ByPhotoKey) && want == 2) {
			t.Errorf("%s: %d ways of signing in in openapi.yaml; the gate is %+v", name, want, rt.Gate)
		}
		var path []string
		for _, part := range strings.Split(rt.Path, "/") {
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
		want = append(want, "409", "412", "428")
	}
	if strings.Contains(rt.Path, ":") {
		want = append(want, "404")
	}
	for _, status := range want {
		if op.Responses.Codes.GetOrZero(status) == nil {
			t.Errorf("%s: no response %s", name, status)
		}
	}
	for status, r := range op.Responses.Codes.FromOldest() {
		if r.Headers.GetOrZero("X-Request-Id") == nil {
			t.Errorf("%s: response %s without X-Request-Id", name, status)
		}
	}
}

// Every operation is described in both languages, and every example fits its schema.
func TestContractReadsWell(t *testing.T) {
	for name, op := range operations() {
		for what, text := range map[string]string{"operationId": op.OperationId, "summary": op.Summary, "description": op.Description} {
			if text == "" {
				t.Errorf("%s has no %s", name, what)
			}
		}
		if zh, en, both := strings.Cut(op.Summary, " / "); !both || !strings.ContainsFunc(zh, han) || strings.ContainsFunc(en, han) {
			t.Errorf("%s: the summary is not 中文 / English: %q", name, op.Summary)
		}
		if op.RequestBody != nil {
			checkExamples(t, name, op.RequestBody.Content)
		}
		for status, r := range op.Responses.Codes.FromOldest() {
			checkExamples(t, name+" "+status, r.Content)
		}
	}
}

func han(r rune) bool { return r >= 0x4e00 && r < 0xa000 }

func checkExamples(t *testing.T, name string, content *orderedmap.Map[string, *v3.MediaType]) {
	t.Helper()
	for media, m := range content.FromOldest() {
		if !strings.Contains(media, "json") {
			continue
		}
		for key, example := range m.Examples.FromOldest() {
			var value any
			if err := example.Value.Decode(&value); err != nil {
				t.Fatal(err)
			}
			checkValue(t, fmt.Sprintf("%s: example %s", name, key), m.Schema.Schema(), value)
		}
	}
}

func checkValue(t *testing.T, about string, schema *base.Schema, value any) {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	v := schema_validation.NewSchemaValidator(config.WithFormatAssertions())
	if ok, errs := v.ValidateSchemaBytesWithVersion(schema, text, 3.1); !ok {
		report(t, about, errs)
	}
}

func checkProblem(t *testing.T, about string, body []byte) {
	t.Helper()
	model, _ := contractOf()
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		t.Errorf("%s: not JSON: %q", about, body)
		return
	}
	checkValue(t, about, model.Components.Schemas.GetOrZero("Problem").Schema(), value)
}
