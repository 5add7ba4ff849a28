package webhook

import (
	"context"
	"slices"
	"time"

	"wangge/domain/intake"
	"wangge/domain/rating"
	"wangge/domain/ticket"
	"wangge/store"
	"wangge/store/jobs"
)

// bookmarks say how far the journals were read for what targets are told.
var bookmarks = jobs.Bookmarks("webhookBookmarks")

// Consumer puts in line what targets are told of the journals' entries: each
// entry once for each stream it belongs to, and those of a case or a ticket in
// the order of its versions, also where it moved between streets. Without a
// target it looks into a small collection for each batch, and writes nothing.
func (s *Deliveries) Consumer(now func() time.Time) *jobs.Consumer {
	return &jobs.Consumer{
		Bookmarks: bookmarks, FromStart: true,
		Wants: func(e *store.Entry) bool { return told(e) || e.Action == actionDelete },
		Handle: func(ctx context.Context, b jobs.Batch) (jobs.Output, error) {
			return s.handle(ctx, b, now().UTC().Truncate(time.Millisecond))
		},
	}
}

// told reports whether targets may be told of an entry. Entries of a link are not:
// those of what is linked are.
func told(e *store.Entry) bool { return (caseOf(e) != "" || ticket.AboutTicket(e)) && eventOf(e) != "" }

// caseOf is the case in whose stream an entry is told: its own, or that of its
// rectification; "" for none.
func caseOf(e *store.Entry) string {
	switch {
	case intake.AboutCase(e):
		return e.Doc
	case rating.AboutRectification(e) && e.Dims[rating.AboutKind] == string(rating.Case):
		return e.Dims[rating.AboutID]
	}
	return ""
}

func (s *Deliveries) handle(ctx context.Context, b jobs.Batch, now time.Time) (jobs.Output, error) {
	for _, e := range b.Entries {
		if e.Action == actionDelete {
			if err := s.purge(ctx, b.Lease, e.Doc, now); err != nil {
				return jobs.Output{}, err
			}
		}
	}
	hearing, err := s.hearing(ctx, now) // read after the entries: no target is missed that was there before them
	entries := slices.DeleteFunc(slices.Clone(b.Entries), func(e *store.Entry) bool {
		return !told(e) || !slices.ContainsFunc(hearing, func(l *listener) bool { return l.since(e) })
	})
	if err != nil || len(entries) == 0 {
		return jobs.Output{Unwanted: true}, err
	}
	entries, waits, err := s.inOrder(ctx, b, entries)
	if err != nil {
		return jobs.Output{}, err
	}
	batch, err := s.load(ctx, entries, hearing)
	if err != nil {
		return jobs.Output{}, err
	}
	rung := map[string]bool{}
	return jobs.Output{
		Waits: waits,
		Write: func(tx *store.Tx) error {
			clear(rung)
			return batch.enqueue(ctx, tx, now, func(target string) { rung[target] = true })
		},
		Written: func() {
			for target := range rung {
				s.Enqueued(target)
			}
		},
	}, nil
}

// hearing are the targets for which messages are put in line, each with its account as of now.
func (s *Deliveries) hearing(ctx context.Context, now time.Time) ([]*listener, error) {
	all, err := every(ctx, s.store)
	if err != nil {
		return nil, err
	}
	var out []*listener
	for _, t := range all {
		if t.State == Disabled {
			continue
		}
		l, err := s.targets.listener(ctx, s.store, t, now)
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

// inOrder are the entries up to the first that something in another partition
// comes before which was not handled yet, and that one.
func (s *Deliveries) inOrder(ctx context.Context, b jobs.Batch, entries []*store.Entry) (ready []*store.Entry, waits *store.Entry, err error) {
	last := map[string]int64{} // versions seen here
	for i, e := range entries {
		if e.DocVersion > 1 && last[e.Doc] < e.DocVersion-1 {
			after, err := s.comesAfter(ctx, b, e)
			if err != nil {
				return nil, nil, err
			}
			if after {
				return entries[:i], e, nil
			}
		}
		last[e.Doc] = e.DocVersion
	}
	return entries, nil, nil
}

// comesAfter reports whether an entry of the same document, of which targets
// are told, comes before and was not handled. What was handled, and told, had
// nothing of the kind before it.
func (s *Deliveries) comesAfter(ctx context.Context, b jobs.Batch, e *store.Entry) (bool, error) {
	const some = 20
	for at := e; ; {
		before, err := s.store.Forerunners(ctx, at, some)
		if err != nil {
			return false, err
		}
		for _, f := range before {
			switch {
			case !told(f):
			case f.Partition == b.Partition: // handled, or in this batch before it
				return false, nil
			default:
				return f.Number > b.Read(f.Partition), nil
			}
		}
		if len(before) < some {
			return false, nil
		}
		at = before[len(before)-1]
	}
}

// purge ends what waits for a target that was deleted, and its streams.
func (s *Deliveries) purge(ctx context.Context, lease store.Lease, target string, now time.Time) error {
	const some = 200
	for ended := some; ended == some; {
		err := s.store.Update(ctx, nil, func(tx *store.Tx) error {
			if err := tx.Hold(ctx, lease); err != nil {
				return err
			}
			waiting, _, err := deliveries.Find(ctx, tx, store.Query{Where: []store.Cond{store.Eq("target", target), store.In("state", Waiting, Dead)}, Order: []string{"at"}, Limit: some})
			if err != nil {
				return err
			}
			for _, d := range waiting {
				d.Body, d.DueAt = nil, time.Time{}
				d.end(Skipped, now)
				if err := deliveries.Put(tx, d); err != nil {
					return err
				}
			}
			ending, _, err := streams.Find(ctx, tx, store.Query{Where: []store.Cond{store.Eq("target", target)}, Limit: some})
			if err != nil {
				return err
			}
			for _, st := range ending {
				if err := st.end(tx, now); err != nil {
					return err
				}
			}
			ended = max(len(waiting), len(ending))
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
