package area

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"wangge/store"
)

// Coverage is one document for all cells of a street; its id is the street's.
// Its version grows with every change of them, so that whoever took a decision
// from a snapshot of the cells can have it checked at commit. The one with the
// id CityPartition stands for the area tree in the same way.
type Coverage struct {
	store.Meta `store:",inline"`
	Flipped    []string  `store:"flipped,omitempty"` // staged imports that took effect; see Cell.Staged
	Edition    time.Time `store:"edition,omitempty"` // of the tree: the latest imported
}

var coverages = store.Declare[Coverage](store.Declaration{
	Name: "coverage", Schema: 1,
	Indexes: []string{"all: partition"},
})

// errMoved: the areas or cells changed since they were looked at.
var errMoved = errors.New("area: changed meanwhile")

// expect reads the coverage of these streets and fails with errMoved unless
// each is at the version given; 0 for one that is not there yet.
func expect(ctx context.Context, tx *store.Tx, versions map[string]int64) (map[string]*Coverage, error) {
	found, err := coverages.GetMany(ctx, tx, slices.Sorted(maps.Keys(versions)))
	if err != nil {
		return nil, err
	}
	for id, v := range versions {
		if c := found[id]; c == nil && v != 0 || c != nil && c.Version != v {
			return nil, errMoved
		}
		if found[id] == nil {
			found[id] = &Coverage{Meta: store.Meta{ID: id, Partition: id}}
		}
	}
	return found, nil
}

// grow writes the coverage at its next version.
func grow(tx *store.Tx, c *Coverage, e store.Entry) error {
	if c.Version == 0 {
		return coverages.Insert(tx, c, e)
	}
	return coverages.Put(tx, c, e)
}
