package handlers

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/policy"
	"wangge/domain/ticket"
	"wangge/handlers/sheets"
	"wangge/handlers/web"
)

// ledgerFormats are the forms in which a ledger can be had.
var ledgerFormats = domain.NewEnum("LedgerFormat", domain.W("xlsx", "Excel 工作簿", "a workbook"), domain.W("csv", "CSV 文本", "CSV"))

// ledgerColumns are those of a ticket's row.
var ledgerColumns = []sheets.Column{
	{Name: "受理编号", Width: 24}, {Name: "社区", Width: 18}, {Name: "网格", Width: 18}, {Name: "网格编码", Width: 18}, {Name: "处置单位", Width: 22}, {Name: "承办人", Width: 12},
	{Name: "类别", Width: 14}, {Name: "标题", Width: 40}, {Name: "地址", Width: 36}, {Name: "来源", Width: 10}, {Name: "紧急程度", Width: 10}, {Name: "状态", Width: 12},
	{Name: "上报时间", Width: 17}, {Name: "办理期限", Width: 17}, {Name: "结案时间", Width: 17}, {Name: "当日受理", Width: 10}, {Name: "当日到期", Width: 10}, {Name: "超期", Width: 8}, {Name: "超期小时", Width: 10},
	{Name: "上报人", Width: 10}, {Name: "电话", Width: 14},
}

// unitColumns are those of the sheet of units.
var unitColumns = []sheets.Column{{Name: "统计口径", Width: 12}, {Name: "名称", Width: 26}, {Name: "编码", Width: 18}, {Name: "当日受理", Width: 10}, {Name: "当日到期", Width: 10}, {Name: "超期", Width: 8}}

func getLedger(r *apiRequest) (*web.Reply, error) {
	on, err := r.day("date")
	if err != nil {
		return nil, err
	}
	on = cmp.Or(on, civil.DateOf(r.Now))
	format := "xlsx"
	if text, given := r.Query.Find("format"); given {
		if format = text; !ledgerFormats.Has(format) {
			return nil, web.BadWord("format", ledgerFormats)
		}
	}
	area := r.Query.Get("area")
	if err := r.Tickets.CheckLedger(r.Actor, r.Now, area, on); err != nil {
		return nil, err
	}
	r.SetHeader("Content-Disposition", `attachment; filename="tickets-`+string(on)+`.`+format+`"`)
	l := &ledger{Server: r.Server, actor: r.Actor, now: r.Now, area: area, on: on, units: map[unit]*[3]int{}}
	out := &web.Reply{Status: 200, ContentType: web.XLSX, Stream: l.workbook}
	if format == "csv" {
		out.ContentType, out.Stream = web.CSV+"; charset=utf-8", l.csv
	}
	return out, nil
}

// ledger is what is written of a day. It outlives its request.
type ledger struct {
	*Server
	actor access.Actor
	now   time.Time
	area  string // code
	on    civil.Date
	units map[unit]*[3]int // received, due, overdue
}

// unit is what tickets are counted by: a community, a cell, an organisation.
type unit struct{ kind, id, name, code string }

func (l *ledger) csv(ctx context.Context, w *web.Writer) error {
	return sheets.WriteCSV(w, l.tickets(ctx))
}

func (l *ledger) workbook(ctx context.Context, w *web.Writer) error {
	return sheets.WriteXLSX(io.Writer(w), l.tickets(ctx), sheets.Sheet{Name: "汇总", Columns: unitColumns, Rows: l.counted})
}

// tickets is the sheet of a row for each ticket, whose rows are counted as they come.
func (l *ledger) tickets(ctx context.Context) sheets.Sheet {
	r := &apiRequest{&web.Request{Ctx: ctx, Now: l.now, Actor: l.actor}, l.Server}
	categories := l.Tickets.Categories(l.now)
	return sheets.Sheet{Name: "台账", Columns: ledgerColumns, Rows: func(add func(...any) error) error {
		return l.Tickets.Ledger(ctx, l.actor, l.now, l.area, l.on, func(page []ticket.Entered) error {
			all := make([]*ticket.Ticket, len(page))
			for i, e := range page {
				all[i] = e.Ticket
			}
			n, err := r.namesOf(all)
			if err != nil {
				return err
			}
			for _, e := range page {
				if err := add(l.row(r, e, n, categories)...); err != nil {
					return err
				}
			}
			return nil
		})
	}}
}

func (l *ledger) row(r *apiRequest, e ticket.Entered, n names, categories domain.Enum) []any {
	place := r.placeOut(e.Place)
	community, cell, organisation := unit{kind: "社区", id: e.Place.Community}, unit{kind: "网格", id: e.Place.Cell}, unit{kind: "处置单位"}
	if p := place.Community; p != nil {
		community.name, community.code = p.Name, p.Code
	}
	if p := place.Cell; p != nil {
		cell.name, cell.code = p.Name, p.Code
	}
	var person, reporter, phone string
	if e.Assignee.Kind == access.Organisation {
		organisation.id, organisation.name = e.Assignee.ID, n.orgs[e.Assignee.ID]
	} else if p, known := n.people[e.Assignee.ID]; known {
		person = p.Name
	}
	if p := n.reporter(e.Ticket); p != nil {
		reporter, phone = p.Name, p.Phone
	}
	if e.Anonymous {
		reporter, phone = "匿名", ""
	}
	for _, u := range []unit{community, cell, organisation} {
		l.count(u, e)
	}
	var late any
	if e.Overdue {
		late = float64(min(l.now.Sub(e.DueAt), l.on.Add(1).Start().Sub(e.DueAt)).Round(6*time.Minute)) / float64(time.Hour)
	}
	return []any{
		e.Number, community.name, cell.name, cell.code, organisation.name, person,
		categories.Text(e.Category).ZH, e.Title, e.Address, ticket.SourceWords.Text(string(e.Source)).ZH, policy.UrgencyWords.Text(string(e.Urgency)).ZH, ticket.StateWords.Text(string(e.State)).ZH,
		e.CreatedAt.In(civil.Zone), inZone(e.DueAt), inZone(e.EndedAt()), yes(e.Received), yes(e.Due), yes(e.Overdue), late,
		reporter, phone,
	}
}

// inZone is a time as it is shown; zero of none.
func inZone(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(civil.Zone)
}

// yes counts in a spreadsheet's sums.
func yes(is bool) int {
	if is {
		return 1
	}
	return 0
}

func (l *ledger) count(u unit, e ticket.Entered) {
	if u.name == "" {
		u.name = "（无）"
	}
	if l.units[u] == nil {
		l.units[u] = &[3]int{}
	}
	for i, is := range []bool{e.Received, e.Due, e.Overdue} {
		l.units[u][i] += yes(is)
	}
}

// counted are the rows of the units, known once those of the tickets are written.
func (l *ledger) counted(add func(...any) error) error {
	all := make([]unit, 0, len(l.units))
	for u := range l.units {
		all = append(all, u)
	}
	kinds := []string{"社区", "网格", "处置单位"}
	slices.SortFunc(all, func(a, b unit) int {
		return cmp.Or(slices.Index(kinds, a.kind)-slices.Index(kinds, b.kind), strings.Compare(a.code, b.code), strings.Compare(a.name, b.name), strings.Compare(a.id, b.id))
	})
	for _, u := range all {
		n := l.units[u]
		if err := add(u.kind, u.name, u.code, n[0], n[1], n[2]); err != nil {
			return err
		}
	}
	return nil
}
