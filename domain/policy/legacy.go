package policy

import (
	"context"
	"maps"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

// visitRules are what earlier programs kept of a street's rules for visits; the id is the street's.
type visitRules struct {
	store.Meta  `store:",inline"`
	Thresholds  map[string]oldThreshold `store:"thresholds"`
	ReviewAt    int                     `store:"reviewAt"`
	WeekLimit   int                     `store:"weekLimit"`
	WelfareTags []string                `store:"welfareTags"`
	UpdatedAt   time.Time               `store:"updatedAt"`
}

type oldThreshold struct {
	Limit float64 `store:"limit"`
	Score int     `store:"score"`
}

// tagDefinition is what earlier programs kept of a street's own tag.
type tagDefinition struct {
	store.Meta `store:",inline"`
	Code       string `store:"code"`
	NameZH     string `store:"nameZh"`
	NameEN     string `store:"nameEn"`
	Sensitive  bool   `store:"sensitive"`
	Retired    bool   `store:"retired"`
}

var (
	oldRules = store.Declare[visitRules](store.Declaration{Name: "visitPolicies", Schema: 1})
	oldTags  = store.Declare[tagDefinition](store.Declaration{Name: "tagDefinitions", Schema: 1, Indexes: []string{"street: partition, code", "code: code"}})
)

// carryOver makes what earlier programs kept of a street its first version:
// each entry at the version that it had, so that what clients know of it holds.
func (s *Policies) carryOver(ctx context.Context) error {
	tags := map[string][]*tagDefinition{}
	for cursor := ""; ; {
		page, next, err := oldTags.Find(ctx, s.st, store.Query{Order: []string{"code"}, Limit: 500, After: cursor})
		if err != nil {
			return err
		}
		for _, t := range page {
			tags[t.Partition] = append(tags[t.Partition], t)
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	var streets []string
	for _, a := range s.areas.Tree().Streets() {
		streets = append(streets, a.ID)
	}
	rules, err := oldRules.GetMany(ctx, s.st, streets)
	if err != nil {
		return err
	}
	for _, street := range slices.Sorted(maps.Keys(rules)) {
		if tags[street] == nil {
			tags[street] = []*tagDefinition{}
		}
	}
	for _, street := range slices.Sorted(maps.Keys(tags)) {
		if err := s.carry(ctx, street, rules[street], tags[street]); err != nil {
			return err
		}
	}
	return nil
}

func (s *Policies) carry(ctx context.Context, street string, rules *visitRules, tags []*tagDefinition) error {
	v := &Version{Area: street, By: access.Program.Name(), Why: "沿用原有规定 / carried over", From: time.UnixMilli(0).UTC(), At: time.UnixMilli(0).UTC()}
	if rules != nil {
		v.Content, v.At = rules.content(), rules.UpdatedAt
		v.Number = rules.Version
	}
	for _, t := range tags {
		v.Content.Tags = append(v.Content.Tags, Tag{Mark: Mark{Since: t.Version, Retired: t.Retired}, Code: t.Code, Name: domain.T(t.NameZH, t.NameEN), Sensitive: t.Sensitive})
		v.Number = max(v.Number, t.Version)
	}
	v.Meta = store.Meta{ID: versionID(street, v.Number), Partition: street}
	a, ok := s.areas.Tree().ByID(street)
	if !ok {
		return nil
	}
	return s.st.Update(ctx, []string{street}, func(tx *store.Tx) error {
		own, err := s.history(ctx, tx, street)
		if err != nil || len(own) > 0 { // it was carried over before
			return err
		}
		made := *v
		return s.save(ctx, tx, a, nil, entry(access.Program, v.At, "carry_over"), &made)
	})
}

func (r *visitRules) content() (c Content) {
	mark := Mark{Since: r.Version}
	for _, usual := range builtIn().Thresholds {
		if t, ok := r.Thresholds[usual.Code]; ok {
			c.Thresholds = append(c.Thresholds, Threshold{mark, usual.Code, t.Limit, t.Score})
		}
	}
	c.Limits = []Limit{{mark, ReviewAt, r.ReviewAt}, {mark, WeekLimit, r.WeekLimit}}
	c.SetWelfare(builtIn().Welfare, r.WelfareTags)
	for i := range c.Welfare {
		c.Welfare[i].Since = r.Version
	}
	return c
}
