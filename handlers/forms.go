package handlers

import (
	"encoding/json"

	"wangge/domain/form"
	"wangge/handlers/wire"
)

// formOut is one version of a questionnaire.
type formOut struct {
	ID      string            `json:"id"`
	Code    string            `json:"code"`
	Number  int               `json:"number"`
	Newest  bool              `json:"newest"`
	Street  *namedOut         `json:"street"`
	Tag     *string           `json:"tag"`
	Title   textsOut          `json:"title"`
	Schema  json.RawMessage   `json:"schema"`
	Options map[string][]word `json:"options"` // by the name of the question
	At      wire.Time         `json:"at"`
}

func (s *Server) formOut(f *form.Form) (formOut, error) {
	found, err := f.Options()
	if err != nil {
		return formOut{}, err
	}
	options := map[string][]word{}
	for name, of := range found {
		options[name] = optionsOut(of)
	}
	return formOut{f.ID, f.Code, f.Number, f.Newest, s.placeOut(f.Place).Street, optional(f.Tag), textsOut{f.Title.ZH, f.Title.EN}, json.RawMessage(f.Schema), options, wire.Time(f.At)}, nil
}

// optionsOut is null for no choice.
func optionsOut(options []form.Option) []word {
	var out []word
	for _, o := range options {
		out = append(out, word{o.Code, textsOut{o.Label.ZH, o.Label.EN}})
	}
	return out
}

func (s *Server) formsOut(found []*form.Form, next string) (*reply, error) {
	items := make([]formOut, len(found))
	for i, f := range found {
		var err error
		if items[i], err = s.formOut(f); err != nil {
			return nil, err
		}
	}
	return listed(items, next), nil
}

func listForms(r *request) (*reply, error) {
	limit, cursor, err := r.page()
	if err != nil {
		return nil, err
	}
	found, next, err := r.Forms.List(r.ctx, r.actor, r.query.get("street"), r.query.get("tag"), limit, cursor)
	if err != nil {
		return nil, err
	}
	return r.formsOut(found, next)
}

type formIn struct {
	Street string          `json:"street" need:"true"`
	Code   string          `json:"code" need:"true"`
	Tag    string          `json:"tag"`
	Title  textsOut        `json:"title" need:"true"`
	Schema json.RawMessage `json:"schema" need:"true"`
}

func createForm(r *request) (*reply, error) {
	var in formIn
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	return r.formMade(r.Forms.Save(r.ctx, r.actor, r.now, 0, form.Draft{
		Street: in.Street, Code: in.Code, Tag: in.Tag, Title: form.Title{ZH: in.Title.ZH, EN: in.Title.EN}, Schema: string(in.Schema)}))
}

func (r *request) formMade(f *form.Form, err error) (*reply, error) {
	if err != nil {
		return nil, err
	}
	out, err := r.formOut(f)
	if err != nil {
		return nil, err
	}
	return &reply{status: 201, body: out, made: resource{"form", f.ID}}, nil
}

func getForm(r *request) (*reply, error) { return formByID(r, r.c.Params("id")) }

func formByID(r *request, id string) (*reply, error) {
	f, err := r.Forms.Get(r.ctx, r.actor, id)
	if err != nil {
		return nil, err
	}
	out, err := r.formOut(f)
	if err != nil {
		return nil, err
	}
	return ok(out), nil
}

func listFormVersions(r *request) (*reply, error) {
	limit, cursor, err := r.page()
	if err != nil {
		return nil, err
	}
	found, next, err := r.Forms.Versions(r.ctx, r.actor, r.c.Params("id"), limit, cursor)
	if err != nil {
		return nil, err
	}
	return r.formsOut(found, next)
}

type formVersionIn struct {
	Tag    string          `json:"tag"`
	Title  textsOut        `json:"title" need:"true"`
	Schema json.RawMessage `json:"schema" need:"true"`
}

// createFormVersion makes the version after the one in the address.
func createFormVersion(r *request) (*reply, error) {
	var in formVersionIn
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	was, err := r.Forms.Get(r.ctx, r.actor, r.c.Params("id"))
	if err != nil {
		return nil, err
	}
	street := r.placeOut(was.Place).Street
	return r.formMade(r.Forms.Save(r.ctx, r.actor, r.now, was.Number, form.Draft{
		Street: given(street).Code, Code: was.Code, Tag: in.Tag, Title: form.Title{ZH: in.Title.ZH, EN: in.Title.EN}, Schema: string(in.Schema)}))
}
