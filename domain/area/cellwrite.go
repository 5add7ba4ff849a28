package area

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"wangge/domain/once"
	"wangge/domain/table"
	"wangge/store"
)

const (
	cellsAtOnce = 500 // more changed cells than this are staged
	cellChunk   = 250 // of staged cells, in one transaction
)

// redrawing is one plan on its way into the store.
type redrawing struct {
	*cellPlan
	st     *store.Store
	now    time.Time
	moves  Moves
	staged bool
	moved  Moved
	wrote  table.Progress
}

// carryOut concludes the report of a plan and, unless it is a dry run, writes
// what it changes, with all that moves along.
func (s *Areas) carryOut(ctx context.Context, p *cellPlan, now time.Time, wrote table.Progress) (Report, error) {
	if err := p.report.conclude(); err != nil || p.report.Failed() || len(p.changes) == 0 {
		return p.report, err
	}
	slices.SortFunc(p.changes, func(a, b cellChange) int { return strings.Compare(a.code, b.code) })
	ground, err := p.newGround()
	if err != nil {
		return p.report, err
	}
	w := &redrawing{cellPlan: p, st: s.st, now: now, staged: len(p.changes) > cellsAtOnce, wrote: wrote}
	if ground != nil && s.PlanMoves != nil {
		ground.Streets = sortedKeys(p.versions)
		if w.moves, err = s.PlanMoves(ctx, p.actor, ground); err != nil {
			return p.report, err
		}
	}
	if p.report.Moved = w.moves.Count; p.report.DryRun {
		return p.report, nil
	}
	if err := w.write(ctx); err != nil {
		return p.report, err
	}
	p.report.Moved = w.moved
	return p.report, s.Refresh(ctx)
}

func (w *redrawing) write(ctx context.Context) error {
	if w.staged {
		return w.stage(ctx)
	}
	if err := w.update(ctx, w.versions, "coverage.grow", w.changes); err != nil {
		return err
	}
	w.wrote.Tell(table.Writing, len(w.changes), len(w.changes))
	return nil
}

// stage takes the streets over at once, writes the cells' new outlines aside,
// chunk by chunk, and puts them all in force by one write of the coverages, in
// which all that moves along moves. Whoever changes one of the streets in
// between, another redraw that takes them over too, makes the next step fail
// with ErrOvertaken; what lies aside then never takes effect.
func (w *redrawing) stage(ctx context.Context) error {
	began := time.Now()
	staging := once.WithoutFinish(ctx)
	if err := w.update(staging, w.versions, "coverage.stage", nil); err != nil {
		return err
	}
	versions := maps.Clone(w.versions)
	for id := range w.touched {
		versions[id]++
	}
	err := table.Chunks(w.changes, cellChunk, w.wrote, func(chunk []cellChange) error {
		here := map[string]int64{}
		for _, c := range chunk {
			here[c.place.Street] = versions[c.place.Street]
		}
		return w.update(staging, here, "", chunk)
	})
	if err != nil {
		return err
	}
	w.now = w.now.Add(time.Since(began)) // it is not in force before
	return w.update(ctx, versions, "coverage.flip", nil)
}

// update writes these changes on streets whose coverage is at the versions
// given. With an action, the coverages grow; unless they are only taken over,
// that is the redraw, and what moves along moves.
func (w *redrawing) update(ctx context.Context, versions map[string]int64, action string, changes []cellChange) error {
	partitions := sortedKeys(versions)
	redraws := action == "coverage.grow" || action == "coverage.flip"
	if redraws {
		partitions = append(partitions, w.moves.Streets...)
	}
	return w.st.Insist(ctx, partitions, func(tx *store.Tx) error {
		covers, err := loadCoverages(ctx, tx, versions)
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
			if redraws {
				if err := w.conclude(ctx, tx, covers[id]); err != nil {
					return err
				}
			}
			if err := putCoverage(tx, covers[id], entry(w.actor, w.now, action, store.Facts{}, store.Facts{})); err != nil {
				return err
			}
		}
		if redraws && w.moves.Move != nil { // last, since it is what others write to most
			if w.moved, err = w.moves.Move(ctx, tx, w.now); err != nil {
				return err
			}
		}
		report := w.report
		report.Moved = w.moved
		return once.Report(ctx, report)
	})
}

func (w *redrawing) put(ctx context.Context, tx *store.Tx, covers map[string]*Coverage, changes []cellChange) error {
	ids := make([]string, len(changes))
	for i, c := range changes {
		ids[i] = c.place.Cell
	}
	stored, err := cells.GetMany(ctx, tx, ids)
	if err != nil {
		return err
	}
	for i := range changes {
		if err := w.putCell(tx, covers[changes[i].place.Street], stored[ids[i]], &changes[i]); err != nil {
			return err
		}
	}
	return nil
}

func (w *redrawing) putCell(tx *store.Tx, cover *Coverage, c *Cell, change *cellChange) error {
	write := cells.Put
	if c == nil {
		c, write = &Cell{Code: change.code}, cells.Insert
		c.ID, c.Partition = change.place.Cell, change.place.Street
	}
	c.settle(cover)
	c.Place = change.place
	if w.staged {
		c.Staged = &Staged{change.drawn.Redraw, change.outline}
	} else {
		c.Outline, c.Staged = change.outline, nil
	}
	if change.staffing != nil {
		c.Posts, c.Covers = change.staffing.Posts, change.staffing.Covers
	}
	e := entry(w.actor, w.now, change.action, change.before, change.outline.facts(c.ID))
	e.Dims = map[string]string{"boundary": change.outline.Boundary, "redraw": change.drawn.Redraw}
	if err := write(tx, c, e); err != nil {
		return err
	}
	b := *change.drawn
	b.ValidFrom, b.Staged = cover.moment(w.now), w.staged
	return boundaries.Insert(tx, &b, entry(w.actor, w.now, "boundary.add", store.Facts{}, store.Facts{Cell: b.Cell}))
}

// conclude writes the redraw of a street, if there is one, and what the coverage says of it.
func (w *redrawing) conclude(ctx context.Context, tx *store.Tx, cover *Coverage) error {
	planned := w.redraws[cover.ID]
	if planned == nil {
		return nil
	}
	e := entry(w.actor, w.now, "redraw."+string(w.kind), store.Facts{}, store.Facts{})
	r := *planned
	r.Kind, r.Reason, r.By, r.At, r.Prior = w.kind, w.reason, e.Actor, cover.moment(w.now), cover.Redraw
	cover.Drawn, cover.Redraw = r.At, r.ID
	if r.Undoes != "" {
		undone, err := redraws.Get(ctx, tx, r.Undoes)
		if err != nil {
			return err
		}
		before := undone.facts()
		undone.UndoneBy, cover.Redraw = r.ID, undone.Prior
		if err := redraws.Put(tx, undone, entry(w.actor, w.now, "redraw.undone", before, undone.facts())); err != nil {
			return err
		}
	}
	if w.staged {
		cover.Flipped = append(cover.Flipped, Flip{r.ID, r.At})
	}
	e.After = r.facts()
	return redraws.Insert(tx, &r, e)
}
