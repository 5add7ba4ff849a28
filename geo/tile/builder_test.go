package tile

import (
	"encoding/hex"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

// The bytes of a tile, field by field, by hand from the specification.
func TestBytes(t *testing.T) {
	d, err := Draw([]Shape{{300, orb.MultiPolygon{{square(1, 2, 63)}}}})
	if err != nil {
		t.Fatal(err)
	}
	b := NewBuilder(sheet)
	b.Polygons("a", d, func(int) ([]Property, bool) {
		return []Property{{"n", int64(5)}, {"no", nil}, {"m", int64(-1)}, {"s", "é"}}, true
	})
	want := "1a 3b" + // layer
		"78 02" + "0a 01 61" + "28 8020" + // version 2, name, extent
		"12 1a" + // feature
		"08 ac02" + "12 06 00 00 01 01 02 02" + "18 03" + // id 300, tags, polygon
		"22 0b 09 02 04 1a 7e 00 00 7e 7d 00 0f" + // MoveTo 1,2; LineTo ×3; ClosePath
		"1a 01 6e" + "1a 01 6d" + "1a 01 73" + // keys
		"22 02 28 05" + "22 02 30 01" + "22 04 0a 02 c3a9" // values
	if got := hex.EncodeToString(b.Bytes()); got != strings.ReplaceAll(want, " ", "") {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestProperties(t *testing.T) {
	pins := NewPins([]orb.Point{{120.1, 31.1}, {120.1, 31.1}, {120.1, 31.1}})
	given := [][]Property{
		{{"string", "网格"}, {"empty", ""}, {"yes", true}, {"no", false}, {"absent", nil}},
		{{"yes", "true"}, {"zero", int64(0)}, {"most", int64(math.MaxInt64)}, {"least", int64(math.MinInt64)}, {"one", int64(1)}},
		{{"half", 0.5}, {"zero", 0.0}, {"cold", math.Copysign(0, -1)}, {"one", 1.0}, {"broken", "a\xffb"}, {"string", "网格"}},
	}
	id := over(orb.Point{120.1, 31.1}, 18)
	b := NewBuilder(id)
	clusters := pins.Clusters(id, func(int) bool { return true })
	b.Points("marks", clusters, func(i int) (uint64, []Property) { return uint64(i), given[i] })
	layers, err := decode(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	want := []map[string]any{
		{"string": "网格", "empty": "", "yes": true, "no": false},
		{"yes": "true", "zero": int64(0), "most": int64(math.MaxInt64), "least": int64(math.MinInt64), "one": int64(1)},
		{"half": 0.5, "zero": 0.0, "cold": math.Copysign(0, -1), "one": 1.0, "broken": "a\ufffdb", "string": "网格"},
	}
	for i, f := range layers[0].features {
		if f.id != uint64(i) || !reflect.DeepEqual(f.properties, want[i]) {
			t.Errorf("%d: %v, want %v", f.id, f.properties, want[i])
		}
	}
}

// Layers continue, come in order, and are left out when they show nothing.
func TestLayers(t *testing.T) {
	north, err := Draw([]Shape{{1, orb.MultiPolygon{{square(10, 10, 50)}}}, {2, orb.MultiPolygon{{square(60, 10, 50)}}}})
	if err != nil {
		t.Fatal(err)
	}
	south, err := Draw([]Shape{{3, orb.MultiPolygon{{square(10, 900, 50)}}}})
	if err != nil {
		t.Fatal(err)
	}
	b := NewBuilder(sheet)
	if b.Bytes() != nil {
		t.Error("a tile of nothing")
	}
	b.Points("none", nil, nil)
	b.Polygons("hidden", north, func(int) ([]Property, bool) { return nil, false })
	if b.Bytes() != nil {
		t.Error("a tile of layers without features")
	}
	shown := func(key string) func(i int) ([]Property, bool) {
		return func(i int) ([]Property, bool) { return []Property{{key, int64(i)}}, i != 1 }
	}
	b.Polygons("cells", north, shown("a"))
	b.Polygons("more", south, shown("a"))
	b.Polygons("cells", south, shown("b"))
	layers, err := decode(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	type line struct {
		layer      string
		id         uint64
		properties map[string]any
	}
	var got []line
	for _, l := range layers {
		for _, f := range l.features {
			got = append(got, line{l.name, f.id, f.properties})
		}
	}
	want := []line{
		{"cells", 1, map[string]any{"a": int64(0)}},
		{"cells", 3, map[string]any{"b": int64(0)}},
		{"more", 3, map[string]any{"a": int64(0)}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestOtherValuesPanic(t *testing.T) {
	defer func() {
		if recover() != "tile: a property cannot be a int" {
			t.Error("an int was taken")
		}
	}()
	NewBuilder(ID{}).layer("x").value(5)
}
