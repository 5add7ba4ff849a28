// Package collections lists what the domain keeps in a store, for who opens one.
package collections

import (
	"slices"

	"wangge/domain/account"
	"wangge/domain/address"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/form"
	"wangge/domain/household"
	"wangge/domain/intake"
	"wangge/domain/limit"
	"wangge/domain/link"
	"wangge/domain/once"
	"wangge/domain/personal"
	"wangge/domain/photo"
	"wangge/domain/plan"
	"wangge/domain/policy"
	"wangge/domain/receipt"
	"wangge/domain/reveal"
	"wangge/domain/schedule"
	"wangge/domain/service"
	"wangge/domain/station"
	"wangge/domain/ticket"
	"wangge/domain/todo"
	"wangge/domain/visit"
	"wangge/store"
)

// All are the collections of every part of the domain. Names in them are found by these keys.
func All(keys *personal.Keys) []store.Declared {
	return slices.Concat(
		area.Collections(), limit.Collections(), reveal.Collections(), account.Collections(), policy.Collections(), calendar.Collections(), photo.Collections(),
		household.Collections(keys), address.Collections(), form.Collections(), plan.Collections(), visit.Collections(), schedule.Collections(), receipt.Collections(), ticket.Collections(), link.Collections(), once.Collections(), todo.Collections(), service.Collections(), station.Collections(), intake.Collections(),
	)
}
