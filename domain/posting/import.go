package posting

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/civil"
	"wangge/domain/ids"
	"wangge/domain/table"
	"wangge/store"
)

// Table is what a file of a street's postings has, a row for each.
var Table = table.Declaration{
	Bytes: 4 << 20, Rows: 5_000,
	Columns: []table.Column{
		{Name: "kind", Also: []string{"任职类别", "类别"}, Needed: true},
		{Name: "area", Also: []string{"区划代码", "社区代码"}, Digits: true},
		{Name: "username", Also: []string{"用户名", "账号"}},
		{Name: "name", Also: []string{"姓名"}},
		{Name: "number", Also: []string{"工号"}, Digits: true},
		{Name: "unit", Also: []string{"部门", "队伍", "科室"}},
		{Name: "from", Also: []string{"开始日期", "起始日期"}},
		{Name: "until", Also: []string{"结束日期", "截止日期"}},
	},
}

const importChunk = 100 // postings in one update

// space is where the ids of imported postings follow from what tells them from others.
const space ids.Space = "5c0f8a1e-7b52-5f7e-8a63-2d1e9b40c7f6"

// Import says how to take a file of postings.
type Import struct {
	table.Options
	Street string // code; a row without an area is of all of it
	DryRun bool
}

// Import takes a street's postings from a file. A row is that of the same
// person, kind, area and first day again: it may say another last day or unit,
// and the same file again changes nothing. Good rows go in, bad ones are
// findings. Errors: ErrForbidden, InvalidError at ?street and for a file that
// cannot be read. What was imported before an error stays: importing again goes on.
func (s *Postings) Import(ctx context.Context, actor access.Actor, now time.Time, file io.Reader, in Import) (*table.Report, error) {
	if !access.KeepsPostings(actor) {
		return nil, domain.ErrForbidden
	}
	street, ok := s.areas.Tree().ByCode(in.Street)
	if !ok || street.Level != access.Street {
		return nil, domain.Invalid("?street", domain.T("没有这个街道", "no such street"))
	}
	t, err := Table.Read(ctx, file, in.Options)
	if err == nil {
		err = t.HeaderErr()
	}
	if err != nil {
		return nil, err
	}
	im := &importing{Postings: s, actor: actor, now: now, street: street, said: map[string][]*row{}}
	report := &table.Report{DryRun: in.DryRun, Encoding: t.Encoding, Rows: t.Count}
	if err := table.Apply(ctx, report, t.Rows, importChunk, s.areas.Refresh, im.chunk); err != nil {
		return nil, err
	}
	report.Findings = append(t.Findings, report.Findings...)
	report.Settle()
	return report, nil
}

// importing is an import under way.
type importing struct {
	*Postings
	actor  access.Actor
	now    time.Time
	street *area.Area
	said   map[string][]*row // good rows by person
}

// row is a good one of the file.
type row struct {
	*Posting
	line int
}

// chunk is what some rows come to.
func (im *importing) chunk(ctx context.Context, lines []table.Row) (*table.Plan, error) {
	p := &table.Plan{}
	rows, err := im.read(ctx, lines, p)
	if err != nil {
		return nil, err
	}
	there, err := im.there(ctx, im.store, rows)
	if err != nil {
		return nil, err
	}
	var write []*row
	for _, r := range rows {
		switch was := there.byID[r.ID]; {
		case there.removed[r.ID]:
			p.Findings = append(p.Findings, table.Warning(r.line, "", "removed", domain.T("该任职已被删除，不会恢复", "this posting was removed, and is not entered again")))
			continue
		case there.clash(r) || im.clash(r):
			p.Findings = append(p.Findings, table.Fault(r.line, "from", "from", twice))
			continue
		case was == nil:
			p.Added++
			write = append(write, r)
		case was.Until == r.Until && was.Unit == r.Unit:
			p.Unchanged++
		default:
			p.Changed++
			write = append(write, r)
		}
		im.said[r.Who] = append(im.said[r.Who], r)
	}
	if len(write) > 0 {
		p.Write = func(ctx context.Context) error { return im.write(ctx, write) }
	}
	return p, nil
}

// clash reports whether another row of the file says the same of a part of the time.
func (im *importing) clash(r *row) bool {
	return slices.ContainsFunc(im.said[r.Who], func(o *row) bool { return o.line != r.line && (o.ID == r.ID || o.clashes(r.Posting)) })
}

// read makes postings of the rows; the other rows are findings of the plan.
func (im *importing) read(ctx context.Context, lines []table.Row, p *table.Plan) (out []*row, err error) {
	var names []string
	for _, l := range lines {
		if name := strings.ToLower(l.Get("username")); name != "" {
			names = append(names, name)
		}
	}
	named, err := im.accounts.Named(ctx, im.store, names)
	if err != nil {
		return nil, err
	}
	for _, l := range lines {
		d, bad := Draft{Name: l.Get("name"), Number: l.Get("number"), Area: l.Get("area"), Kind: kindOf(l.Get("kind")), Unit: l.Get("unit"), From: day(l.Get("from")), Until: day(l.Get("until"))}, &domain.InvalidError{}
		if name := strings.ToLower(l.Get("username")); name != "" {
			if a := named[name]; im.worksThere(a, im.street.ID) {
				d.Account, d.Name, d.Number = a.ID, "", "" // a name beside an account tells people who it is
			} else {
				bad.Add("/username", unknown)
				d.Name = name // that nobody is named is no other fault
			}
		}
		if d.Area == "" {
			d.Area = im.street.Code
		}
		made := im.Postings.read(im.actor, d, bad)
		if made.Place.Street != "" && made.Place.Street != im.street.ID {
			bad.Add("/area", domain.T("不在该街道", "it lies in another street"))
		}
		if len(bad.Fields) > 0 {
			for _, f := range bad.Fields {
				column := strings.TrimPrefix(f.Pointer, "/")
				p.Findings = append(p.Findings, table.Fault(l.Line, column, column, f.Detail))
			}
			continue
		}
		made.ID, made.UpdatedAt = space.Of("posting", made.Who, string(made.Kind), made.Place.Street, made.Place.Community, string(made.From)), im.now
		if err := im.seal(made, d.Name); err != nil {
			return nil, err
		}
		out = append(out, &row{made, l.Line})
	}
	return out, nil
}

// kindOf is a kind by its code or by what people call it.
func kindOf(text string) Kind {
	for _, w := range KindWords.Words {
		if text == w.Text.ZH {
			return Kind(w.Code)
		}
	}
	return Kind(text)
}

// day is a date as tables have it; what is none stays, to be found wrong.
func day(text string) civil.Date {
	if at, err := time.ParseInLocation("2006/1/2", text, civil.Zone); err == nil {
		return civil.DateOf(at)
	}
	return civil.Date(text)
}

// known are the postings of the people of some rows.
type known struct {
	byID    map[string]*Posting
	removed map[string]bool
	all     []*Posting
}

func (k known) clash(r *row) bool { return slices.ContainsFunc(k.all, r.clashes) }

func (im *importing) there(ctx context.Context, r store.Reader, rows []*row) (out known, err error) {
	var who, ids []string
	for _, r := range rows {
		ids = append(ids, r.ID)
		if !slices.Contains(who, r.Who) {
			who = append(who, r.Who)
		}
	}
	out.byID, out.removed = map[string]*Posting{}, map[string]bool{}
	ever, err := postings.GetManyEver(ctx, r, ids)
	if err != nil {
		return out, err
	}
	for id, p := range ever {
		out.removed[id] = p.Deleted
	}
	if len(who) > 0 {
		out.all, err = ofPeople(ctx, r, im.street.ID, who)
	}
	for _, p := range out.all {
		out.byID[p.ID] = p
	}
	return out, err
}

// write writes some rows in one update; table.ErrOvertaken where they do not fit what is there by now.
func (im *importing) write(ctx context.Context, rows []*row) error {
	return im.store.Update(ctx, []string{im.street.ID, area.CityPartition}, func(tx *store.Tx) error {
		there, err := im.there(ctx, tx, rows)
		if err != nil {
			return err
		}
		var ids []string
		for _, r := range rows {
			ids = append(ids, r.Account)
		}
		people, err := account.LoadMany(ctx, tx, slices.DeleteFunc(ids, func(id string) bool { return id == "" }))
		if err != nil {
			return err
		}
		for _, r := range rows {
			if there.removed[r.ID] || there.clash(r) || r.Account != "" && !im.worksThere(people[r.Account], im.street.ID) {
				return table.ErrOvertaken
			}
			if was := there.byID[r.ID]; was != nil {
				was.Until, was.Unit, was.UpdatedAt = r.Until, r.Unit, im.now
				err = postings.Put(tx, was, was.entry(im.actor, im.now, "update"))
			} else {
				fresh := *r.Posting
				err = postings.Insert(tx, &fresh, fresh.entry(im.actor, im.now, "create"))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
