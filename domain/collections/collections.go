// Package collections lists what the domain keeps in a store, for who opens one.
package collections

import (
	"slices"

	"wangge/domain/account"
	"wangge/domain/address"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/cellnotice"
	"wangge/domain/delivery"
	"wangge/domain/deployment"
	"wangge/domain/device"
	"wangge/domain/form"
	"wangge/domain/homecall"
	"wangge/domain/household"
	"wangge/domain/intake"
	"wangge/domain/limit"
	"wangge/domain/link"
	"wangge/domain/live"
	"wangge/domain/notice"
	"wangge/domain/once"
	"wangge/domain/personal"
	"wangge/domain/photo"
	"wangge/domain/plan"
	"wangge/domain/policy"
	"wangge/domain/posting"
	"wangge/domain/rating"
	"wangge/domain/receipt"
	"wangge/domain/reveal"
	"wangge/domain/robot"
	"wangge/domain/schedule"
	"wangge/domain/service"
	"wangge/domain/sms"
	"wangge/domain/station"
	"wangge/domain/ticket"
	"wangge/domain/todo"
	"wangge/domain/visit"
	"wangge/domain/webhook"
	"wangge/domain/wechat"
	"wangge/store"
)

// All are the collections of every part of the domain. Names in them are found by these keys.
func All(keys *personal.Keys) []store.Declared {
	return slices.Concat(
		area.Collections(), limit.Collections(), reveal.Collections(), account.Collections(), policy.Collections(), calendar.Collections(), photo.Collections(),
		household.Collections(keys), address.Collections(), form.Collections(), plan.Collections(), visit.Collections(), schedule.Collections(), receipt.Collections(), ticket.Collections(), link.Collections(), once.Collections(), todo.Collections(), service.Collections(), station.Collections(), posting.Collections(), deployment.Collections(), intake.Collections(), rating.Collections(), homecall.Collections(), webhook.Collections(),
		live.Collections(), notice.Collections(), delivery.Collections(), cellnotice.Collections(), device.Collections(), robot.Collections(), wechat.Collections(),
		sms.Collections(),
	)
}
