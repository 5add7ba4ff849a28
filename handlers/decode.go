package handlers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"wangge/domain"
)

// Media types a route takes.
const (
	asJSON      = "application/json"
	asMerge     = "application/merge-patch+json"
	asGeoJSON   = "application/geo+json"
	asCSV       = "text/csv"
	asMultipart = "multipart/form-data"
)

const maxNesting = 32 // levels of objects and arrays in a JSON body

// readQuery refuses parameters the route does not have, by name, and repeated ones.
func (r *request) readQuery() error {
	r.query = map[string]string{}
	var bad []domain.FieldError
	r.c.Context().QueryArgs().VisitAll(func(k, v []byte) {
		known := slices.IndexFunc(r.route.query, func(name string) bool { return name == string(k) })
		if known < 0 {
			bad = append(bad, domain.FieldError{Pointer: "?" + string(k), Detail: domain.T("未知的查询参数", "unknown query parameter")})
			return
		}
		name := r.route.query[known]
		if _, twice := r.query[name]; twice {
			bad = append(bad, domain.FieldError{Pointer: "?" + name, Detail: domain.T("参数重复", "given more than once")})
			return
		}
		r.query[name] = string(v)
	})
	if bad != nil {
		return &queryError{&domain.InvalidError{Fields: bad}}
	}
	return nil
}

// queryError is a 400 that lists parameters, as a body's mistakes are listed in a 422.
type queryError struct{ *domain.InvalidError }

func (e *queryError) Unwrap() error { return nil }

// checkBody checks what the header says of the body before any of it is read.
func (r *request) checkBody() error {
	header := &r.c.Context().Request.Header
	length := header.ContentLength() // below zero where it is not told
	if len(r.route.takes) == 0 {
		if length > 0 {
			return errUnexpectedBody
		}
		return nil
	}
	if int64(length) > r.route.limit {
		return fiber.ErrRequestEntityTooLarge
	}
	media, _, err := mime.ParseMediaType(r.c.Get(fiber.HeaderContentType))
	if err != nil || !slices.Contains(r.route.takes, media) {
		return refuse(415, "unsupported_media_type", "应为 "+strings.Join(r.route.takes, "、"), "expected "+strings.Join(r.route.takes, " or "))
	}
	for _, coding := range header.PeekAll(fiber.HeaderContentEncoding) {
		if !strings.EqualFold(string(coding), "identity") {
			return refuse(415, "unsupported_content_encoding", "请求内容不应压缩", "the body must not be compressed: no Content-Encoding but identity")
		}
	}
	return nil
}

var errUnexpectedBody = refuse(400, "unexpected_body", "此请求不应带有内容", "this request takes no body")

// readBody reads the body within the route's limit: to its end, or the request is refused.
func (r *request) readBody() (err error) {
	stream := r.c.Context().RequestBodyStream()
	if stream == nil {
		return nil
	}
	r.body, err = io.ReadAll(io.LimitReader(stream, r.route.limit+1))
	switch {
	case err != nil:
		return malformed("读取请求内容失败", "the body could not be read")
	case int64(len(r.body)) <= r.route.limit:
		return nil
	case len(r.route.takes) == 0:
		return errUnexpectedBody
	}
	return fiber.ErrRequestEntityTooLarge
}

// decode reads the JSON body into a wire type. Unknown fields and values of
// the wrong type are refused together, each by its pointer.
func (r *request) decode(into any) error { return decodeJSON(r.body, into) }

func decodeJSON(body []byte, into any) error {
	if err := nestedTooDeep(body); err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var tree any
	if err := dec.Decode(&tree); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return malformed(fmt.Sprintf("JSON 格式错误，位置 %d", syntax.Offset), fmt.Sprintf("not valid JSON at byte %d", syntax.Offset))
		}
		return malformed("JSON 格式错误", "not valid JSON")
	}
	if _, err := dec.Token(); err != io.EOF {
		return malformed("JSON 之后还有内容", "there is something after the JSON value")
	}
	bad := &domain.InvalidError{}
	fit(tree, reflect.TypeOf(into).Elem(), "", bad)
	if err := bad.Err(); err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		var typed *json.UnmarshalTypeError
		if errors.As(err, &typed) {
			return domain.Invalid("/"+strings.ReplaceAll(typed.Field, ".", "/"), domain.T("类型不符", "wrong type"))
		}
		return domain.Invalid("", domain.T("内容有误", err.Error()))
	}
	return nil
}

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
				return malformed("JSON 嵌套过深", "the JSON is nested too deeply")
			}
		case b == '}' || b == ']':
			depth--
		}
	}
	return nil
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// fit compares a JSON tree with a wire type.
func fit(v any, t reflect.Type, at string, bad *domain.InvalidError) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if v == nil {
		return
	}
	if n, ok := reflect.Zero(t).Interface().(interface{ inner() reflect.Type }); ok {
		fit(v, n.inner(), at, bad)
		return
	}
	if reflect.PointerTo(t).Implements(unmarshaler) {
		return
	}
	wrong := func(zh, en string) { bad.Add(at, domain.T("应为"+zh, "must be "+en)) }
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
			fit(e, t.Elem(), at+"/"+strconv.Itoa(i), bad)
		}
	case reflect.String:
		if _, ok := v.(string); !ok {
			wrong("文本", "a string")
		}
	case reflect.Bool:
		if _, ok := v.(bool); !ok {
			wrong("true 或 false", "true or false")
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

func fitObject(obj map[string]any, t reflect.Type, at string, bad *domain.InvalidError) {
	fields := map[string]reflect.Type{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		fields[name] = t.Field(i).Type
	}
	names := make([]string, 0, len(obj))
	for name := range obj {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		pointer := at + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
		ft, ok := fields[name]
		if !ok {
			bad.Add(pointer, domain.T("未知的字段", "unknown field"))
			continue
		}
		fit(obj[name], ft, pointer, bad)
	}
}

// nullable is a member of a merge patch that may be set, taken away by null, or absent.
type nullable[T any] struct {
	given bool
	value *T
}

func (nullable[T]) inner() reflect.Type { return reflect.TypeFor[T]() }

func (n *nullable[T]) UnmarshalJSON(b []byte) error {
	n.given = true
	return json.Unmarshal(b, &n.value)
}

// pointer is nil when absent, and the zero value when taken away.
func (n nullable[T]) pointer() *T {
	if n.given && n.value == nil {
		return new(T)
	}
	return n.value
}
