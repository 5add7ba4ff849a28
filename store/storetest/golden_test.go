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
