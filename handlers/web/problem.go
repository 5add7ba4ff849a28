package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"wangge/domain"
	"wangge/handlers/auth"
)

// problem is an RFC 9457 answer. Code is a stable word for programs; title
// and detail are for people, in their language.
type problem struct {
	Type    string         `json:"type"`
	Title   string         `json:"title"`
	Status  int            `json:"status"`
	Detail  string         `json:"detail,omitempty"`
	Code    string         `json:"code"`
	Request string         `json:"requestId"`
	Errors  []problemField `json:"errors,omitempty"`
	Allowed *[]string      `json:"allowed,omitempty"`

	Findings any `json:"findings,omitempty"` // of an import
	Current  any `json:"current,omitempty"`  // what is there already

	retry time.Duration
}

type problemField struct {
	Pointer string `json:"pointer"`
	Detail  string `json:"detail"`
}

// httpError is a refusal that HTTP itself asks for.
type httpError struct {
	status int
	code   string
	detail domain.Text
}

func (e *httpError) Error() string { return e.code + ": " + e.detail.EN }

// Refuse is an error that HTTP itself asks for: a handler's, where the domain has no word for it.
func Refuse(status int, code, zh, en string) error {
	return &httpError{status, code, domain.T(zh, en)}
}

// Malformed refuses what cannot be read.
func Malformed(zh, en string) error { return Refuse(400, "malformed", zh, en) }

// FindingsError is a refused import, with everything that was found, as the wire has it.
type FindingsError struct {
	Err      error
	Findings any
}

func (e *FindingsError) Error() string { return e.Err.Error() }
func (e *FindingsError) Unwrap() error { return e.Err }

// CurrentError is a refusal because of something that is there already, which is told with it, as the wire has it.
type CurrentError struct {
	Err     error
	Current any
}

func (e *CurrentError) Error() string { return e.Err.Error() }
func (e *CurrentError) Unwrap() error { return e.Err }

type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

func panicked(value any) error { return &panicError{value, debug.Stack()} }

// Refusal says what an error without details becomes.
type Refusal struct {
	Err    error
	Status int
	Code   string
	Text   domain.Text
	Retry  time.Duration // after which it is worth trying again; 0: as its status has it
}

// refusals are those that any part of the domain may have; the first that fits counts.
var refusals = []Refusal{
	{Err: domain.ErrNotFound, Status: 404, Code: "not_found", Text: domain.T("没有找到", "there is nothing here")},
	{Err: domain.ErrForbidden, Status: 403, Code: "forbidden", Text: domain.T("您的角色不能进行此操作", "your role may not do this")},
	{Err: domain.ErrStale, Status: 412, Code: "version_mismatch", Text: domain.T("内容已被他人更新，请刷新后重试", "it has changed since you read it; read it again")},
	{Err: domain.ErrBusy, Status: 409, Code: "busy", Text: domain.T("同时修改的人太多，请稍后重试", "too many changes at once; try again")},
	{Err: auth.ErrExpired, Status: 401, Code: "token_expired", Text: domain.T("登录已过期，请刷新令牌", "the access token has expired; refresh it")},
	{Err: auth.ErrToken, Status: 401, Code: "token_invalid", Text: domain.T("令牌无效", "the access token is not valid")},
	{Err: domain.ErrUnauthenticated, Status: 401, Code: "unauthenticated", Text: domain.T("请先登录", "sign in first")},
	{Err: domain.ErrCursor, Status: 400, Code: "bad_cursor", Text: domain.T("游标不属于此查询", "the cursor does not belong to this query")},
	{Err: domain.ErrTooBroad, Status: 422, Code: "too_broad", Text: domain.T("查询范围过大，请增加筛选条件", "the query is too broad; narrow it")},
	{Err: domain.ErrPreparing, Status: 503, Code: "preparing", Text: domain.T("升级后正在建立此查询所需的索引，请稍后重试", "after an upgrade, an index for this query is being built; try again later"), Retry: 10 * time.Second},
	{Err: domain.ErrUnavailable, Status: 503, Code: "unavailable", Text: domain.T("服务暂时不可用，请稍后重试", "the service is unavailable for the moment; try again")},
	{Err: context.DeadlineExceeded, Status: 503, Code: "timeout", Text: domain.T("处理超时，请稍后重试", "it took too long; try again")},
	{Err: context.Canceled, Status: 503, Code: "cancelled", Text: domain.T("请求已取消", "the request was cancelled")},
}

// problemOf is the one table from errors to answers. What it does not know is a 500 that says nothing.
func (s *Server) problemOf(err error, l Lang) *problem {
	var (
		invalid  *domain.InvalidError
		conflict *domain.ConflictError
		limited  *domain.LimitError
		plain    *httpError
		query    *queryError
		found    *FindingsError
		current  *CurrentError
		fiberErr *fiber.Error
	)
	switch {
	case errors.As(err, &found):
		p := s.problemOf(found.Err, l)
		p.Findings = found.Findings
		return p
	case errors.As(err, &current):
		p := s.problemOf(current.Err, l)
		p.Current = current.Current
		return p
	case errors.As(err, &query):
		return newProblem(400, "bad_parameter", l.Text(domain.T("参数有误", "some parameters are wrong"))).fields(query.Fields, l)
	case errors.As(err, &invalid) && strings.HasPrefix(invalid.Fields[0].Pointer, "?"):
		return newProblem(400, "bad_parameter", l.Text(domain.T("参数有误", "some parameters are wrong"))).fields(invalid.Fields, l)
	case errors.As(err, &invalid):
		return newProblem(422, "invalid", l.Text(domain.T("内容有误", "some fields are wrong"))).fields(invalid.Fields, l)
	case errors.As(err, &conflict):
		p := newProblem(409, conflict.Code, l.Text(conflict.Detail))
		if conflict.Allowed != nil {
			p.Allowed = &conflict.Allowed
		}
		p.retry = conflict.RetryAfter
		return p
	case errors.As(err, &limited):
		p := newProblem(429, "too_many_requests", l.Text(domain.T("请求过于频繁，请稍后再试", "too many requests; wait a while")))
		p.retry = limited.RetryAfter
		return p
	case errors.As(err, &plain):
		return newProblem(plain.status, plain.code, l.Text(plain.detail))
	}
	for _, known := range slices.Concat(s.options.Refusals, refusals) {
		if errors.Is(err, known.Err) {
			p := newProblem(known.Status, known.Code, l.Text(known.Text))
			if known.Retry > 0 {
				p.retry = known.Retry
			}
			return p
		}
	}
	if errors.As(err, &fiberErr) {
		return fromFiber(fiberErr, l)
	}
	return newProblem(500, "internal", l.Text(domain.T("服务内部错误", "something went wrong on our side")))
}

func fromFiber(e *fiber.Error, l Lang) *problem {
	switch e.Code {
	case 404:
		return newProblem(404, "not_found", l.Text(domain.T("没有此路径", "there is no such path")))
	case 405:
		return newProblem(405, "method_not_allowed", l.Text(domain.T("此路径不支持该方法", "this path does not take that method")))
	case 413:
		return newProblem(413, "too_large", l.Text(domain.T("请求体过大", "the body is too large")))
	case 431:
		return newProblem(431, "headers_too_large", l.Text(domain.T("请求头过大", "the headers are too large")))
	}
	if e.Code >= 400 && e.Code < 500 {
		return newProblem(400, "malformed", l.Text(domain.T("请求格式错误", "the request is malformed")))
	}
	return newProblem(500, "internal", l.Text(domain.T("服务内部错误", "something went wrong on our side")))
}

func newProblem(status int, code, detail string) *problem {
	p := &problem{Type: "urn:wangge:problem:" + code, Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
	if status == http.StatusServiceUnavailable {
		p.retry = 2 * time.Second
	}
	return p
}

func (p *problem) fields(fs []domain.FieldError, l Lang) *problem {
	for _, f := range fs {
		p.Errors = append(p.Errors, problemField{f.Pointer, l.Text(f.Detail)})
	}
	return p
}

// Problem is an error of a part of what was asked for: its status, and the
// problem that it would be of the whole. The cause of a 500 goes to the log only.
func (r *Request) Problem(err error) (status int, body any) {
	p := r.server.problemOf(err, language(&r.c.Request.Header))
	p.Request = string(r.c.Response.Header.PeekBytes(requestID))
	if p.Status >= 500 {
		r.server.options.Log.LogAttrs(context.Background(), slog.LevelError, "part of a request failed", slog.String("id", p.Request), slog.String("route", r.route.Path), slog.Any("error", err))
	}
	return p.Status, p
}

// fail answers an error; the cause of a 500 goes to the log only.
func (s *Server) fail(c *fasthttp.RequestCtx, route string, err error) {
	header := &c.Response.Header
	p := s.problemOf(err, language(&c.Request.Header))
	p.Request = string(header.PeekBytes(requestID))
	if p.Status >= 500 && p.Status != fiber.StatusNotImplemented {
		attrs := []any{"id", p.Request, "route", route, "error", err}
		if pe := (*panicError)(nil); errors.As(err, &pe) {
			attrs = append(attrs, "stack", string(pe.stack))
		}
		s.options.Log.LogAttrs(context.Background(), slog.LevelError, "request failed", slog.Group("", attrs...))
	}
	if p.Status == 401 {
		header.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="wangge"`)
	}
	if p.retry > 0 {
		header.Set(fiber.HeaderRetryAfter, strconv.Itoa(wholeSeconds(p.retry)))
	}
	if p.Status == 413 {
		c.SetConnectionClose() // there is too much of it to read to its end
	}
	text, err := json.Marshal(p)
	if err != nil {
		s.fail(c, route, err)
		return
	}
	c.SetStatusCode(p.Status)
	header.SetContentType("application/problem+json")
	c.Response.SetBodyRaw(text)
}
