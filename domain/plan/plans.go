package plan

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/civil"
	"wangge/domain/household"
	"wangge/domain/once"
	"wangge/domain/place"
	"wangge/store"
)

// Plans are the use cases on plans.
type Plans struct {
	store      *store.Store
	areas      *area.Areas
	households *household.Households
}

// New returns the use cases on a store that has Collections, and those of accounts, households and forms.
func New(st *store.Store, areas *area.Areas, households *household.Households) *Plans {
	return &Plans{store: st, areas: areas, households: households}
}

// NewPlan is a plan as it is asked for.
type NewPlan struct {
	ID    string // a UUID; the same id and content again is the same plan
	Title string
	Area  string // code of a street, community or cell
	From  civil.Date
	Terms Terms
	Wrong domain.InvalidError // what was found wrong before; told with the rest
}

// Create makes a draft. Errors: ErrForbidden, InvalidError, ConflictError "duplicate".
func (s *Plans) Create(ctx context.Context, actor access.Actor, now time.Time, in NewPlan) (*Plan, error) {
	if !access.Plans(actor) {
		return nil, domain.ErrForbidden
	}
	bad := &domain.InvalidError{Fields: slices.Clone(in.Wrong.Fields)}
	at, ok := place.ByCode(s.areas, in.Area)
	if !ok || !access.MayPlan(actor, at) {
		bad.Add("/area", domain.T("没有这个街道、社区或网格，或不由您管理", "no such street, community or cell that you manage"))
	}
	checkPlan(bad, in.Title, in.From, in.From, now, &in.Terms)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	var made *Plan
	err := s.store.Update(ctx, []string{at.Street}, func(tx *store.Tx) error {
		made = &Plan{
			Meta: store.Meta{ID: in.ID, Partition: at.Street}, Title: strings.TrimSpace(in.Title), Place: at, State: Draft,
			CreatedBy: actor.Account, CreatedAt: now, UpdatedAt: now,
		}
		v := in.Terms.version(in.From, in.From)
		v.By, v.At = actor.Account, now
		made.Versions = []Version{v}
		was, err := plans.Get(ctx, tx, in.ID)
		if err == nil {
			if !was.sameDraft(made) {
				return domain.ErrIDInUse
			}
			made = was
			return nil
		}
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err := s.checkReferences(ctx, tx, at, &in.Terms); err != nil {
			return err
		}
		return plans.Insert(tx, made, made.entry(actor, now, "create", store.Facts{}))
	})
	if err != nil {
		return nil, domain.TakenID(err)
	}
	return made, nil
}

// checkPlan notes what is wrong with terms from a day on, whose rules count from the anchor.
func checkPlan(bad *domain.InvalidError, title string, from, anchor civil.Date, now time.Time, t *Terms) {
	domain.CheckText(bad, "/title", title, titleLongest, true)
	if _, ok := civil.ParseDate(string(from)); !ok || from < civil.DateOf(now) || from > civil.DateOf(now).Add(366) {
		bad.Add("/from", domain.T("开始日期应为今后一年之内", "must be a date from today to a year from now"))
		return
	}
	t.check(bad, anchor)
}

// sameDraft reports whether two plans were asked for alike.
func (p *Plan) sameDraft(o *Plan) bool {
	asked := func(p Plan) Plan {
		first := p.Versions[0]
		first.Anchor, first.By, first.At = "", "", time.Time{}
		return Plan{CreatedBy: p.CreatedBy, Title: p.Title, Place: p.Place, Versions: append([]Version{first}, p.Versions[1:]...)}
	}
	return once.Alike(asked(*p), asked(*o))
}

// Get returns a plan; ErrNotFound when it is not the actor's to manage.
func (s *Plans) Get(ctx context.Context, actor access.Actor, id string) (*Plan, error) {
	return s.managed(ctx, s.store, actor, id)
}

// Titles are the titles of plans by id, for who sees visits of theirs.
func (s *Plans) Titles(ctx context.Context, ids []string) (map[string]string, error) {
	found, err := plans.GetMany(ctx, s.store, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(found))
	for id, p := range found {
		out[id] = p.Title
	}
	return out, nil
}

func (s *Plans) managed(ctx context.Context, r store.Reader, actor access.Actor, id string) (*Plan, error) {
	p, err := plans.Get(ctx, r, id)
	if err != nil {
		return nil, err
	}
	if !access.MayPlan(actor, p.Place) {
		return nil, domain.ErrNotFound
	}
	return p, nil
}

// List returns a page of the plans that the actor manages, newest first, in
// an area by code ("" for all) and some states (none for all), and the next
// page's cursor. ErrForbidden, InvalidError at ?area.
func (s *Plans) List(ctx context.Context, actor access.Actor, area string, states []State, limit int, cursor string) ([]*Plan, string, error) {
	if !access.Plans(actor) {
		return nil, "", domain.ErrForbidden
	}
	places, err := place.Reach(s.areas, access.PlanScopes(actor), area, "")
	if err != nil {
		return nil, "", err
	}
	if len(states) == 0 {
		states = States
	}
	var qs []store.Query
	for _, l := range place.Levels(places) {
		where := append(l.Conds(), store.In("state", states...))
		qs = append(qs, store.Query{Where: where, Order: []string{"-createdAt"}, Limit: limit, After: cursor})
	}
	return plans.Find(ctx, s.store, qs...)
}

// TakeAction activates (from a draft, or again after a pause), pauses or ends a
// plan. Visits follow at once, by the scheduler: what has begun stays to be
// done, what has not is taken back. Periods that passed meanwhile are not made up for.
// Errors: ErrNotFound, ConflictError "wrong_state" with what is allowed, ErrStale.
func (s *Plans) TakeAction(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, action string) (*Plan, error) {
	return s.update(ctx, actor, now, id, 0, func(tx *store.Tx, p *Plan) (string, error) {
		transition, ok := transitions[action]
		if ok && p.State == transition.to {
			return "", nil // sent again; the version stated is the one before it
		}
		if _, err := plans.GetAt(ctx, tx, id, version); err != nil {
			return "", err
		}
		if !ok || !slices.Contains(transition.from, p.State) {
			return "", &domain.ConflictError{Code: "wrong_state", Allowed: p.Allowed(),
				Detail: domain.T("当前状态不能进行此操作", "this cannot be done in the plan's present state")}
		}
		if p.State == Draft {
			v := p.Versions[0]
			t := Terms{Tag: v.Tag, Households: v.Households, Rules: v.Rules, WindowDays: v.WindowDays, Team: v.Team, Form: v.Form, Ladder: v.Ladder, WeekLimit: v.WeekLimit}
			if err := s.checkReferences(ctx, tx, p.Place, &t); err != nil {
				return "", err
			}
			p.ActiveFrom = max(v.From, civil.DateOf(now))
		}
		p.State = transition.to
		return action, nil
	})
}

// Allowed lists the actions on the plan now.
func (p *Plan) Allowed() []string {
	out := []string{}
	for _, action := range slices.Sorted(maps.Keys(transitions)) {
		if slices.Contains(transitions[action].from, p.State) {
			out = append(out, action)
		}
	}
	return out
}

// ChangeTerms makes new terms hold from a day on: of a draft they replace what
// it says; else the day is after today, and replaces later changes already made.
// Errors: ErrNotFound, InvalidError, ConflictError "wrong_state" of an ended plan, ErrStale.
func (s *Plans) ChangeTerms(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, from civil.Date, t Terms) (*Plan, error) {
	return s.update(ctx, actor, now, id, version, func(tx *store.Tx, p *Plan) (string, error) {
		if p.State == Ended {
			return "", &domain.ConflictError{Code: "wrong_state", Allowed: p.Allowed(), Detail: domain.T("计划已结束", "the plan has ended")}
		}
		var before *Version
		kept := slices.DeleteFunc(slices.Clone(p.Versions), func(v Version) bool { return p.State == Draft || v.From >= from })
		if n := len(kept); n > 0 {
			before = &kept[n-1]
		}
		bad, anchor := &domain.InvalidError{}, t.anchor(from, before)
		checkPlan(bad, p.Title, from, anchor, now, &t)
		if p.State != Draft && from <= civil.DateOf(now) {
			bad.Add("/from", domain.T("变更须从明天或以后开始", "changes hold from tomorrow or later"))
		}
		if err := bad.Err(); err != nil {
			return "", err
		}
		if err := s.checkReferences(ctx, tx, p.Place, &t); err != nil {
			return "", err
		}
		v := t.version(from, anchor)
		v.By, v.At = actor.Account, now
		p.Versions = append(kept, v)
		return "change", nil
	})
}

// update runs fn on a plan that the actor manages, and has its visits
// brought in line; fn says what it did, "" for nothing.
func (s *Plans) update(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, fn func(*store.Tx, *Plan) (string, error)) (*Plan, error) {
	p, err := s.Get(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	err = s.store.Update(ctx, []string{p.Partition}, func(tx *store.Tx) error {
		if p, err = s.managed(ctx, tx, actor, id); err != nil {
			return err
		}
		if _, err := plans.GetAt(ctx, tx, id, version); err != nil {
			return err
		}
		before := p.facts()
		action, err := fn(tx, p)
		if err != nil || action == "" {
			return err
		}
		p.UpdatedAt = now
		if p.State != Draft {
			if err := requestRun(ctx, tx, p, now); err != nil {
				return err
			}
		}
		return plans.Put(tx, p, p.entry(actor, now, action, before))
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Load returns a plan, for the program; ErrNotFound.
func Load(ctx context.Context, r store.Reader, id string) (*Plan, error) {
	return plans.Get(ctx, r, id)
}

// Collections are what this package keeps in the store.
func Collections() []store.Declared { return []store.Declared{plans, runs} }
