package tiles

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/geo"
	"wangge/geo/tile"
)

func keyOf(text string) key { return key{of: sha256.Sum256([]byte(text))} }

func TestFeatureIDs(t *testing.T) {
	seen := map[uint64]string{}
	for i := range 20_000 {
		for _, code := range []string{fmt.Sprintf("3205080180%05d", i), fmt.Sprintf("32050801802000%06d", i), fmt.Sprintf("%05d", i), fmt.Sprintf("Q-%d", i)} {
			id := featureID(code)
			if other, taken := seen[id]; taken || id == 0 || id >= 1<<53 {
				t.Fatalf("%s has the id %d, as has %q", code, id, other)
			}
			seen[id] = code
		}
	}
	if featureID("320508018020001") != 320508018020001 || featureID("020508018020001") == 20508018020001 || featureID("+20508018020001") == 20508018020001 {
		t.Error("a code of 15 digits is its own id, and no other text is")
	}
}

func TestCacheKeepsWhatWasAskedForLast(t *testing.T) {
	c := newCache(10 * (1000 + entryBytes))
	for i := range 25 {
		c.put(keyOf(fmt.Sprint(i)), make([]byte, 1000))
		c.put(keyOf(fmt.Sprint(i)), make([]byte, 1000)) // by two at once
		if _, ok := c.get(keyOf("0")); !ok {
			t.Fatalf("0 is gone after %d", i)
		}
		if c.bytes > c.most || c.bytes != len(c.byKey)*(1000+entryBytes) || c.recent.Len() != len(c.byKey) {
			t.Fatalf("%d bytes for %d bodies", c.bytes, len(c.byKey))
		}
	}
	if _, ok := c.get(keyOf("24")); !ok || len(c.byKey) != 10 {
		t.Errorf("%d bodies, the last kept: %v", len(c.byKey), ok)
	}
	if _, ok := c.get(keyOf("1")); ok {
		t.Error("what was not asked for is there still")
	}
	if c.put(keyOf("large"), make([]byte, 1<<20)); c.bytes != 0 {
		t.Errorf("%d bytes after a body larger than all of it", c.bytes)
	}
}

// However many ask at once, a tile is drawn once.
func TestDrawnOnce(t *testing.T) {
	s := New(nil, nil, "")
	var drawn atomic.Int32
	p := picture{draw: func(b *tile.Builder) {
		drawn.Add(1)
		time.Sleep(50 * time.Millisecond)
		pins := tile.NewPins(nil)
		b.Points("tickets", pins.Clusters(tile.ID{}, nil), nil)
	}}
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			if body := s.drawn(keyOf("tile"), tile.ID{}, p); body != nil {
				t.Error(body)
			}
		})
	}
	all.Wait()
	if drawn.Load() != 1 {
		t.Errorf("drawn %d times", drawn.Load())
	}
}

// Before the cells are drawn, and before the figures are there, a request waits, but not for ever.
func TestWaitsForTheFirstDrawing(t *testing.T) {
	s := New(nil, nil, "")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := s.Tile(ctx, Request{Actor: admin, Layer: "cells", Z: "0", X: "0", Y: "0"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

// Nodes agree on every tag, whatever order their memory is in, and so do callers who see the same.
func TestTagsAgree(t *testing.T) {
	one := newTown(t, 2, 40)
	for range 5 {
		other := New(one.areas, one.figures, "")
		ctx, stop := context.WithCancel(t.Context())
		go func() { _ = other.Follow(ctx, slog.New(slog.DiscardHandler)) }()
		for _, q := range []Request{
			{Layer: "cells", Z: "10", X: "855", Y: "418"}, {Layer: "cells", Z: "0", X: "0", Y: "0"},
			{Layer: "communities", Z: "10", X: "855", Y: "418"}, {Layer: "counties", Z: "10", X: "855", Y: "418"}, {Layer: "tickets", Z: "10", X: "855", Y: "418"}, {Layer: "tickets", Z: "16", X: "54742", Y: "26788"},
		} {
			q.Actor, q.Now = admin, noon
			want := must(one.Tile(t.Context(), q))(t)
			if got := must(other.Tile(t.Context(), q))(t); got.Header["ETag"] != want.Header["ETag"] || !bytes.Equal(got.Body, want.Body) {
				t.Errorf("%s/%s: another tile", q.Layer, q.Z)
			}
			q.Actor = access.Actor{Account: "manager", Grants: []access.Grant{{Role: access.StreetManager, Level: access.City, Area: one.areas.Tree().Roots()[0].ID}}}
			if got := must(one.Tile(t.Context(), q))(t); got.Header["ETag"] != want.Header["ETag"] {
				t.Errorf("%s/%s: another tile for who sees the same", q.Layer, q.Z)
			}
		}
		stop()
	}
}

// What a redraw changes is soon in the tiles; what is no redraw draws nothing.
func TestRedraws(t *testing.T) {
	town := newTown(t, 1, 0)
	q := Request{Actor: resident, Layer: "cells", Z: "10", X: "855", Y: "418", Now: noon}
	before := must(town.Tile(t.Context(), q))(t)
	drawn := town.cells.made.Load()
	change := func(file []byte, what string) *Answer {
		t.Helper()
		must(town.areas.ImportCells(t.Context(), program, noon.Add(time.Hour), file, area.CellImport{Datum: geo.WGS84}))(t)
		for limit := time.Now().Add(5 * time.Minute); ; time.Sleep(5 * time.Millisecond) {
			after := must(town.Tile(t.Context(), q))(t)
			if after.Header["ETag"] != before.Header["ETag"] {
				return after
			}
			if time.Now().After(limit) {
				t.Fatalf("%s: not seen in five minutes", what)
			}
		}
	}
	before = change(bytes.Replace(cellFile(t, 1), []byte("社区1第7网格"), []byte("新七网格"), 1), "a name")
	if town.cells.made.Load().shapes != drawn.shapes {
		t.Error("a name made everything be drawn again")
	}
	if !bytes.Contains(before.Body, []byte("新七网格")) {
		t.Error("the tile has the old name")
	}
	change(town.square(t, street+"001007"), "a boundary")
	if town.cells.made.Load().shapes == drawn.shapes {
		t.Error("a boundary did not")
	}
}

func TestLayersThatThereAreNot(t *testing.T) {
	s := New(nil, nil, "")
	for _, layer := range []string{"", "cell", "cells ", "Cells", "../cells"} {
		if _, err := s.Tile(t.Context(), Request{Actor: admin, Layer: layer, Z: "0", X: "0", Y: "0"}); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("%q: %v", layer, err)
		}
		if _, err := s.Describe(t.Context(), Request{Actor: admin, Layer: layer}, "", nil); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("%q described: %v", layer, err)
		}
	}
}

// Whatever the path and the headers say, the answer is a tile, or a refusal that names what is wrong.
func FuzzTile(f *testing.F) {
	town := newTown(f, 1, 10)
	f.Add("cells", "10", "855", "418", "gzip", `"a"`)
	f.Add("tickets", "22", "3502501", "1712720", "*;q=0.5, identity", `W/"a", *`)
	f.Add("tickets", "40", "-1", "1e3", ";;q=", `"`)
	f.Fuzz(func(t *testing.T, layer, z, x, y, encoding, match string) {
		a, err := town.Tile(t.Context(), Request{Actor: admin, Layer: layer, Z: z, X: x, Y: y, AcceptEncoding: encoding, IfNoneMatch: match, Now: noon})
		var out *tile.RangeError
		switch {
		case errors.Is(err, domain.ErrNotFound), errors.As(err, &out):
		case err != nil || a.Status == 200 != (len(a.Body) > 0) || a.Status != 200 && a.Status != 204 && a.Status != 304 || a.Header["ETag"] == "":
			t.Errorf("%+v, %v", a, err)
		}
	})
}
