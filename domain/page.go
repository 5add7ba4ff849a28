package domain

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
)

const pageUsual = 50

// Page cuts a list in memory that is sorted by code: what comes after the cursor and is
// wanted, and the cursor of the next page, "" at the end.
func Page[T any](sorted []T, limit int, cursor string, code func(T) string, wanted func(T) bool) ([]T, string, error) {
	if limit <= 0 {
		limit = pageUsual
	}
	kind := fmt.Sprintf("%T ", *new(T)) // keeps the cursors of areas, cells and others apart
	if cursor != "" {
		text, err := base64.RawURLEncoding.DecodeString(cursor)
		after, own := strings.CutPrefix(string(text), kind)
		if err != nil || !own {
			return nil, "", ErrCursor
		}
		i, found := slices.BinarySearchFunc(sorted, after, func(x T, c string) int { return strings.Compare(code(x), c) })
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
			return out, base64.RawURLEncoding.EncodeToString([]byte(kind + code(out[limit-1]))), nil
		}
		out = append(out, x)
	}
	return out, "", nil
}
