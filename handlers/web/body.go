package web

import (
	"io"
	"mime"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// checkBody checks what the header says of the body before any of it is read.
func (r *Request) checkBody() error {
	header := &r.c.Request.Header
	length := header.ContentLength() // below zero where it is not told
	if len(r.route.Takes) == 0 {
		if length > 0 {
			return errUnexpectedBody
		}
		return nil
	}
	if int64(length) > r.route.Limit {
		return fiber.ErrRequestEntityTooLarge
	}
	media, params, err := mime.ParseMediaType(r.Header(fiber.HeaderContentType))
	if err != nil || !slices.Contains(r.route.Takes, media) {
		return Refuse(415, "unsupported_media_type", "应为 "+strings.Join(r.route.Takes, "、"), "expected "+strings.Join(r.route.Takes, " or "))
	}
	if set := params["charset"]; set != "" && !strings.EqualFold(set, "utf-8") && media != CSV { // a table's encoding is read from the table
		return Refuse(415, "unsupported_charset", "文字应为 UTF-8", "text is UTF-8")
	}
	for _, coding := range header.PeekAll(fiber.HeaderContentEncoding) {
		if !strings.EqualFold(string(coding), "identity") {
			return Refuse(415, "unsupported_content_encoding", "请求内容不应压缩", "the body must not be compressed: no Content-Encoding but identity")
		}
	}
	return nil
}

var errUnexpectedBody = Refuse(400, "unexpected_body", "此请求不应带有内容", "this request takes no body")

// readBody reads the body within the route's limit: to its end, or the request is refused.
func (r *Request) readBody() (err error) {
	stream := r.c.RequestBodyStream()
	if stream == nil {
		return nil
	}
	r.Body, err = io.ReadAll(io.LimitReader(stream, r.route.Limit+1))
	switch {
	case err != nil:
		return Malformed("读取请求内容失败", "the body could not be read")
	case int64(len(r.Body)) <= r.route.Limit:
		return nil
	case len(r.route.Takes) == 0:
		return errUnexpectedBody
	}
	return fiber.ErrRequestEntityTooLarge
}
