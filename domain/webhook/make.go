package webhook

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/once"
	"wangge/store"
)

// NewTarget is a target to be made.
type NewTarget struct {
	ID      string `once:"-"`
	Title   string
	Account string
	System  string
	URL     string
	Events  []string
	Paused  bool
	Secret  NewSecret           `once:"-"`
	Wrong   domain.InvalidError `once:"-"` // what was found wrong before; told with the rest
}

// Create makes a target, which is told of what happens from now on. The same
// again is the target there is.
// Errors: ErrForbidden, InvalidError, ErrIDInUse, ConflictError "limit_reached".
func (s *Targets) Create(ctx context.Context, actor access.Actor, now time.Time, in NewTarget) (*Target, error) {
	if !access.ManagesWebhooks(actor) {
		return nil, domain.ErrForbidden
	}
	in.Title = strings.TrimSpace(in.Title)
	bad := &in.Wrong
	checkTitle(bad, in.Title)
	s.checkURL(bad, in.URL)
	checkEvents(bad, in.Events, in.System)
	made := &Target{Meta: store.Meta{ID: in.ID, Partition: area.CityPartition}, Title: in.Title, Account: in.Account, System: in.System, URL: in.URL, Events: in.Events,
		State: Active, Sent: once.Sent(s.keys, "webhook", in), CreatedAt: now, UpdatedAt: now}
	if in.Paused {
		made.State = Paused
	}
	first, err := s.seal(made.ID, in.Secret, now)
	if err != nil {
		return nil, err
	}
	made.Secrets = []Secret{first}
	var t *Target
	found := len(bad.Fields)
	err = s.store.Update(ctx, city, func(tx *store.Tx) error {
		bad := &domain.InvalidError{Fields: slices.Clip(bad.Fields[:found])}
		if err := checkAccount(ctx, tx, bad, in.Account, in.System); err != nil {
			return err
		}
		if err := bad.Err(); err != nil {
			return err
		}
		ever, err := targets.GetManyEver(ctx, tx, []string{in.ID})
		if err != nil {
			return err
		}
		if was := ever[in.ID]; was != nil {
			if was.Deleted || !once.Same(was.Sent, made.Sent) {
				return domain.ErrIDInUse
			}
			t = was
			return nil
		}
		all, err := every(ctx, tx)
		if err != nil {
			return err
		}
		if len(all) == most {
			return &domain.ConflictError{Code: "limit_reached", Detail: domain.Textf("最多 %d 个接收方", "%d receivers at most", most)}
		}
		fresh := *made
		t = &fresh
		return targets.Insert(tx, t, t.entry(actor, now, "create", ""))
	})
	if err != nil {
		return nil, domain.TakenID(err)
	}
	return t, nil
}

// city is where targets lie.
var city = []string{area.CityPartition}

// Change is what is changed of a target; nil leaves a field as it is.
type Change struct {
	Title, URL *string
	Events     []string
	State      *State
	Wrong      domain.InvalidError
}

// Update changes a target. Made active, it is sent at once what waits, whatever
// its receiver answered before. version, when not 0, is the one the caller read.
// Errors: ErrNotFound, ErrForbidden, InvalidError, ErrStale.
func (s *Targets) Update(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in Change) (*Target, error) {
	t, err := s.change(ctx, actor, id, true, func(tx *store.Tx, t *Target) error {
		if err := stated(ctx, tx, id, version); err != nil {
			return err
		}
		if err := s.checkChange(&in, t.System); err != nil {
			return err
		}
		was := *t
		if in.Title != nil {
			t.Title = strings.TrimSpace(*in.Title)
		}
		if in.URL != nil {
			t.URL = *in.URL
		}
		if in.Events != nil {
			t.Events = in.Events
		}
		if in.State != nil && *in.State != t.State {
			if t.State, t.Why = *in.State, ""; t.State == Disabled {
				t.Why = ByPerson
			}
		}
		if t.Title == was.Title && t.URL == was.URL && slices.Equal(t.Events, was.Events) && t.State == was.State {
			return nil
		}
		if t.State == Active && was.State != Active || t.URL != was.URL {
			if err := closeCircuit(ctx, tx, id); err != nil {
				return err
			}
		}
		t.UpdatedAt = now
		return targets.Put(tx, t, t.entry(actor, now, "change", was.State))
	})
	if bad := s.checkChange(&in, ""); errors.Is(err, domain.ErrNotFound) && bad != nil {
		return nil, bad // what is wrong whatever the target is
	}
	return t, err
}

func (s *Targets) checkChange(in *Change, system string) error {
	bad := &domain.InvalidError{Fields: slices.Clip(in.Wrong.Fields)}
	if in.Title != nil {
		checkTitle(bad, *in.Title)
	}
	if in.URL != nil {
		s.checkURL(bad, *in.URL)
	}
	if in.Events != nil {
		checkEvents(bad, in.Events, system)
	}
	if in.State != nil && !StateWords.Has(string(*in.State)) {
		bad.Add("/state", StateWords.Fault())
	}
	return bad.Err()
}

// closeCircuit forgets what a receiver answered.
func closeCircuit(ctx context.Context, tx *store.Tx, target string) error {
	c, err := circuitOf(ctx, tx, target)
	if err != nil || c.Version == 0 || c.Failures == 0 && c.OpenUntil.IsZero() {
		return err
	}
	c.Failures, c.OpenUntil = 0, time.Time{}
	return circuits.Put(tx, c)
}

// Delete ends a target: what waits for it is not sent any more. Sent again, it has ended still.
// Errors: ErrNotFound, ErrForbidden, ErrStale.
func (s *Targets) Delete(ctx context.Context, actor access.Actor, now time.Time, id string, version int64) error {
	if ever, err := targets.GetManyEver(ctx, s.store, []string{id}); err != nil || ever[id] != nil && ever[id].Deleted && access.ManagesWebhooks(actor) {
		return err
	}
	_, err := s.change(ctx, actor, id, true, func(tx *store.Tx, t *Target) error {
		if err := stated(ctx, tx, id, version); err != nil {
			return err
		}
		t.Secrets = nil
		return targets.Delete(tx, t, t.entry(actor, now, "delete", t.State))
	})
	return err
}

// Get returns a target to who may read it; ErrNotFound.
func (s *Targets) Get(ctx context.Context, actor access.Actor, id string) (*Target, error) {
	return readable(ctx, s.store, actor, id)
}

func readable(ctx context.Context, r store.Reader, actor access.Actor, id string) (*Target, error) {
	t, err := targets.Get(ctx, r, id)
	if err == nil && !access.MayReadWebhook(actor, t.Account) {
		err = domain.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

// List returns the targets of a machine account, or, for who manages them, all; ErrForbidden.
func (s *Targets) List(ctx context.Context, actor access.Actor, limit int, cursor string) ([]*Target, string, error) {
	q := store.Query{Order: []string{"createdAt"}, Limit: limit, After: cursor}
	switch {
	case !access.HasWebhooks(actor):
		return nil, "", domain.ErrForbidden
	case !access.ManagesWebhooks(actor):
		q.Where = []store.Cond{store.Eq("account", actor.Account)}
	}
	return targets.Find(ctx, s.store, q)
}

// stated reads the target at the version the caller states; ErrStale.
func stated(ctx context.Context, tx *store.Tx, id string, version int64) error {
	_, err := targets.GetAt(ctx, tx, id, version)
	return err
}

// change runs fn on a target that the actor may read, and manages where that is
// needed; fn saves what it changes.
func (s *Targets) change(ctx context.Context, actor access.Actor, id string, managed bool, fn func(*store.Tx, *Target) error) (t *Target, err error) {
	err = s.store.Update(ctx, city, func(tx *store.Tx) error {
		if t, err = readable(ctx, tx, actor, id); err != nil {
			return err
		}
		if managed && !access.ManagesWebhooks(actor) {
			return domain.ErrForbidden
		}
		return fn(tx, t)
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}
