package handlers

import (
	"strconv"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/civil"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// redrawReport is what a redraw did, or would do.
type redrawReport struct {
	DryRun   bool           `json:"dryRun"`
	Redraws  []string       `json:"redraws"` // ids, one a street
	Cells    redrawCounts   `json:"cells"`
	Moved    map[string]int `json:"moved"` // what lay in the cells, by kind
	Findings []findingOut   `json:"findings"`
}

type redrawCounts struct {
	Added   int `json:"added"`
	Redrawn int `json:"redrawn"`
	Retired int `json:"retired"`
}

// redrawOut is one change of the cells of a street.
type redrawOut struct {
	ID       string          `json:"id"`
	Street   *namedOut       `json:"street"`
	Kind     area.RedrawKind `json:"kind"`
	At       wire.Time       `json:"at"`
	By       *personOut      `json:"by"` // null for the program
	Reason   *string         `json:"reason"`
	Cells    redrawCounts    `json:"cells"`
	Undoes   *string         `json:"undoes"`
	UndoneBy *string         `json:"undoneBy"`
}

type mergeIn struct {
	Cells []string             `json:"cells" need:"true"`
	Into  string               `json:"into" need:"true"`
	Name  web.Nullable[string] `json:"name"`
}

type reasonIn struct {
	Reason string `json:"reason" need:"true" lines:"true"`
}

// redrawOptions reads what all redraws take.
func (r *apiRequest) redrawOptions() (area.RedrawOptions, error) {
	var o area.RedrawOptions
	var err error
	if o.DryRun, err = r.Flag("dryRun"); err != nil {
		return o, err
	}
	if o.Datum, err = r.Datum(); err != nil {
		return o, err
	}
	if o.ToleranceM2, err = r.tolerance(); err != nil {
		return o, err
	}
	switch r.Query.Get("neighbours") {
	case "", "refuse":
	case "trim":
		o.Trim = true
	default:
		return o, web.BadWord("neighbours", neighbourWords)
	}
	return o, nil
}

// tolerance reads how many square metres cells may overlap.
func (r *apiRequest) tolerance() (float64, error) {
	text, given := r.Query.Find("toleranceM2")
	if !given {
		return 1, nil
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || !(x > 0 && x <= 10_000) {
		return 0, web.BadQuery("toleranceM2", "应为 0 到 10000 平方米", "must be above 0 and at most 10000 square metres")
	}
	return x, nil
}

// redrawn answers for a redraw, with all that was found when it was refused.
func (r *apiRequest) redrawn(report area.Report, err error) (*web.Reply, error) {
	if err != nil {
		return nil, refusedFor(err, report.Findings, r.Lang())
	}
	return redrawReported(r, report), nil
}

func redrawReported(r *apiRequest, report area.Report) *web.Reply {
	out := redrawReport{DryRun: report.DryRun, Redraws: report.Redraws, Cells: redrawCounts{report.Added, report.Changed, report.Ended},
		Moved: report.Moved, Findings: findings(report.Findings, r.Lang())}
	if out.Redraws == nil {
		out.Redraws = []string{}
	}
	if out.Moved == nil {
		out.Moved = map[string]int{}
	}
	return &web.Reply{Status: 200, Body: out, Report: report}
}

func putBoundary(r *apiRequest) (*web.Reply, error) {
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	o, err := r.redrawOptions()
	if err != nil {
		return nil, err
	}
	if err := r.checkDrawing("geometry"); err != nil {
		return nil, err
	}
	return r.redrawn(r.Areas.DrawCell(r.Ctx, r.Actor, r.Now, r.Param("code"), version, r.Body, o))
}

func splitCell(r *apiRequest) (*web.Reply, error) {
	version, err := r.IfMatch(false)
	if err != nil {
		return nil, err
	}
	o, err := r.redrawOptions()
	if err != nil {
		return nil, err
	}
	holds := "features"
	if area.IsLine(r.Body) {
		holds = "geometry"
	}
	if err := r.checkDrawing(holds); err != nil {
		return nil, err
	}
	return r.redrawn(r.Areas.SplitCell(r.Ctx, r.Actor, r.Now, r.Param("code"), version, r.Body, o))
}

func mergeCells(r *apiRequest) (*web.Reply, error) {
	o, err := r.redrawOptions()
	if err != nil {
		return nil, err
	}
	var in mergeIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	return r.redrawn(r.Areas.MergeCells(r.Ctx, r.Actor, r.Now, in.Cells, in.Into, given(in.Name.Value), o))
}

func retireCell(r *apiRequest) (*web.Reply, error) {
	version, err := r.IfMatch(false)
	if err != nil {
		return nil, err
	}
	o, err := r.redrawOptions()
	if err != nil {
		return nil, err
	}
	var in reasonIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	return r.redrawn(r.Areas.RetireCell(r.Ctx, r.Actor, r.Now, r.Param("code"), version, in.Reason, o))
}

func undoRedraw(r *apiRequest) (*web.Reply, error) {
	o, err := r.redrawOptions()
	if err != nil {
		return nil, err
	}
	return r.redrawn(r.Areas.UndoRedraw(r.Ctx, r.Actor, r.Now, r.Param("id"), o))
}

func listRedraws(r *apiRequest) (*web.Reply, error) {
	limit, cursor, err := r.Page()
	if err != nil {
		return nil, err
	}
	found, next, err := r.Areas.Redraws(r.Ctx, r.Actor, r.Query.Get("area"), limit, cursor)
	if err != nil {
		return nil, err
	}
	items, err := r.redrawsOut(found)
	if err != nil {
		return nil, err
	}
	return web.Listed(items, next), nil
}

func (r *apiRequest) redrawsOut(redraws []*area.Redraw) ([]redrawOut, error) {
	people := map[string]bool{}
	for _, d := range redraws {
		if d.By != access.Program.Name() {
			people[d.By] = true
		}
	}
	n, err := r.peopleOf(people)
	if err != nil {
		return nil, err
	}
	out := make([]redrawOut, len(redraws))
	for i, d := range redraws {
		out[i] = redrawOut{ID: d.ID, Street: r.placeOut(d.Place).Street, Kind: d.Kind, At: wire.Time(d.At), Reason: optional(d.Reason),
			Cells: redrawCounts{d.Added, d.Changed, d.Retired}, Undoes: optional(d.Undoes), UndoneBy: optional(d.UndoneBy)}
		if p, ok := n.people[d.By]; ok {
			out[i].By = &personOut{ID: p.ID, Name: p.Name}
		}
	}
	return out, nil
}

// dayDrawnOut is a day on which cells were drawn anew.
type dayDrawnOut struct {
	Day     civil.Date   `json:"day"`
	Redraws int          `json:"redraws"`
	Cells   redrawCounts `json:"cells"`
}

type daysDrawnOut struct {
	Days []dayDrawnOut `json:"days"`
}

func listDaysDrawn(r *apiRequest) (*web.Reply, error) {
	days, err := r.Areas.DaysDrawn(r.Ctx, r.Actor, r.Query.Get("area"))
	if err != nil {
		return nil, err
	}
	out := daysDrawnOut{Days: []dayDrawnOut{}}
	for _, d := range days {
		out.Days = append(out.Days, dayDrawnOut{d.Day, d.Redraws, redrawCounts{d.Added, d.Changed, d.Retired}})
	}
	return web.OK(out), nil
}
