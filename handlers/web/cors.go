package web

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// Origins are the sites whose pages may call us from a browser. Calls carry
// their token in a header, never a cookie: credentials are not allowed, nor is "*".
type Origins []string

// ParseOrigins takes origins as browsers write them: scheme and host, a port only where it is not the scheme's.
func ParseOrigins(texts []string) (Origins, error) {
	for _, t := range texts {
		u, err := url.Parse(t)
		if err != nil || u.Scheme == "" || u.Hostname() == "" || strings.Contains(u.Host, "*") || t != strings.ToLower(u.Scheme+"://"+u.Host) || strings.HasSuffix(u.Host, ":") ||
			u.Scheme == "http" && u.Port() == "80" || u.Scheme == "https" && u.Port() == "443" {
			return nil, errors.New("is not a list of origins as browsers send them, such as https://app.example.org,http://localhost:5173")
		}
	}
	return texts, nil
}

var (
	exposed = strings.Join([]string{fiber.HeaderETag, fiber.HeaderLink, fiber.HeaderLocation, fiber.HeaderRetryAfter, "RateLimit", "RateLimit-Policy",
		fiber.HeaderXRequestID, "Idempotent-Replayed", contentDatum}, ", ")
	sendable = strings.Join([]string{fiber.HeaderAuthorization, fiber.HeaderContentType, fiber.HeaderAcceptLanguage, fiber.HeaderIfMatch, fiber.HeaderIfNoneMatch,
		"Idempotency-Key", "Last-Event-ID", AcceptDatum, methodOverride}, ", ")
)

// allow lets a page of an allowed origin read the answer.
func (o Origins) allow(c *fasthttp.RequestCtx) {
	if len(o) == 0 {
		return
	}
	header := &c.Response.Header
	vary(header, fiber.HeaderOrigin)
	if origin := string(c.Request.Header.Peek(fiber.HeaderOrigin)); slices.Contains(o, origin) {
		header.Set(fiber.HeaderAccessControlAllowOrigin, origin)
		header.Set(fiber.HeaderAccessControlExposeHeaders, exposed)
	}
}

// preflight answers what a browser asks before it sends a page's request of these methods.
func (o Origins) preflight(methods []string) func(*fasthttp.RequestCtx) {
	allowed := strings.Join(methods, ", ")
	return func(c *fasthttp.RequestCtx) {
		asked, header := &c.Request.Header, &c.Response.Header
		header.Set(fiber.HeaderAllow, allowed+", OPTIONS")
		if slices.Contains(o, string(asked.Peek(fiber.HeaderOrigin))) && len(asked.Peek(fiber.HeaderAccessControlRequestMethod)) > 0 {
			header.Set(fiber.HeaderAccessControlAllowMethods, allowed)
			header.Set(fiber.HeaderAccessControlAllowHeaders, sendable)
			header.Set(fiber.HeaderAccessControlMaxAge, "7200")
		}
		c.SetStatusCode(fiber.StatusNoContent)
	}
}

// answerPreflights adds OPTIONS to every path that has a route.
func (s *Server) answerPreflights(routes []*Route) {
	if len(s.options.Origins) == 0 {
		return
	}
	methods := map[string][]string{}
	var paths []string
	for _, rt := range routes {
		for _, path := range append([]string{rt.Path}, rt.Also...) {
			if methods[path] == nil {
				paths = append(paths, path)
			}
			methods[path] = append(methods[path], rt.Method)
			if rt.Method == fiber.MethodGet {
				methods[path] = append(methods[path], fiber.MethodHead)
			}
		}
	}
	for _, path := range paths {
		preflight := s.options.Origins.preflight(methods[path])
		s.app.Options(path, func(c *fiber.Ctx) error {
			s.wrap(c.Context(), path, func() error { preflight(c.Context()); return nil })
			return nil
		})
	}
}
