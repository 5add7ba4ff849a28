package handlers

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/account"
	"wangge/domain/address"
	"wangge/domain/fold"
	"wangge/domain/intake"
	"wangge/domain/ticket"
	"wangge/geo"
	"wangge/handlers/web"
)

// soughtOut is one thing of many kinds that a text may mean.
type soughtOut struct {
	Kind     foundKind        `json:"kind"`
	ID       string           `json:"id"` // a code of cells and areas
	Title    string           `json:"title"`
	Subtitle *string          `json:"subtitle"`
	Position *web.PositionOut `json:"position"`
	BBox     *[4]float64      `json:"bbox"`
	Path     *string          `json:"path"` // where it is read; null of an address without a household that the caller may read
}

type findOut struct {
	Items []soughtOut `json:"items"`
	More  []foundKind `json:"more"` // kinds of which there are more
}

type foundKind string

func (foundKind) Enum() domain.Enum { return foundWords }

const (
	foundMost             = 5 // of each kind
	soughtMost            = 60
	kindCell    foundKind = "cell"
	kindArea    foundKind = "area"
	kindAddress foundKind = "address"
	kindTicket  foundKind = "ticket"
	kindCase    foundKind = "case"
	kindPerson  foundKind = "person"
)

// foundWords are the kinds of things that are found by one text.
var foundWords = domain.NewEnum("FoundKind", domain.W(kindCell, "网格", "cell"), domain.W(kindArea, "区划", "area"), domain.W(kindAddress, "地址", "address"),
	domain.W(kindTicket, "诉求", "ticket"), domain.W(kindCase, "受理件", "intake case"), domain.W(kindPerson, "工作人员", "member of staff"))

// seeker looks for one kind of things, for one more than are shown.
type seeker func(r *apiRequest, text string, d geo.Datum) ([]soughtOut, error)

var seekers = []struct {
	kind foundKind
	seek seeker
}{{kindCell, seekCells}, {kindArea, seekAreas}, {kindTicket, seekTickets}, {kindCase, seekCases}, {kindAddress, seekAddresses}, {kindPerson, seekPeople}}

// seekAll looks for what a text may mean, among what the caller's own lists of each
// kind have. People of households are not among it: that search is counted and on the journal.
func seekAll(r *apiRequest) (*web.Reply, error) {
	d, err := r.Datum()
	if err != nil {
		return nil, err
	}
	text := strings.TrimSpace(r.Query.Get("q"))
	if utf8.RuneCountInString(text) > soughtMost {
		return nil, web.BadQuery("q", "最多 60 字", "60 characters at most")
	}
	words, err := fold.Search(text)
	if err != nil {
		return nil, err
	}
	if len(words) == 0 {
		return nil, web.BadQuery("q", "请输入文字或数字", "no letter or digit to look for")
	}
	out := findOut{Items: []soughtOut{}, More: []foundKind{}}
	for _, s := range seekers {
		found, err := s.seek(r, text, d)
		var invalid *domain.InvalidError
		switch {
		case errors.Is(err, domain.ErrForbidden), errors.Is(err, fold.ErrTooShort), errors.Is(err, domain.ErrTooBroad), errors.As(err, &invalid):
			continue // the caller has no part in this kind, or it cannot be meant
		case err != nil:
			return nil, err
		}
		if len(found) > foundMost {
			found, out.More = found[:foundMost], append(out.More, s.kind)
		}
		out.Items = append(out.Items, found...)
	}
	return web.OK(out), nil
}

func (r *apiRequest) placeName(id string) *string {
	if a, ok := r.Areas.Tree().ByID(id); ok {
		return &a.Name
	}
	return nil
}

func boxTo(b orb.Bound, d geo.Datum) *[4]float64 {
	low, high := geo.FromWGS84(b.Min, d), geo.FromWGS84(b.Max, d)
	return &[4]float64{low[0], low[1], high[0], high[1]}
}

func seekCells(r *apiRequest, text string, d geo.Datum) (out []soughtOut, _ error) {
	for _, c := range r.Areas.FindCells(r.Actor, text, foundMost+1) {
		path := "/v1/cells/" + c.Code
		out = append(out, soughtOut{kindCell, c.Code, c.Name, r.placeName(c.Place.Community), web.PositionTo(c.Centre, d, nil), boxTo(c.Bound(), d), &path})
	}
	return out, nil
}

func seekAreas(r *apiRequest, text string, d geo.Datum) (out []soughtOut, _ error) {
	for i, a := range r.Areas.FindAreas(r.Actor, text, foundMost+1) {
		path := "/v1/areas/" + a.Code
		f := soughtOut{Kind: kindArea, ID: a.Code, Title: a.Name, Subtitle: r.placeName(a.Parent), Path: &path}
		if i < foundMost {
			if box, ok := r.Areas.Bound(a); ok {
				f.Position, f.BBox = web.PositionTo(box.Center(), d, nil), boxTo(box, d)
			}
		}
		out = append(out, f)
	}
	return out, nil
}

func seekTickets(r *apiRequest, text string, d geo.Datum) (out []soughtOut, _ error) {
	found, _, err := r.Tickets.List(r.Ctx, r.Actor, ticket.Filter{Text: text, Limit: foundMost + 1})
	for _, t := range found {
		path := "/v1/tickets/" + t.ID
		f := soughtOut{Kind: kindTicket, ID: t.ID, Title: t.Title, Subtitle: &t.Number, Path: &path}
		if t.Position != nil {
			f.Position = web.PositionTo(t.Position.At(), d, nil)
		}
		out = append(out, f)
	}
	return out, err
}

func seekCases(r *apiRequest, text string, d geo.Datum) (out []soughtOut, _ error) {
	found, _, err := r.Cases.List(r.Ctx, r.Actor, intake.Filter{Text: text, Limit: foundMost + 1})
	for _, c := range found {
		path, number := "/v1/intake-cases/"+c.ID, c.Key().Number
		f := soughtOut{Kind: kindCase, ID: c.ID, Title: c.Item.Name, Subtitle: optional(number), Path: &path}
		if c.Position != nil {
			f.Position = web.PositionTo(c.Position.At(), d, nil)
		}
		out = append(out, f)
	}
	return out, err
}

func seekAddresses(r *apiRequest, text string, d geo.Datum) (out []soughtOut, _ error) {
	found, err := r.Addresses.Search(r.Ctx, r.Actor, r.Now, address.Query{Text: text, Own: true, Limit: foundMost + 1})
	if err != nil {
		return nil, err
	}
	for _, m := range found.Matches {
		f := soughtOut{Kind: kindAddress, ID: m.ID, Title: m.Text, Subtitle: r.placeName(m.Place.Community), Position: web.PositionTo(m.Position.At(), d, nil)}
		if m.Household != "" {
			path := "/v1/households/" + m.Household
			f.Path = &path
		}
		out = append(out, f)
	}
	return out, nil
}

func seekPeople(r *apiRequest, text string, _ geo.Datum) (out []soughtOut, _ error) {
	found, _, err := r.Accounts.List(r.Ctx, r.Actor, account.Filter{Text: text, Limit: foundMost + 1})
	for _, a := range found {
		if a.Machine {
			continue
		}
		path := "/v1/accounts/" + a.ID
		out = append(out, soughtOut{Kind: kindPerson, ID: a.ID, Title: a.DisplayName(), Subtitle: optional(a.Username), Path: &path})
	}
	return out, err
}
