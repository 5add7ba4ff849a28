package store

import (
	"errors"
	"fmt"
)

// moveTries is how often a thing may move before its change is given up.
const moveTries = 4

// RetryMoved changes a thing that may move to another partition meanwhile. change
// looks up where it lies, updates there, and returns moved from the update's fn
// when it lies elsewhere by then: then change runs again. It may return moved
// for anything else that it looked up before its update and that the update
// found otherwise. ErrConflict when that happens every time.
func RetryMoved(change func(moved error) error) error {
	moved := fmt.Errorf("%w: it moves all the time", ErrConflict) // this call's own: those within and around are others
	for range moveTries {
		if err := change(moved); !errors.Is(err, moved) {
			return err
		}
	}
	return moved
}
