package tile_test

import (
	"fmt"

	"github.com/paulmach/orb"

	"wangge/geo/tile"
)

func Example() {
	cells, err := tile.Draw([]tile.Shape{{ID: 320571006012001, Geometry: orb.MultiPolygon{
		{{{120.70, 31.30}, {120.71, 31.30}, {120.71, 31.31}, {120.70, 31.31}, {120.70, 31.30}}},
	}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	tickets := tile.NewPins([]orb.Point{{120.701, 31.302}, {120.702, 31.302}, {120.709, 31.309}})

	id, err := tile.Parse("12", "3421", "1672")
	if err != nil {
		fmt.Println(err)
		return
	}
	b := tile.NewBuilder(id)
	b.Polygons("cells", cells, func(shape int) ([]tile.Property, bool) {
		return []tile.Property{{Key: "code", Value: "320571006012001"}, {Key: "open", Value: int64(3)}}, true
	})
	clusters := tickets.Clusters(id, func(i int) bool { return true })
	b.Points("tickets", clusters, func(i int) (uint64, []tile.Property) {
		return clusters[i].Square, []tile.Property{{Key: "count", Value: int64(len(clusters[i].Members))}}
	})
	fmt.Printf("%d bytes, %d clusters of %d tickets\n", len(b.Bytes()), len(clusters), len(tickets.In(id)))
	// Output: 158 bytes, 2 clusters of 3 tickets
}
