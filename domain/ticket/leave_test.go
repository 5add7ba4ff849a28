package ticket

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/store"
)

// followed is what a leader does with what the journals say.
func (w *world) followed(lease store.Lease, now time.Time) {
	w.t.Helper()
	must(0, w.tickets.leavers(func() time.Time { return now }).CatchUp(w.t.Context(), w.st, lease))(w.t)
}

// Who leaves gives back what is with them, once, marked with why; what is over or with others stays.
func TestTicketsOfWhoLeaves(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		lease := must(w.st.Acquire(t.Context(), clockLease, "node", time.Hour))(t)
		with := func(to access.Assignee, helpers ...access.Assignee) string {
			t.Helper()
			id := w.report("resident", east).ID
			w.move("dispatcher", id, ActionInput{Action: Accept})
			w.move("dispatcher", id, ActionInput{Action: Dispatch, Assignee: &to, Helpers: helpers})
			return id
		}
		company, worker, handler := w.organisation(jia), w.person("worker"), w.person("handler")
		ids := map[string]string{
			"of the worker": with(worker), "begun by the worker": w.working(east).ID, "of the company": with(company), "of its handler": with(handler),
			"helped by the worker": with(w.person("lead"), worker, company), "of the lead": with(w.person("lead")),
			"suspended": w.working(east).ID, "resolved": w.working(east).ID, "closed": w.working(east).ID,
		}
		w.move("lead", ids["suspended"], ActionInput{Action: Suspend, Reason: "等配件", Until: noon.Add(48 * time.Hour)})
		due := w.get(ids["of the worker"]).DueAt
		for _, name := range []string{"resolved", "closed"} {
			w.move("worker", ids[name], ActionInput{Action: Resolve, Outcome: "fixed"})
		}
		w.move("lead", ids["closed"], ActionInput{Action: Close, Verification: "phone"})
		for range 20 {
			with(worker)
		}
		w.followed(lease, noon) // nobody has left
		if got := w.get(ids["of the worker"]); got.State != Dispatched || got.Version != 3 {
			t.Fatalf("given back by somebody who works: %+v", got)
		}

		later := noon.Add(time.Hour)
		must(w.accounts.SetGrants(t.Context(), program, later, worker.ID, 0, []account.GrantInput{{Role: access.OutreachWorker, Area: yiOne}}))(t)
		must(w.areas.UpdateOrganisation(t.Context(), program, later, company.ID, 0, area.OrganisationChange{Active: new(false)}))(t)
		lost := must(w.st.Acquire(t.Context(), "another", "slow", time.Hour))(t)
		must(0, w.st.Release(t.Context(), lost))(t)
		must(w.st.Acquire(t.Context(), "another", "quick", time.Hour))(t)
		if err := w.tickets.leavers(func() time.Time { return later }).CatchUp(t.Context(), w.st, lost); !errors.Is(err, store.ErrFenced) {
			t.Errorf("followed under a lost lease: %v", err)
		}
		w.followed(lease, later)
		w.followed(lease, later.Add(time.Hour))
		must(w.accounts.Update(t.Context(), program, later, worker.ID, 0, account.Change{Disabled: new(true)}))(t) // it has nothing any more
		w.followed(lease, later.Add(2*time.Hour))

		returned := map[string]int{}
		for _, e := range w.journal(jia) {
			if e.Action == "ticket.return" || e.Action == "ticket.drop_helper" {
				returned[e.Doc]++
				if e.Actor != "system" || e.Action == "ticket.return" && (e.After.State != "accepted" || e.After.Assignee != "" || e.Before.Assignee == "") {
					t.Errorf("journal: %+v", e)
				}
			}
		}
		if len(returned) != 26 {
			t.Errorf("%d came back or lost a helper, want 26", len(returned))
		}
		for name, want := range map[string]string{
			"of the worker": "accepted left 1", "begun by the worker": "accepted left 1", "of the company": "accepted organisation_inactive 1", "of its handler": "accepted organisation_inactive 1",
			"helped by the worker": "dispatched  1", "of the lead": "dispatched  0", "suspended": "accepted left 1", "resolved": "resolved  0", "closed": "closed  0",
		} {
			got, why := w.get(ids[name]), ReturnReason("")
			if got.Returned != nil {
				why = got.Returned.Why
			}
			if line := fmt.Sprint(got.State, " ", why, " ", returned[got.ID]); line != want {
				t.Errorf("%s: %s, want %s", name, line, want)
			}
			if open := got.State == Accepted; open != (got.Assignee == access.Assignee{}) || open != (len(got.Involved) == 0) {
				t.Errorf("%s: with %+v, %v", name, got.Assignee, got.Involved)
			}
		}
		if got := w.get(ids["of the worker"]); !got.DueAt.Equal(due) || !got.Returned.At.Equal(later) || got.Returned.From != worker {
			t.Errorf("came back: %+v, due %v", got.Returned, got.DueAt)
		}
		if got := w.get(ids["suspended"]); !got.ResumeAt.IsZero() || got.DueAt.After(due.Add(time.Hour)) {
			t.Errorf("its clock stands still: due %v", got.DueAt)
		}
		if got := w.get(ids["helped by the worker"]); len(got.Helpers) != 0 || !slices.Equal(got.Involved, []string{w.people["lead"].Account}) {
			t.Errorf("helpers: %+v", got.Helpers)
		}

		list, _, err := w.tickets.List(t.Context(), w.people["dispatcher"], Filter{Returned: true, Limit: 50})
		if err != nil || len(list) != 25 || slices.ContainsFunc(list, func(x *Ticket) bool { return x.Returned == nil }) {
			t.Errorf("the dispatcher lists %d, %v", len(list), err)
		}
		if list, _, err := w.tickets.List(t.Context(), w.people["other dispatcher"], Filter{Returned: true, Limit: 50}); err != nil || len(list) != 0 {
			t.Errorf("the other street's lists %d, %v", len(list), err)
		}
		if list, _, err := w.tickets.List(t.Context(), w.people["dispatcher"], Filter{Returned: true, States: []State{Dispatched}, Limit: 50}); err != nil || len(list) != 0 {
			t.Errorf("dispatched and returned: %d, %v", len(list), err)
		}
		if got := w.move("dispatcher", ids["of the worker"], ActionInput{Action: Dispatch, Assignee: new(w.person("lead"))}); got.Returned != nil || got.State != Dispatched {
			t.Errorf("dispatched anew: %+v", got.Returned)
		}
		if got := w.move("lead", ids["resolved"], ActionInput{Action: Rework, Reason: "没修好"}); got.State != Accepted || got.Returned == nil || got.Returned.Why != Disabled {
			t.Errorf("to be reworked by nobody: %s %+v", got.State, got.Returned)
		}
		events, _, err := w.tickets.Timeline(t.Context(), w.people["resident"], ids["of the worker"], 50, "")
		must(0, err)(t)
		var told []string
		for _, e := range events {
			told = append(told, string(e.Action)+"/"+e.Role+"/"+e.Before.Assignee)
		}
		if got := strings.Join(told, " "); got != "report/reporter/ accept/staff/ dispatch/staff/ return/system/ dispatch/staff/" {
			t.Errorf("the resident reads %s", got)
		}
	})
}

// Who helped with a ticket, and left after it was resolved, does not get it back when it is sent back.
func TestReworkWithoutWhoLeft(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		id := w.report("resident", east).ID
		lead, worker, company := w.person("lead"), w.person("worker"), w.organisation(jia)
		w.move("dispatcher", id, ActionInput{Action: Accept})
		w.move("dispatcher", id, ActionInput{Action: Dispatch, Assignee: &lead, Helpers: []access.Assignee{worker, company}})
		w.move("lead", id, ActionInput{Action: Start})
		w.move("lead", id, ActionInput{Action: Resolve, Outcome: "fixed"})
		must(w.accounts.Update(t.Context(), program, noon, worker.ID, 0, account.Change{Disabled: new(true)}))(t)
		lease := must(w.st.Acquire(t.Context(), clockLease, "node", time.Hour))(t)
		w.followed(lease, noon)
		if got := w.get(id); len(got.Helpers) != 2 {
			t.Fatalf("what is resolved lost helpers: %+v", got.Helpers)
		}
		got := w.move("dispatcher", id, ActionInput{Action: Rework, Reason: "没修好"})
		if got.State != InProgress || got.Assignee != lead || !slices.Equal(got.Helpers, []access.Assignee{company}) || slices.Contains(got.Involved, worker.ID) {
			t.Errorf("sent back to %+v with %+v", got.Assignee, got.Helpers)
		}
	})
}
