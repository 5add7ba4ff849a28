package live

import (
	"context"
	"slices"
	"strings"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/homecall"
	"wangge/domain/intake"
	"wangge/domain/ticket"
	"wangge/domain/visit"
	"wangge/store"
)

// thing is something as it is now: by what those are found who may hear of it,
// and what each of them hears. Whoever is granted nothing over its places, is
// none of its organisations, and has none of its accounts and phones, hears nothing.
type thing struct {
	places        []access.Place
	organisations []string
	communities   []string // that counters serve for it, wherever it lies
	accounts      []string
	phones        []string // blind indexes
	hears         func(a access.Actor, e *store.Entry) (Event, bool)
	ticket        *ticket.Ticket // of one that may be followed
}

// told are the collections whose entries are told of, and how their things are loaded.
var told = map[string]func(ctx context.Context, r store.Reader, ids []string) (map[string]*thing, error){
	"tickets":     loading(ticket.Load, ofTicket),
	"intakeCases": loading(intake.LoadMany, ofCase),
	"homeCalls":   loading(homecall.LoadMany, ofHomeCall),
	"visits":      loading(visit.LoadVisits, ofVisit),
	"stops":       loading(visit.LoadStops, ofStop),
	"promises":    loading(visit.LoadPromises, ofPromise),
	"cells":       loading(area.LoadCells, ofCell),
}

func loading[T any](load func(context.Context, store.Reader, []string) (map[string]T, error), of func(T) *thing) func(context.Context, store.Reader, []string) (map[string]*thing, error) {
	return func(ctx context.Context, r store.Reader, ids []string) (map[string]*thing, error) {
		found, err := load(ctx, r, ids)
		if err != nil {
			return nil, err
		}
		out := make(map[string]*thing, len(found))
		for id, v := range found {
			out[id] = of(v)
		}
		return out, nil
	}
}

// event is what an entry says of a thing to who is told all of it.
func event(what Thing, e *store.Entry, place access.Place) Event {
	_, action, _ := strings.Cut(e.Action, ".")
	return Event{What: what, ID: e.Doc, Action: action, From: e.Before.State, To: e.After.State, Version: e.DocVersion, Cell: place.Cell, At: e.At}
}

func ofTicket(t *ticket.Ticket) *thing {
	f := t.Facts()
	out := &thing{places: []access.Place{f.Place, f.Offered}, organisations: slices.Clone(f.Convened), communities: f.Served, accounts: []string{f.Reporter, f.ReportedBy}, ticket: t}
	for _, to := range append([]access.Assignee{f.Assignee}, f.Helpers...) {
		if to.Kind == access.Organisation {
			out.organisations = append(out.organisations, to.ID)
		} else {
			out.accounts = append(out.accounts, to.ID)
		}
	}
	out.hears = func(a access.Actor, e *store.Entry) (Event, bool) {
		action, version, ok := t.Heard(a, e)
		ev := event(Ticket, e, f.Place)
		ev.Action, ev.Version = string(action), version
		return ev, ok
	}
	return out
}

// ownSteps are what whose case it is hears of it beside a change of its state.
var ownSteps = []string{"case.ask_material", "case.material", "case.promise", "case.home_call"}

func ofCase(c *intake.Case) *thing {
	f := c.Facts()
	return &thing{places: []access.Place{f.Place}, accounts: []string{f.Worker, f.StandIn, f.OpenedBy, f.ToldBy, f.Applicant}, phones: []string{f.Phone},
		hears: func(a access.Actor, e *store.Entry) (Event, bool) {
			if e.Dims["link"] != "" {
				return Event{}, false
			}
			ev, moved := event(Case, e, access.Place{}), e.Before.State != e.After.State
			switch shown := access.CaseView(a, f); {
			case shown == access.CaseWhole:
				return ev, true
			case access.OwnsCase(a, f):
				ev.What, ev.Action, ev.Version = OwnCase, "", 0
				return ev, moved || slices.Contains(ownSteps, e.Action)
			case shown == access.CaseLinked:
				ev.Action, ev.Version = "", 0
				return ev, moved
			}
			return Event{}, false
		}}
}

func ofHomeCall(r *homecall.Request) *thing {
	f := r.Facts()
	return &thing{accounts: []string{f.Account}, phones: []string{f.Phone}, hears: func(a access.Actor, e *store.Entry) (Event, bool) {
		ev := event(HomeCall, e, access.Place{})
		return ev, access.OwnsHomeCall(a, f) && ev.Action != "reveal"
	}}
}

func ofVisit(v *visit.Visit) *thing {
	f := v.Facts()
	return &thing{places: []access.Place{f.Place}, accounts: []string{f.Assignee, f.By}, hears: func(a access.Actor, e *store.Entry) (Event, bool) {
		return event(Visit, e, f.Place), e.Dims["link"] == "" && access.MaySeeVisit(a, f)
	}}
}

func ofStop(s *visit.Stop) *thing {
	f := s.Facts()
	return &thing{places: []access.Place{f.Place}, accounts: []string{f.Assignee, f.By}, hears: func(a access.Actor, e *store.Entry) (Event, bool) {
		return event(Stop, e, f.Place), e.Dims["link"] == "" && access.MaySeeStop(a, f)
	}}
}

func ofPromise(p *visit.Promise) *thing {
	return &thing{places: []access.Place{p.Place}, hears: func(a access.Actor, e *store.Entry) (Event, bool) {
		return event(Promise, e, p.Place), access.MaySeeVisit(a, access.Visit{Place: p.Place})
	}}
}

func ofCell(c *area.Cell) *thing {
	place := c.Place
	place.Cell = c.ID
	return &thing{places: []access.Place{place}, hears: func(a access.Actor, e *store.Entry) (Event, bool) {
		return event(Cell, e, place), access.HearsCell(a, place)
	}}
}

// inPublic is what a follower who sees no more than the public hears of an entry.
func (t *thing) inPublic(e *store.Entry) (Event, bool) {
	id, from, to, ok := t.ticket.HeardInPublic(e)
	return Event{What: FollowedTicket, ID: id, From: string(from), To: string(to), At: e.At}, ok
}

// key names a document.
type key struct{ collection, id string }

// kept are the things that were loaded last, so that those who come back after a
// break find most of what they missed in memory. What is kept is as of the
// journals up to where the hub has read.
type kept struct {
	of    map[key]*thing
	order []key // as they came
}

const keptMost = 4000

func (k *kept) put(at key, t *thing) {
	if k.of == nil {
		k.of = map[key]*thing{}
	}
	if _, known := k.of[at]; !known {
		k.order = append(k.order, at)
	}
	k.of[at] = t
	if over := len(k.order) - keptMost; over > 0 {
		for _, old := range k.order[:over] {
			delete(k.of, old)
		}
		k.order = slices.Clone(k.order[over:])
	}
}

// load reads the things that entries are about, each once.
func load(ctx context.Context, r store.Reader, entries []*store.Entry, known func(key) (*thing, bool)) (map[key]*thing, error) {
	out := map[key]*thing{}
	wanted := map[string][]string{}
	for _, e := range entries {
		at := key{e.Collection, e.Doc}
		if _, there := out[at]; there || told[e.Collection] == nil {
			continue
		}
		t, ok := known(at)
		if out[at] = t; !ok {
			wanted[e.Collection] = append(wanted[e.Collection], e.Doc)
		}
	}
	for collection, ids := range wanted {
		for chunk := range slices.Chunk(ids, 250) {
			found, err := told[collection](ctx, r, chunk)
			if err != nil {
				return nil, err
			}
			for _, id := range chunk {
				out[key{collection, id}] = found[id] // nil for one that is no more
			}
		}
	}
	return out, nil
}
