package geo

import (
	"testing"

	"github.com/paulmach/orb"
)

func TestToGrid(t *testing.T) {
	for _, c := range []struct {
		at   orb.Point
		want GridPoint
	}{
		{orb.Point{120.6, 31.3}, GridPoint{1_206_000_000, 313_000_000}},
		{orb.Point{120.60000004, 31.29999996}, GridPoint{1_206_000_000, 313_000_000}},
		{orb.Point{120.60000006, -31.29999994}, GridPoint{1_206_000_001, -312_999_999}},
	} {
		got := ToGrid(c.at)
		if got != c.want || got.At() != Snap(c.at) || ToGrid(got.At()) != got {
			t.Errorf("%v: %v, in degrees %v", c.at, got, got.At())
		}
	}
}
