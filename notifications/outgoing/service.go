package outgoing

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
)

// answerMost is how much of an answer's body is read.
const answerMost = 1 << 20

// ErrLong: the service said more than is read of an answer.
var ErrLong = errors.New("outgoing: too long an answer")

// Service is the client of a service whose address is a setting of who runs
// the program, not what somebody entered: any address will do. As with a
// Client, redirects are not followed, proxies of the environment not asked,
// and time and size of an answer bounded. Its errors name neither address nor body.
type Service struct{ http *http.Client }

// NewService makes a client with so many connections to a host at most.
func NewService(connections int) *Service {
	dialer := &net.Dialer{Timeout: connectMost}
	return &Service{&http.Client{
		Timeout:       totalMost,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: bounded{&http.Transport{
			DialContext: dialer.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: connectMost, ResponseHeaderTimeout: headerMost,
			MaxConnsPerHost: connections, MaxIdleConnsPerHost: connections, IdleConnTimeout: idleMost, MaxResponseHeaderBytes: headerBytes, DisableCompression: true,
		}},
	}}
}

// HTTP is the client within, for libraries that make requests of their own.
// Their errors may hold the address: Call's do not.
func (s *Service) HTTP() *http.Client { return s.http }

// Call asks the service, and reads what it says to the end. An answer of any
// status, also a redirect, is no error; Code says of an error what it was.
func (s *Service) Call(ctx context.Context, method, address string, header http.Header, body []byte) (Answer, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return Answer{}, nil, ErrHost
	}
	if header != nil {
		req.Header = header
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return Answer{}, nil, nameless(err)
	}
	defer func() { _ = resp.Body.Close() }()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		return Answer{resp.StatusCode, resp.Header}, nil, nameless(err)
	}
	return Answer{resp.StatusCode, resp.Header}, said, nil
}

// nameless is an error of a call without the address that was called, which may hold a secret.
func nameless(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return &callError{err}
}

// callError says no more than Code does.
type callError struct{ cause error }

func (e *callError) Error() string { return "outgoing: no answer: " + Code(e.cause) }
func (e *callError) Unwrap() error { return e.cause }

// bounded reads no more than answerMost of an answer; ErrLong where there is more.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := b.RoundTripper.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode == http.StatusSwitchingProtocols { // its body is the connection itself, which has no end
		_ = resp.Body.Close()
		return nil, errors.New("outgoing: another protocol")
	}
	resp.Body = &boundedBody{resp.Body, answerMost}
	return resp, nil
}

// CloseIdleConnections ends connections that wait to be used again.
func (b bounded) CloseIdleConnections() {
	if t, ok := b.RoundTripper.(*http.Transport); ok {
		t.CloseIdleConnections()
	}
}

type boundedBody struct {
	io.ReadCloser
	left int
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if b.left <= 0 { // is there more?
		if n, err := b.ReadCloser.Read(p[:1]); n == 0 {
			return 0, err
		}
		return 0, ErrLong
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
