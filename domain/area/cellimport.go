package area

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/geo"
	"wangge/store"
)

// CellImport says how to take a file of cells.
type CellImport struct {
	DryRun      bool
	Datum       geo.Datum // of the file
	ToleranceM2 float64   // overlaps up to this much are let be; 1 when 0

	// Progress, when not nil, is told how many cells of how many a step is through with.
	Progress func(step Step, done, total int)
}

// Step of an import.
type Step string

// The steps, in their order. An import that others overtake checks and writes again.
const (
	Reading  Step = "reading"
	Checking Step = "checking"
	Writing  Step = "writing"
)

const (
	cellsAtOnce = 500 // more changed cells than this are staged
	cellChunk   = 250 // of staged cells, in one transaction
)

// ImportCells takes a GeoJSON FeatureCollection of cells (see readCells). An
// existing code with another polygon gets a new boundary version, with the
// same one and the same properties it stays as it is; cells that the file
// leaves out stay. The report lists all findings; if one is an error, nothing
// is written and, unless it is a dry run, the error is the InvalidError of
// these. All cells of a file become visible together, however many.
// Errors: ErrForbidden, InvalidError, ErrBusy when others change the same streets all the time.
func (s *Areas) ImportCells(ctx context.Context, actor access.Actor, now time.Time, data []byte, opts CellImport) (Report, error) {
	if !access.ImportsCells(actor) {
		return Report{}, domain.ErrForbidden
	}
	if _, ok := geo.ParseDatum(string(opts.Datum)); !ok {
		return Report{}, domain.Invalid("?datum", domain.T("坐标系应为 wgs84、cgcs2000、gcj02 或 bd09", "the datum is wgs84, cgcs2000, gcj02 or bd09"))
	}
	if opts.ToleranceM2 <= 0 {
		opts.ToleranceM2 = 1
	}
	progress := opts.Progress
	if progress == nil {
		progress = func(Step, int, int) {}
	}
	features, noticed, err := readCells(data, opts.Datum)
	if err != nil {
		return Report{}, err
	}
	progress(Reading, len(features), len(features))
	select { // two at once would only make each other begin anew
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return Report{}, ctx.Err()
	}
	return attempts(ctx, func() (Report, error) {
		if err := s.Refresh(ctx); err != nil {
			return Report{}, err
		}
		plan := &cellPlan{tree: s.Tree(), m: s.Map(), scheme: s.Scheme, actor: actor, features: features}
		plan.report = Report{DryRun: opts.DryRun, Findings: slices.Clone(noticed)}
		if err := plan.decide(opts.ToleranceM2); err != nil {
			return Report{}, err
		}
		progress(Checking, len(features), len(features))
		if err := plan.report.conclude(); err != nil || opts.DryRun {
			return plan.report, err
		}
		if err := s.writeCells(ctx, actor, now, plan, progress); err != nil {
			return plan.report, err
		}
		return plan.report, s.Refresh(ctx)
	})
}

// cellWrite is one plan on its way into the store.
type cellWrite struct {
	*cellPlan
	st    *store.Store
	actor access.Actor
	now   time.Time
	set   string // of a staged import, else ""
	wrote func(Step, int, int)
}

func (s *Areas) writeCells(ctx context.Context, actor access.Actor, now time.Time, p *cellPlan, wrote func(Step, int, int)) error {
	w := &cellWrite{cellPlan: p, st: s.st, actor: actor, now: now, wrote: wrote}
	if len(p.changes) == 0 {
		return nil
	}
	if len(p.changes) <= cellsAtOnce {
		err := w.update(ctx, w.versions, "coverage.grow", p.changes)
		if err == nil {
			wrote(Writing, len(p.changes), len(p.changes))
		}
		return err
	}
	set, err := uuid.NewV7()
	if err != nil {
		return err
	}
	w.set = set.String()
	return w.stage(ctx)
}

// stage takes the streets over at once, writes the cells' new outlines aside,
// chunk by chunk, and puts them all in force by one write of the coverages.
// Whoever changes one of the streets in between, another import that takes
// them over too, makes the next step fail with errMoved; what lies aside then
// never takes effect.
func (w *cellWrite) stage(ctx context.Context) error {
	if err := w.update(ctx, w.versions, "coverage.stage", nil); err != nil {
		return err
	}
	versions := maps.Clone(w.versions)
	for id := range w.touched {
		versions[id]++
	}
	done := 0
	for chunk := range slices.Chunk(w.changes, cellChunk) {
		here := map[string]int64{}
		for _, c := range chunk {
			here[c.place.Street] = versions[c.place.Street]
		}
		if err := w.update(ctx, here, "", chunk); err != nil {
			return err
		}
		done += len(chunk)
		w.wrote(Writing, done, len(w.changes))
	}
	return w.update(ctx, versions, "coverage.flip", nil)
}

// update writes these changes on streets whose coverage is at the versions
// given. With an action, the coverage of those with changes grows.
func (w *cellWrite) update(ctx context.Context, versions map[string]int64, action string, changes []cellChange) error {
	return w.st.Update(ctx, sortedKeys(versions), func(tx *store.Tx) error {
		covers, err := expect(ctx, tx, versions)
		if err != nil {
			return err
		}
		if err := w.put(ctx, tx, covers, changes); err != nil {
			return err
		}
		for _, id := range sortedKeys(covers) {
			if action == "" || !w.touched[id] {
				continue
			}
			if action == "coverage.flip" {
				covers[id].Flipped = append(covers[id].Flipped, w.set)
			}
			if err := grow(tx, covers[id], entry(w.actor, w.now, action, store.Facts{}, store.Facts{})); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *cellWrite) put(ctx context.Context, tx *store.Tx, covers map[string]*Coverage, changes []cellChange) error {
	ids := make([]string, len(changes))
	for i, c := range changes {
		ids[i] = c.place.Cell
	}
	stored, err := Cells.GetMany(ctx, tx, ids)
	if err != nil {
		return err
	}
	for _, change := range changes {
		e := entry(w.actor, w.now, change.action, change.before, store.Facts{State: string(change.outline.Kind), Cell: change.place.Cell})
		e.Dims = map[string]string{"boundary": change.outline.Boundary}
		c := stored[change.place.Cell]
		write := Cells.Put
		if c == nil {
			c, write = &Cell{Code: change.code}, Cells.Insert
			c.ID, c.Partition = change.place.Cell, change.place.Street
		}
		c.settle(covers[c.Partition].Flipped)
		c.Place = change.place
		if w.set == "" {
			c.Outline, c.Staged = change.outline, nil
		} else {
			c.Staged = &Staged{w.set, change.outline}
		}
		if err := write(tx, c, e); err != nil {
			return err
		}
		if change.drawn == nil {
			continue
		}
		b := *change.drawn
		b.ValidFrom, b.Set = w.now, w.set
		if err := boundaries.Insert(tx, &b, entry(w.actor, w.now, "boundary.add", store.Facts{}, store.Facts{Cell: b.Cell})); err != nil {
			return err
		}
	}
	return nil
}
