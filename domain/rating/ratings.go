package rating

import (
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/personal"
	"wangge/domain/policy"
	"wangge/store"
)

// Ratings are the use cases on ratings and rectifications.
type Ratings struct {
	store     *store.Store
	areas     *area.Areas
	accounts  *account.Accounts
	policies  *policy.Policies
	calendars *calendar.Calendars
	keys      *personal.Keys
}

// New returns the use cases on a store that has Collections, and those of cases, visits, tickets, stations and package todo.
func New(st *store.Store, areas *area.Areas, accounts *account.Accounts, policies *policy.Policies, calendars *calendar.Calendars, keys *personal.Keys) *Ratings {
	return &Ratings{st, areas, accounts, policies, calendars, keys}
}
