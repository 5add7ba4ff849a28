package visit

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/plan"
	"wangge/domain/policy"
	"wangge/store"
)

// Policy is what holds for the visits of a street.
type Policy struct {
	Thresholds  map[Doubt]Threshold
	ReviewAt    int       // a score from here on waits for a lead
	WeekLimit   int       // visits a worker can do in a week
	WelfareTags []string  // of households where silence raises an alert
	UpdatedAt   time.Time // when the street decided; zero while it has not
	Version     int64     // of what the street decided; 0 likewise
}

// Threshold of a doubt: what is above Limit is flagged with Score, of 100.
type Threshold struct {
	Limit float64
	Score int
}

// Default is the policy of a street where nobody has decided anything.
func Default() *Policy { return rules(policy.Default()) }

// rules are those of a street's policy that are about visits.
func rules(p *policy.Policy) *Policy {
	out := &Policy{Thresholds: map[Doubt]Threshold{}, ReviewAt: p.Limit(policy.ReviewAt), WeekLimit: p.Limit(policy.WeekLimit), Version: p.VisitsSince()}
	for _, t := range p.Thresholds {
		out.Thresholds[Doubt(t.Code)] = Threshold{t.Limit, t.Score}
	}
	for _, w := range p.Welfare {
		if !w.Retired {
			out.WelfareTags = append(out.WelfareTags, w.Code)
		}
	}
	return out
}

// rulesIn are those that hold in the street of a stop when it was made, counted as read by the update.
func rulesIn(ctx context.Context, tx *store.Tx, policies *policy.Policies, stop *Stop) (*Policy, error) {
	p, err := policies.In(ctx, tx, stop.Partition, stop.At)
	if err != nil {
		return nil, err
	}
	return rules(p), nil
}

// Policy returns what holds for visits of a street; ErrNotFound for who has no part in its visits.
func (s *Visits) Policy(ctx context.Context, actor access.Actor, now time.Time, street string) (*Policy, error) {
	a, err := s.street(actor, street)
	if err != nil {
		return nil, err
	}
	if err := s.households.Policies.RefreshOf(ctx, a.ID); err != nil { // what was just decided elsewhere is there too
		return nil, err
	}
	return s.policy(a, now), nil
}

func (s *Visits) street(actor access.Actor, code string) (*area.Area, error) {
	a, ok := s.areas.Tree().ByCode(code)
	if !ok || a.Level != access.Street || !access.ListsVisits(actor) {
		return nil, domain.ErrNotFound
	}
	return a, nil
}

// policy are the street's rules of now, with when it decided them.
func (s *Visits) policy(street *area.Area, now time.Time) *Policy {
	policies := s.households.Policies
	out := rules(policies.At(street.ID, now))
	if out.Version > 0 {
		out.UpdatedAt = policies.DecidedAt(street.ID, out.Version)
	}
	return out
}

// SetPolicy replaces what a street has decided about visits; version, when not
// 0, is the one the caller read, below 0 where there was none yet. Errors: ErrNotFound, ErrForbidden, InvalidError, ErrStale.
func (s *Visits) SetPolicy(ctx context.Context, actor access.Actor, now time.Time, street string, version int64, in Policy) (*Policy, error) {
	a, err := s.street(actor, street)
	if err != nil {
		return nil, err
	}
	if !access.MaySetVisitPolicy(actor, a.Place) {
		return nil, domain.ErrForbidden
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	_, err = s.households.Policies.Amend(ctx, actor, now, a, "visits", func(p *policy.Policy) error {
		if was := p.VisitsSince(); version > 0 && version != was || version < 0 && was != 0 {
			return domain.ErrStale
		}
		return nil
	}, func(p *policy.Policy, c *policy.Content) {
		for _, d := range Doubts {
			t := in.Thresholds[d]
			c.SetThreshold(policy.Threshold{Code: string(d), Limit: t.Limit, Score: t.Score})
		}
		c.SetLimit(policy.ReviewAt, in.ReviewAt)
		c.SetLimit(policy.WeekLimit, in.WeekLimit)
		c.SetWelfare(p.Welfare, in.WelfareTags)
	})
	if err != nil {
		return nil, err
	}
	return s.policy(a, now), nil
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
