package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"github.com/valyala/fasthttp"
)

// accounts is how many residents there are, and the most clients: one each.
const accounts = 256

// site is a server that is asked over connections which stay open.
type site struct {
	base    string
	clients []fasthttp.HostClient // a connection each
}

func newSite(address string) *site {
	s := &site{base: "http://" + address, clients: make([]fasthttp.HostClient, accounts)}
	for i := range s.clients {
		s.clients[i] = fasthttp.HostClient{Addr: address, MaxConns: 1, ReadTimeout: time.Minute, WriteTimeout: time.Minute, MaxIdleConnDuration: time.Hour}
	}
	return s
}

// forget closes the connections: the server is started anew.
func (s *site) forget() {
	for i := range s.clients {
		s.clients[i].CloseIdleConnections()
	}
}

// asked is one request.
type asked struct {
	method, path, token string
	body                any // JSON, unless kind says otherwise; text and bytes as they are
	kind                string
	from                string // whose network address it came from
	match               string // If-Match
	key                 string // Idempotency-Key
}

// problem is an answer that is no success.
type problem struct {
	status int
	text   string
}

func (p *problem) Error() string { return fmt.Sprintf("%d %s", p.status, p.text) }

// do asks and reads the answer into out, which may be nil.
func (s *site) do(client int, a asked, out any) error {
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	req.Header.SetMethod(a.method)
	req.SetRequestURI(s.base + a.path)
	for name, value := range map[string]string{"Authorization": a.token, "X-Forwarded-For": a.from, "If-Match": a.match, "Idempotency-Key": a.key} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	switch body := a.body.(type) {
	case nil:
	case string:
		req.Header.SetContentType(a.kind)
		req.SetBodyString(body)
	default:
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		req.Header.SetContentType(cmp.Or(a.kind, "application/json"))
		req.SetBody(text)
	}
	if err := s.clients[client].Do(req, resp); err != nil {
		return fmt.Errorf("%s %s: %w", a.method, a.path, err)
	}
	if status := resp.StatusCode(); status < 200 || status > 299 {
		return fmt.Errorf("%s %s: %w", a.method, a.path, &problem{status, string(resp.Body())})
	}
	if out == nil {
		return nil
	}
	if raw, ok := out.(*[]byte); ok {
		*raw = append([]byte(nil), resp.Body()...)
		return nil
	}
	return json.Unmarshal(resp.Body(), out)
}
