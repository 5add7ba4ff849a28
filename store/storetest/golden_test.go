package storetest

import (
	"testing"
	"time"

	"wangge/store"
)

// The stored form of a field of every kind.
func TestGolden(t *testing.T) {
	Golden(t, things, &thing{
		Meta:  store.Meta{ID: "0190-thing", Partition: here, Version: 2, Seq: 7, Schema: 3, Deleted: true, Audience: []string{"cell:1"}},
		Title: "路灯", Code: "K-1", Number: -3, Due: noon.In(time.FixedZone("UTC+8", 8*3600)), Until: noon.Add(1_500_000), Done: true,
		Tags: []string{"a", ""}, Levels: []int{1, 1 << 40}, Place: place{"east", "320594001001001"}, Other: &place{Street: "west"},
		Lines: []line{{"x", 1}}, Labels: map[string]string{"b": "2", "a": "1"}, Data: []byte{0, 255}, Photos: []string{"0190-photo"},
	}, "testdata/thing.json")
}

// Journal entries, and what of all that can be stored no collection has, are written and read as the driver does it.
func TestLikeTheDriver(t *testing.T) {
	type inner struct {
		Small int32      `store:"small,omitempty"`
		At    *time.Time `store:"at"`
	}
	type everything struct {
		store.Meta `store:",inline"`
		Inner      inner                       `store:"inner,omitempty"`
		Far        *inner                      `store:"far,omitempty"`
		Spots      [3][2]float64               `store:"spots"`
		Sides      [2]inner                    `store:"sides,omitempty"`
		Times      map[string]time.Time        `store:"times,omitempty"`
		Deep       map[string]map[string]inner `store:"deep"`
		Lists      [][]*inner                  `store:"lists,omitempty"`
		Blobs      [][]byte                    `store:"blobs"`
		None       []byte                      `store:"none,omitempty"`
		Maybe      *bool                       `store:"maybe,omitempty"`
	}
	likeTheDriver(t, store.Declare[everything](store.Declaration{Name: "everything", Schema: 1}))
	likeTheDriver(t, store.Declare[store.Entry](store.Declaration{Name: "entries", Schema: 1}))
}
