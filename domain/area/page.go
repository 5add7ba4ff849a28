package area

import (
	"encoding/base64"
	"slices"
	"strings"

	"wangge/store"
)

const pageUsual = 50

// page cuts a list that is sorted by code: what comes after the cursor and is
// wanted, and the cursor of the next page, "" at the end.
func page[T any](sorted []T, limit int, cursor string, code func(T) string, wanted func(T) bool) ([]T, string, error) {
	if limit <= 0 {
		limit = pageUsual
	}
	if cursor != "" {
		after, err := base64.RawURLEncoding.DecodeString(cursor)
		if err != nil || len(after) == 0 {
			return nil, "", store.ErrCursor
		}
		i, found := slices.BinarySearchFunc(sorted, string(after), func(x T, c string) int { return strings.Compare(code(x), c) })
		if found {
			i++
		}
		sorted = sorted[i:]
	}
	out := []T{}
	for _, x := range sorted {
		if !wanted(x) {
			continue
		}
		if len(out) == limit {
			return out, base64.RawURLEncoding.EncodeToString([]byte(code(out[limit-1]))), nil
		}
		out = append(out, x)
	}
	return out, "", nil
}
