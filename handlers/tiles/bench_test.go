package tiles

import (
	"bytes"
	"compress/gzip"
	"testing"
)

// BenchmarkTile asks for tiles that were not drawn before, from the request to
// the body: 1,700 cells, all in the one of zoom 10, with the figures of 2,000 tickets.
func BenchmarkTile(b *testing.B) {
	t := newTown(b, 17, 2000)
	for _, c := range []struct{ name, layer, z, x, y, encoding string }{
		{"cells/z10", "cells", "10", "855", "418", ""}, {"cells/z12", "cells", "12", "3421", "1674", ""}, {"cells/z14", "cells", "14", "13685", "6697", ""},
		{"communities/z10", "communities", "10", "855", "418", ""}, {"cells/z10/gzip", "cells", "10", "855", "418", "gzip"}, {"tickets/z10", "tickets", "10", "855", "418", ""}, {"tickets/z14", "tickets", "14", "13685", "6697", ""},
	} {
		q := Request{Actor: admin, Layer: c.layer, Z: c.z, X: c.x, Y: c.y, AcceptEncoding: c.encoding, Now: noon}
		b.Run(c.name, func(b *testing.B) {
			var body []byte
			for b.Loop() {
				t.cache = newCache(0)
				body = must(t.Tile(b.Context(), q))(b).Body
			}
			b.ReportMetric(float64(len(body)), "bytes")
			if c.encoding == "" {
				b.ReportMetric(float64(compressed(b, body)), "gzip-bytes")
			}
		})
		if c.name != "cells/z10" {
			continue
		}
		b.Run(c.name+"/kept", func(b *testing.B) {
			t.cache = newCache(cacheBytes)
			for b.Loop() {
				must(t.Tile(b.Context(), q))(b)
			}
		})
		b.Run(c.name+"/unchanged", func(b *testing.B) {
			q.IfNoneMatch = must(t.Tile(b.Context(), q))(b).Header["ETag"]
			for b.Loop() {
				if a := must(t.Tile(b.Context(), q))(b); a.Status != 304 {
					b.Fatal(a.Status)
				}
			}
		})
	}
}

// BenchmarkDrawing is what a redraw costs beside the requests: all of the town's
// 1,700 cells, and its communities, street and county.
func BenchmarkDrawing(b *testing.B) {
	t := newTown(b, 17, 0)
	b.Run("cells", func(b *testing.B) {
		for b.Loop() {
			must(draw(t.areas.Map().Cells(), nil))(b)
		}
	})
	b.Run("areas", func(b *testing.B) {
		for b.Loop() {
			must(drawAreas(t.areas.Map(), t.areas.Tree(), nil))(b)
		}
	})
}

func compressed(tb testing.TB, body []byte) int {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	must(w.Write(body))(tb)
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Len()
}
