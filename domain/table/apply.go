package table

import (
	"context"
	"errors"
	"slices"

	"wangge/domain"
	"wangge/domain/once"
)

// Progress is told how many of how many things a step of an import is through with; nil is told nothing.
type Progress func(step Step, done, total int)

// Tell tells it.
func (p Progress) Tell(step Step, done, total int) {
	if p != nil {
		p(step, done, total)
	}
}

// Step of an import.
type Step string

// The steps, in their order. An import that others overtake checks and writes again.
const (
	Reading  Step = "reading"
	Checking Step = "checking"
	Writing  Step = "writing"
)

// Chunks gives fn the things, so many at a time, and tells how far it has come.
func Chunks[T any](things []T, size int, told Progress, fn func([]T) error) error {
	done := 0
	for chunk := range slices.Chunk(things, size) {
		if err := fn(chunk); err != nil {
			return err
		}
		done += len(chunk)
		told.Tell(Writing, done, len(things))
	}
	return nil
}

// ErrOvertaken says that what a chunk was planned on has changed.
var ErrOvertaken = errors.New("table: overtaken")

const planTries = 4

// Plan is what a chunk of an import comes to.
type Plan struct {
	Counts
	Findings []Finding
	Write    func(context.Context) error // in one update; ErrOvertaken or ErrBusy: plan anew. nil: there is nothing to write
	Written  func()                      // when it is in, or would be after a dry run; nil: nothing is to be done then
}

// reached is how far an import has come; it is kept with the key of the request.
type reached struct {
	Chunks    int
	Added     int
	Changed   int
	Unchanged int
}

// apply plans a chunk and writes it, unless an attempt before has come past it.
func apply[T any](ctx context.Context, r *Report, chunk []T, before, done reached, plan func(context.Context, []T) (*Plan, error)) (*Plan, reached, error) {
	p, err := plan(ctx, chunk)
	if err != nil {
		return nil, done, err
	}
	now := done.and(p)
	switch {
	case now.Chunks == before.Chunks:
		now = before
	case now.Chunks < before.Chunks:
		now = reached{Chunks: now.Chunks}
	case !r.DryRun && p.Write != nil:
		if err := once.ReportProgress(ctx, now); err != nil {
			return nil, done, err
		}
		err = p.Write(ctx)
	}
	return p, now, err
}

// Apply carries an import out in chunks of so many things: each is planned on
// what is known, and written in one update, which keeps how far the import has
// come; again says to look anew at what plans are made on. A dry run plans
// only. The report gets the counts and findings; those of chunks that an
// attempt before this one has written are counted as they were, and planned
// for their findings. What is written before an error stays.
// Errors: those of plan, again and Write; ErrBusy where others change the same things all the time.
func Apply[T any](ctx context.Context, r *Report, things []T, size int, again func(context.Context) error, plan func(context.Context, []T) (*Plan, error)) error {
	var before, done reached
	if _, err := once.Resume(ctx, &before); err != nil {
		return err
	}
	for chunk := range slices.Chunk(things, size) {
		p, now, err := apply(ctx, r, chunk, before, done, plan)
		for try := 1; overtaken(err) && try < planTries; try++ {
			if err := again(ctx); err != nil {
				return err
			}
			p, now, err = apply(ctx, r, chunk, before, done, plan)
		}
		if errors.Is(err, ErrOvertaken) {
			return domain.ErrBusy
		}
		if err != nil {
			return err
		}
		r.Findings = append(r.Findings, p.Findings...)
		if p.Written != nil {
			p.Written()
		}
		done = now
	}
	r.Counts = Counts{done.Added, done.Changed, done.Unchanged}
	return nil
}

func overtaken(err error) bool { return errors.Is(err, ErrOvertaken) || errors.Is(err, domain.ErrBusy) }

// and is how far an import has come with one more chunk.
func (d reached) and(p *Plan) reached {
	return reached{d.Chunks + 1, d.Added + p.Added, d.Changed + p.Changed, d.Unchanged + p.Unchanged}
}
