package demo

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

// cellsGz are the cells of the whole demonstration, a FeatureCollection. It takes a second to cut them, so that is done
// beforehand: TestCellsAreCut.
//
//go:embed data/cells.geojson.gz
var cellsGz []byte

//go:embed data/buildings.csv.gz
var buildingsGz []byte

// town is the county code of the old town.
const town = "320508"

// drawn are the cells as a FeatureCollection.
func (s Size) drawn() ([]byte, error) {
	gz, err := gzip.NewReader(bytes.NewReader(cellsGz))
	if err != nil {
		return nil, err
	}
	all, err := io.ReadAll(gz)
	if err != nil || s == Whole {
		return all, err
	}
	var collection struct {
		Type     string            `json:"type"`
		Features []json.RawMessage `json:"features"`
	}
	if err := json.Unmarshal(all, &collection); err != nil {
		return nil, err
	}
	collection.Features = slices.DeleteFunc(collection.Features, func(f json.RawMessage) bool {
		return !bytes.Contains(f, []byte(`"code":"`+homeCommunity))
	})
	return json.Marshal(collection)
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

// Attribution is whose the buildings are, as they ask to be named.
const Attribution = "© OpenStreetMap contributors"

// Building is one of the real ones.
type Building struct {
	At   orb.Point // its middle, WGS-84
	M2   float64   // of ground
	Name string    // "" for none
}

// Buildings are the real ones around the centre of Gusu.
func Buildings() ([]Building, error) {
	gz, err := gzip.NewReader(bytes.NewReader(buildingsGz))
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(gz).ReadAll()
	if err != nil {
		return nil, err
	}
	var out []Building
	for _, row := range rows[1:] {
		lon, lonErr := strconv.ParseFloat(row[0], 64)
		lat, latErr := strconv.ParseFloat(row[1], 64)
		m2, m2Err := strconv.ParseFloat(row[2], 64)
		if lonErr != nil || latErr != nil || m2Err != nil {
			return nil, fmt.Errorf("building %q", row)
		}
		out = append(out, Building{orb.Point{lon, lat}, m2, row[3]})
	}
	return out, nil
}

// buildings are where they stand.
func buildings() (out []orb.Point, err error) {
	all, err := Buildings()
	for _, b := range all {
		out = append(out, b.At)
	}
	return out, err
}
