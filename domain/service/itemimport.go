package service

import (
	"cmp"
	"context"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/civil"
	"wangge/domain/once"
	"wangge/domain/table"
	"wangge/store"
)

// ItemImport says how to take a file of service items.
type ItemImport struct {
	table.Options
	DryRun bool
	From   civil.Date // day from which on it is so; "": today
	Full   bool       // the file has the whole catalogue: retire what it leaves out
}

// Import decides every item of a file (see ItemTable) that is not so already.
// The report lists every bad row; if there is any, nothing is written and,
// unless it is a dry run, the error is the InvalidError of the same findings.
// The same file again changes nothing.
// Errors: ErrForbidden, InvalidError, ErrBusy.
func (s *Items) Import(ctx context.Context, actor access.Actor, now time.Time, file io.Reader, in ItemImport) (*table.Report, error) {
	if !access.MaySetServiceItems(actor) {
		return nil, domain.ErrForbidden
	}
	rows, t, err := readItems(ctx, file, in.Options)
	if err == nil {
		err = t.HeaderErr()
	}
	if err != nil {
		return nil, err
	}
	var report *table.Report
	plan := func(c *catalogue) ([]*Item, error) {
		report = &table.Report{DryRun: in.DryRun, Encoding: t.Encoding, Rows: t.Count, Findings: slices.Clone(t.Findings)}
		decided, err := c.plan(rows, now, in, report)
		if err != nil {
			report = nil
			return nil, err
		}
		return decided, report.Conclude()
	}
	if in.DryRun {
		_, err := plan(s.known.Now())
		return report, err
	}
	err = s.st.Update(ctx, []string{area.CityPartition}, func(tx *store.Tx) error {
		c, err := s.known.In(ctx, tx)
		if err != nil {
			return err
		}
		decided, err := plan(c)
		if err != nil || len(decided) == 0 {
			return err
		}
		if err := once.Report(ctx, *report); err != nil {
			return err
		}
		return s.save(ctx, tx, actor, now, decided...)
	})
	if err != nil {
		return report, err
	}
	return report, s.Refresh(ctx)
}

// plan is what the rows come to; InvalidError at ?from for a day from which none of it can be.
func (c *catalogue) plan(rows []itemRow, now time.Time, in ItemImport, report *table.Report) (decided []*Item, err error) {
	there, early := map[string]bool{}, &domain.InvalidError{}
	for _, r := range rows {
		was := c.last(r.code)
		content, bad := r.over(was), &domain.InvalidError{}
		content.Qualification = c.kindNamed(content.Qualification)
		c.check(content, was, bad)
		there[r.code] = true
		for _, f := range bad.Fields {
			field, _, _ := strings.Cut(strings.TrimPrefix(f.Pointer, "/"), "/")
			column := cmp.Or(columnOf[field], field)
			report.Findings = append(report.Findings, table.Fault(r.line, column, column, f.Detail))
		}
		switch {
		case was == nil:
			report.Added++
		case once.Alike(was.Content, content):
			report.Unchanged++
			continue
		default:
			report.Changed++
		}
		decided = append(decided, following(was, r.code, begins(in.From, now, was == nil, early), content))
	}
	for _, code := range slices.Sorted(maps.Keys(c.items)) {
		if was := c.last(code); in.Full && !there[code] && !was.Retired {
			content := was.Content
			content.Retired = true
			report.Changed++
			decided = append(decided, following(was, code, begins(in.From, now, false, early), content))
		}
	}
	if len(early.Fields) > 0 {
		err = domain.Invalid("?from", early.Fields[0].Detail)
	}
	return decided, err
}

// kindNamed is the code of a kind of qualification that is given by its code or its name.
func (c *catalogue) kindNamed(text string) string {
	for _, k := range c.listed() {
		if text == k.Name.ZH || strings.EqualFold(text, k.Name.EN) {
			return k.Code
		}
	}
	return text
}
