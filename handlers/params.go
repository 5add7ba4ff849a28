package handlers

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/paulmach/orb"
	xlang "golang.org/x/text/language"

	"wangge/domain"
	"wangge/geo"
)

const (
	limitDefault = 50
	limitMost    = 500
)

// badQuery is a 400 for one query parameter.
func badQuery(name, zh, en string) error {
	e := &domain.InvalidError{}
	e.Add("?"+name, domain.T(zh, en))
	return &queryError{e}
}

// badWord is a 400 for a parameter that is none of the words there are.
func badWord(name string, of domain.Enum) error {
	return &queryError{&domain.InvalidError{Fields: []domain.FieldError{{Pointer: "?" + name, Detail: of.Fault()}}}}
}

// page reads limit and cursor.
func (r *request) page() (limit int, cursor string, err error) {
	limit = limitDefault
	if text, ok := r.query.find("limit"); ok {
		limit, err = strconv.Atoi(text)
		if err != nil || limit < 1 || limit > limitMost {
			return 0, "", badQuery("limit", fmt.Sprintf("应为 1 到 %d 的整数", limitMost), fmt.Sprintf("must be a whole number from 1 to %d", limitMost))
		}
	}
	return limit, r.query.get("cursor"), nil
}

// list is the wire form of every list.
type list[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"`
}

func listed[T any](items []T, next string) *reply {
	if items == nil {
		items = []T{}
	}
	out := list[T]{Items: items}
	if next != "" {
		out.Next = &next
	}
	return &reply{status: 200, body: out, next: next}
}

// nextLink is this request's address with the next cursor (RFC 8288), relative to the server.
func (r *request) nextLink(cursor string) string {
	q := url.Values{}
	for _, p := range r.query {
		q.Set(p.name, p.value)
	}
	q.Set("cursor", cursor)
	return fmt.Sprintf(`<%s?%s>; rel="next"`, r.c.Path(), q.Encode())
}

// instant reads an RFC 3339 parameter; the zero time when it is absent.
func (r *request) instant(name string) (time.Time, error) {
	text, ok := r.query.find(name)
	if !ok {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, badQuery(name, "应为 RFC 3339 时间", "must be an RFC 3339 time")
	}
	return t.UTC(), nil
}

func (r *request) flag(name string) (bool, error) {
	switch r.query.get(name) {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, badQuery(name, "应为 true 或 false", "must be true or false")
}

const (
	acceptDatum  = "Accept-Datum"
	contentDatum = "Content-Datum"
)

// answersDatum: its datum is that of positions in the answer, not that of a file.
func (rt *route) answersDatum() bool {
	return slices.Contains(rt.query, "datum") && !slices.Contains(rt.takes, asGeoJSON) && !slices.Contains(rt.takes, asCSV)
}

// readDatum lets a header say, for a whole app, which datum positions are
// asked for in, where the query does not. It does not speak of files: what
// they are in, the query says.
func (r *request) readDatum() error {
	if !r.route.answersDatum() {
		return nil
	}
	r.datumAsked = true
	if r.query.get("datum") != "" {
		return nil
	}
	named := r.c.Get(acceptDatum)
	if named == "" {
		return nil
	}
	d, known := geo.ParseDatum(named)
	if !known {
		e := &domain.InvalidError{}
		e.Add(acceptDatum, domain.T("应为 wgs84、cgcs2000、gcj02 或 bd09", "must be wgs84, cgcs2000, gcj02 or bd09"))
		return &queryError{e}
	}
	r.query.set("datum", string(d))
	if d != geo.WGS84 {
		r.datumNamed = string(d)
	}
	return nil
}

// datum reads the datum positions are asked for in; WGS-84 when absent.
func (r *request) datum() (geo.Datum, error) {
	text, ok := r.query.find("datum")
	if !ok {
		return geo.WGS84, nil
	}
	d, known := geo.ParseDatum(text)
	if !known {
		return d, badWord("datum", datumWords)
	}
	return d, nil
}

// bbox reads west,south,east,north in the datum asked for; ok is false when absent.
func (r *request) bbox(d geo.Datum) (b orb.Bound, ok bool, err error) {
	text, given := r.query.find("bbox")
	if !given {
		return b, false, nil
	}
	wrong := badQuery("bbox", "应为 西,南,东,北（经度在前）", "must be west,south,east,north (longitude first)")
	parts := strings.Split(text, ",")
	if len(parts) != 4 {
		return b, false, wrong
	}
	var v [4]float64
	for i, p := range parts {
		if v[i], err = strconv.ParseFloat(strings.TrimSpace(p), 64); err != nil {
			return b, false, wrong
		}
	}
	low, high := orb.Point{v[0], v[1]}, orb.Point{v[2], v[3]}
	if !geo.ValidPoint(low) || !geo.ValidPoint(high) || v[0] > v[2] || v[1] > v[3] {
		return b, false, wrong
	}
	low, high = geo.ToWGS84(low, d), geo.ToWGS84(high, d)
	return orb.Bound{Min: low, Max: high}, true, nil
}

// lang is the language of texts for people.
type lang int

const (
	chinese lang = iota + 1
	english
)

var languages = xlang.NewMatcher([]xlang.Tag{xlang.SimplifiedChinese, xlang.English})

func language(c *fiber.Ctx) lang {
	asked := c.Get(fiber.HeaderAcceptLanguage)
	if asked == "" {
		return chinese
	}
	if _, i := xlang.MatchStrings(languages, asked); i == 1 {
		return english
	}
	return chinese
}

// lang is the language that the caller asked for. Few answers need it, and reading it is work.
func (r *request) lang() lang {
	if r.language == 0 {
		r.language = language(r.c)
	}
	return r.language
}

func (l lang) text(t domain.Text) string {
	if l == english {
		return t.EN
	}
	return t.ZH
}

// notYet is the version of what may be put but is not there: as a condition it must still not be there.
const notYet = -1

// etag is the strong validator of a version, and of the datum where a header
// chose it: that is another representation under the same address.
func (r *request) etag(version int64) string {
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
	text = strings.TrimSuffix(text, zipped)
	number, datum, inDatum := strings.Cut(text, "-")
	_, known := geo.ParseDatum(datum)
	v, err := strconv.ParseInt(number, 10, 64)
	if err != nil || v < 0 || !quoted || !closed || inDatum && !known || strconv.FormatInt(v, 10) != number {
		return 0, false
	}
	if v == 0 {
		return notYet, true
	}
	return v, true
}

// tags are the members of a list of entity tags; several lines are one list.
func tags(c *fiber.Ctx, header string) []string {
	var out []string
	for _, line := range c.Request().Header.PeekAll(header) {
		for _, one := range strings.Split(string(line), ",") {
			if one = strings.TrimSpace(one); one != "" {
				out = append(out, one)
			}
		}
	}
	return out
}

const matchesMost = 20 // tags of an If-Match

// ifMatch returns the version the caller states: 0 for any, notYet for what must not be there.
// Where several are stated, the request is tried with one after the other (serve).
// Required where missing it could overwrite somebody's change: 428 then.
func (r *request) ifMatch(required bool) (int64, error) {
	if r.matches == nil {
		stated := tags(r.c, fiber.HeaderIfMatch)
		switch {
		case len(stated) == 0 && required:
			return 0, refuse(428, "precondition_required", "请在 If-Match 中给出所读到的版本", "state the version you read in If-Match")
		case len(stated) == 0 || len(stated) == 1 && stated[0] == "*":
			return 0, nil
		case len(stated) > matchesMost:
			return 0, malformed(fmt.Sprintf("If-Match 最多 %d 项", matchesMost), fmt.Sprintf("If-Match takes %d tags at most", matchesMost))
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
func matching(handle func(*request) (*reply, error)) func(*request) (*reply, error) {
	return func(r *request) (*reply, error) {
		for {
			out, err := handle(r)
			if len(r.matches) < 2 || !errors.Is(err, domain.ErrStale) {
				return out, err
			}
			r.matches = r.matches[1:]
		}
	}
}
