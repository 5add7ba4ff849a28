package service

import (
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
		decided := c.plan(rows, now, in, report)
		return decided, report.Conclude()
	}
	if in.DryRun {
		_, err := plan(s.known.Load())
		return report, err
	}
	err = s.st.Update(ctx, []string{area.CityPartition}, func(tx *store.Tx) error {
		c, err := s.in(ctx, tx)
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

// plan is what the rows come to.
func (c *catalogue) plan(rows []itemRow, now time.Time, in ItemImport, report *table.Report) (decided []*Item) {
	there := map[string]bool{}
	for _, r := range rows {
		was := c.last(r.code)
		content, bad := r.over(was), &domain.InvalidError{}
		content.Qualification = c.kindNamed(content.Qualification)
		c.check(content, was, bad)
		from := begins(in.From, now, was == nil, bad)
		there[r.code] = true
		for _, f := range bad.Fields {
			field, _, _ := strings.Cut(strings.TrimPrefix(f.Pointer, "/"), "/")
			report.Findings = append(report.Findings, rowFault(r.line, field, f.Detail))
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
		decided = append(decided, following(was, r.code, from, content))
	}
	if !in.Full {
		return decided
	}
	for _, code := range slices.Sorted(maps.Keys(c.items)) {
		if was := c.last(code); !there[code] && !was.Retired {
			content := was.Content
			content.Retired = true
			report.Changed++
			decided = append(decided, following(was, code, begins(in.From, now, false, &domain.InvalidError{}), content))
		}
	}
	return decided
}

// rowFault is what is wrong with a field of a row; the day is no field of it.
func rowFault(line int, field string, detail domain.Text) table.Finding {
	if field == "from" {
		f := table.Fault(0, "", "from", detail)
		f.Pointer = "?from"
		return f
	}
	if column := columnOf[field]; column != "" {
		field = column
	}
	return table.Fault(line, field, field, detail)
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
