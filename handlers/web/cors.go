package web

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
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
		"Idempotency-Key", AcceptDatum, methodOverride}, ", ")
)

// allow lets a page of an allowed origin read the answer.
func (o Origins) allow(c *fiber.Ctx) {
	if len(o) == 0 {
		return
	}
	vary(c, fiber.HeaderOrigin)
	if origin := c.Get(fiber.HeaderOrigin); slices.Contains(o, origin) {
		c.Set(fiber.HeaderAccessControlAllowOrigin, origin)
		c.Set(fiber.HeaderAccessControlExposeHeaders, exposed)
	}
}

// preflight answers what a browser asks before it sends a page's request of these methods.
func (o Origins) preflight(methods []string) fiber.Handler {
	allowed := strings.Join(methods, ", ")
	return func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderAllow, allowed+", OPTIONS")
		if slices.Contains(o, c.Get(fiber.HeaderOrigin)) && c.Get(fiber.HeaderAccessControlRequestMethod) != "" {
			c.Set(fiber.HeaderAccessControlAllowMethods, allowed)
			c.Set(fiber.HeaderAccessControlAllowHeaders, sendable)
			c.Set(fiber.HeaderAccessControlMaxAge, "7200")
		}
		return c.SendStatus(fiber.StatusNoContent)
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
		s.app.Options(path, func(c *fiber.Ctx) error { return s.wrap(c, preflight) })
	}
}
