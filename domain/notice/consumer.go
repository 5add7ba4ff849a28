package notice

import (
	"context"
	"time"

	"wangge/store"
	"wangge/store/jobs"
)

// bookmarks say how far the journals were read for what people are told.
var bookmarks = jobs.Bookmarks("noticeBookmarks")

// Run has people told, on one node at a time, until ctx ends, whose error it
// returns; beside it, what brings the notices to them.
func (s *Notices) Run(ctx context.Context, n jobs.Node, beside ...jobs.Work) error {
	c := s.Consumer(n.Now)
	c.Unknown = func(action string) {
		n.Log.Error("an action of the journals is told to nobody: no row says whom it is for", "action", action)
	}
	return jobs.Lead(ctx, n, "notices", append(beside, c.Follow(n))...)
}

// Consumer writes what people are told of the journals' entries, each once.
type Consumer struct {
	jobs.Consumer
	Unknown func(action string) // hears of actions that have no row; may be nil
}

// Consumer returns it, to be followed by one node at a time.
func (s *Notices) Consumer(now func() time.Time) *Consumer {
	var last time.Time
	c := &Consumer{}
	c.Consumer = jobs.Consumer{
		Bookmarks: bookmarks, FromStart: true,
		Wants: func(e *store.Entry) bool {
			if c.Unknown != nil && !Knows(e.Action) {
				c.Unknown(e.Action)
			}
			return tells(e) && !e.At.Before(s.since)
		},
		Handle: func(ctx context.Context, b jobs.Batch) (jobs.Output, error) {
			at := now().UTC().Truncate(time.Millisecond)
			if !at.After(last) { // so that Since needs no more than a time
				at = last.Add(time.Millisecond)
			}
			last = at
			return s.handle(ctx, b.Entries, at)
		},
	}
	return c
}

func (s *Notices) handle(ctx context.Context, entries []*store.Entry, now time.Time) (jobs.Output, error) {
	b := s.newBatch(now)
	if err := b.load(ctx, entries); err != nil {
		return jobs.Output{}, err
	}
	var all []*Notice
	var told []Told
	for _, e := range entries {
		of, err := b.told(ctx, e)
		if err != nil {
			return jobs.Output{}, err
		}
		for _, t := range of {
			told, all = append(told, t), append(all, t.Notices...)
		}
	}
	if len(told) == 0 {
		return jobs.Output{Unwanted: true}, nil
	}
	return jobs.Output{
		Write: func(tx *store.Tx) error {
			if err := write(ctx, tx, all); err != nil {
				return err
			}
			return s.Hook(ctx, tx, now, told)
		},
		Written: func() { s.Written(all) },
	}, nil
}
