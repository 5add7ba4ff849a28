package journal

import (
	"context"
	"maps"
	"slices"
	"time"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/intake"
	"wangge/domain/ticket"
	"wangge/store"
)

// reader is who reads, and what of the journals is theirs.
type reader struct {
	*Journal
	actor access.Actor
	now   time.Time
	whole map[string]bool  // partitions of which they read every entry
	part  map[string]bool  // partitions of which they read what lay in their communities
	known map[thing]bool   // what they may see
	named map[thing]string // and what it is called, where it has a number

	anonymous map[string]*ticket.Ticket // tickets they see, of reporters who are not named
	by        string                    // whose entries are asked for; "" for everybody's
}

// thing names a document.
type thing struct{ collection, id string }

func (j *Journal) reader(actor access.Actor, now time.Time) *reader {
	r := &reader{Journal: j, actor: actor, now: now, whole: map[string]bool{}, part: map[string]bool{}, known: map[thing]bool{}, named: map[thing]string{}, anonymous: map[string]*ticket.Ticket{}}
	tree := j.Areas.Tree()
	for _, s := range tree.Streets() {
		of := r.part
		switch {
		case access.MayReadWholeJournal(actor, s.Place):
			of = r.whole
		case !slices.ContainsFunc(tree.Children(s.ID), func(c *area.Area) bool { return access.MayReadJournal(actor, c.Place) }):
			continue
		}
		for _, id := range tree.Formerly(s.ID) { // what happened before it took over
			of[id] = true
		}
	}
	if access.MayReadWholeJournal(actor, access.Place{}) {
		r.whole[area.CityPartition] = true
	}
	return r
}

// partitions are those that are read: of one street, where it is named.
func (r *reader) partitions(street string) (out []string) {
	out = slices.Concat(slices.Collect(maps.Keys(r.whole)), slices.Collect(maps.Keys(r.part)))
	if street != "" {
		of := r.Areas.Tree().Formerly(street)
		out = slices.DeleteFunc(out, func(id string) bool { return !slices.Contains(of, id) })
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// seen leaves of entries those about things that the reader may see now. Of
// what lies in a street that they manage, that is everything, what was deleted
// there too, but for cases whose items are sensitive; of a community, what lay
// there then.
func (r *reader) seen(ctx context.Context, entries []*store.Entry) ([]*store.Entry, error) {
	entries = slices.DeleteFunc(entries, func(e *store.Entry) bool { return !r.whole[e.Partition] && !r.lay(e) })
	wanted := map[string][]string{}
	for _, e := range entries {
		if _, known := r.known[thing{e.Collection, e.Doc}]; !known {
			wanted[e.Collection] = append(wanted[e.Collection], e.Doc)
		}
	}
	for collection, ids := range wanted {
		slices.Sort(ids)
		if err := r.look(ctx, collection, slices.Compact(ids)); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(entries, func(e *store.Entry) bool {
		return !r.known[thing{e.Collection, e.Doc}] || r.by != "" && r.by != r.actorOf(e)
	}), nil
}

// actorOf is who did what an entry tells of, as far as the reader is told.
func (r *reader) actorOf(e *store.Entry) string {
	if t := r.anonymous[e.Doc]; t != nil && e.Collection == "tickets" {
		return t.ActorShown(r.actor, e)
	}
	return e.Actor
}

// lay reports whether what the entry is about lay in a community whose journal the reader reads, before or after.
func (r *reader) lay(e *store.Entry) bool {
	places := []access.Place{}
	for _, cell := range []string{e.Before.Cell, e.After.Cell} {
		if c, known := r.Areas.Map().EverByID(cell); known {
			places = append(places, c.Place)
		}
	}
	if a, known := r.Areas.Tree().ByID(e.Dims["community"]); known {
		places = append(places, a.Place)
	}
	return slices.ContainsFunc(places, func(p access.Place) bool { return access.MayReadJournal(r.actor, p) })
}

// look finds out which of these documents the reader may see.
func (r *reader) look(ctx context.Context, collection string, ids []string) error {
	may := map[string]bool{}
	var err error
	switch sight := r.Sights[string(kinds[collection])]; {
	case collection == "tickets":
		err = r.lookAtTickets(ctx, ids, may)
	case collection == "intakeCases":
		err = r.lookAtCases(ctx, ids, may)
	default:
		var standing map[string]store.Standing
		standing, err = r.Store.Standings(ctx, collection, ids)
		var others []string
		for _, id := range ids {
			if s, there := standing[id]; there && r.whole[s.Partition] {
				may[id] = true
			} else if there && !s.Deleted {
				others = append(others, id)
			}
		}
		if err == nil && sight != nil && len(others) > 0 {
			var found map[string]bool
			found, err = sight(ctx, r.actor, r.now, others)
			for id, seen := range found {
				may[id] = seen
			}
		}
	}
	for _, id := range ids {
		r.known[thing{collection, id}] = may[id]
	}
	return err
}

// lookAtTickets: who is shown a part of a ticket only is not shown what was done with it.
func (r *reader) lookAtTickets(ctx context.Context, ids []string, may map[string]bool) error {
	found, err := ticket.Load(ctx, r.Store, ids)
	for id, t := range found {
		may[id], r.named[thing{"tickets", id}] = access.TicketView(r.actor, t.Facts()) == access.Whole, t.Number
		if t.Anonymous {
			r.anonymous[id] = t
		}
	}
	return err
}

// lookAtCases: nor whose case is of a sensitive item.
func (r *reader) lookAtCases(ctx context.Context, ids []string, may map[string]bool) error {
	found, err := intake.LoadMany(ctx, r.Store, ids)
	for id, c := range found {
		may[id], r.named[thing{"intakeCases", id}] = access.CaseView(r.actor, c.Facts()) == access.CaseWhole, c.Number
	}
	return err
}
