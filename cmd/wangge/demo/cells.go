package demo

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"golang.org/x/sync/errgroup"

	"wangge/domain/area"
	"wangge/geo"
)

//go:embed data/industrial_park.geojson
var parkGeoJSON []byte

//go:embed data/buildings.csv.gz
var buildingsGz []byte

// gusu are the streets of the old town whose cells lie where the buildings are.
var gusu = []string{"320508019", Home, "320508021", "320508020"}

// County codes of the old town and of the Industrial Park.
const (
	town = "320508"
	park = "320576"
)

// drawn cuts the outline of the park, and the hull of the other buildings,
// into the communities there and these into cells, and returns them as a
// FeatureCollection. No outlines of communities are published: where the real
// ones run nobody can tell from this.
func (w *filling) drawn() ([]byte, error) {
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
	if w.size == Whole {
		g.Go(func() (err error) { more, err = w.region(outline, inPark, 2000, w.codes(park), 2); return err })
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if w.size == Small {
		features = slices.DeleteFunc(features, func(f map[string]any) bool {
			code := f["properties"].(map[string]any)["code"].(string)
			return code[:len(homeCommunity)] != homeCommunity
		})
	}
	features = append(features, more...)
	return json.Marshal(map[string]any{"type": "FeatureCollection", "features": features})
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

// short is a community's name as people say it.
func short(name string) string {
	for _, end := range []string{"社区居委会", "社区居民委员会", "村委会", "居委会", "社区"} {
		if s, ok := strings.CutSuffix(name, end); ok && s != "" {
			return s
		}
	}
	return name
}

func parkOutline() (orb.Polygon, error) {
	features, _, err := geo.ReadFeatures(parkGeoJSON, geo.WGS84)
	if err != nil || len(features) != 1 {
		return nil, fmt.Errorf("the outline of the park: %d features, %v", len(features), err)
	}
	return features[0].Geometry[0], nil
}

func buildings() ([]orb.Point, error) {
	gz, err := gzip.NewReader(bytes.NewReader(buildingsGz))
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(gz).ReadAll()
	if err != nil {
		return nil, err
	}
	var out []orb.Point
	for _, row := range rows[1:] {
		lon, lonErr := strconv.ParseFloat(row[0], 64)
		lat, latErr := strconv.ParseFloat(row[1], 64)
		if lonErr != nil || latErr != nil {
			return nil, fmt.Errorf("building at %q, %q", row[0], row[1])
		}
		out = append(out, orb.Point{lon, lat})
	}
	return out, nil
}
