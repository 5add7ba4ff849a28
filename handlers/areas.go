package handlers

import (
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// areaOut is a node of the tree; other areas are named by code.
type areaOut struct {
	Code      string       `json:"code"`
	Name      string       `json:"name"`
	Level     access.Level `json:"level"`
	Parent    *string      `json:"parent"`
	ValidFrom wire.Time    `json:"validFrom"`
	ValidTo   *wire.Time   `json:"validTo"`
	Successor *string      `json:"successor"`
}

// areaImportOut is the report of an import.
type areaImportOut struct {
	tableOut
	Added     int `json:"added"`
	Changed   int `json:"changed"`
	Ended     int `json:"ended"`
	Unchanged int `json:"unchanged"`
}

func (s *Server) areaOut(a *area.Area) areaOut {
	code := func(id string) *string {
		if b, ok := s.Areas.Tree().ByID(id); ok {
			return &b.Code
		}
		return nil
	}
	return areaOut{a.Code, a.Name, a.Level, code(a.Parent), wire.Time(a.ValidFrom), (*wire.Time)(optional(a.ValidTo)), code(a.Successor)}
}

func listAreas(r *apiRequest) (*web.Reply, error) {
	limit, cursor, err := r.Page()
	if err != nil {
		return nil, err
	}
	found, next, err := r.Areas.List(area.AreaQuery{
		Parent: r.Query.Get("parent"), Level: access.Level(r.Query.Get("level")), Text: r.Query.Get("q"), Limit: limit, Cursor: cursor,
	})
	if err != nil {
		return nil, err
	}
	items := make([]areaOut, len(found))
	for i, a := range found {
		items[i] = r.areaOut(a)
	}
	return web.Listed(items, next), nil
}

func getArea(r *apiRequest) (*web.Reply, error) {
	a, err := r.Areas.Area(r.Param("code"))
	if err != nil {
		return nil, err
	}
	return web.OK(r.areaOut(a)), nil
}

func importAreas(r *apiRequest) (*web.Reply, error) {
	file, dry, opts, err := r.table(&area.AreaTable)
	if err != nil {
		return nil, err
	}
	full, err := r.Flag("full")
	if err != nil {
		return nil, err
	}
	edition, err := r.Instant("validFrom")
	if err != nil {
		return nil, err
	}
	report, err := r.Areas.ImportAreas(r.Ctx, r.Actor, r.Now, file, area.AreaImport{Options: opts, DryRun: dry, Edition: edition, Full: full})
	if err != nil {
		return nil, refusedFor(err, report.Findings, r.Lang())
	}
	return areasImported(r, report), nil
}

func areasImported(r *apiRequest, report area.Report) *web.Reply {
	out := areaImportOut{tableReport(report.Report, r.Lang()), report.Added, report.Changed, report.Ended, report.Unchanged}
	for i, f := range report.Findings {
		out.Findings[i].Field = &f.Column
	}
	return &web.Reply{Status: 200, Body: out, Report: report}
}
