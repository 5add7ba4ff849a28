package web

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"wangge/domain"
	"wangge/geo"
)

// NotYet is the version of what may be put but is not there: as a condition it must still not be there.
const NotYet = -1

// ETag is the strong validator of a version, and of the datum where a header
// chose it: that is another representation under the same address.
func (r *Request) ETag(version int64) string {
	tag := strconv.FormatInt(max(version, 0), 10)
	if r.datumNamed != "" {
		tag += "-" + r.datumNamed
	}
	return `"` + tag + `"`
}

// versionOf is the version an entity tag of ours stands for, in whatever form it was read; false for any other tag.
func versionOf(tag string) (int64, bool) {
	text, quoted := strings.CutPrefix(tag, `"`)
	text, closed := strings.CutSuffix(text, `"`)
	text = strings.TrimSuffix(text, Zipped)
	number, datum, inDatum := strings.Cut(text, "-")
	_, known := geo.ParseDatum(datum)
	v, err := strconv.ParseInt(number, 10, 64)
	if err != nil || v < 0 || !quoted || !closed || inDatum && !known || strconv.FormatInt(v, 10) != number {
		return 0, false
	}
	if v == 0 {
		return NotYet, true
	}
	return v, true
}

// tags are the members of a list of entity tags; several lines are one list.
func (r *Request) tags(header string) []string {
	var out []string
	for _, line := range r.c.Request.Header.PeekAll(header) {
		out = append(out, tagsOf(string(line))...)
	}
	return out
}

func tagsOf(line string) (out []string) {
	for one := range strings.SplitSeq(line, ",") {
		if one = strings.TrimSpace(one); one != "" {
			out = append(out, one)
		}
	}
	return out
}

// NamesTag reports whether an If-None-Match header names an entity tag, weakly too (RFC 9110, 13.1.2).
func NamesTag(header, tag string) bool {
	return slices.ContainsFunc(tagsOf(header), func(one string) bool { return one == "*" || strings.TrimPrefix(one, "W/") == tag })
}

const matchesMost = 20 // tags of an If-Match

// IfMatch returns the version the caller states: 0 for any, NotYet for what must not be there.
// Where several are stated, the request is tried with one after the other (serve).
// Required where missing it could overwrite somebody's change: 428 then.
func (r *Request) IfMatch(required bool) (int64, error) {
	if r.matches == nil {
		stated := r.tags(fiber.HeaderIfMatch)
		switch {
		case len(stated) == 0 && required:
			return 0, Refuse(428, "precondition_required", "请在 If-Match 中给出所读到的版本", "state the version you read in If-Match")
		case len(stated) == 0 || len(stated) == 1 && stated[0] == "*":
			return 0, nil
		case len(stated) > matchesMost:
			return 0, Malformed(fmt.Sprintf("If-Match 最多 %d 项", matchesMost), fmt.Sprintf("If-Match takes %d tags at most", matchesMost))
		}
		for _, tag := range stated {
			if v, ours := versionOf(tag); ours { // a weak tag never is
				r.matches = append(r.matches, v)
			}
		}
		slices.SortFunc(r.matches, func(a, b int64) int { return cmp.Compare(b, a) })
		r.matches = slices.Compact(r.matches)
		if len(r.matches) == 0 {
			return 0, domain.ErrStale
		}
	}
	return r.matches[0], nil
}

// matching handles a request that states several versions: the first that is not stale decides.
func matching(handle Handler) Handler {
	return func(r *Request) (*Reply, error) {
		for {
			out, err := handle(r)
			if len(r.matches) < 2 || !errors.Is(err, domain.ErrStale) {
				return out, err
			}
			r.matches = r.matches[1:]
		}
	}
}

// heldTag is the entity tag of the form that the caller has already, or "": If-None-Match names tag,
// or its compressed form, weakly too, as proxies that compress make it (RFC 9110, 13.1.2).
// A 304 says it again, or a cache would not know which of the two stays fresh.
func (r *Request) heldTag(tag string) string {
	for _, one := range r.tags(fiber.HeaderIfNoneMatch) {
		if one = strings.TrimPrefix(one, "W/"); one == "*" {
			return tag
		}
		if strings.Replace(one, Zipped+`"`, `"`, 1) == tag {
			return one
		}
	}
	return ""
}
