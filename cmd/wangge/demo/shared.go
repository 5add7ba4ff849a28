package demo

import (
	"context"
	"fmt"
	"time"

	"wangge/domain/access"
	"wangge/domain/ticket"
)

// children are the matters that a ticket is split into.
func (p plot) children() []ticket.Child {
	return []ticket.Child{
		{ID: id("ticket", fmt.Sprintf("%d/pipe", p.n)), Category: "pipe_dispute", Title: "疏通公共下水道"},
		{ID: id("ticket", fmt.Sprintf("%d/light", p.n)), Category: "other", Title: "楼道灯受潮不亮"},
	}
}

// shared is what several have a part in: of a ticket that was split, one matter is
// done, and of the other the part of the property company that helps.
func (w *filling) shared(ctx context.Context, p plot, at time.Time) error {
	lead, worker := w.staff.lead[p.cell.ID], w.staff.worker[p.cell.ID]
	company := access.Assignee{Kind: access.Organisation, ID: w.staff.orgs[p.cell.Place.Street][0]}
	helper, ours := w.staff.handlers[company.ID], &access.Assignee{Kind: access.Person, ID: worker.Account}
	done, other := p.children()[0].ID, p.children()[1].ID
	for i, step := range []struct {
		of  string
		who access.Actor
		in  ticket.ActionInput
	}{
		{done, lead, ticket.ActionInput{Action: ticket.Dispatch, Assignee: ours}},
		{done, worker, ticket.ActionInput{Action: ticket.Start}},
		{done, worker, ticket.ActionInput{Action: ticket.Resolve, Outcome: "fixed", Note: "已疏通"}},
		{done, lead, ticket.ActionInput{Action: ticket.Close, Verification: "on_site", Reason: "现场核实，排水通畅"}},
		{other, lead, ticket.ActionInput{Action: ticket.Dispatch, Assignee: ours, Helpers: []access.Assignee{company}}},
		{other, worker, ticket.ActionInput{Action: ticket.Start}},
		{other, helper, ticket.ActionInput{Action: ticket.HelpStart}},
		{other, helper, ticket.ActionInput{Action: ticket.HelpDone, Note: "线路已检修"}},
	} {
		step.in.ID = id("move", fmt.Sprintf("%s/%s", step.of, step.in.Action))
		if _, err := w.Tickets.TakeAction(ctx, step.who, at.Add(time.Duration(i+1)*20*time.Minute), step.of, 0, step.in); err != nil {
			return fmt.Errorf("%s: %w", step.in.Action, err)
		}
	}
	return nil
}
