package web

import (
	"bytes"
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// overSockets adds what is decided about a request before fiber looks for its route, and finds plain ones.
func (s *Server) overSockets() {
	server, routed := s.app.Server(), s.app.Handler()
	server.Handler = func(ctx *fasthttp.RequestCtx) {
		err := wellFormed(&ctx.Request.Header)
		if err == nil {
			err = overrideMethod(&ctx.Request.Header)
		}
		if err != nil {
			s.wrap(ctx, "", func() error { return err })
		} else if serve := s.plain[operation{string(ctx.Method()), string(ctx.URI().PathOriginal())}]; serve != nil {
			serve(ctx)
		} else {
			routed(ctx)
		}
	}
	server.ExpectHandler = s.answerExpect
	server.KeepHijackedConns = true // who takes a connection over closes it
}

// wellFormed refuses methods that nobody has, and a body whose end is told
// twice: who stands in front may have believed the other. fasthttp closes after it.
func wellFormed(header *fasthttp.RequestHeader) error {
	if !slices.Contains(fiber.DefaultMethods, string(header.Method())) {
		return Refuse(fiber.StatusNotImplemented, "not_implemented", "不支持该请求方法", "no path takes that method")
	}
	if chunked := header.ContentLength() == -1; chunked && bytes.Contains(bytes.ToLower(append([]byte("\n"), header.RawHeaders()...)), []byte("\ncontent-length:")) {
		return Malformed("Content-Length 与 Transfer-Encoding 不能并用", "Content-Length and Transfer-Encoding exclude each other")
	}
	return nil
}

const methodOverride = "X-HTTP-Method-Override"

// overrideMethod makes a POST the PATCH that it stands for: mini-programs cannot send one.
func overrideMethod(header *fasthttp.RequestHeader) error {
	if header.IsGet() || header.IsHead() {
		return nil // which nothing may make a change
	}
	switch meant := header.PeekAll(methodOverride); {
	case len(meant) == 0:
		return nil
	case len(meant) > 1 || string(meant[0]) != fiber.MethodPatch || !header.IsPost():
		return Malformed(methodOverride+" 只能在 POST 中写明 PATCH", methodOverride+" is for PATCH on a POST, and for nothing else")
	}
	header.SetMethod(fiber.MethodPatch)
	return nil
}

// bodyAwaited marks a request that is only tried: its client waits to be told to send the body.
const bodyAwaited = "body awaited"

// answerExpect says whether a client that waits with its body (Expect: 100-continue)
// is to send it: 100, or what the request is refused with by its header alone.
func (s *Server) answerExpect(ctx *fasthttp.RequestCtx) int {
	var trial fasthttp.RequestCtx
	trial.Init2(ctx.Conn(), nil, false)
	ctx.Request.Header.CopyTo(&trial.Request.Header)
	trial.SetUserValue(bodyAwaited, true)
	s.app.Server().Handler(&trial)
	return trial.Response.StatusCode()
}
