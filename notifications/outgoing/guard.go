// Package outgoing calls services elsewhere. Those whose addresses people enter
// are called by a Client, so that nobody reaches through the program what only
// the program can reach: hosts are those that the configuration names, and an
// address is looked at when it is connected to, after the name was resolved.
// Those whose addresses are settings are called by a Service. For both,
// redirects are not followed, proxies of the environment not asked, and time
// and size of an answer bounded. It knows nothing of what is said.
//
// Which addresses are nobody's on the internet is the knowledge of
// code.dny.dev/ssrf, made from IANA's registries.
package outgoing

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"

	"code.dny.dev/ssrf"
)

var (
	// ErrHost: the configuration does not name this host.
	ErrHost = errors.New("outgoing: no host that the configuration names")
	// ErrAddress: the host's address is not one of the internet, nor allowed.
	ErrAddress = errors.New("outgoing: an address that is not allowed")
)

// Guard says what may be called.
type Guard struct {
	hosts    []string // scheme://host:port
	guardian *ssrf.Guardian
	resolver *net.Resolver // nil: the system's
}

// NewGuard takes the hosts that may be called, each as host or host:port, with
// http:// before it where it is called without encryption, and the prefixes of
// addresses allowed although they are not the internet's. The error names what is wrong.
func NewGuard(hosts []string, allowed []netip.Prefix) (*Guard, error) {
	g := &Guard{}
	for _, h := range hosts {
		text := h
		if !strings.Contains(h, "://") {
			text = "https://" + h
		}
		u, err := url.Parse(text)
		if err != nil || u.Path != "" || endpoint(u) == "" {
			return nil, fmt.Errorf("outgoing: %q is no host", h)
		}
		g.hosts = append(g.hosts, endpoint(u))
	}
	var v4, v6 []netip.Prefix
	for _, p := range allowed {
		if p.Addr().Is4() {
			v4 = append(v4, p)
		} else {
			v6 = append(v6, p)
		}
	}
	g.guardian = ssrf.New(ssrf.WithAnyPort(), ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...))
	return g, nil
}

// Allows reports whether the URL is one of a host that may be called, whose
// address is looked at when it is.
func (g *Guard) Allows(u *url.URL) bool { return slices.Contains(g.hosts, endpoint(u)) }

// endpoint is scheme, host and port of a URL that can be called, else "".
func endpoint(u *url.URL) string {
	port, known := map[string]string{"https": "443", "http": "80"}[u.Scheme]
	host := strings.ToLower(u.Hostname())
	if !known || host == "" || u.User != nil || u.Fragment != "" || u.Opaque != "" || strings.ContainsAny(host, "%*") {
		return ""
	}
	if u.Port() != "" {
		port = u.Port()
	}
	return u.Scheme + "://" + net.JoinHostPort(host, port)
}

// connecting looks at the address that a connection is made to: what was
// resolved is what is connected to, so that no second answer of a name counts.
func (g *Guard) connecting(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || g.guardian.SafeAddr(to.Addr().Unmap()) != nil {
		return ErrAddress
	}
	return nil
}
