package handlers

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"github.com/paulmach/orb/project"

	"wangge/domain/area"
)

// readTile is a tile as @mapbox/vector-tile reads it, by layer.
func (h *harness) readTile(t *testing.T, base, layer, as string, z, x, y int) map[string]clientLayer {
	t.Helper()
	dir := must(os.MkdirTemp(vectorTileReader(t), "read"))(t) // modules are looked for upwards from the script
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	script := filepath.Join(dir, "read-tile.mjs")
	if err := os.WriteFile(script, must(os.ReadFile("testdata/read-tile.mjs"))(t), 0o600); err != nil {
		t.Fatal(err)
	}
	address := fmt.Sprintf("%s/tiles/%s/%d/%d/%d.mvt", base, layer, z, x, y)
	text := mapClient(t, "node", script, address, h.token(t, as), fmt.Sprint(z), fmt.Sprint(x), fmt.Sprint(y))
	var out map[string]clientLayer
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return out
}

type clientLayer struct {
	Version, Extent int
	Features        []struct {
		ID         uint64
		Properties object
		Geometry   struct {
			Type        string
			Coordinates json.RawMessage
		}
	}
}

// What Mapbox's own reader makes of a tile is the cells, where they are, and the tickets.
func TestTilesInMapboxReader(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		for n := range 3 {
			h.report(t, "resident", inside(niujia, n+1), "noise")
			h.report(t, "resident", inside(niujia, 1), "noise")
		}
		h.follow(t)
		h.caughtUp(t)
		base := h.listen(t)
		cells := h.readTile(t, base, "cells", "community_manager", 14, 13681, 6690)["cells"]
		if cells.Version != 2 || cells.Extent != 4096 || len(cells.Features) != 8 {
			t.Fatalf("version %d, extent %d, %d cells", cells.Version, cells.Extent, len(cells.Features))
		}
		open := map[string]any{cellCode(niujia, 1): 4.0, cellCode(niujia, 2): 1.0, cellCode(niujia, 3): 1.0, cellCode(niujia, 4): 0.0}
		for _, f := range cells.Features {
			code := f.Properties["code"].(string)
			c, known := h.Areas.Map().ByCode(code)
			if !known || fmt.Sprint(f.ID) != code || f.Properties["open"] != open[code] {
				t.Errorf("%d: %v", f.ID, f.Properties)
				continue
			}
			var rings orb.Polygon
			if err := json.Unmarshal(f.Geometry.Coordinates, &rings); err != nil || f.Geometry.Type != "Polygon" {
				t.Fatalf("%s: a %s: %v", code, f.Geometry.Type, err)
			}
			within(t, code, rings, c)
		}
		tickets := h.readTile(t, base, "tickets", "street_manager", 14, 13681, 6690)["tickets"]
		count := 0.0
		for _, f := range tickets.Features {
			if f.Geometry.Type != "Point" {
				t.Errorf("a ticket is a %s", f.Geometry.Type)
			}
			count += f.Properties["count"].(float64)
		}
		if count != 6 || len(tickets.Features) != 3 {
			t.Errorf("%v tickets at %d points, want 6 at 3", count, len(tickets.Features))
		}
	})
}

// within compares a polygon out of a tile with the cell: the same box and area, to a unit of the tile.
func within(t *testing.T, code string, p orb.Polygon, c *area.Cell) {
	t.Helper()
	const unit = 360.0 / (1 << 14) / 4096
	got, want := p.Bound(), c.Bound()
	for i := range 2 {
		if math.Abs(got.Min[i]-want.Min[i]) > unit || math.Abs(got.Max[i]-want.Max[i]) > unit {
			t.Errorf("%s lies in %v, want %v", code, got, want)
		}
	}
	if a, b := planar.Area(p), planar.Area(c.Geometry); math.Abs(a-b) > 8*unit*cellEdge {
		t.Errorf("%s: area %g, want %g", code, a, b)
	}
}

// GDAL reads a tile from the address that TileJSON gives, given the token.
func TestTilesInGDAL(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		for range 3 {
			h.report(t, "resident", inside(niujia, 1), "noise")
		}
		h.follow(t)
		h.caughtUp(t)
		base := h.listen(t)
		for _, c := range []struct {
			layer, tile string
			want        []string
		}{
			{"cells", cityTile, []string{"Layer name: cells", "Geometry: Polygon", "Feature Count: 16", "code: String", "open: Integer", "overdue: Integer", "kind: String", "community: String"}},
			{"tickets", "/16/54726/26761.mvt", []string{"Layer name: tickets", "Geometry: Point", "Feature Count: 3", "number: String", "count: Integer", "dueAt: String"}},
		} {
			out := mapClient(t, "ogrinfo", "--config", "GDAL_HTTP_HEADERS", "Authorization: Bearer "+h.token(t, "admin"), "-ro", "-al", "-so", "MVT:"+base+"/tiles/"+c.layer+c.tile)
			for _, want := range c.want {
				if !strings.Contains(out, want) {
					t.Errorf("no %q in\n%s", want, out)
				}
			}
			if c.layer == "cells" {
				extent(t, out, orb.Bound{Min: orb.Point{120.62, 31.31}, Max: orb.Point{120.648, 31.314}})
			}
		}
	})
}

// extent compares what ogrinfo says a layer covers, in web mercator, with a box in degrees, to a unit of a tile of zoom 10.
func extent(t *testing.T, out string, b orb.Bound) {
	t.Helper()
	_, text, _ := strings.Cut(out, "Extent: ")
	var got orb.Bound
	if _, err := fmt.Sscanf(text, "(%f, %f) - (%f, %f)", &got.Min[0], &got.Min[1], &got.Max[0], &got.Max[1]); err != nil {
		t.Fatalf("%v in\n%s", err, out)
	}
	want := project.Bound(b, project.WGS84.ToMercator)
	const unit = 40_075_016.7 / (1 << 10) / 4096
	for i := range 2 {
		if math.Abs(got.Min[i]-want.Min[i]) > unit || math.Abs(got.Max[i]-want.Max[i]) > unit {
			t.Errorf("the cells lie in %v, want %v", got, want)
		}
	}
}
