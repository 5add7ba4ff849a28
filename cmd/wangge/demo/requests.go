package demo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"wangge/domain/access"
	"wangge/domain/clocks"
	"wangge/domain/policy"
	"wangge/domain/ticket"
)

// The tickets of which something is to be decided.
const (
	extended = 200_001 + iota
	convened
	offered
)

// requests: more time is asked for, a department is called in, and one street offers a ticket to another.
func (w *filling) requests(ctx context.Context) error {
	cell := w.staff.home[0]
	lead, dispatcher := w.staff.lead[cell.ID], dispatcherOf(cell.Place.Street)
	category, _ := policy.Default().Category("noise")
	plots := map[int]plot{}
	for n := extended; n <= offered; n++ {
		p := plot{n: n, cell: cell, at: cell.Centre, category: category, title: titles[category.Code][n%3], until: ticket.Dispatched, start: w.now.Add(-20 * time.Hour)}
		if err := w.play(ctx, p); err != nil {
			return fmt.Errorf("ticket %d: %w", n, err)
		}
		plots[n] = p
	}
	take := func(n int, who access.Actor, in ticket.ActionInput) error {
		in.ID = id("move", fmt.Sprintf("%d/%s", n, in.Action))
		_, err := w.Tickets.TakeAction(ctx, who, w.now, id("ticket", fmt.Sprint(n)), 0, in)
		return err
	}
	t, _, err := w.Tickets.Get(ctx, dispatcher, id("ticket", fmt.Sprint(extended)))
	if err != nil {
		return err
	}
	handler, _, err := w.move(ctx, plots[extended], ticket.Start, access.Actor{}, w.now)
	if err != nil {
		return err
	}
	if err := take(extended, handler, ticket.ActionInput{Action: ticket.Apply, Request: ticket.ForExtension, Reason: "须与施工单位协商作业时间", Until: t.Clock(clocks.Handle).DueAt.Add(24 * time.Hour)}); err != nil {
		return err
	}
	if err := take(convened, dispatcher, ticket.ActionInput{Action: ticket.Convene, Reason: "夜间抢修供水管网，请到场协调", Departments: []string{id("organisation", "water")}}); err != nil || w.size != Whole {
		return err
	}
	for _, code := range sortedKeys(w.staff.streets) {
		if code != Home && code != fengqiao && strings.HasPrefix(code, town) {
			return take(offered, lead, ticket.ActionInput{Action: ticket.Correct, Position: &w.staff.streets[code][0].Centre, Reason: "经核实位于相邻街道"})
		}
	}
	return nil
}

// dispatcherOf is who dispatches in a street of the demo sign-ins.
func dispatcherOf(street string) access.Actor {
	return access.Actor{Account: id("account", string(access.Dispatcher)), Grants: []access.Grant{{Role: access.Dispatcher, Level: access.Street, Area: street}}}
}
