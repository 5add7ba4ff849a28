package intake

import (
	"context"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

const appliedRecent = 50

// ActionInput is the input of an action on a case.
type ActionInput struct {
	ID      string // of this action: applied once, however often it is sent
	Action  Action
	Reason  string
	Note    string
	Missing []string
}

// TakeAction takes one action of the lifecycle with a case of ours. version,
// when not 0, is the one the caller read.
// Errors: ErrNotFound, ErrForbidden, ConflictError "wrong_state" or, of a
// platform's case, "platform_decides", with what is allowed; InvalidError, ErrStale.
func (s *Cases) TakeAction(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in ActionInput) (*Case, error) {
	return s.updateSeen(ctx, actor, id, func(tx *store.Tx, c *Case) error {
		if in.ID != "" && slices.Contains(c.Applied, in.ID) {
			return nil // sent again; the version stated is the one before it
		}
		if err := stated(ctx, tx, c, version); err != nil {
			return err
		}
		tr, err := c.decide(actor, in.Action)
		if err != nil {
			return err
		}
		if err := in.check(tr); err != nil {
			return err
		}
		cal, err := s.calendars.At(ctx, tx)
		if err != nil {
			return err
		}
		before := c.facts()
		c.take(tr, &in, now)
		c.reckon(cal)
		if err := c.looked(ctx, tx, now); err != nil {
			return err
		}
		return collection.Put(tx, c, c.entry(actor, now, string(tr.Action), before))
	})
}

// Allowed lists the actions that the actor may take with the case now, in the order of a case's life.
func Allowed(actor access.Actor, c *Case) []string {
	out := []string{}
	if c.System != "" || !access.MayTakeCase(actor, c.Facts()) {
		return out
	}
	for _, tr := range Transitions {
		if slices.Contains(tr.From, c.State) {
			out = append(out, string(tr.Action))
		}
	}
	return out
}

// decide finds the row for an action.
func (c *Case) decide(actor access.Actor, action Action) (Transition, error) {
	if !access.MayTakeCase(actor, c.Facts()) {
		return Transition{}, domain.ErrForbidden
	}
	if c.System != "" {
		return Transition{}, &domain.ConflictError{Code: "platform_decides", Allowed: Allowed(actor, c), Detail: domain.T("该受理件的状态由所属平台更新", "the state of this case is changed by its platform alone")}
	}
	for _, tr := range Transitions {
		if tr.Action == action && slices.Contains(tr.From, c.State) {
			return tr, nil
		}
	}
	return Transition{}, &domain.ConflictError{Code: "wrong_state", Allowed: Allowed(actor, c), Detail: domain.T("当前状态不能进行此操作", "this cannot be done in the case's present state")}
}

func (in *ActionInput) check(tr Transition) error {
	bad := &domain.InvalidError{}
	if tr.Needs&NeedReason != 0 {
		required(bad, "/reason", in.Reason)
	}
	if tr.Needs&NeedMissing != 0 && len(in.Missing) == 0 {
		bad.Add("/missing", domain.T("请一次性告知所缺的全部材料和条件", "tell everything that is wanting, at once"))
	}
	short(bad, "/reason", in.Reason, reasonLong)
	short(bad, "/note", in.Note, reasonLong)
	checkMissing(bad, in.Missing)
	return bad.Err()
}

// take is the pure change that an action makes.
func (c *Case) take(tr Transition, in *ActionInput, now time.Time) {
	c.enter(tr.To, now)
	c.UpdatedAt = now
	switch tr.Action {
	case AskMaterial:
		c.Missing = in.Missing
	case NotAccept:
		c.Missing, c.Reason = in.Missing, strings.TrimSpace(in.Reason)
	case Refuse, Withdraw:
		c.Reason = strings.TrimSpace(in.Reason)
	case Resume:
		c.Missing = nil
	}
	if in.ID != "" {
		c.Applied = append(c.Applied, in.ID)
		c.Applied = c.Applied[max(0, len(c.Applied)-appliedRecent):]
	}
	if step := (Step{c.Version + 1, strings.TrimSpace(in.Reason), strings.TrimSpace(in.Note), in.Missing}); step.Reason != "" || step.Note != "" || len(step.Missing) > 0 {
		c.Steps = append(c.Steps, step)
	}
}

// Change is what is changed of a case; nil leaves a field as it is, "" clears it.
type Change struct {
	Worker, StandIn, Station *string
	HomeCall                 *HomeCall // by whom and when is filled in
	NoHomeCall               bool
}

// Update changes who sees a case through, its station, and the home call that is wanted.
// Errors: ErrNotFound, ErrForbidden, InvalidError, ErrStale.
func (s *Cases) Update(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in Change) (*Case, error) {
	return s.updateSeen(ctx, actor, id, func(tx *store.Tx, c *Case) error {
		if err := stated(ctx, tx, c, version); err != nil {
			return err
		}
		handled := in.Station != nil || in.HomeCall != nil || in.NoHomeCall
		if !access.MayStaffCase(actor, c.Facts()) || handled && !access.MayTakeCase(actor, c.Facts()) {
			return domain.ErrForbidden
		}
		for pointer, who := range map[string]*string{"/worker": in.Worker, "/standIn": in.StandIn} {
			if who != nil && *who == actor.Account && !access.MayTakeOnCase(actor, c.Facts()) {
				return domain.Invalid(pointer, domain.T("敏感受理件须交由他人经办", "a sensitive case is somebody else's to see through"))
			}
		}
		if c.Booked() && (in.NoHomeCall || in.HomeCall != nil && !sameCall(in.HomeCall, c.HomeCall)) {
			return &domain.ConflictError{Code: "wrong_state", Allowed: Allowed(actor, c), Detail: domain.T("上门已预约，请在预约上改期或取消", "a home call is booked: move or cancel that")}
		}
		before, was := c.facts(), *c
		if err := in.check(ctx, tx, now, c); err != nil {
			return err
		}
		c.change(actor, now, in)
		if c.Worker == was.Worker && c.StandIn == was.StandIn && c.Station == was.Station && sameCall(c.HomeCall, was.HomeCall) {
			return nil
		}
		c.UpdatedAt = now
		c.settle()
		return collection.Put(tx, c, c.entry(actor, now, "assign", before))
	})
}

func (in *Change) check(ctx context.Context, tx *store.Tx, now time.Time, c *Case) error {
	bad := &domain.InvalidError{}
	if h := in.HomeCall; h != nil {
		short(bad, "/homeCall/note", h.Note, reasonLong)
	}
	if err := bad.Err(); err != nil {
		return err
	}
	if in.Station != nil {
		if err := stationThere(ctx, tx, *in.Station, c.Station); err != nil {
			return err
		}
	}
	named := map[string]string{}
	if in.Worker != nil && *in.Worker != c.Worker {
		named["/worker"] = *in.Worker
	}
	if in.StandIn != nil && *in.StandIn != c.StandIn {
		named["/standIn"] = *in.StandIn
	}
	return atCounters(ctx, tx, named)
}

func (c *Case) change(actor access.Actor, now time.Time, in Change) {
	for _, f := range []struct{ to, said *string }{{&c.Worker, in.Worker}, {&c.StandIn, in.StandIn}, {&c.Station, in.Station}} {
		if f.said != nil {
			*f.to = *f.said
		}
	}
	switch {
	case in.NoHomeCall:
		c.HomeCall = nil
	case in.HomeCall != nil && !sameCall(in.HomeCall, c.HomeCall):
		c.HomeCall = &HomeCall{On: in.HomeCall.On, Note: in.HomeCall.Note, By: actor.Account, At: now}
	}
}

// sameCall reports whether the same is wanted.
func sameCall(a, b *HomeCall) bool {
	return a == b || a != nil && b != nil && a.On == b.On && a.Note == b.Note
}

// AddTrip notes a trip that the resident made; the same again is the same.
// Errors: ErrNotFound, ErrForbidden, InvalidError, ConflictError "duplicate".
func (s *Cases) AddTrip(ctx context.Context, actor access.Actor, now time.Time, id string, t Trip) (*Case, error) {
	bad := &domain.InvalidError{}
	checkTrip(bad, "", t, now)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	t.By = actor.Account
	return s.updateSeen(ctx, actor, id, func(tx *store.Tx, c *Case) error {
		if !access.MayTakeCase(actor, c.Facts()) {
			return domain.ErrForbidden
		}
		if i := slices.IndexFunc(c.Trips, func(x Trip) bool { return x.ID == t.ID }); i >= 0 {
			return sameOr(c.Trips[i] == t)
		}
		if len(c.Trips) >= trips {
			return domain.Invalid("", domain.Textf("最多 %d 项", "%d at most", trips))
		}
		before := c.facts()
		c.Trips, c.UpdatedAt = append(c.Trips, t), now
		c.settle()
		return collection.Put(tx, c, c.entry(actor, now, "trip", before))
	})
}

func sameOr(same bool) error {
	if same {
		return nil
	}
	return domain.ErrIDInUse
}

// stated reads the case at the version the caller states; ErrStale.
func stated(ctx context.Context, tx *store.Tx, c *Case, version int64) error {
	_, err := collection.GetAt(ctx, tx, c.ID, version)
	return err
}

// updateSeen runs fn in an update of the case's street, on the case as it is
// then, if the actor is shown any of it; ErrNotFound if not.
func (s *Cases) updateSeen(ctx context.Context, actor access.Actor, id string, fn func(*store.Tx, *Case) error) (*Case, error) {
	return s.updateIf(ctx, id, func(c access.Case) bool { return access.CaseView(actor, c) != access.CaseHidden }, fn)
}

// updateIf is updateSeen for whom the case is there if seen says so.
func (s *Cases) updateIf(ctx context.Context, id string, seen func(access.Case) bool, fn func(*store.Tx, *Case) error) (c *Case, err error) {
	err = store.RetryMoved(func(moved error) error {
		was, err := Load(ctx, s.store, id)
		if err != nil {
			return err
		}
		if !seen(was.Facts()) {
			return domain.ErrNotFound
		}
		return s.store.Update(ctx, []string{was.Partition}, func(tx *store.Tx) error {
			if c, err = Load(ctx, tx, id); err != nil {
				return err
			}
			if c.Partition != was.Partition {
				return moved
			}
			if !seen(c.Facts()) {
				return domain.ErrNotFound
			}
			return fn(tx, c)
		})
	})
	if err != nil {
		return nil, domain.TakenID(err)
	}
	return c, nil
}
