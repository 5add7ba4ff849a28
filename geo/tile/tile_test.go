package tile

import (
	"errors"
	"math"
	"strconv"
	"testing"

	"github.com/paulmach/orb"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		z, x, y string
		want    ID
		wrong   string // the axis
		most    uint32
	}{
		{"0", "0", "0", ID{}, "", 0},
		{"10", "853", "419", ID{10, 853, 419}, "", 0},
		{"22", "4194303", "4194303", ID{22, 4194303, 4194303}, "", 0},
		{"23", "0", "0", ID{}, "z", 22},
		{"40", "x", "y", ID{}, "z", 22},
		{"-1", "0", "0", ID{}, "z", 22},
		{"", "0", "0", ID{}, "z", 22},
		{"+1", "0", "0", ID{}, "z", 22},
		{"4294967296", "0", "0", ID{}, "z", 22},
		{"0", "1", "9", ID{}, "x", 0},
		{"3", "8", "9", ID{}, "x", 7},
		{"3", "7.0", "9", ID{}, "x", 7},
		{"3", "7", "8", ID{}, "y", 7},
		{"3", "7", "99999999999999999999999999", ID{}, "y", 7},
		{"3", "7", "1e0", ID{}, "y", 7},
	} {
		got, err := Parse(c.z, c.x, c.y)
		var wrong *RangeError
		switch {
		case c.wrong == "" && (err != nil || got != c.want):
			t.Errorf("%s/%s/%s: %v, %v", c.z, c.x, c.y, got, err)
		case c.wrong != "" && (!errors.As(err, &wrong) || *wrong != RangeError{c.wrong, c.most} || got != ID{}):
			t.Errorf("%s/%s/%s: %v, %v", c.z, c.x, c.y, got, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("10", "853", "419")
	f.Add("40", "-1", "")
	f.Fuzz(func(t *testing.T, z, x, y string) {
		id, err := Parse(z, x, y)
		if err != nil {
			if wrong := (*RangeError)(nil); !errors.As(err, &wrong) || id != (ID{}) {
				t.Fatal(id, err)
			}
			return
		}
		if id.Z > MaxZoom || id.X>>id.Z != 0 || id.Y>>id.Z != 0 {
			t.Fatal(id)
		}
		if again, err := Parse(strconv.Itoa(int(id.Z)), strconv.Itoa(int(id.X)), strconv.Itoa(int(id.Y))); again != id || err != nil {
			t.Fatal(id, again, err)
		}
	})
}

// The tiles of a zoom cover the world side by side.
func TestBound(t *testing.T) {
	world := ID{}.Bound()
	if world.Min[0] != -180 || world.Max[0] != 180 || math.Abs(world.Max[1]-85.0511287798066) > 1e-12 || world.Min[1] != -world.Max[1] {
		t.Error(world)
	}
	// Suzhou, by the formulas of the OpenStreetMap wiki on slippy map names.
	if b := (ID{10, 855, 418}).Bound(); !b.Contains(orb.Point{120.62, 31.3}) {
		t.Error(b)
	}
	for z := uint32(1); z <= MaxZoom; z++ {
		for _, x := range []uint32{0, 1<<z/2 - 1, 1<<z - 2} {
			b := ID{z, x, x}.Bound()
			if next := (ID{z, x + 1, x + 1}).Bound(); b.Max[0] != next.Min[0] || b.Min[1] != next.Max[1] {
				t.Error(z, x, b, next)
			}
			if at := project(b.Center()); uint32(at.x>>(worldBits-z)) != x || uint32(at.y>>(worldBits-z)) != x {
				t.Error(z, x, at)
			}
		}
	}
}
