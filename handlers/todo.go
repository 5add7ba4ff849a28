package handlers

import (
	"context"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/todo"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// todoOut is something that the caller is asked or told; about is null where they may not see that.
type todoOut struct {
	ID     string      `json:"id"`
	Kind   todo.Kind   `json:"kind"`
	Text   string      `json:"text"`
	About  *subjectOut `json:"about"`
	At     wire.Time   `json:"at"`
	Open   bool        `json:"open"`
	DoneAt *wire.Time  `json:"doneAt"`
}

// subjectOut is a thing by its kind and id.
type subjectOut struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

func (r *apiRequest) todoOut(it todo.Shown) todoOut {
	out := todoOut{ID: it.ID, Kind: it.Kind, Text: r.Text(it.Kind.Text()), At: wire.Time(it.At), Open: it.Open, DoneAt: (*wire.Time)(optional(it.DoneAt))}
	if it.Seen {
		out.About = &subjectOut{it.About.Kind, it.About.ID}
	}
	return out
}

func listTodos(r *apiRequest) (*web.Reply, error) {
	f := todo.Filter{}
	var err error
	if f.Limit, f.Cursor, err = r.Page(); err != nil {
		return nil, err
	}
	if r.Query.Get("open") != "" {
		open, err := r.Flag("open")
		if err != nil {
			return nil, err
		}
		f.Open = &open
	}
	page, next, err := r.Todos.List(r.Ctx, r.Actor, r.Now, f)
	if err != nil {
		return nil, err
	}
	items := make([]todoOut, len(page))
	for i, it := range page {
		items[i] = r.todoOut(it)
	}
	return web.Listed(items, next), nil
}

func finishTodo(r *apiRequest) (*web.Reply, error) {
	it, err := r.Todos.Finish(r.Ctx, r.Actor, r.Now, r.Param("id"))
	if err != nil {
		return nil, err
	}
	return web.OK(r.todoOut(*it)), nil
}

func todoByID(r *apiRequest, id string) (*web.Reply, error) {
	it, err := r.Todos.Get(r.Ctx, r.Actor, r.Now, id)
	if err != nil {
		return nil, err
	}
	return web.OK(r.todoOut(*it)), nil
}

// sights are who may see what an item is about, by its kind.
func (d *Deps) sights() map[string]todo.Sight {
	return map[string]todo.Sight{
		"station": todo.Each(func(ctx context.Context, actor access.Actor, now time.Time, id string) error {
			v, err := d.Stations.Get(ctx, actor, now, id)
			if err == nil && !v.Whole {
				err = domain.ErrForbidden
			}
			return err
		}),
		"intake-case": todo.Each(func(ctx context.Context, actor access.Actor, _ time.Time, id string) error {
			_, _, err := d.Cases.Get(ctx, actor, id)
			return err
		}),
		"ticket": todo.Each(func(ctx context.Context, actor access.Actor, _ time.Time, id string) error {
			_, _, err := d.Tickets.Get(ctx, actor, id)
			return err
		}),
		"visit": todo.Each(func(ctx context.Context, actor access.Actor, _ time.Time, id string) error {
			_, err := d.Visits.Get(ctx, actor, id)
			return err
		}),
		"stop": todo.Each(func(ctx context.Context, actor access.Actor, _ time.Time, id string) error {
			_, err := d.Stops.Get(ctx, actor, id)
			return err
		}),
		"qualification": todo.Each(func(ctx context.Context, actor access.Actor, _ time.Time, id string) error {
			_, err := d.Qualifications.Get(ctx, actor, id)
			return err
		}),
	}
}
