package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// zipAbove is the size in bytes above which JSON is worth compressing.
const zipAbove = 1 << 10

// zipped ends the entity tag of a compressed form, which is another representation (RFC 9110, 8.8.3.3).
const zipped = "-gzip"

// compress gives JSON of some size as gzip to who takes it. Answers that hold
// tokens are left as they are: their length would tell of what stands beside them.
func (r *Request) compress(out *Reply) {
	response := &r.c.Context().Response
	if r.route.Secret || response.IsBodyStream() || len(response.Body()) <= zipAbove || !strings.HasSuffix(string(response.Header.ContentType()), "json") {
		return
	}
	r.c.Vary(fiber.HeaderAcceptEncoding)
	if !r.c.Request().Header.HasAcceptEncoding("gzip") || len(response.Header.ContentEncoding()) > 0 {
		return
	}
	if out.Gzipped == nil {
		out.Gzipped = Gzip(response.Body())
	}
	response.SetBodyRaw(out.Gzipped)
	response.Header.SetContentEncoding("gzip")
	if tag, strong := strings.CutSuffix(string(response.Header.Peek(fiber.HeaderETag)), `"`); strong {
		response.Header.Set(fiber.HeaderETag, tag+zipped+`"`)
	}
}

// Gzip compresses a body that many will be given.
func Gzip(body []byte) []byte {
	return fasthttp.AppendGzipBytesLevel(nil, body, fasthttp.CompressBestSpeed)
}
