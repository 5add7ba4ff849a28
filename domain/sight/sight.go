// Package sight says who may see what something is about: what people are asked
// and told leads to things of many packages, each of which knows that of its own.
package sight

import (
	"context"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/homecall"
	"wangge/domain/household"
	"wangge/domain/intake"
	"wangge/domain/plan"
	"wangge/domain/rating"
	"wangge/domain/robot"
	"wangge/domain/service"
	"wangge/domain/station"
	"wangge/domain/ticket"
	"wangge/domain/todo"
	"wangge/domain/visit"
	"wangge/domain/webhook"
)

// Of are the use cases on the things.
type Of struct {
	Accounts       *account.Accounts
	Areas          *area.Areas
	Stations       *station.Stations
	Cases          *intake.Cases
	Ratings        *rating.Ratings
	Tickets        *ticket.Tickets
	Visits         *visit.Visits
	Stops          *visit.Stops
	Promises       *visit.Promises
	Plans          *plan.Plans
	Households     *household.Households
	HomeCalls      *homecall.Calls
	Qualifications *service.Qualifications
	Webhooks       *webhook.Targets
	Robots         *robot.Robots
}

// All are the sights by the kind of thing.
func All(of Of) map[string]todo.Sight {
	return map[string]todo.Sight{
		"station": todo.Each(func(ctx context.Context, actor access.Actor, now time.Time, id string) error {
			v, err := of.Stations.Get(ctx, actor, now, id)
			if err == nil && !v.Whole {
				err = domain.ErrForbidden
			}
			return err
		}),
		"intake-case":   at(of.Cases.Seen),
		"own-case":      at(of.Cases.SeenOwn),
		rating.TodoKind: todo.Each(of.Ratings.Seen),
		"ticket": func(ctx context.Context, actor access.Actor, _ time.Time, ids []string) (map[string]bool, error) {
			found, err := of.Tickets.Seen(ctx, actor, ids)
			seen := make(map[string]bool, len(found))
			for id := range found {
				seen[id] = true
			}
			return seen, err
		},
		ticket.FollowedTicket: of.Tickets.Follows,
		"visit":               at(of.Visits.Seen),
		"promise":             each(of.Promises.Get),
		homecall.AboutRequest: each(of.HomeCalls.Get),
		"stop":                at(of.Stops.Seen),
		"visit-plan":          each(of.Plans.Get),
		"household":           each(of.Households.Get),
		"qualification":       each(of.Qualifications.Get),
		"cell": func(_ context.Context, actor access.Actor, _ time.Time, ids []string) (map[string]bool, error) {
			seen := make(map[string]bool, len(ids))
			for _, id := range ids {
				if c, ok := of.Areas.Map().EverByID(id); ok {
					place := c.Place
					place.Cell = c.ID
					seen[id] = access.HearsCell(actor, place)
				}
			}
			return seen, nil
		},
		"cover": each(of.Accounts.Cover),
		"duty": todo.Each(func(ctx context.Context, actor access.Actor, _ time.Time, id string) error {
			street, month, _ := strings.Cut(id, "/duty/")
			_, err := of.Accounts.Duty(ctx, actor, street, month)
			return err
		}),
		"account": each(of.Accounts.Get),
		"webhook": each(of.Webhooks.Get),
		"robot":   each(of.Robots.Get),
		"today": func(_ context.Context, actor access.Actor, _ time.Time, ids []string) (map[string]bool, error) { // everybody's own
			seen := make(map[string]bool, len(ids))
			for _, id := range ids {
				seen[id] = access.ListsVisits(actor)
			}
			return seen, nil
		},
	}
}

// each is the sight of what is loaded one by one.
func each[T any](get func(context.Context, access.Actor, string) (T, error)) todo.Sight {
	return todo.Each(func(ctx context.Context, actor access.Actor, _ time.Time, id string) error {
		_, err := get(ctx, actor, id)
		return err
	})
}

// at is the sight of what is loaded at once, whenever it is asked for.
func at(seen func(context.Context, access.Actor, []string) (map[string]bool, error)) todo.Sight {
	return func(ctx context.Context, actor access.Actor, _ time.Time, ids []string) (map[string]bool, error) {
		return seen(ctx, actor, ids)
	}
}
