// Package coordination holds what changes several kinds of things in one
// transaction. A redraw of cells takes along what lies in them: cells know
// nothing of tickets and households, and these nothing of how cells are drawn;
// here the one is told of the other. It knows no HTTP and stores nothing itself.
package coordination

import (
	"context"
	"maps"
	"slices"
	"time"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/household"
	"wangge/domain/ticket"
	"wangge/store"
)

// PlanMoves plans what moves with cells: open tickets and households. Visits and
// promises follow their households by the journal.
func PlanMoves(tickets *ticket.Tickets, households *household.Households) area.MovePlanner {
	return joinPlanners(tickets.PlanMoves, households.PlanMoves)
}

// joinPlanners plans the moves of several kinds of things in one transaction.
func joinPlanners(planners ...area.MovePlanner) area.MovePlanner {
	return func(ctx context.Context, actor access.Actor, ground *area.Ground) (area.Moves, error) {
		all := area.Moves{Count: area.Moved{}}
		var moves []area.Moves
		for _, plan := range planners {
			m, err := plan(ctx, actor, ground)
			if err != nil {
				return area.Moves{}, err
			}
			moves = append(moves, m)
			all.Streets = append(all.Streets, m.Streets...)
			maps.Copy(all.Count, m.Count)
		}
		slices.Sort(all.Streets)
		all.Streets = slices.Compact(all.Streets)
		all.Move = func(ctx context.Context, tx *store.Tx, now time.Time) (area.Moved, error) {
			done := area.Moved{}
			for _, m := range moves {
				n, err := m.Move(ctx, tx, now)
				if err != nil {
					return nil, err
				}
				maps.Copy(done, n)
			}
			return done, nil
		}
		return all, nil
	}
}
