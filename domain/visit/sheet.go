package visit

import (
	"context"
	"slices"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/form"
	"wangge/store"
)

// Sheet is what somebody at the door needs.
type Sheet struct {
	*form.Sheet
	Offered  form.Answers // the last answers, where they still fit
	Promises []*Promise   // open at this household, the soonest first
	Asked    []*Visit     // those of the stop that a resident asked for
}

// Sheet returns the forms of an open stop's visits on one sheet, with the
// last answers and what was promised before it. Errors: ErrNotFound,
// ErrForbidden for another's stop, ConflictError "wrong_state".
func (s *Stops) Sheet(ctx context.Context, actor access.Actor, id string) (*Sheet, error) {
	stop, err := s.Get(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if !actor.HasVisitRelation(access.VisitAtDoor, stop.Facts()) {
		return nil, domain.ErrForbidden
	}
	if stop.State != AtTheDoor {
		return nil, stop.refuse(actor, overAlready)
	}
	out := &Sheet{}
	if out.Sheet, err = s.sheet(ctx, stop); err != nil {
		return nil, err
	}
	of, err := visits.GetMany(ctx, s.store, stop.Visits)
	if err != nil {
		return nil, err
	}
	for _, id := range stop.Visits {
		if v := of[id]; v != nil && v.Asked() {
			out.Asked = append(out.Asked, v)
		}
	}
	ids, err := idsOf(ctx, s.store, stop.Household)
	if err != nil {
		return nil, err
	}
	if out.Promises, _, err = promises.Find(ctx, s.store, atEach(ids, store.Query{
		Where: []store.Cond{store.Eq("state", PromiseOpen)}, Order: []string{"dueOn"}, Limit: 100,
	})...); err != nil {
		return nil, err
	}
	out.Promises = slices.DeleteFunc(out.Promises, func(p *Promise) bool { return p.CreatedAt.After(stop.At) }) // what comes later is not this stop's to learn
	earlier, _, err := stops.Find(ctx, s.store, atEach(ids, store.Query{
		Where: []store.Cond{store.Between("at", nil, stop.At)}, Order: []string{"-at"}, Limit: 30,
	})...)
	if err != nil {
		return nil, err
	}
	last := map[string]form.Answers{}
	for _, o := range earlier {
		byForm, err := s.answers(ctx, o)
		if err != nil {
			return nil, err
		}
		for code, answers := range byForm {
			if last[code] == nil {
				last[code] = answers
			}
		}
	}
	out.Offered = out.Offer(last)
	return out, nil
}

// Answers returns what was answered at a stop, by the code of the form;
// ErrNotFound when the actor may not see it.
func (s *Stops) Answers(ctx context.Context, actor access.Actor, stop *Stop) (map[string]form.Answers, error) {
	if !access.MaySeeStop(actor, stop.Facts()) {
		return nil, domain.ErrNotFound
	}
	return s.answers(ctx, stop)
}

func (s *Stops) answers(ctx context.Context, stop *Stop) (map[string]form.Answers, error) {
	if len(stop.Forms) == 0 {
		return nil, nil
	}
	clear, err := s.keys.Open(stop.Answers, sealedAt(stop.ID))
	if err != nil {
		return nil, err
	}
	all, err := form.ReadStored(clear)
	if err != nil {
		return nil, err
	}
	found, err := form.Load(ctx, s.store, stop.Forms)
	if err != nil {
		return nil, err
	}
	out := map[string]form.Answers{}
	for id, answers := range all {
		if own, ok := answers.(map[string]any); ok && found[id] != nil {
			out[found[id].Code] = own
		}
	}
	return out, nil
}

// sheet is the forms of a stop's visits on one sheet.
func (s *Stops) sheet(ctx context.Context, stop *Stop) (*form.Sheet, error) {
	done, err := visits.GetMany(ctx, s.store, stop.Visits)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, id := range stop.Visits {
		if v := done[id]; v != nil && v.Form != "" {
			ids = append(ids, v.Form)
		}
	}
	found, err := form.Load(ctx, s.store, ids)
	if err != nil {
		return nil, err
	}
	var forms []*form.Form
	for _, id := range ids {
		if f := found[id]; f != nil {
			forms = append(forms, f)
		}
	}
	return form.Merge(forms)
}
