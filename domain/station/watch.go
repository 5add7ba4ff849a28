package station

import (
	"context"
	"errors"
	"slices"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/calendar"
	"wangge/domain/civil"
	"wangge/domain/todo"
	"wangge/store"
	"wangge/store/jobs"
)

// HoleAhead is asked of a station's directors.
var HoleAhead = todo.Declare("station_hole", "服务站出现无人顶岗的时段", "a station has a time for which nobody covers some matters")

// Holes are what is known to be missing at a station. Its id is the station's.
type Holes struct {
	store.Meta `store:",inline"`
	Known      []Hole    `store:"known,omitempty"`
	LookAt     time.Time `store:"lookAt"` // when time alone brings another to light, or ends one
}

var (
	holes = store.Declare[Holes](store.Declaration{Name: "stationHoles", Schema: 1, Unjournaled: true, Indexes: []string{"due: lookAt"}})

	// bookmarks say how far the journals were read.
	bookmarks = jobs.Bookmarks("stationBookmarks")
)

// settle looks for holes of a station as this update leaves it, and tells its
// directors of each, once, as long as there is one.
func (s *Stations) settle(ctx context.Context, tx *store.Tx, st *Station, actor access.Actor, now time.Time) error {
	ahead := Span{now, now.Add(Ahead)}
	k, err := s.know(ctx, tx, st, ahead)
	if err != nil {
		return err
	}
	c, err := s.calendars.At(ctx, tx)
	if err != nil {
		return err
	}
	roster := *k.Station
	roster.Absences = nil
	h, err := holes.Get(ctx, tx, st.ID)
	if errors.Is(err, store.ErrNotFound) {
		h, err = &Holes{Meta: store.Meta{ID: st.ID, Partition: st.Partition}}, nil
	}
	if err != nil {
		return err
	}
	was, looked := h.Known, h.LookAt
	h.Known = continued(was, k.holes(roster.dutyBetween(c, ahead)), now)
	h.LookAt = civil.DateOf(now).Add(1).Start()
	for _, hole := range h.Known {
		if hole.Until.After(now) && hole.Until.Before(h.LookAt) {
			h.LookAt = hole.Until
		}
	}
	if err := tell(ctx, tx, st, was, h.Known, k.Directors(now), st.entry(actor, now, "hole")); err != nil {
		return err
	}
	if h.Version > 0 && h.LookAt.Equal(looked) && slices.EqualFunc(h.Known, was, func(a, b Hole) bool { return a.key() == b.key() && a.Until.Equal(b.Until) }) {
		return nil
	}
	if h.Version == 0 {
		return holes.Insert(tx, h)
	}
	return holes.Put(tx, h)
}

// tell puts on the journal which holes opened and closed, asks the directors of
// those there are and ends what they were asked of the others. e has the time and the actor.
func tell(ctx context.Context, tx *store.Tx, st *Station, was, now []Hole, directors []string, e store.Entry) error {
	about := todo.About{Kind: "station", ID: st.ID, Place: st.Place}
	record := func(action string, hole Hole) error {
		e.Action = action
		e.Dims = map[string]string{"qualification": hole.Qualification, "from": hole.From.UTC().Format(time.RFC3339), "until": hole.Until.UTC().Format(time.RFC3339)}
		return stations.Record(tx, st, e)
	}
	for _, hole := range now {
		if !has(was, hole) {
			if err := record("station.hole", hole); err != nil {
				return err
			}
		}
		if err := todo.Ask(ctx, tx, todo.Asking{Kind: HoleAhead, About: about, Occasion: hole.key(), To: directors}, e); err != nil {
			return err
		}
	}
	for _, hole := range was {
		if has(now, hole) {
			continue
		}
		if err := record("station.hole_closed", hole); err != nil {
			return err
		}
		if err := todo.Done(ctx, tx, HoleAhead, about, e.At, hole.key()); err != nil {
			return err
		}
	}
	return nil
}

func has(all []Hole, one Hole) bool {
	return slices.ContainsFunc(all, func(h Hole) bool { return h.key() == one.key() })
}

const holesLease = "stations.holes"

// Run looks for holes as days go by, and when what stations depend on changes,
// on one node at a time until ctx ends.
func (s *Stations) Run(ctx context.Context, n jobs.Node) {
	_ = jobs.Lead(ctx, n, holesLease, s.due().Run(n), s.changes(n.Now).Follow(n)) // which returns ctx's error
}

// due looks again when time alone may have changed what is ahead.
func (s *Stations) due() *jobs.Due[Holes, *Holes] {
	return &jobs.Due[Holes, *Holes]{
		Collection: holes, Field: "lookAt", At: func(h *Holes) time.Time { return h.LookAt },
		Do: func(ctx context.Context, lease store.Lease, h *Holes, now time.Time) error {
			return s.look(ctx, lease, h.ID, now)
		},
	}
}

// look is settle of a station that nobody changes.
func (s *Stations) look(ctx context.Context, lease store.Lease, id string, now time.Time) error {
	st, err := stations.Get(ctx, s.st, id)
	if err != nil {
		return err
	}
	return s.st.Update(ctx, []string{st.Partition}, func(tx *store.Tx) error {
		if err := tx.Hold(ctx, lease); err != nil {
			return err
		}
		st, err := stations.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		return s.settle(ctx, tx, st, access.Program, now)
	})
}

// What the journal calls the collections that stations depend on.
const (
	qualifications = "qualifications" // each entry names whose it is
	serviceItems   = "serviceItems"
)

// changes looks at the stations of people whose grants or qualifications
// change, and at all when items or the calendar do.
func (s *Stations) changes(now func() time.Time) *jobs.Consumer {
	return &jobs.Consumer{
		Bookmarks: bookmarks,
		Wants: func(e *store.Entry) bool {
			return account.About(e) || e.Collection == qualifications || e.Collection == serviceItems || e.Action == calendar.ActionYear
		},
		Handle: func(ctx context.Context, b jobs.Batch) (jobs.Output, error) {
			var who []string
			all := false
			for _, e := range b.Entries {
				switch {
				case account.About(e):
					who = append(who, e.Doc)
				case e.Collection == qualifications:
					who = append(who, e.After.Assignee)
				default:
					all = true
				}
			}
			var queries []store.Query
			slices.Sort(who)
			for some := range slices.Chunk(slices.Compact(who), 100) {
				queries = append(queries, store.Query{Where: []store.Cond{store.In("people", some...)}})
			}
			if all {
				queries = []store.Query{{}}
			}
			// An update that finds nothing to write would not notice that this node is behind.
			err := errors.Join(s.items.Refresh(ctx), s.calendars.Refresh(ctx))
			if err != nil {
				return jobs.Output{}, err
			}
			ids, err := found(ctx, s.st, queries)
			for _, id := range ids {
				err = errors.Join(err, s.look(ctx, b.Lease, id, now().UTC()))
			}
			return jobs.Output{}, err
		},
	}
}

// found are the ids of the stations that any of the queries finds.
func found(ctx context.Context, r store.Reader, queries []store.Query) (ids []string, err error) {
	for _, q := range queries {
		for q.Order, q.Limit = []string{"name"}, 100; ; {
			page, next, err := stations.Find(ctx, r, q)
			if err != nil {
				return nil, err
			}
			for _, st := range page {
				ids = append(ids, st.ID)
			}
			if q.After = next; next == "" {
				break
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}
