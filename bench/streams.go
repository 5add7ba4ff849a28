package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

const (
	listeners = 500 // accounts that listen: managers of the street, who see all that happens in it
	fires     = 10  // events in a turn
)

// crowd are streams of one server, and how many of them have heard what is waited for.
type crowd struct {
	address string
	tokens  []string // taken in turns
	conns   []net.Conn

	mark  atomic.Pointer[[]byte] // what is waited for
	heard atomic.Int64
	all   chan struct{}
	lost  atomic.Int64
	size  atomic.Int64 // bytes of what one of them had last
}

// open opens n streams.
func (c *crowd) open(ctx context.Context, n int) error {
	c.conns, c.all = make([]net.Conn, n), make(chan struct{}, 1)
	none := []byte("\x00")
	c.mark.Store(&none)
	return together(ctx, n, func(_, i int) (err error) {
		if c.conns[i], err = net.Dial("tcp", c.address); err != nil {
			return err
		}
		fmt.Fprintf(c.conns[i], "GET /v1/events HTTP/1.1\r\nHost: bench\r\nAuthorization: %s\r\n\r\n", c.tokens[i%len(c.tokens)])
		buf := make([]byte, 2<<10)
		for head := []byte{}; !bytes.Contains(head, []byte("retry: ")); { // it has begun
			m, err := c.conns[i].Read(buf)
			if err != nil || len(head) > 8<<10 {
				return fmt.Errorf("stream %d: %.200s: %w", i, head, err)
			}
			head = append(head, buf[:m]...)
		}
		go c.listen(c.conns[i], buf)
		return nil
	})
}

// listen reads one stream until it ends. The end of what was read is kept, for what is waited for may be cut.
func (c *crowd) listen(conn net.Conn, buf []byte) {
	kept := 0
	var had *[]byte
	for {
		n, err := conn.Read(buf[kept:])
		if err != nil {
			c.lost.Add(1)
			return
		}
		mark := c.mark.Load()
		if mark != had && bytes.Contains(buf[:kept+n], *mark) {
			had = mark
			c.size.Store(int64(n))
			if c.heard.Add(1) == int64(len(c.conns)) {
				c.all <- struct{}{}
			}
		}
		last := min(kept+n, len(*mark))
		kept = copy(buf, buf[kept+n-last:kept+n])
	}
}

func (c *crowd) close() {
	for _, conn := range c.conns {
		if conn != nil {
			_ = conn.Close()
		}
	}
}

// fire has all told of something, and returns how long it took until the last one heard.
func (c *crowd) fire(ctx context.Context, mark string, tell func() error) (time.Duration, error) {
	text := []byte(mark)
	c.heard.Store(0)
	c.mark.Store(&text)
	began := time.Now()
	if err := tell(); err != nil {
		return 0, err
	}
	select {
	case <-c.all:
		return time.Since(began), nil
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-time.After(time.Minute):
		return 0, fmt.Errorf("%d of %d heard, %d streams have ended", c.heard.Load(), len(c.conns), c.lost.Load())
	}
}

// streamsOf measures how long it takes until all streams of a node have heard
// of a ticket that was reported, which all of their accounts may see, beside a
// bare Fiber handler that writes the same bytes, in turns.
func (w *world) streamsOf(ctx context.Context, o settings, engine, dir string) ([]result, []string, error) {
	each := (o.streams + listeners - 1) / listeners
	if err := w.again(ctx, nil, "--streams", fmt.Sprint(each*listeners), "--streams-per-account", fmt.Sprint(each)); err != nil {
		return nil, nil, err
	}
	tokens := make([]string, listeners)
	err := together(ctx, listeners, func(client, i int) (err error) {
		name, secret := fmt.Sprintf("bench-ear-%d", i), fmt.Sprintf("wangge-bench-%d", i)
		err = w.do(client, asked{method: "POST", path: "/v1/accounts", token: w.admin, body: map[string]any{
			"username": name, "name": "王芳", "password": secret, "grants": []map[string]string{{"role": "street_manager", "area": street}}}}, nil)
		if err == nil {
			tokens[i], err = w.signIn(client, from(i), map[string]string{"username": name, "password": secret})
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	address := free()
	site := newSite(address)
	ours, theirs := &crowd{address: w.program.address, tokens: tokens}, &crowd{address: address, tokens: []string{"none"}}
	report := func() (string, func() error) {
		id, at := uuid.Must(uuid.NewV7()).String(), w.cells[0].Centre
		return id, func() error {
			return w.do(0, asked{method: "POST", path: "/v1/tickets", token: w.residents[0], from: from(0), body: map[string]any{"id": id,
				"category": "parking", "title": someTitle(), "position": map[string]any{"lon": at.Lon, "lat": at.Lat, "datum": "wgs84"}}}, nil)
		}
	}
	write := func() (string, func() error) {
		id := uuid.Must(uuid.NewV7()).String()
		text := "id: " + strings.Repeat("x", max(0, int(ours.size.Load())-len("id: \n\n")-len(id))) + id + "\n\n"
		return id, func() error {
			return site.do(0, asked{method: "POST", path: "/v1/fire", body: text, kind: "text/plain"}, nil)
		}
	}
	var took [2][]time.Duration
	var ratios []float64
	var rss [2]int
	for range o.rounds {
		bare, err := start(exec.Command(self, "bare-streams", "--listen", address)) // anew: it does not see that clients are gone
		if err != nil {
			return nil, nil, err
		}
		defer bare.stop()
		if err := bare.answers(ctx, address); err != nil {
			return nil, nil, err
		}
		for i, turn := range []struct {
			c    *crowd
			tell func() (string, func() error)
			pid  *process
		}{{ours, report, w.program.running}, {theirs, write, bare}} {
			times, most, err := turn.c.turn(ctx, o.streams, turn.pid, turn.tell)
			if err != nil {
				return nil, nil, err
			}
			say("%s: a turn of streams: median %v, %d MiB resident", engine, medianTime(times), most>>10)
			took[i], rss[i] = append(took[i], times...), max(rss[i], most)
			if i == 1 {
				ratios = append(ratios, medianTime(times).Seconds()/medianTime(took[0][len(took[0])-fires:]).Seconds())
			}
		}
		bare.stop()
		site.forget()
	}
	row := func(who string, times []time.Duration) result {
		slices.Sort(times)
		mid := medianTime(times)
		return result{engine: engine, request: "streams", clients: o.streams, contender: who, rate: float64(o.streams) / mid.Seconds(), p50: mid, p99: times[len(times)*99/100]}
	}
	all := []result{row("wangge", took[0]), row("bare Fiber", took[1])}
	all[1].ratio = median(ratios)
	return all, []string{fmt.Sprintf("%s: streams is %d streams of %d managers who all hear of a ticket reported in their street: the time from the request that reports it, or has the bare handler write %d bytes to each, until the last has it; a second is streams told. Resident with all of them open: wangge %d MiB, the bare handler %d MiB. Fan-out takes %.2f of the bare handler's.",
		engine, o.streams, listeners, ours.size.Load(), rss[0]>>10, rss[1]>>10, 1/all[1].ratio)}, nil
}

// turn opens all streams, has them told of something again and again, and closes them. It returns what the process took of memory, in KiB.
func (c *crowd) turn(ctx context.Context, n int, p *process, tell func() (string, func() error)) (times []time.Duration, rss int, err error) {
	defer c.close()
	if err := c.open(ctx, n); err != nil {
		return nil, 0, err
	}
	for i := range fires + 2 {
		mark, do := tell()
		took, err := c.fire(ctx, mark, do)
		if err != nil {
			return nil, 0, err
		}
		if rss = max(rss, p.resident()); i >= 2 { // the first find caches empty
			times = append(times, took)
		}
		time.Sleep(200 * time.Millisecond)
	}
	return times, rss, nil
}

func medianTime(of []time.Duration) time.Duration {
	of = slices.Sorted(slices.Values(of))
	return of[len(of)/2]
}

// resident is what the process has in memory, in KiB; 0 where the system does not tell.
func (p *process) resident() int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	n, _ := strconv.Atoi(strings.Fields(rest + " 0")[0])
	return n
}
