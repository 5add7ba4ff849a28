// Package sight says who may see what something is about: what people are asked
// and told leads to things of many packages, each of which knows that of its own.
package sight

import (
	"context"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/homecall"
	"wangge/domain/intake"
	"wangge/domain/rating"
	"wangge/domain/service"
	"wangge/domain/station"
	"wangge/domain/ticket"
	"wangge/domain/todo"
	"wangge/domain/visit"
)

// Of are the use cases on the things.
type Of struct {
	Stations       *station.Stations
	Cases          *intake.Cases
	Ratings        *rating.Ratings
	Tickets        *ticket.Tickets
	Visits         *visit.Visits
	Stops          *visit.Stops
	HomeCalls      *homecall.Calls
	Qualifications *service.Qualifications
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
		"intake-case": todo.Each(func(ctx context.Context, actor access.Actor, _ time.Time, id string) error {
			_, _, err := of.Cases.Get(ctx, actor, id)
			return err
		}),
		rating.TodoKind: todo.Each(of.Ratings.Seen),
		"ticket": todo.Each(func(ctx context.Context, actor access.Actor, _ time.Time, id string) error {
			_, _, err := of.Tickets.Get(ctx, actor, id)
			return err
		}),
		ticket.FollowedTicket: of.Tickets.Follows,
		"visit": todo.Each(func(ctx context.Context, actor access.Actor, _ time.Time, id string) error {
			_, err := of.Visits.Get(ctx, actor, id)
			return err
		}),
		homecall.AboutRequest: todo.Each(func(ctx context.Context, actor access.Actor, _ time.Time, id string) error {
			_, err := of.HomeCalls.Get(ctx, actor, id)
			return err
		}),
		"stop": todo.Each(func(ctx context.Context, actor access.Actor, _ time.Time, id string) error {
			_, err := of.Stops.Get(ctx, actor, id)
			return err
		}),
		"qualification": todo.Each(func(ctx context.Context, actor access.Actor, _ time.Time, id string) error {
			_, err := of.Qualifications.Get(ctx, actor, id)
			return err
		}),
	}
}
