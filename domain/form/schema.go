package form

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/pb33f/jsonschema/v6"

	"wangge/domain"
)

// Bounds of a schema. Patterns are RE2, whose time is linear in the answer.
const (
	schemaLongest    = 64 << 10 // bytes
	questionsMost    = 100
	depthMost        = 20
	weightMost       = 5_000 // subschemas, with what is referred to counted each time
	patternLongest   = 200   // bytes
	questionTitleMax = 200   // runes
)

// dialect is the only one that $schema may name.
const dialect = "https://json-schema.org/draft/2020-12/schema"

// kinds of what stands under a keyword.
const (
	data     = iota // a value
	one             // a schema
	several         // a list of schemas
	named           // schemas by name
	patterns        // schemas by pattern
)

// keywords of JSON Schema 2020-12 that a form may use, and what stands under
// them. Those that name places ($id, $anchor, $dynamicRef) are not there.
var keywords = map[string]int{
	"properties": named, "patternProperties": patterns, "dependentSchemas": named,
	"items": one, "prefixItems": several, "contains": one, "additionalProperties": one, "propertyNames": one,
	"unevaluatedProperties": one, "unevaluatedItems": one,
	"allOf": several, "anyOf": several, "oneOf": several, "not": one, "if": one, "then": one, "else": one,
	"type": data, "enum": data, "const": data, "multipleOf": data, "maximum": data, "exclusiveMaximum": data, "minimum": data,
	"exclusiveMinimum": data, "maxLength": data, "minLength": data, "pattern": data, "maxItems": data, "minItems": data,
	"uniqueItems": data, "maxContains": data, "minContains": data, "maxProperties": data, "minProperties": data, "required": data,
	"dependentRequired": data, "format": data, "title": data, "description": data, "default": data, "examples": data,
	"deprecated": data, "readOnly": data, "writeOnly": data, "$comment": data, "$ref": data,
}

var questionForm = regexp.MustCompile(`^[a-z][a-zA-Z0-9_]{0,39}$`)

// Schema is a form's schema, ready to check answers.
type Schema struct {
	compiled  *jsonschema.Schema
	questions map[string]any // schemas of the questions
	defs      any            // what they may refer to; nil for nothing
}

// Read takes the JSON text of a schema: an object of questions ("properties"),
// each with "title" for Chinese and "x-title-en" for English. "$ref" leads to
// "#/$defs/<name>" only, and nowhere from there. Keywords that are unknown are
// refused, except x-…. See Form.Options for choices. InvalidError with pointers below /schema.
func Read(text string) (*Schema, error) {
	if len(text) > schemaLongest {
		return nil, domain.Invalid("/schema", domain.T("表单过大", "longer than 64 KiB"))
	}
	doc, err := decode(text, schemaLongest)
	if err != nil {
		return nil, domain.Invalid("/schema", domain.T("不是有效的 JSON", "not JSON that can be read"))
	}
	root, ok := doc.(map[string]any)
	if !ok || root["type"] != "object" {
		return nil, domain.Invalid("/schema/type", domain.T("应为 object", "must be object"))
	}
	w := &walk{bad: &domain.InvalidError{}, weights: map[string]int{}}
	w.root(root)
	if err := w.bad.Err(); err != nil {
		return nil, err
	}
	compiled, err := compile(root)
	if err != nil {
		return nil, invalid(err)
	}
	return &Schema{compiled: compiled, questions: root["properties"].(map[string]any), defs: root["$defs"]}, nil
}

// kept are the schemas of forms that are in use, by their texts: making one
// ready takes longer than all else that a visit asks for. No more than
// schemasKept are kept.
var kept = struct {
	sync.Mutex
	byText map[string]*Schema
}{byText: map[string]*Schema{}}

const schemasKept = 64

// readAgain is Read, quicker for what was read before.
func readAgain(text string) (*Schema, error) {
	kept.Lock()
	s := kept.byText[text]
	kept.Unlock()
	if s != nil {
		return s, nil
	}
	s, err := Read(text)
	if err != nil {
		return nil, err
	}
	kept.Lock()
	defer kept.Unlock()
	if len(kept.byText) >= schemasKept {
		clear(kept.byText)
	}
	kept.byText[text] = s
	return s, nil
}

// sealedOff refuses every address: nothing is loaded but what is given.
type sealedOff struct{}

func (sealedOff) Load(url string) (any, error) { return nil, fmt.Errorf("form: %s is not loaded", url) }

func compile(root any) (*jsonschema.Schema, error) {
	const here = "urn:wangge:form"
	c := jsonschema.NewCompiler()
	c.UseLoader(sealedOff{})
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	if err := c.AddResource(here, root); err != nil {
		return nil, err
	}
	return c.Compile(here)
}

// invalid says where the schema is none, as the library found it.
func invalid(err error) error {
	bad := &domain.InvalidError{}
	var schema *jsonschema.SchemaValidationError
	var found *jsonschema.ValidationError
	if errors.As(err, &schema) && errors.As(schema.Err, &found) {
		eachFault(found, func(f *jsonschema.ValidationError) {
			bad.Add("/schema"+pointer(f.InstanceLocation), domain.T("不符合 JSON Schema 2020-12", "not as JSON Schema 2020-12 has it"))
		})
		return bad.Err()
	}
	return domain.Invalid("/schema", domain.T("不符合 JSON Schema 2020-12", "not a JSON Schema 2020-12"))
}

// walk looks at every subschema before the library does.
type walk struct {
	bad     *domain.InvalidError
	weights map[string]int // of $defs
	within  bool           // inside $defs
}

func (w *walk) root(root map[string]any) {
	if s, ok := root["$schema"]; ok && s != dialect {
		w.bad.Add("/schema/$schema", domain.T("只支持 2020-12", "only "+dialect))
	}
	defs, ok := root["$defs"].(map[string]any)
	if _, there := root["$defs"]; there && !ok {
		w.bad.Add("/schema/$defs", domain.T("应为对象", "must be an object"))
	}
	w.within = true
	for _, name := range sorted(defs) {
		w.weights[name] = w.schema("/schema/$defs/"+escape(name), defs[name], 1)
	}
	w.within = false
	rest := map[string]any{}
	for k, v := range root {
		if k != "$schema" && k != "$defs" {
			rest[k] = v
		}
	}
	if weight := w.schema("/schema", rest, 0); weight > weightMost {
		w.bad.Add("/schema", domain.T("表单过于复杂", "too many subschemas"))
	}
	w.questions(root["properties"])
}

func (w *walk) questions(v any) {
	questions, _ := v.(map[string]any)
	if len(questions) == 0 || len(questions) > questionsMost {
		w.bad.Add("/schema/properties", domain.T("问题数应为 1 到 100", "1 to 100 questions are needed"))
	}
	for _, name := range sorted(questions) {
		at := "/schema/properties/" + escape(name)
		if !questionForm.MatchString(name) {
			w.bad.Add(at, domain.T("问题代码有误", "names are letters, digits and underscores, a small letter first"))
		}
		q, _ := questions[name].(map[string]any)
		for _, key := range []string{"title", "x-title-en"} {
			title, _ := q[key].(string)
			if n := utf8.RuneCountInString(strings.TrimSpace(title)); n == 0 || n > questionTitleMax {
				w.bad.Add(at+"/"+key, domain.T("请填写中英文题目", "title (Chinese) and x-title-en are required, 200 characters at most"))
			}
		}
	}
}

// schema returns how many subschemas one stands for, itself included.
func (w *walk) schema(at string, v any, depth int) int {
	s, ok := v.(map[string]any)
	if !ok {
		if _, boolean := v.(bool); !boolean {
			w.bad.Add(at, domain.T("应为对象或布尔值", "a schema is an object or a boolean"))
		}
		return 1
	}
	if depth > depthMost {
		w.bad.Add(at, domain.T("嵌套过深", "nested too deeply"))
		return 1
	}
	weight := 1
	for _, key := range sorted(s) {
		below := at + "/" + escape(key)
		kind, known := keywords[key]
		switch {
		case strings.HasPrefix(key, "x-"):
		case !known:
			w.bad.Add(below, domain.T("不支持的关键字", "this keyword is unknown or not for forms"))
		case key == "$ref":
			weight += w.reference(below, s[key])
		case key == "pattern":
			w.pattern(below, s[key])
		default:
			weight += w.below(below, kind, s[key], depth+1)
		}
	}
	return weight
}

func (w *walk) below(at string, kind int, v any, depth int) (weight int) {
	switch kind {
	case one:
		return w.schema(at, v, depth)
	case several:
		list, ok := v.([]any)
		if !ok {
			w.bad.Add(at, domain.T("应为数组", "must be a list"))
		}
		for i, sub := range list {
			weight += w.schema(fmt.Sprintf("%s/%d", at, i), sub, depth)
		}
	case named, patterns:
		subs, ok := v.(map[string]any)
		if !ok {
			w.bad.Add(at, domain.T("应为对象", "must be an object"))
		}
		for _, name := range sorted(subs) {
			if kind == patterns {
				w.pattern(at+"/"+escape(name), name)
			}
			weight += w.schema(at+"/"+escape(name), subs[name], depth)
		}
	}
	return weight
}

func (w *walk) reference(at string, v any) int {
	ref, _ := v.(string)
	name, local := strings.CutPrefix(ref, "#/$defs/")
	weight, known := w.weights[name]
	if w.within || !local || !known {
		w.bad.Add(at, domain.T("只能引用 #/$defs/ 下的定义，定义内不能再引用", "refers to #/$defs/<name> only, and nothing in there refers further"))
		return 0
	}
	return weight
}

func (w *walk) pattern(at string, v any) {
	p, ok := v.(string)
	if _, err := regexp.Compile(p); !ok || err != nil || len(p) > patternLongest {
		w.bad.Add(at, domain.T("正则表达式有误或过长", "not a pattern (RE2) of at most 200 bytes"))
	}
}

func sorted(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
