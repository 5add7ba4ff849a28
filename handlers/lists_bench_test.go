package handlers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"wangge/store/enginetest"
)

// BenchmarkLists asks for pages of 20 and for one ticket, without a socket: what a
// request costs this program, from its headers to the bytes of the answer.
func BenchmarkLists(b *testing.B) {
	h := newHarness(b, enginetest.SQLite(b).Open(b))
	h.with(b, func(d *Deps) { d.Log = slog.New(slog.NewTextHandler(io.Discard, nil)) })
	send := func(as, method, url string, body any) []byte {
		request := httptest.NewRequest(method, url, bytes.NewReader(must(json.Marshal(body))(b)))
		request.Header.Set(fiber.HeaderAuthorization, "Bearer "+h.token(b, as))
		request.Header.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
		response := must(h.App().Test(request, -1))(b)
		answer := must(io.ReadAll(response.Body))(b)
		if response.StatusCode >= 300 {
			b.Fatalf("%s %s: %d %s", method, url, response.StatusCode, answer)
		}
		return answer
	}
	made := func(body []byte) (out struct{ ID string }) {
		if err := json.Unmarshal(body, &out); err != nil {
			b.Fatal(err)
		}
		return out
	}
	var one string
	for i := range 40 {
		who := []string{"resident", "outreach_worker", "other resident"}[i%3]
		t := h.report(b, who, inside(niujia, i%4+1), "noise")
		send("street_manager", "POST", "/v1/tickets/"+t.ID+"/transitions", object{"action": "accept", "condition": "general"})
		one = t.ID
	}
	for i := range 20 {
		send("admin", "POST", "/v1/households", homeAt(niujia, i%4+1, fmt.Sprint(i), "empty_nest_elder"))
	}
	plan := made(send("street_manager", "POST", "/v1/visit-plans", elderPlan(pingjiang, nil))).ID
	send("street_manager", "POST", "/v1/visit-plans/"+plan+"/transitions", object{"action": "activate"})
	if err := h.Scheduler.Schedule(b.Context(), "test", h.clock.read()); err != nil {
		b.Fatal(err)
	}
	ask := h.App().Handler()
	for _, c := range []struct{ name, as, url string }{
		{"20 tickets", "street_manager", "/v1/tickets?limit=20"}, {"a ticket", "street_manager", "/v1/tickets/" + one},
		{"20 visits", "community_manager", "/v1/visits?state=planned&limit=20"}, {"20 households", "community_manager", "/v1/households?limit=20"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			var ctx fasthttp.RequestCtx
			ctx.Request.SetRequestURI(c.url)
			ctx.Request.Header.Set(fiber.HeaderAuthorization, "Bearer "+h.token(b, c.as))
			n, began := 0, processorTime(b)
			for ; b.Loop(); n++ {
				ctx.Response.Reset()
				ask(&ctx)
			}
			b.ReportMetric(float64((processorTime(b)-began).Nanoseconds())/float64(n), "cpu-ns/op")
			if ctx.Response.StatusCode() != 200 {
				b.Fatal(ctx.Response.StatusCode(), string(ctx.Response.Body()))
			}
		})
	}
}

// processorTime is what this program has had of the processors so far: other
// programs on the machine do not change it as they do the time that passes.
func processorTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
