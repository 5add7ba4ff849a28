// Package web is what every request goes through, whatever it asks for: the
// server and its sockets, who calls, parameters and bodies, idempotency keys,
// the answer and its headers, problems. It knows no resource: package handlers
// gives it a table of routes.
package web

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"log/slog"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"wangge/domain/access"
	"wangge/domain/limit"
	"wangge/domain/once"
	"wangge/handlers/auth"
)

// Options are what a server works with; all are required but for the ones that say so.
type Options struct {
	Requests once.Requests // what Idempotency-Keys are remembered by
	Tokens   *auth.KeySet
	// Actor is who stands behind an account's session now. Errors: ErrUnauthenticated when nobody does.
	Actor         func(ctx context.Context, account, session string, now time.Time) (access.Actor, error)
	Limits        *limit.Limits
	WritesPerHour int // of a resident, on routes that do not count themselves
	Log           *slog.Logger
	Now           func() time.Time
	// TrustedProxies are the addresses or CIDR blocks whose X-Forwarded-For is believed; may be empty.
	TrustedProxies []string
	// Origins are the sites whose pages may call from a browser; may be empty.
	Origins Origins
	// Kinds are what the answers of routes are about.
	Kinds map[string]Kind
	// Refusals are errors that the routes return, beside those that every part of the domain has; may be empty.
	Refusals []Refusal
}

// Server answers HTTP requests. It keeps no state but caches.
type Server struct {
	options   Options
	app       *fiber.App
	plain     map[operation]fasthttp.RequestHandler
	tokens    *auth.Cache[knownActor]
	photoKeys *auth.Cache[knownActor]
	proxies   proxies
	bodies    bodies
	strangers strangers
	stopping  chan struct{}
	running   context.Context // ends when nothing is waited for any more
	end       context.CancelFunc
}

const (
	usePatience  = 20 * time.Second // for a use case, where its route says nothing else
	takePatience = 60 * time.Second // for a client to take an answer
	streamAbove  = 1 << 20          // bodies above this are not read before the route's limit was checked
)

// settings of the HTTP server. Slow clients are cut off; what a handler keeps of a request stays as it was.
var settings = fiber.Config{
	AppName: "wangge", DisableStartupMessage: true, Immutable: true, StrictRouting: true, CaseSensitive: true,
	StreamRequestBody: true, DisablePreParseMultipartForm: true, BodyLimit: streamAbove, ReadTimeout: 60 * time.Second, WriteTimeout: takePatience,
	IdleTimeout: 2 * time.Minute, ServerHeader: "",
}

// Bare is a fiber application with the settings of a server and nothing else
// of it: what a server is measured against.
func Bare() *fiber.App { return fiber.New(settings) }

// New builds a server of these routes.
func New(o Options, routes []*Route) (*Server, error) {
	trusted, err := parseProxies(o.TrustedProxies)
	if err != nil {
		return nil, err
	}
	s := &Server{options: o, plain: map[operation]fasthttp.RequestHandler{}, tokens: auth.NewCache[knownActor](o.Tokens.Verify), photoKeys: auth.NewCache[knownActor](o.Tokens.VerifyPhotoKey), proxies: trusted, bodies: bodies{by: map[string]int64{}}, stopping: make(chan struct{})}
	s.running, s.end = context.WithCancel(context.Background())
	config := settings
	config.ErrorHandler = func(c *fiber.Ctx, err error) error { // of what never came to be a request
		if errors.Is(err, fiber.ErrBadGateway) { // fiber's word for a client that has gone
			err = fiber.ErrBadRequest
		}
		s.wrap(c.Context(), "", func() error { return err })
		return nil
	}
	s.app = fiber.New(config)
	s.add(routes)
	s.answerPreflights(routes)
	s.overSockets()
	return s, nil
}

// operation is a method of a path without parameters.
type operation struct{ method, path string }

// add gives fiber the routes, which looks along them for the one that was asked for. What has no parameters in its
// path is found at once (overSockets); fiber has it too, for it says which methods a path takes.
func (s *Server) add(routes []*Route) {
	for _, rt := range routes {
		serve := s.serve(rt)
		for _, path := range append([]string{rt.Path}, rt.Also...) {
			handle := func(c *fasthttp.RequestCtx, found *fiber.Ctx) {
				s.wrap(c, path, func() error { return serve(c, found) })
			}
			methods := []string{rt.Method}
			if rt.Method == fiber.MethodGet {
				methods = append(methods, fiber.MethodHead)
			}
			for _, method := range methods {
				s.app.Add(method, path, func(c *fiber.Ctx) error { handle(c.Context(), c); return nil })
				if !strings.ContainsAny(path, ":*") {
					s.plain[operation{method, path}] = func(c *fasthttp.RequestCtx) { handle(c, nil) }
				}
			}
		}
	}
}

// App is the fiber application: Listener runs it, Test calls it without a socket.
func (s *Server) App() *fiber.App { return s.app }

// Shutdown stops accepting, lets running requests end, streamed answers too,
// and returns; what runs longer than ctx is ended.
func (s *Server) Shutdown(ctx context.Context) error {
	close(s.stopping)
	defer s.end()
	return s.app.ShutdownWithContext(ctx)
}

// Stopping reports whether Shutdown was called.
func (s *Server) Stopping() bool {
	select {
	case <-s.stopping:
		return true
	default:
		return false
	}
}

// SignedOut drops what is known of a session that has ended: its tokens are refused here at once.
func (s *Server) SignedOut(session string) {
	s.tokens.Forget(session)
	s.photoKeys.Forget(session)
}

// Headers of every answer, in the form they have on the wire.
var (
	requestID   = []byte("X-Request-Id")
	varyBy      = []byte("Vary")
	safeHeaders = [][2][]byte{
		{[]byte("X-Content-Type-Options"), []byte("nosniff")},
		{[]byte("Referrer-Policy"), []byte("no-referrer")},
		{[]byte("Cache-Control"), []byte("no-store")},
	}
)

// wrap gives every request an id, safe headers and a log line, and turns a panic into a 500.
// route is the path of the route that was found, "" for none, never the path that was asked for: secrets are in some.
func (s *Server) wrap(c *fasthttp.RequestCtx, route string, next func() error) {
	id := newID()
	header := &c.Response.Header
	header.SetCanonical(requestID, id[:])
	for _, h := range safeHeaders {
		header.SetCanonical(h[0], h[1])
	}
	s.options.Origins.allow(c)
	var err error
	defer func() {
		if p := recover(); p != nil {
			err = panicked(p)
		}
		if err != nil {
			s.fail(c, route, err)
		}
		s.logRequest(c, route, id)
	}()
	err = next()
}

// newID is the id of a request, in the form of a UUID. It tells requests apart
// and is no secret.
func newID() (id [36]byte) {
	var b [16]byte
	binary.NativeEndian.PutUint64(b[:8], rand.Uint64())
	binary.NativeEndian.PutUint64(b[8:], rand.Uint64())
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80 // version 4
	const digits = "0123456789abcdef"
	for i, at := range [16]int{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34} {
		id[at], id[at+1] = digits[b[i]>>4], digits[b[i]&15]
	}
	id[8], id[13], id[18], id[23] = '-', '-', '-', '-'
	return id
}

// vary names a header of the request that the answer differs by.
func vary(header *fasthttp.ResponseHeader, name string) {
	names := header.PeekBytes(varyBy)
	for one := range bytes.SplitSeq(names, []byte(", ")) {
		if string(one) == name {
			return
		}
	}
	all := append(make([]byte, 0, 64), names...)
	if len(names) > 0 {
		all = append(all, ", "...)
	}
	header.SetCanonical(varyBy, append(all, name...))
}

// logRequest writes the log line of a request. Phones read all day: what they are
// given without trouble is for who debugs.
func (s *Server) logRequest(c *fasthttp.RequestCtx, route string, id [36]byte) {
	level, status := slog.LevelInfo, c.Response.StatusCode()
	if status < 400 && isRead(&c.Request.Header) || status == fiber.StatusContinue {
		level = slog.LevelDebug
	}
	if ctx := context.Background(); s.options.Log.Enabled(ctx, level) {
		s.options.Log.LogAttrs(ctx, level, "request", slog.String("id", string(id[:])), slog.String("method", string(c.Method())),
			slog.String("route", route), slog.Int("status", status), slog.Duration("took", time.Since(c.Time())))
	}
}

func isRead(header *fasthttp.RequestHeader) bool { return header.IsGet() || header.IsHead() }
