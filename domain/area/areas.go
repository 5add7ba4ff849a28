package area

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/fold"
	"wangge/store"
	"wangge/store/jobs"
)

// Areas is what people do with areas, cells and organisations, and the
// snapshots of them that everything else looks things up in.
type Areas struct {
	// Scheme of the cells' codes; New sets DefaultScheme. Not to be changed once in use.
	Scheme Scheme
	// PlanMoves plans what moves with the cells; New sets none. Not to be changed once in use.
	PlanMoves MovePlanner

	st   *store.Store
	tree atomic.Pointer[Tree]
	m    atomic.Pointer[Map]
	load sync.Mutex    // one refresh at a time
	turn chan struct{} // of cell imports on this node, one at a time
}

// New reads the snapshots from a store that declares Collections.
func New(ctx context.Context, st *store.Store) (*Areas, error) {
	s := &Areas{st: st, Scheme: DefaultScheme, turn: make(chan struct{}, 1)}
	s.tree.Store(newTree(nil, 0, time.Time{}))
	empty, err := newMap(map[string]*street{})
	if err != nil {
		return nil, err
	}
	s.m.Store(empty)
	return s, s.Refresh(ctx)
}

// Tree returns the latest snapshot of the areas.
func (s *Areas) Tree() *Tree { return s.tree.Load() }

// Map returns the latest snapshot of the cells.
func (s *Areas) Map() *Map { return s.m.Load() }

// Refresh brings the snapshots up to what is committed; what has not changed
// since they were made is not read again.
func (s *Areas) Refresh(ctx context.Context) error {
	s.load.Lock()
	defer s.load.Unlock()
	var all []*Coverage
	for cursor := ""; ; {
		page, next, err := coverages.Find(ctx, s.st, store.Query{Order: []string{"partition"}, Limit: 500, After: cursor})
		if err != nil {
			return err
		}
		all = append(all, page...)
		if cursor = next; cursor == "" {
			return s.follow(ctx, all)
		}
	}
}

// follow loads what these coverages say has changed.
func (s *Areas) follow(ctx context.Context, changed []*Coverage) error {
	streets := maps.Clone(s.Map().streets)
	fresh := false
	for _, c := range changed {
		switch {
		case c.ID == CityPartition:
			if c.Version == s.Tree().version {
				continue
			}
			tree, err := s.loadTree(ctx)
			if err != nil {
				return err
			}
			close(s.tree.Swap(tree).superseded)
		case streets[c.ID] == nil || streets[c.ID].version != c.Version:
			street, err := s.loadStreet(ctx, c)
			if err != nil {
				return err
			}
			streets[c.ID], fresh = street, true
		}
	}
	if !fresh {
		return nil
	}
	m, err := newMap(streets)
	if err != nil {
		return err
	}
	close(s.m.Swap(m).superseded)
	return nil
}

// loadTree reads the areas. It is at least as new as the version it says.
func (s *Areas) loadTree(ctx context.Context) (*Tree, error) {
	cover, err := coverages.Get(ctx, s.st, CityPartition)
	if errors.Is(err, store.ErrNotFound) {
		cover, err = &Coverage{}, nil
	}
	if err != nil {
		return nil, err
	}
	var all []*Area
	for cursor := ""; ; {
		page, next, err := areas.Find(ctx, s.st, store.Query{
			Where: []store.Cond{store.Eq("partition", CityPartition)}, Order: []string{"code"}, Limit: 1000, After: cursor,
		})
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if cursor = next; cursor == "" {
			return newTree(all, cover.Version, cover.Edition), nil
		}
	}
}

// Follow keeps the snapshots fresh, whoever changed the store, until ctx ends;
// it returns ctx's error. Failures of the store are logged and retried.
func (s *Areas) Follow(ctx context.Context) error {
	seen := map[string]int64{}
	return jobs.Watch(ctx, jobs.Node{Store: s.st, Log: slog.Default()}, "areas", func(ctx context.Context, heads map[string]int64) error {
		err := s.catchUp(ctx, seen, heads)
		if err == nil {
			seen = heads
		}
		return err
	})
}

// catchUp looks only at the partitions that grew.
func (s *Areas) catchUp(ctx context.Context, seen, heads map[string]int64) error {
	var grown []string
	for p, n := range heads {
		if n > seen[p] {
			grown = append(grown, p)
		}
	}
	s.load.Lock()
	defer s.load.Unlock()
	found, err := coverages.GetMany(ctx, s.st, grown)
	if err != nil {
		return err
	}
	return s.follow(ctx, slices.Collect(maps.Values(found)))
}

// AreaQuery asks for areas of today, ordered by code.
type AreaQuery struct {
	Parent string       // code; "" for all
	Level  access.Level // "" for all
	Text   string       // part of the name
	Limit  int
	Cursor string
}

// List returns a page of areas and the cursor of the next. InvalidError for an unknown parent or level, store.ErrCursor.
func (s *Areas) List(q AreaQuery) ([]*Area, string, error) {
	tree := s.Tree()
	from := tree.sorted
	if q.Parent != "" {
		parent, ok := tree.ByCode(q.Parent)
		if !ok {
			return nil, "", domain.Invalid("?parent", domain.T("没有这个区划", "no such area"))
		}
		from = tree.Children(parent.ID)
	}
	if q.Level != "" && digits[q.Level] == 0 {
		return nil, "", domain.Invalid("?level", access.AreaLevelWords.Fault())
	}
	return domain.Page(from, q.Limit, q.Cursor, func(a *Area) string { return a.Code }, func(a *Area) bool {
		return a.Valid() && (q.Level == "" || a.Level == q.Level) && strings.Contains(fold.Name(a.Name), fold.Name(q.Text))
	})
}

// Area returns the area with the code, valid or ended; ErrNotFound.
func (s *Areas) Area(code string) (*Area, error) {
	a, ok := s.Tree().EverByCode(code)
	if !ok {
		return nil, domain.ErrNotFound
	}
	return a, nil
}
