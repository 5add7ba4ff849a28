package area

import (
	"context"
	"io"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/once"
	"wangge/domain/table"
	"wangge/store"
)

// AreaImport says how to take an area file.
type AreaImport struct {
	table.Options
	DryRun  bool
	Edition time.Time // since when it is so; now when zero
	Full    bool      // the file has every area of its cities: end those it leaves out
}

// ImportAreas takes an area file (see AreaTable) into the tree. The report
// lists every bad row; if there is any, nothing is written and, unless it is a
// dry run, the error is the InvalidError of the same findings. The same file
// again changes nothing. A file takes effect as a whole, in one transaction.
// Errors: ErrForbidden, InvalidError, ErrBusy when others import all the time.
func (s *Areas) ImportAreas(ctx context.Context, actor access.Actor, now time.Time, r io.Reader, opts AreaImport) (Report, error) {
	if !access.MayImportAreas(actor) {
		return Report{}, domain.ErrForbidden
	}
	rows, t, err := readAreas(ctx, r, opts.Options)
	if err != nil {
		return Report{}, err
	}
	edition := opts.Edition
	if edition.IsZero() {
		edition = now
	}
	if edition.After(now) {
		t.Findings = append(t.Findings, inQuery("validFrom", "edition", domain.T("生效日期不能晚于今天", "the date is in the future")))
	}
	return retryOvertaken(ctx, func() (Report, error) {
		tree, err := s.loadTree(ctx)
		if err != nil {
			return Report{}, err
		}
		plan := planAreas(tree, rows, edition, opts.Full)
		plan.report.DryRun, plan.report.Encoding, plan.report.Rows = opts.DryRun, t.Encoding, t.Count
		plan.report.Findings = append(slices.Clone(t.Findings), plan.report.Findings...)
		if err := plan.report.conclude(); err != nil || opts.DryRun {
			return plan.report, err
		}
		if err := s.writeAreas(ctx, actor, now, plan); err != nil {
			return plan.report, err
		}
		return plan.report, s.Refresh(ctx)
	})
}

// writeAreas writes the plan, against the tree as it was planned on.
func (s *Areas) writeAreas(ctx context.Context, actor access.Actor, now time.Time, p *areaPlan) error {
	if len(p.changes) == 0 {
		return nil
	}
	return s.st.Update(ctx, []string{CityPartition}, func(tx *store.Tx) error {
		cover, err := loadCoverages(ctx, tx, map[string]int64{CityPartition: p.tree.version})
		if err != nil {
			return err
		}
		if err := putAreas(ctx, tx, actor, now, p.changes); err != nil {
			return err
		}
		cover[CityPartition].Edition = p.edition
		if err := once.Report(ctx, p.report); err != nil {
			return err
		}
		return putCoverage(tx, cover[CityPartition], entry(actor, now, "coverage.grow", store.Facts{}, store.Facts{}))
	})
}

func putAreas(ctx context.Context, tx *store.Tx, actor access.Actor, now time.Time, changes []areaChange) error {
	ids := make([]string, len(changes))
	for i, c := range changes {
		ids[i] = c.area.ID
	}
	stored, err := areas.GetMany(ctx, tx, ids)
	if err != nil {
		return err
	}
	for _, c := range changes {
		a := c.area
		e := entry(actor, now, c.action, c.before, a.facts())
		e.Dims = map[string]string{"code": a.Code}
		if was := stored[a.ID]; was == nil {
			err = areas.Insert(tx, &a, e)
		} else {
			a.Meta = was.Meta
			err = areas.Put(tx, &a, e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
