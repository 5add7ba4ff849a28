package handlers

import (
	"wangge/domain/policy"
	"wangge/handlers/web"
)

// categoryOut is a category of ticket with its conditions.
type categoryOut struct {
	Code       string         `json:"code"`
	Name       string         `json:"name"`
	Public     bool           `json:"public"`
	AfterPhoto bool           `json:"afterPhoto"`
	Days       int            `json:"days"` // from the report until it should be resolved
	Retired    bool           `json:"retired"`
	Heir       *string        `json:"heir"`
	Conditions []conditionOut `json:"conditions"`
}

type conditionOut struct {
	Code    string         `json:"code"`
	Name    string         `json:"name"`
	Urgency policy.Urgency `json:"urgency"`
	Days    int            `json:"days"`
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
	items := []categoryOut{}
	for _, c := range p.Categories {
		if c.Retired && !retired {
			continue
		}
		out := categoryOut{Code: c.Code, Name: r.Text(c.Name), Public: c.Public, AfterPhoto: c.AfterPhoto, Days: c.Days, Retired: c.Retired, Heir: optional(c.Heir)}
		for _, first := range []bool{true, false} {
			for _, x := range c.Conditions {
				if x.Default == first && !x.Retired {
					out.Conditions = append(out.Conditions, conditionOut{x.Code, r.Text(x.Name), x.Urgency, c.DaysUnder(x.Code)})
				}
			}
		}
		items = append(items, out)
	}
	return web.Listed(items, ""), nil
}
