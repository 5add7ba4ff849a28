package handlers

import (
	"wangge/domain/rating"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// rectifyIn is the body of POST /v1/rectifications/{id}/transitions.
type rectifyIn struct {
	ID       string             `json:"id"`
	Action   rating.Action      `json:"action" need:"true"`
	Assignee string             `json:"assignee"`
	Text     string             `json:"text" lines:"true"`
	Reached  web.Nullable[bool] `json:"reached"`
	Grade    int                `json:"grade"`
	Words    string             `json:"words" lines:"true"`
}

// rectificationOut is a rectification as far as its reader sees it.
type rectificationOut struct {
	ID          string        `json:"id"`
	About       ratedOut      `json:"about"`
	Number      *string       `json:"number"`
	Title       *string       `json:"title"`
	Place       placeOut      `json:"place"`
	Sensitive   bool          `json:"sensitive"`
	Grade       int           `json:"grade"`
	Words       *string       `json:"words"`
	State       rating.State  `json:"state"`
	Responsible *personOut    `json:"responsible"`
	Caller      *personOut    `json:"caller"`
	OpenedAt    wire.Time     `json:"openedAt"`
	DueAt       wire.Time     `json:"dueAt"`
	Provisional bool          `json:"provisional"`
	Overdue     bool          `json:"overdue"`
	EscalatedAt *wire.Time    `json:"escalatedAt"`
	Result      *resultOut    `json:"result"`
	Calls       []callbackOut `json:"calls"`
	Tries       int           `json:"tries"`
	ClosedAt    *wire.Time    `json:"closedAt"`
	Satisfied   *bool         `json:"satisfied"`
	UpdatedAt   wire.Time     `json:"updatedAt"`
	Allowed     []string      `json:"allowed"`
	Version     int64         `json:"version"`
}

type resultOut struct {
	By   *personOut `json:"by"`
	At   wire.Time  `json:"at"`
	Text string     `json:"text"`
}

type callbackOut struct {
	ID      string     `json:"id"`
	By      *personOut `json:"by"`
	At      wire.Time  `json:"at"`
	Reached bool       `json:"reached"`
	Grade   *int       `json:"grade"`
	Words   *string    `json:"words"`
}

// rectificationsOut renders rectifications that the caller may see.
func (r *apiRequest) rectificationsOut(all ...*rating.Rectification) ([]rectificationOut, error) {
	shown, err := r.Ratings.Show(r.Ctx, r.Actor, all...)
	if err != nil {
		return nil, err
	}
	people := map[string]bool{}
	for _, x := range all {
		people[x.Responsible], people[x.Caller] = true, true
		if x.Result != nil {
			people[x.Result.By] = true
		}
		for _, c := range x.Calls {
			people[c.By] = true
		}
	}
	n, err := r.peopleOf(people)
	if err != nil {
		return nil, err
	}
	return each(shown, func(x *rating.Shown) rectificationOut { return r.rectificationOut(x, n) }), nil
}

func (r *apiRequest) rectificationOut(x *rating.Shown, n names) rectificationOut {
	out := rectificationOut{
		ID: x.ID, About: ratedOut{Kind: x.About.Kind}, Number: optional(x.Number), Title: optional(x.Title), Place: r.placeOut(x.Place), Sensitive: x.Sensitive, Grade: x.Grade, Words: optional(x.Words), State: x.State,
		Responsible: n.person(x.Responsible), Caller: n.person(x.Caller), OpenedAt: wire.Time(x.OpenedAt), DueAt: wire.Time(x.DueAt), Provisional: x.Provisional, Overdue: x.OverdueAt(r.Now), EscalatedAt: (*wire.Time)(optional(x.EscalatedAt)),
		Calls: []callbackOut{}, Tries: x.Tries, ClosedAt: (*wire.Time)(optional(x.ClosedAt)), UpdatedAt: wire.Time(x.UpdatedAt), Allowed: x.Allowed(r.Actor), Version: x.Version,
	}
	if x.Whole {
		out.About.ID = &x.About.ID
	}
	if x.Result != nil {
		out.Result = &resultOut{n.person(x.Result.By), wire.Time(x.Result.At), x.Result.Text}
	}
	for i, c := range x.Calls {
		out.Calls = append(out.Calls, callbackOut{c.ID, n.person(c.By), wire.Time(c.At), c.Reached, optional(c.Grade), optional(x.CallWords[i])})
	}
	if x.After() > 0 {
		satisfied := x.Satisfied()
		out.Satisfied = &satisfied
	}
	return out
}

var rectificationFilters = []string{"area", "about", "state", "mine", "overdue"}

func listRectifications(r *apiRequest) (*web.Reply, error) {
	f := rating.RectificationFilter{Area: r.Query.Get("area")}
	var err error
	if f.Limit, f.Cursor, err = r.Page(); err != nil {
		return nil, err
	}
	if f.Kinds, err = oneOf[rating.Kind](r, "about", rating.KindWords); err != nil {
		return nil, err
	}
	if f.States, err = oneOf[rating.State](r, "state", rating.StateWords); err != nil {
		return nil, err
	}
	if f.Mine, err = r.Flag("mine"); err != nil {
		return nil, err
	}
	if overdue, err := r.Flag("overdue"); err != nil {
		return nil, err
	} else if overdue {
		f.Overdue = r.Now
	}
	page, next, err := r.Ratings.Rectifications(r.Ctx, r.Actor, f)
	if err != nil {
		return nil, err
	}
	items, err := r.rectificationsOut(page...)
	if err != nil {
		return nil, err
	}
	return web.Listed(items, next), nil
}

func getRectification(r *apiRequest) (*web.Reply, error) {
	return rectificationByID(r, r.Param("id"))
}

func rectificationByID(r *apiRequest, id string) (*web.Reply, error) {
	x, err := r.Ratings.Rectification(r.Ctx, r.Actor, id)
	if err != nil {
		return nil, err
	}
	return r.rectified(x.Rectification)
}

func takeRectificationAction(r *apiRequest) (*web.Reply, error) {
	var in rectifyIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(false)
	if err != nil {
		return nil, err
	}
	id, err := chosen(in.ID)
	if err != nil {
		return nil, err
	}
	x, err := r.Ratings.TakeAction(r.Ctx, r.Actor, r.Now, r.Param("id"), version, rating.ActionInput{ID: id, Action: in.Action, Assignee: in.Assignee, Text: in.Text, Reached: in.Reached.Value, Grade: in.Grade, Words: in.Words})
	if err != nil {
		return nil, err
	}
	return r.rectified(x)
}

// rectified answers with one, which a step may have taken out of the caller's sight.
func (r *apiRequest) rectified(x *rating.Rectification) (*web.Reply, error) {
	if err := r.Ratings.Seen(r.Ctx, r.Actor, r.Now, x.ID); err != nil {
		return nil, err
	}
	out, err := r.rectificationsOut(x)
	if err != nil {
		return nil, err
	}
	reply := web.Versioned(out[0], x.Version)
	reply.Made = web.Resource{Kind: "rectification", ID: x.ID}
	return reply, nil
}
