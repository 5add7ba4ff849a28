package visit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/place"
	"wangge/store"
)

// WorkKind of a piece of work.
type WorkKind string

const (
	Aid      WorkKind = "aid"      // 帮扶: given to a household
	Activity WorkKind = "activity" // 活动: held for many
)

// Work is aid given or an activity held: it counts as work done.
type Work struct {
	store.Meta `store:",inline"`
	Kind       WorkKind     `store:"kind"`
	Place      access.Place `store:"place"`
	Household  string       `store:"household"` // of aid
	Stop       string       `store:"stop"`      // at which aid was given
	By         string       `store:"by"`
	Title      string       `store:"title"`
	Note       string       `store:"note"`
	People     int          `store:"people"` // who came to an activity
	HeldAt     time.Time    `store:"heldAt"`
}

var works = store.Declare[Work](store.Declaration{
	Name: "works", Schema: 1,
	Indexes: []string{
		"household: household, heldAt",           // what was given at a door
		"stop: stop, heldAt",                     // what a stop left behind
		"cell: place.street, place.cell, heldAt", // lists of cells and communities
		"street: place.street, heldAt",           // lists of streets
	},
	Predicates: []string{"kind", "by", "place.community"},
})

// Works are the use cases on aid and activities.
type Works struct {
	store *store.Store
	areas *area.Areas
}

// NewAid is the input of aid given at a stop.
type NewAid struct {
	ID    string
	Title string
	Note  string
}

func checkAids(bad *domain.InvalidError, aids []NewAid) {
	for i, a := range aids {
		domain.CheckText(bad, fmt.Sprintf("/aids/%d/title", i), a.Title, titleLongest, true)
		domain.CheckText(bad, fmt.Sprintf("/aids/%d/note", i), a.Note, noteLongest, false)
	}
}

func (w *Work) entry(actor access.Actor, now time.Time) store.Entry {
	e := entry(actor, now, "work."+string(w.Kind), store.Facts{}, store.Facts{Cell: w.Place.Cell})
	e.Dims = map[string]string{"community": w.Place.Community, "household": w.Household, "stop": w.Stop, "people": fmt.Sprint(w.People)}
	return e
}

// NewActivity is an activity as it is told.
type NewActivity struct {
	ID     string // a UUID; the same again is the same activity
	Area   string // code of a street, community or cell
	Title  string
	Note   string
	People int
	HeldAt time.Time
}

// Hold records an activity where the actor visits or leads.
// Errors: ErrForbidden, InvalidError, ConflictError "duplicate".
func (s *Works) Hold(ctx context.Context, actor access.Actor, now time.Time, in NewActivity) (*Work, error) {
	if !access.ListsVisits(actor) {
		return nil, domain.ErrForbidden
	}
	bad := &domain.InvalidError{}
	at, ok := place.ByCode(s.areas, in.Area)
	if !ok || !access.MaySeeVisit(actor, access.Visit{Place: at}) {
		bad.Add("/area", domain.T("没有这个街道、社区或网格，或不在您的范围内", "no such street, community or cell of yours"))
	}
	domain.CheckText(bad, "/title", in.Title, titleLongest, true)
	domain.CheckText(bad, "/note", in.Note, noteLongest, false)
	if in.People < 0 || in.People > 1_000_000 {
		bad.Add("/people", domain.T("人数有误", "must be from 0 to 1000000"))
	}
	if in.HeldAt.IsZero() || in.HeldAt.After(now) || now.Sub(in.HeldAt) > 366*24*time.Hour {
		bad.Add("/heldAt", domain.T("时间应为过去一年之内", "must lie within the past year"))
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	var w *Work
	err := s.store.Update(ctx, []string{at.Street}, func(tx *store.Tx) error {
		w = &Work{Meta: store.Meta{ID: in.ID, Partition: at.Street}, Kind: Activity, Place: at, By: actor.Account,
			Title: strings.TrimSpace(in.Title), Note: strings.TrimSpace(in.Note), People: in.People, HeldAt: in.HeldAt.UTC().Truncate(time.Millisecond)}
		was, err := works.Get(ctx, tx, in.ID)
		if err == nil {
			if was.By != w.By || was.Place != w.Place || was.Title != w.Title || was.Note != w.Note || was.People != w.People || !was.HeldAt.Equal(w.HeldAt) {
				return domain.ErrIDInUse
			}
			w = was
			return nil
		}
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		return works.Insert(tx, w, w.entry(actor, now))
	})
	if err != nil {
		return nil, domain.TakenID(err)
	}
	return w, nil
}

// Get returns a piece of work; ErrNotFound when the actor may not see it.
func (s *Works) Get(ctx context.Context, actor access.Actor, id string) (*Work, error) {
	w, err := works.Get(ctx, s.store, id)
	if err == nil && !access.MaySeeVisit(actor, access.Visit{Place: w.Place}) {
		return nil, domain.ErrNotFound
	}
	return w, err
}

// WorkFilter narrows the list of work. Empty fields do not filter.
type WorkFilter struct {
	Kinds      []WorkKind
	Area, Cell string // codes
	By         string
	From, To   time.Time // From <= held < To
	Limit      int
	Cursor     string
}

// List returns a page of the work done where the actor works, newest first,
// and the next page's cursor. Errors: ErrForbidden, InvalidError at ?area and ?cell, store.ErrCursor.
func (s *Works) List(ctx context.Context, actor access.Actor, f WorkFilter) ([]*Work, string, error) {
	if !access.ListsVisits(actor) {
		return nil, "", domain.ErrForbidden
	}
	places, err := place.Reach(s.areas, access.VisitScopes(actor), f.Area, f.Cell)
	if err != nil {
		return nil, "", err
	}
	var more []store.Cond
	if len(f.Kinds) > 0 {
		more = append(more, store.In("kind", f.Kinds...))
	}
	if f.By != "" {
		more = append(more, store.In("by", f.By))
	}
	if !f.From.IsZero() || !f.To.IsZero() {
		more = append(more, store.Within("heldAt", f.From, f.To))
	}
	var qs []store.Query
	for _, l := range place.Levels(places) {
		where := append(slices.Clone(more), store.In("place.street", l.Streets...))
		switch l.Level {
		case access.Cell:
			where = append(where, l.Cond())
		case access.Community: // also what was held there in no cell
			cells := []string{""}
			for _, p := range place.Sets(s.areas, places) {
				cells = append(cells, p.Cells...)
			}
			where = append(where, store.In("place.cell", cells...), store.Filter(l.Cond()))
		}
		qs = append(qs, store.Query{Where: where, Order: []string{"-heldAt"}, Limit: f.Limit, After: f.Cursor})
	}
	return works.Find(ctx, s.store, qs...)
}
