package visit

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/form"
	"wangge/domain/household"
	"wangge/domain/once"
	"wangge/geo"
	"wangge/store"
)

// Arrival is a check-in as it is sent.
type Arrival struct {
	ID        string `once:"-"` // of the stop, a UUID; the same id and content again is the same stop
	Household string
	Channel   Channel
	Position  *orb.Point // WGS-84; needed at home
	Datum     geo.Datum  // it came in
	AccuracyM *float64
	Mock      bool
	Clock     *domain.Clock `once:"-"` // a phone that sends again says anew when it does
	OnTheSpot bool          // visit although nothing is due
	Form      string        // id of a version, for that
}

func (in *Arrival) check(now time.Time) error {
	bad := &domain.InvalidError{}
	if !slices.Contains(Channels, in.Channel) {
		bad.Add("/channel", ChannelWords.Fault())
	}
	if in.Position == nil && in.Channel == Home {
		bad.Add("/position", domain.T("上门签到需要位置", "a check-in at home needs a position"))
	}
	if in.Position != nil && !geo.ValidPoint(*in.Position) {
		bad.Add("/position", domain.T("位置有误", "not a position"))
	}
	if a := in.AccuracyM; a != nil && !(*a >= 0 && *a <= 100_000) {
		bad.Add("/position/accuracyM", domain.T("精度有误", "must be from 0 to 100000"))
	}
	in.Clock.Check(now, bad)
	return bad.Err()
}

// CheckIn 签到 begins a stop at a household with every visit due there.
// Errors: ErrNotFound for a household where the actor has no part and no
// visit; ErrForbidden for who leads but does not visit; InvalidError;
// ConflictError "nothing_due", "duplicate".
func (s *Stops) CheckIn(ctx context.Context, actor access.Actor, now time.Time, in Arrival) (*Stop, error) {
	sent := once.Sent(s.keys, "check-in", in)
	if err := in.check(now); err != nil {
		if was, err := again(ctx, s.store, actor, in.ID, sent); err == nil {
			return was, nil // the clock went wrong since
		}
		return nil, err
	}
	told := in.Clock.Read(now)
	at := told.Or(now)
	var stop *Stop
	err := atDoor(ctx, s.store, in.Household, func(tx *store.Tx, h *household.Household) error {
		was, err := again(ctx, tx, actor, in.ID, sent)
		if err == nil {
			stop = was
			return nil
		}
		isTaken := errors.Is(err, domain.ErrIDInUse)
		if !isTaken && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		due, err := dueAt(ctx, tx, actor, h, at) // first: who has no part here learns nothing of ids
		if err != nil {
			return err
		}
		if isTaken {
			return domain.ErrIDInUse
		}
		stop = in.stop(actor, h, at)
		stop.Sent = sent
		if told != nil {
			stop.Proof.Evidence.SkewS, stop.Proof.Evidence.DelayH = told.SkewS, told.DelayH
		}
		if err := s.weighProof(ctx, tx, stop); err != nil {
			return err
		}
		if err := begin(ctx, tx, actor, now, &in, stop, due); err != nil {
			return err
		}
		return stops.Insert(tx, stop, stop.entry(actor, now, "check_in", store.Facts{}))
	})
	if err != nil {
		return nil, domain.TakenID(err)
	}
	return stop, nil
}

// again returns the stop of the same check-in; ErrNotFound where the id is
// free, ConflictError "duplicate" where it is another's.
func again(ctx context.Context, r store.Reader, actor access.Actor, id, sent string) (*Stop, error) {
	was, err := stops.Get(ctx, r, id)
	if err == nil && (was.Account != actor.Account || !once.Same(was.Sent, sent)) {
		err = domain.ErrIDInUse
	}
	if err != nil {
		return nil, err
	}
	return was, nil
}

// atDoor runs fn in an update of the street that a household is in, or the one
// that it was merged into: a phone may not know yet. ErrNotFound.
func atDoor(ctx context.Context, st *store.Store, id string, fn func(*store.Tx, *household.Household) error) error {
	return store.RetryMoved(func(moved error) error {
		there, err := household.Current(ctx, st, []string{id})
		was := there[id]
		if err == nil && was == nil {
			err = domain.ErrNotFound
		}
		if err != nil {
			return err
		}
		return st.Update(ctx, []string{was.Partition}, func(tx *store.Tx) error {
			there, err := household.Current(ctx, tx, []string{id})
			if err != nil {
				return err
			}
			h := there[id]
			if h == nil {
				return domain.ErrNotFound
			}
			if h.Partition != was.Partition {
				return moved
			}
			return fn(tx, h)
		})
	})
}

// dueAt reads the visits at a household that may be done at a time, if the actor
// may do them. What a resident asked for and somebody is to bring waits for them.
func dueAt(ctx context.Context, tx *store.Tx, actor access.Actor, h *household.Household, at time.Time) ([]*Visit, error) {
	open, _, err := visits.Find(ctx, tx, store.Query{
		Where: []store.Cond{store.Eq("household", h.ID), store.Eq("state", Planned), store.Between("opens", nil, at.Add(time.Millisecond))},
		Order: []string{"opens"}, Limit: 200,
	})
	if err != nil {
		return nil, err
	}
	out := slices.DeleteFunc(open, func(v *Visit) bool {
		return v.Partition != h.Place.Street || v.Asked() && v.Assignee != "" && v.Assignee != actor.Account // of a street it has left
	})
	if access.MayVisit(actor, h.Place) || slices.ContainsFunc(out, func(v *Visit) bool { return actor.HasVisitRelation(access.VisitorOf, v.Facts()) }) {
		return out, nil
	}
	if access.MaySeeVisit(actor, access.Visit{Place: h.Place}) {
		return nil, domain.ErrForbidden
	}
	return nil, domain.ErrNotFound
}

func (in *Arrival) stop(actor access.Actor, h *household.Household, at time.Time) *Stop {
	address := h.Address
	out := &Stop{
		Meta: store.Meta{ID: in.ID, Partition: h.Place.Street}, Household: h.ID, Place: h.Place, Building: h.Building, Address: &address,
		Account: actor.Account, State: AtTheDoor, Channel: in.Channel, At: at,
	}
	out.Proof.Evidence.Mock = in.Mock
	if in.Position != nil {
		out.Position = &Position{GridPoint: geo.ToGrid(*in.Position), AccuracyM: in.AccuracyM, Datum: in.Datum}
	}
	if out.Position != nil && in.Channel == Home {
		metres := math.Round(orbgeo.Distance(out.Position.At(), h.Position.At())*10) / 10
		out.Proof.Evidence.DistanceM, out.Proof.Evidence.AccuracyM = &metres, in.AccuracyM
	}
	return out
}

// weighProof looks at the neighbouring check-ins of the same person, which may have
// come in later, and weighs the proof as far as it is known.
func (s *Stops) weighProof(ctx context.Context, tx *store.Tx, stop *Stop) error {
	rules, err := rulesIn(ctx, tx, s.policies, stop)
	if err != nil {
		return err
	}
	for _, side := range []struct {
		from, to any
		order    string
	}{{nil, stop.At.Add(time.Millisecond), "-at"}, {stop.At.Add(time.Millisecond), nil, "at"}} {
		near, _, err := stops.Find(ctx, tx, store.Query{
			Where: []store.Cond{store.Eq("account", stop.Account), store.Between("at", side.from, side.to)}, Order: []string{side.order}, Limit: 1,
		})
		if err != nil {
			return err
		}
		for _, other := range near {
			kmh, ok := speed(other, stop)
			if ok && stop.Channel == Home && other.Channel == Home && (stop.Proof.Evidence.SpeedKMH == nil || kmh > *stop.Proof.Evidence.SpeedKMH) {
				kmh = math.Round(kmh*10) / 10
				stop.Proof.Evidence.SpeedKMH = &kmh
			}
		}
	}
	stop.Proof.weigh(rules)
	return nil
}

// begin checks in the visits that are due, or one made on the spot.
func begin(ctx context.Context, tx *store.Tx, actor access.Actor, now time.Time, in *Arrival, stop *Stop, due []*Visit) error {
	for _, v := range due {
		before := v.facts()
		v.apply(transitionOf(CheckIn), now)
		v.Stop, v.By, v.Channel, v.Place = stop.ID, stop.Account, stop.Channel, stop.Place
		stop.Visits = append(stop.Visits, v.ID)
		if err := visits.Put(tx, v, v.entry(actor, now, CheckIn, before)); err != nil {
			return err
		}
	}
	if !in.OnTheSpot {
		if len(due) == 0 {
			return &domain.ConflictError{Code: "nothing_due", Detail: domain.T("该户当前没有待走访任务", "no visit is due at this household")}
		}
		return nil
	}
	if in.Form != "" {
		found, err := form.Load(ctx, tx, []string{in.Form})
		if err != nil {
			return err
		}
		if f := found[in.Form]; f == nil || f.Partition != stop.Partition {
			return domain.Invalid("/form", domain.T("本街道没有这个表单", "no such form in this street"))
		}
	}
	day := civil.DateOf(stop.At)
	v := &Visit{
		Meta:      store.Meta{ID: derived.Of("stop", stop.ID), Partition: stop.Partition},
		Household: stop.Household, Place: stop.Place, Period: day, Opens: day.Start(), Closes: day.Add(1).Start(),
		Assignee: actor.Account, Given: true, Form: in.Form, State: CheckedIn, Cause: OnTheSpot, Stop: stop.ID, By: actor.Account, Channel: stop.Channel,
		CreatedAt: now, UpdatedAt: now,
	}
	stop.Visits = append(stop.Visits, v.ID)
	return visits.Insert(tx, v, v.entry(actor, now, CheckIn, store.Facts{}))
}
