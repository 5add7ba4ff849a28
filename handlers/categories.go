package handlers

import (
	"wangge/domain"
	"wangge/domain/policy"
	"wangge/domain/ticket"
	"wangge/handlers/web"
)

// categoryOut is a category of ticket with its conditions.
type categoryOut struct {
	Code       string         `json:"code"`
	Name       string         `json:"name"`
	Public     bool           `json:"public"`
	AfterPhoto bool           `json:"afterPhoto"`
	Days       int            `json:"days"` // from the report until it should be resolved
	Conditions []conditionOut `json:"conditions"`
}

type conditionOut struct {
	Code    string         `json:"code"`
	Name    string         `json:"name"`
	Urgency ticket.Urgency `json:"urgency"`
	Days    int            `json:"days"`
}

func listCategories(r *request) (*web.Reply, error) {
	text := func(t domain.Text) string { return r.Text(t) }
	known := policy.Usual().Categories
	items := make([]categoryOut, len(known))
	for i, c := range known {
		items[i] = categoryOut{Code: c.Code, Name: text(c.Name), Public: c.Public, AfterPhoto: c.AfterPhoto, Days: c.Days}
		for _, x := range c.Conditions {
			items[i].Conditions = append(items[i].Conditions, conditionOut{x.Code, text(x.Name), x.Urgency, c.DaysUnder(x.Code)})
		}
	}
	return web.Listed(items, ""), nil
}
