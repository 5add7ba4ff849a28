package visit

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/civil"
	"wangge/domain/plan"
	"wangge/store"
)

// ActionInput is the input of an action on a planned visit: Reschedule, Reassign, Miss or Cancel.
type ActionInput struct {
	ID       string // of this action: applied once, however often it is sent
	Action   Action
	Reason   string
	Day      civil.Date // reschedule
	Slot     string     // reschedule of what was asked for: of the day; "": as before
	Assignee *string    // reassign: an account, or "" for whoever staffs the cell
}

const (
	movedMost     = 92 // days that a visit can be put off
	appliedRecent = 50
)

func (in *ActionInput) check(tr Transition, v *Visit, now time.Time) error {
	bad := &domain.InvalidError{}
	domain.CheckText(bad, "/reason", in.Reason, noteLongest, tr.Asks&AsksReason != 0)
	today := civil.DateOf(now)
	if _, ok := civil.ParseDate(string(in.Day)); tr.Asks&AsksDay != 0 && (!ok || in.Day < today || in.Day > max(today, v.Period).Add(movedMost)) {
		bad.Add("/day", domain.T("日期应为今天起 92 天内", "must be a date within 92 days"))
	}
	if tr.Asks&AsksAssignee != 0 && in.Assignee == nil {
		bad.Add("/assignee", domain.T("请选择走访人", "an assignee is required"))
	}
	return bad.Err()
}

// Get returns a visit; ErrNotFound when the actor may not see it.
func (s *Visits) Get(ctx context.Context, actor access.Actor, id string) (*Visit, error) {
	v, err := visits.Get(ctx, s.store, id)
	if err != nil {
		return nil, err
	}
	if !access.MaySeeVisit(actor, v.Facts()) {
		return nil, domain.ErrNotFound
	}
	return v, nil
}

// Seen tells which of these visits the actor may see.
func (s *Visits) Seen(ctx context.Context, actor access.Actor, ids []string) (map[string]bool, error) {
	found, err := visits.GetMany(ctx, s.store, ids)
	out := make(map[string]bool, len(found))
	for id, v := range found {
		out[id] = access.MaySeeVisit(actor, v.Facts())
	}
	return out, err
}

// TakeAction reschedules, reassigns, misses or cancels a visit. version, when not 0, is the one the caller read.
// Errors: ErrNotFound, ErrForbidden, InvalidError, ConflictError "wrong_state" with what is allowed, ErrStale.
func (s *Visits) TakeAction(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in ActionInput) (*Visit, error) {
	v, err := s.Get(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if !slices.Contains([]Action{Reschedule, Reassign, Miss, Cancel}, in.Action) {
		return nil, domain.Invalid("/action", domain.T("未知的操作", "unknown action"))
	}
	err = inStreets(ctx, s.store, v.Partition, func(tx *store.Tx) error {
		if v, err = visits.Get(ctx, tx, id); err != nil {
			return err
		}
		if !access.MaySeeVisit(actor, v.Facts()) {
			return domain.ErrNotFound
		}
		if in.ID != "" && slices.Contains(v.Applied, in.ID) {
			return nil // sent again; the version stated is the one before it
		}
		if _, err := visits.GetAt(ctx, tx, id, version); err != nil {
			return err
		}
		tr, err := v.decide(in.Action, actor)
		if err != nil {
			return err
		}
		if err := in.check(tr, v, now); err != nil {
			return err
		}
		before := v.facts()
		if err := s.carryOut(ctx, tx, actor, v, tr, in, now); err != nil {
			return err
		}
		return visits.Put(tx, v, v.entry(actor, now, tr.Action, before))
	})
	if err != nil {
		return nil, err
	}
	return v, nil
}

func (s *Visits) carryOut(ctx context.Context, tx *store.Tx, actor access.Actor, v *Visit, tr Transition, in ActionInput, now time.Time) error {
	v.apply(tr, now)
	v.Steps = append(v.Steps, Step{v.Version + 1, strings.TrimSpace(in.Reason)})
	if in.ID != "" {
		v.Applied = append(v.Applied, in.ID)
		v.Applied = v.Applied[max(0, len(v.Applied)-appliedRecent):]
	}
	switch tr.Action {
	case Reschedule:
		if v.Plan == "" {
			v.PutOff(in.Day, in.Day.Add(1).Start())
			break
		}
		p, err := plan.Load(ctx, tx, v.Plan)
		if err != nil {
			return err
		}
		v.Moved, v.Opens, v.Closes, v.Escalated = true, in.Day.Start(), in.Day.Add(1).Start(), 0
		v.SetEscalateAt(p.On(v.Period).Ladder)
	case Reassign:
		if *in.Assignee != "" {
			a, err := account.Load(ctx, tx, *in.Assignee)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			if !a.WorksAt(s.areas.Tree(), v.Place, plan.Visitors...) {
				return domain.Invalid("/assignee", domain.T("没有此人，或其不在此走访", "no such person, or they do not visit here"))
			}
		}
		v.Assignee, v.Given = *in.Assignee, *in.Assignee != ""
	case Cancel:
		if v.Plan != "" {
			v.Cause = ByPlan // a person's: the program does not restore it
		}
	}
	return s.onAsked.hear(ctx, tx, Turn{Actor: actor, Now: now, Action: tr.Action, Visit: v, Slot: in.Slot})
}
