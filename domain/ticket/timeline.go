package ticket

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/reveal"
	"wangge/store"
)

// Event is one line of a ticket's timeline: the journal's entry with what was said.
type Event struct {
	Number   int64 // in the street's journal
	At       time.Time
	Action   Action
	From     State
	To       State
	Version  int64
	Actor    string // account id; "" when the reader is not shown who
	For      string // account whose stand-in the actor was in this
	Role     string // how the actor stood: reporter, staff, system
	Note     string
	Reason   string
	Question string      // that the reporter was asked
	Answer   string      // theirs, or to them
	Measures string      // while it is shelved
	Before   store.Facts // without assignees that the reader is not shown
	After    store.Facts
	Was      *Replaced        // what a correction replaced
	Comment  string           // id, of a comment event
	Link     string           // id, of what was linked or is not any more
	Ticket   *Ticket          // the other one, of a merge; nil where the reader does not see that
	Happened *domain.Happened // when, of what a device sent later
	Helper   *access.Assignee // whose part in the work it was about; without the id of a person that the reader is not shown
}

// Timeline returns a page of what happened to the ticket, oldest first, from
// the journal. The reporter sees reasons, but not notes, internal comments or who among the staff acted.
func (s *Tickets) Timeline(ctx context.Context, actor access.Actor, id string, limit int, cursor string) ([]Event, string, error) {
	t, view, err := s.Get(ctx, actor, id)
	if err != nil {
		return nil, "", err
	}
	var links map[string]bool
	var failed error
	entries, next, err := collection.History(ctx, s.store, id, limit, cursor, func(e *store.Entry) bool {
		if link := e.Dims["link"]; link != "" {
			if links == nil && failed == nil && s.LinksSeen != nil {
				links, failed = s.LinksSeen(ctx, actor, id)
			}
			return links[link]
		}
		return shownTo(view, e)
	})
	if err := cmp.Or(err, failed); err != nil {
		return nil, "", err
	}
	said := make(map[int64]Step, len(t.Steps))
	for _, st := range t.Steps {
		said[st.Version] = st
	}
	why, err := reveal.Reasons(ctx, s.store, store.IDsIn(entries, "record"))
	if err != nil {
		return nil, "", err
	}
	remarks, err := comments.GetMany(ctx, s.store, store.IDsIn(entries, "comment"))
	if err != nil {
		return nil, "", err
	}
	others, err := collection.GetMany(ctx, s.store, store.IDsIn(entries, otherTicket))
	if err != nil {
		return nil, "", err
	}
	events := make([]Event, 0, len(entries))
	for _, e := range entries {
		step := said[e.DocVersion]
		if e.Dims["record"] != "" || e.Dims["link"] != "" || e.Action == "ticket."+string(Rated) {
			step = Step{} // a reveal, a link and a rating are no steps of the ticket's
		}
		ev := Event{
			Number: e.Number, At: e.At, Action: Action(strings.TrimPrefix(e.Action, "ticket.")), From: State(e.Before.State), To: State(e.After.State),
			Version: t.shownVersion(actor, e.DocVersion), Actor: e.Actor, For: e.Dims[access.ForAbsent], Role: t.roleOf(e), Before: e.Before, After: e.After,
			Note: step.Note, Reason: step.Reason, Question: step.Question, Answer: step.Answer, Measures: step.Measures, Was: step.Was, Comment: e.Dims["comment"], Link: e.Dims["link"], Happened: step.Happened, Helper: step.Helper,
		}
		if record := e.Dims["record"]; record != "" {
			ev.Note = why[record]
		}
		if other := others[e.Dims[otherTicket]]; other != nil && access.TicketView(actor, other.Facts()) != access.Hidden {
			ev.Ticket = other
		}
		if ev.Action == Report {
			ev.Happened, ev.Answer = t.Happened, "" // which is that of the reply that came with it
		}
		if c := remarks[ev.Comment]; c != nil {
			ev.Happened = c.Happened
		}
		if view == access.Whole {
			ev.Actor = t.ActorShown(actor, e)
		} else {
			ev.forReporter(actor, e.Dims["assigneeKind"])
		}
		if ev.Actor == "" {
			ev.For = ""
			ev.Happened = ev.Happened.Nameless()
		}
		events = append(events, ev)
	}
	return events, next, nil
}

// shownTo reports whether who has this view of a ticket is told of the entry, which is no link's.
func shownTo(view access.View, e *store.Entry) bool {
	action := actionOf(e)
	return (view == access.Whole || view == access.Own && e.Dims["internal"] != "true" && !slices.Contains(aside, action)) && action != Serve
}

func actionOf(e *store.Entry) Action { return Action(strings.TrimPrefix(e.Action, "ticket.")) }

// outside is what a step is called for those who do not work on the ticket.
func (a Action) outside() Action {
	switch {
	case a == Take || a == Allot:
		return Correct
	case slices.Contains(amongStaff, a):
		return Requeue
	}
	return a
}

// Heard is what somebody hears of an entry about the ticket as it happens: the
// step and the version as its timeline has them for who asks. false: they
// hear nothing. Links are heard of by nobody here: what they lead to is asked for on the timeline.
func (t *Ticket) Heard(actor access.Actor, e *store.Entry) (Action, int64, bool) {
	view := access.TicketView(actor, t.Facts())
	if e.Dims["link"] != "" || !shownTo(view, e) {
		return "", 0, false
	}
	action := actionOf(e)
	if view != access.Whole {
		action = action.outside()
	}
	return action, t.shownVersion(actor, e.DocVersion), true
}

// forReporter takes off what only those read who work on the ticket. Which
// organisation has it the reporter may know, which person not.
func (ev *Event) forReporter(actor access.Actor, assigneeKind string) {
	if as := ev.Action.outside(); as != ev.Action {
		ev.Action, ev.Reason = as, ""
	}
	ev.Note, ev.Before.Assignee = "", ""
	if ev.Action == Supervise {
		ev.Reason = ""
	}
	if assigneeKind != access.Organisation {
		ev.After.Assignee = ""
	}
	if ev.Helper != nil && ev.Helper.Kind == access.Person {
		ev.Helper = &access.Assignee{Kind: access.Person}
	}
	if ev.Role == "staff" || ev.Role == "reporter" && ev.Actor != actor.Account { // read at a counter
		ev.Actor = ""
	}
}

// ActorShown is who did what the entry tells of, for who sees all of the
// ticket: "" for an anonymous reporter, unless that is who reads.
func (t *Ticket) ActorShown(reader access.Actor, e *store.Entry) string {
	if t.Anonymous && t.roleOf(e) == "reporter" && e.Actor != reader.Account {
		return ""
	}
	return e.Actor
}

// roleOf is the part in which somebody acted. Staff who report something have
// that part only in what any reporter may do: what they do as staff is under
// their name, and tells nothing of who reported it.
func (t *Ticket) roleOf(e *store.Entry) string {
	switch {
	case e.Actor == access.Program.Name():
		return "system"
	case e.Actor == t.Reporter && t.byReporter(e):
		return "reporter"
	}
	return "staff"
}

func (t *Ticket) byReporter(e *store.Entry) bool {
	switch Action(strings.TrimPrefix(e.Action, "ticket.")) {
	case Report, Withdraw, Reopen, Rated, Answer, Confirm, Dispute, Urge:
		return true
	case "comment":
		return e.Dims["internal"] != "true"
	case "photo":
		return !slices.ContainsFunc(t.Photos, func(p Photo) bool { return p.When == After && p.By == e.Actor && p.At.Equal(e.At) })
	}
	return false
}
