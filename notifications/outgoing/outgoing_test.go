package outgoing

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func guard(t *testing.T, hosts []string, allowed ...string) *Guard {
	t.Helper()
	var prefixes []netip.Prefix
	for _, p := range allowed {
		prefixes = append(prefixes, netip.MustParsePrefix(p))
	}
	g, err := NewGuard(hosts, prefixes)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestHosts(t *testing.T) {
	g := guard(t, []string{"hooks.example.org", "Other.example.org:8443", "http://10.0.0.5:8080", "http://plain.example.org", "[2001:db8::1]"})
	for address, allowed := range map[string]bool{
		"https://hooks.example.org/in?a=b":          true,
		"https://HOOKS.example.org:443/in":          true,
		"https://other.example.org:8443":            true,
		"http://10.0.0.5:8080/x":                    true,
		"http://plain.example.org/":                 true,
		"https://[2001:db8::1]/":                    true,
		"http://hooks.example.org/in":               false, // without encryption
		"https://hooks.example.org:8443/":           false,
		"https://other.example.org/":                false,
		"https://plain.example.org/":                false,
		"https://hooks.example.org.evil.net/":       false,
		"https://evil.net/?hooks.example.org":       false,
		"https://hooks.example.org@evil.net/":       false,
		"https://u:p@hooks.example.org/":            false,
		"https://hooks.example.org/#f":              false,
		"https://hooks.example.org./":               false,
		"https://169.254.169.254/latest/meta-data/": false,
		"http://2130706433/":                        false,
		"http://[::ffff:169.254.169.254]/":          false,
		"file:///etc/passwd":                        false,
		"//hooks.example.org/":                      false,
		"https:hooks.example.org":                   false,
		"":                                          false,
		"https://hooks.example.org:x/":              false,
	} {
		u, err := url.Parse(address)
		if got := err == nil && g.Allows(u); got != allowed {
			t.Errorf("%s: %v", address, got)
		}
	}
	for _, h := range []string{"", "*.example.org", "hooks.example.org/in", "ftp://hooks.example.org", "u@hooks.example.org", "a b", "https://"} {
		if _, err := NewGuard([]string{h}, nil); err == nil {
			t.Errorf("%q is taken for a host", h)
		}
	}
}

func TestAddresses(t *testing.T) {
	g := guard(t, nil)
	some := guard(t, nil, "10.1.0.0/16", "fd00:1::/32")
	for address, want := range map[string][2]bool{ // allowed by default, and with some prefixes
		"93.184.216.34":          {true, true},
		"2606:2800:220:1::1":     {true, true},
		"127.0.0.1":              {},
		"127.8.8.8":              {},
		"0.0.0.0":                {},
		"10.1.2.3":               {false, true},
		"10.2.2.3":               {},
		"172.16.0.1":             {},
		"172.31.255.255":         {},
		"192.168.1.1":            {},
		"169.254.169.254":        {},
		"100.64.0.1":             {},
		"100.100.100.200":        {}, // a cloud's metadata
		"198.18.0.1":             {},
		"224.0.0.1":              {},
		"240.0.0.1":              {},
		"255.255.255.255":        {},
		"::":                     {},
		"::1":                    {},
		"::ffff:127.0.0.1":       {},
		"::ffff:169.254.169.254": {},
		"::ffff:10.1.2.3":        {false, true},
		"::ffff:93.184.216.34":   {true, true},
		"::127.0.0.1":            {},
		"64:ff9b::a9fe:a9fe":     {}, // NAT64 of 169.254.169.254
		"64:ff9b:1::7f00:1":      {},
		"2002:7f00:1::1":         {}, // 6to4 of 127.0.0.1
		"2001::1":                {}, // Teredo
		"fc00::1":                {},
		"fd00:1::5":              {false, true},
		"fd00:ec2::254":          {},
		"fe80::1":                {},
		"fe80::1%lo":             {},
		"fec0::1":                {},
		"ff02::1":                {},
	} {
		to := netip.AddrPortFrom(netip.MustParseAddr(address), 443).String()
		for i, g := range []*Guard{g, some} {
			if err := g.connecting("tcp", to, nil); (err == nil) != want[i] {
				t.Errorf("%s by guard %d: %v", address, i, err)
			}
		}
	}
	if g.connecting("unix", "/run/x", nil) == nil {
		t.Error("what is no address is connected to")
	}
}

// service answers on an address of loopback, and tells how often it was asked.
func service(t *testing.T, address string, answer http.HandlerFunc) (at string, asked *atomic.Int64) {
	t.Helper()
	asked = &atomic.Int64{}
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		answer(w, r)
	}))
	_ = s.Listener.Close()
	s.Listener = l
	s.Start()
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return s.URL, asked
}

func host(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func post(t *testing.T, c *Client, address string) (Answer, error) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	defer stop()
	return c.Post(ctx, address, http.Header{"Content-Type": {"application/json"}}, []byte(`{}`))
}

func TestRefusedAddresses(t *testing.T) {
	at, asked := service(t, "127.0.0.1:0", func(http.ResponseWriter, *http.Request) {})
	names := answering(t, "169.254.169.254")
	g := guard(t, []string{at, "http://169.254.169.254", "http://metadata.example.org"})
	g.resolver = names
	for _, address := range []string{at, "http://169.254.169.254/latest", "http://metadata.example.org/latest"} {
		if _, err := post(t, g.Client(1), address); !errors.Is(err, ErrAddress) || Code(err) != "address" {
			t.Errorf("%s: %v (%s)", address, err, Code(err))
		}
	}
	if asked.Load() != 0 {
		t.Error("an address that is not allowed was asked")
	}
}

// A name that is somewhere else at the second look is looked at again, and
// what was looked at is what is connected to.
func TestRebinding(t *testing.T) {
	at, good := service(t, "127.0.0.1:0", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") })
	port := host(t, at).Port()
	_, bad := service(t, "127.0.0.2:"+port, func(http.ResponseWriter, *http.Request) {})
	g := guard(t, []string{"http://hooks.example.org:" + port}, "127.0.0.1/32")
	g.resolver = answering(t, "127.0.0.1", "127.0.0.2")
	c := g.Client(1)
	if a, err := post(t, c, "http://hooks.example.org:"+port); err != nil || a.Status != 200 {
		t.Fatalf("at its first address: %v %v", a, err)
	}
	if _, err := post(t, c, "http://hooks.example.org:"+port); !errors.Is(err, ErrAddress) {
		t.Errorf("at its second address: %v", err)
	}
	if good.Load() != 1 || bad.Load() != 0 {
		t.Errorf("asked %d and %d times", good.Load(), bad.Load())
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	inner, asked := service(t, "127.0.0.1:0", func(http.ResponseWriter, *http.Request) {})
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, to := range []string{inner, "http://169.254.169.254/latest"} {
			at, _ := service(t, "127.0.0.1:0", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, status) })
			a, err := post(t, guard(t, []string{at, inner, "http://169.254.169.254"}, "127.0.0.0/8").Client(1), at)
			if err != nil || a.Status != status {
				t.Errorf("%d to %s: %v %v", status, to, a, err)
			}
		}
	}
	if asked.Load() != 0 {
		t.Error("a redirect was followed")
	}
}

func TestProxiesAreNotAsked(t *testing.T) {
	proxy, asked := service(t, "127.0.0.1:0", func(http.ResponseWriter, *http.Request) {})
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"} {
		t.Setenv(name, proxy)
	}
	g := guard(t, []string{"http://hooks.example.org"})
	g.resolver = answering(t, "169.254.169.254")
	if _, err := post(t, g.Client(1), "http://hooks.example.org"); !errors.Is(err, ErrAddress) {
		t.Error(err)
	}
	if asked.Load() != 0 {
		t.Error("a proxy was asked")
	}
}

// A gigabyte is not read: the service finds the connection closed long before.
func TestLongAnswers(t *testing.T) {
	const whole = 1 << 30
	wrote := make(chan int64, 1)
	at, _ := service(t, "127.0.0.1:0", func(w http.ResponseWriter, _ *http.Request) {
		n, _ := io.Copy(w, io.LimitReader(zeros{}, whole))
		wrote <- n
	})
	a, err := post(t, guard(t, []string{at}, "127.0.0.0/8").Client(1), at)
	if err != nil || a.Status != 200 {
		t.Fatal(a, err)
	}
	if n := <-wrote; n > 64<<20 { // what the sockets hold
		t.Errorf("%d bytes were taken", n)
	}
	long, _ := service(t, "127.0.0.1:0", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Long", strings.Repeat("x", 1<<20))
	})
	if _, err := post(t, guard(t, []string{long}, "127.0.0.0/8").Client(1), long); err == nil || Code(err) != "answer" {
		t.Errorf("headers of a megabyte: %v", err)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// What never answers is given up, and connections are used again.
func TestGivesUpAndUsesAgain(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	silent := "http://" + l.Addr().String()
	c := guard(t, []string{silent}, "127.0.0.0/8").Client(1)
	if tr := c.http.Transport.(*http.Transport); c.http.Timeout != totalMost || tr.ResponseHeaderTimeout != headerMost || tr.TLSHandshakeTimeout != connectMost || tr.MaxConnsPerHost != 1 {
		t.Error("it waits without bound")
	}
	tr := c.http.Transport.(*http.Transport)
	tr.ResponseHeaderTimeout = time.Millisecond
	if _, err := post(t, c, silent); Code(err) != "timeout" {
		t.Errorf("a port that never answers: %v (%s)", err, Code(err))
	}

	from := map[string]bool{}
	at, _ := service(t, "127.0.0.1:0", func(w http.ResponseWriter, r *http.Request) { from[r.RemoteAddr] = true; fmt.Fprint(w, "ok") })
	c = guard(t, []string{at}, "127.0.0.0/8").Client(1)
	for range 5 {
		if _, err := post(t, c, at); err != nil {
			t.Fatal(err)
		}
	}
	if len(from) != 1 {
		t.Errorf("%d connections for five calls", len(from))
	}
	c.Close()
}

// What is no HTTP any more is not listened to: the service finds the connection closed.
func TestSwitchingProtocols(t *testing.T) {
	ended := make(chan error, 1)
	at, _ := service(t, "127.0.0.1:0", func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			defer conn.Close()
			_, err = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		}
		if err == nil {
			_, err = conn.Read(make([]byte, 1))
		}
		ended <- err
	})
	if a, err := post(t, guard(t, []string{at}, "127.0.0.0/8").Client(1), at); err != nil || a.Status != 101 {
		t.Error(a, err)
	}
	if err := <-ended; !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the connection: %v", err)
	}
}

func TestCodes(t *testing.T) {
	at, _ := service(t, "127.0.0.1:0", func(http.ResponseWriter, *http.Request) {})
	gone := httptest.NewServer(nil)
	gone.Close()
	secure := httptest.NewUnstartedServer(nil)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	plain := "https://" + host(t, at).Host
	for _, c := range []struct{ address, code string }{
		{gone.URL, "connect"},
		{secure.URL, "tls"}, // signed by nobody known
		{plain, "tls"},      // no encryption there
		{"https://nowhere.example.org", "name"},
		{"https://elsewhere.example.org", "host"},
	} {
		g := guard(t, []string{gone.URL, secure.URL, plain, "nowhere.example.org"}, "127.0.0.0/8")
		g.resolver = answering(t)
		if _, err := post(t, g.Client(1), c.address); Code(err) != c.code {
			t.Errorf("%s: %v is %s, want %s", c.address, err, Code(err), c.code)
		}
	}
}

// answering resolves every name to the next of some IPv4 addresses, the last
// for good; without any, no name is known.
func answering(t *testing.T, addresses ...string) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		query := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(query)
			if err != nil {
				return
			}
			_, _ = conn.WriteTo(dnsAnswer(query[:n], &addresses), from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// dnsAnswer answers a question of type A with the next address, others with none.
func dnsAnswer(query []byte, addresses *[]string) []byte {
	end := 12
	for query[end] != 0 {
		end += int(query[end]) + 1
	}
	end += 5
	out := append([]byte{}, query[:end]...)
	out[2], out[3] = 0x81, 0x80
	clear(out[6:12])
	if len(*addresses) == 0 {
		out[3] = 0x83 // no such name
	} else if binary.BigEndian.Uint16(query[end-4:]) == 1 {
		address := netip.MustParseAddr((*addresses)[0]).As4()
		if len(*addresses) > 1 {
			*addresses = (*addresses)[1:]
		}
		out[7] = 1
		out = append(append(out, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4), address[:]...)
	}
	return out
}
