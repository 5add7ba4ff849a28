package visit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/plan"
	"wangge/store"
)

// Policy is what a street decides about visits. Its id is the street's.
type Policy struct {
	store.Meta  `store:",inline"`
	Thresholds  map[Doubt]Threshold `store:"thresholds"`
	ReviewAt    int                 `store:"reviewAt"`    // a score from here on waits for a lead
	WeekLimit   int                 `store:"weekLimit"`   // visits a worker can do in a week
	WelfareTags []string            `store:"welfareTags"` // of households where silence raises an alert
	UpdatedAt   time.Time           `store:"updatedAt"`
}

var policies = store.Declare[Policy](store.Declaration{Name: "visitPolicies", Schema: 1})

// Threshold of a doubt: what is above Limit is flagged with Score, of 100.
type Threshold struct {
	Limit float64 `store:"limit"`
	Score int     `store:"score"`
}

// Usual is the policy of a street that has decided nothing.
func Usual() *Policy {
	return &Policy{
		Thresholds: map[Doubt]Threshold{
			TooFar: {200, 60}, Imprecise: {100, 30}, MockLocation: {0, 100}, TooFast: {120, 60}, TooShort: {60, 30},
			PhotoReused: {0, 60}, ClockSkew: {domain.SkewUsualS, 30}, SentLate: {domain.DelayUsualH, 20},
		},
		ReviewAt: 50, WeekLimit: 60, WelfareTags: []string{"empty_nest_elder"},
	}
}

func policyOf(ctx context.Context, r store.Reader, street string) (*Policy, error) {
	p, err := policies.Get(ctx, r, street)
	if errors.Is(err, store.ErrNotFound) {
		return Usual(), nil
	}
	return p, err
}

// Policy returns a street's policy; ErrNotFound for who has no part in its visits.
func (s *Visits) Policy(ctx context.Context, actor access.Actor, street string) (*Policy, error) {
	a, ok := s.areas.Tree().ByCode(street)
	if !ok || a.Level != access.Street || !access.ListsVisits(actor) {
		return nil, domain.ErrNotFound
	}
	return policyOf(ctx, s.store, a.ID)
}

// SetPolicy replaces a street's policy; version, when not 0, is the one the
// caller read, below 0 where there was none yet. Errors: ErrNotFound, ErrForbidden, InvalidError, ErrStale.
func (s *Visits) SetPolicy(ctx context.Context, actor access.Actor, now time.Time, street string, version int64, in Policy) (*Policy, error) {
	a, ok := s.areas.Tree().ByCode(street)
	if !ok || a.Level != access.Street || !access.ListsVisits(actor) {
		return nil, domain.ErrNotFound
	}
	if !access.MaySetVisitPolicy(actor, a.Place) {
		return nil, domain.ErrForbidden
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	var set *Policy
	err := s.store.Update(ctx, []string{a.ID}, func(tx *store.Tx) error {
		was, err := policies.GetAt(ctx, tx, a.ID, version)
		missing := errors.Is(err, store.ErrNotFound)
		if err != nil && !missing {
			return err
		}
		if missing {
			if version > 0 {
				return domain.ErrStale
			}
			was = &Policy{Meta: store.Meta{ID: a.ID, Partition: a.ID}}
		}
		was.Thresholds, was.ReviewAt, was.WeekLimit, was.WelfareTags, was.UpdatedAt = in.Thresholds, in.ReviewAt, in.WeekLimit, in.WelfareTags, now
		set = was
		e := entry(actor, now, "visitPolicy.set", store.Facts{}, store.Facts{})
		if missing {
			return policies.Insert(tx, was, e)
		}
		return policies.Put(tx, was, e)
	})
	return set, err
}

func (p *Policy) check() error {
	bad := &domain.InvalidError{}
	for _, d := range Doubts {
		at, t := "/thresholds/"+string(d), p.Thresholds[d]
		if _, ok := p.Thresholds[d]; !ok {
			bad.Add(at, domain.T("缺少该项", "this one is missing"))
		} else if t.Score < 0 || t.Score > 100 || t.Limit < 0 || math.IsInf(t.Limit, 0) || math.IsNaN(t.Limit) {
			bad.Add(at, domain.T("阈值不小于 0，分值 0 到 100", "a limit of 0 or more and a score from 0 to 100 are needed"))
		}
	}
	for d := range p.Thresholds {
		if !slices.Contains(Doubts, d) {
			bad.Add(fmt.Sprintf("/thresholds/%.40s", d), DoubtWords.Fault())
		}
	}
	if p.ReviewAt < 1 || p.ReviewAt > 100 {
		bad.Add("/reviewAt", domain.T("应为 1 到 100", "must be from 1 to 100"))
	}
	if p.WeekLimit < 1 || p.WeekLimit > plan.WeekLimitMost {
		bad.Add("/weekLimit", domain.T("应为 1 到 1000", "must be from 1 to 1000"))
	}
	for i, t := range p.WelfareTags {
		if !domain.IsCode(t) || i >= 20 {
			bad.Add(fmt.Sprintf("/welfareTags/%d", i), domain.T("标签代码有误或过多", "not a tag, or one too many"))
		}
	}
	return bad.Err()
}
