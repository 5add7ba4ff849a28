package tiles

import (
	"bytes"
	"testing"

	"github.com/paulmach/orb"

	"wangge/domain/worldtest"
)

// The ground that a map lies on is there for everybody, from close by, the same on every node, and another when it is.
func TestBuildings(t *testing.T) {
	stand := func(buildings ...Building) *Tiles {
		s := New(nil, nil, "")
		s.Stand(Ground{Buildings: buildings})
		return s
	}
	at := func(lon, lat, size float64) orb.MultiPolygon { return worldtest.Box(lon, lat, lon+size, lat+size) }
	tower, shed := Building{"北寺塔", at(120.625, 31.312, 0.0004), true}, Building{"", at(120.627, 31.313, 0.0001), false}
	ask := func(s *Tiles, z, x, y string) *Answer {
		return must(s.Tile(t.Context(), Request{Actor: resident, Layer: "buildings", Z: z, X: x, Y: y, Now: noon}))(t)
	}
	one := stand(tower, shed)
	near := ask(one, "14", "13681", "6690")
	if near.Status != 200 || !bytes.Contains(near.Body, []byte("北寺塔")) {
		t.Fatalf("%d: %q", near.Status, near.Body)
	}
	if again := ask(stand(tower, shed), "14", "13681", "6690"); again.Header["ETag"] != near.Header["ETag"] || !bytes.Equal(again.Body, near.Body) {
		t.Error("another node has another tile")
	}
	for name, c := range map[string]struct {
		*Tiles
		z, x, y string
	}{
		"far away": {one, "13", "6840", "3345"}, "nothing stands there": {one, "14", "13000", "6690"}, "nothing stands anywhere": {stand(), "14", "13681", "6690"},
	} {
		if a := ask(c.Tiles, c.z, c.x, c.y); a.Status != 204 {
			t.Errorf("%s: %d", name, a.Status)
		}
	}
	renamed, moved, measured := tower, tower, tower
	renamed.Name, moved.Ground, measured.Outline = "报恩寺塔", at(120.6251, 31.312, 0.0004), false
	for name, b := range map[string]Building{"name": renamed, "place": moved, "outline": measured} {
		if a := ask(stand(b, shed), "14", "13681", "6690"); a.Header["ETag"] == near.Header["ETag"] {
			t.Errorf("another %s, and the same tag", name)
		}
	}
}
