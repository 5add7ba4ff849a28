package handlers

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
func (r *request) compress(out *reply) {
	response := &r.c.Context().Response
	if r.route.secret || response.IsBodyStream() || len(response.Body()) <= zipAbove || !strings.HasSuffix(string(response.Header.ContentType()), "json") {
		return
	}
	r.c.Vary(fiber.HeaderAcceptEncoding)
	if !r.c.Request().Header.HasAcceptEncoding("gzip") || len(response.Header.ContentEncoding()) > 0 {
		return
	}
	if out.gzipped == nil {
		out.gzipped = gzipped(response.Body())
	}
	response.SetBodyRaw(out.gzipped)
	response.Header.SetContentEncoding("gzip")
	if tag, strong := strings.CutSuffix(string(response.Header.Peek(fiber.HeaderETag)), `"`); strong {
		response.Header.Set(fiber.HeaderETag, tag+zipped+`"`)
	}
}

func gzipped(body []byte) []byte {
	return fasthttp.AppendGzipBytesLevel(nil, body, fasthttp.CompressBestSpeed)
}
