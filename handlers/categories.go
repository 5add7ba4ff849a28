package handlers

import (
	"wangge/domain"
	"wangge/domain/ticket"
)

// categoryOut is a category of ticket with its conditions.
type categoryOut struct {
	Code       string         `json:"code"`
	Name       string         `json:"name"`
	Public     bool           `json:"public"`
	AfterPhoto bool           `json:"afterPhoto"`
	Conditions []conditionOut `json:"conditions"`
}

type conditionOut struct {
	Code    string         `json:"code"`
	Name    string         `json:"name"`
	Urgency ticket.Urgency `json:"urgency"`
}

func listCategories(r *request) (*reply, error) {
	text := func(t domain.Text) string { return r.lang.text(t) }
	items := make([]categoryOut, len(ticket.Categories))
	for i, c := range ticket.Categories {
		items[i] = categoryOut{Code: c.Code, Name: text(c.Name), Public: c.Public, AfterPhoto: c.AfterPhoto}
		for _, x := range c.Conditions {
			items[i].Conditions = append(items[i].Conditions, conditionOut{x.Code, text(x.Name), x.Urgency})
		}
	}
	return listed(items, ""), nil
}
