package station

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/place"
	"wangge/domain/worldtest"
	"wangge/geo"
)

// found is what a Locate answers that knows these candidates alone.
func (w *world) found(cells ...string) place.Locate {
	var all []place.Candidate
	for _, code := range cells {
		c, _ := w.areas.Map().ByCode(code)
		all = append(all, place.Candidate{ID: code, Text: code, Place: c.Place})
	}
	return func(_ context.Context, _ access.Actor, _ time.Time, asked place.Asked) (*place.Found, error) {
		if asked.Position != nil {
			at := place.PositionAt(*asked.Position, geo.WGS84, nil)
			return &place.Found{Position: &at}, nil
		}
		return &place.Found{Candidates: all}, nil
	}
}

// The community is that of the place that is asked for, however it is said.
func TestWhoseCounterItIs(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		at := func(name string) place.Asked {
			p := worldtest.At[name]
			return place.Asked{Position: &p}
		}
		for name, c := range map[string]struct {
			asked  Asked
			locate place.Locate
			want   string
			wrong  string
		}{
			"a community":          {asked: Asked{Community: worldtest.JiaTwo}, want: worldtest.JiaTwo},
			"no community":         {asked: Asked{Community: worldtest.Jia}, wrong: "/area"},
			"a position":           {asked: Asked{Place: at(worldtest.North)}, want: worldtest.JiaTwo},
			"one beside the cells": {asked: Asked{Place: at("beside jia")}, wrong: "/position"},
			"an address":           {asked: Asked{Place: place.Asked{Address: "x"}}, locate: w.found(worldtest.East, worldtest.West), want: worldtest.JiaOne},
			"one in two":           {asked: Asked{Place: place.Asked{Address: "x"}}, locate: w.found(worldtest.East, worldtest.North), wrong: "/address"},
			"one that is nowhere":  {asked: Asked{Place: place.Asked{Address: "x"}}, locate: w.found(), wrong: "/address"},
		} {
			if w.stations.Locate = c.locate; c.locate == nil {
				w.stations.Locate = w.found()
			}
			a, err := w.stations.communityOf(t.Context(), w.people["resident"], morning, c.asked)
			switch {
			case c.wrong != "" && !slices.Equal(pointers(err), []string{c.wrong}):
				t.Errorf("%s: %v, want %s", name, err, c.wrong)
			case c.wrong == "" && (err != nil || a.Code != c.want):
				t.Errorf("%s: %v, %v, want %s", name, a, err, c.want)
			}
		}
		if _, err := w.stations.Where(t.Context(), w.people["resident"], morning, Asked{Item: "none", At: morning, Community: worldtest.JiaOne}); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("an item that is none: %v", err)
		}
		if _, err := w.stations.Where(t.Context(), w.people["resident"], morning, Asked{Item: "none", At: morning.AddDate(2, 0, 0), Community: worldtest.JiaOne}); !slices.Equal(pointers(err), []string{"/at"}) {
			t.Errorf("in two years: %v", err)
		}
	})
}
