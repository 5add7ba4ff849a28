package demo

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"golang.org/x/sync/errgroup"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/geo"
	"wangge/store/storetest"
)

// gusu are the streets of the old town whose cells lie where the buildings are.
var gusu = []string{"320508019", Home, "320508021", "320508020"}

// park is the county code of the Industrial Park.
const park = "320576"

// The cells that are at hand are those that the outlines are cut into; with -update they are written anew.
func TestCellsAreCut(t *testing.T) {
	w := open(t, t.TempDir(), "")
	if _, err := w.Areas.ImportAreas(t.Context(), access.Program, edition, bytes.NewReader(Whole.areas()), area.AreaImport{Edition: edition}); err != nil {
		t.Fatal(err)
	}
	features, err := w.cut()
	if err != nil {
		t.Fatal(err)
	}
	want, err := json.Marshal(map[string]any{"type": "FeatureCollection", "features": features})
	if err != nil {
		t.Fatal(err)
	}
	if *storetest.Update {
		var packed bytes.Buffer
		gz, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		_, err = gz.Write(want)
		if err = cmp.Or(err, gz.Close(), os.WriteFile("data/cells.geojson.gz", packed.Bytes(), 0o644)); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := Whole.drawn()
	if err != nil {
		t.Fatal(err)
	}
	var have, cut struct{ Features []cell }
	if err := cmp.Or(json.Unmarshal(got, &have), json.Unmarshal(want, &cut)); err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(have.Features, cut.Features, cell.is) {
		t.Errorf("%d cells are at hand, %d are cut, and they are not the same: run the test with -update", len(have.Features), len(cut.Features))
	}
}

type cell struct {
	Properties struct{ Code, Name string }
	Geometry   struct{ Coordinates orb.Polygon }
}

// is reports whether two cells are the same, to a centimetre: processors round in their own ways.
func (c cell) is(other cell) bool {
	return c.Properties == other.Properties && slices.EqualFunc(c.Geometry.Coordinates, other.Geometry.Coordinates, func(a, b orb.Ring) bool {
		return slices.EqualFunc(a, b, func(a, b orb.Point) bool { return geo.Distance(a, b) < 0.01 })
	})
}

// cut cuts the outline of the park, and the hull of the other buildings,
// into the communities there and these into cells. No outlines of communities
// are published: where the real ones run nobody can tell from this.
func (w World) cut() ([]map[string]any, error) {
	outline, err := parkOutline()
	if err != nil {
		return nil, err
	}
	points, err := buildings()
	if err != nil {
		return nil, err
	}
	var inPark, inTown []orb.Point
	locator, err := geo.NewLocator([]geo.Shape{{Code: park, Geometry: orb.MultiPolygon{outline}}})
	if err != nil {
		return nil, err
	}
	for _, p := range points {
		if _, ok := locator.Locate(p); ok {
			inPark = append(inPark, p)
		} else {
			inTown = append(inTown, p)
		}
	}
	hull, err := geo.Subtract(geo.ConvexHull(inTown), outline)
	if err != nil || len(hull) == 0 {
		return nil, fmt.Errorf("the hull of the buildings: %v", err)
	}
	var features, more []map[string]any
	var g errgroup.Group
	g.Go(func() (err error) { features, err = w.region(hull[0], inTown, 3000, gusu, 3); return err })
	g.Go(func() (err error) { more, err = w.region(outline, inPark, 2000, w.codes(park), 2); return err })
	err = g.Wait()
	return append(features, more...), err
}

// codes of the areas right below one.
func (w World) codes(parent string) []string {
	a, _ := w.Areas.Tree().ByCode(parent)
	var out []string
	for _, c := range w.Areas.Tree().Children(a.ID) {
		out = append(out, c.Code)
	}
	slices.Sort(out)
	return out
}

// region cuts an outline into the communities of streets, each of at least so many cells.
func (w World) region(outline orb.Polygon, points []orb.Point, pointM2 float64, streets []string, each int) ([]map[string]any, error) {
	var communities []*area.Area
	var parts []int
	for _, s := range streets {
		for _, code := range w.codes(s) {
			c, _ := w.Areas.Tree().ByCode(code)
			communities = append(communities, c)
			parts = append(parts, each+len(parts)%2)
		}
	}
	cut, err := geo.Tessellate(orb.Polygon{outline[0]}, points, pointM2, parts)
	if err != nil {
		return nil, err
	}
	var out []map[string]any
	for i, cells := range cut {
		for j, polygon := range cells {
			out = append(out, map[string]any{
				"type":     "Feature",
				"geometry": map[string]any{"type": "Polygon", "coordinates": polygon},
				"properties": map[string]any{
					"code": fmt.Sprintf("%s%03d", communities[i].Code, j+1),
					"name": fmt.Sprintf("%s第%d网格", short(communities[i].Name), j+1),
				},
			})
		}
	}
	return out, nil
}

func parkOutline() (orb.Polygon, error) {
	file, err := os.ReadFile("data/industrial_park.geojson")
	if err != nil {
		return nil, err
	}
	features, _, err := geo.ReadFeatures(file, geo.WGS84)
	if err != nil || len(features) != 1 {
		return nil, fmt.Errorf("the outline of the park: %d features, %v", len(features), err)
	}
	return features[0].Geometry[0], nil
}
