package account

import (
	"context"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

// Cover 顶岗 of a person: from From up to, not including, Until the stand-in
// acts with what is the absent person's own, whatever their role. Nothing is
// moved: who may what is asked as of now, so that everything open follows, and
// is back when the time is over. Covers of single cells are in the cells.
type Cover struct {
	store.Meta `store:",inline"`
	Absent     string      `store:"absent"`
	StandIn    string      `store:"standIn"`
	From       time.Time   `store:"from"`
	Until      time.Time   `store:"until"`
	Why        CoverReason `store:"why"`
	By         string      `store:"by"` // account that arranged it
	At         time.Time   `store:"at"`
	Sent       string      `store:"sent"` // blind index of what was asked for first

	People []string `store:"people"` // both
	Areas  []string `store:"areas"`  // ids of where the absent person has grants, and around; "" is everywhere
}

var covers = store.Declare[Cover](store.Declaration{
	Name: "covers", Schema: 1,
	Indexes:    []string{"people: people, until", "areas: areas, until"},
	Predicates: []string{"from"},
})

const (
	coverLongest = 366 * 24 * time.Hour
	coversAtOnce = 3 // people that somebody stands in for
)

// Holds reports whether the cover runs at a moment.
func (c *Cover) Holds(at time.Time) bool { return !at.Before(c.From) && at.Before(c.Until) }

func (c *Cover) overlaps(o *Cover) bool { return c.From.Before(o.Until) && o.From.Before(c.Until) }

// AboutCover reports whether an entry is about a cover.
func AboutCover(e *store.Entry) bool { return e.Collection == covers.Spec().Name }

// coversOf are the covers of somebody, on either side, that are not over at a time.
func coversOf(ctx context.Context, r store.Reader, account string, now time.Time) (out []*Cover, err error) {
	for cursor := ""; ; {
		page, next, err := covers.Find(ctx, r, store.Query{Where: []store.Cond{store.Eq("people", account), store.Between("until", now.Add(time.Millisecond), nil)}, Order: []string{"until"}, Limit: 100, After: cursor})
		if err != nil {
			return nil, err
		}
		if out, cursor = append(out, page...), next; cursor == "" {
			return out, nil
		}
	}
}

// runningCovers are those of them that run.
func runningCovers(ctx context.Context, r store.Reader, account string, now time.Time) ([]*Cover, error) {
	all, err := coversOf(ctx, r, account, now)
	return slices.DeleteFunc(all, func(c *Cover) bool { return !c.Holds(now) }), err
}

// StandsIn are the covers that run in which an account stands in for somebody.
func (s *Accounts) StandsIn(ctx context.Context, account string, now time.Time) ([]*Cover, error) {
	all, err := runningCovers(ctx, s.st, account, now)
	return slices.DeleteFunc(all, func(c *Cover) bool { return c.StandIn != account }), err
}

// clash notes what in the other covers of both people stands against one.
func (c *Cover) clash(others []*Cover, bad *domain.InvalidError) {
	with := 1
	for _, o := range others {
		switch {
		case o.ID == c.ID || !c.overlaps(o):
		case o.Absent == c.Absent:
			bad.Add("/from", domain.T("此时已有顶岗人员", "there is another stand-in at that time"))
			return
		case o.Absent == c.StandIn:
			bad.Add("/standIn", domain.T("此人此时也不在岗", "they are away themselves at that time"))
			return
		case o.StandIn == c.StandIn:
			with++
		}
	}
	if with > coversAtOnce {
		bad.Add("/standIn", domain.Textf("同时最多为 %d 人顶岗", "they stand in for %d people at that time, which is the most", coversAtOnce))
	}
}

// entry is the journal's line for what an actor did with the cover.
func (c *Cover) entry(actor access.Actor, now time.Time, what string) store.Entry {
	e := entry(actor, now, "cover."+what)
	e.Dims = map[string]string{"absent": c.Absent, "standIn": c.StandIn}
	return e
}

// endCovers ends the covers of somebody who is not there any more.
func endCovers(ctx context.Context, tx *store.Tx, account string, actor access.Actor, now time.Time) error {
	open, err := coversOf(ctx, tx, account, now)
	for _, c := range open {
		c.end(now)
		if err := covers.Put(tx, c, c.entry(actor, now, "end")); err != nil {
			return err
		}
	}
	return err
}

// end ends the cover; one that has not begun never does.
func (c *Cover) end(now time.Time) {
	c.Until = now
	if c.From.After(now) {
		c.Until = c.From
	}
}
