package outgoing

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

const (
	connectMost = 5 * time.Second  // to resolve, try the addresses and connect; as long again for the handshake
	headerMost  = 15 * time.Second // from what was asked to the first of the answer
	totalMost   = 20 * time.Second
	idleMost    = 90 * time.Second
	headerBytes = 16 << 10
	bodyBytes   = 4 << 10 // that are read so that a connection can be used again
)

// Client calls one service, over connections of its own, so that one that
// does not answer takes none from another.
type Client struct {
	guard *Guard
	http  *http.Client
}

// Client makes a client with so many connections at most.
func (g *Guard) Client(connections int) *Client {
	dialer := &net.Dialer{Timeout: connectMost, Control: g.connecting, Resolver: g.resolver}
	return &Client{g, &http.Client{
		Timeout:       totalMost,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{ // without Proxy, of the environment or any
			DialContext: dialer.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: connectMost, ResponseHeaderTimeout: headerMost,
			MaxConnsPerHost: connections, MaxIdleConnsPerHost: connections, IdleConnTimeout: idleMost,
			MaxResponseHeaderBytes: headerBytes, DisableCompression: true,
		},
	}}
}

// Close ends connections that wait to be used again.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Answer is what a service said, its body aside.
type Answer struct {
	Status int
	Header http.Header
}

// RetryAfter is how long the service asks to be left alone: in seconds, or until a time.
func (a Answer) RetryAfter(now time.Time) time.Duration {
	asked := a.Header.Get("Retry-After")
	if seconds, err := strconv.ParseInt(asked, 10, 64); err == nil {
		return time.Duration(max(0, min(seconds, 1e9))) * time.Second
	}
	if at, err := http.ParseTime(asked); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// Post sends a body. An answer of any status, also a redirect, is no error;
// Code says of an error what it was. More than the first bytes of an answer's
// body is not read: the connection is closed then.
func (c *Client) Post(ctx context.Context, address string, header http.Header, body []byte) (Answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil || !c.guard.Allows(req.URL) {
		return Answer{}, ErrHost
	}
	req.Header = header
	resp, err := c.http.Do(req)
	if err != nil {
		return Answer{}, err
	}
	if resp.StatusCode != http.StatusSwitchingProtocols { // whose body is the connection itself: it has no end, and no time-out ends it
		_, _ = io.CopyN(io.Discard, resp.Body, bodyBytes) // the status has said what counts
	}
	_ = resp.Body.Close()
	return Answer{resp.StatusCode, resp.Header}, nil
}

// Code is a word for what an error of a call was, which names no address.
func Code(err error) string {
	var (
		name     *net.DNSError
		record   tls.RecordHeaderError
		alert    tls.AlertError
		cert     *tls.CertificateVerificationError
		host     x509.HostnameError
		unsigned x509.UnknownAuthorityError
		timeout  net.Error
		op       *net.OpError
	)
	switch {
	case errors.Is(err, ErrHost):
		return "host"
	case errors.Is(err, ErrAddress):
		return "address"
	case errors.Is(err, ErrLong):
		return "long"
	case errors.As(err, &name):
		return "name"
	case errors.As(err, &record), errors.As(err, &alert), errors.As(err, &cert), errors.As(err, &host), errors.As(err, &unsigned), errors.Is(err, http.ErrSchemeMismatch):
		return "tls"
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.As(err, &op) && op.Op == "dial":
		return "connect"
	}
	return "answer" // none, or none that is HTTP
}
