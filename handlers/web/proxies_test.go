package web

import "testing"

func TestClientIsTheLastWhoIsNoProxy(t *testing.T) {
	trusted := must(parseProxies([]string{"10.0.0.0/8", "192.0.2.7", "2001:db8::/32"}))(t)
	for _, c := range []struct{ peer, forwarded, want string }{
		{"203.0.113.9", "", "203.0.113.9"},
		{"203.0.113.9", "198.51.100.1", "203.0.113.9"}, // who is no proxy is not believed
		{"10.0.0.1", "", "10.0.0.1"},
		{"10.0.0.1", "203.0.113.9", "203.0.113.9"},
		{"::ffff:10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"},
		{"10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"},
		{"10.0.0.1", "198.51.100.1,203.0.113.9 , 192.0.2.7", "203.0.113.9"},
		{"10.0.0.1", "203.0.113.9,10.9.9.9,2001:db8::1", "203.0.113.9"},
		{"10.0.0.1", "203.0.113.9, unknown", "10.0.0.1"},
		{"10.0.0.1", "203.0.113.9,", "10.0.0.1"},
		{"10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2"},
	} {
		if got := trusted.client(c.peer, c.forwarded); got != c.want {
			t.Errorf("%s with %q: %s, want %s", c.peer, c.forwarded, got, c.want)
		}
	}
}
