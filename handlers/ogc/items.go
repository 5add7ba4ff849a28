package ogc

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/handlers/wire"
)

// Request is one question for the features of a collection.
type Request struct {
	Actor      access.Actor
	Collection string
	Query      map[string]string // as sent
	Now        time.Time
}

// Feature is a GeoJSON feature (RFC 7946).
type Feature struct {
	Type       string    `json:"type"`
	ID         string    `json:"id"`
	Geometry   *Geometry `json:"geometry"` // nil: nobody knows where it lies
	Properties any       `json:"properties"`
	Links      []Link    `json:"links,omitempty"`
}

// Geometry is a GeoJSON geometry in WGS-84, longitude first.
type Geometry struct {
	Type        string `json:"type"`
	Coordinates any    `json:"coordinates"`
}

// Page is a GeoJSON feature collection.
type Page struct {
	Type           string    `json:"type"`
	Features       []Feature `json:"features"`
	Links          []Link    `json:"links"`
	TimeStamp      string    `json:"timeStamp"`
	NumberMatched  *int64    `json:"numberMatched,omitempty"`
	NumberReturned int       `json:"numberReturned"`
}

// filter is what a request asks of either collection.
type filter struct {
	boxes  []orb.Bound // empty: everywhere
	time   period
	limit  int
	cursor string
	words  map[string]string // property to the value it must have
}

// found is a page as a collection gives it.
type found struct {
	features []Feature
	next     string
	matched  *int64
}

// Items returns a page of a collection (requirement /req/core/fc-response).
// Errors: ErrNotFound, InvalidError naming a parameter, ErrCursor, ErrTooBroad.
func (s *Features) Items(ctx context.Context, r Request) (*Page, error) {
	f, err := s.filter(r)
	if err != nil {
		return nil, err
	}
	var page found
	switch {
	case r.Collection == cells:
		page, err = s.cells(f)
	case access.MapsTickets(r.Actor):
		page, err = s.scopedTickets(ctx, r, f)
	default:
		page, err = s.publicTickets(ctx, f)
	}
	if err != nil {
		return nil, err
	}
	at := s.base + "/collections/" + r.Collection
	out := &Page{Type: "FeatureCollection", Features: page.features, NumberMatched: page.matched, NumberReturned: len(page.features),
		TimeStamp: wire.Time(r.Now).String(), Links: []Link{
			{at + "/items" + query(r.Query, f.cursor), "self", GeoJSON, ""},
			{at, "collection", JSON, ""},
		}}
	if out.Features == nil {
		out.Features = []Feature{}
	}
	if page.next != "" {
		out.Links = append(out.Links, Link{at + "/items" + query(r.Query, page.next), "next", GeoJSON, ""})
	}
	return out, nil
}

// Item returns one feature (requirement /req/core/f-success); ErrNotFound.
func (s *Features) Item(ctx context.Context, r Request, id string) (*Feature, error) {
	var out Feature
	var err error
	switch {
	case r.Collection == cells:
		out, err = s.cell(id)
	case r.Collection != tickets:
		err = domain.ErrNotFound
	case access.MapsTickets(r.Actor):
		out, err = s.ticket(ctx, r, id)
	default:
		out, err = s.publicTicket(ctx, id)
	}
	if err != nil {
		return nil, err
	}
	at := s.base + "/collections/" + r.Collection
	out.Links = []Link{
		{at + "/items/" + url.PathEscape(out.ID), "self", GeoJSON, ""},
		{at, "collection", JSON, ""},
	}
	return &out, nil
}

// filter reads the query, and everything wrong with it.
func (s *Features) filter(r Request) (filter, error) {
	if r.Collection != cells && r.Collection != tickets {
		return filter{}, domain.ErrNotFound
	}
	f := filter{cursor: r.Query["cursor"], limit: limitDefault, words: map[string]string{}}
	bad := &domain.InvalidError{}
	for _, name := range slices.Sorted(maps.Keys(r.Query)) {
		if err := s.read(&f, r, name); err != (domain.Text{}) {
			bad.Add("?"+name, err)
		}
	}
	return f, bad.Err()
}

// read reads one parameter and says what is wrong with it, if anything is.
func (s *Features) read(f *filter, r Request, name string) (wrong domain.Text) {
	text := r.Query[name]
	switch name {
	case "limit":
		f.limit, wrong = parseLimit(text)
		return wrong
	case "bbox":
		f.boxes, wrong = parseBBox(text)
		return wrong
	case "datetime":
		f.time, wrong = parseDatetime(text)
		return wrong
	case "cursor": // each collection has its own
		if text == "" {
			return domain.T("应为 next 链接中的游标", "must be that of a next link")
		}
		return wrong
	}
	for _, q := range queryables[r.Collection] {
		if q.name != name {
			continue
		}
		words := q.words(s, r.Now)
		if f.words[name] = text; len(words) > 0 && !slices.Contains(words, text) {
			return domain.T("应为 "+strings.Join(words, "、"), "must be "+strings.Join(words, " or "))
		}
		return wrong
	}
	return domain.T("未知的查询参数", "unknown query parameter")
}

// query is the query of a link: the one that was asked, at another cursor.
func query(asked map[string]string, cursor string) string {
	values := url.Values{}
	for name, value := range asked {
		values.Set(name, value)
	}
	values.Del("cursor")
	if cursor != "" {
		values.Set("cursor", cursor)
	}
	if len(values) == 0 {
		return ""
	}
	return "?" + values.Encode()
}
