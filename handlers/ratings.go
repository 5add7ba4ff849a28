package handlers

import (
	"errors"
	"net/url"
	"regexp"

	"wangge/domain/civil"
	"wangge/domain/rating"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// ratingIn is the body of POST …/rating.
type ratingIn struct {
	ID    string `json:"id"`
	Grade int    `json:"grade" need:"true"`
	Words string `json:"words" lines:"true"`
}

// ownRatingOut is a rating as whose it is sees it.
type ownRatingOut struct {
	About         subjectOut    `json:"about"`
	Number        *string       `json:"number"`
	Title         *string       `json:"title"`
	On            civil.Date    `json:"on"`
	OverAt        wire.Time     `json:"overAt"`
	Until         wire.Time     `json:"until"`
	Open          bool          `json:"open"`
	Grade         *int          `json:"grade"`
	Words         *string       `json:"words"`
	Mine          bool          `json:"mine"`
	RatedAt       *wire.Time    `json:"ratedAt"`
	Rectification *rating.State `json:"rectification"`
	ReopenUntil   *wire.Time    `json:"reopenUntil"`
}

func ownRatingOf(o *rating.Own) ownRatingOut {
	return ownRatingOut{
		About: subjectOut{string(o.About.Kind), o.About.ID}, Number: optional(o.Number), Title: optional(o.Title), On: o.On, OverAt: wire.Time(o.OverAt), Until: wire.Time(o.Until()),
		Open: o.Open, Grade: optional(o.Grade), Words: optional(o.Words), Mine: o.Mine, RatedAt: (*wire.Time)(optional(o.RatedAt)), Rectification: optional(o.Rectification), ReopenUntil: (*wire.Time)(optional(o.ReopenUntil)),
	}
}

// rate answers a rating of what the path names. The same again is the same answer.
func rate(kind rating.Kind) func(*apiRequest) (*web.Reply, error) {
	return func(r *apiRequest) (*web.Reply, error) {
		var in ratingIn
		if err := r.Decode(&in); err != nil {
			return nil, err
		}
		id, err := chosen(in.ID)
		if err != nil {
			return nil, err
		}
		own, err := r.Ratings.Rate(r.Ctx, r.Actor, r.Now, rating.About{Kind: kind, ID: r.Param("id")}, rating.Input{ID: id, Grade: in.Grade, Words: in.Words})
		if rated := (*rating.RatedError)(nil); errors.As(err, &rated) {
			first, failed := ownRating(kind)(r)
			if failed != nil {
				return nil, failed
			}
			return nil, &web.CurrentError{Err: err, Current: first.Body}
		}
		if err != nil {
			return nil, err
		}
		return &web.Reply{Status: 201, Body: ownRatingOf(own), Made: web.Resource{Kind: string(kind) + "-rating", ID: own.ID}}, nil
	}
}

func ownRating(kind rating.Kind) func(*apiRequest) (*web.Reply, error) {
	return func(r *apiRequest) (*web.Reply, error) {
		own, err := r.Ratings.Get(r.Ctx, r.Actor, r.Now, rating.About{Kind: kind, ID: r.Param("id")})
		if err != nil {
			return nil, err
		}
		return web.OK(ownRatingOf(own)), nil
	}
}

func listOwnRatings(r *apiRequest) (*web.Reply, error) {
	f := rating.OwnFilter{}
	var err error
	if f.Limit, f.Cursor, err = r.Page(); err != nil {
		return nil, err
	}
	if f.Open, err = r.OptionalFlag("open"); err != nil {
		return nil, err
	}
	page, next, err := r.Ratings.ListOwn(r.Ctx, r.Actor, r.Now, f)
	if err != nil {
		return nil, err
	}
	return web.Listed(each(page, ownRatingOf), next), nil
}

// ratingOut is something that could be rated as who manages there sees it.
type ratingOut struct {
	About         ratedOut          `json:"about"`
	Place         placeOut          `json:"place"`
	Station       *string           `json:"station"`
	Item          *string           `json:"item"`
	Category      *string           `json:"category"`
	Sensitive     bool              `json:"sensitive"`
	OverAt        wire.Time         `json:"overAt"`
	Grade         *int              `json:"grade"`
	Words         *string           `json:"words"`
	RatedAt       *wire.Time        `json:"ratedAt"`
	Rectification *rectificationRef `json:"rectification"`
	After         *int              `json:"after"`
}

// ratedOut is what is rated; without its id where no more is told than that it is there.
type ratedOut struct {
	Kind rating.Kind `json:"kind"`
	ID   *string     `json:"id"`
}

type rectificationRef struct {
	ID    string       `json:"id"`
	State rating.State `json:"state"`
}

var ratingFilters = []string{"area", "about", "community", "station", "item", "category", "month", "from", "to", "figure"}

var monthForm = regexp.MustCompile(`^\d{4}-(0[1-9]|1[0-2])$`)

func (r *apiRequest) ratingFilter() (f rating.Filter, err error) {
	if f.Kinds, err = oneOf[rating.Kind](r, "about", rating.KindWords); err != nil {
		return f, err
	}
	f.Area, f.Community, f.Station, f.Item, f.Category, f.Month = r.Query.Get("area"), r.Query.Get("community"), r.Query.Get("station"), r.Query.Get("item"), r.Query.Get("category"), r.Query.Get("month")
	if f.Month != "" && !monthForm.MatchString(f.Month) {
		return f, web.BadQuery("month", "应为月份，如 2026-03", "must be a month such as 2026-03")
	}
	if f.From, err = r.Instant("from"); err != nil {
		return f, err
	}
	f.To, err = r.Instant("to")
	return f, err
}

func listRatings(r *apiRequest) (*web.Reply, error) {
	f, err := r.ratingFilter()
	if err != nil {
		return nil, err
	}
	f.Figure = rating.Figure(r.Query.Get("figure"))
	if f.Limit, f.Cursor, err = r.Page(); err != nil {
		return nil, err
	}
	page, next, err := r.Ratings.List(r.Ctx, r.Actor, f)
	if err != nil {
		return nil, err
	}
	return web.Listed(each(page, func(l *rating.Line) ratingOut {
		out := ratingOut{About: ratedOut{Kind: l.About.Kind}, Place: r.placeOut(l.Place), Station: optional(l.Station), Item: optional(l.Item), Category: optional(l.Category), Sensitive: l.Sensitive,
			OverAt: wire.Time(l.OverAt), Grade: optional(l.Grade), Words: optional(l.Words), RatedAt: (*wire.Time)(optional(l.RatedAt)), After: optional(l.After)}
		if l.Shown {
			out.About.ID = &l.About.ID
		}
		if l.Rectification != "" {
			out.Rectification = &rectificationRef{l.ID, l.Rectification}
		}
		return out
	}), next), nil
}

// ratingCountsOut is the figures of what could be rated, group by group.
type ratingCountsOut struct {
	By     *string          `json:"by"`
	Groups []ratingGroupOut `json:"groups"`
}

type ratingGroupOut struct {
	Group   *string                        `json:"group"` // null where nothing is grouped
	Name    *string                        `json:"name"`  // of a community
	Figures map[rating.Figure]ratingFigure `json:"figures"`
}

// ratingFigure is a number and the list whose length it is.
type ratingFigure struct {
	Count int64  `json:"count"`
	Href  string `json:"href"`
}

// groupParameters are the filters that ask for one group, by what is grouped.
var groupParameters = map[string]string{"kind": "about"}

func countRatings(r *apiRequest) (*web.Reply, error) {
	f, err := r.ratingFilter()
	if err != nil {
		return nil, err
	}
	by := r.Query.Get("by")
	if by != "" && !rating.GroupWords.Has(by) {
		return nil, web.BadWord("by", rating.GroupWords)
	}
	counts, err := r.Ratings.Counts(r.Ctx, r.Actor, f, by)
	if err != nil {
		return nil, err
	}
	out := ratingCountsOut{By: optional(by), Groups: []ratingGroupOut{}}
	for _, c := range counts {
		query := url.Values{}
		for _, name := range ratingFilters {
			if text, given := r.Query.Find(name); given {
				query.Set(name, text)
			}
		}
		g := ratingGroupOut{Group: optional(c.Group), Figures: map[rating.Figure]ratingFigure{}}
		if by != "" {
			name, renamed := groupParameters[by]
			if !renamed {
				name = by
			}
			query.Set(name, c.Group)
			if a, ok := r.Areas.Tree().ByCode(c.Group); ok && by == "community" {
				g.Name = &a.Name
			}
		}
		for _, figure := range rating.Figures {
			query.Set("figure", string(figure))
			g.Figures[figure] = ratingFigure{c.Figures[figure], "/v1/ratings?" + query.Encode()}
		}
		out.Groups = append(out.Groups, g)
	}
	return web.OK(out), nil
}
