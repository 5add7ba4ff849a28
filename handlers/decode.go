package handlers

import (
	"io"
	"mime"
	"net/url"
	"slices"
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

// readParameters refuses parameters the route does not have, by name, repeated
// ones, and texts that no parameter can have.
func (r *request) readParameters() error {
	r.query = make(parameters, 0, len(r.route.query))
	var bad []domain.FieldError
	for _, name := range r.c.Route().Params {
		value, err := url.PathUnescape(r.c.Params(name))
		if fault := domain.TextFault(value, false); err == nil && fault != (domain.Text{}) {
			bad = append(bad, domain.FieldError{Pointer: "{" + name + "}", Detail: fault})
		}
	}
	for k, v := range r.c.Context().QueryArgs().All() {
		known := slices.IndexFunc(r.route.query, func(name string) bool { return name == string(k) })
		if known < 0 {
			bad = append(bad, domain.FieldError{Pointer: "?" + strings.ToValidUTF8(string(k), "\ufffd"), Detail: domain.T("未知的查询参数", "unknown query parameter")})
			continue
		}
		name := r.route.query[known]
		if r.query.index(name) >= 0 {
			bad = append(bad, domain.FieldError{Pointer: "?" + name, Detail: domain.T("参数重复", "given more than once")})
			continue
		}
		value := string(v)
		r.query = append(r.query, parameter{name, value})
		if fault := domain.TextFault(value, false); fault != (domain.Text{}) {
			bad = append(bad, domain.FieldError{Pointer: "?" + name, Detail: fault})
		}
	}
	if bad != nil {
		return &queryError{&domain.InvalidError{Fields: bad}}
	}
	return r.readDatum()
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
	media, params, err := mime.ParseMediaType(r.c.Get(fiber.HeaderContentType))
	if err != nil || !slices.Contains(r.route.takes, media) {
		return refuse(415, "unsupported_media_type", "应为 "+strings.Join(r.route.takes, "、"), "expected "+strings.Join(r.route.takes, " or "))
	}
	if set := params["charset"]; set != "" && !strings.EqualFold(set, "utf-8") && media != asCSV { // a table's encoding is read from the table
		return refuse(415, "unsupported_charset", "文字应为 UTF-8", "text is UTF-8")
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
