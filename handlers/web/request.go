package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/once"
	"wangge/store"
)

// Request is one call of a route: what a handler needs, and no more.
type Request struct {
	Ctx   context.Context // ends with the use case's deadline
	Now   time.Time       // in UTC, whole milliseconds
	Actor access.Actor    // who calls; nobody on a route that is open to all
	Ends  time.Time       // when the token runs out that says so; zero: there is none
	Query Parameters
	Body  []byte

	server     *Server
	scratch    []byte // where parameters are put together
	route      *Route
	c          *fasthttp.RequestCtx
	found      *fiber.Ctx    // has the parts of the path; nil where there are none
	language   Lang          // 0: not looked for yet
	attempt    *once.Attempt // nil without Idempotency-Key
	matches    []int64       // versions of If-Match that are not tried yet, the newest first
	datumAsked bool          // the answer is in the datum that was asked for
	datumNamed string        // by Accept-Datum, where that is not WGS-84
}

// Param is a part of the path, as the route names it, decoded.
func (r *Request) Param(name string) string {
	text, _ := url.PathUnescape(r.sent(name)) // readParameters refused what cannot be
	return text
}

// sent is a part of the path as it was sent; "" where the path has no such part.
func (r *Request) sent(name string) string {
	if r.found == nil {
		return ""
	}
	return r.found.Params(name)
}

// path is the address that was asked for, as it was sent.
func (r *Request) path() string { return string(r.c.URI().PathOriginal()) }

// Header is a header of the request; "" for none.
func (r *Request) Header(name string) string { return string(r.c.Request.Header.Peek(name)) }

// Host is the name and port that the caller asked for.
func (r *Request) Host() string { return string(r.c.Host()) }

// OnlyHead reports whether the caller asks for the head of an answer and takes nothing else of it.
func (r *Request) OnlyHead() bool { return r.c.IsHead() }

// SetHeader sets a header of the answer.
func (r *Request) SetHeader(name, value string) { r.c.Response.Header.Set(name, value) }

// Cookies are the values that were sent under a name: several where somebody
// else has put one beside ours.
func (r *Request) Cookies(name string) (values []string) {
	for key, value := range r.c.Request.Header.Cookies() {
		if string(key) == name {
			values = append(values, string(value))
		}
	}
	return values
}

// SetCookie gives the caller's browser a cookie.
func (r *Request) SetCookie(c *http.Cookie) {
	r.c.Response.Header.Add(fiber.HeaderSetCookie, c.String())
}

// Vary names a header of the request that the answer differs by.
func (r *Request) Vary(header string) { vary(&r.c.Response.Header, header) }

// requests are used again and again: most are done before the next begins.
var requests = sync.Pool{New: func() any { return new(Request) }}

// release gives the request back, with nothing in it of who asked.
func (r *Request) release() {
	clear(r.Query)
	*r = Request{Query: r.Query[:0], scratch: r.scratch[:0]}
	requests.Put(r)
}

// serve calls a route.
func (s *Server) serve(rt *Route) func(*fasthttp.RequestCtx, *fiber.Ctx) error {
	handle := matching(rt.Handle)
	if rt.Method != fiber.MethodGet && !rt.Counts {
		handle = s.bounded(handle)
	}
	return func(c *fasthttp.RequestCtx, found *fiber.Ctx) error {
		r := requests.Get().(*Request)
		r.server, r.route, r.c, r.found = s, rt, c, found
		r.Ctx, r.Now = context.Background(), s.options.Now().UTC().Truncate(time.Millisecond)
		err := r.answer(handle)
		if !c.Response.IsBodyStream() { // which may look at the request until it ends
			r.release()
		}
		return err
	}
}

// answer is the way of every request: authenticate, check the route's gate,
// check parameters and body against the route, call the handler, answer.
func (r *Request) answer(handle Handler) error {
	if err := r.admit(); err != nil {
		return err
	}
	if err := r.readParameters(); err != nil {
		return err
	}
	if err := r.checkBody(); err != nil {
		return err
	}
	if r.route.Memory && r.c.RequestBodyStream() == nil && r.c.UserValue(bodyAwaited) == nil {
		return r.reply(handle)
	}
	return r.answerAtLength(handle)
}

// answerAtLength is answer of what may have a body, and asks the store.
func (r *Request) answerAtLength(handle Handler) error {
	leave, err := r.reserveBody()
	if err != nil {
		return err
	}
	defer leave()
	if r.c.UserValue(bodyAwaited) != nil {
		r.c.SetStatusCode(fiber.StatusContinue)
		return nil
	}
	if err := r.readBody(); err != nil {
		return err
	}
	packed, err := r.unpacking()
	if err != nil {
		return err
	}
	defer packed()
	if !r.route.Memory { // a slow network is not the use case's time
		defer r.WithDeadline()()
		defer r.watchLimits()()
	}
	if r.route.Method != fiber.MethodGet {
		r.Ctx = store.WithReadCache(r.Ctx)
	}
	return r.reply(handle)
}

// reply calls the handler and sends what it answers.
func (r *Request) reply(handle Handler) error {
	out, err := r.handleOnce(handle)
	if err != nil {
		return err
	}
	if err := r.send(out); err != nil {
		return err
	}
	r.compress(out)
	return nil
}

// WithDeadline gives what is asked of the store from here on a deadline, until
// the function it returns is called. Only routes answered from memory need it.
func (r *Request) WithDeadline() func() {
	before := r.Ctx
	ctx, cancel := context.WithTimeout(before, cmp.Or(r.route.Patience, usePatience))
	r.Ctx = ctx
	return func() { cancel(); r.Ctx = before }
}

// admit says who calls and whether the route's gate lets them in.
func (r *Request) admit() (err error) {
	if r.route.PerMinute > 0 {
		if err := r.server.strangers.take(r.route, r.Client(), r.Now); err != nil {
			return err
		}
	}
	g := r.route.Gate
	if g.Roles == nil && (!g.Either || r.Header(fiber.HeaderAuthorization) == "") {
		return nil
	}
	if r.Actor, err = r.authenticate(); err != nil {
		return err
	}
	if !g.Either && !r.Actor.Is(g.Roles...) {
		return domain.ErrForbidden
	}
	return nil
}
