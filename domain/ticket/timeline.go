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
	Role     string // how the actor stood: reporter, staff, system
	Note     string
	Reason   string
	Before   store.Facts // without assignees that the reader is not shown
	After    store.Facts
	Was      *Replaced        // what a correction replaced
	Comment  string           // id, of a comment event
	Link     string           // id, of what was linked or is not any more
	Happened *domain.Happened // when, of what a device sent later
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
		return (view == access.Whole || e.Dims["internal"] != "true") && Action(strings.TrimPrefix(e.Action, "ticket.")) != Serve
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
	events := make([]Event, 0, len(entries))
	for _, e := range entries {
		step := said[e.DocVersion]
		ev := Event{
			Number: e.Number, At: e.At, Action: Action(strings.TrimPrefix(e.Action, "ticket.")), From: State(e.Before.State), To: State(e.After.State),
			Version: t.shownVersion(actor, e.DocVersion), Actor: e.Actor, Role: t.roleOf(e), Before: e.Before, After: e.After,
			Note: step.Note, Reason: step.Reason, Was: step.Was, Comment: e.Dims["comment"], Happened: step.Happened,
		}
		if record := e.Dims["record"]; record != "" {
			ev.Note, ev.Reason, ev.Was, ev.Happened = why[record], "", nil, nil // of the reveal, which is no step of the ticket's
		}
		if ev.Link = e.Dims["link"]; ev.Link != "" { // which is no step of the ticket's either
			ev.Note, ev.Reason, ev.Was, ev.Happened = "", "", nil, nil
		}
		if ev.Action == Report {
			ev.Happened = t.Happened
		}
		if c := remarks[ev.Comment]; c != nil {
			ev.Happened = c.Happened
		}
		if view == access.Whole {
			if t.Anonymous && ev.Role == "reporter" && e.Actor != actor.Account {
				ev.Actor = ""
			}
		} else {
			ev.forReporter(actor, e.Dims["assigneeKind"])
		}
		if ev.Actor == "" {
			ev.Happened = ev.Happened.Nameless()
		}
		events = append(events, ev)
	}
	return events, next, nil
}

// forReporter takes off what only those read who work on the ticket. Which
// organisation has it the reporter may know, which person not.
func (ev *Event) forReporter(actor access.Actor, assigneeKind string) {
	ev.Note, ev.Before.Assignee = "", ""
	if assigneeKind != access.Organisation {
		ev.After.Assignee = ""
	}
	if ev.Role == "staff" || ev.Role == "reporter" && ev.Actor != actor.Account { // read at a counter
		ev.Actor = ""
	}
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
	case Report, Withdraw, Reopen:
		return true
	case "comment":
		return e.Dims["internal"] != "true"
	case "photo":
		return !slices.ContainsFunc(t.Photos, func(p Photo) bool { return p.When == After && p.By == e.Actor && p.At.Equal(e.At) })
	}
	return false
}
