package handlers

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"wangge/handlers/web"
	"wangge/store/enginetest"
)

// BenchmarkCellAt asks for the cell of a position over a socket, signed in,
// with the log on, and in turns with it a bare Fiber handler for the same
// bytes on a server with the same settings: 32 callers on connections that stay open.
func BenchmarkCellAt(b *testing.B) {
	h := newHarness(b, enginetest.SQLite(b).Open(b))
	h.with(b, func(d *Deps) { d.Log = slog.New(slog.NewTextHandler(io.Discard, nil)) })
	address := h.listen(b)
	for _, who := range []string{"resident", "outreach_worker"} {
		b.Run(who, func(b *testing.B) {
			token := "Bearer " + h.token(b, who)
			urls := make([]string, 16)
			for i := range urls {
				p := inside([]string{niujia, chayuan, jinshi, peijia}[i/4], i%4+1)
				urls[i] = fmt.Sprintf("/v1/cells/at?lon=%.6f&lat=%.6f&datum=wgs84", p[0], p[1])
			}
			body, kind := fetch(b, address+urls[0], token)
			bare := bareServer(b, body, kind)
			const callers, each = 32, 64
			var ours, theirs time.Duration
			calls := 0
			for b.Loop() {
				ours += volley(b, address, urls, token, callers, each)
				theirs += volley(b, bare, urls, token, callers, each)
				calls += callers * each
			}
			b.ReportMetric(float64(calls)/ours.Seconds(), "wangge/s")
			b.ReportMetric(float64(calls)/theirs.Seconds(), "bare/s")
			b.ReportMetric(theirs.Seconds()/ours.Seconds(), "ratio")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkCellAtAlone is the same without a socket: what the kernel and the
// handler cost beside a bare Fiber handler for the same bytes.
func BenchmarkCellAtAlone(b *testing.B) {
	h := newHarness(b, enginetest.SQLite(b).Open(b))
	h.with(b, func(d *Deps) { d.Log = slog.New(slog.NewTextHandler(io.Discard, nil)) })
	token, p := "Bearer "+h.token(b, "resident"), inside(niujia, 1)
	url := fmt.Sprintf("/v1/cells/at?lon=%.6f&lat=%.6f&datum=wgs84", p[0], p[1])
	body, kind := fetch(b, h.listen(b)+url, token)
	for name, app := range map[string]*fiber.App{"wangge": h.App(), "bare": bareApp(body, kind)} {
		b.Run(name, func(b *testing.B) {
			app.Handler() // which makes it ready
			handle := app.Server().Handler
			var ctx fasthttp.RequestCtx
			ctx.Init(fasthttp.AcquireRequest(), nil, nil)
			ctx.Request.Header.Set(fiber.HeaderAuthorization, token)
			b.ReportAllocs()
			for b.Loop() {
				ctx.Response.Reset()
				ctx.Request.SetRequestURI(url)
				handle(&ctx)
			}
			if ctx.Response.StatusCode() != 200 || len(ctx.Response.Body()) != len(body) {
				b.Fatal(ctx.Response.String())
			}
		})
	}
}

// bareServer answers /v1/cells/at with these bytes, whatever is asked.
func bareServer(b *testing.B, body []byte, kind string) string {
	app := bareApp(body, kind)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	go func() { _ = app.Listener(l) }()
	b.Cleanup(func() { _ = app.Shutdown() })
	return "http://" + l.Addr().String()
}

func bareApp(body []byte, kind string) *fiber.App {
	app := web.Bare()
	app.Get("/v1/cells/at", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, kind)
		return c.Send(body)
	})
	return app
}

func fetch(b *testing.B, url, token string) (body []byte, kind string) {
	request, response := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	request.SetRequestURI(url)
	request.Header.Set(fiber.HeaderAuthorization, token)
	if err := fasthttp.Do(request, response); err != nil || response.StatusCode() != 200 {
		b.Fatal(err, response.StatusCode(), string(response.Body()))
	}
	return response.Body(), string(response.Header.ContentType())
}

// volley is as many calls as said by as many callers, and how long they took.
func volley(b *testing.B, address string, urls []string, token string, callers, each int) time.Duration {
	client := fasthttp.HostClient{Addr: address[len("http://"):], MaxConns: callers}
	defer client.CloseIdleConnections()
	began := time.Now()
	var all sync.WaitGroup
	for caller := range callers {
		all.Go(func() {
			request, response := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
			request.Header.Set(fiber.HeaderAuthorization, token)
			for i := range each {
				request.SetRequestURI(address + urls[(caller+i)%len(urls)])
				if err := client.Do(request, response); err != nil || response.StatusCode() != 200 {
					b.Error(err, response.StatusCode())
				}
			}
		})
	}
	all.Wait()
	return time.Since(began)
}
