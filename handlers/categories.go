package handlers

import (
	"wangge/domain/policy"
	"wangge/handlers/web"
)

// categoryOut is a category of ticket with its conditions.
type categoryOut struct {
	Code       string         `json:"code"`
	Name       string         `json:"name"`
	Group      *namedOut      `json:"group"` // 大类; null: it is in none
	Public     bool           `json:"public"`
	AfterPhoto bool           `json:"afterPhoto"`
	Photos     int            `json:"photos"` // that a report needs
	Days       int            `json:"days"`   // from the report until it should be resolved
	Retired    bool           `json:"retired"`
	Heir       *string        `json:"heir"`
	Conditions []conditionOut `json:"conditions"`
}

type conditionOut struct {
	Code       string         `json:"code"`
	Name       string         `json:"name"`
	Urgency    policy.Urgency `json:"urgency"`
	Days       int            `json:"days"`
	Terms      []timedEntry   `json:"terms"` // of its clocks
	Photos     int            `json:"photos"`
	AfterPhoto bool           `json:"afterPhoto"`
	Closing    []namedOut     `json:"closing"`    // ticked before it is closed
	Assignee   *orgRefOut     `json:"assignee"`   // proposed; null: none is
	Department *orgRefOut     `json:"department"` // in charge
}

// listCategories answers the catalogue of the street that an area lies in, or
// what is built in; the default condition of each comes first.
func listCategories(r *apiRequest) (*web.Reply, error) {
	retired, err := r.Flag("retired")
	if err != nil {
		return nil, err
	}
	p := policy.Default()
	if code := r.Query.Get("area"); code != "" {
		if p, err = r.Policies.Catalogue(code, r.Now); err != nil {
			return nil, web.BadQuery("area", "没有这个区划", "no such area")
		}
	}
	names, err := r.Areas.OrganisationNames(r.Ctx, p.Organisations())
	if err != nil {
		return nil, err
	}
	items := []categoryOut{}
	for _, c := range p.Categories {
		if c.Retired && !retired {
			continue
		}
		out := categoryOut{Code: c.Code, Name: r.Text(c.Name), Public: c.Public, AfterPhoto: c.AfterPhoto, Photos: c.Photos, Days: c.Days, Retired: c.Retired, Heir: optional(c.Heir)}
		if g, ok := p.GroupOf(c); ok {
			out.Group = &namedOut{g.Code, r.Text(g.Name)}
		}
		for _, first := range []bool{true, false} {
			for _, x := range c.Conditions {
				if x.Default == first && !x.Retired {
					out.Conditions = append(out.Conditions, r.condition(p, names, c, x))
				}
			}
		}
		items = append(items, out)
	}
	return web.Listed(items, ""), nil
}

func (r *apiRequest) condition(p *policy.Policy, names map[string]string, c policy.Category, x policy.Condition) conditionOut {
	h := p.Handling(c.Code, x.Code)
	named := func(id string) *orgRefOut {
		if names[id] == "" {
			return nil
		}
		return &orgRefOut{id, names[id]}
	}
	return conditionOut{x.Code, r.Text(x.Name), x.Urgency, c.DaysUnder(x.Code), each(p.TermsOf(c.Code, x.Code), timedTo), h.Photos, h.AfterPhoto,
		each(h.Closing, func(i policy.Item) namedOut { return namedOut{i.Code, r.Text(i.Name)} }), named(h.Assignee), named(h.Department)}
}
