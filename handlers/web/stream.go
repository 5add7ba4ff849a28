package web

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// partBytes of a streamed answer are sent together.
const partBytes = 32 << 10

// ErrGone: who asked for a streamed answer takes no more of it.
var ErrGone = errors.New("the client has gone")

// Stream writes an answer part by part: it runs only as fast as the client
// takes the parts. Until the first part is full or flushed its error becomes a
// problem; later ones break the connection off, so that nobody takes half for
// the whole. ctx ends when a part is longer in the making than the route's
// Patience, and when the server stops waiting for what runs. It is called once
// the handler has returned, and must not use its Request's headers or parameters.
type Stream func(ctx context.Context, w *Writer) error

// Writer collects what a Stream writes into parts.
type Writer struct {
	part []byte
	send func(part []byte, err error) (more bool)
	gone bool
}

// Write waits while the client has not taken the parts before. Errors: ErrGone.
func (w *Writer) Write(p []byte) (written int, err error) {
	for len(p) > 0 {
		n := min(len(p), partBytes-len(w.part))
		w.part = append(w.part, p[:n]...)
		p, written = p[n:], written+n
		if len(w.part) == partBytes {
			if err := w.Flush(); err != nil {
				return written, err
			}
		}
	}
	return written, nil
}

// Flush sends what was written so far. Who waits for something to say flushes
// a sign of life now and then: it shows whether anybody listens. Errors: ErrGone.
func (w *Writer) Flush() error {
	if w.gone {
		return ErrGone
	}
	if len(w.part) > 0 && !w.send(w.part, nil) {
		w.gone = true
		return ErrGone
	}
	w.part = w.part[:0]
	return nil
}

// Items answers with an object that ends in a long array and the cursor of the
// next page: `{"items":` is a head. Each item is made as it is sent.
func Items[T any](head string, items iter.Seq[T], next string) *Reply {
	return &Reply{Status: fiber.StatusOK, Next: next, Stream: func(_ context.Context, w *Writer) error {
		separator := head + "["
		for item := range items {
			text, err := json.Marshal(item)
			if err == nil {
				_, err = io.WriteString(w, separator)
			}
			if err == nil {
				_, err = w.Write(text)
			}
			if err != nil {
				return err
			}
			separator = ","
		}
		if separator != "," {
			if _, err := io.WriteString(w, separator); err != nil {
				return err
			}
		}
		var cursor *string
		if next != "" {
			cursor = &next
		}
		text, err := json.Marshal(cursor)
		if err == nil {
			_, err = io.WriteString(w, `],"next":`+string(text)+"}")
		}
		return err
	}}
}

// streamed is the body of an answer that is made while it is sent. Its Stream
// runs as a coroutine of whoever writes the answer out, never beside it.
type streamed struct {
	next func() ([]byte, error, bool)
	stop func()
	held []byte // the first part

	ctx      context.Context
	end      context.CancelCauseFunc
	patience time.Duration // for the making of a part
	taking   time.Duration // for the client to take it
	conn     *fasthttp.RequestCtx
	zip      bool
	broken   func(error)
}

// begin runs the answer's Stream until its first part is there. An answer of
// one part becomes one like others: nil is returned, and out has its bytes.
func (r *Request) begin(out *Reply) (*streamed, error) {
	rt := r.route
	b := &streamed{conn: r.c, patience: cmp.Or(rt.Patience, usePatience), taking: cmp.Or(rt.Taking, takePatience)}
	b.ctx, b.end = context.WithCancelCause(r.server.running)
	b.next, b.stop = iter.Pull2(func(send func([]byte, error) bool) {
		w := &Writer{part: make([]byte, 0, partBytes), send: send}
		err := out.Stream(b.ctx, w)
		if err == nil {
			err = io.EOF
		}
		if !w.gone {
			send(w.part, err)
		}
	})
	part, err := b.pull()
	if !r.c.Request.Header.IsHTTP11() { // which takes no chunks: it is given the whole
		whole := slices.Clone(part)
		for err == nil {
			part, err = b.pull()
			whole = append(whole, part...)
		}
		part = whole
	}
	if err == nil {
		log, id := r.server.options.Log, string(r.c.Response.Header.PeekBytes(requestID))
		b.held, b.broken = part, func(err error) { logBrokenOff(log, id, rt.Path, err) }
		return b, nil
	}
	_ = b.Close() // which cannot fail
	if err != io.EOF {
		return nil, err
	}
	out.Raw, out.Stream = append([]byte{}, part...), nil
	out.ContentType = cmp.Or(out.ContentType, JSON)
	return nil, nil
}

// pull returns the next part; with io.EOF the last.
func (b *streamed) pull() ([]byte, error) {
	late := time.AfterFunc(b.patience, func() { b.end(context.DeadlineExceeded) })
	defer late.Stop()
	part, err, _ := b.next()
	if cause := context.Cause(b.ctx); cause != nil && errors.Is(err, context.Canceled) {
		err = cause
	}
	return part, err
}

// WriteTo sends the parts, each with a time of its own to be taken in; fasthttp makes a chunk of each write.
func (b *streamed) WriteTo(to io.Writer) (sent int64, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked(p)
		}
		if err != nil {
			b.broken(err)
		}
	}()
	count := &counter{to: to}
	chunks := bufio.NewWriterSize(count, partBytes)
	var plain io.Writer = chunks
	var packed *gzip.Writer
	if b.zip {
		packed, _ = gzip.NewWriterLevel(chunks, gzip.BestSpeed) // a level that there is
		plain = packed
	}
	for part, last := b.held, error(nil); ; part, last = b.pull() {
		if last != nil && last != io.EOF {
			return count.n, last
		}
		_ = b.conn.SetWriteDeadline(time.Now().Add(b.taking)) // of a connection that is gone, which Write tells
		_, err := plain.Write(part)
		if packed != nil && err == nil && last == io.EOF {
			err = packed.Close()
		} else if packed != nil && err == nil && len(part) < partBytes {
			err = packed.Flush()
		}
		if err == nil && (packed == nil || last == io.EOF || len(part) < partBytes) {
			err = chunks.Flush()
		}
		if err != nil {
			return count.n, fmt.Errorf("%w: %w", ErrGone, err)
		}
		if last == io.EOF {
			return count.n, nil
		}
	}
}

// counter counts what goes through it.
type counter struct {
	to io.Writer
	n  int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.n += int64(n)
	return n, err
}

// SupportsBodyWriteTo has fasthttp call WriteTo.
func (b *streamed) SupportsBodyWriteTo() bool { return true }

// Read is there because a body must have it.
func (b *streamed) Read([]byte) (int, error) { return 0, errors.ErrUnsupported }

// Close ends the Stream, if it has not come to its end.
func (b *streamed) Close() error {
	b.stop()
	b.end(ErrGone)
	return nil
}

// logBrokenOff logs why an answer did not come to its end: people go away all day.
func logBrokenOff(log *slog.Logger, id, route string, err error) {
	level := slog.LevelError
	if errors.Is(err, ErrGone) {
		level = slog.LevelDebug
	}
	attrs := []slog.Attr{slog.String("id", id), slog.String("route", route), slog.Any("error", err)}
	if pe := (*panicError)(nil); errors.As(err, &pe) {
		attrs = append(attrs, slog.String("stack", string(pe.stack)))
	}
	log.LogAttrs(context.Background(), level, "answer broken off", attrs...)
}
