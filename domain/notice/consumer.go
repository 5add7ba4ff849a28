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
			parts, err := s.handle(ctx, b.Entries, at)
			if last = at; len(parts) > 0 {
				last = parts[len(parts)-1].made
			}
			return s.output(ctx, parts), err
		},
	}
	return c
}

// writtenAtOnce is how many notices are written at once, or a few more: everybody waits for that.
var writtenAtOnce = 500

// part is what is written at once.
type part struct {
	made time.Time
	told []Told
	all  []*Notice
	upto int64 // number of the last entry
}

// handle is what the entries come to, in parts; none where nobody is told. Each
// is made a millisecond after the one before, the first at now.
func (s *Notices) handle(ctx context.Context, entries []*store.Entry, now time.Time) (parts []*part, err error) {
	b := s.newBatch(now)
	if err := b.load(ctx, entries); err != nil {
		return nil, err
	}
	p := &part{made: now}
	for _, e := range entries {
		of, err := b.told(ctx, e, p.made)
		if err != nil {
			return nil, err
		}
		for _, t := range of {
			p.told, p.all = append(p.told, t), append(p.all, t.Notices...)
		}
		if p.upto = e.Number; len(p.all) >= writtenAtOnce {
			parts, p = append(parts, p), &part{made: p.made.Add(time.Millisecond)}
		}
	}
	if len(p.told) > 0 {
		parts = append(parts, p)
	}
	return parts, nil
}

// output writes the parts one after the other.
func (s *Notices) output(ctx context.Context, parts []*part) (out jobs.Output) {
	if len(parts) == 0 {
		return jobs.Output{Unwanted: true}
	}
	p := parts[0]
	out = jobs.Output{
		Write: func(tx *store.Tx) error {
			if err := write(ctx, tx, p.all); err != nil {
				return err
			}
			return s.Hook(ctx, tx, p.made, p.told)
		},
		Written: func() { s.Written(p.all) },
		Upto:    p.upto,
	}
	if len(parts) > 1 {
		rest := s.output(ctx, parts[1:])
		out.Rest = &rest
	}
	return out
}
