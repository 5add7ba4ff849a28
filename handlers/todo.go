package handlers

import (
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
	if f.Open, err = r.OptionalFlag("open"); err != nil {
		return nil, err
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
