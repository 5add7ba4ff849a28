package handlers

import (
	"encoding/json"

	"wangge/domain/form"
	"wangge/handlers/web"
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

func (s *Server) formsOut(found []*form.Form, next string) (*web.Reply, error) {
	items := make([]formOut, len(found))
	for i, f := range found {
		var err error
		if items[i], err = s.formOut(f); err != nil {
			return nil, err
		}
	}
	return web.Listed(items, next), nil
}

func listForms(r *apiRequest) (*web.Reply, error) {
	limit, cursor, err := r.Page()
	if err != nil {
		return nil, err
	}
	found, next, err := r.Forms.List(r.Ctx, r.Actor, r.Query.Get("street"), r.Query.Get("tag"), limit, cursor)
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

func createForm(r *apiRequest) (*web.Reply, error) {
	var in formIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	return r.formMade(r.Forms.Save(r.Ctx, r.Actor, r.Now, 0, form.Draft{
		Street: in.Street, Code: in.Code, Tag: in.Tag, Title: form.Title{ZH: in.Title.ZH, EN: in.Title.EN}, Schema: string(in.Schema)}))
}

func (r *apiRequest) formMade(f *form.Form, err error) (*web.Reply, error) {
	if err != nil {
		return nil, err
	}
	out, err := r.formOut(f)
	if err != nil {
		return nil, err
	}
	return &web.Reply{Status: 201, Body: out, Made: web.Resource{Kind: "form", ID: f.ID}}, nil
}

func getForm(r *apiRequest) (*web.Reply, error) { return formByID(r, r.Param("id")) }

func formByID(r *apiRequest, id string) (*web.Reply, error) {
	f, err := r.Forms.Get(r.Ctx, r.Actor, id)
	if err != nil {
		return nil, err
	}
	out, err := r.formOut(f)
	if err != nil {
		return nil, err
	}
	return web.OK(out), nil
}

func listFormVersions(r *apiRequest) (*web.Reply, error) {
	limit, cursor, err := r.Page()
	if err != nil {
		return nil, err
	}
	found, next, err := r.Forms.Versions(r.Ctx, r.Actor, r.Param("id"), limit, cursor)
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
func createFormVersion(r *apiRequest) (*web.Reply, error) {
	var in formVersionIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	was, err := r.Forms.Get(r.Ctx, r.Actor, r.Param("id"))
	if err != nil {
		return nil, err
	}
	street := r.placeOut(was.Place).Street
	return r.formMade(r.Forms.Save(r.Ctx, r.Actor, r.Now, was.Number, form.Draft{
		Street: given(street).Code, Code: was.Code, Tag: in.Tag, Title: form.Title{ZH: in.Title.ZH, EN: in.Title.EN}, Schema: string(in.Schema)}))
}
