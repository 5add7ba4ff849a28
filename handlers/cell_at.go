package handlers

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/geo"
	"wangge/handlers/web"
)

// cellAt finds the cell of a position: the dedicated one, else the basic one.
// Phones ask it at every step of the way, so the answer is rendered once.
func cellAt(r *apiRequest) (*web.Reply, error) {
	at, d, err := r.positionAsked()
	if err != nil {
		return nil, err
	}
	answers := r.cellAnswers.current(r.Server)
	spot, found := answers.m.Locate(at)
	if !found {
		return nil, domain.ErrNotFound
	}
	return r.cellAnswer(answers, spot, d)
}

// positionAsked reads the parameters lon, lat and datum; the position is in WGS-84.
func (r *apiRequest) positionAsked() (at orb.Point, d geo.Datum, err error) {
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
		return at, d, &domain.InvalidError{Fields: bad.Fields}
	}
	at = in.Read("?", &bad)
	for i, f := range bad.Fields {
		bad.Fields[i].Pointer = "?" + strings.TrimLeft(f.Pointer, "?/")
		if bad.Fields[i].Pointer == "?" {
			bad.Fields[i].Pointer = "?lon"
		}
	}
	if bad.Fields != nil {
		return at, d, &domain.InvalidError{Fields: bad.Fields}
	}
	return at, geo.Datum(in.Datum), nil
}

// cellAnswers are the answers of cellAt as far as they were asked for. They stand
// for what the snapshots of areas and cells say and for the names of accounts.
type cellAnswers struct {
	tree     *area.Tree
	m        *area.Map
	names    int64    // number of the journal that accounts are in
	rendered sync.Map // *cellForms by *area.Cell of the snapshot
	kept     atomic.Int64
}

const cellAnswersMost = 20_000 // of 1 or 2 kB

// cellForms are the answers for one cell: without its people and with them, by datum.
type cellForms [2][len(datums)]atomic.Pointer[web.Reply]

var datums = [...]geo.Datum{geo.WGS84, geo.CGCS2000, geo.GCJ02, geo.BD09}

// of is where the answer for one cell is, or will be.
func (a *cellAnswers) of(cell *area.Cell, d geo.Datum, staff bool) *atomic.Pointer[web.Reply] {
	kept, ok := a.rendered.Load(cell)
	if !ok {
		kept, _ = a.rendered.LoadOrStore(cell, new(cellForms))
	}
	forms, with := kept.(*cellForms), 0
	if staff {
		with = 1
	}
	return &forms[with][slices.Index(datums[:], d)]
}

// cellAnswerCache holds the answers that are current.
type cellAnswerCache struct{ atomic.Pointer[cellAnswers] }

// current returns the answers of what is known now; those of before are dropped.
func (d *cellAnswerCache) current(s *Server) *cellAnswers {
	tree, m, names := s.Areas.Tree(), s.Areas.Map(), s.Accounts.Changed()
	if held := d.Load(); held != nil && held.tree == tree && held.m == m && held.names == names {
		return held
	}
	fresh := &cellAnswers{tree: tree, m: m, names: names}
	d.Store(fresh)
	return fresh
}

func (r *apiRequest) cellAnswer(answers *cellAnswers, spot area.Spot, d geo.Datum) (*web.Reply, error) {
	kept := answers.of(spot.Cell, d, access.SeesStaff(r.Actor))
	if reply := kept.Load(); reply != nil {
		return reply, nil
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
	reply := &web.Reply{Status: 200, Raw: text, Gzipped: web.Gzip(text), ContentType: web.JSON}
	if answers.kept.Add(1) <= cellAnswersMost {
		kept.Store(reply)
	}
	return reply, nil
}
