package tiles

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"sync"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/geo/tile"
)

// Building is one of the ground that the map lies on.
type Building struct {
	Name    string // "" for none
	Ground  orb.MultiPolygon
	Outline bool // what it covers is known; else it is a square of its area
}

// Ground is the buildings, which are the same for everybody and stay as they are while the program runs.
type Ground struct {
	Attribution string // whose the data are, as they ask to be named; "" for nobody's
	Buildings   []Building
}

// closeEnough is the zoom from which buildings are shown: farther away they are specks that cost much and tell nothing.
const closeEnough = 14

// built is a ground, drawn when it is first asked for: who never looks closely pays nothing.
type built struct {
	ground Ground
	draw   func() (*groundDrawing, error)
}

type groundDrawing struct {
	of     [sha256.Size]byte // a hash of all that is drawn
	shapes *tile.Drawing
}

func newBuilt(g Ground) built {
	return built{g, sync.OnceValues(func() (*groundDrawing, error) {
		d, shapes := &groundDrawing{}, make([]tile.Shape, len(g.Buildings))
		hash := sha256.New()
		for i, b := range g.Buildings {
			shapes[i] = tile.Shape{ID: uint64(i + 1), Geometry: b.Ground}
			hash.Write(b.stamp())
		}
		hash.Sum(d.of[:0])
		var err error
		d.shapes, err = tile.Draw(shapes)
		return d, err
	})}
}

// stamp is all that is drawn of a building.
func (b Building) stamp() []byte {
	out := text(nil, b.Name)
	if b.Outline {
		out = append(out, 1)
	}
	for _, polygon := range b.Ground {
		out = binary.AppendUvarint(out, uint64(len(polygon)))
		for _, ring := range polygon {
			out = binary.AppendUvarint(out, uint64(len(ring)))
			for _, p := range ring {
				out = binary.BigEndian.AppendUint64(out, math.Float64bits(p[0]))
				out = binary.BigEndian.AppendUint64(out, math.Float64bits(p[1]))
			}
		}
	}
	return out
}

// Stand puts buildings on the ground. It comes before the first request.
func (s *Tiles) Stand(g Ground) { s.buildings = newBuilt(g) }

// pictureBuildings: everybody sees them, and all the same.
func (s *Tiles) pictureBuildings(_ context.Context, q Request, id tile.ID) (picture, error) {
	content := stamp(nil, q.Layer, id)
	if id.Z < closeEnough || len(s.buildings.ground.Buildings) == 0 {
		return picture{sha256.Sum256(content), func(*tile.Builder) {}}, nil
	}
	d, err := s.buildings.draw()
	if err != nil {
		return picture{}, err
	}
	return picture{sha256.Sum256(append(content, d.of[:]...)), func(to *tile.Builder) {
		var properties []tile.Property // of one building after the other
		to.Polygons("buildings", d.shapes, func(i int) ([]tile.Property, bool) {
			b := s.buildings.ground.Buildings[i]
			properties = append(properties[:0], tile.Property{Key: "outline", Value: b.Outline})
			if b.Name != "" {
				properties = append(properties, tile.Property{Key: "name", Value: b.Name})
			}
			return properties, true
		})
	}}, nil
}

func (s *Tiles) describeBuildings() description {
	return description{
		name: domain.T("建筑", "Buildings"), about: domain.T("建筑底图，不含数据；轮廓未知的以同面积方块示意", "the ground that the map lies on; a building whose outline is not known is a square of its area"),
		fields: map[string]domain.Text{
			"outline": domain.T("Boolean: 轮廓是否真实，否则为同面积方块", "Boolean: whether this is its outline, else a square of its area"),
			"name":    domain.T("String: 名称，有时给出", "String: its name, where it has one"),
		},
		from: closeEnough, whose: s.buildings.ground.Attribution,
	}
}
