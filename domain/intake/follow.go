package intake

import (
	"context"
	"errors"
	"strconv"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/calendar"
	"wangge/domain/service"
	"wangge/store"
	"wangge/store/jobs"
)

// bookmarks say how far the journals were read for what changes many cases.
var bookmarks = jobs.Bookmarks("intakeBookmarks")

// Run changes cases after what they depend on, on one node at a time, until ctx ends.
func (s *Cases) Run(ctx context.Context, n jobs.Node) {
	_ = jobs.Lead(ctx, n, "intake", s.changes(n.Now).Follow(n)) // which returns ctx's error
}

const actionSystem = "intake.system"

// changes brings cases up to a platform's words that were mapped, to a year
// whose holidays came, and to an item that became sensitive. It looks at what
// these are now: however often it does, a case changes once.
func (s *Cases) changes(now func() time.Time) *jobs.Consumer {
	return &jobs.Consumer{
		Bookmarks: bookmarks, FromStart: true,
		Wants: func(e *store.Entry) bool {
			return e.Action == actionSystem || e.Action == calendar.ActionYear || e.Action == service.ActionDecide
		},
		Handle: func(ctx context.Context, b jobs.Batch) (jobs.Output, error) {
			done := map[string]bool{}
			for _, e := range b.Entries {
				about := e.Action + e.Doc + e.Dims["code"] + e.Dims["year"]
				if done[about] {
					continue
				}
				done[about] = true
				if err := s.follow(ctx, turn{b.Lease, now().UTC()}, e); err != nil {
					return jobs.Output{}, err
				}
			}
			return jobs.Output{}, nil
		},
	}
}

// turn is the consumer's, at a time and under a lease.
type turn struct {
	lease store.Lease
	now   time.Time
}

func (s *Cases) follow(ctx context.Context, by turn, e *store.Entry) error {
	switch e.Action {
	case actionSystem:
		return s.mapWords(ctx, by, e.Doc)
	case calendar.ActionYear:
		return s.reckonAnew(ctx, by, e.Dims["year"])
	}
	return s.becameSensitive(ctx, by, e.Dims["code"], e.Dims["number"])
}

// mapWords gives the cases that are in words of a platform the states that these mean now.
func (s *Cases) mapWords(ctx context.Context, by turn, name string) error {
	system, err := systems.Get(ctx, s.store, name)
	if err != nil {
		return err
	}
	var words []string
	for _, w := range system.States {
		words = append(words, w.Word)
	}
	if len(words) == 0 {
		return nil
	}
	where := []store.Cond{store.Eq("state", Other), store.Eq("system", name), store.In("sourceState", words...)}
	return s.each(ctx, by, where, "openedAt", func(tx *store.Tx, c *Case) (string, error) {
		to := system.state(c.SourceState)
		if c.State != Other || c.System != name || to == Other {
			return "", nil
		}
		cal, err := s.calendars.At(ctx, tx)
		if err != nil {
			return "", err
		}
		c.enter(to, c.ChangedAt)
		c.reckon(cal)
		return "map", nil
	})
}

// reckonAnew reckons the promises that were provisional and, of cases that are
// not over, those that reach into the year, whose days may have been known otherwise.
func (s *Cases) reckonAnew(ctx context.Context, by turn, year string) error {
	if err := s.calendars.Refresh(ctx); err != nil {
		return err
	}
	n, err := strconv.Atoi(year)
	if err != nil {
		return err
	}
	reach := []store.Cond{store.In("state", open...), store.Between("dueAt", calendar.Year{Year: n}.First().Start(), nil)}
	return errors.Join(s.eachOf(ctx, by, []store.Cond{store.Eq("provisional", true)}, nil, s.promiseAnew(ctx)), s.each(ctx, by, reach, "dueAt", s.promiseAnew(ctx)))
}

func (s *Cases) promiseAnew(ctx context.Context) func(*store.Tx, *Case) (string, error) {
	return func(tx *store.Tx, c *Case) (string, error) {
		cal, err := s.calendars.At(ctx, tx)
		if err != nil {
			return "", err
		}
		due, provisional := c.DueAt, c.Provisional
		if c.reckon(cal); c.DueAt.Equal(due) && c.Provisional == provisional {
			return "", nil
		}
		return "promise", nil
	}
}

// becameSensitive hides from the grid's side what an item that is sensitive by a version of its own was before.
func (s *Cases) becameSensitive(ctx context.Context, by turn, code, number string) error {
	if err := s.items.Refresh(ctx); err != nil {
		return err
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return err
	}
	it, err := s.items.Version(ctx, s.store, code, n)
	if errors.Is(err, domain.ErrNotFound) || err == nil && !it.Sensitive {
		return nil
	}
	if err != nil {
		return err
	}
	where := []store.Cond{store.In("state", States...), store.Eq("item.code", code), store.Eq("item.sensitive", false)}
	return s.each(ctx, by, where, "openedAt", func(tx *store.Tx, c *Case) (string, error) {
		if c.Item.Code != code || c.Item.Sensitive {
			return "", nil
		}
		c.Item.Sensitive = true
		return "sensitive", nil
	})
}

// each changes cases of every street one by one. change says what it did, "" for nothing.
func (s *Cases) each(ctx context.Context, by turn, where []store.Cond, order string, change func(*store.Tx, *Case) (string, error)) error {
	for _, street := range s.areas.Tree().Streets() {
		if err := s.eachOf(ctx, by, append([]store.Cond{store.Eq("place.street", street.ID)}, where...), []string{order}, change); err != nil {
			return err
		}
	}
	return nil
}

func (s *Cases) eachOf(ctx context.Context, by turn, where []store.Cond, order []string, change func(*store.Tx, *Case) (string, error)) error {
	for cursor := ""; ; {
		page, next, err := collection.Find(ctx, s.store, store.Query{Where: where, Order: order, Limit: 200, Cap: most, After: cursor})
		if err != nil {
			return err
		}
		for _, was := range page {
			err := s.store.Update(ctx, []string{was.Partition}, func(tx *store.Tx) error {
				if err := tx.Hold(ctx, by.lease); err != nil {
					return err
				}
				c, err := collection.Get(ctx, tx, was.ID)
				if err != nil || c.Partition != was.Partition { // it moved: what moved it knew better
					return err
				}
				before := c.facts()
				what, err := change(tx, c)
				if err != nil || what == "" {
					return err
				}
				if err := c.looked(ctx, tx, by.now); err != nil {
					return err
				}
				c.UpdatedAt = by.now
				return collection.Put(tx, c, c.entry(access.Program, by.now, what, before))
			})
			if err != nil {
				return err
			}
		}
		if cursor = next; next == "" {
			return nil
		}
	}
}
