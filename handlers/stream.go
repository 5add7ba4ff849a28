package handlers

import (
	"context"
	"net"
	"sync"
	"time"

	"wangge/domain/live"
)

// A stream of events costs its connection and this, and no goroutine and no
// buffer but while something is sent. What is sent is made once for all who are
// told the same; a stream only puts its cursor before it.
type stream struct {
	of       *streams
	listener *live.Listener

	mu      sync.Mutex
	conn    net.Conn // nil until it begins
	head    []byte
	queue   []saying
	sending bool
	over    bool // nothing is put into the queue any more
}

// saying is one message of the stream: a comment, where it has no name.
type saying struct {
	cursor, mark, name string
	text               []byte
}

const (
	queueMost   = 1000              // messages that may wait for a client that is slow
	partMost    = 16 << 10          // bytes that are sent together, about
	streamBegin = "retry: 3000\n\n" // milliseconds before a client comes again
)

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, partMost+4<<10); return &b }}

// begin takes over the connection.
func (s *stream) begin(conn net.Conn, head []byte) {
	s.of.add(1)
	s.mu.Lock()
	s.conn, s.head = conn, append(head, streamBegin...)
	s.send()
	s.mu.Unlock()
	s.listener.Start()
}

// send has somebody send what waits; called with the lock held.
func (s *stream) send() {
	if !s.sending && s.conn != nil {
		s.sending = true
		go s.drain()
	}
}

func (s *stream) put(m saying) {
	if !s.over {
		s.queue = append(s.queue, m)
		s.send()
	}
}

// Hear implements live.Ear.
func (s *stream) Hear(lines []*live.Line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) > 0 && len(s.queue)+len(lines) > queueMost { // what was missed before it began may be more
		s.finish(live.TooSlow)
		go s.listener.Leave()
		return
	}
	for _, line := range lines {
		name := "change"
		if line.Event.What == live.Notice {
			name = "notice"
		}
		s.put(saying{line.Cursor, s.listener.Mark(), name, line.Text})
	}
}

// Reset implements live.Ear.
func (s *stream) Reset(cursor string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(saying{cursor, s.listener.Mark(), "reset", []byte("{}")})
}

// Beat implements live.Ear.
func (s *stream) Beat(cursor string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 { // else it is behind, and that will show
		s.put(saying{cursor: cursor, mark: s.listener.Mark()})
	}
}

// End implements live.Ear.
func (s *stream) End(why live.Reason) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finish(why)
}

// finish tells why there is no more, and nothing else that waits: the client
// finds that by its cursor. Called with the lock held.
func (s *stream) finish(why live.Reason) {
	if !s.over {
		s.queue = nil
		s.put(saying{"", "", "end", []byte(`{"reason":"` + string(why) + `"}`)})
		s.over = true
	}
}

// write puts a message behind others.
func (s *stream) write(to []byte, m saying) []byte {
	if m.name == "" {
		to = append(to, ":\n"...)
	}
	if m.cursor != "" {
		to = append(append(append(append(to, "id: "...), m.cursor...), m.mark...), '\n')
	}
	if m.name != "" {
		to = append(append(append(append(to, "event: "...), m.name...), "\ndata: "...), m.text...)
		to = append(to, '\n')
	}
	return append(to, '\n')
}

// drain sends what waits, until nothing does.
func (s *stream) drain() {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	for {
		part := s.next((*buffer)[:0])
		if len(part) == 0 {
			return
		}
		*buffer = part
		_ = s.conn.SetWriteDeadline(time.Now().Add(s.of.taking)) // of a connection that is gone, which Write tells
		if _, err := s.conn.Write(part); err != nil {
			s.mu.Lock()
			s.over, s.queue = true, nil
			s.mu.Unlock()
			s.listener.Leave()
		}
	}
}

// next takes the next part out of the queue. At the end of all it closes the connection.
func (s *stream) next(part []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	part = append(part, s.head...)
	s.head = nil
	sent := 0
	for _, m := range s.queue {
		part = s.write(part, m)
		if sent++; len(part) >= partMost {
			break
		}
	}
	if s.queue = s.queue[sent:]; len(s.queue) == 0 {
		s.queue = nil
	}
	if len(part) == 0 {
		if s.sending = false; s.over && s.conn != nil {
			_ = s.conn.Close() // whoever hears it or not
			s.conn = nil
			s.of.add(-1)
		}
	}
	return part
}

// Shutdown ends the streams, then the rest: see web.Server.
func (s *Server) Shutdown(ctx context.Context) error {
	s.Live.Stop()
	err := s.Server.Shutdown(ctx)
	select {
	case <-s.streams.ended():
	case <-ctx.Done():
	}
	return err
}
