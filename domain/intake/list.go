package intake

import (
	"context"
	"time"

	"wangge/domain"
	"wangge/domain/access"
)

// Filter narrows the list of cases. Empty fields do not filter.
type Filter struct {
	States     []State
	Items      []string // codes
	Categories []string
	Area       string // code; that area and all below it
	Station    string // id
	System     string
	Unmapped   bool      // only what is in a platform's word that nobody has mapped
	Mine       bool      // I am its worker or stand-in, or opened it
	Overdue    time.Time // only what is overdue at this time
	Since      time.Time // only what was changed after this time
	Text       string    // a number, or words of the item
	Sort       domain.Sort
	Limit      int
	Cursor     string
}

// List returns a page of the cases the actor may read, newest first unless Sort says otherwise.
// Errors: ErrForbidden, InvalidError at ?area and ?q; domain.ErrNotSortable, fold.ErrTooShort, store.ErrCursor, store.ErrTooBroad.
func (s *Cases) List(ctx context.Context, actor access.Actor, f Filter) ([]*Case, string, error) {
	return nil, "", domain.ErrForbidden
}
