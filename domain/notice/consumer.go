package notice

import (
	"context"
	"strconv"
	"strings"
	"time"

	"wangge/domain/access"
	"wangge/domain/ticket"
	"wangge/store"
	"wangge/store/jobs"
)

// bookmarks say how far the journals were read for what people are told.
var bookmarks = jobs.Bookmarks("noticeBookmarks")

// Run has people told, on one node at a time, until ctx ends, whose error it
// returns; beside it, what brings the notices to them.
func (s *Notices) Run(ctx context.Context, n jobs.Node, beside ...jobs.Work) error {
	return jobs.Lead(ctx, n, "notices", append(beside, s.Consumer(n.Now).Follow(n))...)
}

// Consumer writes what people are told of the journals' entries, each once.
func (s *Notices) Consumer(now func() time.Time) *jobs.Consumer {
	var last time.Time
	return &jobs.Consumer{
		Bookmarks: bookmarks, FromStart: true,
		Wants: func(e *store.Entry) bool { return !e.At.Before(s.since) && tells(e) },
		Handle: func(ctx context.Context, b jobs.Batch) (jobs.Output, error) {
			at := now().UTC().Truncate(time.Millisecond)
			if !at.After(last) { // so that Since needs no more than a time
				at = last.Add(time.Millisecond)
			}
			last = at
			return s.handle(ctx, b.Entries, at)
		},
	}
}

func (s *Notices) handle(ctx context.Context, entries []*store.Entry, now time.Time) (jobs.Output, error) {
	tickets, err := ticket.Load(ctx, s.store, docs(entries))
	if err != nil {
		return jobs.Output{}, err
	}
	var all []*Notice
	var told []Told
	for _, e := range entries {
		for _, r := range rules[e.Action].rules {
			t := Told{Entry: e, Kind: r.kind}
			to := map[string]bool{}
			fields := map[string]string{}
			if x := tickets[e.Doc]; x != nil {
				t.About, t.Place, fields["number"] = About{"ticket", x.ID}, x.Place, x.Number
				for _, w := range r.to {
					who, err := s.who(ctx, w, e, x)
					if err != nil {
						return jobs.Output{}, err
					}
					for _, id := range who {
						to[id] = id != "" && id != e.Actor
					}
				}
			} else if e.Action == "todo.ask" {
				t.Kind, t.About = Kind(e.Dims["kind"]), About{e.Dims["about"], e.Dims["id"]}
				t.Place = access.Place{}
				for name, id := range e.Dims {
					if rest, ok := strings.CutPrefix(name, "to"); ok {
						if _, err := strconv.Atoi(rest); err == nil {
							to[id] = true
						}
					}
				}
			}
			for id, is := range to {
				if !is {
					continue
				}
				n := &Notice{Meta: store.Meta{ID: idOf(e.Partition, e.Number, t.Kind, id)}, Recipient: id, Kind: t.Kind, Importance: Task, About: t.About, Place: t.Place,
					Fields: fields, Partition: e.Partition, Number: e.Number, At: e.At, Unread: true, Expires: now.Add(Kept)}
				t.Notices = append(t.Notices, n)
			}
			told = append(told, t)
		}
	}
	for i := range told {
		seen, err := s.Seen(ctx, now, told[i].Notices)
		if err != nil {
			return jobs.Output{}, err
		}
		told[i].Notices = seen
		all = append(all, seen...)
	}
	if len(all) == 0 {
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

func docs(entries []*store.Entry) (ids []string) {
	for _, e := range entries {
		if ticket.AboutTicket(e) {
			ids = append(ids, e.Doc)
		}
	}
	return ids
}

func (s *Notices) who(_ context.Context, w word, _ *store.Entry, t *ticket.Ticket) ([]string, error) {
	switch w {
	case toReporter:
		return []string{t.Reporter}, nil
	case toAssignee:
		if t.Assignee.Kind == access.Person {
			return []string{t.Assignee.ID}, nil
		}
	}
	return nil, nil
}
