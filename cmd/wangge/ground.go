package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"

	"wangge/cmd/wangge/demo"
	"wangge/geo"
	"wangge/handlers/tiles"
)

// buildings are those that maps show: those of the file that is configured, or the demonstration's.
func (c *config) buildings() (tiles.Ground, error) {
	switch {
	case c.ground != "":
		file, err := os.ReadFile(c.ground)
		if err != nil {
			return tiles.Ground{}, fmt.Errorf("the ground of maps: %w", err)
		}
		g, err := readGround(file)
		if err != nil {
			return g, fmt.Errorf("the ground of maps, %s: %w", c.ground, err)
		}
		return g, nil
	case c.demo:
		return demoGround()
	}
	return tiles.Ground{}, nil
}

// readGround reads outlines of buildings: a FeatureCollection with, where they have one,
// the property name, and, as a member of its own, whose the data are. What is no
// outline is left out, as long as there is one: a city's file always has a few.
func readGround(file []byte) (tiles.Ground, error) {
	features, findings, err := geo.ReadFeatures(file, geo.WGS84)
	if err != nil {
		return tiles.Ground{}, err
	}
	if len(features) == 0 && len(findings) > 0 {
		return tiles.Ground{}, errors.New(findings[0].EN)
	}
	var document struct {
		Attribution string
		Features    []struct{ Properties struct{ Name any } }
	}
	if err := json.Unmarshal(file, &document); err != nil {
		return tiles.Ground{}, err
	}
	g := tiles.Ground{Attribution: document.Attribution}
	for _, f := range features {
		name, _ := document.Features[f.Index].Properties.Name.(string)
		g.Buildings = append(g.Buildings, tiles.Building{Name: name, Ground: f.Geometry, Outline: true})
	}
	return g, nil
}

// demoGround: of the demonstration's buildings the middle and the area are known.
func demoGround() (tiles.Ground, error) {
	all, err := demo.Buildings()
	g := tiles.Ground{Attribution: demo.Attribution}
	for _, b := range all {
		half := math.Sqrt(b.M2) / 2
		g.Buildings = append(g.Buildings, tiles.Building{Name: b.Name, Ground: orb.MultiPolygon{orbgeo.NewBoundAroundPoint(b.At, half).ToPolygon()}})
	}
	return g, err
}
