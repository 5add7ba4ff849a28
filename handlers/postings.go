package handlers

import (
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/posting"
	"wangge/handlers/web"
)

// postingOut is somebody's place of work. What is on the staff of a cell or
// station has no id and version here: it is changed there.
type postingOut struct {
	ID        *string      `json:"id"`
	Person    *personOut   `json:"person"`
	Number    *string      `json:"number"`
	Kind      posting.Kind `json:"kind"`
	Street    *namedOut    `json:"street"`
	Community *namedOut    `json:"community"`
	Cell      *namedOut    `json:"cell"`
	Station   *orgRefOut   `json:"station"`
	Unit      *string      `json:"unit"`
	From      *civil.Date  `json:"from"`
	Until     *civil.Date  `json:"until"` // the last day
	Then      *postingThen `json:"then"`  // where they were posted at the time of thenAt
	Version   *int64       `json:"version"`
}

type postingThen struct {
	Kind      posting.Kind `json:"kind"`
	Community *namedOut    `json:"community"`
	Unit      *string      `json:"unit"`
}

func (r *apiRequest) postingsOut(found []posting.Listed) ([]postingOut, error) {
	people, err := namesOf(r, found, func(l posting.Listed) string { return l.Account })
	if err != nil {
		return nil, err
	}
	stations := map[string]string{}
	for _, l := range found {
		if l.Station != "" && stations[l.Station] == "" {
			st, err := r.Stations.Get(r.Ctx, access.Program, r.Now, l.Station)
			if err != nil {
				return nil, err
			}
			stations[l.Station] = st.Name
		}
	}
	out := make([]postingOut, len(found))
	for i, l := range found {
		at := r.placeOut(l.Place)
		out[i] = postingOut{Person: people.person(l.Account), Kind: l.Kind, Street: at.Street, Community: at.Community, Unit: optional(l.Unit), From: optional(dayOf(l.From)), Until: optional(dayBefore(l.Until))}
		if c, ok := r.Areas.Map().EverByID(l.Cell); ok {
			out[i].Cell = &namedOut{c.Code, c.Name}
		}
		if l.Station != "" {
			out[i].Station = &orgRefOut{l.Station, stations[l.Station]}
		}
		if p := l.Posting; p != nil {
			out[i].ID, out[i].Version, out[i].Number = &p.ID, &p.Version, optional(p.Number)
			out[i].From, out[i].Until = optional(p.From), optional(p.Until) // as entered
			if p.Account == "" {
				name, err := r.Postings.NameOf(p)
				if err != nil {
					return nil, err
				}
				out[i].Person = &personOut{Name: name}
			}
		}
		if t := l.Then; t != nil {
			out[i].Then = &postingThen{t.Kind, r.placeOut(t.Place).Community, optional(t.Unit)}
		}
	}
	return out, nil
}

// dayOf is the day of a moment; "" of none.
func dayOf(t time.Time) civil.Date {
	if t.IsZero() {
		return ""
	}
	return civil.DateOf(t)
}

// dayBefore is the last day of what ends at a moment; "" of none.
func dayBefore(t time.Time) civil.Date {
	if t.IsZero() {
		return ""
	}
	return civil.DateOf(t.Add(-time.Millisecond))
}

var postingFilters = []string{"area", "at", "kind", "account", "station", "once", "thenAt", "thenKind", "undatedFrom"}

func listPostings(r *apiRequest) (*web.Reply, error) {
	f := posting.Filter{Area: r.Query.Get("area"), Account: r.Query.Get("account"), Station: r.Query.Get("station")}
	var err error
	if f.Limit, f.Cursor, err = r.Page(); err != nil {
		return nil, err
	}
	if f.At, err = r.Instant("at"); err != nil {
		return nil, err
	}
	if f.Undated, err = r.Instant("undatedFrom"); err != nil {
		return nil, err
	}
	if f.Kinds, err = oneOf[posting.Kind](r, "kind", posting.KindWords); err != nil {
		return nil, err
	}
	if f.Once, err = r.Flag("once"); err != nil {
		return nil, err
	}
	then := posting.Then{}
	if then.At, err = r.Instant("thenAt"); err != nil {
		return nil, err
	}
	if then.Kinds, err = oneOf[posting.Kind](r, "thenKind", posting.WasWords); err != nil {
		return nil, err
	}
	switch {
	case then.At.IsZero() != (then.Kinds == nil):
		return nil, web.BadQuery("thenKind", "须与 thenAt 同时给出", "goes with thenAt, and thenAt with it")
	case then.Kinds != nil:
		f.Then = &then
	}
	found, next, err := r.Postings.List(r.Ctx, r.Actor, r.Now, f)
	if err != nil {
		return nil, err
	}
	items, err := r.postingsOut(found)
	if err != nil {
		return nil, err
	}
	return web.Listed(items, next), nil
}

func (r *apiRequest) postingMade(p *posting.Posting, err error) (*web.Reply, error) {
	if err != nil {
		return nil, err
	}
	out, err := r.postingsOut([]posting.Listed{{Post: r.Postings.Post(p)}})
	if err != nil {
		return nil, err
	}
	reply := web.Versioned(out[0], p.Version)
	reply.Made = web.Resource{Kind: "posting", ID: p.ID}
	return reply, nil
}

func getPosting(r *apiRequest) (*web.Reply, error) { return postingByID(r, r.Param("id")) }

func postingByID(r *apiRequest, id string) (*web.Reply, error) {
	return r.postingMade(r.Postings.Get(r.Ctx, r.Actor, id))
}

type postingIn struct {
	ID      string                   `json:"id"`
	Account web.Nullable[string]     `json:"account"`
	Name    web.Nullable[string]     `json:"name"`
	Number  web.Nullable[string]     `json:"number"`
	Area    string                   `json:"area" need:"true"`
	Kind    posting.Kind             `json:"kind" need:"true"`
	Unit    web.Nullable[string]     `json:"unit"`
	From    web.Nullable[civil.Date] `json:"from"`
	Until   web.Nullable[civil.Date] `json:"until"`
}

func createPosting(r *apiRequest) (*web.Reply, error) {
	var in postingIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	reply, err := r.postingMade(r.Postings.Create(r.Ctx, r.Actor, r.Now, posting.Draft{
		ID: in.ID, Account: given(in.Account.Value), Name: given(in.Name.Value), Number: given(in.Number.Value), Area: in.Area, Kind: in.Kind,
		Unit: given(in.Unit.Value), From: given(in.From.Value), Until: given(in.Until.Value),
	}))
	if err == nil {
		reply.Status = 201
	}
	return reply, err
}

type postingPatch struct {
	Area  *string                  `json:"area"`
	Kind  *posting.Kind            `json:"kind"`
	Unit  web.Nullable[string]     `json:"unit"`
	From  web.Nullable[civil.Date] `json:"from"`
	Until web.Nullable[civil.Date] `json:"until"`
}

func patchPosting(r *apiRequest) (*web.Reply, error) {
	var in postingPatch
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	return r.postingMade(r.Postings.Update(r.Ctx, r.Actor, r.Now, r.Param("id"), version,
		posting.Change{Area: in.Area, Kind: in.Kind, Unit: in.Unit.Pointer(), From: in.From.Pointer(), Until: in.Until.Pointer()}))
}

func deletePosting(r *apiRequest) (*web.Reply, error) {
	version, err := r.IfMatch(false)
	if err != nil {
		return nil, err
	}
	return &web.Reply{Status: 204}, r.Postings.Remove(r.Ctx, r.Actor, r.Now, r.Param("id"), version)
}

func importPostings(r *apiRequest) (*web.Reply, error) {
	file, dry, opts, err := r.table(&posting.Table)
	if err != nil {
		return nil, err
	}
	report, err := r.Postings.Import(r.Ctx, r.Actor, r.Now, file, posting.Import{Options: opts, Street: r.Query.Get("street"), DryRun: dry})
	if err != nil {
		return nil, err
	}
	return rowsImported(r, *report), nil
}

// workFilters ask in lists for what was done by who is posted to a kind of work.
var workFilters = []string{"postedIn", "postedTo", "postedAt"}

// workers are the accounts that a list asks for under a name, or by how they are posted; nil for anybody.
func (r *apiRequest) workers(name string) ([]string, error) {
	if who, given := r.Query.Find(name); given {
		return []string{who}, nil
	}
	area, given := r.Query.Find("postedIn")
	if !given {
		return nil, nil
	}
	kinds, err := oneOf[posting.Kind](r, "postedTo", posting.KindWords)
	if err != nil {
		return nil, err
	}
	if len(kinds) != 1 {
		return nil, web.BadWord("postedTo", posting.KindWords)
	}
	at, err := r.Instant("postedAt")
	if err != nil {
		return nil, err
	}
	if at.IsZero() {
		at = r.Now
	}
	if !access.KeepsPostings(r.Actor) {
		return nil, domain.ErrForbidden
	}
	return r.Postings.Accounts(r.Ctx, r.Actor, area, kinds[0], at)
}
