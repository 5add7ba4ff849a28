package main

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"wangge/cmd/wangge/demo"
	"wangge/domain/access"
	"wangge/domain/ticket"
	"wangge/geo"
)

// BenchmarkBackground is what a report costs on SQLite, 32 reporting at once,
// in one store where nothing else runs and in one beside all background work, in turns.
func BenchmarkBackground(b *testing.B) {
	log := slog.New(slog.DiscardHandler)
	worlds := make([]*world, 2)
	for i := range worlds {
		w, err := open(b.Context(), &config{data: b.TempDir(), demo: true}, log)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() {
			if err := w.close(context.Background()); err != nil {
				b.Error(err)
			}
		})
		if err := w.demo().Fill(b.Context(), time.Now().UTC(), demo.Small, io.Discard); err != nil {
			b.Fatal(err)
		}
		w.tickets.PerHour, worlds[i] = ticket.PerHour{}, w // no limits
	}
	ctx, stop := context.WithCancel(b.Context())
	var working sync.WaitGroup
	b.Cleanup(func() { stop(); working.Wait() })
	for _, work := range worlds[1].background(log) {
		working.Go(func() { work(ctx) })
	}
	if _, err := worlds[1].figures.Snapshot(ctx); err != nil { // they have begun
		b.Fatal(err)
	}
	const reporters, each = 32, 16
	var took [2]time.Duration
	reports := 0
	for b.Loop() {
		for i, w := range worlds {
			took[i] += report(b, w, reporters, each)
		}
		reports += reporters * each
	}
	b.ReportMetric(float64(reports)/took[0].Seconds(), "alone/s")
	b.ReportMetric(float64(reports)/took[1].Seconds(), "beside/s")
	b.ReportMetric(took[0].Seconds()/took[1].Seconds(), "ratio")
	b.ReportMetric(0, "ns/op")
}

// report has residents report each so many tickets, all at once, and returns how long it took.
func report(b *testing.B, w *world, reporters, each int) time.Duration {
	cells := w.areas.Map().Cells()
	began := time.Now()
	var all sync.WaitGroup
	for i := range reporters {
		all.Go(func() {
			resident := access.Actor{Account: uuid.NewString(), Grants: []access.Grant{{Role: access.Resident}}}
			for j := range each {
				d := ticket.Draft{ID: uuid.NewString(), Fresh: true, Category: "noise", Title: "夜间施工噪声",
					Position: new(cells[(i*each+j)%len(cells)].Bound().Center()), Datum: geo.WGS84}
				if _, err := w.tickets.Report(b.Context(), resident, time.Now().UTC(), d); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	return time.Since(began)
}
