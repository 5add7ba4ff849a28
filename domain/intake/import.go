package intake

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/once"
	"wangge/domain/table"
	"wangge/store"
)

// Table is what a file of a platform's cases has, a row for each.
var Table = table.Declaration{
	Bytes: 16 << 20, Rows: 20_000,
	Columns: []table.Column{
		{Name: "number", Also: []string{"受理编号", "办件编号", "编号"}, Needed: true, Digits: true},
		{Name: "item", Also: []string{"事项编码", "事项代码"}, Needed: true, Digits: true},
		{Name: "state", Also: []string{"状态", "办件状态"}, Needed: true},
		{Name: "changed_at", Also: []string{"更新时间", "变动时间"}, Needed: true},
		{Name: "opened_at", Also: []string{"收件时间", "申请时间"}, Needed: true},
		{Name: "community", Also: []string{"社区代码"}, Needed: true, Digits: true},
		{Name: "version", Also: []string{"版本", "版本号"}},
		{Name: "accepted_at", Also: []string{"受理时间"}},
		{Name: "closed_at", Also: []string{"办结时间"}},
		{Name: "promised_on", Also: []string{"承诺办结日期", "承诺日期"}},
		{Name: "station", Also: []string{"服务站"}},
		{Name: "address", Also: []string{"地址"}},
		{Name: "name", Also: []string{"申请人", "申请人姓名", "姓名"}},
		{Name: "phone", Also: []string{"联系电话", "手机号", "电话"}, Digits: true},
		{Name: "id_number", Also: []string{"身份证号", "证件号码"}, Digits: true},
		{Name: "reason", Also: []string{"原因"}},
		{Name: "missing", Also: []string{"所缺材料"}},
	},
}

// columnOf is the column that a field of an upsert comes from.
var columnOf = map[string]string{"changedAt": "changed_at", "openedAt": "opened_at", "acceptedAt": "accepted_at", "closedAt": "closed_at", "promisedOn": "promised_on"}

const importChunk = 100 // cases in one update

// Import says how to take a file of a platform's cases.
type Import struct {
	table.Options
	System string
	DryRun bool
}

// Import takes a platform's cases from a file, by the same rules as Upsert: the
// newer word wins, and the same file again changes nothing. Good rows go in,
// bad ones are findings; of several rows of a case the newest counts.
// Errors: ErrForbidden, ErrNotFound for a platform that there is not,
// InvalidError for a file that cannot be read at all. What was imported before
// an error stays: importing again goes on.
func (s *Cases) Import(ctx context.Context, actor access.Actor, now time.Time, file io.Reader, in Import) (*table.Report, error) {
	if !access.ImportsCases(actor) {
		return nil, domain.ErrForbidden
	}
	system, err := systems.Get(ctx, s.store, in.System)
	if err != nil {
		return nil, err
	}
	t, err := Table.Read(ctx, file, in.Options)
	if err == nil {
		err = t.HeaderErr()
	}
	if err != nil {
		return nil, err
	}
	im := &importing{Cases: s, actor: actor, system: system, report: &table.Report{DryRun: in.DryRun, Encoding: t.Encoding, Rows: t.Count}}
	rows, err := im.read(t, now)
	if err != nil {
		return nil, err
	}
	findings := append(t.Findings, im.report.Findings...)
	im.report.Findings = nil
	if err := table.Apply(ctx, im.report, rows, importChunk, s.refresh, im.chunk); err != nil {
		return nil, err
	}
	im.report.Findings = append(findings, im.report.Findings...)
	im.report.Settle()
	return im.report, nil
}

// refresh brings up what chunks are planned on.
func (s *Cases) refresh(ctx context.Context) error {
	return errors.Join(s.areas.Refresh(ctx), s.items.Refresh(ctx), s.calendars.Refresh(ctx))
}

// importing is an import under way.
type importing struct {
	*Cases
	actor  access.Actor
	system *System
	report *table.Report
}

// row is a good one of the file.
type row struct {
	line int
	said *saying
}

// read makes sayings of the rows, the newest of each case.
func (im *importing) read(t *table.Table, now time.Time) ([]row, error) {
	may := func(p access.Place) bool { return access.MayImportCases(im.actor, p) }
	newest := map[Key]row{}
	for _, r := range t.Rows {
		key := Key{im.system.ID, r.Get("number")}
		said, err := im.prepareSaying(now, key, upsertOf(r), may)
		if wrong := (*domain.InvalidError)(nil); errors.As(err, &wrong) {
			im.faults(r.Line, wrong)
			continue
		}
		if err != nil {
			return nil, err
		}
		key = said.key
		was, twice := newest[key]
		if twice && said.clashes(was.said) {
			im.report.Findings = append(im.report.Findings, table.Fault(r.Line, "number", errSameVersion.Code, errSameVersion.Detail))
			continue
		}
		if twice && !laterOf(said, was.said) {
			im.report.Findings = append(im.report.Findings, table.Warning(r.Line, "number", "repeated", domain.Textf("与第%d行为同一件，以较新的为准", "the same case as in line %d: the newer counts", was.line)))
			continue
		}
		if twice {
			im.report.Findings = append(im.report.Findings, table.Warning(was.line, "number", "repeated", domain.Textf("与第%d行为同一件，以较新的为准", "the same case as in line %d: the newer counts", r.Line)))
		}
		newest[key] = row{r.Line, said}
	}
	return slices.SortedFunc(maps.Values(newest), func(a, b row) int { return a.line - b.line }), nil
}

// laterOf orders two words of a file as newerThan orders them with what is stored.
func laterOf(a, b *saying) bool {
	if a.Version != nil && b.Version != nil {
		return *a.Version > *b.Version
	}
	return a.ChangedAt.After(b.ChangedAt)
}

// clashes reports whether two words of a case are neither the later and not the same.
func (said *saying) clashes(other *saying) bool {
	return !laterOf(said, other) && !laterOf(other, said) && !once.Same(said.sent, other.sent)
}

func (im *importing) faults(line int, wrong *domain.InvalidError) {
	im.report.Findings = append(im.report.Findings, faultsOf(line, wrong)...)
}

// faultsOf are the faults of a row's fields.
func faultsOf(line int, wrong *domain.InvalidError) (out []table.Finding) {
	for _, f := range wrong.Fields {
		field, rest, _ := strings.Cut(strings.TrimPrefix(f.Pointer, "/"), "/")
		if field == "applicant" {
			field = map[string]string{"name": "name", "phone": "phone", "idNumber": "id_number"}[rest]
		}
		if column := columnOf[field]; column != "" {
			field = column
		}
		out = append(out, table.Fault(line, field, field, f.Detail))
	}
	return out
}

// upsertOf is what a row says; what cannot be read is in Wrong.
func upsertOf(r table.Row) Upsert {
	out := Upsert{
		Item: r.Get("item"), State: r.Get("state"), Community: r.Get("community"), Station: r.Get("station"), Address: r.Get("address"), Reason: r.Get("reason"),
		Applicant: ApplicantInput{r.Get("name"), r.Get("phone"), r.Get("id_number")},
	}
	bad := &out.Wrong
	for _, f := range []struct {
		column, pointer string
		to              *time.Time
	}{{"changed_at", "/changedAt", &out.ChangedAt}, {"opened_at", "/openedAt", &out.OpenedAt}, {"accepted_at", "/acceptedAt", &out.AcceptedAt}, {"closed_at", "/closedAt", &out.ClosedAt}} {
		text := r.Get(f.column)
		at, ok := moment(text)
		if text != "" && !ok {
			bad.Add(f.pointer, domain.T("应为时间，如 2026-03-05 09:30", "must be a time such as 2026-03-05 09:30"))
			at = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // it is not missing too
		}
		*f.to = at
	}
	if text := r.Get("promised_on"); text != "" {
		day, ok := civil.ParseDate(text)
		if out.Promised = day; !ok {
			bad.Add("/promisedOn", domain.T("应为日期，如 2026-03-05", "must be a date such as 2026-03-05"))
		}
	}
	if text := r.Get("version"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if out.Version = &n; err != nil {
			bad.Add("/version", domain.T("应为整数", "must be a whole number"))
		}
	}
	for _, m := range strings.FieldsFunc(r.Get("missing"), func(c rune) bool { return c == '；' || c == ';' || c == '、' }) {
		if m = strings.TrimSpace(m); m != "" {
			out.Missing = append(out.Missing, m)
		}
	}
	return out
}

// moment reads a time as tables have it: with a zone, or of the city.
func moment(text string) (time.Time, bool) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.UTC().Truncate(time.Millisecond), true
	}
	for _, form := range []string{"2006-01-02T15:04:05", time.DateTime, "2006-01-02 15:04", "2006/1/2 15:04:05", "2006/1/2 15:04", time.DateOnly, "2006/1/2"} {
		if at, err := time.ParseInLocation(form, text, civil.Zone); err == nil {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}

// chunk is what some rows come to.
func (im *importing) chunk(ctx context.Context, rows []row) (*table.Plan, error) {
	var ids, partitions []string
	for _, r := range rows {
		ids, partitions = append(ids, r.said.key.ID()), append(partitions, r.said.at.Street)
	}
	known, err := collection.GetMany(ctx, im.store, ids)
	if err != nil {
		return nil, err
	}
	var aliased []string
	for _, c := range known {
		if c.Is != "" {
			aliased = append(aliased, c.Is)
		}
	}
	behind, err := collection.GetMany(ctx, im.store, aliased)
	if err != nil {
		return nil, err
	}
	p, good := &table.Plan{}, []row(nil)
	for _, r := range rows {
		c := known[r.said.key.ID()]
		if c != nil && c.Is != "" {
			c = behind[c.Is]
		}
		before := p.Added + p.Changed
		found, err := im.weigh(ctx, p, r, c)
		if err != nil {
			return nil, err
		}
		if p.Findings = append(p.Findings, found...); p.Added+p.Changed > before {
			good = append(good, r)
		}
		if c != nil {
			partitions = append(partitions, c.Partition)
		}
	}
	slices.Sort(partitions)
	if len(good) > 0 {
		p.Write = func(ctx context.Context) error { return im.write(ctx, slices.Compact(partitions), good) }
	}
	return p, nil
}

// weigh counts what a row comes to, or tells what is in its way. A word that is older than what is stored is passed over.
func (im *importing) weigh(ctx context.Context, p *table.Plan, r row, c *Case) ([]table.Finding, error) {
	item, err := im.item(ctx, im.store, r.said.Item, r.said.OpenedAt, r.said.now)
	newer := true
	if err == nil && c != nil {
		if !r.said.may(c.Place) {
			err = domain.Invalid("/community", domain.T("社区不在您的授权范围内", "the community is outside what you are granted"))
		} else {
			newer, err = r.said.newerThan(c)
		}
		if err == nil && newer {
			err = opened(im.actor, c, item)
		}
	}
	if err == nil {
		was := ""
		if c != nil {
			was = c.Station
		}
		err = stationThere(ctx, im.store, r.said.Station, was)
	}
	if wrong := (*domain.InvalidError)(nil); errors.As(err, &wrong) {
		return faultsOf(r.line, wrong), nil
	}
	if clash := (*domain.ConflictError)(nil); errors.As(err, &clash) {
		return []table.Finding{table.Fault(r.line, "", clash.Code, clash.Detail)}, nil
	}
	if err != nil {
		return nil, err
	}
	switch {
	case c == nil:
		p.Added++
	case newer:
		p.Changed++
	default:
		p.Unchanged++
	}
	if c != nil && !newer && c.Sent != r.said.sent {
		return []table.Finding{table.Warning(r.line, "", "older", domain.T("系统中已有更新的内容，未更新", "what is stored is newer: passed over"))}, nil
	}
	return nil, nil
}

// write tells the rows in one update.
func (im *importing) write(ctx context.Context, partitions []string, rows []row) error {
	return im.store.Update(ctx, partitions, func(tx *store.Tx) error {
		system, err := systems.Get(ctx, tx, im.system.ID)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if _, _, err := im.tell(ctx, tx, im.actor, system, r.said); err != nil {
				return overtaken(err)
			}
		}
		return nil
	})
}

// overtaken: what the domain refuses now was otherwise when it was planned.
func overtaken(err error) error {
	var wrong *domain.InvalidError
	var clash *domain.ConflictError
	if errors.Is(err, errElsewhere) || errors.As(err, &wrong) || errors.As(err, &clash) {
		return table.ErrOvertaken
	}
	return err
}
