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
	Flipped    []Flip    `store:"flipped,omitempty"` // staged redraws that took effect; see Cell.Staged
	Drawn      time.Time `store:"drawn,omitempty"`   // when the latest redraw took effect
	Redraw     string    `store:"redraw,omitempty"`  // id of the latest one that is not undone
	Edition    time.Time `store:"edition,omitempty"` // of the tree: the latest imported
}

// Flip is a staged redraw and when it took effect.
type Flip struct {
	Redraw string    `store:"redraw"`
	At     time.Time `store:"at"`
}

var coverages = store.Declare[Coverage](store.Declaration{
	Name: "coverage", Schema: 1,
	Indexes: []string{"all: partition"},
})

// ErrOvertaken: areas or cells are not any more as they were when the change
// was planned. Whoever returns it from Moves.Move has the redraw planned anew.
var ErrOvertaken = errors.New("area: changed meanwhile")

// flipped says when a staged redraw took effect.
func (c *Coverage) flipped(redraw string) (time.Time, bool) {
	for _, f := range c.Flipped {
		if f.Redraw == redraw {
			return f.At, true
		}
	}
	return time.Time{}, false
}

// moment is when a redraw made now takes effect: after every other of the
// street, to the store's millisecond, whatever the clocks of several nodes say.
func (c *Coverage) moment(now time.Time) time.Time {
	if now = now.Truncate(time.Millisecond); now.After(c.Drawn) {
		return now
	}
	return c.Drawn.Add(time.Millisecond)
}

// loadCoverages reads the coverage of these streets and fails with ErrOvertaken
// unless each is at the version given; 0 for one that is not there yet.
func loadCoverages(ctx context.Context, tx *store.Tx, versions map[string]int64) (map[string]*Coverage, error) {
	found, err := coverages.GetMany(ctx, tx, slices.Sorted(maps.Keys(versions)))
	if err != nil {
		return nil, err
	}
	for id, v := range versions {
		if c := found[id]; c == nil && v != 0 || c != nil && c.Version != v {
			return nil, ErrOvertaken
		}
		if found[id] == nil {
			found[id] = &Coverage{Meta: store.Meta{ID: id, Partition: id}}
		}
	}
	return found, nil
}

// putCoverage writes the coverage at its next version.
func putCoverage(tx *store.Tx, c *Coverage, e store.Entry) error {
	if c.Version == 0 {
		return coverages.Insert(tx, c, e)
	}
	return coverages.Put(tx, c, e)
}
