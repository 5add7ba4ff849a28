package demo

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/homecall"
	"wangge/domain/household"
	"wangge/domain/photo"
	"wangge/domain/visit"
	"wangge/geo"
	"wangge/store"
)

// wanted are the home calls of the demo residents: of which item, how many days
// ago they were booked, and what became of them.
var wanted = []struct {
	resident int
	item     string
	ago      int
	became   homecall.State
}{
	{0, "MZ06-01", 16, homecall.Done}, {1, "SB02-01", 15, homecall.NotMet}, {2, "TY01-03", 14, homecall.Missed}, {3, "MZ08-01", 0, homecall.Cancelled},
	{0, "SB01-02", 0, homecall.Booked}, {4, "CL01-02", 0, homecall.Booked}, // the latter is sensitive
}

// homeCalls has residents book calls at home in the community of the demo
// sign-ins: one in each state, and some to come.
func (w *filling) homeCalls(ctx context.Context) error {
	cell := w.staff.home[0]
	near, _, err := w.Households.List(ctx, access.Program, w.now, household.Filter{Cell: cell.Code, Limit: 1})
	if err != nil || len(near) == 0 {
		return errors.Join(err, errors.New("nobody lives in cell "+cell.Code))
	}
	w.told.expect(len(wanted))
	for i, x := range wanted {
		who := resident(w.record.Residents[x.resident])
		a, err := account.Load(ctx, w.Store, who.Account)
		if err != nil {
			return err
		}
		who.Phone = a.PhoneIndex
		at, address := near[0].Position.At(), near[0].Address
		address.Room = "90" + strconv.Itoa(i+1)
		booked := w.now.AddDate(0, 0, -x.ago)
		earliest := booked
		if x.became == homecall.Cancelled { // which is for slots that are not near, at whatever hour this is
			earliest = booked.AddDate(0, 0, 1)
		}
		r, err := w.asked(ctx, who, booked, earliest, homecall.Booking{
			ID: id("home call", strconv.Itoa(i)), Item: x.item, Note: "行动不便，请上门", Where: homecall.Where{Address: address, Position: &at, Datum: geo.WGS84},
		})
		if err == nil {
			err = w.became(ctx, who, r, x.became)
		}
		if err != nil {
			return fmt.Errorf("home call %d: %w", i, err)
		}
		w.told.did(1)
	}
	return nil
}

// asked books the first slot after a time that is free, unless it was booked before.
func (w *filling) asked(ctx context.Context, who access.Actor, at, earliest time.Time, b homecall.Booking) (*homecall.Request, error) {
	if r, err := homecall.Load(ctx, w.Store, b.ID); !errors.Is(err, store.ErrNotFound) {
		return r, err
	}
	offers, err := w.HomeCalls.Slots(ctx, who, at, homecall.Asked{Item: b.Item, Where: b.Where})
	if err != nil {
		return nil, err
	}
	for _, o := range offers {
		if o.Free > 0 && o.From.After(earliest) {
			b.Date, b.Slot = o.Date, o.Code
			return w.HomeCalls.Book(ctx, who, at, b)
		}
	}
	return nil, errors.New("no slot is free")
}

// became brings a booking to its state.
func (w *filling) became(ctx context.Context, who access.Actor, r *homecall.Request, state homecall.State) error {
	cell, then := w.staff.home[0].ID, r.Slot.From.Add(20*time.Minute)
	worker := w.staff.worker[cell]
	switch state {
	case homecall.Cancelled:
		_, err := w.HomeCalls.TakeAction(ctx, who, w.now, r.ID, 0, homecall.ActionInput{ID: r.ID, Action: "cancel"})
		return err
	case homecall.Missed:
		_, err := w.Visits.TakeAction(ctx, worker, r.Slot.To, r.Visit, 0, visit.ActionInput{ID: r.ID, Action: visit.Miss, Reason: "暴雨停工"})
		return err
	case homecall.Booked:
		return nil
	}
	stop := id("stop", "home call/"+r.ID)
	if _, err := w.Stops.CheckIn(ctx, worker, then, visit.Arrival{ID: stop, Household: r.Household, Channel: visit.Phone}); err != nil {
		return err
	}
	done := visit.Completion{Result: visit.NoAnswer}
	if state == homecall.Done {
		shown := id("photo", "home call/"+r.ID)
		if _, err := photo.New(w.Store).Add(ctx, worker, then, shown, [2]string{id("blob", shown+"/full"), id("blob", shown+"/thumb")}, picture(3, false)); err != nil {
			return err
		}
		done = visit.Completion{Result: visit.Met, Materials: []visit.NewMaterial{{ID: id("material", r.ID), Name: "居民身份证", Photos: []string{shown}}}}
	}
	_, err := w.Doors.Complete(ctx, worker, then.Add(15*time.Minute), stop, 0, done)
	return err
}
