package handlers

import (
	"encoding/json"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/geo"
	"wangge/handlers/web"
)

// cellAt finds the cell of a position: the dedicated one, else the basic one.
// Phones ask it at every step of the way, so the answer is rendered once.
func cellAt(r *request) (*web.Reply, error) {
	var bad domain.InvalidError
	number := func(name string) float64 {
		x, err := strconv.ParseFloat(r.Query.Get(name), 64)
		if err != nil {
			bad.Add("?"+name, domain.T("应为十进制度数", "must be decimal degrees"))
		}
		return x
	}
	in := web.PositionIn{Lon: number("lon"), Lat: number("lat"), Datum: web.Datum(r.Query.Get("datum"))}
	if bad.Fields != nil {
		return nil, &domain.InvalidError{Fields: bad.Fields}
	}
	at := in.Read("?", &bad)
	for i, f := range bad.Fields {
		bad.Fields[i].Pointer = "?" + strings.TrimLeft(f.Pointer, "?/")
		if bad.Fields[i].Pointer == "?" {
			bad.Fields[i].Pointer = "?lon"
		}
	}
	if bad.Fields != nil {
		return nil, &domain.InvalidError{Fields: bad.Fields}
	}
	cards := r.cards.today(r.Server)
	spot, found := cards.m.Locate(at)
	if !found {
		return nil, domain.ErrNotFound
	}
	return r.card(cards, spot, geo.Datum(in.Datum))
}

// cards are the answers of cellAt as far as they were asked for. They stand
// for what the snapshots of areas and cells say and for the names of accounts.
type cards struct {
	tree     *area.Tree
	m        *area.Map
	names    int64 // number of the journal that accounts are in
	mu       sync.RWMutex
	rendered map[cardKey]*web.Reply
}

const cardsMost = 20_000 // of 1 or 2 kB

// cardKey: one cell is shown in every datum, with its people and without.
type cardKey struct {
	cell  *area.Cell // of the snapshot
	datum geo.Datum
	staff bool
}

// deck holds the cards of today.
type deck struct{ atomic.Pointer[cards] }

// today returns the cards of what is known now; those of before are dropped.
func (d *deck) today(s *Server) *cards {
	tree, m, names := s.Areas.Tree(), s.Areas.Map(), s.Accounts.Changed()
	if held := d.Load(); held != nil && held.tree == tree && held.m == m && held.names == names {
		return held
	}
	fresh := &cards{tree: tree, m: m, names: names, rendered: map[cardKey]*web.Reply{}}
	d.Store(fresh)
	return fresh
}

func (r *request) card(cards *cards, spot area.Spot, d geo.Datum) (*web.Reply, error) {
	key := cardKey{spot.Cell, d, access.SeesStaff(r.Actor)}
	cards.mu.RLock()
	made, ok := cards.rendered[key]
	cards.mu.RUnlock()
	if ok {
		return made, nil
	}
	defer r.WithDeadline()()
	named, err := r.staffOf([]*area.Cell{spot.Cell})
	if err != nil {
		return nil, err
	}
	out := r.cellOut(spot.Cell, d, named)
	place := r.placeOut(spot.Place)
	out.Place = &place
	text, err := json.Marshal(out)
	if err != nil {
		return nil, err
	}
	made = &web.Reply{Status: 200, Raw: text, Gzipped: web.Gzip(text), ContentType: web.JSON}
	cards.mu.Lock()
	defer cards.mu.Unlock()
	if len(cards.rendered) < cardsMost {
		cards.rendered[key] = made
	}
	return made, nil
}
