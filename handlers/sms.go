package handlers

import (
	"maps"
	"slices"

	"wangge/domain/civil"
	"wangge/domain/sms"
	"wangge/handlers/web"
)

// smsOut is what sending text messages came to of late.
type smsOut struct {
	Budget   int           `json:"budget"` // messages in 24 hours; 0 where none are sent
	Warnings []sms.Warning `json:"warnings"`
	Days     []smsDayOut   `json:"days"`
}

type smsDayOut struct {
	Date    civil.Date     `json:"date"`
	States  []smsCountOut  `json:"states"`
	Reasons []smsReasonOut `json:"reasons"`
}

type smsCountOut struct {
	State string `json:"state"`
	Count int    `json:"count"`
}

type smsReasonOut struct {
	Code  string `json:"code"`
	Count int    `json:"count"`
}

func getSMS(r *apiRequest) (*web.Reply, error) {
	out := smsOut{Warnings: []sms.Warning{}, Days: []smsDayOut{}}
	if r.Texts == nil {
		return web.OK(out), nil
	}
	days, err := r.Texts.Days(r.Ctx, r.Actor, r.Now)
	if err != nil {
		return nil, err
	}
	warnings, err := r.Texts.Warnings(r.Ctx, r.Now)
	if err != nil {
		return nil, err
	}
	out.Budget, out.Warnings = r.Texts.Budget(), append(out.Warnings, warnings...)
	for _, d := range days {
		day := smsDayOut{civil.Date(d.ID), []smsCountOut{}, []smsReasonOut{}}
		for _, state := range slices.Sorted(maps.Keys(d.Counts)) {
			day.States = append(day.States, smsCountOut{state, d.Counts[state]})
		}
		for _, why := range d.Why() {
			day.Reasons = append(day.Reasons, smsReasonOut(why))
		}
		out.Days = append(out.Days, day)
	}
	return web.OK(out), nil
}
