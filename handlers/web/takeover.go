package web

import (
	"net"
)

// Taker takes the connection of a request over, for an answer without an end
// that costs no goroutine and no buffer while nothing is to be said. It is given
// the head of the answer, which is to be written first; the end of the answer is
// that of the connection, which the taker closes. The server does not wait for
// it when it is shut down. It must not use the Request.
type Taker func(conn net.Conn, head []byte)

// handOver has the answer's Taker called once the server has let the connection go.
func (r *Request) handOver(out *Reply) {
	header := &r.c.Response.Header
	header.SetContentType(out.ContentType)
	header.SetContentLength(-2) // to the end of the connection
	if r.c.IsHead() {
		return
	}
	head := append([]byte{}, header.Header()...)
	r.c.HijackSetNoResponse(true)
	r.c.Hijack(func(c net.Conn) {
		if held, ok := c.(interface{ UnsafeConn() net.Conn }); ok {
			c = held.UnsafeConn() // without what it was read by
		}
		out.Takes(c, head)
	})
}
