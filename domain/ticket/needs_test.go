package ticket

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
)

func TestWhatActionsNeed(t *testing.T) {
	person := func(id string) access.Assignee { return access.Assignee{Kind: access.Person, ID: id} }
	eleven := make([]access.Assignee, 11)
	for i := range eleven {
		eleven[i] = person(fmt.Sprint(i))
	}
	for _, c := range []struct {
		name    string
		state   State
		who     string
		action  Action
		change  func(*Ticket, *ActionInput)
		pointer string // "" for enough
	}{
		{"a condition of the category", Reported, "lead", Accept, func(t *Ticket, m *ActionInput) { t.Category, m.Condition = "parking", "blocked_exit" }, ""},
		{"a condition of another category", Reported, "lead", Accept, func(_ *Ticket, m *ActionInput) { m.Condition = "blocked_exit" }, "/condition"},
		{"no reason to reject", Reported, "lead", Reject, func(_ *Ticket, m *ActionInput) { m.Reason = " \n" }, "/reason"},
		{"nothing to correct", Accepted, "lead", Correct, func(_ *Ticket, m *ActionInput) { m.Category = "" }, "/category"},
		{"the category it has", Accepted, "lead", Correct, func(_ *Ticket, m *ActionInput) { m.Category = "noise" }, "/category"},
		{"the category it has, but another position", Accepted, "lead", Correct, func(_ *Ticket, m *ActionInput) { m.Category, m.Position = "noise", &orb.Point{120, 31} }, ""},
		{"no such category", Accepted, "lead", Correct, func(_ *Ticket, m *ActionInput) { m.Category = "weather" }, "/category"},
		{"no assignee", Accepted, "lead", Dispatch, func(_ *Ticket, m *ActionInput) { m.Assignee = nil }, "/assignee"},
		{"an assignee without id", Accepted, "lead", Dispatch, func(_ *Ticket, m *ActionInput) { m.Assignee.ID = "" }, "/assignee"},
		{"helpers", Accepted, "lead", Dispatch, func(_ *Ticket, m *ActionInput) { m.Helpers = eleven[:10] }, ""},
		{"too many helpers", Accepted, "lead", Dispatch, func(_ *Ticket, m *ActionInput) { m.Helpers = eleven }, "/helpers"},
		{"a helper twice", Accepted, "lead", Dispatch, func(_ *Ticket, m *ActionInput) { m.Helpers = []access.Assignee{org, org} }, "/helpers/1"},
		{"a helper who leads", Accepted, "lead", Dispatch, func(_ *Ticket, m *ActionInput) { m.Helpers = []access.Assignee{*m.Assignee} }, "/helpers/0"},
		{"no reason to suspend", InProgress, "lead", Suspend, func(_ *Ticket, m *ActionInput) { m.Reason = "" }, "/reason"},
		{"suspended without end", InProgress, "lead", Suspend, func(_ *Ticket, m *ActionInput) { m.Until = time.Time{} }, "/until"},
		{"suspended until now", InProgress, "lead", Suspend, func(_ *Ticket, m *ActionInput) { m.Until = noon }, "/until"},
		{"suspended for 30 days", InProgress, "lead", Suspend, func(_ *Ticket, m *ActionInput) { m.Until = noon.Add(30 * 24 * time.Hour) }, ""},
		{"suspended for longer", InProgress, "lead", Suspend, func(_ *Ticket, m *ActionInput) { m.Until = noon.Add(30*24*time.Hour + time.Millisecond) }, "/until"},
		{"no outcome", InProgress, "assignee", Resolve, func(_ *Ticket, m *ActionInput) { m.Outcome = "" }, "/outcome"},
		{"handing on is no outcome", InProgress, "assignee", Resolve, func(_ *Ticket, m *ActionInput) { m.Outcome = "handed_on" }, "/outcome"},
		{"not fixed, without why", InProgress, "assignee", Resolve, func(_ *Ticket, m *ActionInput) { m.Outcome = NotFixed }, "/reason"},
		{"not fixed, with why", InProgress, "assignee", Resolve, func(_ *Ticket, m *ActionInput) { m.Outcome, m.Reason = NotFixed, "需立项" }, ""},
		{"no after-photo", InProgress, "assignee", Resolve, func(t *Ticket, _ *ActionInput) { t.Category = "parking" }, "/photos"},
		{"an after-photo", InProgress, "assignee", Resolve, func(t *Ticket, m *ActionInput) { t.Category, m.Photos = "parking", []string{"p"} }, ""},
		{"an after-photo from before", InProgress, "assignee", Resolve, func(t *Ticket, _ *ActionInput) {
			t.Category, t.Photos = "parking", []Photo{{ID: "p", When: After, At: noon.Add(-3 * time.Hour)}}
		}, "/photos"},
		{"an after-photo already there", InProgress, "assignee", Resolve, func(t *Ticket, _ *ActionInput) {
			t.Category, t.Photos = "parking", []Photo{{ID: "p", When: After, At: noon.Add(-time.Hour)}}
		}, ""},
		{"a photo of before", InProgress, "assignee", Resolve, func(t *Ticket, _ *ActionInput) {
			t.Category, t.Photos = "parking", []Photo{{ID: "p", When: Before, At: noon}}
		}, "/photos"},
		{"no reason to rework", Resolved, "lead", Rework, func(_ *Ticket, m *ActionInput) { m.Reason = "" }, "/reason"},
		{"not verified", Resolved, "lead", Close, func(_ *Ticket, m *ActionInput) { m.Verification = "" }, "/verification"},
		{"verified by hearsay", Resolved, "lead", Close, func(_ *Ticket, m *ActionInput) { m.Verification = "hearsay" }, "/verification"},
		{"no reason to reopen", Closed, "reporter", Reopen, func(_ *Ticket, m *ActionInput) { m.Reason = "" }, "/reason"},
		{"a long note", Reported, "lead", Accept, func(_ *Ticket, m *ActionInput) { m.Note = strings.Repeat("长", 1001) }, "/note"},
		{"a long reason", Reported, "lead", Reject, func(_ *Ticket, m *ActionInput) { m.Reason = strings.Repeat("长", 1001) }, "/reason"},
	} {
		ticket, m := in(c.state), complete(c.action)
		c.change(ticket, m)
		how, err := act(ticket, relations[c.who], m, noon)
		var bad *domain.InvalidError
		switch {
		case c.pointer == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.pointer != "" && (!errors.As(err, &bad) || len(bad.Fields) != 1 || bad.Fields[0].Pointer != c.pointer):
			t.Errorf("%s: %s, %v, want it at %s", c.name, how, err, c.pointer)
		}
	}
}

// What an action leaves behind, besides the state.
func TestWhatActionsChange(t *testing.T) {
	step := func(ticket *Ticket, who string, m *ActionInput) {
		t.Helper()
		if how, err := act(ticket, relations[who], m, noon); err != nil {
			t.Fatalf("%s by %s: %s, %v", m.Action, who, how, err)
		}
	}
	accepted := in(Reported)
	accepted.Category = "parking"
	step(accepted, "lead", &ActionInput{Action: Accept, Condition: "blocked_exit"})
	if accepted.Condition != "blocked_exit" || accepted.Urgency != "urgent" {
		t.Errorf("accepted as %s, %s", accepted.Condition, accepted.Urgency)
	}
	critical := in(Reported)
	critical.Urgency = "critical"
	step(critical, "lead", &ActionInput{Action: Accept})
	if critical.Condition != "general" || critical.Urgency != "critical" {
		t.Errorf("accepted as %s, %s: never lowered", critical.Condition, critical.Urgency)
	}
	step(accepted, "lead", &ActionInput{Action: Correct, Category: "noise", Note: "看错"})
	if was := accepted.Steps[len(accepted.Steps)-1].Was; accepted.Condition != "" || accepted.Category != "noise" || was.Category != "parking" {
		t.Errorf("corrected: %+v, was %+v", accepted, was)
	}
	sent := in(Suspended)
	step(sent, "lead", &ActionInput{Action: Dispatch, Assignee: &org, Helpers: []access.Assignee{mender}})
	if sent.Assignee != org || !slices.Equal(sent.Involved, []string{"org", "assignee"}) || !sent.ResumeAt.IsZero() {
		t.Errorf("dispatched: %+v", sent)
	}
	worked := in(InProgress)
	worked.Handled = nil
	worked.assign(org, nil)
	step(worked, "handler", &ActionInput{Action: Resolve, Outcome: "mediated"})
	if !slices.Equal(worked.Handled, []string{"handler"}) || worked.Outcome != "mediated" {
		t.Errorf("resolved: %+v", worked)
	}
	step(worked, "lead", complete(Rework))
	if worked.Outcome != "" || !worked.StartedAt.Equal(noon) {
		t.Errorf("back in work: %+v", worked)
	}
	closed := in(Resolved)
	step(closed, "lead", complete(Close))
	if closed.Verified != "on_site" || !closed.ClosedAt.Equal(noon) {
		t.Errorf("closed: %+v", closed)
	}
	step(closed, "reporter", complete(Reopen))
	if closed.Reopened != 1 || closed.Verified != "" || !closed.ClosedAt.IsZero() || closed.Assignee.ID != "" || len(closed.Involved) != 0 {
		t.Errorf("reopened: %+v", closed)
	}
}
