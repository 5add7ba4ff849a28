package notice

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/ticket"
	"wangge/domain/todo"
	"wangge/store"
)

// batch is what is read of some entries, each thing and person once.
type batch struct {
	*Notices
	now       time.Time
	things    map[About]*thing
	actors    map[string]*access.Actor // nil: there is none, or they are told nothing
	nearest   ticket.Nearest
	followers map[string][]*ticket.Follower
}

func (s *Notices) newBatch(now time.Time) *batch {
	b := &batch{Notices: s, now: now, things: map[About]*thing{}, actors: map[string]*access.Actor{}}
	b.nearest = s.tickets.Nearest(now, b.actor)
	return b
}

// recipient is somebody to be told, and what the thing is to them.
type recipient struct {
	account string
	about   About
	alone   bool                    // who stands in for them is not told: it is their own
	sees    func(access.Actor) bool // nil: as the sight of the thing has it
}

// told is what comes of an entry, made then: by each rule that holds, who is told, everybody by one of them.
func (b *batch) told(ctx context.Context, e *store.Entry, made time.Time) (out []Told, err error) {
	t := b.thingOf(e)
	if t == nil {
		return nil, nil
	}
	known := map[string]bool{e.Actor: true}
	for _, r := range rules[e.Action].rules {
		if r.when != nil && !r.when(e) {
			continue
		}
		told := Told{Entry: e, Kind: r.kind, About: t.about, Place: t.place}
		if e.Action == "todo.ask" {
			told.Kind = Kind(e.Dims["kind"])
		}
		var direct []recipient
		for _, w := range r.to {
			who, err := b.who(ctx, w, e, t)
			if err != nil {
				return nil, err
			}
			direct = append(direct, who...)
		}
		if told.Notices, err = b.notices(ctx, e, t, told.Kind, direct, known); err != nil {
			return nil, err
		}
		for _, n := range told.Notices {
			n.Expires = made.Add(Kept)
		}
		out = append(out, told)
	}
	return out, nil
}

// notices are those of one rule, to who is not told yet and may see the thing;
// known are they and who acted. Who stands in for them comes after all of them.
func (b *batch) notices(ctx context.Context, e *store.Entry, t *thing, kind Kind, direct []recipient, known map[string]bool) (out []*Notice, err error) {
	type to struct {
		recipient
		absent string
	}
	all := make([]to, 0, len(direct))
	for _, r := range direct {
		all = append(all, to{r, ""})
	}
	for i := 0; i < len(all); i++ {
		r := all[i]
		if r.account == "" || known[r.account] && r.account != e.Actor {
			continue
		}
		actor, err := b.actor(ctx, r.account)
		if err != nil {
			return nil, err
		}
		if actor == nil {
			continue
		}
		if r.absent == "" && !r.alone {
			for _, standIn := range actor.StandIns {
				other := r
				other.account, other.absent = standIn, r.account
				all = append(all, other)
			}
		}
		if known[r.account] {
			continue
		}
		sees, err := b.sees(ctx, *actor, r.recipient)
		if err != nil {
			return nil, err
		}
		if !sees {
			continue
		}
		known[r.account] = true
		n := &Notice{Recipient: r.account, For: r.absent, Kind: kind, Importance: kind.importance(), About: r.about,
			Place: t.place, Partition: e.Partition, Number: e.Number, At: e.At, Unread: true}
		n.ID = n.follows(r.account)
		if last := len(out) - 1; last >= 0 && out[last].About == n.About {
			n.Fields = out[last].Fields // nobody changes them
		} else {
			n.Fields = t.fieldsFor(e, n.About)
		}
		if e.Dims[todo.UrgentDim] != "" {
			n.Importance = Urgent
		}
		out = append(out, n)
	}
	return out, nil
}

func (b *batch) sees(ctx context.Context, actor access.Actor, r recipient) (bool, error) {
	if r.sees != nil {
		return r.sees(actor), nil
	}
	sight := b.Sights[r.about.Kind]
	if sight == nil {
		return false, nil
	}
	seen, err := sight(ctx, actor, b.now, []string{r.about.ID})
	return seen[r.about.ID], err
}

// actor is who an account is to what it is told; nil of one that is told nothing.
func (b *batch) actor(ctx context.Context, id string) (*access.Actor, error) {
	if a, ok := b.actors[id]; ok {
		return a, nil
	}
	a, err := b.accounts.Reached(ctx, id, b.now)
	switch {
	case errors.Is(err, domain.ErrNotFound):
		b.actors[id] = nil
	case err != nil:
		return nil, err
	default:
		b.actors[id] = &a
	}
	return b.actors[id], nil
}

// load reads what the entries are about, all of a kind at once. What cannot be
// read, or is no more, is told to nobody, and the others are all the same.
func (b *batch) load(ctx context.Context, entries []*store.Entry) error {
	ids := map[string]map[string]bool{}
	followed := map[string]bool{}
	for _, e := range entries {
		about := aboutOf(e)
		if ids[about.Kind] == nil {
			ids[about.Kind] = map[string]bool{}
		}
		ids[about.Kind][about.ID] = true
		if slices.ContainsFunc(rules[e.Action].rules, func(r rule) bool { return slices.Contains(r.to, toFollowers) }) {
			followed[about.ID] = true
		}
	}
	for kind, some := range ids {
		read := loaders[kind]
		for chunk := range slices.Chunk(slices.Sorted(maps.Keys(some)), 250) {
			if read == nil { // nothing of it but its id is told
				for _, id := range chunk {
					b.things[About{kind, id}] = &thing{about: About{kind, id}}
				}
				continue
			}
			found, err := read(ctx, b.store, chunk)
			if err != nil {
				return err
			}
			for id, t := range found {
				t.about = About{kind, id}
				b.things[t.about] = t
			}
		}
	}
	var err error
	b.followers, err = ticket.AllFollowersOf(ctx, b.store, slices.Sorted(maps.Keys(followed)))
	return err
}

// thingOf is what an entry is about; nil where that is no more.
func (b *batch) thingOf(e *store.Entry) *thing {
	t := b.things[aboutOf(e)]
	if t == nil || t.place != (access.Place{}) {
		return t
	}
	in := e.Partition
	if t.roster != nil {
		in = t.roster.Street
	}
	at, ok := b.areas.Tree().ByID(in)
	if ok {
		t.place = at.Place
	}
	if ok && t.roster != nil { // which is found by these
		t.about.ID = at.Code + "/duty/" + t.roster.Month
	}
	return t
}
