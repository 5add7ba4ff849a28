// Package handlers is HTTP and nothing else: it decodes a request, calls one
// use case of the domain, and answers. Wire types sit beside their handler;
// the domain's own types never reach the wire. Every route is in one table
// (routes.go) with the access it requires, the parameters it takes and the
// size of the body it accepts, and openapi.yaml describes exactly these.
package handlers

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/coordination"
	"wangge/domain/form"
	"wangge/domain/household"
	"wangge/domain/limit"
	"wangge/domain/once"
	"wangge/domain/ticket"
	"wangge/domain/visit"
	"wangge/geo"
	"wangge/handlers/auth"
	"wangge/handlers/ogc"
	"wangge/handlers/tiles"
	"wangge/store"
)

// Deps is what the server works with; all are required but for the ones that say so.
type Deps struct {
	Store      *store.Store
	Accounts   *account.Accounts
	Areas      *area.Areas
	Households *household.Households
	Forms      *form.Forms
	Visits     *visit.Visits
	Doors      *coordination.Doors
	Tickets    *ticket.Tickets
	Tiles      *tiles.Tiles
	OGC        *ogc.Features
	Tokens     *auth.KeySet
	// PublicURL begins the links that must be whole: no slash at its end. The
	// Host of a request is not believed: it would be anybody's word in caches.
	PublicURL string
	Contract  []byte // openapi.yaml
	Docs      fs.FS  // the page that shows it
	Log       *slog.Logger
	Now       func() time.Time
	// TrustedProxies are the addresses or CIDR blocks whose X-Forwarded-For is believed; may be empty.
	TrustedProxies []string
	// Origins are the sites whose pages may call from a browser; may be empty.
	Origins       Origins
	Limits        *limit.Limits
	WritesPerHour int // of a resident, reports apart
}

// Server answers HTTP requests. It keeps no state but caches.
type Server struct {
	Deps
	app      *fiber.App
	tokens   *auth.Cache
	actors   *actorCache
	proxies  proxies
	cards    deck
	bodies   bodies
	stopping chan struct{}
}

const (
	requestPatience = 20 * time.Second // a use case's deadline
	streamAbove     = 1 << 20          // bodies above this are not read before the route's limit was checked
)

// settings of the HTTP server. Slow clients are cut off; what a handler keeps of a request stays as it was.
var settings = fiber.Config{
	AppName: "wangge", DisableStartupMessage: true, Immutable: true, StrictRouting: true, CaseSensitive: true,
	StreamRequestBody: true, DisablePreParseMultipartForm: true, BodyLimit: streamAbove, ReadTimeout: 60 * time.Second, WriteTimeout: 60 * time.Second,
	IdleTimeout: 2 * time.Minute, ServerHeader: "",
}

// New builds the server. Listen and Shutdown run it; Test (of fiber.App) calls it without a socket.
func New(d Deps) (*Server, error) {
	trusted, err := parseProxies(d.TrustedProxies)
	if err != nil {
		return nil, err
	}
	s := &Server{Deps: d, tokens: auth.NewCache(d.Tokens), actors: newActorCache(), proxies: trusted, bodies: bodies{by: map[string]int64{}}, stopping: make(chan struct{})}
	config := settings
	config.ErrorHandler = func(c *fiber.Ctx, err error) error { // of what never came to be a request
		if errors.Is(err, fiber.ErrBadGateway) { // fiber's word for a client that has gone
			err = fiber.ErrBadRequest
		}
		return s.around(c, func(*fiber.Ctx) error { return err })
	}
	s.app = fiber.New(config)
	s.app.Use(func(c *fiber.Ctx) error { return s.around(c, (*fiber.Ctx).Next) })
	routes := s.routes()
	for _, rt := range routes {
		for _, path := range append([]string{rt.path}, rt.also...) {
			s.app.Add(rt.method, path, s.serve(rt))
			if rt.method == fiber.MethodGet {
				s.app.Add(fiber.MethodHead, path, s.serve(rt))
			}
		}
	}
	s.answerPreflights(routes)
	s.overSockets()
	return s, nil
}

// App is the fiber application, for tests that call it without a socket.
func (s *Server) App() *fiber.App { return s.app }

// Shutdown stops accepting, lets running requests end, and returns.
func (s *Server) Shutdown(ctx context.Context) error {
	close(s.stopping)
	return s.app.ShutdownWithContext(ctx)
}

// Headers of every answer, in the form they have on the wire.
var (
	requestID   = []byte("X-Request-Id")
	safeHeaders = [][2][]byte{
		{[]byte("X-Content-Type-Options"), []byte("nosniff")},
		{[]byte("Referrer-Policy"), []byte("no-referrer")},
		{[]byte("Cache-Control"), []byte("no-store")},
	}
)

// Ids of requests are drawn from a pool, not one by one from the kernel.
func init() { uuid.EnableRandPool() }

// around gives every request an id, safe headers and a log line, and turns a panic into a 500.
func (s *Server) around(c *fiber.Ctx, next func(*fiber.Ctx) error) (err error) {
	start := time.Now()
	id := uuid.NewString()
	header := &c.Response().Header
	header.SetBytesK(requestID, id)
	for _, h := range safeHeaders {
		header.SetCanonical(h[0], h[1])
	}
	s.Origins.allow(c)
	defer func() {
		if p := recover(); p != nil {
			err = panicked(p)
		}
		if err != nil {
			err = s.fail(c, err)
		}
		s.note(c, id, start)
	}()
	return next(c)
}

// note writes the log line of a request. Phones read all day: what they are
// given without trouble is for who debugs.
func (s *Server) note(c *fiber.Ctx, id string, start time.Time) {
	level, status := slog.LevelInfo, c.Response().StatusCode()
	if status < 400 && reads(c) || status == fiber.StatusContinue {
		level = slog.LevelDebug
	}
	if ctx := context.Background(); s.Log.Enabled(ctx, level) {
		s.Log.LogAttrs(ctx, level, "request", slog.String("id", id), slog.String("method", c.Method()),
			slog.String("route", pattern(c)), slog.Int("status", status), slog.Duration("took", time.Since(start)))
	}
}

// pattern is the path of the route that was found, never the path that was asked for: secrets are in some.
func pattern(c *fiber.Ctx) string {
	if found := c.Route(); len(found.Handlers) > 0 {
		return found.Path
	}
	return ""
}

// request is one call of a route: what a handler needs, and no more.
type request struct {
	*Server
	c          *fiber.Ctx
	ctx        context.Context
	now        time.Time
	actor      access.Actor
	route      *route
	body       []byte
	query      parameters
	language   lang          // 0: not looked for yet
	attempt    *once.Attempt // nil without Idempotency-Key
	matches    []int64       // versions of If-Match that are not tried yet, the newest first
	datumAsked bool          // the answer is in the datum that was asked for
	datumNamed string        // by Accept-Datum, where that is not WGS-84
}

// reply is what a handler answers.
type reply struct {
	status      int
	body        any      // JSON; nil for none
	etag        int64    // version; 0 for none
	next        string   // cursor of a list's next page
	made        resource // what a POST made or changed
	report      any      // of the domain, where the body is made of one
	replayed    bool     // it was done before, under the same Idempotency-Key
	raw         []byte   // instead of body, with contentType
	gzipped     []byte   // raw, compressed, where that is at hand
	contentType string
	cache       string // Cache-Control, when not the default
}

func ok(body any) *reply { return &reply{status: 200, body: body} }
func versioned(body any, v int64) *reply {
	return &reply{status: 200, body: body, etag: cmp.Or(v, notYet)}
}
func empty() *reply { return &reply{status: 204} }

// serve is the way of every request: authenticate, check the route's gate,
// check parameters and body against the route, call the handler, answer.
func (s *Server) serve(rt *route) fiber.Handler {
	handle := matching(rt.handle)
	if rt.method != fiber.MethodGet && !rt.counts {
		handle = s.bounded(handle)
	}
	return func(c *fiber.Ctx) error {
		r := &request{Server: s, c: c, ctx: context.Background(), now: s.Now().UTC().Truncate(time.Millisecond), route: rt}
		if err := s.admit(r); err != nil {
			return err
		}
		if err := r.readParameters(); err != nil {
			return err
		}
		if err := r.checkBody(); err != nil {
			return err
		}
		leave, err := r.room()
		if err != nil {
			return err
		}
		defer leave()
		if c.Context().UserValue(bodyAwaited) != nil {
			return c.SendStatus(fiber.StatusContinue)
		}
		if err := r.readBody(); err != nil {
			return err
		}
		if !rt.memory { // a slow network is not the use case's time
			defer r.hurry()()
			defer r.watched()()
		}
		out, err := s.once(r, handle)
		if err != nil {
			return err
		}
		if err := r.send(out); err != nil {
			return err
		}
		r.compress(out)
		return nil
	}
}

// hurry gives what is asked of the store from here on a deadline, until the function it returns is called.
func (r *request) hurry() func() {
	before := r.ctx
	ctx, cancel := context.WithTimeout(before, requestPatience)
	r.ctx = ctx
	return func() { cancel(); r.ctx = before }
}

// admit says who calls and whether the route's gate lets them in.
func (s *Server) admit(r *request) (err error) {
	g := r.route.gate
	if g.roles == nil && (!g.either || r.c.Get(fiber.HeaderAuthorization) == "") {
		return nil
	}
	if r.actor, err = s.authenticate(r); err != nil {
		return err
	}
	if !g.either && !r.actor.Is(g.roles...) {
		return domain.ErrForbidden
	}
	return nil
}

func (r *request) send(out *reply) error {
	if r.datumAsked {
		r.c.Vary(acceptDatum)
	}
	if out.cache != "" {
		r.c.Set(fiber.HeaderCacheControl, out.cache)
	}
	if out.etag != 0 {
		tag := r.etag(out.etag)
		r.c.Set(fiber.HeaderETag, tag)
		if held := r.held(tag); reads(r.c) && held != "" {
			r.c.Set(fiber.HeaderETag, held)
			r.c.Vary(fiber.HeaderAcceptEncoding)
			return r.c.SendStatus(fiber.StatusNotModified)
		}
	}
	if r.datumAsked {
		r.c.Set(contentDatum, cmp.Or(r.query.get("datum"), string(geo.WGS84)))
	}
	if base := locations[out.made.kind]; base != "" && out.status == fiber.StatusCreated {
		r.c.Set(fiber.HeaderLocation, base+out.made.id)
	}
	if out.replayed {
		r.c.Set("Idempotent-Replayed", "true")
	}
	if out.next != "" {
		r.c.Set(fiber.HeaderLink, r.nextLink(out.next))
	}
	r.c.Status(out.status)
	switch {
	case out.raw != nil:
		r.c.Response().Header.SetContentType(out.contentType)
		return r.c.Send(out.raw)
	case out.body == nil:
		return nil
	}
	if err := r.c.JSON(out.body); err != nil {
		return err
	}
	contentType := fiber.MIMEApplicationJSON
	if out.contentType != "" {
		contentType = out.contentType
	}
	r.c.Set(fiber.HeaderContentType, contentType)
	return nil
}

// held is the entity tag of the form that the caller has already, or "": If-None-Match names tag,
// or its compressed form, weakly too, as proxies that compress make it (RFC 9110, 13.1.2).
// A 304 says it again, or a cache would not know which of the two stays fresh.
func (r *request) held(tag string) string {
	for _, one := range tags(r.c, fiber.HeaderIfNoneMatch) {
		if one = strings.TrimPrefix(one, "W/"); one == "*" {
			return tag
		}
		if strings.Replace(one, zipped+`"`, `"`, 1) == tag {
			return one
		}
	}
	return ""
}

func reads(c *fiber.Ctx) bool { return c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead }
