package policy

import (
	"context"
	"maps"
	"slices"
	"sync"
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

	st    *store.Store
	areas *area.Areas
	known atomic.Pointer[snapshot]
	load  sync.Mutex // one refresh at a time
}

// New reads the policies from a store that has Collections. What an earlier
// program kept elsewhere is carried over first.
func New(ctx context.Context, st *store.Store, areas *area.Areas) (*Policies, error) {
	s := &Policies{st: st, areas: areas}
	s.known.Store(newSnapshot(areas.Tree(), nil, nil))
	if err := s.carryOver(ctx); err != nil {
		return nil, err
	}
	return s, s.Refresh(ctx)
}

// snapshot is what all areas have decided. It never changes.
type snapshot struct {
	tree     *area.Tree
	heads    map[string]*Head      // by id of the area
	versions map[string][]*Version // likewise, by number
	streets  map[string]*line      // of all times, by id
}

// line is what holds in a street, as time passes.
type line struct {
	street    *area.Area // that it is today
	head      int64      // version of the Head of today's street
	own, city []*Version
	cityCode  string
	last      atomic.Pointer[merged]
}

// merged is a policy and what it was made of.
type merged struct {
	own, city *Version
	policy    *Policy
}

func newSnapshot(tree *area.Tree, heads map[string]*Head, versions map[string][]*Version) *snapshot {
	s := &snapshot{tree, heads, versions, map[string]*line{}}
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
	if h := s.heads[id]; h != nil {
		l.head = h.Version
	}
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

// now is the snapshot under the areas of now.
func (s *Policies) now() *snapshot {
	known := s.known.Load()
	if tree := s.areas.Tree(); tree != known.tree {
		fresh := newSnapshot(tree, known.heads, known.versions)
		if !s.known.CompareAndSwap(known, fresh) {
			return s.now()
		}
		return fresh
	}
	return known
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
	l := s.now().streets[street]
	if l == nil {
		store.Observe(tx, heads, street, 0)
		return Default(), nil
	}
	if tx.Again() { // perhaps since what this node knows is behind
		if err := s.RefreshOf(ctx, street); err != nil {
			return nil, err
		}
		l = s.now().streets[street]
	}
	store.Observe(tx, heads, l.street.ID, l.head)
	return l.at(at), nil
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
	s.load.Lock()
	defer s.load.Unlock()
	var all []*Head
	for cursor := ""; ; {
		page, next, err := heads.Find(ctx, s.st, store.Query{Order: []string{"partition"}, Limit: 500, After: cursor})
		if err != nil {
			return err
		}
		all = append(all, page...)
		if cursor = next; cursor == "" {
			return s.follow(ctx, all)
		}
	}
}

// RefreshOf is Refresh of what holds in a street, given by its id.
func (s *Policies) RefreshOf(ctx context.Context, street string) error {
	if l := s.now().streets[street]; l != nil {
		return s.refresh(ctx, l.street.ID)
	}
	return nil
}

// refresh is Refresh of some areas.
func (s *Policies) refresh(ctx context.Context, areas ...string) error {
	s.load.Lock()
	defer s.load.Unlock()
	found, err := heads.GetMany(ctx, s.st, areas)
	if err != nil {
		return err
	}
	return s.follow(ctx, slices.Collect(maps.Values(found)))
}

// follow reads what these heads say has changed. Versions are read after their
// head: what is known is never less than the head says.
func (s *Policies) follow(ctx context.Context, changed []*Head) error {
	known := s.known.Load()
	all, versions, fresh := maps.Clone(known.heads), maps.Clone(known.versions), false
	if all == nil {
		all, versions = map[string]*Head{}, map[string][]*Version{}
	}
	for _, h := range changed {
		if was := all[h.ID]; was != nil && was.Version >= h.Version {
			continue
		}
		if _, ok := s.areas.Tree().ByID(h.ID); !ok {
			continue // of what city is not known yet: Begin reads it, or who decides there
		}
		for _, of := range []struct {
			area   string
			number int64
		}{{h.ID, h.Own}, {s.cityOf(h.ID), h.City}} {
			if got := versions[of.area]; of.number == 0 || len(got) > 0 && got[len(got)-1].Number >= of.number {
				continue
			}
			own, err := s.history(ctx, s.st, of.area)
			if err != nil {
				return err
			}
			versions[of.area] = own
		}
		all[h.ID], fresh = h, true
	}
	if fresh {
		s.known.Store(newSnapshot(s.areas.Tree(), all, versions))
	}
	return nil
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
	known, fresh := s.known.Load(), []string(nil)
	for _, a := range s.areas.Tree().Streets() {
		if !a.Valid() || known.heads[a.ID] != nil {
			continue
		}
		err := s.st.Update(ctx, []string{a.ID}, func(tx *store.Tx) error {
			h, err := head(ctx, tx, a)
			if err != nil || h.Version > 0 {
				return err
			}
			return saveHead(tx, h, entry(access.Program, now, "begin"))
		})
		if err != nil {
			return err
		}
		fresh = append(fresh, a.ID)
	}
	return s.refresh(ctx, fresh...)
}
