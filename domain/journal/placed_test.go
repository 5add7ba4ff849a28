package journal

import "slices"

// Placed reports whether a collection is shown, or is one that is not.
func Placed(collection string) bool {
	return kinds[collection] != "" || slices.Contains(bookkeeping, collection)
}
