package visit

import (
	"testing"
	"time"

	"wangge/geo"
)

// Speed is between positions as exact as they are, and not within a building.
func TestSpeed(t *testing.T) {
	at := func(metres, accuracy float64, building string, minutes int) *Stop {
		return &Stop{Position: &Position{GridPoint: geo.GridPoint{Lon: 1206000000, Lat: 313000000 + int64(metres/0.0111195)}, AccuracyM: &accuracy, Datum: geo.WGS84},
			Building: building, At: noon.Add(time.Duration(minutes) * time.Minute)}
	}
	for name, c := range map[string]struct {
		a, b *Stop
		want float64 // km/h; -1: none
	}{
		"a kilometre in six minutes": {at(0, 0, "", 0), at(1000, 0, "", 6), 10},
		"the other way round":        {at(1000, 0, "", 6), at(0, 0, "", 0), 10},
		"exact to 250 m each":        {at(0, 250, "", 0), at(1000, 250, "", 6), 5},
		"nearer than exact":          {at(0, 30, "", 0), at(50, 30, "", 0), -1},
		"one building":               {at(0, 0, "8", 0), at(1000, 0, "8", 0), -1},
		"no building known":          {at(0, 0, "", 0), at(1000, 0, "", 0), 3600},
		"no position":                {at(0, 0, "", 0), &Stop{At: noon}, -1},
	} {
		got, ok := speed(c.a, c.b)
		if ok != (c.want >= 0) || ok && (got < c.want*0.99 || got > c.want*1.01) {
			t.Errorf("%s: %v %v, want %v", name, got, ok, c.want)
		}
	}
}
