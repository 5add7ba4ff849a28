package visit

import (
	"context"
	"slices"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/personal"
	"wangge/domain/policy"
	"wangge/store"
)

// Stops are what people do at doors, and what stays of it.
type Stops struct {
	store    *store.Store
	areas    *area.Areas
	policies *policy.Policies
	keys     *personal.Keys
	onAsked  OnAsked
}

// Get returns a stop; ErrNotFound when the actor may not see it.
func (s *Stops) Get(ctx context.Context, actor access.Actor, id string) (*Stop, error) {
	stop, err := stops.Get(ctx, s.store, id)
	if err != nil {
		return nil, err
	}
	if !access.MaySeeStop(actor, stop.Facts()) {
		return nil, domain.ErrNotFound
	}
	return stop.shownTo(actor), nil
}

// shownTo takes off what was written after the stop about its household, for who was there and works there no more.
func (s *Stop) shownTo(actor access.Actor) *Stop {
	if !access.MaySeeVisit(actor, s.Facts()) {
		s.AlertNote = ""
	}
	return s
}

// Seen tells which of these stops the actor may see.
func (s *Stops) Seen(ctx context.Context, actor access.Actor, ids []string) (map[string]bool, error) {
	found, err := stops.GetMany(ctx, s.store, ids)
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for id, stop := range found {
		out[id] = access.MaySeeStop(actor, stop.Facts())
	}
	return out, nil
}

// At returns a page of the stops at a household that the actor may see,
// the latest first, and the next page's cursor. Who sees none gets none.
// Errors: ErrForbidden, store.ErrCursor.
func (s *Stops) At(ctx context.Context, actor access.Actor, household string, limit int, cursor string) ([]*Stop, string, error) {
	if !access.ListsVisits(actor) {
		return nil, "", domain.ErrForbidden
	}
	ids, err := idsOf(ctx, s.store, household)
	if err != nil {
		return nil, "", err
	}
	at := func(more ...store.Cond) []store.Query {
		return atEach(ids, store.Query{Where: more, Order: []string{"-at"}, Limit: limit, After: cursor})
	}
	byLevel := map[access.Level][]string{}
	qs := at(store.Filter(store.Eq("account", actor.Account)))
	for _, scope := range access.VisitScopes(actor) {
		if scope == (access.Scope{}) {
			qs = at()
			break
		}
		byLevel[scope.Level] = append(byLevel[scope.Level], scope.ID)
	}
	for _, level := range []access.Level{access.City, access.County, access.Street, access.Community, access.Cell} {
		if ids := byLevel[level]; len(ids) > 0 {
			qs = append(qs, at(store.Filter(store.In("place."+string(level), ids...)))...)
		}
	}
	found, next, err := stops.Find(ctx, s.store, qs...)
	for _, stop := range found {
		stop.shownTo(actor)
	}
	return found, next, err
}

// LeftBehind returns what a stop left behind: promises, the soonest first, and
// the aid given; ErrNotFound when the actor may not see it. Promises are the
// cell's: who made them and left it sees them no more.
func (s *Stops) LeftBehind(ctx context.Context, actor access.Actor, stop *Stop) ([]*Promise, []*Work, error) {
	if !access.MaySeeStop(actor, stop.Facts()) {
		return nil, nil, domain.ErrNotFound
	}
	if stop.State != Over {
		return nil, nil, nil
	}
	at := []store.Cond{store.Eq("stop", stop.ID)}
	made, _, err := promises.Find(ctx, s.store, store.Query{Where: at, Order: []string{"dueOn"}, Limit: listMost})
	if err != nil {
		return nil, nil, err
	}
	made = slices.DeleteFunc(made, func(p *Promise) bool { return !access.MaySeeVisit(actor, access.Visit{Place: p.Place}) })
	aids, _, err := works.Find(ctx, s.store, store.Query{Where: at, Order: []string{"heldAt"}, Limit: listMost})
	return made, aids, err
}

// recentAt are the last other stops at the household, under whatever id, newest first.
func recentAt(ctx context.Context, tx *store.Tx, stop *Stop) ([]*Stop, error) {
	ids, err := idsOf(ctx, tx, stop.Household)
	if err != nil {
		return nil, err
	}
	found, _, err := stops.Find(ctx, tx, atEach(ids, store.Query{Order: []string{"-at"}, Limit: 30})...)
	return slices.DeleteFunc(found, func(o *Stop) bool { return o.ID == stop.ID }), err
}

// reusedIn counts the pictures that another stop has, or that are twice in this one.
func reusedIn(ctx context.Context, tx *store.Tx, stop *Stop, digests []string) (n int, err error) {
	for i, digest := range digests {
		had, _, err := stops.Find(ctx, tx, store.Query{Where: []store.Cond{store.Eq("digests", digest)}, Order: []string{"at"}, Limit: 2})
		if err != nil {
			return 0, err
		}
		if slices.ContainsFunc(had, func(o *Stop) bool { return o.ID != stop.ID }) || slices.Contains(digests[:i], digest) {
			n++
		}
	}
	return n, nil
}

// unansweredTwice reports whether nobody answered the last two times at a household,
// this stop among them; a later one may have come in before.
func unansweredTwice(stop *Stop, recent []*Stop) bool {
	all := []*Stop{stop}
	for _, o := range recent {
		if o.State == Over {
			all = append(all, o)
		}
	}
	slices.SortStableFunc(all, func(a, b *Stop) int { return b.At.Compare(a.At) })
	return len(all) > 1 && all[0].Result == NoAnswer && all[1].Result == NoAnswer && (all[0] == stop || all[1] == stop)
}
