package tiles

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/stats"
	"wangge/geo/tile"
)

// levels of areas that are a layer each, by its name.
var levels = map[string]access.Level{"counties": access.County, "streets": access.Street, "communities": access.Community}

// areasDrawing is the areas of a level, drawn. It never changes.
type areasDrawing struct {
	areas  []drawnArea // by code
	shapes *tile.Drawing
}

// drawnArea is an area as its basic cells make it: nobody publishes where a
// community ends.
type drawnArea struct {
	*area.Area
	parent string // code
	cells  int    // basic and dedicated ones
	counts []tallied
	of     [sha256.Size]byte // a hash of all that is drawn
	drawn  []*area.Cell      // the basic ones
}

// tallied is an area of a street whose figures count, today's or one that it took over from.
type tallied struct{ street, id string }

// drawAreas draws each level, taking the shapes over from before where they are the same.
func drawAreas(m *area.Map, tree *area.Tree, before map[string]*areasDrawing) (map[string]*areasDrawing, error) {
	out := map[string]*areasDrawing{}
	for name, level := range levels {
		d := &areasDrawing{areas: areasOf(m, tree, level)}
		if was := before[name]; was != nil && slices.EqualFunc(d.areas, was.areas, func(a, b drawnArea) bool {
			return a.ID == b.ID && slices.EqualFunc(a.drawn, b.drawn, sameGround)
		}) {
			d.shapes = was.shapes
		} else {
			shapes := make([]tile.Shape, len(d.areas))
			for i, a := range d.areas {
				var ground orb.MultiPolygon // of whose cells the lines between them vanish
				for _, c := range a.drawn {
					ground = append(ground, c.Geometry...)
				}
				shapes[i] = tile.Shape{ID: featureID(a.Code), Geometry: ground}
			}
			var err error
			if d.shapes, err = tile.Draw(shapes); err != nil {
				return nil, err
			}
		}
		out[name] = d
	}
	return out, nil
}

// sameGround reports whether a cell is drawn as it was.
func sameGround(a, b *area.Cell) bool {
	return a.ID == b.ID && (a.Boundary == b.Boundary || a.Geometry.Equal(b.Geometry))
}

// areasOf gathers the areas of today that have cells, with these, by code.
func areasOf(m *area.Map, tree *area.Tree, level access.Level) []drawnArea {
	byID := map[string]*drawnArea{}
	today := map[string]string{} // id of the area that has over what one has
	for _, c := range m.Cells() {
		id := c.Place.At(level)
		if today[id] == "" {
			heirs := tree.Heirs(id)
			if len(heirs) == 0 {
				continue
			}
			today[id] = heirs[len(heirs)-1]
		}
		a := byID[today[id]]
		if a == nil {
			of, _ := tree.ByID(today[id])
			a = &drawnArea{Area: of, parent: code(tree, of.Parent), counts: countedIn(tree, of)}
			byID[of.ID] = a
		}
		switch c.Kind {
		case area.Basic:
			a.cells, a.drawn = a.cells+1, append(a.drawn, c)
		case area.Dedicated:
			a.cells++
		}
	}
	out := make([]drawnArea, 0, len(byID))
	for _, a := range byID {
		facts := text(nil, a.Code, a.Name, a.parent)
		for _, c := range a.drawn {
			facts = text(facts, c.Boundary)
		}
		a.of = sha256.Sum256(append(facts, byte(a.cells), byte(a.cells>>8), byte(a.cells>>16)))
		out = append(out, *a)
	}
	slices.SortFunc(out, func(a, b drawnArea) int { return strings.Compare(a.Code, b.Code) })
	return out
}

// countedIn are the communities or streets whose figures make those of an area.
func countedIn(tree *area.Tree, a *area.Area) (out []tallied) {
	for _, id := range tree.Formerly(a.ID) {
		switch of, _ := tree.ByID(id); a.Level {
		case access.County:
			for _, street := range tree.Streets() {
				if street.Place.County == id {
					out = append(out, tallied{street.ID, street.ID})
				}
			}
		default:
			out = append(out, tallied{of.Place.Street, id})
		}
	}
	return out
}

// pictureAreas: everybody sees the areas; the figures of one, who may read all of it.
func (s *Tiles) pictureAreas(ctx context.Context, q Request, id tile.ID) (picture, error) {
	all, err := s.areaDrawings.get(ctx)
	if err != nil {
		return picture{}, err
	}
	now, err := s.figures.Snapshot(ctx)
	if err != nil {
		return picture{}, err
	}
	d, moment := (*all)[q.Layer], stats.At(q.Now)
	intersecting := d.shapes.Intersecting(id)
	figures := make(map[int]*said, len(intersecting))
	content := stamp(nil, q.Layer, id)
	for _, i := range intersecting {
		a := &d.areas[i]
		told := saidTo(q.Actor, a.Place)
		if told.any() {
			for _, t := range a.counts {
				told.figures = told.figures.Plus(now.Street(t.street).Figures(t.id, moment))
			}
		}
		figures[i], content = &told, told.stamp(append(content, a.of[:]...))
	}
	return picture{sha256.Sum256(content), func(b *tile.Builder) {
		var properties []tile.Property // of one area after the other
		b.Polygons(q.Layer, d.shapes, func(i int) ([]tile.Property, bool) {
			a := &d.areas[i]
			properties = append(properties[:0], tile.Property{Key: "code", Value: a.Code}, tile.Property{Key: "name", Value: a.Name},
				tile.Property{Key: "level", Value: string(a.Level)}, tile.Property{Key: "parent", Value: a.parent}, tile.Property{Key: "cells", Value: int64(a.cells)})
			properties = figures[i].append(properties)
			return properties, true
		})
	}}, nil
}

var levelNames = map[access.Level]domain.Text{access.County: domain.T("区县", "Counties"), access.Street: domain.T("街道", "Streets"), access.Community: domain.T("社区", "Communities")}

// describeAreas describes the layer of a level.
func describeAreas(level access.Level) func(*Tiles) description {
	return func(*Tiles) description {
		return description{
			name: levelNames[level], about: domain.T("由基础网格合并而成的轮廓，附各项合计", "outlines as the basic cells make them, with figures in all"),
			fields: figureFields(map[string]domain.Text{
				"code": domain.T("String: 区划代码", "String: code of the area"), "name": domain.T("String: 名称", "String: its name"),
				"level": domain.T("String: county、street 或 community", "String: county, street or community"), "parent": domain.T("String: 上级区划代码", "String: code of the area around it"),
				"cells": domain.T("Number: 网格数，不含微网格", "Number: cells, without micro ones"),
			}),
		}
	}
}
