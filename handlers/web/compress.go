package web

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// zipAbove is the size in bytes above which JSON is worth compressing.
const zipAbove = 1 << 10

// Zipped ends the entity tag of a compressed form, which is another representation (RFC 9110, 8.8.3.3).
const Zipped = "-gzip"

// compress gives JSON of some size as gzip to who takes it.
func (r *Request) compress(out *Reply) {
	response := &r.c.Response
	if response.IsBodyStream() || len(response.Body()) <= zipAbove || !r.takesCompressed() {
		return
	}
	if out.Gzipped == nil {
		out.Gzipped = Gzip(response.Body())
	}
	response.SetBodyRaw(out.Gzipped)
}

// takesCompressed decides whether the answer is compressed, and says so in its headers. Answers that hold
// tokens are left as they are: their length would tell of what stands beside them.
func (r *Request) takesCompressed() bool {
	header := &r.c.Response.Header
	if r.route.Secret || !bytes.HasSuffix(header.ContentType(), []byte("json")) {
		return false
	}
	r.Vary(fiber.HeaderAcceptEncoding)
	if !TakesGzip(r.Header(fiber.HeaderAcceptEncoding)) || len(header.ContentEncoding()) > 0 {
		return false
	}
	header.SetContentEncoding("gzip")
	if tag, strong := strings.CutSuffix(string(header.Peek(fiber.HeaderETag)), `"`); strong {
		header.Set(fiber.HeaderETag, tag+Zipped+`"`)
	}
	return true
}

// Gzip compresses a body that many will be given.
func Gzip(body []byte) []byte {
	return fasthttp.AppendGzipBytesLevel(nil, body, fasthttp.CompressBestSpeed)
}

// TakesGzip reads an Accept-Encoding header.
func TakesGzip(header string) bool { return takesCoding(header, "gzip") }

// TakesCoding reports whether the caller takes an answer in this coding.
func (r *Request) TakesCoding(coding string) bool {
	return takesCoding(r.Header(fiber.HeaderAcceptEncoding), coding)
}

// takesCoding reads an Accept-Encoding header: the coding by name, or by "*"
// where it is not named, unless its weight is 0.
func takesCoding(header, wanted string) bool {
	other := false
	for part := range strings.SplitSeq(header, ",") {
		coding, weight, _ := strings.Cut(part, ";")
		q := 1.0
		if _, text, ok := strings.Cut(weight, "="); ok {
			var err error
			if q, err = strconv.ParseFloat(strings.TrimSpace(text), 64); err != nil {
				continue
			}
		}
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case wanted:
			return q > 0
		case "*":
			other = q > 0
		}
	}
	return other
}
