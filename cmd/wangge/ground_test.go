package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	orbgeo "github.com/paulmach/orb/geo"

	"wangge/cmd/wangge/demo"
)

func TestGroundOfAFile(t *testing.T) {
	at := func(content string) *config {
		path := filepath.Join(t.TempDir(), "buildings.geojson")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return &config{ground: path}
	}
	const square = `"geometry":{"type":"Polygon","coordinates":[[[120.625,31.312],[120.626,31.312],[120.626,31.313],[120.625,31.313],[120.625,31.312]]]}`
	const point = `{"type":"Feature","properties":{"name":"井"},"geometry":{"type":"Point","coordinates":[120.625,31.312]}}`
	g, err := at(`{"type":"FeatureCollection","attribution":"苏州市测绘院","features":[` + point + `,{"type":"Feature","properties":{"name":"北寺塔"},` + square + `},{"type":"Feature","properties":{"name":7},` + square + `},{"type":"Feature","properties":null,` + square + `}]}`).buildings()
	if err != nil || g.Attribution != "苏州市测绘院" || len(g.Buildings) != 3 {
		t.Fatalf("%+v, %v", g, err)
	}
	for i, name := range []string{"北寺塔", "", ""} {
		if b := g.Buildings[i]; b.Name != name || !b.Outline || len(b.Ground) != 1 {
			t.Errorf("%+v", b)
		}
	}
	for what, bad := range map[string]*config{
		"no file": {ground: filepath.Join(t.TempDir(), "none")}, "no GeoJSON": at("lon,lat\n"), "no outline": at(`{"type":"FeatureCollection","features":[` + point + `]}`),
	} {
		if _, err := bad.buildings(); err == nil || !strings.Contains(err.Error(), "the ground of maps") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if none, err := (&config{}).buildings(); err != nil || len(none.Buildings) != 0 {
		t.Errorf("%+v, %v", none, err)
	}
}

// The demonstration's buildings are squares of the areas that are known, where the buildings are.
func TestGroundOfTheDemonstration(t *testing.T) {
	g, err := (&config{demo: true}).buildings()
	if err != nil || g.Attribution == "" {
		t.Fatal(err)
	}
	known, err := demo.Buildings()
	if err != nil || len(known) != len(g.Buildings) || len(known) < 8000 {
		t.Fatalf("%d of %d buildings, %v", len(g.Buildings), len(known), err)
	}
	for i, b := range g.Buildings {
		middle := b.Ground.Bound().Center()
		if m2 := orbgeo.Area(b.Ground); b.Outline || math.Abs(m2/known[i].M2-1) > 0.01 || orbgeo.Distance(middle, known[i].At) > 0.1 {
			t.Errorf("%+v is %.0f m² at %v", known[i], m2, middle)
		}
	}
}
