package handlers

import (
	"time"

	"wangge/domain/account"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// rosterOut is who is on duty in a street in a month.
type rosterOut struct {
	Street  *namedOut      `json:"street"`
	Month   string         `json:"month"`
	Shifts  []dutyShiftOut `json:"shifts"`
	OnDuty  []string       `json:"onDuty"` // accounts, now
	Version int64          `json:"version"`
}

type dutyShiftOut struct {
	Account *personOut `json:"account"`
	From    wire.Time  `json:"from"`
	Until   wire.Time  `json:"until"`
}

func (r *apiRequest) rosterReply(roster *account.Roster, err error) (*web.Reply, error) {
	if err != nil {
		return nil, err
	}
	n, err := namesOf(r, roster.Shifts, func(s account.DutyShift) string { return s.Account })
	if err != nil {
		return nil, err
	}
	out := rosterOut{Month: roster.Month, Shifts: []dutyShiftOut{}, Version: roster.Version}
	if at, ok := r.Areas.Tree().ByID(roster.Street); ok {
		out.Street = &namedOut{at.Code, at.Name}
	}
	for _, s := range roster.Shifts {
		out.Shifts = append(out.Shifts, dutyShiftOut{n.person(s.Account), wire.Time(s.From), wire.Time(s.Until)})
	}
	on, err := r.Accounts.OnDuty(r.Ctx, roster.Street, r.Now)
	if err != nil {
		return nil, err
	}
	out.OnDuty = append([]string{}, on...)
	return web.Versioned(out, roster.Version), nil
}

func getDuty(r *apiRequest) (*web.Reply, error) {
	return r.rosterReply(r.Accounts.Duty(r.Ctx, r.Actor, r.Param("street"), r.Param("month")))
}

type rosterIn struct {
	Shifts []dutyShiftIn `json:"shifts" need:"true"`
}

type dutyShiftIn struct {
	Account string    `json:"account" need:"true"`
	From    time.Time `json:"from" need:"true"`
	Until   time.Time `json:"until" need:"true"`
}

func putDuty(r *apiRequest) (*web.Reply, error) {
	var in rosterIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	shifts := make([]account.DutyShift, len(in.Shifts))
	for i, s := range in.Shifts {
		shifts[i] = account.DutyShift{Account: s.Account, From: s.From.UTC(), Until: s.Until.UTC()}
	}
	return r.rosterReply(r.Accounts.SetDuty(r.Ctx, r.Actor, r.Now, r.Param("street"), r.Param("month"), version, shifts))
}
