package area

import (
	"time"

	"wangge/domain/access"
	"wangge/store"
)

// RedrawKind is what was done to the cells.
type RedrawKind string

const (
	Drawn    RedrawKind = "boundary" // one cell got another boundary
	Split    RedrawKind = "split"
	Merged   RedrawKind = "merge"
	Retiring RedrawKind = "retire"
	Imported RedrawKind = "import"
	Undoing  RedrawKind = "undo" // of another one
)

// Redraw is one change of the cells of a street. What it did to each is said
// by the boundary versions that it made. The latest that is not undone can be
// taken back, which is a redraw again.
type Redraw struct {
	store.Meta `store:",inline"`
	Place      access.Place `store:"place"` // of the street
	At         time.Time    `store:"at"`    // when it took effect
	By         string       `store:"by"`    // account, or "system"
	Kind       RedrawKind   `store:"kind"`
	Reason     string       `store:"reason,omitempty"`
	Added      int          `store:"added"` // cells made, or there again
	Changed    int          `store:"changed"`
	Retired    int          `store:"retired"`
	Lent       []Staffing   `store:"lent,omitempty"`     // posts that a cell got from those merged into it
	Prior      string       `store:"prior"`              // id of the latest one before it that was not undone
	Undoes     string       `store:"undoes,omitempty"`   // id
	UndoneBy   string       `store:"undoneBy,omitempty"` // id of the redraw that took it back
}

// Staffing is the posts and covers of a cell.
type Staffing struct {
	Cell   string  `store:"cell"` // id
	Posts  []Post  `store:"posts"`
	Covers []Cover `store:"covers"`
}

var redraws = store.Declare[Redraw](store.Declaration{
	Name: "redraws", Schema: 1,
	Indexes: []string{"street: place.street, at"}, // the list of redraws
})

// facts are what the journal keeps of it.
func (r *Redraw) facts() store.Facts {
	if r.UndoneBy != "" {
		return store.Facts{State: "undone"}
	}
	return store.Facts{State: "done"}
}
