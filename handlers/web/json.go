package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"wangge/domain"
)

const maxNesting = 32 // levels of objects and arrays in a JSON body

// Decode reads the JSON body into a wire type, which says by its tags what the
// contract says of the body: need:"true" of what is required, need:"other fields"
// of what is where none of these is given, lines:"true" of a text that may have
// several lines; a Nullable takes null, and nothing else does. What is missing, unknown, given twice, of the wrong type or no text is
// refused together, each by its pointer; so is a word that its enum has not,
// with the words there are.
func (r *Request) Decode(into any) error { return decodeJSON(r.Body, into) }

func decodeJSON(body []byte, into any) error {
	if err := nestedTooDeep(body); err != nil {
		return err
	}
	bad := &domain.InvalidError{}
	tree, err := readTree(body, bad)
	if err != nil {
		return err
	}
	fit(tree, reflect.TypeOf(into).Elem(), "", false, bad)
	if err := bad.Err(); err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		var typed *json.UnmarshalTypeError
		if errors.As(err, &typed) {
			return domain.Invalid("/"+strings.ReplaceAll(typed.Field, ".", "/"), domain.T("类型不符", "wrong type"))
		}
		return domain.Invalid("", domain.T("内容有误", "wrong content"))
	}
	return nil
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// nestedTooDeep scans brackets outside strings before anything is built.
func nestedTooDeep(body []byte) error {
	depth, inString, escaped := 0, false, false
	for _, b := range body {
		switch {
		case escaped:
			escaped = false
		case inString && b == '\\':
			escaped = true
		case b == '"':
			inString = !inString
		case inString:
		case b == '{' || b == '[':
			if depth++; depth > maxNesting {
				return Malformed("JSON 嵌套过深", "the JSON is nested too deeply")
			}
		case b == '}' || b == ']':
			depth--
		}
	}
	return nil
}

// readTree reads the one JSON value of a body; keys that are there twice are noted.
func readTree(body []byte, bad *domain.InvalidError) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	tree, err := readValue(dec, "", bad)
	if err == nil {
		_, err = dec.Token()
		if err == nil {
			return nil, Malformed("JSON 之后还有内容", "there is something after the JSON value")
		}
		if err == io.EOF {
			return tree, nil
		}
	}
	at := dec.InputOffset()
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		at = syntax.Offset
	}
	return nil, Malformed(fmt.Sprintf("JSON 格式错误，位置 %d", at), fmt.Sprintf("not valid JSON at byte %d", at))
}

func readValue(dec *json.Decoder, at string, bad *domain.InvalidError) (any, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		out := map[string]any{}
		for dec.More() {
			name, err := dec.Token()
			if err != nil {
				return nil, err
			}
			key := name.(string)
			pointer := Below(at, key)
			if _, twice := out[key]; twice {
				bad.Add(pointer, domain.T("字段重复", "given more than once"))
			}
			if out[key], err = readValue(dec, pointer, bad); err != nil {
				return nil, err
			}
		}
		_, err = dec.Token()
		return out, err
	case json.Delim('['):
		out := []any{}
		for dec.More() {
			v, err := readValue(dec, at+"/"+strconv.Itoa(len(out)), bad)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		_, err = dec.Token()
		return out, err
	}
	return token, nil
}

// below is the pointer of a member of an object (RFC 6901).
func Below(at, name string) string {
	return at + "/" + pointerEscapes.Replace(name)
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// fit compares a JSON tree with a wire type.
func fit(v any, t reflect.Type, at string, lines bool, bad *domain.InvalidError) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	wrong := func(zh, en string) { bad.Add(at, domain.T("应为"+zh, "must be "+en)) }
	n, takesNull := reflect.Zero(t).Interface().(interface{ inner() reflect.Type })
	switch {
	case v == nil && takesNull:
		return
	case v == nil:
		bad.Add(at, domain.T("不能为 null", "must not be null"))
		return
	case takesNull:
		fit(v, n.inner(), at, lines, bad)
		return
	case t == reflect.TypeFor[time.Time]():
		text, _ := v.(string)
		if new(time.Time).UnmarshalText([]byte(text)) != nil {
			wrong(" RFC 3339 时间，如 2026-03-05T08:30:00Z", "an RFC 3339 time such as 2026-03-05T08:30:00Z")
		}
		return
	case reflect.PointerTo(t).Implements(unmarshaler):
		fitAny(v, at, bad)
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		obj, ok := v.(map[string]any)
		if !ok {
			wrong("对象", "an object")
			return
		}
		fitObject(obj, t, at, bad)
	case reflect.Slice:
		list, ok := v.([]any)
		if !ok {
			wrong("数组", "an array")
			return
		}
		for i, e := range list {
			fit(e, t.Elem(), at+"/"+strconv.Itoa(i), lines, bad)
		}
	case reflect.String:
		text, ok := v.(string)
		if !ok {
			wrong("文本", "a string")
			return
		}
		if word, ok := reflect.Zero(t).Interface().(interface{ Enum() domain.Enum }); ok && text != "" && !word.Enum().Has(text) {
			bad.Add(at, word.Enum().Fault())
			return
		}
		fitText(text, at, lines, bad)
	case reflect.Bool:
		if _, ok := v.(bool); !ok {
			wrong(" true 或 false", "true or false")
		}
	case reflect.Int, reflect.Int64:
		n, ok := v.(json.Number)
		if _, err := strconv.ParseInt(string(n), 10, 64); !ok || err != nil {
			wrong("整数", "a whole number")
		}
	case reflect.Float64:
		n, ok := v.(json.Number)
		if _, err := strconv.ParseFloat(string(n), 64); !ok || err != nil {
			wrong("数字", "a number")
		}
	}
}

func fitText(text, at string, lines bool, bad *domain.InvalidError) {
	if fault := domain.TextFault(text, lines); fault != (domain.Text{}) {
		bad.Add(at, fault)
	}
}

func fitObject(obj map[string]any, t reflect.Type, at string, bad *domain.InvalidError) {
	fields := map[string]reflect.StructField{}
	names := map[string]bool{}
	var know func(reflect.Type)
	know = func(t reflect.Type) {
		for i := range t.NumField() {
			f := t.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if f.Anonymous && name == "" {
				know(f.Type)
				continue
			}
			fields[name] = f
			if need := f.Tag.Get("need"); need != "" && !givenAny(obj, strings.Fields(need)) {
				names[name] = true
			}
		}
	}
	know(t)
	for name := range obj {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		pointer := Below(at, name)
		f, known := fields[name]
		v, given := obj[name]
		switch {
		case !known:
			bad.Add(pointer, domain.T("未知的字段", "unknown field"))
		case !given:
			bad.Add(pointer, domain.Missing)
		default:
			fit(v, f.Type, pointer, f.Tag.Get("lines") != "", bad)
		}
	}
}

func givenAny(obj map[string]any, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { _, given := obj[name]; return given })
}

// fitAny checks the texts of a JSON value that is read elsewhere.
func fitAny(v any, at string, bad *domain.InvalidError) {
	switch v := v.(type) {
	case string:
		fitText(v, at, true, bad)
	case []any:
		for i, e := range v {
			fitAny(e, at+"/"+strconv.Itoa(i), bad)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			pointer := Below(at, name)
			fitText(name, pointer, false, bad)
			fitAny(v[name], pointer, bad)
		}
	}
}

// Nullable is a member of a body that may be a value, null or absent; in a
// merge patch null takes away what was there.
type Nullable[T any] struct {
	Given bool
	Value *T
}

func (Nullable[T]) inner() reflect.Type { return reflect.TypeFor[T]() }

func (n *Nullable[T]) UnmarshalJSON(b []byte) error {
	n.Given = true
	return json.Unmarshal(b, &n.Value)
}

// Pointer is nil when absent, and the zero value when taken away.
func (n Nullable[T]) Pointer() *T {
	if n.Given && n.Value == nil {
		return new(T)
	}
	return n.Value
}
