package robot

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/notice"
	"wangge/domain/once"
	"wangge/domain/personal"
	"wangge/store"
	"wangge/store/jobs"
)

// Robots are the use cases. Every node has them all in memory.
type Robots struct {
	store *store.Store
	areas *area.Areas
	keys  *personal.Keys
	known atomic.Pointer[snapshot]

	// On: there is a channel to the services. To be set before use.
	On bool
}

// snapshot is the robots as of a number of the city's journal.
type snapshot struct {
	head int64
	all  []*Robot
}

// New returns the use cases on a store that has Collections.
func New(st *store.Store, areas *area.Areas, keys *personal.Keys) *Robots {
	s := &Robots{store: st, areas: areas, keys: keys}
	s.known.Store(&snapshot{head: -1})
	return s
}

const (
	most         = 2000
	mostOfStreet = 20
)

// NewRobot is a robot to be made.
type NewRobot struct {
	ID       string `once:"-"`
	Title    string
	Service  Service
	Area     string // code of a street or a community
	URL      string // as the service shows it
	Secret   string // that a DingTalk robot signs with; may be empty
	Kinds    []notice.Kind
	Language string
	Disabled bool
	Wrong    domain.InvalidError `once:"-"` // what was found wrong before; told with the rest
}

// Create makes a robot, which tells of what happens from now on. The same again
// is the robot there is.
// Errors: ErrForbidden outside the actor's areas, InvalidError, ErrIDInUse,
// ConflictError "way_off" where none may write, "limit_reached".
func (s *Robots) Create(ctx context.Context, actor access.Actor, now time.Time, in NewRobot) (*Robot, error) {
	if !access.HasRobots(actor) {
		return nil, domain.ErrForbidden
	}
	made, err := s.read(now, &in)
	if err != nil {
		return nil, err
	}
	if !access.ManagesRobots(actor, made.Place) {
		return nil, domain.ErrForbidden
	}
	if !s.On {
		return nil, &domain.ConflictError{Code: "way_off", Detail: domain.T("本平台未启用群机器人", "no robot writes into groups here")}
	}
	var r *Robot
	err = s.store.Update(ctx, city, func(tx *store.Tx) error {
		ever, err := robots.GetManyEver(ctx, tx, []string{in.ID})
		if err != nil {
			return err
		}
		if was := ever[in.ID]; was != nil {
			if was.Deleted || !once.Same(was.Sent, made.Sent) || !access.ManagesRobots(actor, was.Place) {
				return domain.ErrIDInUse
			}
			r = was
			return nil
		}
		there, _, err := robots.Find(ctx, tx, store.Query{Where: []store.Cond{store.Eq("place.street", made.Place.Street)}, Order: []string{"createdAt"}})
		if err != nil {
			return err
		}
		if len(there) >= mostOfStreet {
			return &domain.ConflictError{Code: "limit_reached", Detail: domain.Textf("每个街道最多 %d 个群机器人", "%d robots of a street at most", mostOfStreet)}
		}
		fresh := *made
		r = &fresh
		return robots.Insert(tx, r, r.entry(actor, now, "create", store.Facts{}))
	})
	if err != nil {
		return nil, domain.TakenID(err)
	}
	return r, nil
}

// read is the robot that the input describes, with every wrong field told at once.
func (s *Robots) read(now time.Time, in *NewRobot) (*Robot, error) {
	bad := &in.Wrong
	in.Title = strings.TrimSpace(in.Title)
	checkTitle(bad, in.Title)
	checkKinds(bad, in.Kinds)
	checkLanguage(bad, in.Language)
	made := &Robot{Title: in.Title, Service: in.Service, Kinds: in.Kinds, Language: in.Language, Enabled: !in.Disabled, Sent: once.Sent(s.keys, "robot", *in), CreatedAt: now, UpdatedAt: now}
	made.ID, made.Partition = in.ID, area.CityPartition
	if a, ok := s.areas.Tree().ByCode(in.Area); ok && (a.Level == access.Street || a.Level == access.Community) {
		made.Place = a.Place
	} else {
		bad.Add("/area", domain.T("没有这个街道或社区", "no such street or community"))
	}
	if !ServiceWords.Has(string(in.Service)) {
		bad.Add("/service", ServiceWords.Fault())
		return nil, bad.Err()
	}
	key := keyOf(bad, in.Service, in.URL)
	checkSecret(bad, in.Service, in.Secret)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	return made, s.seal(made, key, in.Secret)
}

// seal gives the robot its key and secret.
func (s *Robots) seal(r *Robot, key, secret string) (err error) {
	r.Masked, r.Mark = masked(key), s.keys.Index("robot", string(r.Service)+" "+key)
	if r.Key, err = s.keys.Seal(key, keyAt(r.ID)); err != nil {
		return err
	}
	r.Secret, err = s.keys.Seal(secret, secretAt(r.ID))
	return err
}

// Change is what is changed of a robot; nil leaves a field as it is.
type Change struct {
	Title    *string
	URL      *string // a new address; its secret is then the one given with it, or none
	Secret   *string
	Kinds    *[]notice.Kind
	Language *string
	Enabled  *bool
}

// Update changes a robot. One that the service refused is tried again when it is
// enabled. version, when not 0, is the one the caller read.
// Errors: ErrNotFound, InvalidError, ErrStale.
func (s *Robots) Update(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in Change) (*Robot, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	was, err := s.Get(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	fresh := *was // with what is made of the input, which must not depend on how often it is run
	if err := s.apply(&fresh, in); err != nil {
		return nil, err
	}
	var r *Robot
	err = s.store.Update(ctx, city, func(tx *store.Tx) error {
		if r, err = robots.GetAt(ctx, tx, id, version); err != nil {
			return err
		}
		if !access.ManagesRobots(actor, r.Place) {
			return domain.ErrNotFound
		}
		before := *r
		r.merge(&fresh, in)
		if once.Alike(r.settings(), before.settings()) {
			return nil
		}
		r.UpdatedAt = now
		return robots.Put(tx, r, r.entry(actor, now, "change", before.facts()))
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// check finds what is wrong whatever the robot is.
func (in *Change) check() error {
	bad := &domain.InvalidError{}
	if in.Title != nil {
		checkTitle(bad, *in.Title)
	}
	if in.Kinds != nil {
		checkKinds(bad, *in.Kinds)
	}
	if in.Language != nil {
		checkLanguage(bad, *in.Language)
	}
	return bad.Err()
}

// apply gives a robot the key and secret of the input.
func (s *Robots) apply(r *Robot, in Change) error {
	bad := &domain.InvalidError{}
	key, secret := "", ""
	if in.Secret != nil {
		secret = *in.Secret
		checkSecret(bad, r.Service, secret)
	}
	if in.URL != nil {
		key = keyOf(bad, r.Service, *in.URL)
	}
	if err := bad.Err(); err != nil {
		return err
	}
	if in.URL != nil {
		return s.seal(r, key, secret)
	}
	if in.Secret != nil {
		var err error
		r.Secret, err = s.keys.Seal(secret, secretAt(r.ID))
		return err
	}
	return nil
}

func (r *Robot) merge(fresh *Robot, in Change) {
	if in.Title != nil {
		r.Title = strings.TrimSpace(*in.Title)
	}
	if in.Kinds != nil {
		r.Kinds = *in.Kinds
	}
	if in.Language != nil {
		r.Language = *in.Language
	}
	if in.URL != nil {
		r.Key, r.Masked, r.Mark, r.Secret, r.Refused = fresh.Key, fresh.Masked, fresh.Mark, fresh.Secret, ""
	} else if in.Secret != nil {
		r.Secret, r.Refused = fresh.Secret, ""
	}
	if in.Enabled != nil {
		if r.Enabled = *in.Enabled; r.Enabled {
			r.Refused = ""
		}
	}
}

// settings are what a change may change.
func (r *Robot) settings() any {
	return []any{r.Title, r.Key.Data, r.Secret.Data, r.Kinds, r.Language, r.Enabled, r.Refused}
}

// Delete ends a robot, with its key. Sent again, it has ended still.
// Errors: ErrNotFound, ErrStale.
func (s *Robots) Delete(ctx context.Context, actor access.Actor, now time.Time, id string, version int64) error {
	ever, err := robots.GetManyEver(ctx, s.store, []string{id})
	if err != nil || ever[id] != nil && ever[id].Deleted && access.ManagesRobots(actor, ever[id].Place) {
		return err
	}
	if _, err := s.Get(ctx, actor, id); err != nil {
		return err
	}
	return s.store.Update(ctx, city, func(tx *store.Tx) error {
		r, err := robots.GetAt(ctx, tx, id, version)
		if err != nil {
			return err
		}
		if !access.ManagesRobots(actor, r.Place) {
			return domain.ErrNotFound
		}
		before := r.facts()
		r.Key, r.Secret, r.Mark, r.Enabled = personal.Sealed{}, personal.Sealed{}, "", false
		return robots.Delete(tx, r, r.entry(actor, now, "delete", before))
	})
}

// Refused switches off a robot of which its service takes nothing any more, if
// its key is still the one that was tried.
func (s *Robots) Refused(ctx context.Context, now time.Time, id, mark, code string) error {
	return s.store.Update(ctx, city, func(tx *store.Tx) error {
		r, err := robots.Get(ctx, tx, id)
		if errors.Is(err, store.ErrNotFound) || err == nil && (r.Mark != mark || !r.Enabled) {
			return nil
		}
		if err != nil {
			return err
		}
		before := r.facts()
		r.Enabled, r.Refused, r.UpdatedAt = false, code, now
		return robots.Put(tx, r, r.entry(access.Program, now, "refused", before))
	})
}

// Get returns a robot to who manages its area; ErrNotFound.
func (s *Robots) Get(ctx context.Context, actor access.Actor, id string) (*Robot, error) {
	r, err := robots.Get(ctx, s.store, id)
	if err == nil && !access.ManagesRobots(actor, r.Place) {
		err = domain.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// List returns a page of the robots of the actor's areas, the oldest first; ErrForbidden.
func (s *Robots) List(ctx context.Context, actor access.Actor, limit int, cursor string) ([]*Robot, string, error) {
	if !access.HasRobots(actor) {
		return nil, "", domain.ErrForbidden
	}
	var queries []store.Query
	for _, scope := range access.RobotScopes(actor) {
		q := store.Query{Order: []string{"createdAt"}, Limit: limit, After: cursor}
		switch scope.Level {
		case "":
		case access.Street:
			q.Where = []store.Cond{store.Eq("place.street", scope.ID)}
		default:
			q.Where = []store.Cond{store.Filter(store.Eq("place."+string(scope.Level), scope.ID))}
		}
		queries = append(queries, q)
	}
	return robots.Find(ctx, s.store, queries...)
}

// Open is the key and the secret of a robot, for who writes by it.
func (s *Robots) Open(r *Robot) (key, secret string, err error) {
	if key, err = s.keys.Open(r.Key, keyAt(r.ID)); err != nil {
		return "", "", err
	}
	secret, err = s.keys.Open(r.Secret, secretAt(r.ID))
	return key, secret, err
}

// Of are the enabled robots of a street and its communities, as this node knows them; not to be changed.
func (s *Robots) Of(street string) (out []*Robot) {
	ids := s.areas.Tree().Formerly(street)
	for _, r := range s.known.Load().all {
		if r.Enabled && slices.Contains(ids, r.Place.Street) {
			out = append(out, r)
		}
	}
	return out
}

// Refresh brings what this node knows up to what is committed.
func (s *Robots) Refresh(ctx context.Context) error {
	head := s.store.Head(area.CityPartition) // before they are read: what is known is never less than it says
	if s.known.Load().head >= head {
		return nil
	}
	all, _, err := robots.Find(ctx, s.store, store.Query{Order: []string{"createdAt"}, Limit: most})
	if err != nil {
		return err
	}
	fresh := &snapshot{head, all}
	for {
		known := s.known.Load()
		if known.head >= head || s.known.CompareAndSwap(known, fresh) {
			return nil
		}
	}
}

// Follow keeps what this node knows fresh, whoever changed it, until ctx ends; it returns ctx's error.
func (s *Robots) Follow(ctx context.Context, n jobs.Node) error {
	return jobs.Watch(ctx, n, "robots", func(ctx context.Context, _ map[string]int64) error { return s.Refresh(ctx) })
}
