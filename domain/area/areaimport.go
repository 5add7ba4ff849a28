package area

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

// AreaImport says how to take an area file.
type AreaImport struct {
	DryRun  bool
	Edition time.Time // since when it is so; now when zero
	Full    bool      // the file has every area of its cities: end those it leaves out
}

const (
	areaChunk   = 500 // areas written in one transaction
	importTries = 5   // against imports at the same time
)

// ImportAreas takes an area file (see readAreas) into the tree. The report
// lists every bad row; if there is any, nothing is written and, unless it is a
// dry run, the error is the InvalidError of the same findings. The same file
// again changes nothing. A large file is written in several transactions, what
// lies above first: one that was cut off is completed by importing it again.
// Errors: ErrForbidden, InvalidError, ErrBusy when others import all the time.
func (s *Areas) ImportAreas(ctx context.Context, actor access.Actor, now time.Time, r io.Reader, opts AreaImport) (Report, error) {
	if !access.MayImportAreas(actor) {
		return Report{}, domain.ErrForbidden
	}
	rows, faults, err := readAreas(r)
	if err != nil {
		return Report{}, err
	}
	edition := opts.Edition
	if edition.IsZero() {
		edition = now
	}
	if edition.After(now) {
		faults = append(faults, Finding{Pointer: "?validFrom", Feature: -1, Kind: "edition", Detail: domain.T("生效日期不能晚于今天", "the date is in the future")})
	}
	for range importTries {
		tree, err := s.loadTree(ctx)
		if err != nil {
			return Report{}, err
		}
		plan := planAreas(tree, rows, edition, opts.Full)
		plan.report.DryRun = opts.DryRun
		plan.report.Findings = append(slices.Clone(faults), plan.report.Findings...)
		sortFindings(plan.report.Findings)
		if opts.DryRun {
			return plan.report, nil
		}
		if plan.report.Failed() {
			return plan.report, plan.report.refusal()
		}
		err = s.writeAreas(ctx, actor, now, plan)
		if err == nil {
			err = s.Refresh(ctx)
		}
		if !errors.Is(err, errMoved) {
			return plan.report, err
		}
	}
	return Report{}, domain.ErrBusy
}

// writeAreas writes the plan, chunk by chunk, each against the tree as it was planned on.
func (s *Areas) writeAreas(ctx context.Context, actor access.Actor, now time.Time, p *areaPlan) error {
	version := p.tree.version
	for chunk := range slices.Chunk(p.changes, areaChunk) {
		err := s.st.Update(ctx, []string{CityPartition}, func(tx *store.Tx) error {
			cover, err := expect(ctx, tx, map[string]int64{CityPartition: version})
			if err != nil {
				return err
			}
			if err := putAreas(ctx, tx, actor, now, chunk); err != nil {
				return err
			}
			cover[CityPartition].Edition = p.edition
			return grow(tx, cover[CityPartition], entry(actor, now, "coverage.grow", store.Facts{}, store.Facts{}))
		})
		if err != nil {
			return err
		}
		version++
	}
	return nil
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
