package delivery

import (
	"context"
	"slices"
	"time"

	"wangge/domain/notice"
	"wangge/store"
)

// Plan is the notice.Hook: it puts in line what goes out of the notices of a
// batch, one small document for each person and thing, and reads those only.
func (s *Deliveries) Plan(ctx context.Context, tx *store.Tx, now time.Time, told []notice.Told) error {
	p := newPlanning(now)
	for _, t := range told {
		p.raise(t, now.Add(s.ack))
		if len(s.ways) == 0 { // there is the inbox, and nothing else
			continue
		}
		for _, n := range t.Notices {
			p.add(n)
		}
		if street := t.Place.Street; s.toldToGroups(t) {
			p.change(streetID(street), func(w *Waiting) { w.count(t.Place, t.Kind, now) })
		}
	}
	return p.write(ctx, tx)
}

// toldToGroups reports whether the groups of a street are told that something happened.
func (s *Deliveries) toldToGroups(t notice.Told) bool {
	return t.Place.Street != "" && s.Groups(t.Place.Street) && !slices.ContainsFunc(t.Notices, func(n *notice.Notice) bool { return n.Importance == notice.News })
}

// planning is what is to be put in line at once.
type planning struct {
	now     time.Time
	ids     []string // of what waits, in the order in which it was first named
	changes map[string][]func(*Waiting)

	alarms map[string]*Alarm // new ones
	raised []string          // ids
}

func newPlanning(now time.Time) *planning {
	return &planning{now: now, changes: map[string][]func(*Waiting){}, alarms: map[string]*Alarm{}}
}

func (p *planning) change(id string, by func(*Waiting)) {
	if p.changes[id] == nil {
		p.ids = append(p.ids, id)
	}
	p.changes[id] = append(p.changes[id], by)
}

// add has a notice go out.
func (p *planning) add(n *notice.Notice) {
	p.change(waitingOf(n), func(w *Waiting) { w.add(n, p.now) })
}

// write makes the changes, each to the document as it is now.
func (p *planning) write(ctx context.Context, tx *store.Tx) error {
	docs, err := waiting.GetMany(ctx, tx, p.ids)
	if err != nil {
		return err
	}
	for _, id := range p.ids {
		w := docs[id]
		if w == nil {
			w = &Waiting{Meta: store.Meta{ID: id}}
		}
		for _, change := range p.changes[id] {
			change(w)
		}
		if err := put(tx, waiting, w, w.Version); err != nil {
			return err
		}
	}
	for _, id := range p.raised {
		if err := alarms.Insert(tx, p.alarms[id]); err != nil {
			return err
		}
	}
	return nil
}

// put writes a document that was read, or is new.
func put[T any, P store.Doc[T]](tx *store.Tx, c *store.Collection[T, P], doc P, version int64) error {
	if version == 0 {
		return c.Insert(tx, doc)
	}
	return c.Put(tx, doc)
}
