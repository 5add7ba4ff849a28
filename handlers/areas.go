package handlers

import (
	"bytes"
	"strings"

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
	DryRun    bool          `json:"dryRun"`
	Added     int           `json:"added"`
	Changed   int           `json:"changed"`
	Ended     int           `json:"ended"`
	Unchanged int           `json:"unchanged"`
	Findings  []areaFinding `json:"findings"`
}

type areaFinding struct {
	Line   int    `json:"line"`
	Field  string `json:"field"`
	Detail string `json:"detail"`
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

func listAreas(r *request) (*web.Reply, error) {
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

func getArea(r *request) (*web.Reply, error) {
	a, err := r.Areas.Area(r.Param("code"))
	if err != nil {
		return nil, err
	}
	return web.OK(r.areaOut(a)), nil
}

func importAreas(r *request) (*web.Reply, error) {
	dry, err := r.Flag("dryRun")
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
	report, err := r.Areas.ImportAreas(r.Ctx, r.Actor, r.Now, bytes.NewReader(r.Body), area.AreaImport{DryRun: dry, Edition: edition, Full: full})
	if err != nil {
		return nil, err
	}
	return areasImported(r, report), nil
}

func areasImported(r *request, report area.Report) *web.Reply {
	out := areaImportOut{report.DryRun, report.Added, report.Changed, report.Ended, report.Unchanged, []areaFinding{}}
	for _, f := range report.Findings {
		out.Findings = append(out.Findings, areaFinding{f.Line, f.Pointer[strings.LastIndexByte(f.Pointer, '/')+1:], r.Text(f.Detail)})
	}
	return &web.Reply{Status: 200, Body: out, Report: report}
}
