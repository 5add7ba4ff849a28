// Package tiles answers requests for vector tiles and the TileJSON that
// describes them: a pure function from who asks for which tile, and when, to
// status, headers and body. It draws from snapshots in memory and asks the
// store only for cells of the past; of HTTP it knows the words, but no router and no socket.
//
// What goes into a tile is hashed before it is drawn: the boundaries, names and
// figures of the cells whose box meets it, as the caller may see them, its
// tickets, or the ground. This hash is the entity tag and the key of the cache. So a tile's
// tag changes when what it shows changes, by the journal or by the clock, and
// not with every entry of the journal or every minute; it is the same on every
// node; and callers who see the same share what was drawn.
package tiles

import (
	"context"
	"crypto/sha256"
	"maps"
	"slices"
	"sync"

	"golang.org/x/sync/singleflight"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/place"
	"wangge/domain/stats"
	"wangge/geo/tile"
	"wangge/handlers/web"
)

// cacheBytes is how much of the tiles drawn last is kept.
const cacheBytes = 64 << 20

// Tiles draws the cells of areas and the tickets of figures. Follow must run.
type Tiles struct {
	areas        *area.Areas
	figures      *stats.Live
	url          string
	cells        latest[drawing]
	areaDrawings latest[map[string]*areasDrawing] // by layer
	past         past
	tickets      struct {
		sync.Mutex
		*pinned
	}
	shown     publicPins
	buildings built
	cache     cache
	drawings  singleflight.Group // of tiles wanted by many at once
}

// New returns the tiles under a public URL that has no slash at its end.
func New(areas *area.Areas, figures *stats.Live, url string) *Tiles {
	return &Tiles{areas: areas, figures: figures, url: url, cells: newLatest[drawing](), areaDrawings: newLatest[map[string]*areasDrawing](), buildings: newBuilt(Ground{}), cache: newCache(cacheBytes)}
}

// picture is what one tile shows.
type picture struct {
	of   [sha256.Size]byte // a hash of everything that drawing it depends on
	draw func(*tile.Builder)
}

// layer is a kind of tiles.
type layer struct {
	gate        func(access.Actor) bool // who has a part in it at all
	picture     func(*Tiles, context.Context, Request, tile.ID) (picture, error)
	description func(*Tiles) description
	beyond      float64  // metres outside of every cell that it may show something in
	takes       []string // parameters of the query
}

// Parameters are all that any layer takes.
func Parameters() (out []string) {
	for _, name := range slices.Sorted(maps.Keys(layers)) {
		out = append(out, layers[name].takes...)
	}
	return out
}

// Known reports whether there is such a layer.
func Known(layer string) bool {
	_, ok := layers[layer]
	return ok
}

// Takes reports whether a layer takes a parameter of the query.
func Takes(layer, parameter string) bool { return slices.Contains(layers[layer].takes, parameter) }

var layers = map[string]layer{
	"cells":       {access.Actor.SignedIn, (*Tiles).pictureCells, (*Tiles).describeCells, 0, []string{"at"}},
	"tickets":     {access.MapsTickets, (*Tiles).pictureTickets, (*Tiles).describeTickets, place.FarOut, []string{"state", "category", "urgency", "overdue"}},
	"communities": {access.Actor.SignedIn, (*Tiles).pictureAreas, describeAreas(access.Community), 0, nil},
	"streets":     {access.Actor.SignedIn, (*Tiles).pictureAreas, describeAreas(access.Street), 0, nil},
	"counties":    {access.Actor.SignedIn, (*Tiles).pictureAreas, describeAreas(access.County), 0, nil},
	"buildings":   {access.Actor.SignedIn, (*Tiles).pictureBuildings, (*Tiles).describeBuildings, 0, nil},
}

// Tile answers a request for one tile: 200, 204 when nothing is in it, or 304.
// Errors: ErrNotFound for a layer that there is not, ErrForbidden for one that
// the actor has no part in, *tile.RangeError; ctx's, before the first snapshots are there.
func (s *Tiles) Tile(ctx context.Context, q Request) (*Answer, error) {
	l, ok := layers[q.Layer]
	if !ok {
		return nil, domain.ErrNotFound
	}
	if !l.gate(q.Actor) {
		return nil, domain.ErrForbidden
	}
	return s.tile(ctx, q, l)
}

// tile is one of a layer that the actor has a part in.
func (s *Tiles) tile(ctx context.Context, q Request, l layer) (*Answer, error) {
	id, err := tile.Parse(q.Z, q.X, q.Y)
	if err != nil {
		return nil, err
	}
	p, err := l.picture(s, ctx, q, id)
	if err != nil {
		return nil, err
	}
	k := key{p.of, web.TakesGzip(q.AcceptEncoding)}
	if web.NamesTag(q.IfNoneMatch, k.tag()) {
		return k.answer(304, nil), nil
	}
	if body := s.drawn(k, id, p); body != nil {
		return k.answer(200, body), nil
	}
	return k.answer(204, nil), nil
}

// drawn returns the body, drawing it once however many ask for it at once.
func (s *Tiles) drawn(k key, id tile.ID, p picture) []byte {
	if body, ok := s.cache.get(k); ok {
		return body
	}
	body, _, _ := s.drawings.Do(k.tag(), func() (any, error) {
		b := tile.NewBuilder(id)
		p.draw(b)
		body := k.encode(b.Bytes())
		s.cache.put(k, body)
		return body, nil
	})
	return body.([]byte)
}
