package handlers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"wangge/domain"
	"wangge/domain/account"
	"wangge/domain/fold"
	"wangge/handlers/auth"
	"wangge/store"
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

	Findings []cellFinding `json:"findings,omitempty"` // of an import of cells

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

func refuse(status int, code, zh, en string) error {
	return &httpError{status, code, domain.T(zh, en)}
}

func malformed(zh, en string) error { return refuse(400, "malformed", zh, en) }

type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

func panicked(value any) error { return &panicError{value, debug.Stack()} }

// sentinels maps errors without details to status, code and text.
var sentinels = []struct {
	err    error
	status int
	code   string
	text   domain.Text
}{
	{domain.ErrNotFound, 404, "not_found", domain.T("没有找到", "there is nothing here")},
	{domain.ErrForbidden, 403, "forbidden", domain.T("您的角色不能进行此操作", "your role may not do this")},
	{domain.ErrStale, 412, "version_mismatch", domain.T("内容已被他人更新，请刷新后重试", "it has changed since you read it; read it again")},
	{domain.ErrBusy, 409, "busy", domain.T("同时修改的人太多，请稍后重试", "too many changes at once; try again")},
	{auth.ErrExpired, 401, "token_expired", domain.T("登录已过期，请刷新令牌", "the access token has expired; refresh it")},
	{auth.ErrToken, 401, "token_invalid", domain.T("令牌无效", "the access token is not valid")},
	{account.ErrReused, 401, "session_reused", domain.T("刷新令牌被重复使用，登录已结束，请重新登录", "a refresh token was used twice; the session has ended, sign in again")},
	{domain.ErrUnauthenticated, 401, "unauthenticated", domain.T("请先登录", "sign in first")},
	{store.ErrCursor, 400, "bad_cursor", domain.T("游标不属于此查询", "the cursor does not belong to this query")},
	{fold.ErrTooShort, 422, "too_short", domain.T("请至少输入两个字", "one character alone is not looked for: enter two or more")},
	{store.ErrTooBroad, 422, "too_broad", domain.T("查询范围过大，请增加筛选条件", "the query is too broad; narrow it")},
	{store.ErrBuilding, 503, "preparing", domain.T("升级后正在建立此查询所需的索引，请稍后重试", "after an upgrade, an index for this query is being built; try again later")},
	{store.ErrUnavailable, 503, "unavailable", domain.T("服务暂时不可用，请稍后重试", "the service is unavailable for the moment; try again")},
	{context.DeadlineExceeded, 503, "timeout", domain.T("处理超时，请稍后重试", "it took too long; try again")},
	{context.Canceled, 503, "cancelled", domain.T("请求已取消", "the request was cancelled")},
}

// problemOf is the one table from errors to answers. What it does not know is a 500 that says nothing.
func problemOf(err error, l lang) *problem {
	var (
		invalid  *domain.InvalidError
		conflict *domain.ConflictError
		limited  *domain.LimitError
		plain    *httpError
		query    *queryError
		cells    *cellsError
		fiberErr *fiber.Error
	)
	switch {
	case errors.As(err, &cells):
		p := problemOf(cells.error, l)
		p.Findings = cellFindings(cells.report, l)
		return p
	case errors.As(err, &query):
		return newProblem(400, "bad_parameter", l.text(domain.T("参数有误", "some parameters are wrong"))).fields(query.Fields, l)
	case errors.As(err, &invalid) && strings.HasPrefix(invalid.Fields[0].Pointer, "?"):
		return newProblem(400, "bad_parameter", l.text(domain.T("参数有误", "some parameters are wrong"))).fields(invalid.Fields, l)
	case errors.As(err, &invalid):
		return newProblem(422, "invalid", l.text(domain.T("内容有误", "some fields are wrong"))).fields(invalid.Fields, l)
	case errors.As(err, &conflict):
		p := newProblem(409, conflict.Code, l.text(conflict.Detail))
		if conflict.Allowed != nil {
			p.Allowed = &conflict.Allowed
		}
		p.retry = conflict.RetryAfter
		return p
	case errors.As(err, &limited):
		p := newProblem(429, "too_many_requests", l.text(domain.T("请求过于频繁，请稍后再试", "too many requests; wait a while")))
		p.retry = limited.RetryAfter
		return p
	case errors.As(err, &plain):
		return newProblem(plain.status, plain.code, l.text(plain.detail))
	}
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			p := newProblem(s.status, s.code, l.text(s.text))
			if s.code == "preparing" {
				p.retry = 10 * time.Second
			}
			return p
		}
	}
	if errors.As(err, &fiberErr) {
		return fromFiber(fiberErr, l)
	}
	return newProblem(500, "internal", l.text(domain.T("服务内部错误", "something went wrong on our side")))
}

func fromFiber(e *fiber.Error, l lang) *problem {
	switch e.Code {
	case 404:
		return newProblem(404, "not_found", l.text(domain.T("没有此路径", "there is no such path")))
	case 405:
		return newProblem(405, "method_not_allowed", l.text(domain.T("此路径不支持该方法", "this path does not take that method")))
	case 413:
		return newProblem(413, "too_large", l.text(domain.T("请求体过大", "the body is too large")))
	case 431:
		return newProblem(431, "headers_too_large", l.text(domain.T("请求头过大", "the headers are too large")))
	}
	if e.Code >= 400 && e.Code < 500 {
		return newProblem(400, "malformed", l.text(domain.T("请求格式错误", "the request is malformed")))
	}
	return newProblem(500, "internal", l.text(domain.T("服务内部错误", "something went wrong on our side")))
}

func newProblem(status int, code, detail string) *problem {
	p := &problem{Type: "urn:wangge:problem:" + code, Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
	if status == http.StatusServiceUnavailable {
		p.retry = 2 * time.Second
	}
	return p
}

func (p *problem) fields(fs []domain.FieldError, l lang) *problem {
	for _, f := range fs {
		p.Errors = append(p.Errors, problemField{f.Pointer, l.text(f.Detail)})
	}
	return p
}

// fail answers an error; the cause of a 500 goes to the log only.
func (s *Server) fail(c *fiber.Ctx, err error) error {
	p := problemOf(err, language(c))
	p.Request = string(c.Response().Header.PeekBytes(requestID))
	if p.Status >= 500 && p.Status != fiber.StatusNotImplemented {
		attrs := []any{"id", p.Request, "route", pattern(c), "error", err}
		if pe := (*panicError)(nil); errors.As(err, &pe) {
			attrs = append(attrs, "stack", string(pe.stack))
		}
		s.Log.LogAttrs(c.UserContext(), slog.LevelError, "request failed", slog.Group("", attrs...))
	}
	if p.Status == 401 {
		c.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="wangge"`)
	}
	if p.retry > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(wholeSeconds(p.retry)))
	}
	if p.Status == 413 {
		c.Context().SetConnectionClose() // there is too much of it to read to its end
	}
	c.Status(p.Status)
	if err := c.JSON(p); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/problem+json")
	return nil
}
