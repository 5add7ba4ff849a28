package handlers

import (
	"errors"
	"io"

	"wangge/domain"
	"wangge/domain/civil"
	"wangge/domain/intake"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// ownCaseOut is an intake case as whose it is sees it.
type ownCaseOut struct {
	ID          string           `json:"id"`
	Number      string           `json:"number"`      // of who decides it
	LocalNumber *string          `json:"localNumber"` // ours, of one that was opened at a counter here
	DecidedBy   ownDeciderOut    `json:"decidedBy"`
	Item        ownItemOut       `json:"item"`
	State       intake.State     `json:"state"`
	StateText   string           `json:"stateText"`
	Next        string           `json:"next"`
	Reason      *string          `json:"reason"`
	OpenedAt    wire.Time        `json:"openedAt"`
	Since       wire.Time        `json:"since"`
	ClosedAt    *wire.Time       `json:"closedAt"`
	PromisedOn  *civil.Date      `json:"promisedOn"`
	Provisional bool             `json:"provisional"`
	StandsStill bool             `json:"standsStill"`
	Overdue     bool             `json:"overdue"`
	Missing     []string         `json:"missing"`
	Materials   []ownMaterialOut `json:"materials"`
	MayAttach   bool             `json:"mayAttach"`
	Station     *ownStationOut   `json:"station"`
}

// ownDeciderOut is a platform, or, without a title, the counter itself.
type ownDeciderOut struct {
	System string  `json:"system"`
	Title  *string `json:"title"`
}

type ownItemOut struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Category string `json:"category"`
}

// ownMaterialOut is a material with the photos that the caller took of it.
type ownMaterialOut struct {
	ID     string    `json:"id"`
	Name   string    `json:"name"`
	At     wire.Time `json:"at"`
	Own    bool      `json:"own"`
	Photos []string  `json:"photos"`
}

// ownStationOut is where the papers are.
type ownStationOut struct {
	ID       string           `json:"id"`
	Name     string           `json:"name"`
	Address  *string          `json:"address"`
	Phone    *string          `json:"phone"`
	Position *web.PositionOut `json:"position"`
	Hours    hoursBody        `json:"hours"`
}

// ownCasesOut is a page of them; PhoneProved tells whether those of the caller's phone are among them.
type ownCasesOut struct {
	web.List[ownCaseOut]
	PhoneProved bool `json:"phoneProved"`
}

// ownMaterialIn is the body of POST /v1/me/cases/{id}/materials.
type ownMaterialIn struct {
	ID     string   `json:"id"`
	Name   string   `json:"name" need:"true"`
	Photos []string `json:"photos" need:"true"`
}

func listOwnCases(r *apiRequest) (*web.Reply, error) {
	f := intake.OwnFilter{}
	var err error
	if f.Limit, f.Cursor, err = r.Page(); err != nil {
		return nil, err
	}
	if f.Open, err = r.OptionalFlag("open"); err != nil {
		return nil, err
	}
	page, next, err := r.Cases.ListOwn(r.Ctx, r.Actor, f)
	if err != nil {
		return nil, err
	}
	items, err := r.ownCasesOut(page)
	if err != nil {
		return nil, err
	}
	out := web.Listed(items, next)
	out.Body = ownCasesOut{out.Body.(web.List[ownCaseOut]), r.Actor.Phone != ""}
	return out, nil
}

func getOwnCase(r *apiRequest) (*web.Reply, error) { return ownCaseByID(r, r.Param("id")) }

func ownCaseByID(r *apiRequest, id string) (*web.Reply, error) {
	c, err := r.Cases.GetOwn(r.Ctx, r.Actor, id)
	if err != nil {
		return nil, err
	}
	return r.ownCase(c)
}

func (r *apiRequest) ownCase(c *intake.Case) (*web.Reply, error) {
	out, err := r.ownCasesOut([]*intake.Case{c})
	if err != nil {
		return nil, err
	}
	return web.OK(out[0]), nil
}

func attachOwnMaterial(r *apiRequest) (*web.Reply, error) {
	var in ownMaterialIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	id, err := chosen(in.ID)
	if err != nil {
		return nil, err
	}
	c, err := r.Cases.AttachOwn(r.Ctx, r.Actor, r.Now, r.Param("id"), intake.Material{ID: id, Name: in.Name, Photos: in.Photos})
	if err != nil {
		return nil, err
	}
	out, err := r.ownCase(c)
	if err != nil {
		return nil, err
	}
	out.Made = web.Resource{Kind: "own-case", ID: c.ID}
	return out, nil
}

// ownCasesOut are cases of the caller's own.
func (r *apiRequest) ownCasesOut(cases []*intake.Case) ([]ownCaseOut, error) {
	titles, err := r.Cases.Titles(r.Ctx, cases)
	if err != nil {
		return nil, err
	}
	stations, err := r.ownStations(cases)
	if err != nil {
		return nil, err
	}
	return each(cases, func(c *intake.Case) ownCaseOut {
		key := c.Key()
		since := c.Since
		if since.IsZero() {
			since = c.OpenedAt
		}
		return ownCaseOut{
			ID: c.ID, Number: key.Number, LocalNumber: optional(c.Local), DecidedBy: ownDeciderOut{key.System, optional(titles[c.System])}, Item: ownItemOut{c.Item.Code, c.Item.Name, c.Item.Category},
			State: c.State, StateText: r.Text(intake.StateText(c.State)), Next: r.Text(intake.NextText(c.State)), Reason: optional(c.Reason),
			OpenedAt: wire.Time(c.OpenedAt), Since: wire.Time(since), ClosedAt: (*wire.Time)(optional(c.ClosedAt)),
			PromisedOn: optional(c.Promised()), Provisional: c.Provisional, StandsStill: c.StandsStill(), Overdue: c.Overdue(r.Now), Missing: texts(c.Missing), MayAttach: c.State.Open(),
			Materials: each(c.Materials, func(m intake.Material) ownMaterialOut {
				out := ownMaterialOut{m.ID, m.Name, wire.Time(m.At), m.Resident && m.By == r.Actor.Account, []string{}}
				if out.Own {
					out.Photos = texts(m.Photos)
				}
				return out
			}),
			Station: stations[c.Station],
		}
	}), nil
}

// ownStations are where the papers of the cases are, by id.
func (r *apiRequest) ownStations(cases []*intake.Case) (map[string]*ownStationOut, error) {
	d, err := r.Datum()
	if err != nil {
		return nil, err
	}
	out := map[string]*ownStationOut{"": nil}
	for _, c := range cases {
		if _, known := out[c.Station]; known {
			continue
		}
		v, err := r.Stations.Get(r.Ctx, r.Actor, r.Now, c.Station)
		if errors.Is(err, domain.ErrNotFound) {
			out[c.Station] = nil
			continue
		}
		if err != nil {
			return nil, err
		}
		out[c.Station] = &ownStationOut{v.ID, v.Name, optional(v.Address), optional(v.Phone), web.PositionTo(v.Position.At(), d, nil), hoursTo(v.Hours)}
	}
	return out, nil
}

// fetchMaterialPhoto gives a platform's program a photo of a material.
func fetchMaterialPhoto(r *apiRequest) (*web.Reply, error) {
	if err := r.Cases.FetchPhoto(r.Ctx, r.Actor, r.Now, r.Param("id"), r.Param("material"), r.Param("photo")); err != nil {
		return nil, err
	}
	p, err := r.Photos.Get(r.Ctx, r.Param("photo"))
	if err != nil {
		return nil, err
	}
	content, err := r.Photos.Open(r.Ctx, p, false)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	picture, err := io.ReadAll(content)
	if err != nil {
		return nil, err
	}
	return &web.Reply{Status: 200, Raw: picture, ContentType: "image/jpeg"}, nil
}
