package handlers

import (
	"errors"
	"iter"
	"strings"
	"time"

	"wangge/domain"
	"wangge/handlers/web"
)

func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func keys(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for k := range set {
		out = append(out, k)
	}
	return out
}

// given is the value, or the zero one when it is absent or null.
func given[T any](p *T) T {
	if p == nil {
		return *new(T)
	}
	return *p
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// onWire names a field as the wire does.
func onWire(err error, domainName, wireName string) error {
	var invalid *domain.InvalidError
	if !errors.As(err, &invalid) {
		return err
	}
	out := &domain.InvalidError{}
	for _, f := range invalid.Fields {
		if rest, ok := strings.CutPrefix(f.Pointer, domainName); ok {
			f.Pointer = wireName + rest
		}
		out.Fields = append(out.Fields, f)
	}
	return out
}

// counted answers with counts by the field that the query names.
func (r *apiRequest) counted(fields map[string]string, words domain.Enum, count func(by string) (map[string]int64, error)) (*web.Reply, error) {
	by := r.Query.Get("by")
	if _, known := fields[by]; !known {
		return nil, web.BadWord("by", words)
	}
	counts, err := count(by)
	if err != nil {
		return nil, err
	}
	total := int64(0)
	for _, n := range counts {
		total += n
	}
	return web.OK(map[string]any{"by": by, "total": total, "counts": counts}), nil
}

// mapEach is what make says of every one.
func mapEach[T, U any](all []T, make func(T) U) iter.Seq[U] {
	return func(yield func(U) bool) {
		for _, one := range all {
			if !yield(make(one)) {
				return
			}
		}
	}
}
