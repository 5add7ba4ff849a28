// Package contracttest holds requests and answers to an OpenAPI document, for
// tests: 3.1, as openapi.yaml, and 3.0. Schemas are those of JSON Schema, which
// package jsonschema checks; here is where they stand in the document. A package
// that has all of OpenAPI as types takes longer to compile than everything else.
package contracttest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/pb33f/go-yaml"
	"github.com/pb33f/jsonschema/v6"
	"github.com/pb33f/libopenapi/datamodel"
)

// Object is one of the document's.
type Object = map[string]any

// Parse reads a document from YAML or JSON.
func Parse(text []byte) (tree Object, err error) {
	err = yaml.Unmarshal(text, &tree)
	return tree, err
}

// Contract is a document, ready to check what is sent and answered.
type Contract struct {
	// Open lets headers and parameters be that the document does not have.
	Open bool

	tree       Object
	asWritten  any
	base       string // before every path
	operations []*Operation

	mu       sync.Mutex
	compiler *jsonschema.Compiler
	schemas  map[string]*jsonschema.Schema // by their pointers
}

// Operation is one of the document, with the parameters of its path.
type Operation struct {
	Object
	Method, Path string // Path as the document writes it
	Parameters   []Part

	pointer string
	path    *regexp.Regexp // with a group by number for every name of Path
	names   []string
}

// Part is an object with where it stands, after references to it were followed.
type Part struct {
	Object
	Pointer string
}

// document is the name of the tree for references within it.
const document = "file:///contract.json"

// New takes a tree, which must not change afterwards. It panics on one that is no document.
func New(tree Object) *Contract {
	asWritten := plain(tree)
	if version, _ := tree["openapi"].(string); strings.HasPrefix(version, "3.0.") {
		eachObject(tree, takeNull)
	}
	c := &Contract{tree: tree, asWritten: asWritten, compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}}
	c.compiler.AssertFormat()
	if err := c.compiler.AddResource(document, plain(tree)); err != nil {
		panic(err)
	}
	if servers, _ := tree["servers"].([]any); len(servers) > 0 {
		if at, err := url.Parse(servers[0].(Object)["url"].(string)); err == nil {
			c.base = strings.TrimSuffix(at.Path, "/")
		}
	}
	for path, item := range tree["paths"].(Object) {
		for method, op := range item.(Object) {
			if op, ok := op.(Object); ok && slices.Contains([]string{"get", "put", "post", "delete", "patch"}, method) {
				c.operations = append(c.operations, c.operation(path, method, op))
			}
		}
	}
	slices.SortFunc(c.operations, func(a, b *Operation) int { return len(a.names) - len(b.names) }) // /mine before /{id}
	return c
}

var name = regexp.MustCompile(`\\\{([^}]+)\\\}`)

func (c *Contract) operation(path, method string, op Object) *Operation {
	at := "/paths" + below(path)
	o := &Operation{Object: op, Method: strings.ToUpper(method), Path: path, pointer: at + below(method)}
	pattern := regexp.QuoteMeta(c.base + path)
	for _, found := range name.FindAllStringSubmatch(pattern, -1) {
		o.names = append(o.names, found[1])
	}
	o.path = regexp.MustCompile("^" + name.ReplaceAllString(pattern, "([^/]+?)") + "$")
	for _, at := range []string{at, o.pointer} {
		list, _ := c.at(at + "/parameters").Object["list"].([]any)
		for i := range list {
			o.Parameters = append(o.Parameters, c.at(fmt.Sprintf("%s/parameters/%d", at, i)))
		}
	}
	return o
}

// Operations are all of the document.
func (c *Contract) Operations() []*Operation { return c.operations }

// Of is the operation that a request is for, with the values in its path; nil for none.
func (c *Contract) Of(method string, at *url.URL) (*Operation, map[string]string) {
	for _, o := range c.operations {
		if o.Method != method {
			continue
		}
		if found := o.path.FindStringSubmatch(at.EscapedPath()); found != nil {
			values := map[string]string{}
			for i, name := range o.names {
				values[name], _ = url.PathUnescape(found[i+1])
			}
			return o, values
		}
	}
	return nil, nil
}

// Body is the form of a request's body, Object nil when there is none.
func (c *Contract) Body(o *Operation) Part { return c.at(o.pointer + "/requestBody") }

// Responses are the forms of the answers, by status.
func (c *Contract) Responses(o *Operation) map[string]Part {
	return c.Parts(Part{Pointer: o.pointer}, "responses")
}

// Content are the media types of a body or an answer.
func (c *Contract) Content(p Part) map[string]Part { return c.Parts(p, "content") }

// Headers are those of an answer.
func (c *Contract) Headers(p Part) map[string]Part { return c.Parts(p, "headers") }

// Parts are what a part has by name under a word.
func (c *Contract) Parts(p Part, word string) map[string]Part {
	out := map[string]Part{}
	for name := range c.at(p.Pointer + below(word)).Object {
		out[name] = c.at(p.Pointer + below(word) + below(name))
	}
	return out
}

// Schema is the one of a parameter, a header or a media type.
func (c *Contract) Schema(p Part) Part { return c.at(p.Pointer + "/schema") }

// At is what stands at a pointer; a list is its member list.
func (c *Contract) At(pointer string) Part { return c.at(pointer) }

func (c *Contract) at(pointer string) Part {
	var v any = c.tree
	for _, word := range strings.Split(pointer, "/")[1:] {
		word = unescape.Replace(word)
		switch x := v.(type) {
		case Object:
			v = x[word]
		case []any:
			var i int
			if _, err := fmt.Sscan(word, &i); err != nil || i >= len(x) {
				return Part{}
			}
			v = x[i]
		default:
			return Part{}
		}
	}
	switch x := v.(type) {
	case Object:
		if ref, ok := x["$ref"].(string); ok {
			if found := c.at(strings.TrimPrefix(ref, "#")); found.Object != nil {
				return found
			}
		}
		return Part{x, pointer}
	case []any:
		return Part{Object{"list": x}, pointer}
	}
	return Part{Pointer: pointer}
}

// Value lists what is wrong with a value of a schema.
func (c *Contract) Value(schema Part, value any) []string {
	compiled, err := c.compiled(schema.Pointer)
	if err == nil {
		err = compiled.Validate(value)
	}
	if err != nil {
		return []string{err.Error()}
	}
	return nil
}

func (c *Contract) compiled(pointer string) (*jsonschema.Schema, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.schemas[pointer]; s != nil {
		return s, nil
	}
	s, err := c.compiler.Compile(document + "#" + (&url.URL{Path: pointer}).EscapedPath())
	c.schemas[pointer] = s
	return s, err
}

// Valid lists what makes the document none of its version of OpenAPI.
func (c *Contract) Valid() (wrong []string) {
	meta := datamodel.OpenAPI31SchemaData
	if strings.HasPrefix(c.tree["openapi"].(string), "3.0.") {
		meta = datamodel.OpenAPI3SchemaData
	}
	tree, err := jsonschema.UnmarshalJSON(strings.NewReader(meta))
	if err == nil {
		compiler := jsonschema.NewCompiler()
		if err = compiler.AddResource("file:///openapi.json", tree); err == nil {
			err = compiler.MustCompile("file:///openapi.json").Validate(c.asWritten)
		}
	}
	if err != nil {
		wrong = append(wrong, err.Error())
	}
	try := func(of map[string]Part) {
		for _, name := range slices.Sorted(maps.Keys(of)) {
			if schema := c.Schema(of[name]); schema.Object != nil {
				if _, err := c.compiled(schema.Pointer); err != nil {
					wrong = append(wrong, err.Error())
				}
			}
		}
	}
	for _, o := range c.operations {
		for _, p := range o.Parameters {
			try(map[string]Part{"": p})
		}
		try(c.Content(c.Body(o)))
		for _, r := range c.Responses(o) {
			try(c.Headers(r))
			try(c.Content(r))
		}
	}
	return wrong
}

// takeNull writes OpenAPI 3.0's nullable as JSON Schema does.
func takeNull(o Object) {
	if kind, ok := o["type"].(string); ok && o["nullable"] == true {
		o["type"] = []any{kind, "null"}
		delete(o, "nullable")
	}
}

func eachObject(v any, do func(Object)) {
	switch v := v.(type) {
	case Object:
		do(v)
		for _, e := range v {
			eachObject(e, do)
		}
	case []any:
		for _, e := range v {
			eachObject(e, do)
		}
	}
}

// plain is a tree as package jsonschema reads it from JSON.
func plain(tree Object) any {
	text, err := json.Marshal(tree)
	if err != nil {
		panic(err)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		panic(err)
	}
	return v
}

func below(name string) string { return "/" + escape.Replace(name) }

// Of the words of a pointer (RFC 6901).
var escape, unescape = strings.NewReplacer("~", "~0", "/", "~1"), strings.NewReplacer("~1", "/", "~0", "~")
