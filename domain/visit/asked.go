package visit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/store"
)

// Turn is a step with a visit that a resident asked for, about to be written:
// Reschedule, Reassign, Miss, Cancel or Complete.
type Turn struct {
	Actor  access.Actor
	Now    time.Time
	Action Action
	Visit  *Visit // as it will be; it may be changed further
	Slot   string // where a step of reschedule names one of the day
	Sent   *Completion
}

// OnAsked hears of each such step within its update and may refuse it. An
// OtherStreetsError has the update begin again with these too.
type OnAsked func(ctx context.Context, tx *store.Tx, t Turn) error

// Hear sets who hears of the steps with what was asked for; before use.
func (u UseCases) Hear(fn OnAsked) { u.Visits.onAsked, u.Stops.onAsked = fn, fn }

// hear passes a step on, if the visit was asked for.
func (fn OnAsked) hear(ctx context.Context, tx *store.Tx, t Turn) error {
	if fn == nil || !t.Visit.Asked() {
		return nil
	}
	return fn(ctx, tx, t)
}

// RequestID is the id of the visit of a request.
func RequestID(request string) string { return derived.Of("request", request) }

// NewAsked begins a visit that a resident asked for, on a day that ends at
// closes. It is with the assignee until somebody decides otherwise.
func NewAsked(request, street, household string, at access.Place, assignee string, now time.Time) Change {
	return Change{Visit: &Visit{
		Meta: store.Meta{ID: RequestID(request), Partition: street}, Household: household, Place: at, Assignee: assignee, Given: true,
		State: Planned, Cause: HomeCall, Request: request, CreatedAt: now, UpdatedAt: now,
	}, Action: Book}
}

// PutOff sets the day of a visit that was asked for, and until when it is to be done then.
func (v *Visit) PutOff(day civil.Date, closes time.Time) {
	v.Period, v.Opens, v.Closes = day, day.Start(), closes
}

// NewMaterial is one that was collected at a door for a case.
type NewMaterial struct {
	ID     string
	Visit  string // which was asked for; "" where only one of the stop's was
	Name   string
	Photos []string // the actor's own, uploaded before
}

func (in *Completion) checkMaterials(bad *domain.InvalidError) {
	if in.Result != Met && len(in.Materials) > 0 {
		bad.Add("/materials", domain.T("未见到人不能收取材料", "materials are collected only when somebody was met"))
	}
	ids := map[string]bool{}
	for i, m := range in.Materials {
		at := fmt.Sprintf("/materials/%d", i)
		domain.CheckText(bad, at+"/name", m.Name, materialLongest, true)
		if len(m.Photos) == 0 || len(m.Photos) > photosMost {
			bad.Add(at+"/photos", domain.T("每份材料 1 至 20 张照片", "1 to 20 photos of each"))
		}
		if ids[m.ID] {
			bad.Add(at+"/id", domain.T("重复", "named twice"))
		}
		ids[m.ID] = true
	}
}

const materialLongest = 200 // runes

// giveMaterials fills in of which visit each material was collected. InvalidError at /materials/…/visit.
func (in *Completion) giveMaterials(of []string, done map[string]*Visit) error {
	var asked []string
	for _, id := range of {
		if done[id].Asked() {
			asked = append(asked, id)
		}
	}
	bad := &domain.InvalidError{}
	all := slices.Clone(in.Materials)
	for i, m := range all {
		switch {
		case m.Visit == "" && len(asked) == 1:
			all[i].Visit = asked[0]
		case !slices.Contains(asked, m.Visit):
			bad.Add(fmt.Sprintf("/materials/%d/visit", i), domain.T("不是本次到访的上门代办", "not a home call of this stop"))
		}
	}
	in.Materials = all
	return bad.Err()
}

// inStreets runs fn in an update of a street, and of those that it finds it needs too.
func inStreets(ctx context.Context, st *store.Store, street string, fn func(*store.Tx) error) error {
	var also OtherStreetsError
	return store.RetryMoved(func(moved error) error {
		err := st.Update(ctx, append([]string{street}, also...), fn)
		if errors.As(err, &also) {
			return moved
		}
		return err
	})
}
