package webhook

import (
	"cmp"
	"context"
	"slices"
	"time"

	"wangge/domain/access"
	"wangge/domain/intake"
	"wangge/domain/link"
	"wangge/domain/ticket"
	"wangge/store"
)

// batch is what has to be known to put entries in line.
type batch struct {
	entries []*store.Entry
	hearing []*listener
	places  func(*store.Entry) access.Place // where the thing lay then
	cases   map[string]*intake.Case
	tickets map[string]*ticket.Ticket
	linked  map[string][]linked // cases, by the ticket that the entries are of
}

// linked is a case that is linked to a ticket, or to one that joined it.
type linked struct {
	of     string // id of the case
	link   *link.Link
	joined string    // id of the ticket that joined; "": it is linked itself
	since  time.Time // when that came to be led by the ticket
}

func (s *Deliveries) load(ctx context.Context, entries []*store.Entry, hearing []*listener) (*batch, error) {
	b := &batch{entries: entries, hearing: hearing, places: s.placeOf, linked: map[string][]linked{}}
	var cases, tickets []string
	with := func(ids []string, id string) []string {
		if slices.Contains(ids, id) {
			return ids
		}
		return append(ids, id)
	}
	for _, e := range entries {
		if id := caseOf(e); id != "" {
			cases = with(cases, id)
		} else {
			tickets = with(tickets, e.Doc)
		}
	}
	var err error
	if b.tickets, err = ticket.Load(ctx, s.store, tickets); err != nil {
		return nil, err
	}
	for _, id := range tickets {
		if b.tickets[id] == nil || !slices.ContainsFunc(hearing, func(l *listener) bool { return l.Hears(CaseTicket) }) {
			continue
		}
		if b.linked[id], err = s.linkedTo(ctx, b.tickets[id]); err != nil {
			return nil, err
		}
		for _, at := range b.linked[id] {
			cases = with(cases, at.of)
		}
	}
	if b.cases, err = intake.LoadMany(ctx, s.store, cases); err != nil {
		return nil, err
	}
	for _, l := range hearing {
		if err := l.know(ctx, s.store, b.cases); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// joinedMost is of how many tickets that joined one the cases are told of its steps.
const joinedMost = 500

// linkedTo are the cases linked to a ticket, and then those linked to what joined it.
func (s *Deliveries) linkedTo(ctx context.Context, t *ticket.Ticket) (out []linked, err error) {
	tickets := []linked{{}}
	if t.Merges > 0 {
		below, err := ticket.Below(ctx, s.store, t.ID)
		if err != nil {
			return nil, err
		}
		joined, err := ticket.Load(ctx, s.store, below)
		if err != nil {
			return nil, err
		}
		since := map[string]time.Time{}
		for _, id := range below[:min(len(below), joinedMost)] { // what joined one comes after that
			if x := joined[id]; x != nil && x.Joined != nil {
				since[id] = x.Joined.At
				if above := since[x.Joined.Into]; above.After(x.Joined.At) {
					since[id] = above
				}
				tickets = append(tickets, linked{joined: id, since: since[id]})
			}
		}
	}
	for _, at := range tickets {
		this := link.End{Thing: link.Ticket, ID: cmp.Or(at.joined, t.ID)}
		links, err := link.OfThing(ctx, s.store, this)
		if err != nil {
			return nil, err
		}
		for _, l := range links {
			if other := l.Other(this); other.Thing == link.Case {
				at.of, at.link = other.ID, l
				out = append(out, at)
			}
		}
	}
	return out, nil
}

// placeOf is where what an entry is about lay after it.
func (s *Deliveries) placeOf(e *store.Entry) access.Place {
	for _, id := range []string{e.Dims["community"], e.Partition} {
		if a, ok := s.areas.Tree().ByID(id); ok {
			at := a.Place
			at.Cell = e.After.Cell
			return at
		}
	}
	return access.Place{}
}

// putting is a message that is to be put in line.
type putting struct {
	target *Target
	thing  Thing
	of     string
	event  Event
	entry  *store.Entry
	hears  bool   // of the thing; if not, it is only told that it is out of its scope
	joined string // id of the ticket linked to the case, where the entry is of one that leads it
}

// enqueue puts in line what the targets, as they are now, hear of the entries.
func (b *batch) enqueue(ctx context.Context, tx *store.Tx, now time.Time, rung func(target string)) error {
	var ids []string
	for _, l := range b.hearing {
		ids = append(ids, l.ID)
	}
	known, err := targets.GetMany(ctx, tx, ids)
	if err != nil {
		return err
	}
	var all []putting
	for _, e := range b.entries {
		for _, l := range b.hearing {
			if t := known[l.ID]; t != nil && t.State != Disabled && t.since(e) {
				all = append(all, b.of(e, t, l)...)
			}
		}
	}
	in, err := openLines(ctx, tx, all)
	if err != nil {
		return err
	}
	for _, p := range all {
		put, err := in.put(tx, p, now)
		if err != nil {
			return err
		}
		if put {
			rung(p.target.ID)
		}
	}
	return in.save(tx)
}

// of is what a target is told of an entry. The steps of a ticket come in the
// stream of a case in the ticket's own order; between them and the steps of the
// case, which may lie in another street, there is no order but that of reading.
// A step of a ticket that others joined is told of the cases linked to those,
// too, and of each case once.
func (b *batch) of(e *store.Entry, t *Target, l *listener) (out []putting) {
	event := eventOf(e)
	if id := caseOf(e); id != "" {
		c := b.cases[id]
		if c == nil || !t.Hears(event) || !t.of(c) {
			return nil
		}
		if c.Item.Sensitive && !l.speaks[c.System] && !slices.Contains(bare, event) {
			return nil
		}
		return []putting{{t, Case, c.ID, event, e, l.hearsCase(c, b.places(e)) != access.CaseHidden, ""}}
	}
	tk := b.tickets[e.Doc]
	if tk == nil {
		return nil
	}
	if t.Hears(event) && t.System == "" {
		facts := tk.Facts()
		facts.Place = b.places(e)
		out = append(out, putting{t, Ticket, tk.ID, event, e, access.HearsTicket(l.actor, facts, false), ""})
	}
	if !t.Hears(CaseTicket) {
		return out
	}
	told := map[string]bool{}
	for _, at := range b.linked[tk.ID] {
		c := b.cases[at.of]
		if c != nil && !told[c.ID] && t.of(c) && at.link.HeldAt(e.At) && !at.since.After(e.At) && l.hearsCase(c, c.Place) == access.CaseWhole {
			told[c.ID] = true
			out = append(out, putting{t, Case, c.ID, CaseTicket, e, true, at.joined})
		}
	}
	return out
}

// bare are the events of a case of which a target is told no more than how it stands.
var bare = []Event{CaseOpened, CaseState, CaseMissing}

// lines are the streams of a batch.
type lines struct {
	byID  map[string]*Stream
	moved []string // ids, in the order in which something was put there
}

func openLines(ctx context.Context, tx *store.Tx, all []putting) (*lines, error) {
	var ids []string
	for _, p := range all {
		ids = append(ids, streamID(p.target.ID, p.thing, p.of))
	}
	slices.Sort(ids)
	found, err := streams.GetMany(ctx, tx, slices.Compact(ids))
	return &lines{byID: found}, err
}

// put puts a message at the end of its stream. Of a thing that is out of the
// target's scope by now, a target that was told of it before is told once more.
func (in *lines) put(tx *store.Tx, p putting, now time.Time) (bool, error) {
	id := streamID(p.target.ID, p.thing, p.of)
	st := in.byID[id]
	if !p.hears && (st == nil || st.Left || st.Last == 0) {
		return false, nil
	}
	if st == nil {
		st = &Stream{Meta: store.Meta{ID: id}, Target: p.target.ID, Thing: p.thing, Of: p.of, Next: 1, Left: true}
		in.byID[id] = st
	}
	if !slices.Contains(in.moved, id) {
		in.moved = append(in.moved, id)
	}
	if p.event != CaseTicket { // which may be read before where the case was then
		st.Left = !p.hears
	}
	return true, deliveries.Insert(tx, st.add(p, now))
}

// add is the next message of the stream.
func (s *Stream) add(p putting, now time.Time) *Delivery {
	s.Last++
	d := &Delivery{Meta: store.Meta{ID: deliveryID(s.ID, s.Last)}, Target: s.Target, Stream: s.ID, Thing: s.Thing, Of: s.Of, Sequence: s.Last, Event: p.event, At: now, State: Waiting}
	if e := p.entry; e != nil {
		d.Step = Step{Collection: e.Collection, Doc: e.Doc, Version: e.DocVersion, Partition: e.Partition, Number: e.Number, Action: e.Action, From: e.Before.State, To: e.After.State, At: e.At, Link: e.Dims["link"], Linked: p.joined}
	}
	if s.Next == s.Last {
		s.DueAt, d.DueAt = now, now
	}
	return d
}

func (in *lines) save(tx *store.Tx) error {
	for _, id := range in.moved {
		st := in.byID[id]
		var err error
		if st.Version == 0 {
			err = streams.Insert(tx, st)
		} else {
			err = streams.Put(tx, st)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
