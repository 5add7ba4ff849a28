package policy

import (
	"context"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/store"
	"wangge/store/jobs"
)

// Policies is what people do with policies, and the memory that everything
// else reads them from.
type Policies struct {
	// InUse tells whether tickets of the streets, open or over, have a category.
	// To be set before use, and not changed then.
	InUse func(ctx context.Context, r store.Reader, streets []string, category string) (bool, error)
	// People are those who lead in a street or a part of it, as they are at a
	// moment, covers with them. nil: nobody is counted. To be set before use likewise.
	People func(ctx context.Context, street *area.Area, at time.Time) ([]access.Actor, error)

	st    *store.Store
	areas *area.Areas
	known *jobs.Heads[Head, *Head, *histories]
	view  atomic.Pointer[snapshot] // the latest
}

// New reads the policies from a store that has Collections. What an earlier
// program kept elsewhere is carried over first.
func New(ctx context.Context, st *store.Store, areas *area.Areas) (*Policies, error) {
	s := &Policies{st: st, areas: areas}
	s.known = jobs.KeepHeads(st, heads, &histories{}, s.read)
	if err := s.carryOver(ctx); err != nil {
		return nil, err
	}
	return s, s.Refresh(ctx)
}

// histories are what all areas have decided. They never change.
type histories struct {
	versions map[string][]*Version // by id of the area, by number
}

// snapshot is what holds by them, under the areas of a time. It never changes.
type snapshot struct {
	tree *area.Tree
	*histories
	streets map[string]*line // of all times, by id
}

// line is what holds in a street, as time passes.
type line struct {
	street    *area.Area // that it is today
	own, city []*Version
	cityCode  string
	last      atomic.Pointer[merged]
}

// merged is a policy and what it was made of.
type merged struct {
	own, city *Version
	policy    *Policy
}

func newSnapshot(tree *area.Tree, known *histories) *snapshot {
	s := &snapshot{tree, known, map[string]*line{}}
	for _, a := range tree.Streets() {
		heirs := tree.Heirs(a.ID)
		today := heirs[len(heirs)-1]
		l := s.streets[today]
		if l == nil {
			l = s.line(today)
			s.streets[today] = l
		}
		s.streets[a.ID] = l
	}
	return s
}

// line puts together what holds in a street of today: its own decisions, before
// them those of the street that it took over from, and its city's.
func (s *snapshot) line(id string) *line {
	l := &line{own: s.history(id)}
	l.street, _ = s.tree.ByID(id)
	l.city = s.history(l.street.Place.City)
	if city, ok := s.tree.ByID(l.street.Place.City); ok {
		l.cityCode = city.Code
	}
	return l
}

// history are the versions that count in an area.
func (s *snapshot) history(id string) (all []*Version) {
	for _, former := range s.tree.Formerly(id) {
		all = continued(s.versions[former], all)
	}
	return all
}

// at is the policy of a moment; of one and the same it makes one value.
func (l *line) at(now time.Time) *Policy {
	own, city := inForce(l.own, now), inForce(l.city, now)
	if m := l.last.Load(); m != nil && m.own == own && m.city == city {
		return m.policy
	}
	p := merge(basis(), city.part(FromCity, l.cityCode), own.part(FromStreet, l.street.Code))
	l.last.Store(&merged{own, city, p})
	return p
}

// Default is the policy of a street where nobody has decided anything.
func Default() *Policy { return merge(basis()) }

func basis() part { return part{BuiltIn, "", builtInNumber, builtIn()} }

// now is what holds by what this node knows.
func (s *Policies) now() *snapshot { return s.under(s.areas.Tree(), s.known.Now()) }

// under is what holds by what is known, under the areas of a time.
func (s *Policies) under(tree *area.Tree, known *histories) *snapshot {
	if v := s.view.Load(); v != nil && v.tree == tree && v.histories == known {
		return v
	}
	fresh := newSnapshot(tree, known)
	s.view.Store(fresh)
	return fresh
}

// At returns the policy of a street, given by its id, at a moment, as this node
// knows it: for what is shown, and for first looks before an update.
func (s *Policies) At(street string, at time.Time) *Policy {
	if l := s.now().streets[street]; l != nil {
		return l.at(at)
	}
	return Default()
}

// In returns the policy of a street at a moment and counts it as read by the
// update: it runs again when the policy has changed since.
func (s *Policies) In(ctx context.Context, tx *store.Tx, street string, at time.Time) (*Policy, error) {
	tree := s.areas.Tree()
	l := s.under(tree, s.known.Now()).streets[street]
	if l == nil {
		store.Observe(tx, heads, street, 0)
		return Default(), nil
	}
	known, err := s.known.In(ctx, tx, l.street.ID)
	if err != nil {
		return nil, err
	}
	return s.under(tree, known).streets[street].at(at), nil
}

// CategoryWords are the categories that any street has or had: what tickets may be asked for by.
func (s *Policies) CategoryWords(now time.Time) domain.Enum {
	known, all := s.now(), builtIn().Categories
	for _, id := range slices.Sorted(maps.Keys(known.versions)) {
		for _, v := range known.versions[id] {
			for _, c := range v.Content.Categories {
				if !v.From.After(now) && index[Category, *Category](all, c.Code) < 0 {
					all = append(all, c)
				}
			}
		}
	}
	for i := range all {
		all[i].Retired = false
	}
	return categoryWords(all)
}

// Refresh brings what this node knows up to what is committed.
func (s *Policies) Refresh(ctx context.Context) error {
	var all []string
	for _, a := range slices.Concat(s.areas.Tree().Streets(), s.areas.Tree().Roots()) {
		all = append(all, a.ID)
	}
	return s.refresh(ctx, all...)
}

// RefreshOf is Refresh of what holds in a street, given by its id.
func (s *Policies) RefreshOf(ctx context.Context, street string) error {
	if l := s.now().streets[street]; l != nil {
		return s.refresh(ctx, l.street.ID)
	}
	return nil
}

// refresh is Refresh of some areas. Of what city one is that is not known yet
// is not known either: Begin reads it, or who decides there.
func (s *Policies) refresh(ctx context.Context, areas ...string) error {
	tree := s.areas.Tree()
	return s.known.Refresh(ctx, slices.DeleteFunc(areas, func(id string) bool {
		_, ok := tree.ByID(id)
		return !ok
	})...)
}

// read reads the versions that these heads say are new.
func (s *Policies) read(ctx context.Context, was *histories, changed []*Head) (*histories, error) {
	all := maps.Clone(was.versions)
	if all == nil {
		all = map[string][]*Version{}
	}
	for _, h := range changed {
		for _, of := range []struct {
			area   string
			number int64
		}{{h.ID, h.Own}, {s.cityOf(h.ID), h.City}} {
			if last(all[of.area]) >= of.number {
				continue
			}
			own, err := s.history(ctx, s.st, of.area)
			if err != nil {
				return nil, err
			}
			all[of.area] = own
		}
	}
	return &histories{all}, nil
}

func (s *Policies) cityOf(street string) string {
	if a, ok := s.areas.Tree().ByID(street); ok {
		return a.Place.City
	}
	return ""
}

// history reads the versions of an area, by number.
func (s *Policies) history(ctx context.Context, r store.Reader, area string) ([]*Version, error) {
	var all []*Version
	for cursor := ""; ; {
		page, next, err := versions.Find(ctx, r, store.Query{Where: []store.Cond{store.Eq("area", area)}, Order: []string{"number"}, Limit: 200, After: cursor})
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if cursor = next; cursor == "" {
			return all, nil
		}
	}
}

// Follow keeps what this node knows fresh, whoever changed it, until ctx ends;
// it returns ctx's error. It makes the heads of streets that have none: one
// that is there costs a commit no look-up, one that is not does.
func (s *Policies) Follow(ctx context.Context, n jobs.Node) error {
	seen := map[string]int64{}
	var tree *area.Tree
	return jobs.Watch(ctx, n, "policies", func(ctx context.Context, last map[string]int64) error {
		var grown []string
		for p, n := range last {
			if n > seen[p] {
				grown = append(grown, p)
			}
		}
		if slices.Contains(grown, area.CityPartition) {
			for _, city := range s.areas.Tree().Roots() {
				grown = append(grown, city.ID)
			}
		}
		if err := s.refresh(ctx, grown...); err != nil {
			return err
		}
		if now := s.areas.Tree(); now != tree {
			if err := s.Begin(ctx, n.Now().UTC()); err != nil {
				return err
			}
			tree = now
		}
		seen = last
		return nil
	})
}

// Begin makes the heads of streets that have none.
func (s *Policies) Begin(ctx context.Context, now time.Time) error {
	for _, a := range s.areas.Tree().Streets() {
		if !a.Valid() || s.known.Has(a.ID) {
			continue
		}
		err := s.known.Begin(ctx, a.ID, []string{a.ID}, func(tx *store.Tx) error {
			return heads.Insert(tx, newHead(a), entry(access.Program, now, "begin"))
		})
		if err != nil {
			return err
		}
	}
	return nil
}
